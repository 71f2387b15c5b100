// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The model file of SentencePiece (tokenizer.model, spiece.model ...), read without its library,
// which crashes on crafted files: every length, number and piece is checked here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attend/tokenizer/encoding.h"

namespace attend {

/// Stands for a blank in pieces.
inline constexpr std::string_view blank_mark = "\u2581";

/// What a piece is for.
enum class SentencePieceKind : std::uint8_t {
  normal,
  unknown,
  control,
  user_defined,
  unused,
  byte
};

struct SentencePiece {
  std::string_view text;  ///< UTF-8, neither empty nor with a NUL
  float score = 0;        ///< finite
  SentencePieceKind kind = SentencePieceKind::normal;
};

/// How the file's own program cuts words.
enum class SentencePieceAlgorithm : std::uint8_t { unigram, bpe, word, character };

/// A file's content, with views into its bytes.
struct SentencePieceFile {
  std::vector<SentencePiece> pieces;  ///< by id; no text twice; exactly one is unknown
  SentencePieceAlgorithm algorithm = SentencePieceAlgorithm::unigram;
  bool byte_fallback = false;
  bool whitespace_is_suffix = false;
  TokenId unk_id = 0;  ///< as the file says, which need not be where the unknown piece is
  std::string_view unk_text = "<unk>";
  std::string_view unk_surface = " \u2047 ";  ///< what texts have for the unknown piece
  std::string_view charsmap;                  ///< see Charsmap; empty when the file has none
  bool add_dummy_prefix = true;
  bool remove_extra_whitespace = true;
  bool escape_whitespace = true;
};

/// `name` is for messages; the bytes must outlive the result.
/// Throws: tokenizer_error on anything that is not such a file.
/// Source: sentencepiece_model.proto of SentencePiece; protobuf's encoding (proto2), where unknown
/// fields are passed over and of a field that is there twice the last counts.
[[nodiscard]] SentencePieceFile parse_sentencepiece(std::string_view bytes,
                                                    const std::string& name);

}  // namespace attend
