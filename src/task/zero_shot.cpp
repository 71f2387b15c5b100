// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Zero-shot classification: one pair of text and hypothesis a label.
#include "attend/task/zero_shot.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "task/encode_input.h"
#include "task/typed_items.h"
#include "task/zero_shot_scores.h"

namespace attend {
namespace {

Encoding encode_hypothesis(const TaskModel& model, std::string_view text,
                           std::string_view hypothesis) {
  const TokenizerSettings& settings = model.tokenizer->settings();
  EncodeOptions options{.fields = EncodingFields::ids};
  Encoding encoding;
  if (settings.model_max_length) {
    options.truncation = Truncation{.max_length = *settings.model_max_length,
                                    .strategy = TruncationStrategy::only_first,
                                    .side = settings.truncation_side};
    try {
      encoding = model.tokenizer->encode_pair(text, hypothesis, options);
    } catch (const Error& error) {
      // The hypothesis alone is too long: the reference then cuts nothing.
      if (error.kind() != ErrorKind::input_too_long) throw;
      options.truncation.reset();
      encoding = model.tokenizer->encode_pair(text, hypothesis, options);
    }
  } else {
    encoding = model.tokenizer->encode_pair(text, hypothesis, options);
  }
  check_fits(model, encoding, where_zero_shot, "shorten the label, the template or the text");
  return encoding;
}

void check_not_empty(std::string_view text) {
  if (!text.empty()) return;
  fail(ErrorKind::config_error, {.where = std::string(where_zero_shot),
                                 .what = "text",
                                 .expected = "at least one character",
                                 .found = "none"});
}

[[noreturn]] void fail_too_many(Index labels) {
  fail(ErrorKind::resource_limit, {.where = std::string(where_zero_shot),
                                   .what = "candidate_labels",
                                   .expected = "fewer labels, or fewer texts in a call",
                                   .found = std::to_string(labels)});
}

/// The logits of one text, [labels, classes], which come in any order.
class LabelLogits {
 public:
  /// Whether this was the last label.
  bool add(Index label, Index labels, const WindowOutput& output) {
    values_.resize(static_cast<std::size_t>(labels * output.cols));
    std::copy(output.values.begin(), output.values.end(), values_.begin() + label * output.cols);
    return ++added_ == labels;
  }

  [[nodiscard]] MatrixView<const float> matrix(Index labels) const {
    return {values_.data(), labels, static_cast<Index>(values_.size()) / labels};
  }

 private:
  std::vector<float> values_;
  Index added_ = 0;
};

/// The caller counts texts.
RunOptions options_of_pairs(RunOptions run, Index labels) {
  if (!run.progress) return run;
  run.progress = [progress = std::move(run.progress), labels, reported = Index{0}](
                     Index done, Index total) mutable {
    if (done / labels == reported) return;
    reported = done / labels;
    progress(reported, total / labels);
  };
  return run;
}

}  // namespace

ZeroShotClassification::ZeroShotClassification(TaskModel model) : model_(std::move(model)) {
  model_.check(HeadKind::sequence_classification, where_zero_shot);
  const InferenceClasses classes = inference_classes(model_.model->config());
  entailment_ = classes.entailment;
  contradiction_ = classes.contradiction;
}

ZeroShotClassification ZeroShotClassification::load(const std::filesystem::path& folder,
                                                    const ModelOptions& options) {
  return ZeroShotClassification(
      TaskModel::load(folder, HeadKind::sequence_classification, options));
}

auto ZeroShotClassification::each(std::span<const std::string_view> texts,
                                  const ZeroShotOptions& options, const RunOptions& run) const
    -> std::vector<Outcome<Result>> {
  const std::vector<std::string> hypotheses = make_hypotheses(options);
  const auto labels = static_cast<Index>(hypotheses.size());
  const auto count = static_cast<Index>(texts.size());
  const Model& model = *model_.model;
  // Every pair is an item of the loop: memory then does not grow with labels times tokens.
  const std::optional<Index> pairs = checked_product(count, labels);
  if (!pairs) fail_too_many(labels);
  std::vector<LabelLogits> logits(texts.size());
  std::vector<std::optional<Result>> results(texts.size());
  std::vector<std::optional<Error>> failed(texts.size());  // the first Error of each text
  const ItemTask task{
      .tokenizer = model_.tokenizer->settings(),
      .encode = [&](Index pair) -> std::vector<Encoding> {
        const auto text = static_cast<std::size_t>(pair / labels);
        if (failed[text]) return {};  // no label can help any more
        try {
          check_not_empty(texts[text]);
          return {encode_hypothesis(model_, texts[text],
                                    hypotheses[static_cast<std::size_t>(pair % labels)])};
        } catch (const Error& error) {
          failed[text] = error;
          return {};
        }
      },
      .forward = [&](const Batch& batch, Workspace& space) { return model.logits(batch, space); },
      .row_starts = one_row_each,
      .finish =
          [&](Index pair, std::span<WindowOutput> windows) {
            if (windows.empty()) return;
            const auto text = static_cast<std::size_t>(pair / labels);
            if (!logits[text].add(pair % labels, labels, windows.front())) return;
            results[text] = zero_shot_result(texts[text], logits[text].matrix(labels),
                                             {entailment_, contradiction_}, options);
            logits[text] = {};
          }};
  const std::map<Index, Error> errors = run_items(*pairs, task, options_of_pairs(run, labels));
  std::vector<Outcome<Result>> outcomes;
  outcomes.reserve(texts.size());
  for (std::size_t text = 0; text < texts.size(); ++text) {
    if (results[text]) {
      outcomes.emplace_back(*std::move(results[text]));
      continue;
    }
    // Without a text at fault it is the model that refused a pair.
    outcomes.emplace_back(failed[text]
                              ? *failed[text]
                              : errors.lower_bound(static_cast<Index>(text) * labels)->second);
  }
  return outcomes;
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
