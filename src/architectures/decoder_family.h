// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What decoders have in common: rows of tables, keys, and options to begin with.
#pragma once

#include "architectures/bert_family.h"

namespace attend::tables {

// ---- Names of LLaMA and its kin, behind "model."

inline constexpr Rename llama_stack[] = {
    {"embed.token", "embed_tokens"},
    {"layer.{i}.attn.q", "layers.{i}.self_attn.q_proj"},
    {"layer.{i}.attn.k", "layers.{i}.self_attn.k_proj"},
    {"layer.{i}.attn.v", "layers.{i}.self_attn.v_proj"},
    {"layer.{i}.attn.out", "layers.{i}.self_attn.o_proj"},
    {"final.norm", "norm"},
};
inline constexpr Rename llama_norms[] = {
    {"layer.{i}.attn.norm", "layers.{i}.input_layernorm"},
    {"layer.{i}.ffn.norm", "layers.{i}.post_attention_layernorm"},
};
inline constexpr Rename llama_feed_forward[] = {
    {"layer.{i}.ffn.gate", "layers.{i}.mlp.gate_proj"},
    {"layer.{i}.ffn.up", "layers.{i}.mlp.up_proj"},
    {"layer.{i}.ffn.activation", "layers.{i}.mlp.act_fn"},
    {"layer.{i}.ffn.down", "layers.{i}.mlp.down_proj"},
};
/// RMS norms of queries and keys.
inline constexpr Rename query_key_norms[] = {
    {"layer.{i}.attn.q_norm", "layers.{i}.self_attn.q_norm"},
    {"layer.{i}.attn.k_norm", "layers.{i}.self_attn.k_norm"},
};
inline constexpr Rename causal_head[] = {{"lm.out", "/lm_head"}};
/// Of texts, and of tokens: the same layer, with a bias for tokens.
inline constexpr Rename score_head[] = {{"head.out", "/score"}};
/// Of tokens, where it has a name of its own.
inline constexpr Rename classifier_head[] = {{"tokens.out", "/classifier"}};
inline constexpr Rename question_head[] = {{"qa.out", "/qa_outputs"}};

/// Prefixes of all classes; the second is that of classes for question answering.
inline constexpr std::string_view llama_prefixes[] = {"model.", "transformer.", ""};
/// Buffers of old versions, and the heads of the other classes.
inline constexpr std::string_view llama_ignored[] = {"layers.{i}.self_attn.rotary_emb.inv_freq",
                                                     "rotary_emb.inv_freq", "lm_head.*", "score.*",
                                                     "qa_outputs.*"};

// ---- Keys

/// Sizes of LLaMA's config and its kin's.
struct LlamaSizes {
  Index hidden = 4096;
  Index layers = 32;
  Index heads = 32;
  Index intermediate = 11008;
  Index vocabulary = 32000;
  Index positions = 2048;
  float eps = 1e-6F;
  std::string_view eps_key = "rms_norm_eps";
  std::string_view activation_key = "hidden_act";
  Activation activation = Activation::silu;
  std::optional<TokenId> padding = {};
};
constexpr ConfigKeys llama_keys(const LlamaSizes& sizes) {
  return {
      .hidden_size = {"hidden_size", sizes.hidden},
      .layers = {"num_hidden_layers", sizes.layers},
      .heads = {"num_attention_heads", sizes.heads},
      .intermediate_size = {"intermediate_size", sizes.intermediate},
      .vocab_size = {"vocab_size", sizes.vocabulary},
      .max_positions = {"max_position_embeddings", sizes.positions},
      .type_vocab_size = {"", 0},
      .norm_eps = {sizes.eps_key, sizes.eps},
      .activation = {sizes.activation_key, sizes.activation},
      .pad_token_id = {"pad_token_id", sizes.padding},
  };
}

constexpr FurtherKey key_heads(Index otherwise) {
  return {"num_key_value_heads", KeyHeadsKey{otherwise}};
}
/// 0: hidden_size / heads.
constexpr FurtherKey own_head_size(Index otherwise) {
  return {"head_dim", SizeKey{&ModelConfig::own_head_size, otherwise, 1}};
}
constexpr FurtherKey tied(bool otherwise) {
  return {"tie_word_embeddings", FlagKey{&ModelConfig::tie_word_embeddings, otherwise}};
}
constexpr FurtherKey rope_theta(float otherwise) {
  return {"rope_theta", NumberKey{&ModelConfig::rope_theta, otherwise, otherwise}};
}
constexpr FurtherKey rotary_share(std::string_view key, double otherwise) {
  return {key, ShareKey{&ModelConfig::rotary_share, otherwise}};
}
constexpr FurtherKey attention_bias(bool otherwise) {
  return {"attention_bias", FlagKey{&ModelConfig::attention_bias, otherwise}};
}
/// Null is none.
constexpr FurtherKey sliding_window(Index otherwise) {
  return {"sliding_window", SizeKey{&ModelConfig::sliding_window, otherwise, 1, 0}};
}

inline constexpr std::string_view rope_scalings[] = {"linear", "dynamic", "yarn", "longrope",
                                                     "llama3"};
inline constexpr FurtherKey trained_positions{"original_max_position_embeddings",
                                              SizeKey{&ModelConfig::trained_positions, 0, 1}};
/// Stands behind trained_positions.
inline constexpr FurtherKey rope_scaling{"rope_scaling", RopeScalingKey{rope_scalings}};

inline constexpr std::string_view layer_type_words[] = {"full_attention", "sliding_attention"};
inline constexpr FurtherKey layer_types{
    "layer_types", WordsKey{&ModelConfig::layer_types, layer_type_words, true}};

// ---- Options

/// All columns of a head, or the config's share of them, at the config's theta and scaling.
[[nodiscard]] std::optional<RotaryOptions> rotary_of(const ModelConfig& config);

/// pre_norm_decoder() with rotary positions, RMS norms and a gated feed-forward, without biases.
[[nodiscard]] StackOptions llama_decoder(const ModelConfig& config);

/// The layers that `sees_window` names see the config's sliding window only.
/// Throws: config_error, when there is none.
void set_windows(const ModelConfig& config, bool (*sees_window)(const ModelConfig&, Index),
                 StackOptions& options);
/// By layer_types; where the config has none, layers from max_window_layers on, if it uses windows.
[[nodiscard]] bool is_late_layer(const ModelConfig& config, Index layer);

void set_norms(const NormOptions& norm, StackOptions& options);
void set_attention_biases(Bias bias, StackOptions& options);

/// Heads of most: causal_lm, sequence_classification, token_classification and, with `questions`,
/// question_answering, on names of `score_head` and `question_head`.
enum class Questions : std::uint8_t { without, with };
[[nodiscard]] std::optional<HeadOptions> decoder_head(HeadKind kind, const ModelConfig& config,
                                                      Questions questions);
[[nodiscard]] std::optional<HeadOptions> head_with_questions(HeadKind kind,
                                                             const ModelConfig& config);
[[nodiscard]] std::optional<HeadOptions> head_without_questions(HeadKind kind,
                                                                const ModelConfig& config);
/// The same with token classification on `classifier_head`.
[[nodiscard]] std::optional<HeadOptions> head_with_classifier(HeadKind kind,
                                                              const ModelConfig& config);

}  // namespace attend::tables
