// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text classification: encode, run, label.
#include "attend/task/text_classification.h"

#include <utility>

#include "task/encode_input.h"
#include "task/label_scores.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr std::string_view where_text_classification = "text-classification";

}  // namespace

TextClassification::TextClassification(TaskModel model) : model_(std::move(model)) {
  model_.check(HeadKind::sequence_classification, where_text_classification);
}

TextClassification TextClassification::load(const std::filesystem::path& folder,
                                            const ModelOptions& options) {
  return TextClassification(TaskModel::load(folder, HeadKind::sequence_classification, options));
}

auto TextClassification::each(std::span<const TextInput> inputs,
                              const TextClassificationOptions& options, const RunOptions& run) const
    -> std::vector<Outcome<Result>> {
  const Model& model = *model_.model;
  return run_each<Result>(
      static_cast<Index>(inputs.size()),
      {.tokenizer = model_.tokenizer->settings(),
       .encode =
           [&](Index item) {
             return std::vector<Encoding>{
                 encode_input(model_, inputs[static_cast<std::size_t>(item)],
                              {.options = options.tokenize, .where = where_text_classification})};
           },
       .forward = [&](const Batch& batch, Workspace& space) { return model.logits(batch, space); },
       .row_starts = one_row_each,
       .finish =
           [&](Index, std::span<WindowOutput> windows) {
             return label_scores(windows.front().values, model.config(), options);
           }},
      run);
}

auto TextClassification::operator()(std::span<const TextInput> inputs,
                                    const TextClassificationOptions& options,
                                    const RunOptions& run) const -> std::vector<Result> {
  return values(each(inputs, options, run));
}

auto TextClassification::operator()(const TextInput& input,
                                    const TextClassificationOptions& options) const -> Result {
  return std::move(values(each({&input, 1}, options)).front());
}

}  // namespace attend
