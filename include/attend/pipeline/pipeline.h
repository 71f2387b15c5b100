// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The facade: a task's name makes a Pipeline, a Pipeline makes Predictions. One shape for every
// task; the classes in task/ return all that there is to know.
//
//   auto sentiment = attend::pipeline("sentiment");
//   for (const auto& p : sentiment("A quiet, perfect film.")) std::cout << p.label << ' ' <<
//   p.score;
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/ops/compute_type.h"
#include "attend/task/feature_extraction.h"
#include "attend/task/generation_config.h"
#include "attend/task/result.h"
#include "attend/task/sentence_embedding.h"
#include "attend/task/token_classification.h"

namespace attend {

/// What one part of a text was found to be.
struct Prediction {
  std::string label;  ///< class, entity type, or the token for a mask; else empty
  float score = 0;    ///< of generated texts: GeneratedSequence::score
  /// What it is said of: the entity, the answer, the text with its mask filled; or the text that
  /// was generated: of text-generation with its prompt, of the other tasks alone. Else empty, and
  /// the label is about the whole text.
  std::string text;
  Index begin = 0;  ///< bytes of the input, UTF-8: the entity, answer or mask; else all of it
  Index end = 0;
};

/// How a pipeline is made. None of it changes a result but the model, `compute` and `kv_type`.
struct PipelineOptions {
  /// A model folder or a name that find_model() knows; the task's bundled model when empty.
  std::string model = {};
  /// Branch, tag or commit of a model in the Hugging Face cache; "main" when empty.
  std::string revision = {};
  int threads = 0;        ///< 0: as many as this process may use
  Index batch_size = 32;  ///< sequences that run together
  /// What products with weights are computed in: exact, or faster. ModelOptions::compute.
  ComputeType compute = ComputeType::f32;
  KvType kv_type = KvType::computed;  ///< of models that write: ModelOptions::kv_type
  bool verify = false;  ///< replay the model's selftest: ModelOptions::verify
  /// ModelOptions::extra_tensors
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;  ///< ModelOptions::packed
  std::filesystem::path packed_file = {};            ///< ModelOptions::packed_file
};

/// What one call asks for. Every call takes `progress` and `stop`; of the others each task takes
/// some, and one that it does not take is an error.
struct CallOptions {
  /// text-classification, question-answering, fill-mask: how many results.
  std::optional<Index> top_k = {};
  /// text-classification, fill-mask, text2text-generation, summarization, translation: cuts texts
  /// that are too long for the model.
  std::optional<TruncationStrategy> truncation = {};
  std::optional<AggregationStrategy> aggregation_strategy = {};  ///< ner; simple when absent
  std::vector<std::string> labels = {};                          ///< zero-shot: required
  std::optional<std::string> hypothesis_template = {};           ///< zero-shot
  std::optional<bool> multi_label = {};                          ///< zero-shot
  /// question-answering: one of the two; the texts of the call are the other.
  std::optional<std::string> question = {};
  std::optional<std::string> context = {};
  std::optional<Index> max_answer_len = {};           ///< question-answering
  std::optional<bool> handle_impossible_answer = {};  ///< question-answering
  std::vector<std::string> targets = {};              ///< fill-mask
  std::optional<std::string> query = {};              ///< rerank: required
  /// translation, with models of many languages: required, unless the task's name has them. Other
  /// models do not look at them, as in the reference.
  std::optional<std::string> src_lang = {};
  std::optional<std::string> tgt_lang = {};
  /// text-generation, text2text-generation, summarization, translation: the arguments of
  /// generate(), {.max_new_tokens = 40, .do_sample = false}
  std::optional<GenerationConfig> generation = {};
  std::optional<std::uint64_t> seed = {};  ///< the same tasks: the same seed, the same texts
  /// Called from the calling thread as texts are done.
  std::function<void(Index done, Index total)> progress = {};
  std::stop_token stop = {};  ///< a request to stop ends the call with Error of kind cancelled
};

/// A loaded model ready for one task.
///
/// Threads: const calls may be made from any number of threads.
class ATTEND_EXPORT Pipeline {
 public:
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;
  ~Pipeline();

  /// The canonical name: "text-classification".
  [[nodiscard]] std::string_view task() const noexcept;

  /// Predictions of one text, best first (entities in the order of the text).
  /// Throws: config_error (an option that the task does not take or that it needs; a task that
  /// makes vectors), and as the task's class does.
  [[nodiscard]] std::vector<Prediction> operator()(std::string_view text,
                                                   const CallOptions& options = {}) const;
  /// Many texts, in order. Throws: the first error.
  [[nodiscard]] std::vector<std::vector<Prediction>> operator()(
      std::span<const std::string_view> texts, const CallOptions& options = {}) const;
  [[nodiscard]] std::vector<std::vector<Prediction>> operator()(
      std::span<const std::string> texts, const CallOptions& options = {}) const;
  [[nodiscard]] std::vector<std::vector<Prediction>> operator()(
      std::initializer_list<std::string_view> texts, const CallOptions& options = {}) const;
  /// Many texts, each with its predictions or its Error.
  [[nodiscard]] std::vector<Outcome<std::vector<Prediction>>> each(
      std::span<const std::string_view> texts, const CallOptions& options = {}) const;

  /// The hidden states of a text, one row a token.
  /// Throws: config_error when the task is not "feature-extraction".
  [[nodiscard]] TokenFeatures features(std::string_view text,
                                       const FeatureExtractionOptions& options = {},
                                       const CallOptions& call = {}) const;
  [[nodiscard]] std::vector<TokenFeatures> features(std::span<const std::string_view> texts,
                                                    const FeatureExtractionOptions& options = {},
                                                    const CallOptions& call = {}) const;

  /// The vector of a text. Throws: config_error when the task is not "embed".
  [[nodiscard]] Embedding embed(std::string_view text, const SentenceEmbeddingOptions& options = {},
                                const CallOptions& call = {}) const;
  [[nodiscard]] std::vector<Embedding> embed(std::span<const std::string_view> texts,
                                             const SentenceEmbeddingOptions& options = {},
                                             const CallOptions& call = {}) const;

 private:
  friend ATTEND_EXPORT Pipeline pipeline(std::string_view, const PipelineOptions&);
  struct Implementation;
  explicit Pipeline(std::unique_ptr<const Implementation> implementation);
  std::unique_ptr<const Implementation> implementation_;
};

/// Makes a pipeline by a task's name or alias: tasks() lists them. A translation may be named with
/// its languages: "translation_en_to_de".
/// Throws: config_error (an unknown task, with those that are known), file_not_found (no such
/// model, or a task without a bundled one), and as load_model() and Tokenizer::load().
[[nodiscard]] ATTEND_EXPORT Pipeline pipeline(std::string_view task,
                                              const PipelineOptions& options = {});

/// A task as pipeline() knows it.
struct TaskInfo {
  std::string_view name;                      ///< "token-classification"
  std::span<const std::string_view> aliases;  ///< "ner"
  std::string_view bundled_model;             ///< "ner"; empty where none is bundled
  std::string_view about;                     ///< one line for people
};

/// All tasks, in the order in which they are listed to people.
[[nodiscard]] ATTEND_EXPORT std::span<const TaskInfo> tasks() noexcept;

/// The task of a name or an alias. Throws: config_error that lists the known ones.
[[nodiscard]] ATTEND_EXPORT const TaskInfo& find_task(std::string_view name);

/// The folder of a task's bundled model. Throws: file_not_found, also when none is bundled.
[[nodiscard]] ATTEND_EXPORT std::filesystem::path default_model_folder(const TaskInfo& task);

}  // namespace attend
