// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where generated text is cut into pieces.
#include "attend/task/text_stream.h"

#include <utility>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"

namespace attend {
namespace {

// Bytes that may be handed out.
std::size_t readable(std::string_view text) {
  if (text.empty()) return 0;
  if (text.back() == '\n' || is_chinese(decode_utf8(text.substr(last_code_point(text))).value))
    return text.size();
  const std::size_t blank = text.rfind(' ');
  return blank == std::string_view::npos ? 0 : blank + 1;
}

}  // namespace

void TextStream::skip(std::span<const TokenId> ids) {
  for (const TokenId id : ids) static_cast<void>(decoder_.push(id));
  held_.clear();
}

std::string TextStream::push(TokenId id) {
  held_ += decoder_.push(id);
  const std::size_t size = readable(held_);
  std::string piece = held_.substr(0, size);
  held_.erase(0, size);
  return piece;
}

std::string TextStream::finish() { return std::exchange(held_, {}) + decoder_.finish(); }

}  // namespace attend
