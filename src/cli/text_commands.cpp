// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands on texts: sentiment, ner, zero-shot, qa, fill-mask, embed, rerank.
#include <algorithm>
#include <iterator>
#include <memory>
#include <ostream>

#include "attend/task/feature_extraction.h"
#include "attend/task/rerank.h"
#include "attend/task/sentence_embedding.h"
#include "attend/task/text_classification.h"
#include "cli/text_run.h"

namespace attend::cli {
namespace {

using Texts = std::vector<std::string_view>;
template <class Task>
using Outcomes = std::vector<Outcome<typename Task::Result>>;

/// A subcommand whose options live in `Options` until it runs.
template <class Options>
CLI::App& add_command(CLI::App& app, Session& session, const char* name, const char* about,
                      const std::shared_ptr<Options>& options,
                      int (*run)(Terminal&, const Options&)) {
  CLI::App* const command = app.add_subcommand(name, about);
  command->callback([&session, options, run] {
    session.action = [&session, options, run] { return run(session.terminal, *options); };
  });
  return *command;
}

template <class Task>
Task load(std::string_view task, const TextOptions& options) {
  const auto folder = model_folder(task, options.model);
  return loading([&] { return Task::load(folder); });
}

/// A heading a text with its rows below; `rows(i)` makes those of text i.
template <class Result, class Rows>
void print_rows(TextRun& run, const Texts& texts, const std::vector<Outcome<Result>>& outcomes,
                Rows rows) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!outcomes[i].ok()) continue;  // reported on the other stream
    run.printer().heading(texts[i]);
    const std::vector<ScoredRow> of_text = rows(i);
    if (of_text.empty()) run.printer().line("  nothing found");
    run.printer().rows(of_text, 2);
  }
}

// ---- sentiment

struct SentimentOptions {
  TextOptions common;
  std::optional<Index> top_k;
  bool all = false;
  bool truncate = false;
};

int run_sentiment(Terminal& terminal, const SentimentOptions& options) {
  const auto task = load<TextClassification>("text-classification", options.common);
  TextRun run(terminal, options.common);
  TextClassificationOptions call{.top_k = options.all ? all_labels : options.top_k.value_or(1)};
  if (options.truncate) call.tokenize.truncation = TruncationStrategy::longest_first;
  return run(
      [&](const Texts& texts, const RunOptions& how) {
        return task.each(std::vector<TextInput>(texts.begin(), texts.end()), call, how);
      },
      [&](const Texts& texts, const Outcomes<TextClassification>& outcomes) {
        if (*call.top_k == 1) {  // one line a text
          std::vector<ScoredRow> rows;
          for (std::size_t i = 0; i < texts.size(); ++i) {
            if (!outcomes[i].ok()) continue;
            const LabelScore& best = outcomes[i].value().at(0);
            rows.push_back({best.label, best.score, std::string(texts[i])});
          }
          return run.printer().rows(rows, 0);
        }
        print_rows(run, texts, outcomes, [&](std::size_t i) {
          std::vector<ScoredRow> rows;
          for (const LabelScore& label : outcomes[i].value()) {
            rows.push_back({label.label, label.score});
          }
          return rows;
        });
      });
}

void add_sentiment(CLI::App& app, Session& session) {
  const auto options = std::make_shared<SentimentOptions>();
  CLI::App& command = add_command(app, session, "sentiment", "What a text feels like, or any class",
                                  options, run_sentiment);
  add_text_options(command, options->common, "texts", "Texts to classify");
  options->common.too_long_hint = "--truncate cuts it";
  command.add_option("--top-k", options->top_k, "Labels to show, best first")
      ->type_name("N")
      ->check(between(1, 1000000));
  command.add_flag("--all", options->all, "Show every label")->excludes("--top-k");
  command.add_flag("--truncate", options->truncate, "Cut texts that are too long for the model");
  command.footer(
      "Example:\n  attend sentiment \"I love it.\" \"Terrible.\"\n"
      "  attend sentiment --model FOLDER --all --file reviews.txt");
}

// ---- ner

struct NerOptions {
  TextOptions common;
  std::string aggregation = "simple";
  std::vector<std::string> ignore_labels = {"O"};
  std::optional<Index> stride;
};

const std::vector<std::pair<std::string, AggregationStrategy>>& strategies() {
  static const std::vector<std::pair<std::string, AggregationStrategy>> all{
      {"none", AggregationStrategy::none},
      {"simple", AggregationStrategy::simple},
      {"first", AggregationStrategy::first},
      {"average", AggregationStrategy::average},
      {"max", AggregationStrategy::max}};
  return all;
}

int run_ner(Terminal& terminal, const NerOptions& options) {
  const auto strategy =
      std::find_if(strategies().begin(), strategies().end(),
                   [&](const auto& one) { return one.first == options.aggregation; });
  const auto task = load<TokenClassification>("token-classification", options.common);
  TextRun run(terminal, options.common);
  const TokenClassificationOptions call{.aggregation_strategy = strategy->second,
                                        .ignore_labels = options.ignore_labels,
                                        .stride = options.stride};
  return run(
      [&](const Texts& texts, const RunOptions& how) { return task.each(texts, call, how); },
      [&](const Texts& texts, const Outcomes<TokenClassification>& outcomes) {
        print_rows(run, texts, outcomes, [&](std::size_t i) {
          std::vector<ScoredRow> rows;
          for (const Entity& entity : outcomes[i].value()) {
            const auto begin = static_cast<std::size_t>(entity.bytes.begin);
            const auto size = static_cast<std::size_t>(entity.bytes.size());
            rows.push_back({entity.label, entity.score, std::string(texts[i].substr(begin, size))});
          }
          return rows;
        });
      });
}

void add_ner(CLI::App& app, Session& session) {
  std::vector<std::string> names;
  for (const auto& [name, strategy] : strategies()) names.push_back(name);
  const auto options = std::make_shared<NerOptions>();
  CLI::App& command =
      add_command(app, session, "ner", "People, places, organisations in a text", options, run_ner);
  add_text_options(command, options->common, "texts", "Texts to search");
  options->common.too_long_hint = "--stride N reads it in windows that share N tokens";
  command
      .add_option("--aggregation", options->aggregation,
                  "How tokens are grouped: none, simple, first, average, max")
      ->type_name("HOW")
      ->transform(CLI::IsMember(names, CLI::ignore_case).description(""));
  command.add_option("--ignore-labels", options->ignore_labels, "Labels to leave out: O,MISC")
      ->type_name("A,B,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      .add_option("--stride", options->stride,
                  "Read long texts in windows that share so many tokens")
      ->type_name("N");
  command.footer(
      "Example:\n  attend ner \"Angela Merkel met Emmanuel Macron in Paris on Monday.\"");
}

// ---- zero-shot

struct ZeroShotCommandOptions {
  TextOptions common;
  std::string labels;
  ZeroShotOptions call;
};

int run_zero_shot(Terminal& terminal, const ZeroShotCommandOptions& options) {
  ZeroShotOptions call = options.call;
  call.candidate_labels = split_labels(options.labels);
  if (call.candidate_labels.empty()) throw UsageError("--labels: expected at least one label");
  const auto task = load<ZeroShotClassification>("zero-shot-classification", options.common);
  TextRun run(terminal, options.common);
  return run([&](const Texts& texts, const RunOptions& how) { return task.each(texts, call, how); },
             [&](const Texts& texts, const Outcomes<ZeroShotClassification>& outcomes) {
               print_rows(run, texts, outcomes, [&](std::size_t i) {
                 const ZeroShotResult& result = outcomes[i].value();
                 std::vector<ScoredRow> rows;
                 for (std::size_t k = 0; k < result.labels.size(); ++k) {
                   rows.push_back({result.labels[k], result.scores[k]});
                 }
                 return rows;
               });
             });
}

void add_zero_shot(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ZeroShotCommandOptions>();
  CLI::App& command = add_command(app, session, "zero-shot", "Which of your labels fit a text",
                                  options, run_zero_shot);
  add_text_options(command, options->common, "texts", "Texts to classify");
  command.add_option("--labels", options->labels, "Labels, with commas between")
      ->type_name("A,B,...")
      ->required();
  command
      .add_option("--template", options->call.hypothesis_template,
                  "The sentence that is asked for, with {} for the label")
      ->type_name("TEXT")
      ->capture_default_str();
  command.add_flag("--multi-label", options->call.multi_label, "Judge each label on its own");
  command.footer(
      "Example:\n  attend zero-shot \"The goalkeeper saved a penalty.\" "
      "--labels politics,sport,cooking");
}

// ---- qa

struct QaOptions {
  TextOptions common;
  std::string question;
  QuestionAnsweringOptions call;
};

/// A context is more than a line, so a file or standard input is one context as a whole.
std::string read_context(const std::string& file, const Terminal& terminal) {
  TextSource source({}, file, terminal);
  std::string context;
  for (const InputLine& line : source.rest()) {
    if (line.too_long) throw long_line_error();  // lines are no texts here: nothing else goes on
    context += (context.empty() ? "" : "\n") + line.text;
  }
  return context;
}

int run_qa(Terminal& terminal, const QaOptions& options) {
  const auto task = load<QuestionAnswering>("question-answering", options.common);
  QaOptions own = options;
  if (own.common.texts.empty()) {
    own.common.texts.push_back(read_context(own.common.file, terminal));
  }
  TextRun run(terminal, own.common);
  return run(
      [&](const Texts& texts, const RunOptions& how) {
        std::vector<Question> questions;
        for (const std::string_view text : texts) {
          questions.push_back({.question = own.question, .context = text});
        }
        return task.each(questions, own.call, how);
      },
      [&](const Texts& texts, const Outcomes<QuestionAnswering>& outcomes) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
          if (!outcomes[i].ok()) continue;
          std::vector<ScoredRow> rows;
          for (const AnswerSpan& answer : outcomes[i].value()) {
            rows.push_back({answer.answer.empty() ? "(no answer)" : answer.answer, answer.score});
          }
          if (rows.empty()) run.printer().line("nothing found");
          run.printer().rows(rows, 0);
        }
      });
}

void add_qa(CLI::App& app, Session& session) {
  const auto options = std::make_shared<QaOptions>();
  CLI::App& command = add_command(app, session, "qa", "The part of a text that answers a question",
                                  options, run_qa);
  add_text_options(command, options->common, "texts,--context", "Texts that hold the answer");
  command.get_option("--file")->description("Read one text, the whole file");
  command.add_option("-q,--question", options->question, "What is asked")->required();
  command.add_option("--top-k", options->call.top_k, "Answers to show, best first")
      ->type_name("N")
      ->check(between(1, 1000000));
  command.add_option("--max-answer-len", options->call.max_answer_len, "Tokens of an answer")
      ->type_name("N")
      ->check(between(1, 1000000));
  command.add_flag("--handle-impossible-answer", options->call.handle_impossible_answer,
                   "The answer may be that there is none");
  command.footer(
      "Example:\n  attend qa --model FOLDER --question \"Where do I live?\" "
      "\"My name is Clara and I live in Berkeley.\"\n"
      "  attend qa --model FOLDER --question \"Who wrote it?\" --file article.txt");
}

// ---- fill-mask

struct FillMaskCommandOptions {
  TextOptions common;
  FillMaskOptions call;
  bool truncate = false;
};

int run_fill_mask(Terminal& terminal, const FillMaskCommandOptions& options) {
  const auto task = load<FillMask>("fill-mask", options.common);
  TextRun run(terminal, options.common);
  FillMaskOptions call = options.call;
  if (options.truncate) call.tokenize.truncation = TruncationStrategy::longest_first;
  return run([&](const Texts& texts, const RunOptions& how) { return task.each(texts, call, how); },
             [&](const Texts& texts, const Outcomes<FillMask>& outcomes) {
               print_rows(run, texts, outcomes, [&](std::size_t i) {
                 std::vector<ScoredRow> rows;
                 for (const FilledMask& mask : outcomes[i].value()) {
                   for (const MaskFill& fill : mask.fills) {
                     rows.push_back({fill.token_str, fill.score, fill.sequence});
                   }
                 }
                 return rows;
               });
             });
}

void add_fill_mask(CLI::App& app, Session& session) {
  const auto options = std::make_shared<FillMaskCommandOptions>();
  CLI::App& command =
      add_command(app, session, "fill-mask", "Words for a gap in a text", options, run_fill_mask);
  add_text_options(command, options->common, "texts",
                   "Texts with the model's mask, such as [MASK]");
  options->common.too_long_hint = "--truncate cuts it";
  command.add_option("--top-k", options->call.top_k, "Words to show, best first")
      ->type_name("N")
      ->capture_default_str()
      ->check(between(1, 1000000));
  command.add_option("--targets", options->call.targets, "Words to choose from: good,bad")
      ->type_name("A,B,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_flag("--truncate", options->truncate, "Cut texts that are too long for the model");
  command.footer("Example:\n  attend fill-mask --model FOLDER \"Paris is the [MASK] of France.\"");
}

// ---- embed

struct EmbedOptions {
  TextOptions common;
  SentenceEmbeddingOptions call;
};

constexpr std::size_t shown_values = 6;      // enough to see that it is a vector
constexpr std::size_t compared_texts = 100;  // a table of more pairs says nothing

/// The start of each vector, and how near the texts are to the first one.
void print_embeddings(TextRun& run, const Texts& texts,
                      const Outcomes<SentenceEmbedding>& outcomes) {
  const Embedding* first = nullptr;
  std::vector<ScoredRow> similar;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!outcomes[i].ok()) continue;
    const Embedding& vector = outcomes[i].value();
    std::string line = "  " + std::to_string(vector.size()) + " values:";
    for (std::size_t k = 0; k < std::min(shown_values, vector.size()); ++k) {
      line += " " + format_score(vector[k]);
    }
    run.printer().heading(texts[i]);
    run.printer().line(line + (vector.size() > shown_values ? " ..." : ""));
    if (first == nullptr) {
      first = &vector;
    } else if (similar.size() < compared_texts) {
      similar.push_back({"cosine", cosine_similarity(*first, vector), std::string(texts[i])});
    }
  }
  if (similar.empty()) return;
  run.printer().heading("Similarity to the first text");
  run.printer().rows(similar, 2);
}

int run_embed(Terminal& terminal, const EmbedOptions& options) {
  const auto task = load<SentenceEmbedding>("embed", options.common);
  TextRun run(terminal, options.common);
  return run([&](const Texts& texts,
                 const RunOptions& how) { return task.each(texts, options.call, how); },
             [&](const Texts& texts, const Outcomes<SentenceEmbedding>& outcomes) {
               print_embeddings(run, texts, outcomes);
             });
}

void add_embed(CLI::App& app, Session& session) {
  const auto options = std::make_shared<EmbedOptions>();
  CLI::App& command =
      add_command(app, session, "embed", "Vectors whose nearness is likeness", options, run_embed);
  add_text_options(command, options->common, "texts", "Texts to embed");
  command
      .add_option("--prompt-name", options->call.prompt_name,
                  "A prompt of the model: query, document ...")
      ->type_name("NAME");
  command.add_option("--truncate-dim", options->call.truncate_dim, "Keep only the first values")
      ->type_name("N")
      ->check(between(1, 1000000));
  command.add_flag("--normalize", options->call.normalize_embeddings, "Scale vectors to length 1");
  command.footer("Example:\n  attend embed \"A cat sleeps.\" \"A kitten naps.\" \"Stocks fell.\"");
}

// ---- rerank

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
    const Error error = lines[i].too_long ? long_line_error() : outcomes[i].error();
    run.report(index + 1, error);
    if (options.common.json) write_document(run.out(), index, {}, error);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (const auto top_k = options.call.top_k; top_k && *top_k < static_cast<Index>(ranked.size())) {
    ranked.resize(static_cast<std::size_t>(*top_k));
  }
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
  CLI::App& command = add_command(app, session, "rerank",
                                  "Documents by how well they answer a query", options, run_rerank);
  add_text_options(command, options->common, "texts,--documents", "Documents to sort");
  command.add_option("-q,--query", options->query, "What is asked")->required();
  command.add_option("--top-k", options->call.top_k, "Documents to show, best first")
      ->type_name("N")
      ->check(between(1, 1000000));
  command.footer(
      "Example:\n  attend rerank --model FOLDER --query \"How tall is Everest?\" "
      "--file documents.txt --top-k 5");
}

}  // namespace

void add_text_commands(CLI::App& app, Session& session) {
  add_sentiment(app, session);
  add_ner(app, session);
  add_zero_shot(app, session);
  add_qa(app, session);
  add_fill_mask(app, session);
  add_embed(app, session);
  add_rerank(app, session);
}

}  // namespace attend::cli
