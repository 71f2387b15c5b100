// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What generation reads and computes, from the options of a model's blocks.
#include <optional>
#include <vector>

#include "attend/model/architecture.h"
#include "cli/bench/generation.h"

namespace attend::cli::bench {
namespace {

double product(Index a, Index b) { return static_cast<double>(a) * static_cast<double>(b); }

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

// All blocks of a stack, as many times as they run.
struct StackCost {
  BlockWeights weights;
  double pair_operations = 0;  // of a query and a key

  explicit StackCost(const StackOptions& stack) {
    const auto group = static_cast<std::size_t>(stack.blocks_a_group.value_or(1));
    for (const Index layer : stack.layers) {
      for (std::size_t i = 0; i < group; ++i) {
        add(stack.blocks[static_cast<std::size_t>(layer) * group + i]);
      }
    }
    weights.own += product(stack.output_width, stack.embedding.width);
  }

 private:
  void add(const BlockOptions& block) {
    const BlockWeights more = weights_of(block);
    weights.own += more.own;
    weights.memory += more.memory;
    pair_operations += 4 * static_cast<double>(block.query_width());
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

double bytes_of_token(const std::vector<KvLayout>& layers) {
  double bytes = 0;
  for (const KvLayout& layer : layers) bytes += static_cast<double>(layer.page_bytes());
  return bytes / static_cast<double>(KvLayout::page_tokens);
}

}  // namespace

GenerationCost cost_of(const Model& model, const GenerationShape& shape) {
  const ModelCost model_cost(model);
  const StackCost& decoder = *model_cost.decoder;
  const KvCache cache = model.make_cache();
  const double own = bytes_of_token(cache.layers().own);
  const double memory = bytes_of_token(cache.layers().memory);
  const auto packed = static_cast<double>(model.memory(BatchShape(1, 1)).packed);
  GenerationCost cost{.step_bytes = model_cost.step_share() * packed};
  for (const Index length : shape.prompts.lengths) {
    const auto tokens = static_cast<double>(length);
    const double prompt = model_cost.encoder ? 1 : tokens;
    const double middle = prompt + static_cast<double>(shape.new_tokens) / 2;
    cost.step_bytes += static_cast<double>(shape.beams) * middle * own;
    cost.first_operations += 2 * model_cost.head + 2 * prompt * decoder.weights.own +
                             decoder.pair_operations * prompt * (prompt + 1) / 2;
    if (!model_cost.encoder) continue;
    cost.step_bytes += tokens * memory;
    cost.first_operations +=
        2 * tokens * (model_cost.encoder->weights.own + decoder.weights.memory) +
        model_cost.encoder->pair_operations * tokens * tokens + decoder.pair_operations * tokens;
  }
  return cost;
}

}  // namespace attend::cli::bench
