// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// RoBERTa with norms before the sublayers (Ott et al. 2019; Wettig et al. 2022), and one at the
// end.
// Source: transformers 4.57 models/roberta_prelayernorm.
#include "architectures/bert_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"roberta-prelayernorm"};

constexpr Rename own[] = {
    {"layer.{i}.attn.norm", "encoder.layer.{i}.attention.LayerNorm"},
    {"layer.{i}.attn.out", "encoder.layer.{i}.attention.output.dense"},
    {"layer.{i}.ffn.norm", "encoder.layer.{i}.intermediate.LayerNorm"},
    {"layer.{i}.ffn.up", "encoder.layer.{i}.intermediate.dense"},
    {"layer.{i}.ffn.activation", "encoder.layer.{i}.intermediate.intermediate_act_fn"},
    {"layer.{i}.ffn.down", "encoder.layer.{i}.output.dense"},
    {"final.norm", "LayerNorm"},
};
constexpr auto renames =
    joined(bert_embeddings, bert_attention, own, roberta_heads, roberta_lm_bias);

constexpr std::string_view prefixes[] = {"roberta_prelayernorm.", ""};

StackOptions options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  for (BlockOptions& block : out.blocks) block.norm_place = NormPlace::before;
  out.final_norm = NormOptions{.eps = config.norm_eps};
  out.last_state = StackOptions::LastState::before_norm;
  return out;
}

}  // namespace

constinit const Architecture roberta_prelayernorm{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = roberta_ignored},
    .keys = roberta_keys(50265),
    .further_keys = bert_further_keys,
    .known_values = bert_values,
    .position_rule = count_after_padding,
    .options = options,
    .head = roberta_head,
};

}  // namespace attend::tables
