// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How a normalized text is cut into words: ordered splits, as data. Each step cuts the pieces that
// the ones before it left.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "attend/core/export.h"
#include "attend/text/normalized_text.h"
#include "attend/text/regex.h"

namespace attend {

/// A set of code points, by the question of text/unicode.h.
enum class CharacterClass : std::uint8_t { white_space, punctuation, numeric };

/// What becomes of the delimiters.
enum class SplitBehavior : std::uint8_t {
  removed,
  isolated,
  merged_with_previous,
  merged_with_next,
  contiguous,
};

/// Which pieces get a word's mark in front: all, the one at the text's beginning, or none.
enum class PrependScheme : std::uint8_t { always, first, never };

/// Cuts at every code point of a class, at one code point, at a string, or at the matches of a
/// pattern. Strings and matches may be empty: then they cut between code points.
struct Split {
  std::variant<CharacterClass, char32_t, std::string, Regex> delimiter;
  SplitBehavior behavior = SplitBehavior::removed;
  bool invert = false;  ///< what is between the delimiters is the delimiter
};

/// Whitespace: runs of word characters and runs of other characters; white space goes.
struct SplitWordsAndSymbols {};

/// ByteLevel: words by the pattern of GPT-2, each byte as its character of text/byte_alphabet.h.
struct ByteLevelSplit {
  bool add_prefix_space = true;  ///< before every piece that has no blank there
  bool use_regex = true;
};

/// Metaspace: each blank U+0020 becomes the replacement, and words begin with it.
struct MetaspaceSplit {
  char32_t replacement = U'\u2581';
  PrependScheme prepend_scheme = PrependScheme::always;
  bool split = true;
};

/// UnicodeScripts: runs of one script; kana are Han, and blanks join what is around them.
struct SplitScripts {};

/// FixedLength: pieces of so many code points, at least 1; the last may be shorter.
struct SplitFixedLength {
  Index length = 5;
};

using PreTokenizerStep = std::variant<Split, SplitWordsAndSymbols, ByteLevelSplit, MetaspaceSplit,
                                      SplitScripts, SplitFixedLength>;

/// BertPreTokenizer: white space goes, punctuation stands alone.
[[nodiscard]] ATTEND_EXPORT std::vector<PreTokenizerStep> bert_pre_tokenizer();

/// Cuts in linear time.
class ATTEND_EXPORT PreTokenizer {
 public:
  PreTokenizer() = default;
  explicit PreTokenizer(std::vector<PreTokenizerStep> steps);

  /// Replaces the pieces of the text (in order, none empty) by what the steps make of them. A step
  /// may rewrite the text; then the pieces are those of the new one.
  void operator()(NormalizedText& text, std::vector<TextRange>& pieces) const;
  [[nodiscard]] const std::vector<PreTokenizerStep>& steps() const noexcept { return steps_; }

 private:
  std::vector<PreTokenizerStep> steps_;
};

}  // namespace attend
