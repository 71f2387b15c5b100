// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Decoding: a step is all of its tokens, which count when the last layer is done, or nothing.
#include <algorithm>
#include <numeric>
#include <string>

#include "attend/core/error.h"
#include "attend/model/model.h"
#include "attend/model/stack.h"
#include "core/limits.h"
#include "model/batch_check.h"
#include "model/positions.h"
#include "model/stack_observer.h"

namespace attend {
namespace {

void check_cache(const KvCache& cache, const Stack& decoder) {
  if (decoder.keeps(cache.layers())) return;
  fail_batch("cache", "one that this model made", "one for other layers");
}

void check_shape(const StepShape& shape, bool has_memory) {
  const std::size_t n = shape.tokens.lengths.size();
  const auto total = [](const std::vector<Index>& counts, Index least) {
    Index sum = 0;
    for (const Index count : counts) {
      if (count < least || count > limits::window_tokens - sum) return Index{-1};
      sum += count;
    }
    return sum;
  };
  const bool fits = (shape.before.empty() || shape.before.size() == n) &&
                    shape.memory.size() == (has_memory ? n : 0) &&
                    total(shape.tokens.lengths, 1) >= 0 && total(shape.before, 0) >= 0 &&
                    total(shape.memory, 1) >= 0;
  if (fits) return;
  fail(ErrorKind::config_error,
       {.where = "memory",
        .what = "step",
        .expected = "a number of tokens for each sequence, those before and, where there is an "
                    "encoder, rows of its memory; at most " +
                    std::to_string(limits::window_tokens) + " of each in all sequences",
        .found = "another shape"});
}

std::vector<Index> starts_of(std::span<const Index> counts) {
  std::vector<Index> out(counts.size() + 1);
  std::partial_sum(counts.begin(), counts.end(), out.begin() + 1);
  return out;
}

Batch batch_of(std::span<const Index> lengths) {
  Batch batch;
  batch.starts = starts_of(lengths);
  batch.ids.resize(static_cast<std::size_t>(batch.starts.back()));
  batch.type_ids.resize(batch.ids.size());
  return batch;
}

/// Where sequences of a shape would be in a cache; there is nothing in it.
class PlannedRows {
 public:
  PlannedRows(const KvLayers& layers, std::span<const Index> tokens, std::span<const Index> memory)
      : pages_(page_count(tokens, memory)),
        own_(pages_of(tokens)),
        memories_(pages_of(memory)),
        layers_(layers) {}

  /// Shapes: starts [n + 1], of the rows that see the memories.
  [[nodiscard]] KvRows rows(std::span<const Index> starts) const {
    return {layers_.own, own_, layers_.memory, memories_, starts};
  }

 private:
  static std::size_t page_count(std::span<const Index> tokens, std::span<const Index> memory) {
    Index most = 0;
    for (const Index count : tokens) most = std::max(most, count);
    for (const Index count : memory) most = std::max(most, count);
    return static_cast<std::size_t>(most / KvLayout::page_tokens + 1);
  }
  [[nodiscard]] std::vector<KvPages> pages_of(std::span<const Index> counts) const {
    std::vector<KvPages> out;
    for (const Index count : counts) out.push_back({.pages = pages_, .tokens = count});
    return out;
  }

  std::vector<std::byte*> pages_;
  std::vector<KvPages> own_;
  std::vector<KvPages> memories_;
  const KvLayers& layers_;
};

}  // namespace

KvCache Model::make_cache() const { return KvCache(decoder().kv_layers(kv_type())); }

MatrixView<float> Model::step(const StepInput& input, Workspace& workspace,
                              const PassObserver& observer) const {
  check_cache(input.cache, decoder());
  check_batch(input.batch, config());
  const auto out = workspace.matrix(input.batch.tokens(), config().last_size());
  const Workspace::Scope scope(workspace);
  KvStep step(input.cache, input.sequences, input.batch, position_rule(), workspace);
  check_positions(step.positions(), decoder().positions());
  const StackObserver looking(has_decoder() ? StackKind::decoder : StackKind::encoder, observer);
  decoder()({.tokens = {input.batch.ids, input.batch.type_ids, step.positions()},
             .starts = input.batch.starts,
             .columns = {},
             .kv = &step.rows(),
             .weights = looking.weights()},
            out, workspace, looking.layers());
  step.commit();
  return out;
}

MatrixView<float> Model::encode(const StepInput& input, Workspace& workspace,
                                const PassObserver& observer) const {
  if (!has_decoder()) fail_batch("encode", "a model with an encoder and a decoder", "one stack");
  check_cache(input.cache, decoder());
  check_batch(input.batch, config());
  const Batch& batch = input.batch;
  const auto out = workspace.matrix(batch.tokens(), config().last_size());
  const Workspace::Scope scope(workspace);
  KvMemories memories(input.cache, input.sequences, batch.starts, workspace);
  const auto positions = positions_of(batch, position_rule(), workspace);
  check_positions(positions, encoder().positions());
  check_spans(batch, encoder().columns());
  const StackObserver looking(StackKind::encoder, observer);
  encoder()({.tokens = {batch.ids, batch.type_ids, positions},
             .starts = batch.starts,
             .columns = batch.columns,
             .weights = looking.weights()},
            out, workspace, looking.layers());
  decoder().keep_memory(out, memories.rows(), workspace);
  memories.commit();
  return out;
}

MemoryEstimate Model::memory(const StepShape& shape, ThreadPool& pool) const {
  check_shape(shape, has_decoder());
  const KvCache cache = make_cache();
  std::vector<Index> tokens = shape.tokens.lengths;
  for (std::size_t i = 0; i < shape.before.size(); ++i) tokens[i] += shape.before[i];
  const PlannedRows planned(cache.layers(), tokens, shape.memory);
  MemoryEstimate estimate = memory(BatchShape(1, 1), pool);
  estimate.cache = cache.bytes_for(tokens, shape.memory);
  Workspace workspace(pool, WorkspaceMode::counting);
  const auto pass = [&](const Batch& batch, const auto& run) {
    const Workspace::Scope scope(workspace);
    run(batch, workspace.matrix(batch.tokens(), config().last_size()));
  };
  // As encode() and step() have it.
  if (has_decoder()) {
    pass(batch_of(shape.memory), [&](const Batch& batch, MatrixView<float> out) {
      const Workspace::Scope scope(workspace);
      KvMemories::count(batch.size(), workspace);
      const auto positions = positions_of(batch, position_rule(), workspace);
      encoder()({{batch.ids, batch.type_ids, positions}, batch.starts, {}}, out, workspace);
      decoder().keep_memory(out, planned.rows(batch.starts), workspace);
    });
  }
  pass(batch_of(shape.tokens.lengths), [&](const Batch& batch, MatrixView<float> out) {
    {
      const Workspace::Scope scope(workspace);
      const auto positions = KvStep::count(batch, has_decoder(), workspace);
      const KvRows rows = planned.rows(batch.starts);
      decoder()({.tokens = {batch.ids, batch.type_ids, positions},
                 .starts = batch.starts,
                 .columns = {},
                 .kv = &rows},
                out, workspace);
    }
    if (!scores_vocabulary(head())) return;
    std::vector<Index> last(batch.starts.begin() + 1, batch.starts.end());
    for (Index& row : last) --row;
    (void)logits(out, last, workspace);
  });
  estimate.workspace = workspace.peak();
  return estimate;
}

}  // namespace attend
