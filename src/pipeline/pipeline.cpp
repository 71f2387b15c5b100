// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The facade's calls: every one ends in the each() of a task's class.
#include "attend/pipeline/pipeline.h"

#include <string>
#include <utility>

#include "attend/core/error.h"
#include "attend/core/parallel.h"
#include "attend/pipeline/model_files.h"
#include "pipeline/task_table.h"
#include "task/typed_items.h"

namespace attend {

struct Pipeline::Implementation {
  const TaskEntry* entry = nullptr;
  Index batch_size = 0;
  std::unique_ptr<ThreadPool> pool;  // null: the default one
  LoadedTask task;

  /// How a call with these options runs. Throws: config_error on one that the task does not take.
  [[nodiscard]] RunOptions run_options(const CallOptions& call) const {
    check_options(*entry, call);
    return {
        .batch_size = batch_size, .progress = call.progress, .stop = call.stop, .pool = pool.get()};
  }

  [[nodiscard]] std::vector<Outcome<Predictions>> predict(std::span<const std::string_view> texts,
                                                          const CallOptions& call) const {
    const RunOptions run = run_options(call);
    if (!task.predict) fail_call(task.embed ? "embed()" : "features()");
    return task.predict(texts, call, run);
  }

  [[noreturn]] void fail_call(std::string expected) const {
    fail(ErrorKind::config_error, {.where = "pipeline",
                                   .what = "a call of " + std::string(entry->info.name),
                                   .expected = std::move(expected),
                                   .found = "another call"});
  }

  [[nodiscard]] std::string_view expected_call() const {
    if (task.predict) return "operator()";
    return task.embed ? "embed()" : "features()";
  }
};

namespace {

std::filesystem::path model_folder(const TaskInfo& task, const PipelineOptions& options) {
  if (!options.model.empty()) return find_model(options.model, options.revision);
  if (!options.revision.empty()) {
    fail(ErrorKind::config_error, {.where = "pipeline",
                                   .what = "revision " + quote(options.revision),
                                   .expected = "a model that it is a revision of",
                                   .found = "no model",
                                   .hint = "name it in PipelineOptions::model"});
  }
  return default_model_folder(task);
}

}  // namespace

std::filesystem::path default_model_folder(const TaskInfo& task) {
  if (!task.bundled_model.empty()) return find_bundled_model(task.bundled_model);
  const std::string name(task.name);
  fail(ErrorKind::file_not_found,
       {.where = "pipeline",
        .what = "model",
        .expected = "a folder or a name, because no model is bundled for " + name,
        .found = "none",
        .hint = "`attend run " + name + " --model FOLDER`, or pipeline(\"" + name +
                "\", {.model = \"/path/to/folder\"})"});
}

Pipeline::Pipeline(std::unique_ptr<const Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;
Pipeline::~Pipeline() = default;

std::string_view Pipeline::task() const noexcept { return implementation_->entry->info.name; }

std::vector<Prediction> Pipeline::operator()(std::string_view text,
                                             const CallOptions& options) const {
  return std::move(implementation_->predict({&text, 1}, options).front()).value();
}

std::vector<std::vector<Prediction>> Pipeline::operator()(std::span<const std::string_view> texts,
                                                          const CallOptions& options) const {
  return values(each(texts, options));
}

std::vector<std::vector<Prediction>> Pipeline::operator()(std::span<const std::string> texts,
                                                          const CallOptions& options) const {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  return values(each(views, options));
}

std::vector<std::vector<Prediction>> Pipeline::operator()(
    std::initializer_list<std::string_view> texts, const CallOptions& options) const {
  return values(each({texts.begin(), texts.size()}, options));
}

std::vector<Outcome<std::vector<Prediction>>> Pipeline::each(
    std::span<const std::string_view> texts, const CallOptions& options) const {
  return implementation_->predict(texts, options);
}

TokenFeatures Pipeline::features(std::string_view text, const FeatureExtractionOptions& options,
                                 const CallOptions& call) const {
  const auto& task = implementation_->task.features;
  if (!task) implementation_->fail_call(std::string(implementation_->expected_call()));
  return std::move(task->each({&text, 1}, options, implementation_->run_options(call)).front())
      .value();
}

std::vector<TokenFeatures> Pipeline::features(std::span<const std::string_view> texts,
                                              const FeatureExtractionOptions& options,
                                              const CallOptions& call) const {
  const auto& task = implementation_->task.features;
  if (!task) implementation_->fail_call(std::string(implementation_->expected_call()));
  return (*task)(texts, options, implementation_->run_options(call));
}

Embedding Pipeline::embed(std::string_view text, const SentenceEmbeddingOptions& options,
                          const CallOptions& call) const {
  const auto& task = implementation_->task.embed;
  if (!task) implementation_->fail_call(std::string(implementation_->expected_call()));
  return std::move(task->each({&text, 1}, options, implementation_->run_options(call)).front())
      .value();
}

std::vector<Embedding> Pipeline::embed(std::span<const std::string_view> texts,
                                       const SentenceEmbeddingOptions& options,
                                       const CallOptions& call) const {
  const auto& task = implementation_->task.embed;
  if (!task) implementation_->fail_call(std::string(implementation_->expected_call()));
  return (*task)(texts, options, implementation_->run_options(call));
}

Pipeline pipeline(std::string_view task, const PipelineOptions& options) {
  const TaskEntry& entry = find_entry(task);
  if (options.batch_size < 1) {
    fail(ErrorKind::config_error, {.where = "pipeline",
                                   .what = "batch_size",
                                   .expected = "at least 1",
                                   .found = std::to_string(options.batch_size)});
  }
  auto implementation = std::make_unique<Pipeline::Implementation>();
  implementation->entry = &entry;
  implementation->batch_size = options.batch_size;
  if (options.threads != 0) implementation->pool = std::make_unique<ThreadPool>(options.threads);
  implementation->task =
      entry.load(model_folder(entry.info, options), {.pool = implementation->pool.get(),
                                                     .verify = options.verify,
                                                     .compute = options.compute,
                                                     .kv_type = options.kv_type,
                                                     .extra_tensors = options.extra_tensors,
                                                     .packed = options.packed,
                                                     .packed_file = options.packed_file},
                 task);
  return Pipeline(std::move(implementation));
}

}  // namespace attend
