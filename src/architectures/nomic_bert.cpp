// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// NomicBERT (Nussbaum et al. 2024): BERT with rotary positions and a gated feed-forward, in the
// form of the published folders, which have keys of GPT-2 and Python code of their own.
// Source: nomic-ai/contrastors, models/huggingface/modeling_hf_nomic_bert.py.
#include "architectures/registry.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"nomic_bert"};
constexpr std::string_view code_classes[] = {"NomicBert"};

constexpr Rename renames[] = {
    {"embed.token", "embeddings.word_embeddings"},
    {"embed.type", "embeddings.token_type_embeddings"},
    {"embed.norm", "emb_ln"},
    {"layer.{i}.attn.qkv", "encoder.layers.{i}.attn.Wqkv"},
    {"layer.{i}.attn.out", "encoder.layers.{i}.attn.out_proj"},
    {"layer.{i}.attn.norm", "encoder.layers.{i}.norm1"},
    {"layer.{i}.ffn.up", "encoder.layers.{i}.mlp.fc11"},
    {"layer.{i}.ffn.gate", "encoder.layers.{i}.mlp.fc12"},
    {"layer.{i}.ffn.down", "encoder.layers.{i}.mlp.fc2"},
    {"layer.{i}.ffn.norm", "encoder.layers.{i}.norm2"},
    {"pooler", "pooler.dense"},
    {"head.out", "/classifier"},
    {"lm.dense", "/cls.predictions.transform.dense"},
    {"lm.norm", "/cls.predictions.transform.layer_norm"},
    {"lm.out", "/cls.predictions.decoder"},
};

constexpr std::string_view prefixes[] = {"bert.", ""};
constexpr std::string_view ignored[] = {"pooler.*", "classifier.*", "cls.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"n_embd", 768},
    .layers = {"n_layer", 12},
    .heads = {"n_head", 12},
    .intermediate_size = {"n_inner", 3072},
    .vocab_size = {"vocab_size", 50257},
    .max_positions = {"n_positions", 1024},
    .type_vocab_size = {"type_vocab_size", 2},
    .norm_eps = {"layer_norm_epsilon", 1e-5F},
    .activation = {"", Activation::silu},
    .pad_token_id = {"pad_token_id", 0},
};
constexpr FurtherKey further_keys[] = {
    {"qkv_proj_bias", FlagKey{&ModelConfig::attention_bias, true}},
    {"mlp_fc1_bias", FlagKey{&ModelConfig::ffn_up_bias, true}},
    {"mlp_fc2_bias", FlagKey{&ModelConfig::ffn_down_bias, true}},
    {"rotary_emb_base", NumberKey{&ModelConfig::rope_theta, 10000.0F, 10000.0F}}};
// Experts are of nomic-embed-text-v2-moe; rope_parameters would be a folder that transformers 5
// wrote, where other keys have other names, too.
constexpr KnownValue known_values[] = {{"activation_function", "\"swiglu\""},
                                       {"rotary_emb_fraction", "1.0"},
                                       {"rotary_emb_interleaved", "false"},
                                       {"rotary_emb_scale_base", "null"},
                                       {"rotary_scaling_factor", "null"},
                                       {"prenorm", "false"},
                                       {"parallel_block", "false"},
                                       {"use_rms_norm", "false"},
                                       {"causal", "false"},
                                       {"norm_mlp", "false"},
                                       {"num_heads_kv", "null"},
                                       {"num_experts", "null"},
                                       {"moe_every_n_layers", "null"},
                                       {"rope_parameters", "null"}};

StackOptions options(const ModelConfig& config) {
  // The reference rounds the width of the feed-forward up.
  constexpr Index multiple = 256;
  StackOptions out = post_norm_encoder(config);
  out.embedding.positions = 0;
  for (BlockOptions& block : out.blocks) {
    block.qkv = QkvWeights::stacked;
    block.qkv_bias = bias_if(config.attention_bias);
    block.attention_out_bias = bias_if(config.attention_bias);
    block.rotary = RotaryOptions{.theta = config.rope_theta, .size = block.head_size};
    block.ffn = FeedForwardKind::gated;
    block.gate = GateWeights::apart;
    block.ffn_width = (config.intermediate_size + multiple - 1) / multiple * multiple;
    block.ffn_up_bias = bias_if(config.ffn_up_bias);
    block.ffn_down_bias = bias_if(config.ffn_down_bias);
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return tanh_pooler();
    case HeadKind::sequence_classification: return on_tanh_pooler("head.out", labels);
    case HeadKind::masked_lm: {
      HeadOptions out = masked_lm_head(config.ffn_up_bias ? "lm.out" : "", config);
      out.dense_bias = bias_if(config.ffn_up_bias);
      return out;
    }
    case HeadKind::token_classification:
    case HeadKind::question_answering:
    case HeadKind::multiple_choice:
    case HeadKind::causal_lm:
    case HeadKind::next_sentence_prediction:
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::replaced_token_detection: break;
  }
  return std::nullopt;
}

}  // namespace

constinit const Architecture nomic_bert{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = known_values,
    .position_rule = count_from_zero,
    .options = options,
    .head = head,
    .code_classes = code_classes,
};

}  // namespace attend::tables
