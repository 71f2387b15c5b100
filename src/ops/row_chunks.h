// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Work shared among threads, if there is enough of it: one rule for products and row operations.
#pragma once

#include <algorithm>

#include "attend/core/parallel.h"

namespace attend::ops {

/// Calls body(begin, count) for [0, count), each of which takes about so many microseconds: in
/// chunks, or on this thread alone when it is little.
template <class Body>
void for_chunks(Index count, double us_each, ThreadPool& pool, const Body& body) {
  constexpr double us_a_chunk = 20;       // a join costs below a microsecond when threads are awake
  constexpr double us_worth_waking = 30;  // and tens of them when they sleep
  if (static_cast<double>(count) * us_each < us_worth_waking) return body(Index{0}, count);
  const Index chunk = std::clamp(static_cast<Index>(us_a_chunk / us_each), Index{1}, count);
  pool.parallel_for((count + chunk - 1) / chunk,
                    [&](Index i) { body(i * chunk, std::min(chunk, count - i * chunk)); });
}

/// The same for rows, of operations that take about a third of a nanosecond a value.
template <class Body>
void for_row_chunks(Index rows, Index cols, ThreadPool& pool, const Body& body) {
  for_chunks(rows, static_cast<double>(cols) / 3000, pool, body);
}

}  // namespace attend::ops
