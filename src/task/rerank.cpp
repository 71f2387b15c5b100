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
#include "attend/text/utf8.h"
#include "task/cross_encoder_files.h"
#include "task/encode_input.h"
#include "task/lower_cased.h"
#include "task/rerank_scores.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr std::string_view where_rerank = "rerank";

/// How the pairs of a call are encoded.
struct PairEncoder {
  const TaskModel& model;
  std::string prompt;
  std::optional<Index> max_length;
  bool lower_case;

  [[nodiscard]] Encoding operator()(const TextInput& pair) const {
    if (!pair.pair) {
      fail(ErrorKind::config_error, {.where = std::string(where_rerank),
                                     .what = "input",
                                     .expected = "a pair of texts",
                                     .found = "one text"});
    }
    const TokenizeOptions options{.truncation = TruncationStrategy::longest_first,
                                  .max_length = max_length};
    const InputEncoding how{.options = options, .where = where_rerank};
    if (prompt.empty() && !lower_case) return encode_input(model, pair, how);
    std::string first = prompt + std::string(pair.text);
    std::string second(*pair.pair);
    if (lower_case) {
      for (std::string* text : {&first, &second}) {
        check_utf8(*text, where_rerank);
        *text = lower_cased(*text);
      }
    }
    return encode_input(model, {first, second}, how);
  }
};

}  // namespace

Activation default_activation(const ModelConfig& config, std::string_view own) {
  using Source = std::pair<std::string_view, const char*>;
  for (const auto& [path, file] : {Source{own, "config_sentence_transformers.json"},
                                   Source{config.cross_encoder_activation, "config.json"}}) {
    // As in the reference, classes from elsewhere are code to run, and are passed over.
    if (!path.starts_with("torch.")) continue;
    if (const auto activation = find_torch_activation(path)) return *activation;
    fail(ErrorKind::unsupported, {.where = std::string(where_rerank),
                                  .what = "activation_fn",
                                  .expected = std::string(torch_activations),
                                  .found = quote(path),
                                  .file = file});
  }
  return config.labels.size() == 1 ? Activation::sigmoid : Activation::none;
}

std::vector<float> pair_scores(std::vector<float> logits, Activation activation,
                               const RerankOptions& options) {
  ops::activate(options.activation.value_or(activation), logits);
  if (options.apply_softmax) ops::softmax(logits);
  return logits;
}

void keep_best(std::vector<RankedDocument>& documents, std::optional<Index> top_k) {
  std::stable_sort(documents.begin(), documents.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (top_k && *top_k < static_cast<Index>(documents.size())) {
    documents.resize(static_cast<std::size_t>(std::max<Index>(0, *top_k)));
  }
}

Rerank::Rerank(TaskModel model) : Rerank(std::move(model), {}) {}

Rerank::Rerank(TaskModel model, CrossEncoderFiles&& files)
    : model_(std::move(model)),
      files_(std::make_shared<const CrossEncoderFiles>(std::move(files))) {
  model_.check(HeadKind::sequence_classification, where_rerank);
  activation_ = default_activation(model_.model->config(), files_->activation);
}

Rerank Rerank::load(const std::filesystem::path& folder, const ModelOptions& options) {
  CrossEncoderFiles files = read_cross_encoder(folder);
  TaskModel model =
      TaskModel::load(files.transformer.folder, HeadKind::sequence_classification, options);
  return {std::move(model), std::move(files)};
}

const std::map<std::string, std::string>& Rerank::prompts() const noexcept {
  return files_->prompts.texts;
}

std::optional<Index> Rerank::max_length() const {
  return token_limit(model_, files_->transformer.max_seq_length);
}

auto Rerank::each(std::span<const TextInput> pairs, const RerankOptions& options,
                  const RunOptions& run) const -> std::vector<Outcome<Result>> {
  const Model& model = *model_.model;
  const PairEncoder encode{
      .model = model_,
      .prompt = files_->prompts.choose(options.prompt, options.prompt_name, where_rerank),
      .max_length = options.max_length ? options.max_length : max_length(),
      .lower_case = files_->transformer.do_lower_case && needs_lower_case(*model_.tokenizer)};
  return run_each<Result>(
      static_cast<Index>(pairs.size()),
      {.tokenizer = model_.tokenizer->settings(),
       .encode =
           [&](Index item) {
             return std::vector<Encoding>{encode(pairs[static_cast<std::size_t>(item)])};
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
    fail(ErrorKind::config_error, {.where = std::string(where_rerank),
                                   .what = "rank",
                                   .expected = "a model with one class",
                                   .found = std::to_string(classes),
                                   .hint = "predict() gives the scores of every class"});
  }
  if (options.top_k.value_or(0) < 0) {
    fail(ErrorKind::config_error, {.where = std::string(where_rerank),
                                   .what = "top_k",
                                   .expected = "0 or more",
                                   .found = std::to_string(*options.top_k)});
  }
  std::vector<TextInput> pairs;
  pairs.reserve(documents.size());
  for (const std::string_view document : documents) pairs.emplace_back(query, document);
  std::vector<RankedDocument> ranked;
  ranked.reserve(pairs.size());
  for (const Result& result : predict(pairs, options, run)) {
    ranked.push_back({static_cast<Index>(ranked.size()), result.front()});
  }
  keep_best(ranked, options.top_k);
  return ranked;
}

}  // namespace attend
