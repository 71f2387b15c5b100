// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rewrites a text and carries its alignment along.
#include "attend/text/normalized_text.h"

#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"

namespace attend {

NormalizedText::NormalizedText(std::string_view text, Index base)
    : text_(text), base_(static_cast<std::uint32_t>(base)), source_bytes_(text.size()) {}

std::string_view NormalizedText::text(TextRange range) const noexcept {
  return std::string_view(text_).substr(static_cast<std::size_t>(range.begin),
                                        static_cast<std::size_t>(range.size()));
}

SourceRange NormalizedText::source_of(std::size_t byte) const noexcept {
  if (!sources_.empty()) return sources_[byte];
  // Nothing has moved: the byte belongs to the code point that it is part of.
  std::size_t begin = byte;
  while (begin > 0 && (static_cast<unsigned char>(text_[begin]) & 0xC0U) == 0x80U) --begin;
  const std::size_t length = utf8_sequence_length(std::string_view(text_).substr(begin));
  const auto first = base_ + static_cast<std::uint32_t>(begin);
  return {first, first + static_cast<std::uint32_t>(length)};
}

TextRange NormalizedText::source(TextRange range) const noexcept {
  if (range.begin == range.end) return {base_ + range.begin, base_ + range.end};
  return {source_of(static_cast<std::size_t>(range.begin)).begin,
          source_of(static_cast<std::size_t>(range.end) - 1).end};
}

NormalizedText NormalizedText::slice(TextRange range) const {
  NormalizedText out(text(range), base_ + range.begin);
  out.source_bytes_ = source_bytes_;
  if (!sources_.empty()) {
    out.sources_.assign(sources_.begin() + range.begin, sources_.begin() + range.end);
  }
  return out;
}

// The longest decomposition makes 11 bytes of one; replacements from files may be of any length,
// and one step after another multiplies.
void NormalizedText::check_size(std::size_t bytes) const {
  constexpr std::uint64_t fixed = 16'000'000;
  constexpr std::uint64_t a_byte = 64;
  if (bytes <= fixed + a_byte * source_bytes_) return;
  fail(ErrorKind::resource_limit,
       {.where = "NormalizedText",
        .what = "normalized form of " + std::to_string(source_bytes_) + " bytes",
        .expected = "at most " + std::to_string(fixed + a_byte * source_bytes_) + " bytes",
        .found = "more",
        .hint = "the normalizer of this tokenizer multiplies texts"});
}

void NormalizedText::rewrite(std::span<const Edit> edits) {
  std::string text;
  std::vector<SourceRange> sources;
  text.reserve(text_.size() + text_.size() / 8);
  sources.reserve(text_.size() + text_.size() / 8);
  std::size_t at = 0;  // in the old text
  const auto skip = [&] {
    if (at < text_.size()) at += utf8_sequence_length(std::string_view(text_).substr(at));
  };
  for (const Edit& edit : edits) {
    if (edit.c == Edit::nothing) {
      for (int i = edit.change; i < 0; ++i) skip();
      continue;
    }
    SourceRange source{base_, base_};
    if (edit.change > 0) {
      if (at > 0) source = source_of(at - 1);
    } else {
      if (at < text_.size()) source = source_of(at);
      for (int i = edit.change; i <= 0; ++i) skip();
    }
    append_utf8(edit.c, text);
    sources.resize(text.size(), source);
  }
  check_size(text.size());
  text_ = std::move(text);
  sources_ = std::move(sources);
}

}  // namespace attend
