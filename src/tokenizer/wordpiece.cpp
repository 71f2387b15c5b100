// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Greedy longest match. The hashes of all prefixes are made in one pass, which is no longer than
// the longest token, so the time is bounded by bytes x longest token whatever the word is.
#include "attend/tokenizer/wordpiece.h"

#include <algorithm>
#include <array>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"
#include "tokenizer/unknown_text.h"

namespace attend {

WordPiece::WordPiece(WordPieceOptions options, const Vocabulary& vocabulary)
    : options_(std::move(options)) {
  if (vocabulary.longest() <= max_token_bytes) return;
  fail(ErrorKind::resource_limit,
       {.where = "Tokenizer::load",
        .what = "bytes of the longest token of WordPiece",
        .expected = "at most " + std::to_string(max_token_bytes),
        .found = std::to_string(vocabulary.longest()),
        .hint = "remove that token: words are compared with its whole length"});
}

void WordPiece::tokenize(std::string_view word, const Vocabulary& vocabulary, ModelScratch&,
                         std::vector<Piece>& out) const {
  const std::size_t before = out.size();
  const bool is_short = static_cast<Index>(word.size()) <= options_.max_input_chars_per_word ||
                        count_code_points(word) <= options_.max_input_chars_per_word;
  if (is_short && cut(word, vocabulary, out)) return;
  out.resize(before);
  const auto unknown = vocabulary.find(options_.unk_token);
  if (!unknown) fail_without_unknown_token(word, options_.unk_token);
  out.push_back({.id = *unknown, .bytes = {0, static_cast<Index>(word.size())}});
}

bool WordPiece::cut(std::string_view word, const Vocabulary& vocabulary,
                    std::vector<Piece>& out) const {
  std::array<Vocabulary::Hash, max_token_bytes> hashes;  // of the first 1, 2 ... bytes of the rest
  // Another vocabulary than the constructor's may have longer tokens.
  const std::size_t longest = std::min(vocabulary.longest(), max_token_bytes);
  for (std::size_t at = 0; at < word.size();) {
    const std::string_view prefix =
        at == 0 ? std::string_view{} : options_.continuing_subword_prefix;
    if (longest <= prefix.size()) return false;
    const std::string_view rest = word.substr(at, longest - prefix.size());
    Vocabulary::Hash hash = vocabulary.start();
    for (const char byte : prefix) hash = Vocabulary::extend(hash, byte);
    for (std::size_t i = 0; i < rest.size(); ++i) {
      hashes[i] = hash = Vocabulary::extend(hash, rest[i]);
    }

    std::size_t size = rest.size();
    std::optional<TokenId> id;
    for (; size > 0 && !id; --size) {
      // A token ends at a code point's end, because it is UTF-8 itself; no need to look elsewhere.
      if (at + size < word.size() && continues_utf8(word[at + size])) continue;
      id = vocabulary.find(hashes[size - 1], prefix, rest.substr(0, size));
      if (id) break;
    }
    if (!id) return false;
    out.push_back({.id = *id, .bytes = {static_cast<Index>(at), static_cast<Index>(at + size)}});
    at += size;
  }
  return true;
}

}  // namespace attend
