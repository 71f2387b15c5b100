// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The forms in which checkpoints hold a gate, packed as one product: gate, then up.
#include "attend/model/feed_forward.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace attend {
namespace {

Linear load_gate_last(const Loader& from, const std::string& name, const BlockOptions& options) {
  const Index width = options.ffn_width;
  const StoredWeight stacked = from.weights.matrix(name + ".weight", 2 * width, options.width);
  std::vector<float> bias;
  if (options.ffn_up_bias == Bias::with) {
    bias = from.weights.vector(name + ".bias", 2 * width);
    std::rotate(bias.begin(), bias.begin() + width, bias.end());
  }
  return Linear(from.pack(name,
                          std::array{stacked.row_range(width, width), stacked.row_range(0, width)},
                          std::move(bias)));
}

Linear load_apart(const Loader& from, const std::string& name, const BlockOptions& options) {
  std::vector<StoredWeight> weights;
  std::vector<float> bias;
  for (const char* part : {".gate", ".up"}) {
    weights.push_back(
        from.weights.matrix(name + part + ".weight", options.ffn_width, options.width));
    if (options.ffn_up_bias == Bias::without) continue;
    const auto values = from.weights.vector(name + part + ".bias", options.ffn_width);
    bias.insert(bias.end(), values.begin(), values.end());
  }
  return Linear(from.pack(name + ".up", weights, std::move(bias)));
}

}  // namespace

Linear load_up(const Loader& from, const std::string& name, const BlockOptions& options) {
  LinearShape shape{.out = options.ffn_width, .in = options.width, .bias = options.ffn_up_bias};
  if (options.ffn == FeedForwardKind::gated) {
    switch (options.gate) {
      case GateWeights::first: shape.out *= 2; break;
      case GateWeights::last: return load_gate_last(from, name + ".up", options);
      case GateWeights::apart: return load_apart(from, name, options);
    }
  }
  return Linear(from, name + ".up", shape);
}

}  // namespace attend
