// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run` for question-answering and fill-mask.
// Source: transformers 4.57 pipelines/{question_answering,fill_mask}.py, for parameters and
// nesting.
#include <array>

#include "attend/task/fill_mask.h"
#include "attend/task/question_answering.h"
#include "cli/json_parameters.h"
#include "cli/json_task.h"
#include "cli/results_json.h"

namespace attend::cli {
namespace {

// ---- question-answering

struct QuestionParameters {
  QuestionAnsweringOptions options;
  std::optional<Index> top_k;
  std::optional<Index> topk;  // the old name of top_k, which goes before
  RunOptions run;
};

constexpr std::array<Parameter<QuestionParameters>, 10> question_table{{
    {"top_k",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.top_k = read_index(value, 1);
     }},
    {"topk",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.topk = read_index(value, 1);
     }},
    {"doc_stride",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.doc_stride = read_index(value, 0);
     }},
    {"max_answer_len",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.max_answer_len = read_index(value, 1);
     }},
    {"max_seq_len",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.max_seq_len = read_index(value, 1);
     }},
    // The next two are checked and change nothing: only slow tokenizers of the reference read the
    // first, and rows are never padded here.
    {"max_question_len",
     [](const JsonField& value, auto&) {
       if (!value.is_null()) static_cast<void>(read_index(value, 1));
     }},
    {"padding",
     [](const JsonField& value, auto&) {
       if (!value.is_null()) static_cast<void>(read_padding_strategy(value));
     }},
    {"handle_impossible_answer",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.handle_impossible_answer = value.boolean();
     }},
    {"align_to_words",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.align_to_words = value.boolean();
     }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

Question read_question(const JsonField& input) {
  reject_other_keys(input, {"question", "context"});
  return {.question = input.at("question").string(), .context = input.at("context").string()};
}

/// {"question": ..., "context": ...}, where several questions may share one context or have one
/// each; or a list of such. One question is answered without a list around it.
InputForm read_questions(const JsonField& input, std::vector<Question>& questions) {
  const std::size_t before = questions.size();
  if (input.is_array()) {
    for (const JsonField& element : input.elements()) questions.push_back(read_question(element));
  } else if (!input.is_object()) {
    input.reject("{\"question\": ..., \"context\": ...} or a list of such");
  } else if (const JsonField question = input.at("question"); question.is_array()) {
    reject_other_keys(input, {"question", "context"});
    const JsonField context = input.at("context");
    const auto asked = question.elements();
    const auto contexts = context.is_array() ? context.elements() : std::vector<JsonField>{};
    if (context.is_array() && contexts.size() != asked.size()) {
      context.reject("as many contexts as questions");
    }
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const JsonField& one = context.is_array() ? contexts[i] : context;
      questions.push_back({.question = asked[i].string(), .context = one.string()});
    }
  } else {
    questions.push_back(read_question(input));
  }
  return questions.size() - before == 1 ? InputForm::object : InputForm::list;
}

class QuestionAnsweringTask : public JsonTask {
 public:
  QuestionAnsweringTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(QuestionAnswering::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    QuestionParameters p;
    p.run = run;
    read_parameters<QuestionParameters>(parameters, question_table, p);
    p.options.top_k = p.top_k ? *p.top_k : p.topk.value_or(p.options.top_k);
    return answer_lists<Question>(
        inputs, read_questions,
        [&](const std::vector<Question>& questions) {
          return task_.each(questions, p.options, p.run);
        },
        [](JsonWriter& writer, const std::vector<AnswerSpan>& answers) {
          if (answers.size() == 1) return write_json(writer, answers[0]);
          write_json(writer, answers);
        });
  }

 private:
  QuestionAnswering task_;
};

// ---- fill-mask

struct FillMaskParameters {
  FillMaskOptions options;
  RunOptions run;
};

constexpr std::array<Parameter<FillMaskParameters>, 4> fill_mask_table{{
    {"top_k",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.top_k = read_index(value, 0);
     }},
    {"targets",
     [](const JsonField& value, auto& p) {
       if (value.is_null()) return;
       p.options.targets = read_strings(value);
       if (p.options.targets.empty()) value.reject("at least one target");
     }},
    {"tokenizer_kwargs",
     [](const JsonField& value, auto& p) {
       TokenizerParameters tokenizer;
       read_parameters(std::optional(value), tokenizer_parameters(), tokenizer);
       p.options.tokenize = tokenizer.options();
     }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

/// A list of one text is answered without a list around it, as in the reference.
InputForm read_masked_texts(const JsonField& input, std::vector<std::string_view>& texts) {
  const std::size_t before = texts.size();
  const InputForm form = read_texts(input, texts);
  return texts.size() - before == 1 ? InputForm::text : form;
}

class FillMaskTask : public JsonTask {
 public:
  FillMaskTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(FillMask::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    FillMaskParameters p{.run = run};
    read_parameters<FillMaskParameters>(parameters, fill_mask_table, p);
    return answer_lists<std::string_view>(
        inputs, read_masked_texts,
        [&](const std::vector<std::string_view>& texts) {
          return task_.each(texts, p.options, p.run);
        },
        [](JsonWriter& writer, const std::vector<FilledMask>& masks) {
          if (masks.size() == 1) return write_json(writer, masks[0]);
          write_json(writer, masks);
        });
  }

 private:
  FillMask task_;
};

}  // namespace

std::span<const NamedTask> answer_tasks() {
  static constexpr std::array<NamedTask, 2> tasks{
      {{"question-answering", make_task<QuestionAnsweringTask>},
       {"fill-mask", make_task<FillMaskTask>}}};
  return tasks;
}

}  // namespace attend::cli
