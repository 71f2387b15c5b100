// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands around texts, counted in tokens of a text: limits are for the memory it takes.
#pragma once

#include <cstddef>
#include <string_view>

#include "attend/tokenizer/layout.h"

namespace attend {

/// A token with a string of its own, which every window has a copy of, takes as much memory as one
/// token more for each 40 bytes.
[[nodiscard]] constexpr std::size_t token_size(std::string_view own_string) noexcept {
  return 1 + (own_string.size() + 39) / 40;
}

[[nodiscard]] inline std::size_t layout_size(const LayoutPart& part) noexcept {
  std::size_t size = 1 + (part.text ? part.text->trims.size() : 0);
  for (const LayoutToken& token : part.before) size += token_size(token.token);
  for (const LayoutToken& token : part.after) size += token_size(token.token);
  return size;
}

[[nodiscard]] inline std::size_t layout_size(const Layout& parts) noexcept {
  std::size_t size = 0;
  for (const LayoutPart& part : parts) size += layout_size(part);
  return size;
}

}  // namespace attend
