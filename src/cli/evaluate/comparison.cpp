// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Similarity: correlation of cosines with what people say. Rerank: how high the first relevant
// document of a query stands.
#include <algorithm>
#include <array>
#include <numeric>

#include "attend/task/rerank.h"
#include "attend/task/sentence_embedding.h"
#include "cli/evaluate/data_readers.h"
#include "cli/evaluate/evaluations.h"

namespace attend::cli {
namespace {

// ---- similarity

enum PairField : std::size_t { first, second, gold_score };

const std::array<DataField, 3>& pair_fields() {
  static const std::array<DataField, 3> fields = {{
      {.role = "text", .names = {"sentence1", "text", "sentence", "premise"}},
      {.role = "pair", .names = {"sentence2", "text_pair", "hypothesis"}},
      {.role = "score", .names = {"score", "label"}, .kind = FieldKind::number},
  }};
  return fields;
}

// ---- rerank

enum RankField : std::size_t { query, document, label, positive, negative };

const std::array<DataField, 5>& rank_fields() {
  constexpr auto optional = DataField::Need::optional;
  static const std::array<DataField, 5> fields = {{
      {.role = "query", .names = {"query", "question"}},
      {.role = "document", .names = {"document", "passage", "text"}, .need = optional},
      {.role = "label", .names = {"label", "score"}, .need = optional},
      {.role = "positive", .names = {"positive"}, .kind = FieldKind::answers, .need = optional},
      {.role = "negative", .names = {"negative"}, .kind = FieldKind::answers, .need = optional},
  }};
  return fields;
}

/// What the data says of a document.
enum class Relevance : bool { irrelevant, relevant };

/// A query with its documents.
struct RankedQuery {
  std::string_view query;
  std::size_t row = 0;    ///< the first one of the query
  std::size_t begin = 0;  ///< its documents among those of all queries
  std::size_t end = 0;
};

struct Documents {
  std::vector<RankedQuery> queries;
  std::vector<std::string_view> texts;
  std::vector<Relevance> relevance;
  std::vector<std::size_t> query_of;  ///< by document

  void begin_query(std::string_view text, std::size_t row) {
    queries.push_back({text, row, texts.size(), texts.size()});
  }
  void add(std::string_view text, Relevance of_text) {
    texts.push_back(text);
    relevance.push_back(of_text);
    query_of.push_back(queries.size() - 1);
    queries.back().end = texts.size();
  }
};

[[noreturn]] void fail_document(const DataSet& data, const DataRow& row, ErrorDetail detail) {
  detail.where = "evaluate";
  detail.file = data.place(row.line);
  throw FileError(Error(ErrorKind::invalid_format, std::move(detail)));
}

Relevance relevance_of(const DataSet& data, const DataRow& row) {
  const std::string_view found = row.text(label);
  if (found == "true") return Relevance::relevant;
  if (found == "false") return Relevance::irrelevant;
  const auto number = parse_number(found);
  if (!number) {
    fail_document(data, row,
                  {.what = "label",
                   .expected = "a number, above 0 where the document is relevant",
                   .found = quote(found)});
  }
  return *number > 0 ? Relevance::relevant : Relevance::irrelevant;
}

/// Rows of one query follow each other, or a row has all of its documents.
Documents documents_of(const DataSet& data) {
  Documents out;
  bool open = false;  // whether rows may add to the last query
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    const DataRow& row = data.rows[i];
    const bool lists = row.has(positive) || row.has(negative);
    if (lists == row.has(document) || row.has(document) != row.has(label)) {
      fail_document(data, row,
                    {.what = "documents",
                     .expected = "document and label, or positive and negative",
                     .found = "other fields"});
    }
    if (lists || !open || out.queries.back().query != row.text(query)) {
      out.begin_query(row.text(query), i);
    }
    open = !lists;
    if (!lists) {
      out.add(row.text(document), relevance_of(data, row));
      continue;
    }
    if (row.has(positive)) {
      for (const std::string_view text : row.list(positive)) out.add(text, Relevance::relevant);
    }
    if (row.has(negative)) {
      for (const std::string_view text : row.list(negative)) out.add(text, Relevance::irrelevant);
    }
    if (out.queries.back().begin == out.queries.back().end) {
      fail_document(data, row, {.what = "documents", .expected = "at least one", .found = "none"});
    }
  }
  return out;
}

std::vector<float> document_scores(Evaluation& evaluation, const Rerank& task, const DataSet& data,
                                   const Documents& documents) {
  std::vector<float> scores;
  evaluation.in_pieces(
      documents.texts.size(), [&](std::size_t begin, std::size_t end, const RunOptions& how) {
        std::vector<TextInput> pairs;
        for (std::size_t i = begin; i < end; ++i) {
          pairs.emplace_back(documents.queries[documents.query_of[i]].query, documents.texts[i]);
        }
        const auto outcomes = task.each(pairs, {}, how);
        for (std::size_t i = begin; i < end; ++i) {
          const std::size_t row = documents.queries[documents.query_of[i]].row;
          scores.push_back(Evaluation::value_of(outcomes[i - begin], data, row).front());
        }
      });
  return scores;
}

/// Documents of a query, best first; equal scores in the order of the file.
std::vector<std::size_t> ranking(const RankedQuery& of, const std::vector<float>& scores) {
  std::vector<std::size_t> order(of.end - of.begin);
  std::iota(order.begin(), order.end(), of.begin);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

}  // namespace

int evaluate_similarity(Terminal& terminal, const SimilarityEvaluation& options) {
  if (!options.common.errors.empty()) {
    throw UsageError("--errors: similarities are not right or wrong");
  }
  Evaluation evaluation(terminal, options.common);
  const DataSet data = evaluation.read(pair_fields());
  const auto task = evaluation.load<SentenceEmbedding>("embed");
  std::vector<double> cosines;
  std::vector<double> gold;
  evaluation.in_pieces(data.rows.size(),
                       [&](std::size_t begin, std::size_t end, const RunOptions& how) {
                         std::vector<std::string_view> texts;
                         for (std::size_t i = begin; i < end; ++i) {
                           texts.push_back(data.rows[i].text(first));
                           texts.push_back(data.rows[i].text(second));
                         }
                         const auto outcomes = task.each(texts, {}, how);
                         for (std::size_t i = begin; i < end; ++i) {
                           const std::size_t at = 2 * (i - begin);
                           cosines.push_back(static_cast<double>(
                               cosine_similarity(Evaluation::value_of(outcomes[at], data, i),
                                                 Evaluation::value_of(outcomes[at + 1], data, i))));
                           gold.push_back(parse_number(data.rows[i].text(gold_score)).value());
                         }
                       });
  return evaluation.finish({.task = "similarity",
                            .items = static_cast<Index>(gold.size()),
                            .figures = {{"spearman", spearman_correlation(cosines, gold)},
                                        {"pearson", pearson_correlation(cosines, gold)}}});
}

int evaluate_rerank(Terminal& terminal, const RerankEvaluation& options) {
  Evaluation evaluation(terminal, options.common);
  const DataSet data = evaluation.read(rank_fields());
  const Documents documents = documents_of(data);
  const auto task = evaluation.load<Rerank>("rerank");
  const std::size_t classes = task.task_model().model->config().labels.size();
  if (classes != 1) {
    throw FileError(Error(ErrorKind::config_error, {.where = "evaluate",
                                                    .what = "the model",
                                                    .expected = "one class, whose score ranks",
                                                    .found = std::to_string(classes)}));
  }
  const std::vector<float> scores = document_scores(evaluation, task, data, documents);
  double reciprocal = 0;
  double hits = 0;
  for (const RankedQuery& one : documents.queries) {
    const std::vector<std::size_t> order = ranking(one, scores);
    std::vector<bool> relevant;
    for (const std::size_t at : order) {
      relevant.push_back(documents.relevance[at] == Relevance::relevant);
    }
    reciprocal += reciprocal_rank(relevant);
    hits += relevant.front() ? 1 : 0;
    if (relevant.front()) continue;
    evaluation.add_wrong(data.rows[one.row], [&](JsonWriter& writer) {
      write_member(writer, "query", one.query);
      write_member(writer, "predicted", documents.texts[order.front()]);
      writer.key("score");
      writer.number(scores[order.front()]);
    });
  }
  const auto queries = static_cast<double>(documents.queries.size());
  return evaluation.finish(
      {.task = "rerank",
       .items = static_cast<Index>(documents.queries.size()),
       .figures = {{"mrr@10", reciprocal / queries}, {"accuracy@1", hits / queries}}});
}

}  // namespace attend::cli
