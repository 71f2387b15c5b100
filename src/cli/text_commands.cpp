// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands that ask about texts: sentiment, ner, zero-shot, qa, fill-mask.
#include <algorithm>
#include <memory>

#include "attend/task/text_classification.h"
#include "cli/text_command.h"

namespace attend::cli {
namespace {

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
  CLI::App& command =
      add_command(app, session,
                  {{"sentiment"}, "What a text feels like, or any class", run_sentiment}, options);
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
  CLI::App& command = add_command(
      app, session, {{"ner"}, "People, places, organisations in a text", run_ner}, options);
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
  CLI::App& command = add_command(
      app, session, {{"zero-shot"}, "Which of your labels fit a text", run_zero_shot}, options);
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

int run_qa(Terminal& terminal, const QaOptions& options) {
  const auto task = load<QuestionAnswering>("question-answering", options.common);
  QaOptions own = options;
  if (own.common.texts.empty()) {
    // A context is more than a line: the file or standard input is one as a whole.
    own.common.texts.push_back(read_whole(own.common.file, terminal));
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
  CLI::App& command = add_command(
      app, session, {{"qa"}, "The part of a text that answers a question", run_qa}, options);
  add_text_options(command, options->common, "texts,--context", "Texts that hold the answer");
  options->common.too_long_hint =
      "shorten the question; `attend run question-answering` has max_seq_len and doc_stride";
  command.get_option("--file")->description("Read one text, the whole file");
  command.add_option("-q,--question", options->question, "What is asked")
      ->required()
      ->check([](const std::string& question) {
        return question.empty() ? std::string("expected a question") : std::string();
      });
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
  CLI::App& command = add_command(
      app, session, {{"fill-mask"}, "Words for a gap in a text", run_fill_mask}, options);
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

}  // namespace

void add_text_commands(CLI::App& app, Session& session) {
  add_sentiment(app, session);
  add_ner(app, session);
  add_zero_shot(app, session);
  add_qa(app, session);
  add_fill_mask(app, session);
}

}  // namespace attend::cli
