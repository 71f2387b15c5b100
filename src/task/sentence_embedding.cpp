// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs a sentence-transformers folder: prompt, transformer, pooling, then its modules in order.
// Source: sentence-transformers 5.7 SentenceTransformer.encode().
#include "attend/task/sentence_embedding.h"

#include <algorithm>
#include <utility>

#include "attend/core/error.h"
#include "attend/ops/normalize.h"
#include "attend/text/utf8.h"
#include "task/encode_input.h"
#include "task/fail_option.h"
#include "task/lower_cased.h"
#include "task/sentence_modules.h"
#include "task/sentence_steps.h"
#include "task/typed_items.h"

namespace attend {
namespace {

/// The prompt of a role by its name; nothing where there is none.
std::optional<std::string> prompt_name(const Prompts& prompts,
                                       const SentenceEmbeddingOptions& options) {
  if (options.prompt_name) return options.prompt_name;
  std::vector<std::string> candidates;
  switch (options.role) {
    case TextRole::none: break;
    case TextRole::query: candidates = {"query"}; break;
    case TextRole::document: candidates = {"document", "passage", "corpus"}; break;
  }
  for (const std::string& name : candidates) {
    if (prompts.texts.contains(name)) return name;
  }
  return std::nullopt;
}

/// The mean of vectors that weigh differently. Shapes: vectors [w, m] -> y [1, m].
void weighted_mean(std::span<const std::span<const float>> vectors, std::span<const Index> weights,
                   MatrixView<float> y) {
  double total = 0;
  for (const Index weight : weights) total += static_cast<double>(weight);
  for (Index j = 0; j < y.cols; ++j) {
    double sum = 0;
    for (std::size_t w = 0; w < vectors.size(); ++w) {
      sum += static_cast<double>(weights[w]) *
             static_cast<double>(vectors[w][static_cast<std::size_t>(j)]);
    }
    y(0, j) = total > 0 ? static_cast<float>(sum / total) : 0.0F;
  }
}

Index pooled_size(const SentenceModules& folder, const TaskModel& model) {
  const Index hidden = model.model->config().last_size();
  if (folder.pooling.dimension.value_or(hidden) != hidden) {
    fail(ErrorKind::config_error, {.where = std::string(where_embed),
                                   .what = "embedding_dimension of the Pooling module",
                                   .expected = std::to_string(hidden),
                                   .found = std::to_string(*folder.pooling.dimension),
                                   .file = (folder.pooling.folder / "config.json").string()});
  }
  return static_cast<Index>(folder.pooling.poolings.size()) * hidden;
}

}  // namespace

struct SentenceEmbedding::Modules {
  SentenceModules folder;
  VectorSteps steps;
  std::optional<Index> max_seq_length;
  bool lower_case;

  Modules(SentenceModules read, const TaskModel& model, const ModelOptions& options)
      : folder(std::move(read)),
        steps(folder.after, pooled_size(folder, model), options),
        max_seq_length(token_limit(model, folder.transformer.max_seq_length)),
        lower_case(folder.transformer.do_lower_case && needs_lower_case(*model.tokenizer)) {}

  /// Throws: config_error for an overlap that leaves no room in a window.
  void check_overlap(const TaskModel& model, const SentenceEmbeddingOptions& options) const {
    const Index overlap = options.window_overlap;
    if (options.long_text == LongText::truncate) {
      if (overlap == 0) return;
      fail_option(where_embed, "window_overlap", "0 without long_text = mean_of_windows",
                  std::to_string(overlap));
    }
    if (overlap < 0) {
      fail_option(where_embed, "window_overlap", "0 or more", std::to_string(overlap));
    }
    if (!max_seq_length) return;
    const Index room = *max_seq_length - model.tokenizer->template_tokens();
    if (overlap > 0 && overlap >= room) {
      fail_option(where_embed, "window_overlap",
                  "less than the " + std::to_string(room) + " tokens of a window",
                  std::to_string(overlap));
    }
  }

  /// The windows of a text, the first alone where long texts are truncated.
  [[nodiscard]] std::vector<Encoding> encode(const TaskModel& model, std::string_view text,
                                             const SentenceEmbeddingOptions& options) const {
    EncodeOptions how{.fields = EncodingFields::ids};
    const bool all = options.long_text == LongText::mean_of_windows;
    if (max_seq_length) {
      how.truncation =
          Truncation{.max_length = *max_seq_length,
                     .side = all ? Side::right : model.tokenizer->settings().truncation_side,
                     .stride = options.window_overlap};
    }
    check_utf8(text, where_embed);
    const std::string lower = lower_case ? lower_cased(text) : std::string();
    const std::string_view read = lower_case ? std::string_view(lower) : text;
    if (all) return model.tokenizer->encode_windows(read, how);
    return {model.tokenizer->encode(read, how)};
  }

  /// Rows of a text that are its prompt's; 0 where they are pooled as all others.
  [[nodiscard]] Index excluded_tokens(const TaskModel& model, std::string_view prompt) const {
    if (folder.pooling.include_prompt || prompt.empty()) return 0;
    const Encoding encoding = encode(model, prompt, {}).front();
    // What the template puts behind the prompt alone is not there when a text follows.
    const bool ends_special =
        encoding.size() > 0 && model.tokenizer->is_special(encoding.ids.back());
    return encoding.size() - (ends_special ? 1 : 0);
  }
};

/// A call's options, checked, and what follows from them.
struct SentenceEmbedding::Call {
  const TaskModel& model;
  const Modules& modules;
  const SentenceEmbeddingOptions& options;
  std::string prompt;
  Index prompt_tokens;

  Call(const TaskModel& model_, const Modules& modules_, const SentenceEmbeddingOptions& options_)
      : model(model_),
        modules(modules_),
        options(options_),
        prompt(modules.folder.prompts.choose(
            options.prompt, prompt_name(modules.folder.prompts, options), where_embed)),
        prompt_tokens(modules.excluded_tokens(model, prompt)) {
    if (options.truncate_dim && *options.truncate_dim < 1) {
      fail_option(where_embed, "truncate_dim", "at least 1", std::to_string(*options.truncate_dim));
    }
    modules.check_overlap(model, options);
  }

  [[nodiscard]] std::vector<Encoding> encode(std::string_view text) const {
    if (prompt.empty()) return modules.encode(model, text, options);
    return modules.encode(model, prompt + std::string(text), options);
  }

  /// Whether windows must be told apart: the prompt is in the first one alone.
  [[nodiscard]] bool pools_twice() const {
    return options.long_text == LongText::mean_of_windows && prompt_tokens > 0;
  }

  /// Pooled rows; where windows must be told apart, with those without the prompt beside them.
  /// Shapes: hidden [t, m] -> [n, p] or [n, 2 p].
  [[nodiscard]] MatrixView<float> pool(MatrixView<const float> hidden, const Batch& batch,
                                       Workspace& workspace) const {
    const PoolingModule& pooling = modules.folder.pooling;
    if (!pools_twice()) return pool_rows(pooling, {hidden, batch, prompt_tokens}, workspace);
    const auto width = static_cast<Index>(pooling.poolings.size()) * hidden.cols;
    const MatrixView<float> both = workspace.matrix(batch.size(), 2 * width);
    for (const Index part : {Index{0}, Index{1}}) {
      const auto pooled = pool_rows(pooling, {hidden, batch, part * prompt_tokens}, workspace);
      for (Index i = 0; i < pooled.rows; ++i) {
        std::copy(pooled.row(i).begin(), pooled.row(i).end(), both.row(i).begin() + part * width);
      }
    }
    return both;
  }

  /// What follows the pooling. Shapes: x [n, p] -> [n, dimension or truncate_dim].
  [[nodiscard]] MatrixView<float> finish(MatrixView<float> x, Workspace& workspace) const {
    x = modules.steps(x, workspace);
    const auto size = options.truncate_dim ? options.truncate_dim : modules.folder.truncate_dim;
    if (size) x = x.col_range(0, std::min(*size, x.cols));
    if (options.normalize_embeddings) ops::l2_normalize(x);
    return x;
  }

  /// The vector of a text from its pooled windows.
  [[nodiscard]] Embedding combine(std::span<const WindowOutput> windows,
                                  Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const Index width = windows.front().cols / (pools_twice() ? 2 : 1);
    std::vector<std::span<const float>> vectors;
    std::vector<Index> weights;
    for (const WindowOutput& window : windows) {
      const bool is_first = vectors.empty();
      const std::span<const float> values(window.values);
      const Index skipped = is_first ? prompt_tokens : 0;
      vectors.push_back(skipped > 0 ? values.last(static_cast<std::size_t>(width))
                                    : values.first(static_cast<std::size_t>(width)));
      weights.push_back(std::max<Index>(0, window.encoding.size() - skipped));
    }
    const MatrixView<float> mean = workspace.matrix(1, width);
    if (vectors.size() == 1) {  // exactly: x * w / w need not be x
      std::copy(vectors.front().begin(), vectors.front().end(), mean.row(0).begin());
    } else {
      weighted_mean(vectors, weights, mean);
    }
    const MatrixView<float> vector = finish(mean, workspace);
    return {vector.row(0).begin(), vector.row(0).end()};
  }
};

SentenceEmbedding::SentenceEmbedding(TaskModel model)
    : SentenceEmbedding(std::move(model), {}, {}) {}

SentenceEmbedding::SentenceEmbedding(TaskModel model, SentenceModules&& modules,
                                     const ModelOptions& options)
    : model_(std::move(model)) {
  // Hidden states are below any head.
  model_.check(model_.model != nullptr ? model_.model->head() : HeadKind::none, where_embed);
  modules_ = std::make_shared<const Modules>(std::move(modules), model_, options);
}

SentenceEmbedding SentenceEmbedding::load(const std::filesystem::path& folder,
                                          const ModelOptions& options) {
  SentenceModules modules = read_sentence_modules(folder);
  TaskModel model = TaskModel::load_headless(modules.transformer.folder, options);
  return {std::move(model), std::move(modules), options};
}

Index SentenceEmbedding::dimension() const noexcept {
  const Index all = modules_->steps.dimension();
  return std::min(all, modules_->folder.truncate_dim.value_or(all));
}

Similarity SentenceEmbedding::similarity() const noexcept { return modules_->folder.similarity; }

std::optional<Index> SentenceEmbedding::max_seq_length() const noexcept {
  return modules_->max_seq_length;
}

const std::map<std::string, std::string>& SentenceEmbedding::prompts() const noexcept {
  return modules_->folder.prompts.texts;
}

Embedding SentenceEmbedding::operator()(std::string_view text,
                                        const SentenceEmbeddingOptions& options) const {
  return std::move(each({&text, 1}, options).front()).value();
}

std::vector<Embedding> SentenceEmbedding::operator()(std::span<const std::string_view> texts,
                                                     const SentenceEmbeddingOptions& options,
                                                     const RunOptions& run) const {
  return values(each(texts, options, run));
}

std::vector<Outcome<Embedding>> SentenceEmbedding::each(std::span<const std::string_view> texts,
                                                        const SentenceEmbeddingOptions& options,
                                                        const RunOptions& run) const {
  const Call call(model_, *modules_, options);
  const bool by_windows = options.long_text == LongText::mean_of_windows;
  Workspace after(run.pool != nullptr ? *run.pool : default_pool());  // of vectors of whole texts
  TypedTask<Result> task{
      .tokenizer = model_.tokenizer->settings(),
      .encode = [&](Index item) { return call.encode(texts[static_cast<std::size_t>(item)]); },
      .forward =
          [&](const Batch& batch, Workspace& workspace) {
            const auto hidden = model_.model->hidden_states(batch, workspace);
            const MatrixView<float> pooled = call.pool(hidden, batch, workspace);
            return by_windows ? pooled : call.finish(pooled, workspace);
          },
      .row_starts = one_row_each,
      .finish = [&](Index, std::span<WindowOutput> windows) -> Embedding {
        return by_windows ? call.combine(windows, after) : std::move(windows.front().values);
      }};
  return run_each(static_cast<Index>(texts.size()), std::move(task), run);
}

std::vector<TokenFeatures> SentenceEmbedding::token_embeddings(
    std::span<const std::string_view> texts, const SentenceEmbeddingOptions& options,
    const RunOptions& run) const {
  if (options.normalize_embeddings || options.truncate_dim ||
      options.long_text != LongText::truncate) {
    fail_option(where_embed, "options of token_embeddings()",
                "no normalize_embeddings, truncate_dim or long_text", "one of them");
  }
  const Call call(model_, *modules_, options);
  TypedTask<TokenFeatures> task{
      .tokenizer = model_.tokenizer->settings(),
      .encode = [&](Index item) { return call.encode(texts[static_cast<std::size_t>(item)]); },
      .forward = [&](const Batch& batch,
                     Workspace& space) { return model_.model->hidden_states(batch, space); },
      .finish = [](Index, std::span<WindowOutput> windows) -> TokenFeatures {
        WindowOutput& window = windows.front();
        return {std::move(window.values), window.rows, window.cols};
      }};
  return values(run_each(static_cast<Index>(texts.size()), std::move(task), run));
}

}  // namespace attend
