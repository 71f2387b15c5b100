// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a tokenizer makes of one text or one pair: parallel arrays, one entry a token.
// Encodings are never padded; Batch exports padded matrices for those who need them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attend/core/shape.h"

namespace attend {

using TokenId = std::int32_t;

/// A half-open range [begin, end).
struct Range {
  Index begin = 0;
  Index end = 0;

  [[nodiscard]] Index size() const noexcept { return end - begin; }
  friend bool operator==(const Range&, const Range&) noexcept = default;
};

/// The first text of an encoding, or the second.
enum class Sequence : std::uint8_t { first, second };

/// Marks a token that belongs to no word or no sequence: one that the template inserted.
inline constexpr std::int32_t none = -1;

/// The string of a token that is not spelled as the vocabulary spells it: an added token that was
/// matched together with blanks around it, or in a normalized form.
struct MatchedText {
  Index token = 0;  ///< position in the Encoding
  std::string text;
};

/// Token ids of one text or pair, with what is known of each token.
struct Encoding {
  std::vector<TokenId> ids;
  std::vector<std::int32_t> type_ids;
  /// Bytes of UTF-8 in the text of the token's sequence; (0, 0) for tokens of the template.
  std::vector<Range> offsets;
  /// Index of the pre-tokenized word, counted within each sequence; `none` for template tokens.
  std::vector<std::int32_t> word_ids;
  /// 0 for the first text, 1 for the second, `none` for template tokens.
  std::vector<std::int32_t> sequence_ids;
  /// 1 for tokens of the template; special tokens typed in the text have 0, as in the reference.
  std::vector<std::uint8_t> special_tokens_mask;
  /// By position; nearly always empty. Tokenizer::tokens() looks here first.
  std::vector<MatchedText> matched_texts;

  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(ids.size()); }
};

/// Which fields of an Encoding are wanted.
enum class EncodingFields : std::uint8_t {
  all,
  /// ids and type_ids, which are what a model takes; the others stay empty, so that the maps of
  /// token_map.h find nothing.
  ids,
};

/// Ids of many texts or pairs, one behind the other: row i has the tokens [starts[i], starts[i +
/// 1]).
struct PackedIds {
  std::vector<TokenId> ids;            ///< [t]
  std::vector<std::int32_t> type_ids;  ///< [t]
  std::vector<Index> starts{0};        ///< [n + 1]

  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(starts.size()) - 1; }
  [[nodiscard]] Index tokens() const noexcept { return starts.back(); }
};

}  // namespace attend
