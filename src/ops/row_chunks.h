// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows shared among threads, for operations that take about a third of a nanosecond a value.
#pragma once

#include <algorithm>

#include "attend/core/parallel.h"

namespace attend::ops {

/// Calls body(begin, count) for all rows, in chunks of about ten microseconds: less is not worth a
/// wake-up.
template <class Body>
void for_row_chunks(Index rows, Index cols, ThreadPool& pool, const Body& body) {
  constexpr Index values_a_chunk = 32768;
  const Index rows_a_chunk = std::max<Index>(1, values_a_chunk / std::max<Index>(1, cols));
  pool.parallel_for((rows + rows_a_chunk - 1) / rows_a_chunk, [&](Index chunk) {
    const Index begin = chunk * rows_a_chunk;
    body(begin, std::min(rows_a_chunk, rows - begin));
  });
}

}  // namespace attend::ops
