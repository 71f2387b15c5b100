// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Span F1 of entities in words with tags, by the rules of seqeval; for tags that mark no spans
// (parts of speech) accuracy and F1 of the words' labels.
#include <algorithm>
#include <array>

#include "attend/task/token_classification.h"
#include "cli/evaluate/evaluations.h"
#include "cli/evaluate/label_match.h"

namespace attend::cli {
namespace {

struct EntityField {
  enum : std::size_t { tokens, tags };
};

const std::array<DataField, 2>& entity_fields() {
  static const std::array<DataField, 2> fields = {{
      {.role = "tokens", .names = {"tokens", "words"}, .kind = FieldKind::words},
      {.role = "tags", .names = {"tags", "ner_tags", "ner", "labels"}, .kind = FieldKind::words},
  }};
  return fields;
}

/// Throws: FileError for a row that has not a tag a word.
void check_sizes(const DataSet& data) {
  for (const DataRow& row : data.rows) {
    if (row.list(EntityField::tokens).size() == row.list(EntityField::tags).size()) continue;
    throw FileError(
        Error(ErrorKind::invalid_format,
              {.where = "evaluate",
               .what = "tags",
               .expected = std::to_string(row.list(EntityField::tokens).size()) + ", one a word",
               .found = std::to_string(row.list(EntityField::tags).size()),
               .file = data.place(row.line)}));
  }
}

/// The tag of a word is that of its first token, as in the training scripts of transformers; words
/// that were cut off have none.
Tags word_tags(const std::vector<Entity>& found, const std::vector<std::string_view>& words) {
  Tags out(words.size(), "O");
  Index begin = 0;  // of the word, in the words joined with blanks
  auto token = found.begin();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Index end = begin + static_cast<Index>(words[i].size());
    token = std::find_if(token, found.end(),
                         [&](const Entity& one) { return one.bytes.begin >= begin; });
    if (token != found.end() && token->bytes.begin < end) out[i] = token->label;
    begin = end + 1;
  }
  return out;
}

std::vector<Tags> predict(Evaluation& evaluation, const TokenClassification& task,
                          const DataSet& data) {
  TokenClassificationOptions call;
  call.ignore_labels.clear();
  std::vector<Tags> predicted;
  evaluation.in_pieces(
      data.rows.size(), [&](std::size_t begin, std::size_t end, const RunOptions& how) {
        std::vector<TokenClassification::Words> items;
        for (std::size_t i = begin; i < end; ++i)
          items.push_back(data.rows[i].list(EntityField::tokens));
        const auto outcomes = task.each_words(items, call, how);
        for (std::size_t i = begin; i < end; ++i) {
          predicted.push_back(
              word_tags(Evaluation::value_of(outcomes[i - begin], data, i), items[i - begin]));
        }
      });
  return predicted;
}

void remove_types(std::vector<TaggedSpans>& sentences, const std::vector<std::string>& types) {
  for (TaggedSpans& spans : sentences) {
    std::erase_if(spans, [&](const LabelledSpan& span) {
      return std::find(types.begin(), types.end(), span.label) != types.end();
    });
  }
}

std::vector<std::string> flat(const std::vector<Tags>& sentences) {
  std::vector<std::string> all;
  for (const Tags& tags : sentences) all.insert(all.end(), tags.begin(), tags.end());
  return all;
}

bool mark_spans(const std::vector<std::string>& labels) {
  return std::any_of(labels.begin(), labels.end(),
                     [](const std::string& label) { return type_of_tag(label) != label; });
}

void check_ignored(const std::vector<std::string>& ignored,
                   const std::vector<std::string>& labels) {
  for (const std::string& type : ignored) {
    const bool known = std::any_of(labels.begin(), labels.end(), [&](const std::string& label) {
      return type_of_tag(label) == type && label != type;
    });
    if (!known) {
      throw UsageError("--ignore-labels: " + quote(type) + " is no type of entity of this model");
    }
  }
}

/// Sentences with their right tags and what the model says.
struct Tagged {
  const DataSet& data;
  const std::vector<Tags>& gold;
  const std::vector<Tags>& guess;
};

/// A sentence is wrong where one of its spans is, or where it has no spans one of its tags.
template <class Items>
std::vector<std::size_t> wrong_sentences(const Items& gold, const Items& guess) {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    if (gold[i] != guess[i]) wrong.push_back(i);
  }
  return wrong;
}

void write_wrong(Evaluation& evaluation, const Tagged& sentences,
                 const std::vector<std::size_t>& wrong) {
  const auto write = [](JsonWriter& writer, std::string_view key, const Tags& tags) {
    write_members(writer, key, std::vector<std::string_view>(tags.begin(), tags.end()));
  };
  for (const std::size_t i : wrong) {
    const DataRow& row = sentences.data.rows[i];
    evaluation.add_wrong(row, [&](JsonWriter& writer) {
      write_members(writer, "tokens", row.list(EntityField::tokens));
      write(writer, "tags", sentences.gold[i]);
      write(writer, "predicted", sentences.guess[i]);
    });
  }
}

}  // namespace

int evaluate_entities(Terminal& terminal, const EntityEvaluation& options) {
  const LabelMap map = parse_label_map(options.label_map);
  Evaluation evaluation(terminal, options.common);
  const DataSet data = evaluation.read(entity_fields());
  check_sizes(data);
  const auto task = evaluation.load<TokenClassification>("token-classification");
  const std::vector<std::string>& labels = task.task_model().model->config().labels;
  check_ignored(options.ignore_labels, labels);

  std::set<std::string_view> found;
  for (const DataRow& row : data.rows)
    found.insert(row.list(EntityField::tags).begin(), row.list(EntityField::tags).end());
  const LabelMap names = match_labels(found, map, labels, LabelForm::tags);
  std::vector<Tags> gold;
  for (const DataRow& row : data.rows) {
    Tags& sentence = gold.emplace_back();
    for (const std::string_view tag : row.list(EntityField::tags))
      sentence.push_back(names.find(tag)->second);
  }
  const std::vector<Tags> guess = predict(evaluation, task, data);

  const auto words = std::pair(flat(gold), flat(guess));
  EvaluationReport report{.task = "token-classification",
                          .items = static_cast<Index>(data.rows.size())};
  report.figures = {{"word_accuracy", accuracy(words.first, words.second)}};
  if (mark_spans(labels)) {
    auto gold_spans = spans_of_tags(gold);
    auto guess_spans = spans_of_tags(guess);
    remove_types(gold_spans, options.ignore_labels);
    remove_types(guess_spans, options.ignore_labels);
    write_wrong(evaluation, {data, gold, guess}, wrong_sentences(gold_spans, guess_spans));
    report.classes = score_spans(gold_spans, guess_spans);
    report.figures.insert(report.figures.begin(), {{"precision", report.classes->micro.precision},
                                                   {"recall", report.classes->micro.recall},
                                                   {"f1", report.classes->micro.f1}});
  } else {
    write_wrong(evaluation, {data, gold, guess}, wrong_sentences(gold, guess));
    report.classes = score_classes(words.first, words.second);
    report.figures.push_back({"macro_f1", report.classes->macro.f1});
  }
  return evaluation.finish(report);
}

}  // namespace attend::cli
