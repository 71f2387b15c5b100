// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend evaluate TASK`: one command a task, because each takes other options.
#include <CLI/CLI.hpp>
#include <initializer_list>
#include <memory>

#include "cli/evaluate/evaluations.h"
#include "cli/text_command.h"

namespace attend::cli {
namespace {

void add_common_options(CLI::App& command, EvaluationOptions& options) {
  add_model_option(command, options.model, "A model folder, or a model of the Hugging Face cache");
  add_weight_options(command, options.compute, options.packed);
  add_extra_tensors_flag(command, options.extra_tensors);
  command.add_option("-d,--data", options.data, "Items with right answers; - is standard input")
      ->type_name("FILE")
      ->required();
  command.add_option("--format", options.format, "tsv, csv, conll, squad, jsonl; else by the name")
      ->type_name("FORM")
      ->check(CLI::IsMember(data_format_names()).description(""));
  command
      .add_option("--columns", options.columns,
                  "Where fields are: text=review,label=stars; numbers for a file without a header")
      ->type_name("FIELD=COLUMN,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--join", options.join, "Between the columns of a field that has several")
      ->type_name("TEXT");
  command.add_flag("--no-quotes", options.no_quotes,
                   "Quotation marks of tsv and csv are part of the text");
  command.add_option("--limit", options.limit, "Read only the first items")
      ->type_name("N")
      ->check(between(1, std::numeric_limits<std::int64_t>::max()));
  command.add_flag("--json", options.json, "Write JSON, figures as shares of 1");
  command.add_option("--errors", options.errors, "Write the wrong items to a file, as JSON Lines")
      ->type_name("FILE");
  add_threads_option(command, options.threads);
  command.add_option("--batch-size", options.batch_size, "Sequences that run together")
      ->type_name("N")
      ->check(between(1, 100000));
}

void add_label_map(CLI::App& command, std::vector<std::string>& words) {
  command
      .add_option("--label-map", words,
                  "What labels of the data are to the model: 0=NEGATIVE,1=POSITIVE")
      ->type_name("LABEL=NAME,...")
      ->delimiter(',')
      ->allow_extra_args(false);
}

/// A command with the options of every evaluation.
template <class Options>
CLI::App& add_evaluation(CLI::App& app, Session& session, const Subcommand<Options>& of,
                         const std::shared_ptr<Options>& options) {
  CLI::App& command = add_command(app, session, of, options);
  add_common_options(command, options->common);
  return command;
}

void add_classification_evaluation(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ClassificationEvaluation>();
  CLI::App& command = add_evaluation(app, session,
                                     {{"sentiment", "text-classification", "sentiment-analysis"},
                                      "Accuracy and F1 of the classes of texts or pairs",
                                      evaluate_classification},
                                     options);
  add_label_map(command, options->label_map);
  command.footer(
      "Fields: text (also sentence, sentence1, premise), label, and pair (text_pair, sentence2,\n"
      "hypothesis) where there is one. Labels are names of the model's classes or their ids. Texts "
      "that are\ntoo long for the model are cut.\n\nExample:\n"
      "  attend evaluate sentiment --data dev.tsv\n"
      "  attend evaluate sentiment --model FOLDER --data reviews.csv \\\n"
      "    --columns text=review,label=stars --label-map 1=NEGATIVE,5=POSITIVE --errors "
      "wrong.jsonl");
}

void add_zero_shot_evaluation(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ZeroShotEvaluation>();
  CLI::App& command = add_evaluation(app, session,
                                     {{"zero-shot", "zero-shot-classification"},
                                      "Accuracy and F1 of labels of your choice",
                                      evaluate_zero_shot},
                                     options);
  add_label_map(command, options->label_map);
  command
      .add_option("--labels", options->labels,
                  "The labels to choose from; those of the data when not given")
      ->type_name("A,B,...");
  command
      .add_option("--template", options->hypothesis_template,
                  "The sentence that is asked for, with {} for the label")
      ->type_name("TEXT")
      ->capture_default_str();
  command.footer(
      "Fields: text (also sentence), label.\n\nExample:\n"
      "  attend evaluate zero-shot --data news.csv --columns label=1,text=2,text=3 --join \". \" "
      "\\\n"
      "    --label-map \"1=world,2=sports,3=business,4=science and technology\"");
}

void add_entities_evaluation(CLI::App& app, Session& session) {
  const auto options = std::make_shared<EntityEvaluation>();
  CLI::App& command = add_evaluation(app, session,
                                     {{"ner", "token-classification"},
                                      "F1 of entities, as seqeval counts them",
                                      evaluate_entities},
                                     options);
  add_label_map(command, options->label_map);
  command.add_option("--ignore-labels", options->ignore_labels, "Types that do not count: MISC")
      ->type_name("A,B,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.footer(
      "Fields: tokens (also words), tags (also ner_tags, ner); in conll the first and the last "
      "column.\n--label-map may name types: person=PER. A word has the tag of its first "
      "token.\n\nExample:\n"
      "  attend evaluate ner --data test.conll --label-map person=PER,location=LOC\n"
      "  attend evaluate ner --model FOLDER --data test.jsonl --columns tokens=words,tags=ner");
}

void add_answers_evaluation(CLI::App& app, Session& session) {
  const auto options = std::make_shared<AnswerEvaluation>();
  CLI::App& command = add_evaluation(app, session,
                                     {{"qa", "question-answering"},
                                      "Exact match and F1 of answers, as SQuAD counts them",
                                      evaluate_answers},
                                     options);
  command.add_option("--max-answer-len", options->max_answer_len, "Tokens of an answer")
      ->type_name("N")
      ->capture_default_str()
      ->check(between(1, 1000000));
  command.add_flag("--handle-impossible-answer", options->handle_impossible_answer,
                   "The answer may be that there is none; so it is where the data have such "
                   "questions");
  command.footer(
      "Fields: question, context, answers. The rules are those of SQuAD 2 where a question has no "
      "answer,\nelse those of 1.1.\n\nExample:\n"
      "  attend evaluate qa --model FOLDER --data dev-v2.0.json --errors wrong.jsonl");
}

void add_similarity_evaluation(CLI::App& app, Session& session) {
  const auto options = std::make_shared<SimilarityEvaluation>();
  CLI::App& command = add_evaluation(app, session,
                                     {{"similarity", "embed", "sentence-similarity"},
                                      "Correlation of cosines with scores of people",
                                      evaluate_similarity},
                                     options);
  command.footer(
      "Fields: text (sentence1), pair (sentence2), score (also label), on any scale.\n\nExample:\n"
      "  attend evaluate similarity --data sts-dev.tsv\n"
      "  attend evaluate similarity --data sick.tsv \\\n"
      "    --columns text=sentence_A,pair=sentence_B,score=relatedness_score");
}

void add_rerank_evaluation(CLI::App& app, Session& session) {
  const auto options = std::make_shared<RerankEvaluation>();
  CLI::App& command = add_evaluation(
      app, session,
      {{"rerank", "cross-encoder"}, "How high the first relevant document stands", evaluate_rerank},
      options);
  command.footer(
      "Fields: query with document and label (above 0: relevant), rows of a query together; or in "
      "jsonl query\nwith the lists positive and negative.\n\nExample:\n"
      "  attend evaluate rerank --model FOLDER --data queries.jsonl");
}

}  // namespace

void add_evaluate_commands(CLI::App& app, Session& session) {
  CLI::App& command =
      *app.add_subcommand("evaluate", "How good a model is on data with right answers");
  command.require_subcommand(1);
  add_classification_evaluation(command, session);
  add_entities_evaluation(command, session);
  add_zero_shot_evaluation(command, session);
  add_answers_evaluation(command, session);
  add_similarity_evaluation(command, session);
  add_rerank_evaluation(command, session);
  command.footer(
      "The names that transformers has for the tasks work, too. Data are TSV or CSV with a header, "
      "CoNLL,\nSQuAD's JSON, or JSON Lines.\n\nExample:\n"
      "  attend evaluate sentiment --model FOLDER --data dev.tsv\n\n"
      "`attend evaluate TASK --help` says what a task wants of the data.");
}

}  // namespace attend::cli
