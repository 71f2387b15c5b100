// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend forward`: padded token ids in a safetensors file -> every output of the model in another,
// for comparison with PyTorch layer by layer.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "attend/checkpoint/safetensors.h"
#include "attend/core/tensor.h"
#include "attend/core/workspace.h"
#include "attend/model/model.h"

namespace attend::cli {

/// Runs `model` on `input_ids` (and `attention_mask`, `token_type_ids`, `position_ids` where they
/// are), all int64 [n, s]. The outputs have transformers' names: hidden_states.N (0 = embeddings),
/// last_hidden_state, logits, start_logits and end_logits, pooler_output. Rows of padding are 0,
/// and no token sees them: in a row that is padded on the left pooler_output, and logits of a whole
/// sequence, are of the first token that is kept, where PyTorch takes the padding in column 0.
/// Throws: config_error (a missing or unknown tensor, one that the model has no use for, shapes
/// that disagree, ids beyond 32 bits, a mask of other values than 0 and 1); whatever the model
/// throws.
[[nodiscard]] std::map<std::string, Tensor, std::less<>> forward(const Model& model,
                                                                 const Safetensors& input,
                                                                 Workspace& workspace);

}  // namespace attend::cli
