// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Padded tensors to a packed batch, through the model, and back.
#include "attend/model/forward.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/core/error.h"
#include "attend/model/architecture.h"

namespace attend {
namespace {

constexpr const char* encoder_output = "encoder_last_hidden_state";

/// The input tensors as a PaddedInput, with the memory behind it.
class Inputs {
 public:
  Inputs(const ForwardInput& input, const ModelConfig& config) {
    for (const auto& [name, tensor] : input.tensors) read(name, tensor, input.file);
    // DeBERTa's classes take them without a table of types, and leave them out.
    if (padded_.type_ids.data &&
        find_architecture(config.model_type)->keys.type_vocab_size.key.empty()) {
      fail(ErrorKind::config_error,
           {.where = "forward",
            .what = "tensor \"token_type_ids\"",
            .expected = "none: a model of type " + config.model_type + " has no token types",
            .file = input.file});
    }
    if (!padded_.ids.data) {
      fail(ErrorKind::config_error,
           {.where = "forward", .what = "tensor \"input_ids\" is missing", .file = input.file});
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

/// "hidden_states.", or what transformers puts before it where there are two stacks.
std::string hidden_prefix(const Model& model, StackKind stack) {
  if (!model.has_decoder()) return "hidden_states.";
  return stack == StackKind::encoder ? "encoder_hidden_states." : "decoder_hidden_states.";
}

/// Whether this is the name of a hidden state of the model, from layer 0 = embeddings on.
bool is_hidden_state(const Model& model, std::string_view name) {
  for (const StackKind stack : {StackKind::encoder, StackKind::decoder}) {
    if (stack == StackKind::decoder && !model.has_decoder()) return false;
    const std::string prefix = hidden_prefix(model, stack);
    if (!name.starts_with(prefix)) continue;
    const std::string_view digits = name.substr(prefix.size());
    Index layer = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), layer);
    // One spelling: no sign, no zeros in front.
    if (error != std::errc() || layer < 0 || std::to_string(layer) != digits) return false;
    return layer <=
           (stack == StackKind::encoder ? model.config().layers : model.config().decoder_layers);
  }
  return false;
}

/// What the head makes, or nothing when it has no output of this name.
std::optional<OutputForm> logits_form(const Model& model, std::string_view name) {
  const ModelConfig& config = model.config();
  const auto head = find_architecture(config.model_type)->head(model.head(), config);
  const bool is_logits = name == "logits";
  switch (model.head()) {
    case HeadKind::none: break;
    case HeadKind::sequence_classification:
    case HeadKind::multiple_choice:
    case HeadKind::next_sentence_prediction:
      if (is_logits) return OutputForm{OutputRows::sequence, head->classes};
      break;
    case HeadKind::token_classification:
    case HeadKind::masked_lm:
    case HeadKind::causal_lm:
      if (is_logits) return OutputForm{OutputRows::token, head->classes};
      break;
    case HeadKind::replaced_token_detection:
      if (is_logits) return OutputForm{OutputRows::token};
      break;
    case HeadKind::question_answering:
      if (name == "start_logits" || name == "end_logits") return OutputForm{OutputRows::token};
      break;
  }
  return std::nullopt;
}

/// Collects the outputs that are wanted, each in its form.
class Outputs {
 public:
  Outputs(const Model& model, const PaddedInput& input, const OutputFilter& wanted)
      : model_(model), input_(input), wanted_(wanted) {}

  [[nodiscard]] bool wants(std::string_view name) const {
    return output_form(model_, name) && (!wanted_ || wanted_(name));
  }

  /// Shapes: rows [t, c] of tokens, or [n, c] of sequences.
  void add(const std::string& name, MatrixView<const float> rows) {
    if (!wants(name)) return;
    const OutputForm form = *output_form(model_, name);
    const Index n = input_.ids.rows;
    const Index s = input_.ids.cols;
    Tensor tensor(DType::f32, form.shape(n, s));
    float* out = tensor.values<float>().data();
    if (form.rows == OutputRows::token) {
      to_padded(rows, input_, {out, n * s, rows.cols});
    } else {
      for (Index i = 0; i < rows.rows; ++i) {
        const auto row = rows.row(i);
        out = std::copy(row.begin(), row.end(), out);
      }
    }
    tensors_.emplace(name, std::move(tensor));
  }

  [[nodiscard]] NamedTensors take() { return std::move(tensors_); }

 private:
  const Model& model_;
  const PaddedInput& input_;
  const OutputFilter& wanted_;
  NamedTensors tensors_;
};

}  // namespace

bool is_forward_input(std::string_view name) noexcept {
  return name == "input_ids" || name == "attention_mask" || name == "token_type_ids" ||
         name == "position_ids";
}

std::optional<OutputForm> output_form(const Model& model, std::string_view name) {
  const ModelConfig& config = model.config();
  const OutputForm hidden{OutputRows::token, config.last_size()};
  if (name == "last_hidden_state") return hidden;
  if (name == encoder_output && model.has_decoder()) return hidden;
  if (is_hidden_state(model, name)) {
    const bool is_last = !model.has_decoder() && name == hidden_prefix(model, StackKind::encoder) +
                                                             std::to_string(config.layers);
    return is_last ? hidden : OutputForm{OutputRows::token, config.hidden_size};
  }
  if (name == "pooler_output" && model.has_pooler()) {
    return OutputForm{OutputRows::sequence, config.last_size()};
  }
  return logits_form(model, name);
}

NamedTensors forward(const Model& model, const ForwardInput& input, Workspace& workspace,
                     const OutputFilter& wanted) {
  const Inputs inputs(input, model.config());
  const Batch batch = make_batch(inputs.padded(), model.position_rule());
  const Workspace::Scope scope(workspace);
  Outputs outputs(model, inputs.padded(), wanted);
  const MatrixView<float> hidden =
      model.hidden_states(batch, workspace, [&](const HiddenState& state) {
        outputs.add(hidden_prefix(model, state.stack) + std::to_string(state.layer), state.states);
        const bool is_memory = model.has_decoder() && state.stack == StackKind::encoder &&
                               state.layer == model.config().layers;
        if (is_memory) outputs.add(encoder_output, state.states);
      });
  outputs.add("last_hidden_state", hidden);
  if (outputs.wants("pooler_output")) {
    outputs.add("pooler_output", model.pooler_output(hidden, batch, workspace));
  }
  if (outputs.wants("logits")) outputs.add("logits", model.logits(hidden, batch, workspace));
  if (outputs.wants("start_logits") || outputs.wants("end_logits")) {
    const MatrixView<float> logits = model.logits(hidden, batch, workspace);
    outputs.add("start_logits", logits.col_range(0, 1));
    outputs.add("end_logits", logits.col_range(1, 1));
  }
  return outputs.take();
}

}  // namespace attend
