// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text that grows, with its memory in the meter.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tokenizer/jinja/meter.h"

namespace attend::jinja {

class TextBuffer {
 public:
  explicit TextBuffer(Meter& meter) noexcept : meter_(meter) {}
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;
  ~TextBuffer() { meter_.give_back(counted_); }

  /// Throws: resource_limit.
  void add(std::string_view text) {
    meter_.touch(text.size());
    const std::size_t size = text_.size() + text.size();
    if (size > counted_) grow(size);
    text_ += text;
  }
  [[nodiscard]] std::string_view view() const noexcept { return text_; }
  [[nodiscard]] std::string take() {
    meter_.give_back(std::exchange(counted_, 0));
    return std::exchange(text_, {});
  }

 private:
  void grow(std::size_t size) {
    constexpr std::size_t small = 32;
    const std::size_t wanted = std::max({size, 2 * counted_, small});
    meter_.take(wanted);  // beside the old memory, until that is free
    text_.reserve(wanted);
    meter_.give_back(std::exchange(counted_, wanted));
  }

  Meter& meter_;
  std::string text_;
  std::size_t counted_ = 0;
};

}  // namespace attend::jinja
