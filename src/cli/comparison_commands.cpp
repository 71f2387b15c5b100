// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The command that compares texts as pairs: rerank.
#include <memory>
#include <optional>
#include <ostream>

#include "attend/task/rerank.h"
#include "cli/text_command.h"

namespace attend::cli {
namespace {

struct RerankCommandOptions {
  TextOptions common;
  std::string query;
  RerankOptions call;
};

/// One line for `--json`: where a document is, and its score or why it has none.
void write_document(std::ostream& out, Index index, std::string_view text,
                    const Outcome<float>& score) {
  JsonWriter writer;
  writer.begin_object();
  writer.key("index");
  writer.integer(index);
  if (score.ok()) {
    writer.key("score");
    writer.number(score.value());
    writer.key("text");
    writer.string(text);
  } else {
    write_error(writer, score.error());
  }
  writer.end_object();
  out << writer.take() << '\n';
}

Rerank load_reranker(const TextOptions& options) {
  auto task = load<Rerank>("rerank", options);
  const std::size_t classes = task.task_model().model->config().labels.size();
  if (classes == 1) return task;
  throw FileError(Error(ErrorKind::config_error, {.where = "rerank",
                                                  .what = "the model",
                                                  .expected = "one class, whose score ranks",
                                                  .found = std::to_string(classes)}));
}

/// As Rerank::rank(), but a document that fails does not stop the others.
int run_rerank(Terminal& terminal, const RerankCommandOptions& options) {
  const Rerank task = load_reranker(options.common);
  TextRun run(terminal, options.common);
  TextSource source(options.common.texts, options.common.file, terminal);
  const std::vector<InputLine> lines = source.rest();
  std::vector<TextInput> pairs;
  for (const InputLine& line : lines) pairs.emplace_back(options.query, line.text);
  const auto outcomes = task.each(pairs, options.call, run.run_options(source));
  std::vector<RankedDocument> ranked;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto index = static_cast<Index>(i);
    if (!lines[i].too_long && outcomes[i].ok()) {
      ranked.push_back({index, outcomes[i].value().front()});
      continue;
    }
    const Error error = lines[i].too_long ? long_line_error(lines[i]) : outcomes[i].error();
    run.report(index + 1, error);
    if (options.common.json) write_document(run.out(), index, {}, error);
  }
  keep_best(ranked, options.call.top_k);
  std::vector<ScoredRow> rows;
  for (const RankedDocument& document : ranked) {
    const std::string& text = lines[static_cast<std::size_t>(document.index)].text;
    if (options.common.json) {
      write_document(run.out(), document.index, text, document.score);
    } else {
      rows.push_back({std::to_string(document.index + 1), document.score, text});
    }
  }
  run.printer().rows(rows, 0);
  return run.code();
}

void add_rerank(CLI::App& app, Session& session) {
  const auto options = std::make_shared<RerankCommandOptions>();
  CLI::App& command = add_command(
      app, session, {{"rerank"}, "Documents by how well they answer a query", run_rerank}, options);
  add_text_options(command, options->common, "texts,--documents", "Documents to sort");
  command.add_option("-q,--query", options->query, "What is asked")->required();
  command.add_option("--prompt", options->call.prompt, "Put before the query")->type_name("TEXT");
  command.add_option("--prompt-name", options->call.prompt_name, "A prompt of the model")
      ->type_name("NAME");
  command.add_option("--top-k", options->call.top_k, "Documents to show, best first")
      ->type_name("N")
      ->check(between(1, 1000000));
  command.footer(
      "Example:\n  attend rerank --model FOLDER --query \"How tall is Everest?\" "
      "--file documents.txt --top-k 5");
}

}  // namespace

void add_comparison_commands(CLI::App& app, Session& session) { add_rerank(app, session); }

}  // namespace attend::cli
