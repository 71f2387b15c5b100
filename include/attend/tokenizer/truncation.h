// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How a text or pair that has too many tokens is cut: where, which side, in which windows.
// It happens between tokenizing and the template, so it lives beside the tokenizer.
#pragma once

#include <cstdint>

#include "attend/core/shape.h"

namespace attend {

/// Which end of a text loses tokens.
enum class Side : std::uint8_t { right, left };

/// Which text of a pair loses tokens.
enum class TruncationStrategy : std::uint8_t { longest_first, only_first, only_second };

struct Truncation {
  Index max_length = 0;  ///< tokens, those of the template included
  TruncationStrategy strategy = TruncationStrategy::longest_first;
  Side side = Side::right;
  Index stride = 0;  ///< tokens that consecutive windows share
};

}  // namespace attend
