// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages of one size that are counted by those who share them. What a page is about stands at its
// begin, so that whoever has the page has it all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "attend/core/tensor.h"
#include "attend/ops/attention.h"

namespace attend {

class PagePool {
 public:
  /// The begin of every page.
  struct Head {
    std::byte* next_free;
    Index references;
    std::int32_t next_position[KvLayout::page_tokens];  // of what follows the token
    std::int32_t columns[KvLayout::page_tokens];
  };
  static constexpr Index head_bytes = (static_cast<Index>(sizeof(Head)) + Tensor::alignment - 1) /
                                      Tensor::alignment * Tensor::alignment;

  /// Pages of all of these layers, or of all of those: puts them behind the head, one after
  /// another.
  PagePool(std::vector<KvLayout>& layers, std::vector<KvLayout>& others) noexcept;

  [[nodiscard]] Index page_bytes() const noexcept { return page_bytes_; }
  [[nodiscard]] std::uint64_t held_bytes() const noexcept { return bytes_of(pages_); }
  /// More are taken from the system up to so many bytes only.
  void set_limit(std::uint64_t bytes) noexcept { limit_ = bytes; }
  [[nodiscard]] static Head& head(std::byte* page) noexcept {
    return *reinterpret_cast<Head*>(page);
  }

  /// A page of nobody else. Throws: resource_limit.
  [[nodiscard]] std::byte* take();
  static void share(std::byte* page) noexcept { ++head(page).references; }
  [[nodiscard]] static bool is_shared(std::byte* page) noexcept {
    return head(page).references > 1;
  }
  void release(std::byte* page) noexcept;
  /// A copy in place of a page that is shared. Throws: resource_limit.
  void make_own(std::byte*& page);

  /// Bytes that the first `pages` take.
  [[nodiscard]] std::uint64_t bytes_for(Index pages) const noexcept;

 private:
  [[nodiscard]] Index next_block(Index held) const noexcept;
  void grow();
  [[nodiscard]] std::uint64_t bytes_of(Index pages) const noexcept {
    return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes_);
  }

  std::uint64_t limit_ = UINT64_MAX;
  Index page_bytes_ = 0;
  Index pages_ = 0;
  std::vector<Tensor> blocks_;
  std::byte* free_ = nullptr;
};

}  // namespace attend
