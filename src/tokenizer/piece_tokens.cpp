// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The model and the added tokens that a file of SentencePiece stands for.
#include "tokenizer/piece_tokens.h"

#include <algorithm>
#include <memory>

#include "attend/core/error.h"
#include "attend/text/charsmap.h"

namespace attend {

void PieceTokens::add_charsmap(NormalizerSteps& steps) const {
  if (file_.charsmap.empty()) return;
  steps.emplace_back(
      Precompiled{std::make_shared<const Charsmap>(Charsmap::parse(std::string(file_.charsmap)))});
}

Vocabulary PieceTokens::parts_of_merges() const {
  Vocabulary parts;
  parts.reserve(file_.pieces.size());
  // Twice the id, so that another spelling of a piece may come directly after it.
  for (std::size_t id = 0; id < file_.pieces.size(); ++id) {
    parts.add(file_.pieces[id].text, static_cast<TokenId>(2 * id));
  }
  if (const auto tab = parts.find("<0x09>"); tab_is_byte_piece && tab) parts.add("\t", *tab + 1);
  return parts;
}

TokenModel PieceTokens::model(Vocabulary& vocabulary) const {
  std::vector<std::string_view> texts;
  texts.reserve(tokens_.size());
  for (const ScoredToken& token : tokens_) texts.push_back(token.text);
  switch (file_.algorithm) {
    case SentencePieceAlgorithm::unigram: {
      std::vector<double> scores;
      scores.reserve(tokens_.size());
      for (std::size_t id = 0; id < tokens_.size(); ++id) {
        scores.push_back(tokens_[id].score);
        vocabulary.add_again(texts[id], static_cast<TokenId>(id));
      }
      return Unigram({.unk_id = unk_id, .byte_fallback = byte_fallback}, std::move(scores),
                     vocabulary);
    }
    case SentencePieceAlgorithm::bpe: {
      vocabulary = numbered_vocabulary(texts);
      const Vocabulary parts = parts_of_merges();
      const std::vector<Merge> merges = merges_of_scores(tokens_, parts);
      return Bpe({.unk_token = std::string(file_.unk_text),
                  .fuse_unk = true,
                  .byte_fallback = byte_fallback},
                 merges, vocabulary);
    }
    case SentencePieceAlgorithm::word:
    case SentencePieceAlgorithm::character: break;
  }
  fail(ErrorKind::unsupported, {.where = "Tokenizer::load",
                                .what = "SentencePiece model",
                                .expected = "one that cuts by unigram or bpe",
                                .found = "one that cuts by word or character",
                                .file = path_.string(),
                                .hint = "train it anew with model_type unigram or bpe"});
}

void PieceTokens::build(TokenizerFile& out, std::string_view more_special) const {
  out.parts.model = model(out.parts.vocabulary);
  const std::vector<std::string_view> special = split_words(more_special);
  for (const SentencePiece& piece : file_.pieces) {
    const bool is_control = piece.kind == SentencePieceKind::control;
    if (!is_control && piece.kind != SentencePieceKind::user_defined) continue;
    const bool is_special =
        is_control || std::find(special.begin(), special.end(), piece.text) != special.end();
    out.added_tokens.push_back(
        {.content = std::string(piece.text), .normalized = false, .special = is_special});
  }
}

}  // namespace attend
