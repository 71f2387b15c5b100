// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What generation reads and computes, from the options of a model's blocks.
#include <algorithm>
#include <optional>
#include <vector>

#include "attend/model/architecture.h"
#include "cli/bench/generation.h"

namespace attend::cli::bench {
namespace {

double product(Index a, Index b) { return static_cast<double>(a) * static_cast<double>(b); }

double bytes_of_token(const KvLayout& layer) {
  return static_cast<double>(layer.page_bytes()) / static_cast<double>(KvLayout::page_tokens);
}

// Weights that products multiply rows with.
struct BlockWeights {
  double own = 0;     // its own rows
  double memory = 0;  // those of an encoder, once
};

BlockWeights weights_of(const BlockOptions& block) {
  const Index ffn = block.ffn == FeedForwardKind::gated ? 3 : 2;
  BlockWeights weights{.own = product(block.width, 2 * block.query_width() + 2 * block.key_width() +
                                                       ffn * block.ffn_width)};
  if (block.cross == BlockOptions::CrossAttention::present) {
    weights.own += product(block.width, 2 * block.query_width());
    weights.memory = product(block.width, 2 * block.key_width());
  }
  return weights;
}

// The attention of a block's own rows.
struct BlockPairs {
  double operations = 0;  // of a query and a key
  AttentionMask mask = {};

  // Keys that the last of so many tokens sees: itself, and what its window has before it.
  [[nodiscard]] double seen(double tokens) const {
    return mask.behind < 0 ? tokens : std::min(tokens, static_cast<double>(mask.behind) + 1);
  }
  // Of so many tokens, all together.
  [[nodiscard]] double all_operations(double tokens) const {
    return operations * (tokens + others(tokens, mask.behind) + others(tokens, mask.ahead));
  }

 private:
  // Pairs of a token and another on one side of it, at most so far away.
  static double others(double tokens, Index reach) {
    const double all = tokens - 1;
    const double far = reach < 0 ? all : std::min(all, static_cast<double>(reach));
    return far * (far + 1) / 2 + (all - far) * far;
  }
};

// All blocks of a stack, as many times as they run.
struct StackCost {
  BlockWeights weights;
  std::vector<BlockPairs> pairs;

  explicit StackCost(const StackOptions& stack) {
    const auto group = static_cast<std::size_t>(stack.blocks_a_group.value_or(1));
    for (const Index layer : stack.layers) {
      for (std::size_t i = 0; i < group; ++i) {
        add(stack.blocks[static_cast<std::size_t>(layer) * group + i]);
      }
    }
    weights.own += product(stack.output_width, stack.embedding.width);
  }

  [[nodiscard]] double own_operations(double tokens) const {
    double operations = 0;
    for (const BlockPairs& block : pairs) operations += block.all_operations(tokens);
    return operations;
  }
  // Of one row and a memory, which has neither windows nor order.
  [[nodiscard]] double memory_operations(double tokens) const {
    double operations = 0;
    for (const BlockPairs& block : pairs) operations += block.operations * tokens;
    return operations;
  }
  // Keys and values that a step behind so many tokens reads.
  [[nodiscard]] double own_bytes(const std::vector<KvLayout>& layers, double tokens) const {
    double bytes = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      bytes += pairs[i].seen(tokens) * bytes_of_token(layers[i]);
    }
    return bytes;
  }

 private:
  void add(const BlockOptions& block) {
    const BlockWeights more = weights_of(block);
    weights.own += more.own;
    weights.memory += more.memory;
    pairs.push_back(
        {.operations = 4 * static_cast<double>(block.query_width()), .mask = block.mask});
  }
};

struct ModelCost {
  explicit ModelCost(const Model& model) {
    const ModelConfig& config = model.config();
    const Architecture& architecture = *find_architecture(config.model_type);
    if (model.has_decoder()) {
      encoder.emplace(architecture.options(config));
      decoder.emplace(architecture.decoder_options(config));
    } else {
      decoder.emplace(architecture.options(config));
    }
    const HeadOptions options = architecture.head(model.head(), config).value_or(HeadOptions());
    const Index width = options.width == 0 ? config.last_size() : options.width;
    head = product(options.classes, width);
    if (!options.dense.empty()) head += product(width, config.last_size());
  }

  // Of all packed weights that which every step reads.
  [[nodiscard]] double step_share() const {
    if (!encoder) return 1;
    const double step = decoder->weights.own + head;
    return step / (step + decoder->weights.memory + encoder->weights.own);
  }

  std::optional<StackCost> encoder;
  std::optional<StackCost> decoder;
  double head = 0;
};

}  // namespace

GenerationCost cost_of(const Model& model, const GenerationShape& shape) {
  const ModelCost model_cost(model);
  const StackCost& decoder = *model_cost.decoder;
  const KvCache cache = model.make_cache();
  double memory = 0;
  for (const KvLayout& layer : cache.layers().memory) memory += bytes_of_token(layer);
  const auto packed = static_cast<double>(model.memory(BatchShape(1, 1)).packed);
  GenerationCost cost{.step_bytes = model_cost.step_share() * packed};
  for (const Index length : shape.prompts.lengths) {
    const auto tokens = static_cast<double>(length);
    const double prompt = model_cost.encoder ? 1 : tokens;
    const double middle = prompt + static_cast<double>(shape.new_tokens) / 2;
    cost.step_bytes +=
        static_cast<double>(shape.beams) * decoder.own_bytes(cache.layers().own, middle);
    cost.first_operations +=
        2 * model_cost.head + 2 * prompt * decoder.weights.own + decoder.own_operations(prompt);
    if (!model_cost.encoder) continue;
    cost.step_bytes += tokens * memory;
    cost.first_operations +=
        2 * tokens * (model_cost.encoder->weights.own + decoder.weights.memory) +
        model_cost.encoder->own_operations(tokens) + decoder.memory_operations(tokens);
  }
  return cost;
}

}  // namespace attend::cli::bench
