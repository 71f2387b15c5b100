// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which encodings run together: sorted by length, cut by number and by tokens. Results never
// depend on it; speed and memory do.
#pragma once

#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

struct BucketOptions {
  Index max_sequences = 32;  ///< of one batch
  Index max_tokens = 8192;   ///< of one batch; a longer single sequence runs alone
};

/// Index lists that together hold every index once; longest encodings first, so that memory is
/// at its largest at once. Results are put back by these indices.
/// Throws: config_error when a limit is below 1.
[[nodiscard]] ATTEND_EXPORT std::vector<std::vector<Index>> make_buckets(
    std::span<const Encoding> encodings, const BucketOptions& options = {});

}  // namespace attend
