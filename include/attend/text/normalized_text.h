// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A text that is being rewritten, with the bytes of the source that each of its bytes stands for.
// Rules of alignment: those of NormalizedString in tokenizers 0.22.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/text/regex_budget.h"
#include "attend/text/unicode.h"

namespace attend {

/// Bytes [begin, end) of a source text. 32 bits: there is one for every byte of a rewritten text.
struct SourceRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Bytes [begin, end) of a rewritten text.
struct TextRange {
  Index begin = 0;
  Index end = 0;
  [[nodiscard]] Index size() const noexcept { return end - begin; }
  friend bool operator==(const TextRange&, const TextRange&) noexcept = default;
};

/// What splits a text, or what stands between two such.
struct TextMatch {
  TextRange range;
  bool is_delimiter = false;
};

/// What the steps that rewrite and cut a text work in, one at a time.
struct TextScratch {
  std::vector<Edit> edits;
  std::vector<TextRange> pieces;
  std::vector<TextMatch> matches;
  UnicodeNormalizer unicode;
  RegexBudget budget{0};  ///< whoever puts in a text adds its bytes
};

/// Text plus alignment to the source it came from. One that is used for text after text allocates
/// nothing once it has been as long.
class ATTEND_EXPORT NormalizedText {
 public:
  static constexpr std::size_t max_bytes = 0xFFFFFFFFU;

  NormalizedText() = default;
  explicit NormalizedText(std::string_view text, Index base = 0) {
    assign(text, base);
    scratch_.budget.add(text.size());
  }

  /// `text` is valid UTF-8 that stands at byte `base` of its source; base + size <= max_bytes.
  void assign(std::string_view text, Index base);
  /// A part of another text, with its alignment.
  void assign(const NormalizedText& whole, TextRange part);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::string_view text(TextRange range) const noexcept;
  /// Bytes of the source that a range stands for; an empty range keeps its numbers, after base.
  [[nodiscard]] TextRange source(TextRange range) const noexcept;

  [[nodiscard]] TextScratch& scratch() noexcept { return scratch_; }
  /// Gives back what a very long text has taken.
  void shrink();

  /// Throws resource_limit when a step would make more bytes of the source than any sane one does.
  void check_size(std::size_t bytes) const;

  /// Replaces the whole text by the edits, in order. An inserted code point stands for what the
  /// byte before it (in the old text) stood for.
  void rewrite(std::span<const Edit> edits);

  /// Replaces bytes in place without moving any: the new byte is ASCII as the old one was.
  void set_ascii(std::size_t at, char c) noexcept { text_[at] = c; }

 private:
  [[nodiscard]] SourceRange source_of(std::size_t byte) const noexcept;

  std::string text_;
  std::uint32_t base_ = 0;
  std::uint64_t source_bytes_ = 0;
  std::vector<SourceRange> sources_;  // one a byte; empty while nothing has moved
  // Memory only: what rewrite() writes into, and what its callers work in.
  std::string new_text_;
  std::vector<SourceRange> new_sources_;
  TextScratch scratch_;
};

}  // namespace attend
