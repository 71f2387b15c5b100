// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Loading a model, and its passes: hidden states, logits, what they take of memory.
#include "attend/model/model.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "attend/checkpoint/checkpoint.h"
#include "attend/checkpoint/weights.h"
#include "attend/core/error.h"
#include "attend/model/architecture.h"
#include "attend/model/head.h"
#include "attend/model/packed_file.h"
#include "attend/model/selftest.h"
#include "attend/model/seq2seq.h"
#include "attend/model/stack.h"
#include "core/limits.h"
#include "model/batch_check.h"
#include "model/check_finite.h"
#include "model/decoder_input.h"
#include "model/head_rows.h"
#include "model/memory_budget.h"
#include "model/packed_file.h"
#include "model/positions.h"
#include "model/stack_observer.h"

namespace attend {
namespace {

HeadKind head_of(const ModelConfig& config) {
  if (config.architectures.empty()) return HeadKind::none;
  const std::string& class_name = config.architectures.front();
  if (const auto kind = head_of_class(class_name)) return *kind;
  fail(ErrorKind::unsupported, {.where = "load_model",
                                .what = "architectures[0]",
                                .expected = "a class whose head is known here",
                                .found = quote(class_name),
                                .file = "config.json",
                                .hint = "name the head to load in ModelOptions::head"});
}

// A batch of that shape, of which only the sizes matter.
Batch batch_of(const BatchShape& shape) {
  Batch batch;
  for (const Index length : shape.lengths) {
    if (length < 1 || length > limits::window_tokens - batch.tokens()) {
      fail(ErrorKind::config_error,
           {.where = "memory",
            .what = "tokens of sequence " + std::to_string(batch.size()),
            .expected = "at least 1, and at most " + std::to_string(limits::window_tokens) +
                        " in all sequences",
            .found = std::to_string(length)});
    }
    batch.starts.push_back(batch.tokens() + length);
  }
  batch.ids.resize(static_cast<std::size_t>(batch.tokens()));
  batch.type_ids.resize(batch.ids.size());
  return batch;
}

}  // namespace

struct Model::Implementation {
  ModelConfig config;
  const Architecture* architecture;
  HeadKind kind;
  PositionRule position_rule;
  std::shared_ptr<const Checkpoint> checkpoint;  // embeddings are read from its bytes
  std::optional<PackedFile> packed;              // and packed weights from this one's
  Tensor panels;                                 // or they are here, those of all layers
  std::variant<Stack, Seq2Seq> stacks;
  Head head;
  bool has_pooler;
  KvType kv_type;
  MemoryEstimate weights;

  /// A model, or with WeightValues::absent a plan of one. What is packed is noted in `record`.
  [[nodiscard]] static Implementation make(const std::filesystem::path& folder,
                                           const ModelOptions& options, WeightValues values,
                                           PackedRecord* record = nullptr);
  static void check_memory(const std::filesystem::path& folder, const ModelOptions& options);

  [[nodiscard]] const Stack& encoder() const {
    const auto* both = std::get_if<Seq2Seq>(&stacks);
    return both != nullptr ? both->encoder() : std::get<Stack>(stacks);
  }

  [[nodiscard]] const Stack& decoder() const {
    const auto* both = std::get_if<Seq2Seq>(&stacks);
    return both != nullptr ? both->decoder() : std::get<Stack>(stacks);
  }

  void check_hidden(MatrixView<const float> hidden) const {
    if (hidden.cols == config.last_size()) return;
    fail_batch("columns of the hidden states", std::to_string(config.last_size()),
               std::to_string(hidden.cols));
  }

  void check_hidden(MatrixView<const float> hidden, const Batch& batch) const {
    check_hidden(hidden);
    check_starts(batch);
    if (hidden.rows == batch.tokens()) return;
    fail_batch("rows of the hidden states", std::to_string(batch.tokens()),
               std::to_string(hidden.rows));
  }

  void check_head() const {
    if (head.has_out()) return;
    fail(ErrorKind::config_error, {.where = "logits",
                                   .what = "the model has no head",
                                   .hint = "load it with ModelOptions::head"});
  }

  // The batches were checked. Without `decoder` the decoder reads the encoder's.
  void hidden_states(const Batch& batch, const Batch* decoder, MatrixView<float> out,
                     Workspace& workspace, const PassObserver& observer = {}) const {
    const Workspace::Scope scope(workspace);
    const auto positions = positions_of(batch, position_rule, workspace);
    if (!workspace.is_counting()) {
      check_positions(positions, encoder().positions());
      check_spans(batch, encoder().columns());
    }
    const StackObserver of_encoder(StackKind::encoder, observer);
    const StackInput input{.tokens = {batch.ids, batch.type_ids, positions},
                           .starts = batch.starts,
                           .columns = batch.columns,
                           .weights = of_encoder.weights()};
    const auto* both = std::get_if<Seq2Seq>(&stacks);
    if (both == nullptr) {
      encoder()(input, out, workspace, of_encoder.layers());
      return;
    }
    const auto memory = workspace.matrix(batch.tokens(), out.cols);
    encoder()(input, memory, workspace, of_encoder.layers());
    const StackObserver of_decoder(StackKind::decoder, observer);
    StackInput target = decoder_input(batch, positions, decoder, workspace);
    target.memory = {memory, batch.starts};
    target.weights = of_decoder.weights();
    both->decoder()(target, out, workspace, of_decoder.layers());
  }

  // What the decoder reads: the batch `given`, or where there is none the encoder's, shifted.
  [[nodiscard]] StackInput decoder_input(const Batch& batch,
                                         std::span<const std::int32_t> positions,
                                         const Batch* given, Workspace& workspace) const {
    if (given == nullptr) {
      const ShiftedTokens shifted = shifted_right(
          batch, positions, {architecture->decoder_input, position_rule, config}, workspace);
      return {.tokens = {shifted.ids, batch.type_ids, shifted.positions},
              .starts = batch.starts,
              .columns = batch.columns};
    }
    const auto own = positions_of(*given, position_rule, workspace);
    const Stack& decoder = std::get<Seq2Seq>(stacks).decoder();
    check_positions(own, decoder.positions());
    check_spans(*given, decoder.columns());
    return {.tokens = {given->ids, given->type_ids, own},
            .starts = given->starts,
            .columns = given->columns};
  }

  // The head on all that `batch` has; hidden was checked.
  void logits(MatrixView<const float> hidden, const Batch& batch, MatrixView<float> out,
              Workspace& workspace) const {
    if (head.rows() == HeadRows::every) return head(hidden, out, workspace);
    const Workspace::Scope scope(workspace);
    head(pooled_rows(head, hidden, batch, workspace), out, workspace);
  }

  [[nodiscard]] MatrixView<float> new_logits(const Batch& batch, Workspace& workspace) const {
    const Index rows = head.rows() == HeadRows::every ? batch.tokens() : batch.size();
    return workspace.matrix(rows, head.classes());
  }

  // The head on hidden states of its own. The batch was checked.
  [[nodiscard]] MatrixView<float> logits(const Batch& batch, Workspace& workspace) const {
    const auto out = new_logits(batch, workspace);
    const Workspace::Scope scope(workspace);
    const auto hidden = workspace.matrix(batch.tokens(), config.last_size());
    hidden_states(batch, nullptr, hidden, workspace);
    logits(hidden, batch, out, workspace);
    return out;
  }

  [[nodiscard]] MatrixView<float> pooler_output(MatrixView<const float> hidden, const Batch& batch,
                                                Workspace& workspace) const {
    const auto out = workspace.matrix(batch.size(), head.width());
    const Workspace::Scope scope(workspace);
    head.transform(pooled_rows(head, hidden, batch, workspace), out, workspace);
    return out;
  }

  [[nodiscard]] std::optional<Index> max_tokens() const noexcept {
    const Index rows = encoder().positions();
    const Index columns = encoder().columns();
    if (columns > 0) return columns;
    if (rows == 0) return std::nullopt;
    return rows - position_rule.first;
  }

  [[nodiscard]] MemoryEstimate memory(const BatchShape& shape, ThreadPool& pool) const {
    const Batch batch = batch_of(shape);
    MemoryEstimate estimate = weights;
    Workspace workspace(pool, WorkspaceMode::counting);
    {
      const Workspace::Scope scope(workspace);
      if (head.has_out()) {
        (void)logits(batch, workspace);
      } else {
        const auto hidden = workspace.matrix(batch.tokens(), config.last_size());
        hidden_states(batch, nullptr, hidden, workspace);
        if (has_pooler) (void)pooler_output(hidden, batch, workspace);
      }
    }
    estimate.workspace = workspace.peak();
    estimate.max_tokens = max_tokens();
    return estimate;
  }
};

Model::Model(std::unique_ptr<const Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

const Stack& Model::encoder() const noexcept { return implementation_->encoder(); }
const Stack& Model::decoder() const noexcept { return implementation_->decoder(); }
const ModelConfig& Model::config() const noexcept { return implementation_->config; }
HeadKind Model::head() const noexcept { return implementation_->kind; }
bool Model::has_logits() const noexcept { return implementation_->head.has_out(); }
PositionRule Model::position_rule() const noexcept { return implementation_->position_rule; }
std::optional<Index> Model::max_tokens() const noexcept { return implementation_->max_tokens(); }
bool Model::has_pooler() const noexcept { return implementation_->has_pooler; }

MatrixView<float> Model::hidden_states(const Batch& batch, Workspace& workspace,
                                       const PassObserver& observer) const {
  check_batch(batch, config());
  const auto out = workspace.matrix(batch.tokens(), config().last_size());
  implementation_->hidden_states(batch, nullptr, out, workspace, observer);
  return out;
}

MatrixView<float> Model::hidden_states(const Batch& batch, const Batch& decoder,
                                       Workspace& workspace, const PassObserver& observer) const {
  if (!has_decoder()) fail_batch("a batch of the decoder", "a model with one", "none");
  check_batch(batch, config());
  check_batch(decoder, config());
  if (decoder.size() != batch.size()) {
    fail_batch("sequences of the decoder", std::to_string(batch.size()),
               std::to_string(decoder.size()));
  }
  const auto out = workspace.matrix(decoder.tokens(), config().last_size());
  implementation_->hidden_states(batch, &decoder, out, workspace, observer);
  return out;
}

MatrixView<float> Model::logits(MatrixView<const float> hidden, const Batch& batch,
                                Workspace& workspace) const {
  implementation_->check_head();
  implementation_->check_hidden(hidden, batch);
  const auto out = implementation_->new_logits(batch, workspace);
  implementation_->logits(hidden, batch, out, workspace);
  return out;
}

MatrixView<float> Model::logits(MatrixView<const float> hidden, std::span<const Index> rows,
                                Workspace& workspace) const {
  const Implementation& model = *implementation_;
  model.check_head();
  model.check_hidden(hidden);
  if (model.head.rows() != HeadRows::every) {
    fail_batch("head", "one that works by token", std::string(name(model.kind)));
  }
  check_rows(rows, hidden.rows);
  const auto out = workspace.matrix(static_cast<Index>(rows.size()), model.head.classes());
  const Workspace::Scope scope(workspace);
  const auto chosen = workspace.matrix(out.rows, hidden.cols);
  for (Index i = 0; i < chosen.rows && !workspace.is_counting(); ++i) {
    const Index row = rows[static_cast<std::size_t>(i)];
    std::copy_n(hidden.row(row).begin(), hidden.cols, chosen.row(i).begin());
  }
  model.head(chosen, out, workspace);
  return out;
}

MatrixView<float> Model::logits(const Batch& batch, Workspace& workspace) const {
  implementation_->check_head();
  check_batch(batch, config());
  return implementation_->logits(batch, workspace);
}

MatrixView<float> Model::pooler_output(MatrixView<const float> hidden, const Batch& batch,
                                       Workspace& workspace) const {
  if (!has_pooler()) fail_batch("pooler_output", "a model with a pooler", "none");
  implementation_->check_hidden(hidden, batch);
  return implementation_->pooler_output(hidden, batch, workspace);
}

KvType Model::kv_type() const noexcept { return implementation_->kv_type; }
bool Model::has_decoder() const noexcept {
  return std::holds_alternative<Seq2Seq>(implementation_->stacks);
}

MemoryEstimate Model::memory(const BatchShape& batch, ThreadPool& pool) const {
  return implementation_->memory(batch, pool);
}

namespace {

HeadOptions head_options_of(const Architecture& architecture, HeadKind kind,
                            const ModelConfig& config) {
  if (auto options = architecture.head(kind, config)) return *options;
  fail(ErrorKind::unsupported,
       {.where = "load_model",
        .what = "head " + std::string(name(kind)),
        .expected = "a head that models of type " + config.model_type + " have here",
        .file = "config.json"});
}

std::variant<Stack, Seq2Seq> load_stacks(const Loader& from, const Architecture& architecture,
                                         const HeadOptions& head, const ModelConfig& config) {
  const bool is_alone =
      architecture.decoder_options == nullptr || head.stack == HeadOptions::Stack::encoder;
  if (is_alone) return Stack(from, "", architecture.options(config));
  return Seq2Seq(from, architecture.options(config), architecture.decoder_options(config));
}

// Nobody reads more of a plan than headers.
SafetensorsOptions how_to_open(const ModelOptions& options, WeightValues values) {
  return {.mode = values == WeightValues::read ? options.load_mode : LoadMode::map};
}

ThreadPool& pool_of(const ModelOptions& options) {
  return options.pool != nullptr ? *options.pool : default_pool();
}

}  // namespace

Model::Implementation Model::Implementation::make(const std::filesystem::path& folder,
                                                  const ModelOptions& options, WeightValues values,
                                                  PackedRecord* record) {
  ModelConfig config = read_config(folder);
  // read_config() has refused a model_type that is not in the registry.
  const Architecture& architecture = *find_architecture(config.model_type);
  const HeadKind kind = options.head ? *options.head : head_of(config);
  const SafetensorsOptions open = how_to_open(options, values);
  auto checkpoint = Checkpoint::open(folder, open);
  if (options.check_finite && values == WeightValues::read) check_finite(*checkpoint);
  auto packed = open_packed(folder, options, open.mode);
  const bool has_head = packed && packed->head() == name(kind);
  const HeadOptions head_options = head_options_of(architecture, kind, config);
  const auto load = [&](Loader from) {
    Loader head_from = from;
    head_from.scope = packed_head;
    if (!scores_vocabulary(kind)) head_from.compute = ComputeType::f32;
    if (!has_head) head_from.packed = nullptr;
    // The head is small and comes first, so that a checkpoint without it is refused at once.
    Head made(head_from, head_options, config);
    return std::pair(std::move(made), load_stacks(from, architecture, head_options, config));
  };
  ThreadPool& pool = pool_of(options);
  Tensor panels;
  if (values == WeightValues::read && !packed) {
    // A plan tells how much they take: in one block nearly all of them lie in huge pages.
    Weights absent(checkpoint, architecture.names, WeightValues::absent);
    WeightTally plan;
    (void)load({absent, pool, plan, options.compute});
    panels = Tensor(DType::u8, Shape{static_cast<Index>(plan.panels)});
  }
  Weights weights(checkpoint, architecture.names, values);
  WeightTally tally;
  auto [head, stacks] = load({.weights = weights,
                              .pool = pool,
                              .tally = tally,
                              .compute = options.compute,
                              .packed = packed ? &*packed : nullptr,
                              .record = record,
                              .panels = std::as_writable_bytes(panels.values<std::uint8_t>())});
  std::vector<std::string_view> without;  // of what was packed
  if (!has_head) without.push_back(packed_head);
  if (head_options.stack == HeadOptions::Stack::encoder) {
    weights.ignore(architecture.decoder_tensors);
    without.push_back(packed_decoder);
  }
  weights.finish(options.extra_tensors);
  if (packed) packed->finish(without);
  checkpoint->release();
  count_files(*checkpoint, packed, options.load_mode, tally.memory);
  const PositionRule position_rule = architecture.position_rule(config);
  const bool has_pooler = head_options.dense_is_pooler && head.has_dense();
  return {std::move(config), &architecture,         kind,
          position_rule,     std::move(checkpoint), std::move(packed),
          std::move(panels), std::move(stacks),     std::move(head),
          has_pooler,        options.kv_type,       tally.memory};
}

void Model::Implementation::check_memory(const std::filesystem::path& folder,
                                         const ModelOptions& options) {
  if (!options.max_memory_bytes) return;
  const Implementation plan = make(folder, options, WeightValues::absent);
  check_budget(plan.weights, *options.max_memory_bytes, folder, options.load_mode);
}

Model load_model(const std::filesystem::path& folder, const ModelOptions& options) {
  using Implementation = Model::Implementation;
  if (options.verify && options.compute != ComputeType::f32) {
    fail(ErrorKind::config_error, {.where = "load_model",
                                   .what = "ModelOptions::verify",
                                   .expected = "compute f32, of which selftests are",
                                   .found = std::string(name(options.compute)),
                                   .hint = "verify the folder by itself, then load it"});
  }
  Implementation::check_memory(folder, options);
  Model model(std::make_unique<const Implementation>(
      Implementation::make(folder, options, WeightValues::read)));
  if (options.kv_type != KvType::computed) (void)model.make_cache();  // says what has none
  if (options.verify) {
    replay_selftest(model, folder / selftest_file_name,
                    {.load_mode = options.load_mode, .pool = options.pool})
        .check("load_model");
  }
  return model;
}

namespace {

void refuse_verify(const ModelOptions& options, const char* where) {
  if (!options.verify) return;
  fail(ErrorKind::config_error, {.where = where,
                                 .what = "ModelOptions::verify",
                                 .expected = "false: a model is verified when it is loaded",
                                 .found = "true"});
}

}  // namespace

void pack_model(const std::filesystem::path& folder, const ModelOptions& options,
                const std::filesystem::path& file) {
  refuse_verify(options, "pack_model");
  check_pack_target(file, folder, options.compute);
  ModelOptions anew = options;
  anew.packed = PackedWeights::never;
  anew.packed_file.clear();
  Model::Implementation::check_memory(folder, anew);
  PackedRecord record;
  const auto model = Model::Implementation::make(folder, anew, WeightValues::read, &record);
  record.write(file, options.compute, name(model.kind));
}

void check_packed(const std::filesystem::path& folder, const ModelOptions& options) {
  using Implementation = Model::Implementation;
  refuse_verify(options, "check_packed");
  ModelOptions with = options;
  with.check_finite = false;  // is of the checkpoint, which is read below
  const auto file = open_packed(folder, with, with.load_mode);
  if (!file) {
    fail(ErrorKind::file_not_found, {.where = "check_packed",
                                     .what = "packed weights",
                                     .expected = "a file for " + std::string(name(options.compute)),
                                     .found = "none",
                                     .file = folder.string()});
  }
  // The head that was packed, so that nothing of the file is left out.
  if (const auto head = find_head_kind(file->head())) with.head = head;
  ModelOptions anew = with;
  anew.check_finite = options.check_finite;
  anew.packed = PackedWeights::never;
  anew.packed_file.clear();
  Implementation::check_memory(folder, anew);
  (void)Implementation::make(folder, with, WeightValues::read);
  PackedRecord record;
  const auto model = Implementation::make(folder, anew, WeightValues::read, &record);
  file->compare(record);
}

MemoryEstimate estimate_memory(const std::filesystem::path& folder, const BatchShape& batch,
                               const ModelOptions& options) {
  return Model::Implementation::make(folder, options, WeightValues::absent)
      .memory(batch, pool_of(options));
}

}  // namespace attend
