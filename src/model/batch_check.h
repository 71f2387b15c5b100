// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The checks at the door of a model: below them nothing looks at an index again.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "attend/batch/batch.h"
#include "attend/model/config.h"

namespace attend {

/// Throws: config_error, a batch or states that do not belong to each other.
[[noreturn]] void fail_batch(std::string what, std::string expected, std::string found);

/// Sequences of at least one token that tile the rows. Throws: config_error.
void check_starts(const Batch& batch);

/// All that a batch says, against the model's tables.
/// Throws: config_error; tokenizer_error, for an id or a type that the model does not have.
void check_batch(const Batch& batch, const ModelConfig& config);

/// Rows of hidden states, of which there are `count`. Throws: config_error.
void check_rows(std::span<const Index> rows, Index count);

/// `rows` is the size of the table of learned positions, or 0: then any position will do.
/// Throws: input_too_long.
void check_positions(std::span<const std::int32_t> positions, Index rows);

/// `limit` is the number of columns that a sequence may span, or 0: any number.
/// Throws: input_too_long. Requires: the batch was checked.
void check_spans(const Batch& batch, Index limit);

}  // namespace attend
