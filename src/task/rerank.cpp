// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reranking: score pairs, sort documents.
#include "attend/task/rerank.h"

#include <algorithm>
#include <string>
#include <utility>

#include "attend/ops/activation.h"
#include "attend/ops/softmax.h"
#include "task/encode_input.h"
#include "task/rerank_scores.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr HeadKind head = HeadKind::sequence_classification;
constexpr std::string_view where = "rerank";

Encoding encode_pair(const TaskModel& model, const TextInput& pair, const RerankOptions& options) {
  if (!pair.pair) {
    fail(ErrorKind::config_error, {.where = std::string(where),
                                   .what = "input",
                                   .expected = "a pair of texts",
                                   .found = "one text"});
  }
  return encode_input(
      model, pair,
      {.truncation = TruncationStrategy::longest_first, .max_length = options.max_length}, where);
}

}  // namespace

ScoreActivation default_activation(const ModelConfig& config) {
  const std::string& path = config.cross_encoder_activation;
  // As in the reference, classes from elsewhere are code to run, and are passed over.
  if (path.starts_with("torch.")) {
    const std::string_view name = std::string_view(path).substr(path.rfind('.') + 1);
    if (name == "Identity") return ScoreActivation::identity;
    if (name == "Sigmoid") return ScoreActivation::sigmoid;
    fail(ErrorKind::unsupported, {.where = std::string(where),
                                  .what = "sentence_transformers.activation_fn",
                                  .expected = "Identity or Sigmoid of torch.nn",
                                  .found = attend::quoted(path),
                                  .file = "config.json"});
  }
  return config.labels.size() == 1 ? ScoreActivation::sigmoid : ScoreActivation::identity;
}

std::vector<float> pair_scores(std::vector<float> logits, ScoreActivation activation,
                               const RerankOptions& options) {
  switch (options.activation.value_or(activation)) {
    case ScoreActivation::identity: break;
    case ScoreActivation::sigmoid: ops::activate(Activation::sigmoid, logits); break;
  }
  if (options.apply_softmax) ops::softmax(logits);
  return logits;
}

std::vector<RankedDocument> ranked(std::span<const float> scores, std::optional<Index> top_k) {
  std::vector<RankedDocument> documents;
  documents.reserve(scores.size());
  for (const float score : scores) {
    documents.push_back({static_cast<Index>(documents.size()), score});
  }
  std::stable_sort(documents.begin(), documents.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (top_k && *top_k < static_cast<Index>(documents.size())) {
    documents.resize(static_cast<std::size_t>(*top_k));
  }
  return documents;
}

Rerank::Rerank(TaskModel model) : model_(std::move(model)) {
  model_.check(head, where);
  activation_ = default_activation(model_.model->config());
}

Rerank Rerank::load(const std::filesystem::path& folder, const ModelOptions& options) {
  return Rerank(TaskModel::load(folder, head, options));
}

auto Rerank::each(std::span<const TextInput> pairs, const RerankOptions& options,
                  const RunOptions& run) const -> std::vector<Outcome<Result>> {
  const Model& model = *model_.model;
  return run_each<Result>(
      static_cast<Index>(pairs.size()),
      {.tokenizer = model_.tokenizer->settings(),
       .encode =
           [&](Index item) {
             return std::vector<Encoding>{
                 encode_pair(model_, pairs[static_cast<std::size_t>(item)], options)};
           },
       .forward = [&](const Batch& batch, Workspace& space) { return model.logits(batch, space); },
       .row_starts = one_row_each,
       .finish =
           [&](Index, std::span<WindowOutput> windows) {
             return pair_scores(std::move(windows.front().values), activation_, options);
           }},
      run);
}

auto Rerank::predict(std::span<const TextInput> pairs, const RerankOptions& options,
                     const RunOptions& run) const -> std::vector<Result> {
  return values(each(pairs, options, run));
}

auto Rerank::predict(const TextInput& pair, const RerankOptions& options) const -> Result {
  return std::move(values(each({&pair, 1}, options)).front());
}

std::vector<RankedDocument> Rerank::rank(std::string_view query,
                                         std::span<const std::string_view> documents,
                                         const RerankOptions& options,
                                         const RunOptions& run) const {
  const std::size_t classes = model_.model->config().labels.size();
  if (classes != 1) {
    fail(ErrorKind::config_error, {.where = std::string(where),
                                   .what = "rank",
                                   .expected = "a model with one class",
                                   .found = std::to_string(classes),
                                   .hint = "predict() gives the scores of every class"});
  }
  if (options.top_k.value_or(0) < 0) {
    fail(ErrorKind::config_error, {.where = std::string(where),
                                   .what = "top_k",
                                   .expected = "0 or more",
                                   .found = std::to_string(*options.top_k)});
  }
  std::vector<TextInput> pairs;
  pairs.reserve(documents.size());
  for (const std::string_view document : documents) pairs.emplace_back(query, document);
  std::vector<float> scores;
  scores.reserve(pairs.size());
  for (const Result& result : predict(pairs, options, run)) scores.push_back(result.front());
  return ranked(scores, options.top_k);
}

}  // namespace attend
