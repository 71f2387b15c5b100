// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: tokenizer/encoding.rs of tokenizers 0.22.
#include "attend/tokenizer/token_map.h"

#include <string>

#include "attend/core/error.h"

namespace attend {
namespace {

// An encoding of ids alone says nothing of its tokens.
bool belongs(const Encoding& encoding, std::size_t token, Sequence sequence) noexcept {
  if (encoding.sequence_ids.empty()) return false;
  return encoding.sequence_ids[token] == (sequence == Sequence::first ? 0 : 1);
}

}  // namespace

std::optional<Index> char_to_token(const Encoding& encoding, Index byte, Sequence sequence) {
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    if (!belongs(encoding, i, sequence)) continue;
    const Range bytes = encoding.offsets[i];
    if (byte >= bytes.begin && byte < bytes.end) return static_cast<Index>(i);
  }
  return std::nullopt;
}

std::optional<Range> word_to_tokens(const Encoding& encoding, Index word, Sequence sequence) {
  std::optional<Range> tokens;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    if (!belongs(encoding, i, sequence) || encoding.word_ids[i] != word) continue;
    if (!tokens) tokens = Range{static_cast<Index>(i), 0};
    tokens->end = static_cast<Index>(i) + 1;
  }
  return tokens;
}

std::optional<Range> word_to_chars(const Encoding& encoding, Index word, Sequence sequence) {
  const auto tokens = word_to_tokens(encoding, word, sequence);
  if (!tokens) return std::nullopt;
  return Range{encoding.offsets[static_cast<std::size_t>(tokens->begin)].begin,
               encoding.offsets[static_cast<std::size_t>(tokens->end) - 1].end};
}

std::optional<Index> char_to_word(const Encoding& encoding, Index byte, Sequence sequence) {
  const auto token = char_to_token(encoding, byte, sequence);
  if (!token) return std::nullopt;
  return encoding.word_ids[static_cast<std::size_t>(*token)];
}

std::optional<Sequence> token_to_sequence(const Encoding& encoding, Index token) {
  if (token < 0 || token >= encoding.size()) return std::nullopt;
  const auto i = static_cast<std::size_t>(token);
  if (belongs(encoding, i, Sequence::first)) return Sequence::first;
  if (belongs(encoding, i, Sequence::second)) return Sequence::second;
  return std::nullopt;
}

std::optional<TokenWord> token_to_word(const Encoding& encoding, Index token) {
  const auto sequence = token_to_sequence(encoding, token);
  if (!sequence) return std::nullopt;
  return TokenWord{*sequence, encoding.word_ids[static_cast<std::size_t>(token)]};
}

std::optional<TokenChars> token_to_chars(const Encoding& encoding, Index token) {
  const auto sequence = token_to_sequence(encoding, token);
  if (!sequence) return std::nullopt;
  return TokenChars{*sequence, encoding.offsets[static_cast<std::size_t>(token)]};
}

std::vector<Range> code_point_offsets(const Encoding& encoding,
                                      std::span<const CodePointIndex> texts,
                                      std::span<const CodePointIndex> pair) {
  std::vector<Range> out(encoding.ids.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto sequence = token_to_sequence(encoding, static_cast<Index>(i));
    if (!sequence) continue;
    // The end of Code Llama's text counts as a second one.
    const auto of = *sequence == Sequence::first || pair.empty() ? texts : pair;
    const auto at = of.size() == 1 ? 0 : static_cast<std::size_t>(encoding.word_ids[i]);
    if (at >= of.size()) {
      fail(ErrorKind::config_error,
           {.where = "code_point_offsets",
            .what = "number of indices",
            .expected = "one, or one for each of the words",
            .found = std::to_string(of.size()),
            .hint = "give an index of each word of the text that was encoded"});
    }
    const CodePointIndex& index = of[at];
    const Range bytes = encoding.offsets[i];
    out[i] = {index.code_points(bytes.begin), index.code_points(bytes.end)};
  }
  return out;
}

}  // namespace attend
