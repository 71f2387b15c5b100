// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: process_offsets in pre_tokenizers/byte_level.rs of tokenizers 0.22.
#include "tokenizer/trim_offsets.h"

#include <algorithm>

#include "attend/text/byte_alphabet.h"
#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"
#include "text/plain_ascii.h"

namespace attend {
namespace {

struct Blanks {
  Index leading = 0;
  Index trailing = 0;
};

bool is_blank(char32_t c) noexcept { return c == character_of_byte(' ') || is_white_space(c); }

// In code points of the token's string.
Blanks blanks_of(std::string_view token) noexcept {
  Blanks out;
  // As most tokens begin and end.
  if (!token.empty() && is_plain_ascii(token.front()) && is_plain_ascii(token.back())) return out;
  for (std::size_t at = 0; at < token.size(); ++out.leading) {
    const CodePoint c = decode_utf8(token.substr(at));
    if (!is_blank(c.value)) break;
    at += static_cast<std::size_t>(std::max(c.length, 1));
  }
  for (std::string_view rest = token; !rest.empty(); ++out.trailing) {
    const std::size_t last = last_code_point(rest);
    if (!is_blank(decode_utf8(rest.substr(last)).value)) break;
    rest = rest.substr(0, last);
  }
  return out;
}

Range trimmed(Range bytes, Blanks blanks, std::string_view text) noexcept {
  for (; blanks.leading > 0 && bytes.begin < bytes.end; --blanks.leading) {
    const CodePoint c = decode_utf8(text.substr(static_cast<std::size_t>(bytes.begin)));
    bytes.begin = std::min(bytes.begin + std::max<Index>(c.length, 1), bytes.end);
  }
  auto end = static_cast<std::size_t>(bytes.end);
  for (; blanks.trailing > 0 && end > 0; --blanks.trailing) {
    end = last_code_point(text.substr(0, end));
  }
  // More blanks than the text has code points up to here: the token keeps its end.
  if (blanks.trailing == 0) bytes.end = std::max(static_cast<Index>(end), bytes.begin);
  return bytes;
}

}  // namespace

void trim_offsets(const TokenizerParts& parts, const PlacedText& placed, Encoding& encoding) {
  const auto& [laid_out, tokens, source] = placed;
  if (laid_out.trims.empty()) return;
  auto matched = encoding.matched_texts.begin();
  while (matched != encoding.matched_texts.end() && matched->token < tokens.begin) ++matched;
  for (Index i = tokens.begin; i < tokens.end; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const TokenId id = encoding.ids[at];
    std::string_view token;
    if (matched != encoding.matched_texts.end() && matched->token == i) {
      token = (matched++)->text;
    } else if (const auto known = parts.vocabulary.token(id)) {
      token = *known;
    } else if (const AddedToken* added = parts.added_tokens.token(id)) {
      token = added->content;
    }
    const Blanks blanks = blanks_of(token);
    if (blanks.leading == 0 && blanks.trailing == 0) continue;
    const std::size_t text = source.are_words ? static_cast<std::size_t>(encoding.word_ids[at]) : 0;
    for (const LayoutText::Trim& trim : laid_out.trims) {
      Range& bytes = encoding.offsets[at];
      const bool is_first = (i == tokens.begin && trim.begins) || bytes.begin == 0;
      const bool keeps = is_first && trim.how.add_prefix_space && blanks.leading == 1;
      bytes = trimmed(bytes, {keeps ? 0 : blanks.leading, blanks.trailing}, source.texts[text]);
    }
  }
}

}  // namespace attend
