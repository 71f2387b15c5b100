// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A tokenizer call of transformers: which of its keyword arguments mean what, and the rows that
// come out of it. Source: transformers 4.57 tokenization_utils_base.py `__call__`,
// tokenization_utils_fast.py.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attend/tokenizer/tokenizer.h"
#include "cli/json_parameters.h"

namespace attend::cli {

struct TokenizeCall {
  TokenizerParameters tokenizer;
  Index stride = 0;
  bool return_overflowing_tokens = false;
  bool return_token_type_ids = false;
  bool is_split_into_words = false;
  bool is_list = false;  ///< of texts, even of one: a batch, where no gaps are filled
  std::optional<Index> pad_to_multiple_of;
  std::optional<Side> padding_side;
};

/// A text and its pair: one string each, or words with is_split_into_words.
struct CallTexts {
  using Words = std::vector<std::string_view>;
  Words text;
  std::optional<Words> pair;
};

/// What a class that cuts no windows gives beside its row, when it is asked for what overflows.
struct CallOverflow {
  std::vector<TokenId> tokens;
  Index truncated = 0;  ///< num_truncated_tokens: negative where there is room for more
};

/// A window of a text, padded as the call asks.
struct CallRow {
  PaddedEncoding padded;
  std::size_t sample = 0;  ///< position of the text
  Index length = 0;        ///< what return_length gives
  std::optional<CallOverflow> overflow = {};
  /// Of a class that only Python has: its list need not have as many as there are ids.
  std::optional<std::vector<std::int32_t>> type_ids = {};
};

/// The rows of all texts, in order. Throws: config_error for arguments that do not go together, and
/// what encoding throws.
[[nodiscard]] std::vector<CallRow> tokenize(const Tokenizer& tokenizer, const TokenizeCall& call,
                                            std::span<const CallTexts> samples, TextSide side);

}  // namespace attend::cli
