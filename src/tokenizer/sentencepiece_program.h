// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// SentencePiece's own library, for the tokenizers that the reference runs it for. It sees only
// models that our reader has checked and written anew.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/tokenizer/decoder.h"
#include "attend/tokenizer/piece.h"
#include "attend/tokenizer/vocabulary.h"
#include "tokenizer/sentencepiece_file.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace attend {

class SentencePieceProgram {
 public:
  /// `name` is for messages.
  /// Throws: tokenizer_error, when the library refuses the model or would read outside of it.
  SentencePieceProgram(const SentencePieceFile& file, const std::string& name);
  ~SentencePieceProgram();

  struct TextPiece {
    std::string spelling;
    Range bytes;  ///< of the text
  };
  /// Throws: tokenizer_error, resource_limit.
  [[nodiscard]] std::vector<TextPiece> cut(std::string_view text) const;
  [[nodiscard]] std::string join(const std::vector<std::string>& pieces) const;

 private:
  std::unique_ptr<sentencepiece::SentencePieceProcessor> processor_;
};

/// The text of tokens, as convert_tokens_to_string and _decode of the Python classes make it.
[[nodiscard]] std::string join_pieces(const SentencePieceDecoder& decoder,
                                      const std::vector<std::string>& tokens);

/// Cuts texts by the program and looks the pieces up in a vocabulary of its own.
class SentencePieceModel {
 public:
  enum class LanguageCode : std::uint8_t {
    none,
    first,  ///< Marian: a text may begin with ">>fr<<", which is one token
  };
  SentencePieceModel(std::shared_ptr<const SentencePieceProgram> program, TokenId unk_id,
                     LanguageCode code);

  /// Appends the pieces of a text; what the vocabulary lacks is unknown.
  void tokenize(std::string_view text, const Vocabulary& vocabulary, ModelScratch& scratch,
                std::vector<Piece>& out) const;

 private:
  std::shared_ptr<const SentencePieceProgram> program_;
  TokenId unk_id_;
  LanguageCode code_;
};

}  // namespace attend
