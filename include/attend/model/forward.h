// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A forward pass by transformers' names: padded token ids in, every output of the model out, for
// comparison with PyTorch layer by layer, and for a model's own selftest.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "attend/checkpoint/safetensors.h"
#include "attend/core/export.h"
#include "attend/core/tensor.h"
#include "attend/core/workspace.h"
#include "attend/model/model.h"

namespace attend {

/// `input_ids`, and `attention_mask`, `token_type_ids`, `position_ids` where they are given: all
/// int64 [n, s]. What a decoder reads, where it is not the same text one token later:
/// `decoder_input_ids`, and `decoder_attention_mask` where it is given, int64 [n, u].
struct ForwardInput {
  std::map<std::string, TensorRef, std::less<>> tensors;
  std::string file;  ///< where they come from, for messages
};

/// Whether a tensor of this name goes into a model.
[[nodiscard]] ATTEND_EXPORT bool is_forward_input(std::string_view name) noexcept;

/// What an output has one row of: a token, padding included, a token that the decoder reads, or a
/// sequence.
enum class OutputRows : std::uint8_t { token, decoder_token, sequence };

/// The shapes of what goes in: [n, s], and [n, u] where a decoder reads texts of its own.
struct ForwardShape {
  Index sequences = 0;       ///< n
  Index tokens = 0;          ///< s
  Index decoder_tokens = 0;  ///< u; s where it reads the same texts

  /// Tokens of a sequence that such an output has rows of.
  [[nodiscard]] Index columns(OutputRows rows) const noexcept {
    return rows == OutputRows::decoder_token ? decoder_tokens : tokens;
  }
};

/// The shape of an output.
struct OutputForm {
  OutputRows rows = OutputRows::token;
  /// Absent: start_logits, end_logits and logits of replaced tokens, which are [n, s].
  std::optional<Index> columns = {};

  [[nodiscard]] Shape shape(const ForwardShape& input) const {
    const Index n = input.sequences;
    if (rows == OutputRows::sequence) return {n, columns.value_or(1)};
    const Index each = input.columns(rows);
    return columns ? Shape{n, each, *columns} : Shape{n, each};
  }
};

/// The form of an output, or nothing when `model` has none of this name. Names are hidden_states.N
/// (0 = embeddings), last_hidden_state, pooler_output, logits, start_logits and end_logits; with a
/// decoder encoder_hidden_states.N, encoder_last_hidden_state and decoder_hidden_states.N. Of a
/// model for multiple choice each sequence is a choice, and has a row of its own in all of them.
[[nodiscard]] ATTEND_EXPORT std::optional<OutputForm> output_form(const Model& model,
                                                                  std::string_view name);

/// Which outputs are wanted: a vocabulary's logits are large.
using OutputFilter = std::function<bool(std::string_view name)>;

using NamedTensors = std::map<std::string, Tensor, std::less<>>;

/// Runs `model`, and returns the outputs that are `wanted`; all when that is empty. Rows of padding
/// are 0, and no token sees them: in a row that is padded on the left pooler_output, and logits of
/// a whole sequence, are of the first token that is kept, where PyTorch takes the padding in column
/// 0. Throws: config_error (a missing or unknown tensor, one that the model has no use for: those
/// of a decoder in a model without one, or where a head makes one output of a sequence; shapes that
/// disagree, ids beyond 32 bits, a mask of other values than 0 and 1); whatever the model
/// throws.
[[nodiscard]] ATTEND_EXPORT NamedTensors forward(const Model& model, const ForwardInput& input,
                                                 Workspace& workspace,
                                                 const OutputFilter& wanted = {});

}  // namespace attend
