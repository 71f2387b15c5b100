// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Code Llama fills gaps: a pair is what stands before and behind one, and a single text may name
// its place. As in the reference this is so for one text or pair at a time, and not in batches.
// Source: CodeLlamaTokenizerFast.encode_plus of transformers 4.57, without suffix_first.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attend/tokenizer/tokenizer.h"

namespace attend {

struct TokenizerParts;

struct Infilling {
  std::string fill_token;  ///< stands for the gap in one text; empty where there is none
  bool has_bos = false;    ///< whether pairs begin with it, as long as they get special tokens
  bool has_eos = false;
  std::string prefix, middle, suffix;  ///< tokens of the template, for saving
  /// What pairs go through: no blank is put before a text, and tokens say which one it is. Null
  /// where a token of the template lacks.
  std::shared_ptr<TokenizerParts> parts;
};

class GapEncoder {
 public:
  /// `inside` is made of infilling.parts, null where that is.
  GapEncoder(Infilling infilling, std::unique_ptr<const Tokenizer> inside)
      : infilling_(std::move(infilling)), inside_(std::move(inside)) {}

  /// All windows of a text with a gap; nothing where it has none, or nothing behind it. Offsets are
  /// those of the text. Throws: tokenizer_error, when there are several gaps; as encode_pair().
  [[nodiscard]] std::optional<std::vector<Encoding>> encode(std::string_view text,
                                                            const EncodeOptions& options) const;
  /// What pairs go through, or null.
  [[nodiscard]] const Tokenizer* inside() const noexcept { return inside_.get(); }
  /// The text without a gap that it ends with.
  [[nodiscard]] std::string_view without_last(std::string_view text) const;
  /// All windows of a pair. Throws: tokenizer_error, when the tokenizer lacks a token for that.
  [[nodiscard]] std::vector<Encoding> encode_pair(std::string_view text, std::string_view pair,
                                                  const EncodeOptions& options) const;

 private:
  void drop_ends(EncodingFields fields, Encoding& encoding) const;

  Infilling infilling_;
  std::unique_ptr<const Tokenizer> inside_;
};

}  // namespace attend
