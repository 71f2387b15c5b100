// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The forms in which checkpoints hold queries, keys and values, packed as one product.
#include "attend/model/attention.h"

#include <array>
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

Projection load_apart(const Loader& from, const std::string& name, Index rows,
                      const BlockOptions& options) {
  Projection out{.weights = {from.weights.matrix(name + ".weight", rows, options.width)}};
  if (options.qkv_bias == Bias::with) out.bias = from.weights.vector(name + ".bias", rows);
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

std::vector<float> bias_of_heads(std::span<const float> stacked, const BlockOptions& options,
                                 Index part) {
  std::vector<float> out;
  const auto size = static_cast<std::size_t>(options.head_size);
  for (std::size_t head = 0; head < static_cast<std::size_t>(options.heads); ++head) {
    const auto rows = stacked.subspan((3 * head + static_cast<std::size_t>(part)) * size, size);
    out.insert(out.end(), rows.begin(), rows.end());
  }
  return out;
}

// By head there is a key head for each.
Linear load_stacked_by_head(const Loader& from, const std::string& name,
                            const BlockOptions& options) {
  const Index rows = options.query_width();
  const StoredWeight stacked = from.weights.matrix(name + ".qkv.weight", 3 * rows, options.width);
  std::array<Projection, 3> parts;
  for (Index part = 0; part < 3; ++part) {
    parts[static_cast<std::size_t>(part)].weights = rows_of_heads(stacked, options, part);
  }
  if (options.qkv == QkvWeights::stacked_by_head_bias_apart) {
    parts[0].bias = from.weights.vector(name + ".q.bias", rows);
    parts[1].bias.resize(static_cast<std::size_t>(rows));
    parts[2].bias = from.weights.vector(name + ".v.bias", rows);
  } else if (options.qkv_bias == Bias::with) {
    const std::vector<float> bias = from.weights.vector(name + ".qkv.bias", 3 * rows);
    for (Index part = 0; part < 3; ++part) {
      parts[static_cast<std::size_t>(part)].bias = bias_of_heads(bias, options, part);
    }
  }
  return pack(from, name + ".qkv", parts);
}

}  // namespace

Linear load_qkv(const Loader& from, const std::string& name, const BlockOptions& options) {
  const Index queries = options.query_width();
  const Index keys = options.key_width();
  switch (options.qkv) {
    case QkvWeights::apart: break;
    case QkvWeights::stacked:
      return Linear(from, name + ".qkv",
                    {.out = queries + 2 * keys, .in = options.width, .bias = options.qkv_bias});
    case QkvWeights::stacked_by_head:
    case QkvWeights::stacked_by_head_bias_apart: return load_stacked_by_head(from, name, options);
  }
  return pack(from, name + ".qkv",
              std::array{load_apart(from, name + ".q", queries, options),
                         load_apart(from, name + ".k", keys, options),
                         load_apart(from, name + ".v", keys, options)});
}

Linear load_kv(const Loader& from, const std::string& name, const BlockOptions& options) {
  return pack(from, name + ".kv",
              std::array{load_apart(from, name + ".k", options.key_width(), options),
                         load_apart(from, name + ".v", options.key_width(), options)});
}

}  // namespace attend
