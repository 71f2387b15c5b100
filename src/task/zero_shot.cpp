// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Zero-shot classification: one pair of text and hypothesis a label.
#include "attend/task/zero_shot.h"

#include <string>
#include <utility>

#include "task/encode_input.h"
#include "task/typed_items.h"
#include "task/zero_shot_scores.h"

namespace attend {
namespace {

constexpr HeadKind head = HeadKind::sequence_classification;
constexpr std::string_view where = "zero-shot-classification";

Encoding encode_hypothesis(const TaskModel& model, std::string_view text,
                           std::string_view hypothesis) {
  const TokenizerSettings& settings = model.tokenizer->settings();
  Encoding encoding;
  if (settings.model_max_length) {
    const Truncation truncation{.max_length = *settings.model_max_length,
                                .strategy = TruncationStrategy::only_first,
                                .side = settings.truncation_side};
    try {
      encoding = model.tokenizer->encode_pair(text, hypothesis, {.truncation = truncation});
    } catch (const Error& error) {
      // The hypothesis alone is too long: the reference then cuts nothing.
      if (error.kind() != ErrorKind::input_too_long) throw;
      encoding = model.tokenizer->encode_pair(text, hypothesis);
    }
  } else {
    encoding = model.tokenizer->encode_pair(text, hypothesis);
  }
  check_fits(model, encoding, where, "shorten the label, the template or the text");
  return encoding;
}

void check_not_empty(std::string_view text) {
  if (!text.empty()) return;
  fail(ErrorKind::config_error, {.where = std::string(where),
                                 .what = "text",
                                 .expected = "at least one character",
                                 .found = "none"});
}

}  // namespace

ZeroShotClassification::ZeroShotClassification(TaskModel model) : model_(std::move(model)) {
  model_.check(head, where);
  const InferenceClasses classes = inference_classes(model_.model->config());
  entailment_ = classes.entailment;
  contradiction_ = classes.contradiction;
}

ZeroShotClassification ZeroShotClassification::load(const std::filesystem::path& folder) {
  return ZeroShotClassification(TaskModel::load(folder, head));
}

auto ZeroShotClassification::each(std::span<const std::string_view> texts,
                                  const ZeroShotOptions& options, const RunOptions& run) const
    -> std::vector<Outcome<Result>> {
  const std::vector<std::string> hypotheses = make_hypotheses(options);
  const Model& model = *model_.model;
  return run_each<Result>(
      static_cast<Index>(texts.size()),
      {.encode =
           [&](Index item) {
             const std::string_view text = texts[static_cast<std::size_t>(item)];
             check_not_empty(text);
             std::vector<Encoding> pairs;
             pairs.reserve(hypotheses.size());
             for (const std::string& hypothesis : hypotheses) {
               pairs.push_back(encode_hypothesis(model_, text, hypothesis));
             }
             return pairs;
           },
       .forward = [&](const Batch& batch, Workspace& space) { return model.logits(batch, space); },
       .row_starts = one_row_each,
       .finish =
           [&](Index item, std::span<WindowOutput> pairs) {
             std::vector<float> logits;
             for (const WindowOutput& pair : pairs) {
               logits.insert(logits.end(), pair.values.begin(), pair.values.end());
             }
             return zero_shot_result(
                 texts[static_cast<std::size_t>(item)],
                 {logits.data(), static_cast<Index>(pairs.size()), pairs.front().cols},
                 {entailment_, contradiction_}, options);
           }},
      run);
}

auto ZeroShotClassification::operator()(std::span<const std::string_view> texts,
                                        const ZeroShotOptions& options, const RunOptions& run) const
    -> std::vector<Result> {
  return values(each(texts, options, run));
}

auto ZeroShotClassification::operator()(std::string_view text, const ZeroShotOptions& options) const
    -> Result {
  return std::move(values(each({&text, 1}, options)).front());
}

}  // namespace attend
