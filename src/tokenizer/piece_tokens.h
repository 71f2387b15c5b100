// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A model file of SentencePiece and the tokens that a family makes of its pieces.
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/limits.h"
#include "tokenizer/conversion.h"
#include "tokenizer/rebuilt_merges.h"
#include "tokenizer/sentencepiece_file.h"
#include "tokenizer/slow_files.h"

namespace attend {

using NormalizerSteps = std::vector<NormalizerStep>;

class PieceTokens {
 public:
  explicit PieceTokens(const Conversion& in)
      : path_(in.folder / in.config.tokenizer_class->slow_files),
        text_(path_, limits::sentencepiece_bytes),
        file_(parse_sentencepiece(text_.text(), path_.string())),
        unk_id(file_.unk_id) {}

  [[nodiscard]] const SentencePieceFile& file() const noexcept { return file_; }

  void add(std::string_view token, double score = 0) { tokens_.push_back({token, score}); }
  void add_words(std::string_view list) {
    for (const std::string_view word : split_words(list)) add(word);
  }
  /// A token that has to be spelled first.
  void add_spelled(std::string token, double score = 0) {
    spelled_.push_back(std::move(token));
    add(spelled_.back(), score);
  }
  /// The file's pieces from `first` on.
  void add_pieces(std::size_t first = 0) {
    for (std::size_t id = first; id < file_.pieces.size(); ++id) {
      add(file_.pieces[id].text, static_cast<double>(file_.pieces[id].score));
    }
  }
  [[nodiscard]] std::vector<ScoredToken>& tokens() noexcept { return tokens_; }

  /// Precompiled, if the file has a charsmap.
  void add_charsmap(NormalizerSteps& steps) const;
  /// Model, vocabulary and added tokens.
  void build(TokenizerFile& out, std::string_view more_special = {}) const;

 private:
  [[nodiscard]] TokenModel model(Vocabulary& vocabulary) const;
  [[nodiscard]] Vocabulary parts_of_merges() const;

  std::filesystem::path path_;
  FileText text_;
  SentencePieceFile file_;
  std::vector<ScoredToken> tokens_;
  std::deque<std::string> spelled_;

 public:
  TokenId unk_id;
  bool byte_fallback = false;
  bool tab_is_byte_piece = false;  ///< "\t" is the piece "<0x09>" where merges are rebuilt
};

}  // namespace attend
