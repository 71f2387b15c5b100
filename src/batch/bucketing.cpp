// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Buckets: a stable sort by length, cut where a limit is met.
#include "attend/batch/bucketing.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "attend/core/error.h"

namespace attend {
namespace {

void check_limit(Index limit, const char* what) {
  if (limit >= 1) return;
  fail(ErrorKind::config_error, {.where = "make_buckets",
                                 .what = what,
                                 .expected = "at least 1",
                                 .found = std::to_string(limit)});
}

}  // namespace

std::vector<std::vector<Index>> make_buckets(std::span<const Encoding> encodings,
                                             const BucketOptions& options) {
  check_limit(options.max_sequences, "max_sequences");
  check_limit(options.max_tokens, "max_tokens");
  const auto size = [&](Index i) { return encodings[static_cast<std::size_t>(i)].size(); };
  std::vector<Index> order(encodings.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return size(a) > size(b); });

  std::vector<std::vector<Index>> buckets;
  Index tokens = 0;
  for (const Index i : order) {
    const bool fits = !buckets.empty() &&
                      static_cast<Index>(buckets.back().size()) < options.max_sequences &&
                      size(i) <= options.max_tokens - tokens;
    if (!fits) {
      buckets.emplace_back();
      tokens = 0;
    }
    buckets.back().push_back(i);
    tokens += size(i);
  }
  return buckets;
}

}  // namespace attend
