// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Exact match and F1 of answers, by the rules of SQuAD.
#include <algorithm>
#include <array>

#include "cli/evaluate/evaluations.h"

namespace attend::cli {
namespace {

struct QuestionField {
  enum : std::size_t { question, context, answers, id };
};

const std::array<DataField, 4>& answer_fields() {
  static const std::array<DataField, 4> fields = {{
      {.role = "question", .names = {"question"}},
      {.role = "context", .names = {"context"}},
      {.role = "answers", .names = {"answers", "answer"}, .kind = FieldKind::answers},
      {.role = "id", .names = {"id"}, .need = DataField::Need::optional},
  }};
  return fields;
}

std::vector<std::string> predict(Evaluation& evaluation, const QuestionAnswering& task,
                                 const DataSet& data, const QuestionAnsweringOptions& call) {
  std::vector<std::string> predicted;
  evaluation.in_pieces(
      data.rows.size(), [&](std::size_t begin, std::size_t end, const RunOptions& how) {
        std::vector<Question> items;
        for (std::size_t i = begin; i < end; ++i) {
          items.push_back({data.rows[i].text(QuestionField::question),
                           data.rows[i].text(QuestionField::context)});
        }
        const auto outcomes = task.each(items, call, how);
        for (std::size_t i = begin; i < end; ++i) {
          const auto& spans = Evaluation::value_of(outcomes[i - begin], data, i);
          predicted.push_back(spans.empty() ? "" : spans.front().answer);
        }
      });
  return predicted;
}

void add_wrong_answer(Evaluation& evaluation, const DataRow& row, const std::string& predicted,
                      const AnswerScore& score) {
  if (score.exact > 0) return;
  evaluation.add_wrong(row, [&](JsonWriter& writer) {
    if (row.has(QuestionField::id)) write_member(writer, "id", row.text(QuestionField::id));
    write_member(writer, "question", row.text(QuestionField::question));
    write_members(writer, "answers", row.list(QuestionField::answers));
    write_member(writer, "predicted", predicted);
    writer.key("f1");
    writer.number(score.f1);
  });
}

void add_figures(std::vector<Figure>& figures, const std::string& prefix, const AnswerMean& mean) {
  figures.push_back({prefix + "exact_match", mean.score.exact});
  figures.push_back({prefix + "f1", mean.score.f1});
}

}  // namespace

int evaluate_answers(Terminal& terminal, const AnswerEvaluation& options) {
  Evaluation evaluation(terminal, options.common);
  const DataSet data = evaluation.read(answer_fields());
  std::vector<std::vector<std::string>> gold;
  for (const DataRow& row : data.rows) {
    gold.emplace_back(row.list(QuestionField::answers).begin(),
                      row.list(QuestionField::answers).end());
  }
  const bool unanswerable =
      std::any_of(gold.begin(), gold.end(), [](const auto& right) { return right.empty(); });
  const SquadVersion version = unanswerable ? SquadVersion::v2 : SquadVersion::v1;
  QuestionAnsweringOptions call{.max_answer_len = options.max_answer_len};
  call.handle_impossible_answer = unanswerable || options.handle_impossible_answer;

  const auto task = evaluation.load<QuestionAnswering>("question-answering");
  const std::vector<std::string> predicted = predict(evaluation, task, data, call);
  for (std::size_t i = 0; i < gold.size(); ++i) {
    add_wrong_answer(evaluation, data.rows[i], predicted[i],
                     score_answer(predicted[i], gold[i], version));
  }
  const AnswerScores scores = score_answers(predicted, gold, version);
  EvaluationReport report{.task = "question-answering", .items = static_cast<Index>(gold.size())};
  add_figures(report.figures, "", scores.all);
  if (unanswerable) {
    if (scores.has_answer.items > 0) {
      add_figures(report.figures, "has_answer_", scores.has_answer);
    }
    add_figures(report.figures, "no_answer_", scores.no_answer);
  }
  return evaluation.finish(report);
}

}  // namespace attend::cli
