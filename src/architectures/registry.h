// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The tables of this folder, which only registry.cpp looks at by name, and what they share.
#pragma once

#include "attend/model/architecture.h"

namespace attend::tables {

extern const Architecture bert;
extern const Architecture distilbert;

/// Options of an encoder as BERT has them, all sizes from the config.
[[nodiscard]] EncoderOptions post_norm_encoder(const ModelConfig& config);

}  // namespace attend::tables
