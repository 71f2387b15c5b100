// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The three forms in which checkpoints hold queries, keys and values, packed as one product.
#include "attend/model/attention.h"

#include <utility>
#include <vector>

namespace attend {
namespace {

/// One of q, k and v: its weight as parts, one below the other, and its bias.
struct Projection {
  std::vector<StoredWeight> weights;
  std::vector<float> bias;
};

Linear pack(const Loader& from, const std::string& name, std::span<const Projection> projections) {
  std::vector<StoredWeight> weights;
  std::vector<float> bias;
  for (const Projection& each : projections) {
    weights.insert(weights.end(), each.weights.begin(), each.weights.end());
    bias.insert(bias.end(), each.bias.begin(), each.bias.end());
  }
  return Linear(from.pack(name, weights, std::move(bias)));
}

Projection load_apart(const Loader& from, const std::string& name, const BlockOptions& options) {
  Projection out{.weights = {from.weights.matrix(name + ".weight", options.width, options.width)}};
  if (options.attention_bias == Bias::with) {
    out.bias = from.weights.vector(name + ".bias", options.width);
  }
  return out;
}

// Rows of the heads' q, of their k, or of their v: `part` is 0, 1 or 2.
std::vector<StoredWeight> rows_of_heads(const StoredWeight& stacked, const BlockOptions& options,
                                        Index part) {
  std::vector<StoredWeight> out;
  for (Index head = 0; head < options.heads; ++head) {
    out.push_back(stacked.row_range((3 * head + part) * options.head_size, options.head_size));
  }
  return out;
}

Linear load_stacked_by_head(const Loader& from, const std::string& name,
                            const BlockOptions& options) {
  const StoredWeight stacked =
      from.weights.matrix(name + ".qkv.weight", 3 * options.width, options.width);
  return pack(from, name + ".qkv",
              std::array{Projection{rows_of_heads(stacked, options, 0),
                                    from.weights.vector(name + ".q.bias", options.width)},
                         Projection{rows_of_heads(stacked, options, 1),
                                    std::vector<float>(static_cast<std::size_t>(options.width))},
                         Projection{rows_of_heads(stacked, options, 2),
                                    from.weights.vector(name + ".v.bias", options.width)}});
}

}  // namespace

Linear load_qkv(const Loader& from, const std::string& name, const BlockOptions& options) {
  switch (options.qkv) {
    case QkvWeights::apart: break;
    case QkvWeights::stacked:
      return Linear(
          from, name + ".qkv",
          {.out = 3 * options.width, .in = options.width, .bias = options.attention_bias});
    case QkvWeights::stacked_by_head: return load_stacked_by_head(from, name, options);
  }
  return pack(
      from, name + ".qkv",
      std::array{load_apart(from, name + ".q", options), load_apart(from, name + ".k", options),
                 load_apart(from, name + ".v", options)});
}

Linear load_kv(const Loader& from, const std::string& name, const BlockOptions& options) {
  return pack(
      from, name + ".kv",
      std::array{load_apart(from, name + ".k", options), load_apart(from, name + ".v", options)});
}

}  // namespace attend
