// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// GPT-J (Wang and Komatsuzaki 2021): attention and feed-forward side by side with one norm; rotary
// positions turn neighbouring columns.
// Source: transformers 4.57 models/gptj.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"gptj"};

constexpr Rename stack[] = {
    {"embed.token", "wte"},
    {"layer.{i}.attn.norm", "h.{i}.ln_1"},
    {"layer.{i}.attn.q", "h.{i}.attn.q_proj"},
    {"layer.{i}.attn.k", "h.{i}.attn.k_proj"},
    {"layer.{i}.attn.v", "h.{i}.attn.v_proj"},
    {"layer.{i}.attn.out", "h.{i}.attn.out_proj"},
    {"layer.{i}.ffn.up", "h.{i}.mlp.fc_in"},
    {"layer.{i}.ffn.activation", "h.{i}.mlp.act"},
    {"layer.{i}.ffn.down", "h.{i}.mlp.fc_out"},
    {"final.norm", "ln_f"},
};
constexpr auto renames = joined(stack, causal_head, score_head, question_head);

constexpr std::string_view prefixes[] = {"transformer.", ""};
// Buffers of old versions, and the heads of the other classes.
constexpr std::string_view ignored[] = {"h.{i}.attn.bias", "h.{i}.attn.masked_bias", "lm_head.*",
                                        "score.*", "qa_outputs.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size|n_embd", 4096},
    .layers = {"num_hidden_layers|n_layer", 28},
    .heads = {"num_attention_heads|n_head", 16},
    .intermediate_size = {"", 0},
    .vocab_size = {"vocab_size", 50400},
    .max_positions = {"max_position_embeddings|n_positions", 2048},
    .type_vocab_size = {"", 0},
    .norm_eps = {"layer_norm_epsilon", 1e-5F},
    .activation = {"activation_function", Activation::gelu_tanh},
    .pad_token_id = {"pad_token_id", std::nullopt},
};
constexpr FurtherKey further_keys[] = {
    tied(false),
    {"n_inner", SizeKey{&ModelConfig::intermediate_size, 0, 1}},
    {"rotary_dim", CountKey{&ModelConfig::rotary_size, 64, 65'536}}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  for (BlockOptions& block : out.blocks) {
    block.order = BlockOrder::with_one_norm;
    block.qkv_bias = Bias::without;
    block.attention_out_bias = Bias::without;
    block.rotary = RotaryOptions{.size = config.rotary_size, .pairs = RotaryPairs::interleaved};
    if (block.ffn_width == 0) block.ffn_width = 4 * config.hidden_size;
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::token_classification) return std::nullopt;
  auto out = head_with_questions(kind, config);
  if (kind == HeadKind::causal_lm) out->out_bias = "lm.out";
  return out;
}

}  // namespace

constinit const Architecture gptj{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .position_rule = count_from_zero,
    .options = options,
    .head = head,
    .class_tokens = {.bos = 50256, .eos = 50256},
};

}  // namespace attend::tables
