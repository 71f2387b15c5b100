// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Accuracy and F1 of labels: text classification, and zero-shot classification.
#include <array>

#include "attend/task/text_classification.h"
#include "cli/evaluate/evaluations.h"
#include "cli/evaluate/label_match.h"

namespace attend::cli {
namespace {

struct LabelField {
  enum : std::size_t { text, label, pair };
};

const std::array<DataField, 3>& classification_fields() {
  static const std::array<DataField, 3> fields = {{
      {.role = "text", .names = {"text", "sentence", "sentence1", "premise"}},
      {.role = "label", .names = {"label"}},
      {.role = "pair",
       .names = {"text_pair", "sentence2", "hypothesis"},
       .need = DataField::Need::optional},
  }};
  return fields;
}

std::set<std::string_view> labels_of(const DataSet& data) {
  std::set<std::string_view> labels;
  for (const DataRow& row : data.rows) labels.insert(row.text(LabelField::label));
  return labels;
}

/// The right labels in the words of the model.
std::vector<std::string> gold_labels(const DataSet& data, const LabelMap& names) {
  std::vector<std::string> gold;
  for (const DataRow& row : data.rows)
    gold.push_back(names.find(row.text(LabelField::label))->second);
  return gold;
}

/// Items with their right labels and what the model says.
struct Classified {
  const DataSet& data;
  const std::vector<std::string>& gold;
  const std::vector<LabelScore>& predicted;
};

/// Reports, and writes the items whose label is wrong.
int finish(Evaluation& evaluation, const std::string& task, const Classified& items) {
  const auto& [data, gold, predicted] = items;
  std::vector<std::string> labels;
  for (const LabelScore& one : predicted) labels.push_back(one.label);
  for (std::size_t i = 0; i < gold.size(); ++i) {
    if (gold[i] == labels[i]) continue;
    const DataRow& row = data.rows[i];
    evaluation.add_wrong(row, [&](JsonWriter& writer) {
      write_member(writer, "text", row.text(LabelField::text));
      if (row.values.size() > LabelField::pair && row.has(LabelField::pair))
        write_member(writer, "text_pair", row.text(LabelField::pair));
      write_member(writer, "label", items.gold[i]);
      write_member(writer, "predicted", labels[i]);
      writer.key("score");
      writer.number(items.predicted[i].score);
    });
  }
  const ClassScores classes = score_classes(gold, labels);
  return evaluation.finish(
      {.task = task,
       .items = static_cast<Index>(gold.size()),
       .figures = {{"accuracy", accuracy(gold, labels)}, {"macro_f1", classes.macro.f1}},
       .classes = classes});
}

/// Throws: FileError, unless the model chooses one of several classes.
void check_classes(const ModelConfig& config) {
  const bool several = config.labels.size() > 1 && config.problem_type != "regression" &&
                       config.problem_type != "multi_label_classification";
  if (several) return;
  const std::string problem = config.problem_type.empty() ? "" : ", " + config.problem_type;
  throw FileError(Error(ErrorKind::unsupported,
                        {.where = "evaluate",
                         .what = "the model",
                         .expected = "one that chooses a class",
                         .found = std::to_string(config.labels.size()) + " classes" + problem}));
}

}  // namespace

int evaluate_classification(Terminal& terminal, const ClassificationEvaluation& options) {
  const LabelMap map = parse_label_map(options.label_map);
  Evaluation evaluation(terminal, options.common);
  const DataSet data = evaluation.read(classification_fields());
  const auto task = evaluation.load<TextClassification>("text-classification");
  const ModelConfig& config = task.task_model().model->config();
  check_classes(config);
  const auto gold =
      gold_labels(data, match_labels(labels_of(data), map, config.labels, LabelForm::whole));

  TextClassificationOptions call{.top_k = 1};
  call.tokenize.truncation = TruncationStrategy::longest_first;
  std::vector<LabelScore> predicted;
  evaluation.in_pieces(
      data.rows.size(), [&](std::size_t begin, std::size_t end, const RunOptions& how) {
        std::vector<TextInput> inputs;
        for (std::size_t i = begin; i < end; ++i) {
          const DataRow& row = data.rows[i];
          inputs.emplace_back(row.text(LabelField::text));
          if (row.has(LabelField::pair)) inputs.back().pair = row.text(LabelField::pair);
        }
        const auto outcomes = task.each(inputs, call, how);
        for (std::size_t i = begin; i < end; ++i) {
          predicted.push_back(Evaluation::value_of(outcomes[i - begin], data, i).front());
        }
      });
  return finish(evaluation, "text-classification", {data, gold, predicted});
}

int evaluate_zero_shot(Terminal& terminal, const ZeroShotEvaluation& options) {
  const LabelMap map = parse_label_map(options.label_map);
  ZeroShotOptions call{.candidate_labels = split_labels(options.labels),
                       .hypothesis_template = options.hypothesis_template};
  Evaluation evaluation(terminal, options.common);
  const DataSet data = evaluation.read(std::span(classification_fields()).first(LabelField::pair));
  const auto found = labels_of(data);
  if (call.candidate_labels.empty()) {
    std::set<std::string> names;
    for (const std::string_view name : found) {
      const auto mapped = map.find(name);
      names.insert(mapped == map.end() ? std::string(name) : mapped->second);
    }
    call.candidate_labels.assign(names.begin(), names.end());
  }
  const auto gold =
      gold_labels(data, match_labels(found, map, call.candidate_labels, LabelForm::whole));

  const auto task = evaluation.load<ZeroShotClassification>("zero-shot-classification");
  std::vector<LabelScore> predicted;
  evaluation.in_pieces(
      data.rows.size(), [&](std::size_t begin, std::size_t end, const RunOptions& how) {
        std::vector<std::string_view> texts;
        for (std::size_t i = begin; i < end; ++i)
          texts.push_back(data.rows[i].text(LabelField::text));
        const auto outcomes = task.each(texts, call, how);
        for (std::size_t i = begin; i < end; ++i) {
          const ZeroShotResult& result = Evaluation::value_of(outcomes[i - begin], data, i);
          predicted.push_back({result.labels.front(), result.scores.front()});
        }
      });
  return finish(evaluation, "zero-shot-classification", {data, gold, predicted});
}

}  // namespace attend::cli
