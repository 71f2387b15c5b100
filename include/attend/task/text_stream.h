// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Generated text in pieces that one can read as they come: whole words and lines.
#pragma once

#include <span>
#include <string>

#include "attend/core/export.h"
#include "attend/tokenizer/stream_decoder.h"

namespace attend {

/// Hands text out at the end of a line, after a Chinese character, and else up to the last blank:
/// a word that may still go on is kept back.
/// Source: TextStreamer of transformers 4.57. Put together the pieces are StreamDecoder's text; the
/// reference begins anew with every line, and then leaves out the blank that some tokenizers have
/// in front of a first word.
class ATTEND_EXPORT TextStream {
 public:
  /// The tokenizer must outlive this.
  explicit TextStream(const Tokenizer& tokenizer, const StreamOptions& options = {})
      : decoder_(tokenizer, options) {}

  /// What stands in front and is known already: a prompt. Throws: as StreamDecoder::push().
  void skip(std::span<const TokenId> ids);
  /// Throws: as StreamDecoder::push().
  [[nodiscard]] std::string push(TokenId id);
  /// What was kept back; the next id begins a new text.
  [[nodiscard]] std::string finish();

 private:
  StreamDecoder decoder_;
  std::string held_;
};

}  // namespace attend
