// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One vector a text, from a sentence-transformers folder: transformer, pooling, dense, normalise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/feature_extraction.h"
#include "attend/task/result.h"
#include "attend/task/similarity.h"
#include "attend/task/task_model.h"

namespace attend {

struct SentenceModules;

/// What a text is to a search: encode_query() and encode_document() of the reference.
enum class TextRole : std::uint8_t {
  none,
  query,     ///< has the prompt "query"
  document,  ///< has the first prompt that there is of "document", "passage", "corpus"
};

/// What happens to a text of more than max_seq_length() tokens.
enum class LongText : std::uint8_t {
  truncate,  ///< what is too much is not read, as in the reference
  /// The text, with its prompt before it, is cut into windows of max_seq_length() tokens that share
  /// window_overlap ones, each with the template around it. Every window is pooled by itself; the
  /// text's vector is their mean, in which each weighs as many tokens as were pooled, and goes
  /// through the modules behind the pooling. With mean pooling it is the mean of all rows of all
  /// windows. A text of one window has the same vector as under truncate.
  /// This library's own: the reference has no such option.
  mean_of_windows,
};

/// Names and defaults of SentenceTransformer.encode().
struct SentenceEmbeddingOptions {
  /// Put before every text; goes before prompt_name.
  std::optional<std::string> prompt = {};
  /// One of prompts(); the folder's default_prompt_name when absent.
  std::optional<std::string> prompt_name = {};
  /// Chooses a prompt where neither of both above is given.
  TextRole role = TextRole::none;
  bool normalize_embeddings = false;  ///< to length 1, also where the folder does not ask for it
  /// Leading values to keep, before normalize_embeddings; all when absent.
  std::optional<Index> truncate_dim = {};
  LongText long_text = LongText::truncate;
  Index window_overlap = 0;  ///< tokens that neighbouring windows share
};

/// Embeds texts.
///
/// Threads: const calls may be made from any number of threads.
/// Source: sentence-transformers 5.7, SentenceTransformer.encode() and its modules.
class ATTEND_EXPORT SentenceEmbedding {
 public:
  using Result = Embedding;

  /// Mean pooling over a model's hidden states, the default for a folder without modules.json.
  explicit SentenceEmbedding(TaskModel model);
  /// Loads a sentence-transformers folder, or a plain one with mean pooling.
  /// Throws: as Tokenizer::load() and load_model(); unsupported (names the module), invalid_format,
  /// config_error, weight_missing and weight_shape for the folder's modules.
  [[nodiscard]] static SentenceEmbedding load(const std::filesystem::path& folder,
                                              const ModelOptions& options = {});

  [[nodiscard]] Index dimension() const noexcept;
  /// How the folder wants its vectors compared; cosine where it does not say.
  [[nodiscard]] Similarity similarity() const noexcept;
  /// Tokens of a text that are read; nothing when there is no limit.
  [[nodiscard]] std::optional<Index> max_seq_length() const noexcept;
  /// Prompts by name; "query" and "document" are always there.
  [[nodiscard]] const std::map<std::string, std::string>& prompts() const noexcept;

  /// Throws: config_error (an unknown prompt_name, truncate_dim < 1, a window_overlap that leaves
  /// no window or has none), invalid_utf8, weight_value (values that are not finite).
  [[nodiscard]] Result operator()(std::string_view text,
                                  const SentenceEmbeddingOptions& options = {}) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> operator()(std::span<const std::string_view> texts,
                                               const SentenceEmbeddingOptions& options = {},
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled, config_error.
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const std::string_view> texts,
                                                  const SentenceEmbeddingOptions& options = {},
                                                  const RunOptions& run = {}) const;

  /// The rows that are pooled otherwise, one a token (output_value="token_embeddings" there), of
  /// texts with their prompts, cut to max_seq_length().
  /// Throws: as above; config_error for options that are about one vector a text.
  [[nodiscard]] std::vector<TokenFeatures> token_embeddings(
      std::span<const std::string_view> texts, const SentenceEmbeddingOptions& options = {},
      const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }

 private:
  struct Modules;  // what stands around the transformer
  struct Call;     // a call's options, checked
  SentenceEmbedding(TaskModel model, SentenceModules&& modules, const ModelOptions& options);
  TaskModel model_;
  std::shared_ptr<const Modules> modules_;
};

}  // namespace attend
