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

Linear load_stacked(const Loader& from, const std::string& name, const BlockOptions& options) {
  const Index width = options.ffn_width;
  const StoredWeight stacked = from.weights.matrix(name + ".weight", 2 * width, options.width);
  std::array parts{stacked.row_range(0, width), stacked.row_range(width, width)};
  std::vector<float> bias;
  if (options.ffn_up_bias == Bias::with) bias = from.weights.vector(name + ".bias", 2 * width);
  if (options.gate == GateWeights::last) {
    std::swap(parts[0], parts[1]);
    std::rotate(bias.begin(), bias.begin() + static_cast<Index>(bias.size()) / 2, bias.end());
  }
  return Linear(from.pack(name, parts, std::move(bias), LinearForm::gated));
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
  return Linear(from.pack(name + ".up", weights, std::move(bias), LinearForm::gated));
}

}  // namespace

Linear load_up(const Loader& from, const std::string& name, const BlockOptions& options) {
  if (options.ffn == FeedForwardKind::plain) {
    return {from,
            name + ".up",
            {.out = options.ffn_width, .in = options.width, .bias = options.ffn_up_bias}};
  }
  switch (options.gate) {
    case GateWeights::first:
    case GateWeights::last: return load_stacked(from, name + ".up", options);
    case GateWeights::apart: return load_apart(from, name, options);
  }
  return {};
}

}  // namespace attend
