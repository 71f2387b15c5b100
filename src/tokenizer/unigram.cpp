// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Viterbi's algorithm from the left, over bytes: the best way to the end of each byte.
#include "attend/tokenizer/unigram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "tokenizer/unknown_text.h"

namespace attend {
namespace {

constexpr double unknown_penalty = 10;  // kUnkPenalty of sentencepiece, and of the reference

double smallest(const std::vector<double>& scores) {
  const auto found = std::min_element(scores.begin(), scores.end());
  return found == scores.end() ? std::numeric_limits<double>::infinity() : *found;
}

std::vector<Trie::Entry> pieces_of(const Vocabulary& vocabulary) {
  std::vector<Trie::Entry> out;
  out.reserve(static_cast<std::size_t>(vocabulary.size()));
  for (TokenId id = 0; id < vocabulary.id_end(); ++id) {
    const auto token = vocabulary.token(id);
    if (!token) continue;
    if (token->size() > Unigram::max_piece_bytes) {
      fail(ErrorKind::resource_limit,
           {.where = "Tokenizer::load",
            .what = "bytes of piece " + std::to_string(id) + ", " + quote(*token),
            .expected = "at most " + std::to_string(Unigram::max_piece_bytes),
            .found = std::to_string(token->size()),
            .hint = "is this a vocabulary? published pieces are far shorter"});
    }
    out.push_back({*token, id});
  }
  return out;
}

}  // namespace

Unigram::Unigram(UnigramOptions options, std::vector<double> scores, const Vocabulary& vocabulary)
    : options_(options),
      scores_(std::move(scores)),
      unknown_score_(smallest(scores_) - unknown_penalty),
      trie_(pieces_of(vocabulary)),
      bytes_(find_byte_tokens(vocabulary)) {
  const auto refuse = [](std::string what, std::string expected, std::string found) {
    fail(ErrorKind::tokenizer_error,
         {.where = "Tokenizer::load",
          .what = std::move(what),
          .expected = std::move(expected),
          .found = std::move(found),
          .hint = "is the model damaged? every piece has a finite score"});
  };
  const auto size = static_cast<Index>(scores_.size());
  if (size < vocabulary.id_end()) {
    refuse("scores of pieces", std::to_string(vocabulary.id_end()), std::to_string(size));
  }
  for (std::size_t id = 0; id < scores_.size(); ++id) {
    if (std::isfinite(scores_[id])) continue;
    refuse("score of piece " + std::to_string(id), "a finite number", std::to_string(scores_[id]));
  }
  if (options_.unk_id && (*options_.unk_id < 0 || *options_.unk_id >= size)) {
    refuse("unk_id", "the id of one of " + std::to_string(size) + " pieces",
           std::to_string(*options_.unk_id));
  }
}

void Unigram::find_best_way(std::string_view word, Steps& steps) const {
  steps.assign(word.size() + 1, {});
  const auto offer = [&](std::size_t end, const ModelScratch::Step& step) {
    if (steps[end].id == none || step.score > steps[end].score) steps[end] = step;
  };
  for (std::size_t begin = 0, size = 0; begin < word.size(); begin += size) {
    size = static_cast<std::size_t>(std::max(decode_utf8(word.substr(begin)).length, 1));
    const double score = steps[begin].score;
    const auto begin32 = static_cast<std::uint32_t>(begin);
    bool has_character = false;
    Trie::Node node = trie_.root();
    for (std::size_t end = begin; end < word.size() && trie_.step(node, word[end]);) {
      ++end;
      const TokenId id = node.id();
      if (id == none) continue;
      offer(end, {score + scores_[static_cast<std::size_t>(id)], begin32, id});
      has_character = has_character || end - begin == size;
    }
    if (has_character) continue;
    if (!options_.unk_id) {
      fail(ErrorKind::tokenizer_error,
           {.where = "Tokenizer",
            .what = "character " + quote(word.substr(begin, size)) + " of word " + quote(word) +
                    " is unknown, and the model has no unk_id",
            .hint = "set unk_id in the model of tokenizer.json to the id of its unknown token"});
    }
    offer(begin + size, {score + unknown_score_, begin32, *options_.unk_id});
  }
}

void Unigram::tokenize(std::string_view word, const Vocabulary& vocabulary, ModelScratch& scratch,
                       std::vector<Piece>& out) const {
  find_best_way(word, scratch.steps);
  const auto first = static_cast<Index>(out.size());
  // From the end to the begin, so pieces are written in reverse and turned round at last.
  for (std::size_t end = word.size(); end > 0;) {
    const TokenId id = scratch.steps[end].id;
    Range bytes{static_cast<Index>(scratch.steps[end].begin), static_cast<Index>(end)};
    if (id != options_.unk_id) {
      out.push_back({.id = id, .bytes = bytes});
    } else {
      const auto step = [&] { return scratch.steps[static_cast<std::size_t>(bytes.begin)]; };
      while (bytes.begin > 0 && step().id == id) bytes.begin = static_cast<Index>(step().begin);
      add_unknown(word, bytes, vocabulary, out);
    }
    end = static_cast<std::size_t>(bytes.begin);
  }
  std::reverse(out.begin() + first, out.end());
  scratch.shrink();
}

void Unigram::add_unknown(std::string_view word, Range bytes, const Vocabulary& vocabulary,
                          std::vector<Piece>& out) const {
  const std::string_view text =
      word.substr(static_cast<std::size_t>(bytes.begin), static_cast<std::size_t>(bytes.size()));
  if (const auto id = vocabulary.find(text)) {
    out.push_back({.id = *id, .bytes = bytes});
  } else if (options_.byte_fallback && has_all_bytes(bytes_, text)) {
    for (auto byte = text.rbegin(); byte != text.rend(); ++byte) {
      out.push_back({.id = bytes_[static_cast<unsigned char>(*byte)], .bytes = bytes});
    }
  } else {
    out.push_back({.id = *options_.unk_id, .is_own_spelling = true, .bytes = bytes});
  }
}

}  // namespace attend
