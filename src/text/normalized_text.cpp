// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rewrites a text and carries its alignment along.
#include "attend/text/normalized_text.h"

#include <algorithm>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/limits.h"
#include "core/shrink.h"
#include "core/utf8_sequence.h"

namespace attend {

void NormalizedText::assign(std::string_view text, Index base) {
  text_ = text;
  base_ = static_cast<std::uint32_t>(base);
  source_bytes_ = text.size();
  sources_.clear();
}

void NormalizedText::assign(const NormalizedText& whole, TextRange part) {
  assign(whole.text(part), whole.base_ + part.begin);
  source_bytes_ = whole.source_bytes_;
  if (whole.sources_.empty()) return;
  sources_.assign(whole.sources_.begin() + part.begin, whole.sources_.begin() + part.end);
}

void NormalizedText::shrink() {
  shrink_one(text_);
  shrink_one(sources_);
  shrink_one(new_text_);
  shrink_one(new_sources_);
  shrink_one(scratch_.edits);
  shrink_one(scratch_.pieces);
  shrink_one(scratch_.matches);
  scratch_.unicode.shrink();
}

std::string_view NormalizedText::text(TextRange range) const noexcept {
  return std::string_view(text_).substr(static_cast<std::size_t>(range.begin),
                                        static_cast<std::size_t>(range.size()));
}

SourceRange NormalizedText::source_of(std::size_t byte) const noexcept {
  if (!sources_.empty()) return sources_[byte];
  // Nothing has moved: the byte belongs to the code point that it is part of.
  std::size_t begin = byte;
  while (begin > 0 && continues_utf8(text_[begin])) --begin;
  const std::size_t length = utf8_sequence_length(std::string_view(text_).substr(begin));
  const auto first = base_ + static_cast<std::uint32_t>(begin);
  return {first, first + static_cast<std::uint32_t>(length)};
}

TextRange NormalizedText::source(TextRange range) const noexcept {
  if (range.begin == range.end) return {base_ + range.begin, base_ + range.end};
  return {source_of(static_cast<std::size_t>(range.begin)).begin,
          source_of(static_cast<std::size_t>(range.end) - 1).end};
}

// The longest decomposition makes 11 bytes of one; replacements from files may be of any length,
// and one step after another multiplies.
void NormalizedText::check_size(std::size_t bytes) const {
  constexpr std::uint64_t fixed = 16'000'000;
  constexpr std::uint64_t a_byte = 64;
  const auto most =
      std::min<std::uint64_t>(fixed + a_byte * source_bytes_, limits::normalized_bytes);
  if (bytes <= most) return;
  fail(ErrorKind::resource_limit,
       {.where = "NormalizedText",
        .what = "normalized form of " + std::to_string(source_bytes_) + " bytes",
        .expected = "at most " + std::to_string(most) + " bytes",
        .found = "more",
        .hint = "the normalizer of this tokenizer multiplies texts"});
}

void NormalizedText::rewrite(std::span<const Edit> edits) {
  std::string& text = new_text_;
  std::vector<SourceRange>& sources = new_sources_;
  text.clear();
  sources.clear();
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
  text_.swap(text);
  sources_.swap(sources);
}

}  // namespace attend
