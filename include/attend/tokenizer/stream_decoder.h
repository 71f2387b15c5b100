// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text of ids that come one by one, as a model generates them: never half a character, and blanks
// where they will be in the whole text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/tokenizer.h"

namespace attend {

struct StreamOptions {
  bool skip_special_tokens = false;
};

/// Hands out the text that each id completes. Put together it is what Tokenizer::decode() gives for
/// all ids, but that blanks before punctuation are not cleaned up.
///
/// Memory is that of the last few ids; an id takes constant time.
/// Source: DecodeStream of tokenizers 0.22. One difference: it keeps everything back for as long as
/// the text ends with U+FFFD, this gives up what cannot become a character any more as soon as
/// max_held ids wait.
class ATTEND_EXPORT StreamDecoder {
 public:
  static constexpr std::size_t max_held = 64;

  /// The tokenizer must outlive this.
  explicit StreamDecoder(const Tokenizer& tokenizer, const StreamOptions& options = {})
      : tokenizer_(&tokenizer), options_(options) {}

  /// The text that is final now and was not before; empty while there is none.
  /// Throws: tokenizer_error on an id outside the vocabulary, and when the decoder changes text
  /// that was handed out (no streaming is possible then).
  [[nodiscard]] std::string push(TokenId id);

  /// What was kept back, half a character as U+FFFD; the next id begins a new text.
  [[nodiscard]] std::string finish();

 private:
  [[nodiscard]] std::string decoded(std::size_t begin, std::size_t end) const;
  [[nodiscard]] std::string give_up(std::string_view all);
  void keep_from(std::size_t begin, std::size_t known);

  const Tokenizer* tokenizer_;
  StreamOptions options_;
  std::vector<std::string_view> tokens_;  // those whose text is not known to the caller, and before
  std::size_t known_ = 0;                 // them as many as the decoder has to see
  std::string prefix_;                    // text of the known ones
};

}  // namespace attend
