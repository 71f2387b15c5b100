// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs a sentence-transformers folder: transformer, pooling, then its modules in order.
// Source: sentence-transformers 5.7 SentenceTransformer.encode().
#include "attend/task/sentence_embedding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "attend/checkpoint/weights.h"
#include "attend/core/error.h"
#include "attend/ops/normalize.h"
#include "attend/text/utf8.h"
#include "model/check_finite.h"
#include "task/encode_input.h"
#include "task/lower_cased.h"
#include "task/sentence_modules.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr std::string_view where = "embed";

[[noreturn]] void fail_option(std::string what, std::string expected, std::string found) {
  fail(ErrorKind::config_error, {.where = std::string(where),
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .found = std::move(found)});
}

/// A module with its weights.
struct Dense {
  PackedLinear linear;
  Activation activation;
};
using Step = std::variant<Dense, NormalizeModule>;

Dense load_dense(const DenseModule& module, const ModelOptions& options) {
  constexpr std::array<Rename, 1> renames{Rename{"linear", "linear"}};
  constexpr std::array<std::string_view, 1> prefixes{""};
  auto checkpoint = Checkpoint::open(module.folder, {.mode = options.load_mode});
  if (options.check_finite) check_finite(*checkpoint);
  Weights weights(std::move(checkpoint), {.renames = renames, .prefixes = prefixes, .ignored = {}});
  const StoredWeight weight =
      weights.matrix("linear.weight", module.out_features, module.in_features);
  std::vector<float> bias;
  if (module.has_bias) bias = weights.vector("linear.bias", module.out_features);
  weights.finish();
  ThreadPool& pool = options.pool != nullptr ? *options.pool : default_pool();
  return {PackedLinear({&weight, 1}, std::move(bias), pool), module.activation};
}

/// Shapes: hidden [t, m] -> [n, poolings * m]. The first `prompt_tokens` rows of every text are
/// left out; a text that has no others becomes zeros.
MatrixView<float> pool_rows(const PoolingModule& pooling, MatrixView<const float> hidden,
                            const Batch& batch, Index prompt_tokens, Workspace& workspace) {
  const auto poolings = static_cast<Index>(pooling.poolings.size());
  const MatrixView<float> out = workspace.matrix(batch.size(), poolings * hidden.cols);
  for (Index p = 0; p < poolings; ++p) {
    const Pooling kind = pooling.poolings[static_cast<std::size_t>(p)];
    const MatrixView<float> part = out.col_range(p * hidden.cols, hidden.cols);
    if (prompt_tokens == 0) {
      ops::pool(kind, hidden, batch.starts, part);
      continue;
    }
    for (Index i = 0; i < batch.size(); ++i) {
      const Index begin = batch.starts[static_cast<std::size_t>(i)] + prompt_tokens;
      const Index rows = batch.starts[static_cast<std::size_t>(i) + 1] - begin;
      if (rows > 0) {
        const std::array<Index, 2> starts{0, rows};
        ops::pool(kind, hidden.row_range(begin, rows), starts, part.row_range(i, 1));
      } else {
        const std::span<float> row = part.row(i);
        std::fill(row.begin(), row.end(), 0.0F);
      }
    }
  }
  return out;
}

}  // namespace

struct SentenceEmbedding::Modules {
  SentenceModules folder;
  std::vector<Step> steps;
  Index dimension = 0;

  Modules(SentenceModules read, const TaskModel& model, const ModelOptions& options)
      : folder(std::move(read)) {
    dimension =
        static_cast<Index>(folder.pooling.poolings.size()) * model.model->config().hidden_size;
    for (const VectorModule& module : folder.after) {
      if (const auto* dense = std::get_if<DenseModule>(&module)) {
        if (dense->in_features != dimension) {
          fail(ErrorKind::config_error, {.where = std::string(where),
                                         .what = "in_features of a Dense module",
                                         .expected = std::to_string(dimension),
                                         .found = std::to_string(dense->in_features),
                                         .file = (dense->folder / "config.json").string()});
        }
        steps.emplace_back(load_dense(*dense, options));
        dimension = dense->out_features;
      } else {
        steps.emplace_back(NormalizeModule{});
      }
    }
    // A tokenizer that lower-cases by itself keeps the case of special tokens in the text.
    if (folder.do_lower_case &&
        model.tokenizer->encode("Aa").ids == model.tokenizer->encode("aa").ids) {
      folder.do_lower_case = false;
    }
    // More than the model's positions would fail in the model.
    const auto limit = model.max_length();
    const auto positions = model.model->max_tokens();
    if (!folder.max_seq_length) {
      folder.max_seq_length = limit;
    } else if (positions) {
      folder.max_seq_length = std::min(*folder.max_seq_length, *positions);
    }
  }

  [[nodiscard]] std::string prompt(const SentenceEmbeddingOptions& options) const {
    if (options.prompt) return *options.prompt;
    const auto& name = options.prompt_name ? options.prompt_name : folder.default_prompt_name;
    if (!name) return {};
    const auto found = folder.prompts.find(*name);
    if (found != folder.prompts.end()) return found->second;
    std::string known;
    for (const auto& [key, text] : folder.prompts) {
      known += (known.empty() ? "one of " : ", ") + attend::quoted(key);
    }
    fail_option("prompt_name", known, attend::quoted(*name));
  }

  [[nodiscard]] Encoding encode(const TaskModel& model, std::string_view text) const {
    EncodeOptions options{.fields = EncodingFields::ids};
    if (folder.max_seq_length) {
      options.truncation = Truncation{.max_length = *folder.max_seq_length,
                                      .side = model.tokenizer->settings().truncation_side};
    }
    check_utf8(text, where);
    if (folder.do_lower_case) return model.tokenizer->encode(lower_cased(text), options);
    return model.tokenizer->encode(text, options);
  }

  /// Rows of a text that are its prompt's; 0 where they are pooled as all others.
  [[nodiscard]] Index excluded_tokens(const TaskModel& model, std::string_view prompt) const {
    if (folder.pooling.include_prompt || prompt.empty()) return 0;
    const Encoding encoding = encode(model, prompt);
    // What the template puts behind the prompt alone is not there when a text follows.
    const bool ends_special =
        encoding.size() > 0 && model.tokenizer->is_special(encoding.ids.back());
    return encoding.size() - (ends_special ? 1 : 0);
  }

  /// Shapes: hidden [t, m] -> [n, dimension or truncate_dim].
  [[nodiscard]] MatrixView<float> vectors(MatrixView<const float> hidden, const Batch& batch,
                                          Index prompt_tokens,
                                          const SentenceEmbeddingOptions& options,
                                          Workspace& workspace) const {
    MatrixView<float> x = pool_rows(folder.pooling, hidden, batch, prompt_tokens, workspace);
    for (const Step& step : steps) {
      if (const auto* dense = std::get_if<Dense>(&step)) {
        const MatrixView<float> y = workspace.matrix(x.rows, dense->linear.out_features());
        ops::linear(x, dense->linear, y, workspace, {.activation = dense->activation});
        x = y;
      } else {
        ops::l2_normalize(x);
      }
    }
    if (const auto size = options.truncate_dim ? options.truncate_dim : folder.truncate_dim) {
      x = x.col_range(0, std::min(*size, x.cols));
    }
    if (options.normalize_embeddings) ops::l2_normalize(x);
    return x;
  }
};

SentenceEmbedding::SentenceEmbedding(TaskModel model)
    : SentenceEmbedding(std::move(model), {}, {}) {}

SentenceEmbedding::SentenceEmbedding(TaskModel model, SentenceModules&& modules,
                                     const ModelOptions& options)
    : model_(std::move(model)) {
  // Hidden states are below any head.
  model_.check(model_.model != nullptr ? model_.model->head() : HeadKind::none, where);
  modules_ = std::make_shared<const Modules>(std::move(modules), model_, options);
}

SentenceEmbedding SentenceEmbedding::load(const std::filesystem::path& folder,
                                          const ModelOptions& options) {
  SentenceModules modules = read_sentence_modules(folder);
  TaskModel model = TaskModel::load(modules.transformer, HeadKind::none, options);
  return {std::move(model), std::move(modules), options};
}

Index SentenceEmbedding::dimension() const noexcept {
  return std::min(modules_->dimension, modules_->folder.truncate_dim.value_or(modules_->dimension));
}

std::optional<Index> SentenceEmbedding::max_seq_length() const noexcept {
  return modules_->folder.max_seq_length;
}

const std::map<std::string, std::string>& SentenceEmbedding::prompts() const noexcept {
  return modules_->folder.prompts;
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
  if (options.truncate_dim && *options.truncate_dim < 1) {
    fail_option("truncate_dim", "at least 1", std::to_string(*options.truncate_dim));
  }
  const std::string prompt = modules_->prompt(options);
  const Index prompt_tokens = modules_->excluded_tokens(model_, prompt);
  TypedTask<Result> task{
      .tokenizer = model_.tokenizer->settings(),
      .encode = [&](Index item) -> std::vector<Encoding> {
        const std::string_view text = texts[static_cast<std::size_t>(item)];
        if (prompt.empty()) return {modules_->encode(model_, text)};
        return {modules_->encode(model_, prompt + std::string(text))};
      },
      .forward =
          [&](const Batch& batch, Workspace& workspace) {
            const auto hidden = model_.model->hidden_states(batch, workspace);
            return modules_->vectors(hidden, batch, prompt_tokens, options, workspace);
          },
      .row_starts = one_row_each,
      .finish = [](Index,
                   std::span<WindowOutput> windows) { return std::move(windows.front().values); }};
  return run_each(static_cast<Index>(texts.size()), std::move(task), run);
}

}  // namespace attend
