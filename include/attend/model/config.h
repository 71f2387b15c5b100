// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// config.json, typed and closed: one field per quantity, whatever the architecture calls it.
// Unknown keys are ignored; missing required ones and impossible values are errors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/ops/activation.h"
#include "attend/ops/rotary.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// What a model knows of places in a text.
enum class PositionEmbedding : std::uint8_t {
  absolute,            ///< embeddings of positions are added to those of tokens
  relative_key,        ///< RelativeBias::Parts::query
  relative_key_query,  ///< RelativeBias::Parts::query_and_key
  none,
};

/// Stands for a token that a config does not name.
inline constexpr TokenId no_token = -1;

/// What a model's config.json says, checked: sizes are positive and below the limits, heads divide
/// the width, labels are complete.
struct ModelConfig {
  std::string model_type;                  ///< one of a table in src/architectures
  std::vector<std::string> architectures;  ///< ["BertForTokenClassification"]

  Index hidden_size = 0;
  Index layers = 0;
  Index heads = 0;
  Index intermediate_size = 0;
  Index vocab_size = 0;
  Index max_positions = 0;
  PositionEmbedding position_embedding = PositionEmbedding::absolute;
  Index type_vocab_size = 0;  ///< 0 where the architecture has no token types
  float norm_eps = 1e-12F;
  Activation activation = Activation::gelu;
  std::optional<TokenId> pad_token_id;
  bool tie_word_embeddings = true;

  // Of models with an encoder and a decoder; the sizes above are the encoder's.
  Index decoder_layers = 0;
  Index decoder_heads = 0;
  Index decoder_intermediate_size = 0;
  TokenId decoder_start_token_id = no_token;
  TokenId eos_token_id = no_token;
  bool scale_embedding = false;  ///< token embeddings are multiplied by sqrt(hidden_size)
  bool share_embeddings = true;  ///< Marian: both stacks have one table of tokens
  Index decoder_vocab_size = 0;  ///< Marian: of the head where they do not; 0: vocab_size
  bool gated_ffn = false;        ///< T5: up is multiplied by an activated gate

  // What only some architectures have; each reads those that its table names.
  Index embedding_size = 0;     ///< columns of the embedding tables; 0: hidden_size
  Index output_size = 0;        ///< columns of the last hidden states; 0: hidden_size
  Index layer_groups = 0;       ///< ALBERT: layers of a group share their weights
  Index blocks_a_group = 1;     ///< ALBERT: blocks that each layer of a group runs
  bool use_task_types = false;  ///< ERNIE: texts have types of tasks; all have the first here
  Index task_types = 0;
  bool is_decoder = false;           ///< tokens see those before them only
  Index relative_buckets = 0;        ///< rows, or half of them, for distances; 0: no buckets
  Index relative_max_distance = 0;   ///< T5: where the last of them begins
  Index max_relative_positions = 0;  ///< 0: max_positions
  bool relative_attention = false;   ///< DeBERTa: scores depend on distances
  std::vector<std::string> position_attention;  ///< "c2p", "p2c": DeBERTa
  bool position_biased_input = true;            ///< DeBERTa: absolute positions are added
  bool share_position_projections = false;
  std::vector<std::string> relative_norm;  ///< "layer_norm" or "none"
  Index convolution_size = 0;              ///< 0: there is none
  Index convolution_groups = 1;
  Activation convolution_activation = Activation::tanh;
  Activation pooler_activation = Activation::gelu;
  std::string summary_type;  ///< ELECTRA: the token of multiple choice, as JSON text
  bool summary_projection = true;
  Activation summary_activation = Activation::gelu;
  bool legacy_lm_head = true;  ///< DeBERTa: names of the head for masked words
  bool attention_bias = true;
  bool ffn_up_bias = true;
  bool ffn_down_bias = true;
  bool norm_bias = true;
  bool classifier_bias = true;
  bool decoder_bias = true;
  Activation classifier_activation = Activation::gelu;
  std::vector<std::string> classifier_pooling;  ///< "cls" or "mean"
  Index global_attention_interval = 1;          ///< one layer of so many sees all tokens
  Index local_attention = 0;                    ///< tokens that the other layers see
  Index key_heads = 0;                          ///< 0: heads
  Index own_head_size = 0;                      ///< 0: hidden_size / heads
  bool scale_attention = true;                  ///< GPT-2: scores by 1 / sqrt(head size)
  bool scale_attention_by_layer = false;        ///< GPT-2: and by 1 / (layer + 1)
  float rope_theta = 0;
  float local_rope_theta = 0;  ///< 0: rope_theta
  Index sliding_window = 0;    ///< keys that tokens of such layers see; 0: all
  bool use_sliding_window = true;
  Index max_window_layers = 0;           ///< the first layer with a window
  Index sliding_window_pattern = 1;      ///< one layer of so many has none
  std::vector<std::string> layer_types;  ///< of each layer; empty: by the keys above
  bool bidirectional = false;            ///< Gemma 3: tokens see those after them
  std::vector<bool> rotary_layers;       ///< SmolLM3, of each layer; empty: by the next key
  Index no_rotary_interval = 1;          ///< SmolLM3: one layer of so many has no positions
  double rotary_share = 1;               ///< of the columns of a head
  Index rotary_size = 0;                 ///< or their number: GPT-J
  RotaryScaling rope_scaling;
  float rope_slowdown = 1;      ///< frequencies are divided by it
  float rope_amplitude = 1;     ///< RotaryOptions::amplitude
  Index trained_positions = 0;  ///< "longrope"; 0: max_positions
  float query_scalar = 0;       ///< Gemma: scores by its root
  float score_cap = 0;          ///< 0: there is none
  float logit_cap = 0;
  bool parallel_residual = false;
  bool query_key_norm = false;
  bool norm_before = true;          ///< OPT
  bool removes_final_norm = false;  ///< OPT
  float rope_ntk_factor = 1;        ///< texts longer than in training, as GTE reaches them; 1: none

  /// Labels by id; LABEL_i where the file names none. Size = number of classes.
  std::vector<std::string> labels;
  /// label2id in the order of the file (zero-shot looks for the first "entail...").
  std::vector<std::pair<std::string, Index>> label_ids;
  std::string problem_type;       ///< "regression", "multi_label_classification", ... or empty
  std::string function_to_apply;  ///< text-classification default, or empty
  std::optional<bool> return_all_scores;  ///< text-classification, deprecated there
  /// config.sentence_transformers.activation_fn of cross-encoders, or empty.
  std::string cross_encoder_activation;

  /// Columns of the last hidden states, on which heads stand.
  [[nodiscard]] Index last_size() const noexcept {
    return output_size > 0 ? output_size : hidden_size;
  }
  [[nodiscard]] Index head_size() const noexcept {
    if (own_head_size > 0) return own_head_size;
    return heads == 0 ? 0 : hidden_size / heads;
  }
};

/// Reads `folder`/config.json.
/// Throws: file_not_found, invalid_format (not JSON), config_error (names the key, the range and
/// the value), unsupported (a model_type, activation or quantisation that is not known here).
[[nodiscard]] ATTEND_EXPORT ModelConfig read_config(const std::filesystem::path& folder);

}  // namespace attend
