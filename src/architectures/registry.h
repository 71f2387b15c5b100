// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The tables of this folder, which only registry.cpp looks at by name, and what they share.
#pragma once

#include "attend/model/architecture.h"

namespace attend::tables {

extern const Architecture albert;
extern const Architecture bert;
extern const Architecture camembert;
extern const Architecture deberta;
extern const Architecture deberta_v2;
extern const Architecture distilbert;
extern const Architecture electra;
extern const Architecture modernbert;
extern const Architecture mpnet;
extern const Architecture roberta;
extern const Architecture xlm_roberta;

/// Options of an encoder as BERT has them, all sizes from the config.
[[nodiscard]] EncoderOptions post_norm_encoder(const ModelConfig& config);

/// Positions 0, 1, 2 ... for every token.
[[nodiscard]] PositionRule count_from_zero(const ModelConfig& config);

/// BERT's pooler of a base model: tanh(dense(first row)); the checkpoint may lack it.
[[nodiscard]] HeadOptions tanh_pooler();
/// A classifier on that pooler, which must be there.
[[nodiscard]] HeadOptions on_tanh_pooler(std::string_view out, Index classes);

/// Heads of RoBERTa, which other architectures have, too.
[[nodiscard]] HeadOptions roberta_head(HeadKind kind, const ModelConfig& config);

}  // namespace attend::tables
