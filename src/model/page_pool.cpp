// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A list of free pages, and blocks that double what there is until they are large.
#include "model/page_pool.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "attend/core/error.h"

namespace attend {
namespace {

constexpr Index largest_block = Index{1} << 25U;  // unless a page is larger

}  // namespace

PagePool::PagePool(std::vector<KvLayout>& layers, std::vector<KvLayout>& others) noexcept {
  for (std::vector<KvLayout>* all : {&layers, &others}) {
    Index bytes = head_bytes;
    for (KvLayout& layer : *all) {
      layer.at = bytes;
      bytes += layer.page_bytes();
    }
    page_bytes_ = std::max(page_bytes_, bytes);
  }
}

Index PagePool::next_block(Index held) const noexcept {
  return std::clamp<Index>(held, 1, std::max<Index>(1, largest_block / page_bytes_));
}

std::uint64_t PagePool::bytes_for(Index pages) const noexcept {
  Index held = 0;
  while (held < pages) held += next_block(held);
  return bytes_of(held);
}

void PagePool::grow() {
  const auto page = static_cast<std::uint64_t>(page_bytes_);
  const std::uint64_t room = limit_ - std::min(limit_, held_bytes());
  const Index count = std::min(next_block(pages_),
                               static_cast<Index>(std::min<std::uint64_t>(room / page, INT32_MAX)));
  if (count == 0) {
    fail(ErrorKind::resource_limit,
         {.where = "KvCache",
          .what = "memory of keys and values",
          .expected = "at most " + std::to_string(limit_) + " bytes",
          .found = "a need for " + std::to_string(held_bytes() + page) + " or more",
          .hint = "use fewer or shorter sequences, or a larger KvCache::set_limit()"});
  }
  blocks_.reserve(blocks_.size() + 1);
  blocks_.emplace_back(DType::u8, Shape{count * page_bytes_}, Fill::none);
  for (Index i = count; i-- > 0;) {
    std::byte* const at = blocks_.back().bytes() + i * page_bytes_;
    ::new (at) Head{.next_free = free_, .references = 0, .next_position = {}, .columns = {}};
    free_ = at;
  }
  pages_ += count;
}

std::byte* PagePool::take() {
  if (free_ == nullptr) grow();
  std::byte* const page = free_;
  free_ = head(page).next_free;
  head(page).references = 1;
  return page;
}

void PagePool::release(std::byte* page) noexcept {
  if (--head(page).references > 0) return;
  head(page).next_free = free_;
  free_ = page;
}

void PagePool::make_own(std::byte*& page) {
  if (!is_shared(page)) return;
  std::byte* const copy = take();
  std::memcpy(copy, page, static_cast<std::size_t>(page_bytes_));
  head(copy).references = 1;
  release(page);
  page = copy;
}

}  // namespace attend
