// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BLOOM (Le Scao et al. 2022): no positions, but scores that fall with the distance; a norm of the
// embeddings; q, k and v by head in one matrix.
// Source: transformers 4.57 models/bloom.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"bloom"};

constexpr Rename stack[] = {
    {"embed.token", "word_embeddings"},
    {"embed.norm", "word_embeddings_layernorm"},
    {"layer.{i}.attn.norm", "h.{i}.input_layernorm"},
    {"layer.{i}.attn.qkv", "h.{i}.self_attention.query_key_value"},
    {"layer.{i}.attn.out", "h.{i}.self_attention.dense"},
    {"layer.{i}.ffn.norm", "h.{i}.post_attention_layernorm"},
    {"layer.{i}.ffn.up", "h.{i}.mlp.dense_h_to_4h"},
    {"layer.{i}.ffn.down", "h.{i}.mlp.dense_4h_to_h"},
    {"final.norm", "ln_f"},
};
constexpr auto renames = joined(stack, causal_head, score_head, classifier_head, question_head);

constexpr std::string_view prefixes[] = {"transformer.", ""};
// The heads of the other classes.
constexpr std::string_view ignored[] = {"lm_head.*", "score.*", "classifier.*", "qa_outputs.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"n_embed|hidden_size", 64},
    .layers = {"num_hidden_layers|n_layer", 2},
    .heads = {"num_attention_heads|n_head", 8},
    .intermediate_size = {"", 0},
    .vocab_size = {"vocab_size", 250880},
    .max_positions = {"", 0},
    .type_vocab_size = {"", 0},
    .norm_eps = {"layer_norm_epsilon", 1e-5F},
    .activation = {"", Activation::gelu_tanh},
    .pad_token_id = {"pad_token_id", std::nullopt},
};
// Slow but exact sums, of matrices in parts, leave out a bias.
constexpr KnownValue known_values[] = {{"apply_residual_connection_post_layernorm", "false"},
                                       {"slow_but_exact", "false", "pretraining_tp"}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  out.embedding.norm = NormOptions{.eps = config.norm_eps};
  out.score_bias = LinearBias{};
  for (BlockOptions& block : out.blocks) {
    block.qkv = QkvWeights::stacked_by_head;
    block.ffn_width = 4 * config.hidden_size;
  }
  return out;
}

}  // namespace

constinit const Architecture bloom{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = {},
    .known_values = known_values,
    .position_rule = count_from_zero,
    .options = options,
    .head = head_with_classifier,
    .class_tokens = {.bos = 1, .eos = 2},
};

}  // namespace attend::tables
