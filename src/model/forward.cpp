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
#include "checkpoint/tensor_name.h"

namespace attend {
namespace {

constexpr const char* encoder_output = "encoder_last_hidden_state";

/// The input tensors as what the model and its decoder read, with the memory behind them.
class Inputs {
 public:
  Inputs(const ForwardInput& input, const Model& model) {
    for (const auto& [name, tensor] : input.tensors) read(name, tensor, input.file);
    check(model, input.file);
  }

  [[nodiscard]] const PaddedInput& padded() const noexcept { return padded_; }
  /// What the decoder reads, where that was given.
  [[nodiscard]] bool has_decoder() const noexcept { return decoder_.ids.data != nullptr; }
  /// What the rows of such an output stand on.
  [[nodiscard]] const PaddedInput& rows_of(OutputRows rows) const noexcept {
    return rows == OutputRows::decoder_token && has_decoder() ? decoder_ : padded_;
  }
  [[nodiscard]] ForwardShape shape() const noexcept {
    return {.sequences = padded_.ids.rows,
            .tokens = padded_.ids.cols,
            .decoder_tokens = rows_of(OutputRows::decoder_token).ids.cols};
  }

 private:
  void read(const std::string& name, const TensorRef& tensor, const std::string& file);
  void check(const Model& model, const std::string& file) const;
  MatrixView<const std::int32_t>* find(std::string_view name) noexcept;

  std::vector<std::vector<std::int32_t>> values_;
  PaddedInput padded_;
  PaddedInput decoder_;
};

constexpr std::string_view input_names[] = {"input_ids",         "attention_mask",
                                            "token_type_ids",    "position_ids",
                                            "decoder_input_ids", "decoder_attention_mask"};

MatrixView<const std::int32_t>* Inputs::find(std::string_view name) noexcept {
  static_assert(std::is_same_v<TokenId, std::int32_t>);
  MatrixView<const std::int32_t>* const views[] = {&padded_.ids,      &padded_.attention_mask,
                                                   &padded_.type_ids, &padded_.positions,
                                                   &decoder_.ids,     &decoder_.attention_mask};
  static_assert(std::size(views) == std::size(input_names));
  const auto* const found = std::find(std::begin(input_names), std::end(input_names), name);
  return found == std::end(input_names) ? nullptr : views[found - std::begin(input_names)];
}

void Inputs::check(const Model& model, const std::string& file) const {
  const ModelConfig& config = model.config();
  const auto refuse = [&](std::string what, std::string expected) {
    fail(ErrorKind::config_error, {.where = "forward",
                                   .what = std::move(what),
                                   .expected = std::move(expected),
                                   .file = file});
  };
  if (!padded_.ids.data) refuse("tensor \"input_ids\" is missing", "");
  // DeBERTa's classes take them without a table of types, and leave them out.
  if (padded_.type_ids.data &&
      find_architecture(config.model_type)->keys.type_vocab_size.key.empty()) {
    refuse("tensor \"token_type_ids\"",
           "none: a model of type " + config.model_type + " has no token types");
  }
  if (decoder_.attention_mask.data && !has_decoder()) {
    refuse("tensor \"decoder_attention_mask\"", "\"decoder_input_ids\" beside it");
  }
  if (!has_decoder()) return;
  if (!model.has_decoder()) {
    refuse("tensor \"decoder_input_ids\"", "none: the model has no decoder");
  }
  const auto logits = output_form(model, "logits");
  if (logits && logits->rows == OutputRows::sequence) {
    refuse("tensor \"decoder_input_ids\"",
           "none: the head stands on the end token of the text that the encoder reads");
  }
  if (decoder_.ids.rows != padded_.ids.rows) {
    refuse("tensor \"decoder_input_ids\" of " + std::to_string(decoder_.ids.rows) + " sequences",
           "as many as \"input_ids\" has: " + std::to_string(padded_.ids.rows));
  }
}

void Inputs::read(const std::string& name, const TensorRef& tensor, const std::string& file) {
  MatrixView<const std::int32_t>* const view = find(name);
  if (view == nullptr) {
    std::string known;
    for (const std::string_view each : input_names) {
      known += (known.empty() ? "" : ", ") + std::string(each);
    }
    fail(ErrorKind::config_error, {.where = "forward",
                                   .what = "unknown tensor " + quote(name),
                                   .expected = known,
                                   .file = file});
  }
  if (tensor.dtype != DType::i64 || tensor.shape.rank() != 2 || tensor.shape.count() == 0) {
    fail(ErrorKind::config_error,
         {.where = "forward",
          .what = tensor_called(name),
          .expected = "I64 [sequences, tokens], at least one of each",
          .found = std::string(attend::name(tensor.dtype)) + " " + tensor.shape.to_string(),
          .file = file});
  }
  const bool is_mask = name.ends_with("attention_mask");
  const std::int64_t most = is_mask ? 1 : std::numeric_limits<std::int32_t>::max();
  const auto count = static_cast<std::size_t>(tensor.shape.count());
  std::vector<std::int64_t> wide(count);
  to_int64(tensor.dtype, tensor.bytes, wide);
  auto& narrow = values_.emplace_back();
  narrow.reserve(count);
  for (const std::int64_t value : wide) {
    if (value < 0 || value > most) {
      fail(ErrorKind::config_error, {.where = "forward",
                                     .what = "a value of tensor " + quote(name),
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

/// The stack of the model whose hidden state has this name, from layer 0 = embeddings on.
std::optional<StackKind> stack_of_state(const Model& model, std::string_view name) {
  for (const StackKind stack : {StackKind::encoder, StackKind::decoder}) {
    if (stack == StackKind::decoder && !model.has_decoder()) return std::nullopt;
    const std::string prefix = hidden_prefix(model, stack);
    if (!name.starts_with(prefix)) continue;
    const std::string_view digits = name.substr(prefix.size());
    Index layer = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), layer);
    // One spelling: no sign, no zeros in front.
    if (error != std::errc() || layer < 0 || std::to_string(layer) != digits) return std::nullopt;
    const bool is_there = layer <= (stack == StackKind::encoder ? model.config().layers
                                                                : model.config().decoder_layers);
    return is_there ? std::optional(stack) : std::nullopt;
  }
  return std::nullopt;
}

/// What the last hidden states are of.
OutputRows last_rows(const Model& model) {
  return model.has_decoder() ? OutputRows::decoder_token : OutputRows::token;
}

/// What the head makes, or nothing when it has no output of this name.
std::optional<OutputForm> logits_form(const Model& model, std::string_view name) {
  const ModelConfig& config = model.config();
  const auto head = find_architecture(config.model_type)->head(model.head(), config);
  const bool is_logits = name == "logits";
  const OutputRows tokens = last_rows(model);
  switch (model.head()) {
    case HeadKind::none:
    case HeadKind::encoder: break;
    case HeadKind::sequence_classification:
    case HeadKind::multiple_choice:
    case HeadKind::next_sentence_prediction:
      if (is_logits) return OutputForm{OutputRows::sequence, head->classes};
      break;
    case HeadKind::token_classification:
    case HeadKind::masked_lm:
    case HeadKind::causal_lm:
    case HeadKind::conditional_generation:
      if (is_logits) return OutputForm{tokens, head->classes};
      break;
    case HeadKind::replaced_token_detection:
      if (is_logits) return OutputForm{tokens};
      break;
    case HeadKind::question_answering:
      if (name == "start_logits" || name == "end_logits") return OutputForm{tokens};
      break;
  }
  return std::nullopt;
}

/// Collects the outputs that are wanted, each in its form.
class Outputs {
 public:
  Outputs(const Model& model, const Inputs& input, const OutputFilter& wanted)
      : model_(model), input_(input), wanted_(wanted) {}

  [[nodiscard]] bool wants(std::string_view name) const {
    return output_form(model_, name) && (!wanted_ || wanted_(name));
  }

  /// Shapes: rows [t, c] of tokens, or [n, c] of sequences.
  void add(const std::string& name, MatrixView<const float> rows) {
    if (!wants(name)) return;
    const OutputForm form = *output_form(model_, name);
    const ForwardShape shape = input_.shape();
    Tensor tensor(DType::f32, form.shape(shape));
    float* out = tensor.values<float>().data();
    switch (form.rows) {
      case OutputRows::token:
      case OutputRows::decoder_token:
        to_padded(rows, input_.rows_of(form.rows),
                  {out, shape.sequences * shape.columns(form.rows), rows.cols});
        break;
      case OutputRows::sequence:
        for (Index i = 0; i < rows.rows; ++i) {
          const auto row = rows.row(i);
          out = std::copy(row.begin(), row.end(), out);
        }
        break;
    }
    tensors_.emplace(name, std::move(tensor));
  }

  [[nodiscard]] NamedTensors take() { return std::move(tensors_); }

 private:
  const Model& model_;
  const Inputs& input_;
  const OutputFilter& wanted_;
  NamedTensors tensors_;
};

}  // namespace

bool is_forward_input(std::string_view name) noexcept {
  return std::find(std::begin(input_names), std::end(input_names), name) != std::end(input_names);
}

std::optional<OutputForm> output_form(const Model& model, std::string_view name) {
  const ModelConfig& config = model.config();
  const Index width = config.last_size();
  if (name == "last_hidden_state") return OutputForm{last_rows(model), width};
  if (name == encoder_output && model.has_decoder()) return OutputForm{OutputRows::token, width};
  if (const auto stack = stack_of_state(model, name)) {
    const bool is_last = !model.has_decoder() && name == hidden_prefix(model, StackKind::encoder) +
                                                             std::to_string(config.layers);
    return OutputForm{*stack == StackKind::encoder ? OutputRows::token : OutputRows::decoder_token,
                      is_last ? width : config.hidden_size};
  }
  if (name == "pooler_output" && model.has_pooler()) {
    return OutputForm{OutputRows::sequence, width};
  }
  return logits_form(model, name);
}

NamedTensors forward(const Model& model, const ForwardInput& input, Workspace& workspace,
                     const OutputFilter& wanted) {
  const Inputs inputs(input, model);
  const Batch texts = make_batch(inputs.padded(), model.position_rule());
  const Workspace::Scope scope(workspace);
  Outputs outputs(model, inputs, wanted);
  PassObserver observer;
  observer.hidden_states = [&](const HiddenState& state) {
    outputs.add(hidden_prefix(model, state.stack) + std::to_string(state.layer), state.states);
    const bool is_memory = model.has_decoder() && state.stack == StackKind::encoder &&
                           state.layer == model.config().layers;
    if (is_memory) outputs.add(encoder_output, state.states);
  };
  Batch decoder;
  if (inputs.has_decoder()) {
    decoder = make_batch(inputs.rows_of(OutputRows::decoder_token), model.position_rule());
  }
  const MatrixView<float> hidden = inputs.has_decoder()
                                       ? model.hidden_states(texts, decoder, workspace, observer)
                                       : model.hidden_states(texts, workspace, observer);
  const Batch& batch = inputs.has_decoder() ? decoder : texts;  // that `hidden` is of
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
