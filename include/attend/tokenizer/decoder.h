// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How token strings become text again: ordered steps, as data, each of which makes strings of the
// strings that the one before it left. Each follows the decoder of tokenizers 0.22 of its name.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/text/normalizer.h"
#include "attend/text/pre_tokenizer.h"

namespace attend {

/// ByteLevel: characters of the byte alphabet are bytes again, all tokens together are the text;
/// malformed UTF-8 becomes U+FFFD.
struct ByteLevelDecoder {};
/// WordPiece: continuing pieces lose their prefix, others get a blank before them.
struct WordPieceDecoder {
  std::string prefix = "##";
  bool cleanup = true;  ///< blanks before punctuation and contractions go, token by token
};
/// Metaspace: the replacement is a blank again; in the first token it goes, unless `never`.
struct MetaspaceDecoder {
  char32_t replacement = U'\u2581';
  PrependScheme prepend_scheme = PrependScheme::always;
};
/// BPEDecoder: the suffix becomes a blank, in the last token nothing.
struct BpeDecoder {
  std::string suffix = "</w>";
};
/// CTC: of equal tokens in a row one stays, padding goes.
struct CtcDecoder {
  std::string pad_token = "<pad>";
  std::string word_delimiter_token = "|";
  bool cleanup = true;  ///< the delimiter becomes a blank; blanks before punctuation go
};
/// ByteFallback: tokens such as <0xE4> are bytes; those of a run that is no UTF-8 are each U+FFFD.
struct ByteFallbackDecoder {};
/// Fuse: all tokens become one.
struct FuseDecoder {};
/// Strip: at most so many of one character go from the ends of each token.
struct StripDecoder {
  char32_t content = U' ';
  Index start = 0;
  Index stop = 0;
};

/// White space goes from both ends of each token, as str.strip() of Python takes it.
struct TrimDecoder {};

class SentencePieceProgram;
/// Tokens that are joined as SentencePiece's library does, but for added tokens (Marian, M2M100).
struct SentencePieceDecoder {
  std::shared_ptr<const SentencePieceProgram> program;
  std::set<std::string, std::less<>> special;  ///< stand in the text as they are
  std::string behind_special;
  bool has_blanks_for_marks = false;  ///< Marian: U+2581 is a blank in special tokens, too
  std::set<std::string, std::less<>> apart = {};  ///< stand there with blanks around them
};

/// Replace is the step of normalizers, which works on each token here.
using DecoderStep = std::variant<ByteLevelDecoder, WordPieceDecoder, MetaspaceDecoder, BpeDecoder,
                                 CtcDecoder, ByteFallbackDecoder, FuseDecoder, StripDecoder,
                                 TrimDecoder, SentencePieceDecoder, ReplaceText, ReplaceRegex>;

/// Without steps tokens are joined with blanks, with steps they are joined as they are.
struct Decoder {
  std::vector<DecoderStep> steps;
};

/// Throws: resource_limit when steps make the text too long, or a regular expression takes too
/// long; tokenizer_error when a Strip step takes away more than a token has (the reference aborts).
[[nodiscard]] ATTEND_EXPORT std::string decode(const Decoder& decoder,
                                               std::span<const std::string_view> tokens);

/// Takes blanks away before English punctuation and contractions.
/// Source: clean_up_tokenization of transformers 4.57.
[[nodiscard]] ATTEND_EXPORT std::string clean_up_tokenization(std::string text);

}  // namespace attend
