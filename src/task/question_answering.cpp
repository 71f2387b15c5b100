// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Question answering: the windows of question and context, and what is allowed of the options.
// Source: transformers 4.57 pipelines/question_answering.py.
#include "attend/task/question_answering.h"

#include <algorithm>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "task/answer_spans.h"
#include "task/encode_input.h"
#include "task/fail_option.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr std::string_view where_question_answering = "question-answering";

/// The windows that the options ask for.
Truncation window_of(const TaskModel& model, const QuestionAnsweringOptions& options,
                     ContextPlace place) {
  if (options.top_k < 1) {
    fail_option(where_question_answering, "top_k", "at least 1", std::to_string(options.top_k));
  }
  if (options.max_answer_len < 1) {
    fail_option(where_question_answering, "max_answer_len", "at least 1 token",
                std::to_string(options.max_answer_len));
  }
  const Index limit = model.tokenizer->settings().model_max_length.value_or(384);
  const Index max_seq_len = options.max_seq_len.value_or(std::min<Index>(limit, 384));
  if (max_seq_len < 1) {
    fail_option(where_question_answering, "max_seq_len", "at least 1 token",
                std::to_string(max_seq_len));
  }
  const Index doc_stride = options.doc_stride.value_or(std::min<Index>(max_seq_len / 2, 128));
  if (doc_stride < 0 || doc_stride > max_seq_len) {
    fail_option(where_question_answering, "doc_stride",
                "0 to max_seq_len (" + std::to_string(max_seq_len) + ") tokens",
                std::to_string(doc_stride));
  }
  return {.max_length = max_seq_len,
          .strategy = place == ContextPlace::first ? TruncationStrategy::only_first
                                                   : TruncationStrategy::only_second,
          .side = model.tokenizer->settings().truncation_side,
          .stride = doc_stride};
}

void check_not_empty(std::string_view text, std::string_view what) {
  if (!text.empty()) return;
  fail(ErrorKind::config_error, {.where = std::string(where_question_answering),
                                 .what = std::string(what),
                                 .expected = "text",
                                 .found = "an empty text",
                                 .hint = "leave out pairs without a " + std::string(what)});
}

/// Throws: input_too_long where it is the question that leaves no windows, naming the options that
/// do; the tokenizer only knows of two texts, a max_length and a stride.
void check_question(const TaskModel& model, std::string_view question,
                    const Truncation& truncation) {
  const Index added = model.tokenizer->pair_template_tokens();
  const Index tokens = model.tokenizer->encode(question, {.add_special_tokens = false}).size();
  if (truncation.max_length - added - tokens > truncation.stride) return;
  const std::string max_seq_len = std::to_string(truncation.max_length);
  const std::string doc_stride = std::to_string(truncation.stride);
  fail(ErrorKind::input_too_long,
       {.where = std::string(where_question_answering),
        .what = "question",
        .expected = "room for more than doc_stride (" + doc_stride +
                    ") tokens of the context beside it in max_seq_len (" + max_seq_len + ") tokens",
        .found = std::to_string(tokens) + " tokens of the question and " + std::to_string(added) +
                 " special ones",
        .hint = "shorten the question, lower `doc_stride`, or set `max_seq_len` to what the model "
                "takes"});
}

std::vector<Encoding> encode_question(const TaskModel& model, const Question& question,
                                      const Truncation& truncation, ContextPlace place) {
  check_not_empty(question.question, "question");
  check_not_empty(question.context, "context");
  const bool swapped = place == ContextPlace::first;
  std::vector<Encoding> windows;
  try {
    windows = model.tokenizer->encode_pair_windows(swapped ? question.context : question.question,
                                                   swapped ? question.question : question.context,
                                                   {.truncation = truncation});
  } catch (const Error& error) {
    // A stride that leaves nothing beside any question is no fault of this one.
    const Index room = truncation.max_length - model.tokenizer->pair_template_tokens();
    if (error.kind() == ErrorKind::input_too_long ||
        (error.kind() == ErrorKind::config_error && truncation.stride < room)) {
      check_question(model, question.question, truncation);
    }
    throw;
  }
  for (const Encoding& window : windows) {
    check_fits(model, window, where_question_answering,
               "set the option `max_seq_len` to what the model takes");
  }
  return windows;
}

}  // namespace

QuestionAnswering::QuestionAnswering(TaskModel model) : model_(std::move(model)) {
  model_.check(HeadKind::question_answering, where_question_answering);
}

QuestionAnswering QuestionAnswering::load(const std::filesystem::path& folder,
                                          const ModelOptions& options) {
  return QuestionAnswering(TaskModel::load(folder, HeadKind::question_answering, options));
}

QuestionAnswering::Result QuestionAnswering::operator()(
    const Question& question, const QuestionAnsweringOptions& options) const {
  return std::move(each({&question, 1}, options).front()).value();
}

std::vector<QuestionAnswering::Result> QuestionAnswering::operator()(
    std::span<const Question> questions, const QuestionAnsweringOptions& options,
    const RunOptions& run) const {
  return values(each(questions, options, run));
}

std::vector<Outcome<QuestionAnswering::Result>> QuestionAnswering::each(
    std::span<const Question> questions, const QuestionAnsweringOptions& options,
    const RunOptions& run) const {
  // The reference writes the context first where rows are padded on the left.
  const ContextPlace place = model_.tokenizer->settings().padding_side == Side::left
                                 ? ContextPlace::first
                                 : ContextPlace::second;
  const Truncation truncation = window_of(model_, options, place);
  const auto question = [&](Index item) -> const Question& {
    return questions[static_cast<std::size_t>(item)];
  };
  TypedTask<Result> task{
      .tokenizer = model_.tokenizer->settings(),
      .encode =
          [&](Index item) { return encode_question(model_, question(item), truncation, place); },
      .forward = [&](const Batch& batch,
                     Workspace& workspace) { return model_.model->logits(batch, workspace); },
      .finish =
          [&](Index item, std::span<WindowOutput> windows) {
            AnswerCollector answers(question(item), options, place,
                                    model_.tokenizer->special_tokens().cls);
            for (WindowOutput& window : windows) answers.add(window.encoding, window.matrix());
            return std::move(answers).finish();
          }};
  return run_each(static_cast<Index>(questions.size()), std::move(task), run);
}

}  // namespace attend
