// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Question answering: spans and their merging by hand, then the goldens and a real model.
#include "attend/task/question_answering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "task/answer_spans.h"
#include "task/cases.h"

namespace attend {
namespace {

using test::Json;

// The reference's table of all spans, sorted: slow and plain.
std::vector<SpanScore> all_spans(const std::vector<float>& start, const std::vector<float>& end,
                                 Index max_length) {
  std::vector<SpanScore> spans;
  const auto size = static_cast<Index>(start.size());
  for (Index s = 0; s < size; ++s) {
    for (Index e = s; e < std::min(s + max_length, size); ++e) {
      const float score = start[static_cast<std::size_t>(s)] * end[static_cast<std::size_t>(e)];
      if (score > 0) spans.push_back({s, e, score});
    }
  }
  std::stable_sort(spans.begin(), spans.end(),
                   [](const SpanScore& a, const SpanScore& b) { return a.score > b.score; });
  return spans;
}

TEST(BestSpans, AreThoseOfTheTableOfAllSpans) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const Index size = 4 + static_cast<Index>(random() % 20);
    std::vector<float> start(static_cast<std::size_t>(size));
    std::vector<float> end(start.size());
    // Few values, so that there are many ties and zeros.
    for (float& x : start) x = static_cast<float>(random() % 5) / 8;
    for (float& x : end) x = static_cast<float>(random() % 5) / 8;
    start[0] = end[0] = 0;
    const Index max_length = 1 + static_cast<Index>(random() % 8);
    const std::vector<SpanScore> all = all_spans(start, end, max_length);
    if (all.empty()) continue;
    for (const Index k : {Index{1}, Index{5}, Index{12}, size * size}) {
      const std::vector<SpanScore> best = best_spans(start, end, k, max_length);
      ASSERT_EQ(best.size(), std::min(all.size(), static_cast<std::size_t>(k)));
      for (std::size_t i = 0; i < best.size(); ++i) {
        EXPECT_EQ(best[i].start, all[i].start) << round << ' ' << i;
        EXPECT_EQ(best[i].end, all[i].end);
        EXPECT_EQ(best[i].score, all[i].score);
      }
    }
  }
}

TEST(BestSpans, AreTheFirstTokenWhereNoSpanHasAScore) {
  for (const Index k : {Index{1}, Index{7}}) {
    const std::vector<float> none(5, 0.0F);
    const std::vector<SpanScore> best = best_spans(none, none, k, 3);
    ASSERT_EQ(best.size(), 1U);
    EXPECT_EQ(best[0].start, 0);
    EXPECT_EQ(best[0].end, 0);
    EXPECT_EQ(best[0].score, 0.0F);
  }
}

// [CLS] who [SEP] tokens of the context [SEP], with a word and a range for each of these.
struct ContextToken {
  std::int32_t word;
  Range bytes;
};

Encoding window_of(const std::vector<ContextToken>& context) {
  Encoding window;
  const auto add = [&](TokenId id, std::int32_t sequence, std::int32_t word, Range bytes) {
    window.ids.push_back(id);
    window.type_ids.push_back(0);
    window.sequence_ids.push_back(sequence);
    window.word_ids.push_back(word);
    window.offsets.push_back(bytes);
    window.special_tokens_mask.push_back(sequence == none ? 1 : 0);
  };
  add(101, none, none, {});
  add(7, 0, 0, {0, 3});
  add(102, none, none, {});
  for (const ContextToken& token : context) add(9, 1, token.word, token.bytes);
  add(102, none, none, {});
  return window;
}

// Logits that make one span nearly certain.
std::vector<float> sure_of(const Encoding& window, Index start, Index end) {
  std::vector<float> logits(window.ids.size() * 2, 0.0F);
  logits[static_cast<std::size_t>(start) * 2] = 12;
  logits[static_cast<std::size_t>(end) * 2 + 1] = 12;
  return logits;
}

MatrixView<float> view(std::vector<float>& logits) {
  return {logits.data(), static_cast<Index>(logits.size() / 2), 2};
}

// "Zoë met Ann" in word pieces: Zo ##ë met Ann.
const Question zoe{"who", "Zoë met Ann"};
const std::vector<ContextToken> zoe_tokens{{0, {0, 2}}, {0, {2, 4}}, {1, {5, 8}}, {2, {9, 12}}};

TEST(AnswerCollector, WidensToWordsAndCountsBytesAndCodePoints) {
  const Encoding window = window_of(zoe_tokens);
  std::vector<float> logits = sure_of(window, 4, 5);  // ##ë met
  const QuestionAnsweringOptions options;
  AnswerCollector collector(zoe, options, ContextPlace::second, 101);
  collector.add(window, view(logits));
  const std::vector<AnswerSpan> answers = std::move(collector).finish();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].answer, "Zoë met");
  EXPECT_EQ(answers[0].bytes, (Range{0, 8}));
  EXPECT_EQ(answers[0].code_points, (Range{0, 7}));
  EXPECT_GT(answers[0].score, 0.99F);

  const QuestionAnsweringOptions tokens{.align_to_words = false};
  logits = sure_of(window, 4, 5);
  AnswerCollector by_token(zoe, tokens, ContextPlace::second, 101);
  by_token.add(window, view(logits));
  EXPECT_EQ(std::move(by_token).finish()[0].answer, "ë met");
}

TEST(AnswerCollector, NeverAnswersWithTheQuestionOrTheTemplate) {
  const Encoding window = window_of(zoe_tokens);
  for (const Index token : {Index{1}, Index{2}, Index{7}}) {
    std::vector<float> logits = sure_of(window, token, token);
    logits[5 * 2] = logits[5 * 2 + 1] = 1;  // met is a little better than the others
    const QuestionAnsweringOptions options{.top_k = 20};
    AnswerCollector collector(zoe, options, ContextPlace::second, 101);
    collector.add(window, view(logits));
    const std::vector<AnswerSpan> answers = std::move(collector).finish();
    EXPECT_EQ(answers[0].answer, "met");
    float sum = 0;
    for (const AnswerSpan& answer : answers) sum += answer.score;
    EXPECT_LE(sum, 1.0001F);
  }
}

TEST(AnswerCollector, AddsTheScoresOfEqualAnswersAlsoOverWindows) {
  const Question question{"who", "Ann saw ANN"};
  const Encoding first = window_of({{0, {0, 3}}, {1, {4, 7}}});
  const Encoding second = window_of({{2, {8, 11}}});
  const QuestionAnsweringOptions options;
  AnswerCollector collector(question, options, ContextPlace::second, std::nullopt);
  std::vector<float> logits = sure_of(first, 3, 3);
  collector.add(first, view(logits));
  logits = sure_of(second, 3, 3);
  collector.add(second, view(logits));
  const std::vector<AnswerSpan> answers = std::move(collector).finish();
  EXPECT_EQ(answers[0].answer, "Ann");
  EXPECT_EQ(answers[0].code_points, (Range{0, 3}));  // where it came first
  EXPECT_GT(answers[0].score, 1.9F);
}

TEST(AnswerCollector, LetsTheEmptyAnswerCompete) {
  const Encoding window = window_of(zoe_tokens);
  const QuestionAnsweringOptions options{.top_k = 2, .handle_impossible_answer = true};
  std::vector<float> logits = sure_of(window, 0, 0);
  AnswerCollector collector(zoe, options, ContextPlace::second, 101);
  collector.add(window, view(logits));
  std::vector<AnswerSpan> answers = std::move(collector).finish();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].answer, "");
  EXPECT_EQ(answers[0].bytes, Range{});
  EXPECT_GT(answers[0].score, 0.99F);

  // The window that is least sure that there is no answer counts.
  AnswerCollector two(zoe, options, ContextPlace::second, 101);
  logits = sure_of(window, 6, 6);
  two.add(window, view(logits));
  logits = sure_of(window, 0, 0);
  two.add(window, view(logits));
  answers = std::move(two).finish();
  EXPECT_EQ(answers[0].answer, "Ann");
  EXPECT_NE(answers[1].answer, "");
}

TEST(AnswerCollector, TakesTokensOfTheQuestionWhereTheContextComesFirst) {
  // A quirk of the reference for tokenizers that pad on the left.
  Encoding window = window_of(zoe_tokens);
  for (std::int32_t& sequence : window.sequence_ids) {
    if (sequence != none) sequence = 1 - sequence;
  }
  std::vector<float> logits = sure_of(window, 1, 1);  // word 0 of the question
  const QuestionAnsweringOptions options;
  AnswerCollector collector(zoe, options, ContextPlace::first, 101);
  collector.add(window, view(logits));
  EXPECT_EQ(std::move(collector).finish()[0].answer, "Zoë");  // word 0 of the context
}

TEST(AnswerCollector, HasAnAnswerForAContextWithoutTokens) {
  const Question question{"who", "  "};
  const Encoding window = window_of({});
  std::vector<float> logits(window.ids.size() * 2, 0.0F);
  const QuestionAnsweringOptions options;
  AnswerCollector collector(question, options, ContextPlace::second, 101);
  collector.add(window, view(logits));
  const std::vector<AnswerSpan> answers = std::move(collector).finish();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].answer, "");
  EXPECT_EQ(answers[0].score, 0.0F);
}

QuestionAnsweringOptions options_of(const Json& parameters) {
  QuestionAnsweringOptions options;
  for (const auto& [name, value] : parameters.items()) {
    if (name == "top_k") {
      options.top_k = value;
    } else if (name == "max_seq_len") {
      options.max_seq_len = value.get<Index>();
    } else if (name == "doc_stride") {
      options.doc_stride = value.get<Index>();
    } else if (name == "max_answer_len") {
      options.max_answer_len = value;
    } else if (name == "handle_impossible_answer") {
      options.handle_impossible_answer = value;
    } else if (name == "align_to_words") {
      options.align_to_words = value;
    } else if (name != "batch_size" && name != "padding") {
      ADD_FAILURE() << "unknown parameter " << name;
    }
  }
  return options;
}

// One dictionary, a list of them, or lists of questions with one context.
std::vector<Question> questions_of(const Json& inputs) {
  std::vector<Question> questions;
  if (inputs.is_array()) {
    for (const Json& one : inputs) {
      for (const Question& question : questions_of(one)) questions.push_back(question);
    }
    return questions;
  }
  const std::vector<std::string_view> contexts = test::strings(inputs.at("context"));
  for (const std::string_view question : test::strings(inputs.at("question"))) {
    questions.push_back({question, contexts[contexts.size() > 1 ? questions.size() : 0]});
  }
  return questions;
}

void expect_answers(const std::vector<AnswerSpan>& answers, const Json& expected,
                    std::string_view context, double tolerance) {
  const Json list = expected.is_array() ? expected : Json::array({expected});
  ASSERT_EQ(answers.size(), list.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].answer, list[i].at("answer").get<std::string>());
    EXPECT_EQ(answers[i].code_points.begin, list[i].at("start").get<Index>());
    EXPECT_EQ(answers[i].code_points.end, list[i].at("end").get<Index>());
    EXPECT_NEAR(static_cast<double>(answers[i].score), list[i].at("score").get<double>(),
                tolerance);
    EXPECT_EQ(context.substr(static_cast<std::size_t>(answers[i].bytes.begin),
                             static_cast<std::size_t>(answers[i].bytes.size())),
              answers[i].answer);
  }
}

TEST(QuestionAnsweringGoldens, AreReproduced) {
  int checked = 0;
  for (const std::string& folder : test::golden_folders()) {
    const auto cases = test::cases(test::golden(folder), "task", "question-answering");
    if (cases.empty()) continue;
    const QuestionAnswering answer = QuestionAnswering::load(test::golden(folder));
    for (const Json& one : cases) {
      SCOPED_TRACE(folder + " " + one.at("id").get<std::string>());
      const std::vector<Question> questions = questions_of(one.at("inputs"));
      const QuestionAnsweringOptions options = options_of(one.at("parameters"));
      ++checked;
      if (one.contains("raises")) {
        test::expect_error(ErrorKind::config_error, {}, [&] { return answer(questions, options); });
        continue;
      }
      const auto answers = answer(questions, options);
      const Json& expected = one.at("expected");
      for (std::size_t i = 0; i < answers.size(); ++i) {
        expect_answers(answers[i], answers.size() == 1 ? expected : expected.at(i),
                       questions[i].context, test::golden_tolerance);
      }
    }
  }
  EXPECT_GE(checked, 30);
}

TEST(QuestionAnsweringModel, AnswersAsItsCases) {
  const auto folder = test::shared("models/qa");
  if (!folder) GTEST_SKIP() << "no shared/models/qa beside the project";
  const QuestionAnswering answer = QuestionAnswering::load(*folder);
  const Json file = test::read_json_file(*folder / "cases.json");
  for (const Json& one : file.at("cases")) {
    SCOPED_TRACE(one.at("question").get<std::string>());
    const std::string context = one.at("context");
    const std::string question = one.at("question");
    expect_answers(answer({question, context}, options_of(one.at("kwargs"))), one.at("output"),
                   context, test::bundled_tolerance);
  }
}

class BertQuestionAnswering : public testing::Test {
 protected:
  const QuestionAnswering answer_ =
      QuestionAnswering::load(test::golden("bert-question-answering"));
};

TEST_F(BertQuestionAnswering, DoesNotDependOnTheBatchAndKeepsABadItemFromTheOthers) {
  std::string long_context;
  for (int i = 0; i < 100; ++i) long_context += "the house of the people stands by the river. ";
  const std::vector<Question> questions{
      {"Who?", "The man."}, {"", "x"},         {"Where?", long_context},
      {"Why?", ""},         {"What?", "\xC3"}, {"Where is the house?", "On the hill, he said."}};
  const auto outcomes = answer_.each(questions, {.top_k = 3}, {.batch_size = 4});
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::config_error);
  EXPECT_EQ(outcomes[3].error().kind(), ErrorKind::config_error);
  EXPECT_EQ(outcomes[4].error().kind(), ErrorKind::invalid_utf8);
  for (const std::size_t i : {std::size_t{0}, std::size_t{2}, std::size_t{5}}) {
    const auto alone = answer_(questions[i], {.top_k = 3});
    const auto& together = outcomes[i].value();
    ASSERT_EQ(alone.size(), together.size());
    for (std::size_t k = 0; k < alone.size(); ++k) {
      EXPECT_EQ(alone[k].score, together[k].score);
      EXPECT_EQ(alone[k].bytes, together[k].bytes);
    }
  }
}

TEST_F(BertQuestionAnswering, AnswersWithFewerThanTopKWhereNoMoreSpansFit) {
  // One word in more than ten tokens: each of its tokens is the whole word.
  const std::string_view word = "Donaudampfschifffahrtsgesellschaft";
  const auto whole = answer_({"Who?", word}, {.top_k = 30, .max_answer_len = 1});
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].answer, word);
  EXPECT_NEAR(whole[0].score, 0.07811416F, test::golden_tolerance);  // as the reference's first
  const auto words = answer_({"Who?", "Anna met Bob"}, {.top_k = 30, .max_answer_len = 1});
  ASSERT_EQ(words.size(), 3U);
  for (const AnswerSpan& answer : words) EXPECT_GT(answer.score, 0) << answer.answer;
}

TEST_F(BertQuestionAnswering, AnswersABlankContextWithTheEmptyTextOnce) {
  for (const std::string_view context : {" ", " \t ", "\u200B"}) {
    for (const Index top_k : {Index{1}, Index{5}, Index{100}}) {
      const auto answers = answer_({"Who?", context}, {.top_k = top_k});
      ASSERT_EQ(answers.size(), 1U);
      EXPECT_EQ(answers[0].answer, "");
      EXPECT_EQ(answers[0].score, 0.0F);
      EXPECT_EQ(answers[0].bytes, Range{});
    }
  }
}

TEST_F(BertQuestionAnswering, SaysThatAQuestionIsTooLong) {
  const std::string context(400, '.');
  // 300 tokens leave less than the default doc_stride of 128, 500 leave nothing.
  for (const std::size_t tokens : {std::size_t{300}, std::size_t{500}}) {
    const std::string question(tokens, '?');
    test::expect_error(ErrorKind::input_too_long,
                       {"question", std::to_string(tokens) + " tokens", "max_seq_len (384)",
                        "doc_stride (128)", "`doc_stride`", "`max_seq_len`"},
                       [&] {
                         return answer_({question, context}, {.max_seq_len = 384});
                       });
  }
  // Options that leave nothing beside any question are another fault.
  test::expect_error(ErrorKind::config_error, {"stride"}, [&] {
    return answer_({"Who?", context}, {.doc_stride = 48, .max_seq_len = 48});
  });
}

TEST_F(BertQuestionAnswering, RefusesOptionsOutOfRange) {
  const Question question{"Who?", "The man."};
  for (const QuestionAnsweringOptions& bad :
       std::vector<QuestionAnsweringOptions>{{.top_k = 0},
                                             {.max_answer_len = 0},
                                             {.doc_stride = 49, .max_seq_len = 48},
                                             {.doc_stride = -1},
                                             {.max_seq_len = 0}}) {
    test::expect_error(ErrorKind::config_error, {}, [&] { return answer_(question, bad); });
  }
  const std::string long_question(200, '?');
  test::expect_error(ErrorKind::input_too_long, {}, [&] {
    return answer_({long_question, "The man."}, {.doc_stride = 0, .max_seq_len = 48});
  });
  // As many answers as one could ask for are still bounded by the window.
  EXPECT_FALSE(answer_(question, {.top_k = std::numeric_limits<Index>::max()}).empty());
}

}  // namespace
}  // namespace attend
