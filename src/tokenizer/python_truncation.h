// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How the classes that only Python has cut what is too long. There are no windows: what is cut off
// is one list of tokens, and where the strategy cannot reach the length nothing is cut.
// Source: prepare_for_model and truncate_sequences of transformers 4.57.
#pragma once

#include <optional>

#include "tokenizer/windows.h"

namespace attend {

/// As kept_tokens(), but never too short and without a limit on strides.
/// Throws: config_error for negative numbers.
[[nodiscard]] KeptTokens kept_by_python(Index first, std::optional<Index> second,
                                        const Truncation& truncation, Index template_tokens);

/// What is left of the texts, and what overflows: the tokens that were cut off and `stride` of
/// those beside them. Nothing overflows where nothing is cut.
struct PythonCut {
  EncodedTexts kept;
  std::optional<Encoding> overflow = {};
};

/// Throws: as kept_by_python(); config_error when longest_first is to keep the overflow of a pair.
[[nodiscard]] PythonCut cut_as_python(EncodedTexts texts, const Truncation& truncation,
                                      Index template_tokens, Overflow overflow);

}  // namespace attend
