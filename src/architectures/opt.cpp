// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// OPT (Zhang et al. 2022): learned positions of the tokens that are there, ReLU; the norms of the
// 350M model stand after the residual sums, and its embeddings are narrower than its blocks.
// Source: transformers 4.57 models/opt.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"opt"};

constexpr Rename stack[] = {
    {"embed.token", "embed_tokens"},
    {"embed.position", "embed_positions"},
    {"embed.project", "project_in"},
    {"layer.{i}.attn.q", "layers.{i}.self_attn.q_proj"},
    {"layer.{i}.attn.k", "layers.{i}.self_attn.k_proj"},
    {"layer.{i}.attn.v", "layers.{i}.self_attn.v_proj"},
    {"layer.{i}.attn.out", "layers.{i}.self_attn.out_proj"},
    {"layer.{i}.attn.norm", "layers.{i}.self_attn_layer_norm"},
    {"layer.{i}.ffn.up", "layers.{i}.fc1"},
    {"layer.{i}.ffn.activation", "layers.{i}.activation_fn"},
    {"layer.{i}.ffn.down", "layers.{i}.fc2"},
    {"layer.{i}.ffn.norm", "layers.{i}.final_layer_norm"},
    {"final.norm", "final_layer_norm"},
    {"final.project", "project_out"},
};
constexpr auto renames = joined(stack, causal_head, score_head, question_head);

constexpr std::string_view prefixes[] = {"model.decoder.", "decoder.", ""};
// The heads of the other classes.
constexpr std::string_view ignored[] = {"lm_head.*", "score.*", "qa_outputs.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 768},
    .layers = {"num_hidden_layers", 12},
    .heads = {"num_attention_heads", 12},
    .intermediate_size = {"ffn_dim", 3072},
    .vocab_size = {"vocab_size", 50272},
    .max_positions = {"max_position_embeddings", 2048},
    .type_vocab_size = {"", 0},
    .norm_eps = {"", 1e-5F},
    .activation = {"activation_function", Activation::relu},
    .pad_token_id = {"pad_token_id", 1},
};
constexpr FurtherKey further_keys[] = {
    {"word_embed_proj_dim", SizeKey{&ModelConfig::output_size, 0, 1}},
    {"enable_bias", FlagKey{&ModelConfig::attention_bias, true}},
    {"do_layer_norm_before", FlagKey{&ModelConfig::norm_before, true}},
    {"_remove_final_layer_norm", FlagKey{&ModelConfig::removes_final_norm, false}}};
constexpr KnownValue known_values[] = {{"layer_norm_elementwise_affine", "true"}};

bool is_narrow(const ModelConfig& config) { return config.last_size() != config.hidden_size; }

PositionRule position_rule(const ModelConfig& /*config*/) {
  return {.masked = PositionRule::Masked::skipped};
}

StackOptions options(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  out.embedding.positions = config.max_positions;
  out.embedding.unused_positions = 2;
  if (is_narrow(config)) {
    out.embedding.table_width = config.output_size;
    out.output_width = config.output_size;
    out.embedding.projection = ProjectionPlace::tokens_only;
    out.embedding.projection_bias = Bias::without;
  }
  if (!config.norm_before || config.removes_final_norm) out.final_norm.reset();
  set_attention_biases(bias_if(config.attention_bias), out);
  for (BlockOptions& block : out.blocks) {
    if (!config.norm_before) block.norm_place = NormPlace::after_residual;
    block.ffn_up_bias = bias_if(config.attention_bias);
    block.ffn_down_bias = bias_if(config.attention_bias);
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::token_classification) return std::nullopt;
  return head_with_questions(kind, config);
}

}  // namespace

constinit const Architecture opt{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = known_values,
    .position_rule = position_rule,
    .options = options,
    .head = head,
    .class_tokens = {.bos = 2, .eos = 2},
};

}  // namespace attend::tables
