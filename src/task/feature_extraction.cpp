// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Feature extraction: hidden states as the model gives them.
// Source: transformers 4.57 pipelines/feature_extraction.py.
#include "attend/task/feature_extraction.h"

#include <utility>

#include "task/encode_input.h"
#include "task/typed_items.h"

namespace attend {

FeatureExtraction::FeatureExtraction(TaskModel model) : model_(std::move(model)) {
  // Hidden states are below any head.
  model_.check(model_.model != nullptr ? model_.model->head() : HeadKind::none,
               "feature-extraction");
}

FeatureExtraction FeatureExtraction::load(const std::filesystem::path& folder,
                                          const ModelOptions& options) {
  return FeatureExtraction(TaskModel::load_headless(folder, options));
}

FeatureExtraction::Result FeatureExtraction::operator()(
    std::string_view text, const FeatureExtractionOptions& options) const {
  return std::move(each({&text, 1}, options).front()).value();
}

std::vector<FeatureExtraction::Result> FeatureExtraction::operator()(
    std::span<const std::string_view> texts, const FeatureExtractionOptions& options,
    const RunOptions& run) const {
  return values(each(texts, options, run));
}

std::vector<Outcome<FeatureExtraction::Result>> FeatureExtraction::each(
    std::span<const std::string_view> texts, const FeatureExtractionOptions& options,
    const RunOptions& run) const {
  TypedTask<Result> task{
      .tokenizer = model_.tokenizer->settings(),
      .encode = [&](Index item) -> std::vector<Encoding> {
        return {encode_input(model_, texts[static_cast<std::size_t>(item)],
                             {.options = options.tokenize, .where = "feature-extraction"})};
      },
      .forward =
          [&](const Batch& batch, Workspace& workspace) {
            return model_.model->hidden_states(batch, workspace);
          },
      .finish =
          [](Index, std::span<WindowOutput> windows) {
            WindowOutput& output = windows.front();
            return TokenFeatures{std::move(output.values), output.rows, output.cols};
          }};
  return run_each(static_cast<Index>(texts.size()), std::move(task), run);
}

}  // namespace attend
