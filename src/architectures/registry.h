// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The tables of this folder, which only registry.cpp looks at by name, and what they share.
#pragma once

#include <optional>
#include <string_view>

#include "attend/model/architecture.h"

namespace attend::tables {

extern const Architecture albert;
extern const Architecture bart;
extern const Architecture bert;
extern const Architecture bloom;
extern const Architecture camembert;
extern const Architecture data2vec_text;
extern const Architecture deberta;
extern const Architecture deberta_v2;
extern const Architecture distilbert;
extern const Architecture electra;
extern const Architecture ernie;
extern const Architecture gemma;
extern const Architecture gemma2;
extern const Architecture gemma3;
extern const Architecture gpt2;
extern const Architecture gpt_neo;
extern const Architecture gpt_neox;
extern const Architecture gptj;
extern const Architecture gte;
extern const Architecture llama;
extern const Architecture m2m_100;
extern const Architecture marian;
extern const Architecture mbart;
extern const Architecture mistral;
extern const Architecture modernbert;
extern const Architecture mpnet;
extern const Architecture mt5;
extern const Architecture nomic_bert;
extern const Architecture olmo2;
extern const Architecture opt;
extern const Architecture pegasus;
extern const Architecture phi3;
extern const Architecture phi;
extern const Architecture qwen2;
extern const Architecture qwen3;
extern const Architecture roberta;
extern const Architecture roberta_prelayernorm;
extern const Architecture smollm3;
extern const Architecture stablelm;
extern const Architecture starcoder2;
extern const Architecture t5;
extern const Architecture xlm_roberta;

[[nodiscard]] constexpr Bias bias_if(bool has) noexcept { return has ? Bias::with : Bias::without; }

/// Options of an encoder as BERT has them, all sizes from the config.
[[nodiscard]] StackOptions post_norm_encoder(const ModelConfig& config);

/// Options of a decoder as GPT-2 has them, but for the table of positions: norms before their
/// sublayers and a final one, tokens see those before them.
[[nodiscard]] StackOptions pre_norm_decoder(const ModelConfig& config);

/// Positions 0, 1, 2 ... for every token.
[[nodiscard]] PositionRule count_from_zero(const ModelConfig& config);

/// BERT's pooler of a base model: tanh(dense(first row)); the checkpoint may lack it.
[[nodiscard]] HeadOptions tanh_pooler();
/// A classifier on that pooler, which must be there.
[[nodiscard]] HeadOptions on_tanh_pooler(std::string_view out, Index classes);

/// out(x) for every row.
[[nodiscard]] HeadOptions linear_head(std::string_view out, Index classes);
/// out(activation(dense(first row))), whose names are "head.out" and "head.dense".
[[nodiscard]] HeadOptions text_head(Activation activation, Index classes);

/// The token after each: "lm.out", with the token embeddings as weight unless the config unties
/// them.
[[nodiscard]] HeadOptions causal_lm_head(const ModelConfig& config);
/// A classifier on the last token that is no padding, without a bias.
[[nodiscard]] HeadOptions last_token_head(std::string_view out, const ModelConfig& config);

/// out(norm(activation(dense(x)))) with the token embeddings as weight, by the config's activation
/// and epsilon; its names are "lm.dense", "lm.norm" and "lm.out", and `out_bias` is that of its
/// bias.
[[nodiscard]] HeadOptions masked_lm_head(std::string_view out_bias, const ModelConfig& config);

}  // namespace attend::tables
