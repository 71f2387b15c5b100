// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Padded tensors to a packed batch, through the model, and back.
#include "cli/forward.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/core/error.h"

namespace attend::cli {
namespace {

using Outputs = std::map<std::string, Tensor, std::less<>>;

/// The input tensors as a PaddedInput, with the memory behind it.
class Inputs {
 public:
  Inputs(const Safetensors& file, const ModelConfig& config) {
    for (const auto& [name, tensor] : file.tensors()) read(name, tensor, file.name());
    if (padded_.type_ids.data && config.type_vocab_size == 0) {
      fail(ErrorKind::config_error,
           {.where = "forward",
            .what = "tensor \"token_type_ids\"",
            .expected = "none: a model of type " + config.model_type + " has no token types",
            .file = file.name()});
    }
    if (!padded_.ids.data) {
      fail(ErrorKind::config_error,
           {.where = "forward", .what = "tensor \"input_ids\" is missing", .file = file.name()});
    }
  }

  [[nodiscard]] const PaddedInput& padded() const noexcept { return padded_; }

 private:
  void read(const std::string& name, const TensorRef& tensor, const std::string& file);

  std::vector<std::vector<std::int32_t>> values_;
  PaddedInput padded_;
};

void Inputs::read(const std::string& name, const TensorRef& tensor, const std::string& file) {
  static_assert(std::is_same_v<TokenId, std::int32_t>);
  MatrixView<const std::int32_t>* const view = name == "input_ids"        ? &padded_.ids
                                               : name == "attention_mask" ? &padded_.attention_mask
                                               : name == "token_type_ids" ? &padded_.type_ids
                                               : name == "position_ids"   ? &padded_.positions
                                                                          : nullptr;
  if (view == nullptr) {
    fail(ErrorKind::config_error,
         {.where = "forward",
          .what = "unknown tensor " + attend::quoted(name),
          .expected = "input_ids, attention_mask, token_type_ids, position_ids",
          .file = file});
  }
  if (tensor.dtype != DType::i64 || tensor.shape.rank() != 2 || tensor.shape.count() == 0) {
    fail(ErrorKind::config_error,
         {.where = "forward",
          .what = "tensor " + attend::quoted(name),
          .expected = "I64 [sequences, tokens], at least one of each",
          .found = std::string(attend::name(tensor.dtype)) + " " + tensor.shape.to_string(),
          .file = file});
  }
  const std::int64_t most =
      view == &padded_.attention_mask ? 1 : std::numeric_limits<std::int32_t>::max();
  const auto count = static_cast<std::size_t>(tensor.shape.count());
  std::vector<std::int64_t> wide(count);
  to_int64(tensor.dtype, tensor.bytes, wide);
  auto& narrow = values_.emplace_back();
  narrow.reserve(count);
  for (const std::int64_t value : wide) {
    if (value < 0 || value > most) {
      fail(ErrorKind::config_error, {.where = "forward",
                                     .what = "a value of tensor " + attend::quoted(name),
                                     .expected = "0 to " + std::to_string(most),
                                     .found = std::to_string(value),
                                     .file = file});
    }
    narrow.push_back(static_cast<std::int32_t>(value));
  }
  *view = {narrow.data(), tensor.shape[0], tensor.shape[1]};
}

/// Packed rows as a padded tensor. Shapes: [t, c] -> [n, s, c].
Tensor padded_tensor(MatrixView<const float> packed, const PaddedInput& input) {
  const Index n = input.ids.rows;
  const Index s = input.ids.cols;
  Tensor tensor(DType::f32, Shape{n, s, packed.cols});
  to_padded(packed, input, {tensor.values<float>().data(), n * s, packed.cols});
  return tensor;
}

/// One column of packed rows. Shapes: [t, c] -> [n, s].
Tensor padded_column(MatrixView<const float> packed, Index column, const PaddedInput& input) {
  Tensor tensor(DType::f32, Shape{input.ids.rows, input.ids.cols});
  to_padded(packed.col_range(column, 1), input,
            {tensor.values<float>().data(), input.ids.rows * input.ids.cols, 1});
  return tensor;
}

/// A row a sequence, as it is. Shapes: [n, c].
Tensor copied_tensor(MatrixView<const float> rows) {
  Tensor tensor(DType::f32, Shape{rows.rows, rows.cols});
  float* out = tensor.values<float>().data();
  for (Index i = 0; i < rows.rows; ++i) {
    const auto row = rows.row(i);
    out = std::copy(row.begin(), row.end(), out);
  }
  return tensor;
}

void add_head_outputs(const Model& model, MatrixView<const float> hidden, const Batch& batch,
                      const PaddedInput& input, Workspace& workspace, Outputs& outputs) {
  if (model.has_pooler()) {
    outputs.emplace("pooler_output", copied_tensor(model.pooler_output(hidden, batch, workspace)));
  }
  switch (model.head()) {
    case HeadKind::none: return;
    case HeadKind::sequence_classification:
      outputs.emplace("logits", copied_tensor(model.logits(hidden, batch, workspace)));
      return;
    case HeadKind::token_classification:
    case HeadKind::masked_lm:
      outputs.emplace("logits", padded_tensor(model.logits(hidden, batch, workspace), input));
      return;
    case HeadKind::question_answering: {
      const MatrixView<float> logits = model.logits(hidden, batch, workspace);
      outputs.emplace("start_logits", padded_column(logits, 0, input));
      outputs.emplace("end_logits", padded_column(logits, 1, input));
      return;
    }
  }
}

}  // namespace

Outputs forward(const Model& model, const Safetensors& input, Workspace& workspace) {
  const Inputs inputs(input, model.config());
  const Batch batch = make_batch(inputs.padded(), model.position_rule());
  const Workspace::Scope scope(workspace);
  Outputs outputs;
  const MatrixView<float> hidden =
      model.hidden_states(batch, workspace, [&](Index layer, MatrixView<const float> state) {
        outputs.emplace("hidden_states." + std::to_string(layer),
                        padded_tensor(state, inputs.padded()));
      });
  outputs.emplace("last_hidden_state", padded_tensor(hidden, inputs.padded()));
  add_head_outputs(model, hidden, batch, inputs.padded(), workspace, outputs);
  return outputs;
}

}  // namespace attend::cli
