// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Token classification: words, groups and windows by hand, the goldens, calls on many items.
#include "attend/task/token_classification.h"

#include <gtest/gtest.h>

#include "attend/text/utf8.h"
#include "task/cases.h"
#include "task/entities.h"

namespace attend {
namespace {

using test::Json;

const std::vector<std::string> label_names{"O", "B-PER", "I-PER", "I-LOC", "X-Y-Z"};

/// Joins as a WordPiece decoder does.
std::string join(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (word.starts_with("##")) {
      text += word.substr(2);
    } else {
      text += (text.empty() ? "" : " ") + std::string(word);
    }
  }
  return text;
}

/// Tokens whose probabilities are written out, side by side in the text.
struct Tokens {
  std::vector<std::vector<float>> scores;
  std::vector<ClassifiedToken> tokens = {};

  void add(std::string_view word, bool continues_word) {
    const auto i = static_cast<Index>(tokens.size());
    tokens.push_back({.word = word,
                      .scores = scores[tokens.size()],
                      .index = i + 1,
                      .continues_word = continues_word,
                      .bytes = {20 * i, 20 * i + 10},
                      .code_points = {10 * i, 10 * i + 5}});
  }
  [[nodiscard]] std::vector<Entity> entities(AggregationStrategy strategy) const {
    return aggregate(tokens, label_names, strategy, join);
  }
};

std::vector<float> sure_of(std::size_t label, float score = 0.75F) {
  std::vector<float> scores(label_names.size(), 0);
  scores[label] = score;
  return scores;
}

std::vector<std::string> shown(const std::vector<Entity>& entities) {
  std::vector<std::string> result;
  for (const Entity& entity : entities) result.push_back(entity.label + ":" + entity.word);
  return result;
}

using Shown = std::vector<std::string>;

TEST(Aggregate, NoneGivesEveryTokenWithItsNumber) {
  Tokens input{.scores = {sure_of(1), sure_of(0)}};
  input.add("sarah", false);
  input.add("##ran", true);
  const auto entities = input.entities(AggregationStrategy::none);
  EXPECT_EQ(shown(entities), (Shown{"B-PER:sarah", "O:##ran"}));
  EXPECT_EQ(entities[1].index, 2);
  EXPECT_FALSE(entities[1].is_group());
  EXPECT_EQ(entities[1].bytes, (Range{20, 30}));
  EXPECT_EQ(entities[1].code_points, (Range{10, 15}));
  EXPECT_FLOAT_EQ(entities[0].score, 0.75F);
}

TEST(Aggregate, SimpleGroupsEqualTagsUntilABegins) {
  Tokens input{.scores = {sure_of(1, 0.5F), sure_of(2, 1.0F), sure_of(1), sure_of(3), sure_of(0),
                          sure_of(0)}};
  for (const char* word : {"anna", "##bel", "bob", "rome", "is", "big"}) input.add(word, false);
  const auto entities = input.entities(AggregationStrategy::simple);
  EXPECT_EQ(shown(entities), (Shown{"PER:annabel", "PER:bob", "LOC:rome", "O:is big"}));
  EXPECT_FLOAT_EQ(entities[0].score, 0.75F);
  EXPECT_EQ(entities[0].bytes, (Range{0, 30}));
  EXPECT_EQ(entities[0].code_points, (Range{0, 15}));
  EXPECT_TRUE(entities[0].is_group());
}

TEST(Aggregate, OtherPrefixesContinueWithTheWholeLabelAsTag) {
  Tokens input{.scores = {sure_of(4), sure_of(4)}};
  input.add("a", false);
  input.add("b", false);
  // One group, named by what stands behind the first dash.
  EXPECT_EQ(shown(input.entities(AggregationStrategy::simple)), (Shown{"Y-Z:a b"}));
}

TEST(Aggregate, WordStrategiesDecideOncePerWord) {
  // micro|##soft: the first token says LOC, the second PER and surer, the mean says PER.
  Tokens input{.scores = {{0.1F, 0, 0.4F, 0.5F, 0}, {0.1F, 0, 0.8F, 0.1F, 0}, sure_of(0, 0.9F)}};
  input.add("micro", false);
  input.add("##soft", true);
  input.add("won", false);
  const auto first = input.entities(AggregationStrategy::first);
  EXPECT_EQ(shown(first), (Shown{"LOC:microsoft", "O:won"}));
  EXPECT_FLOAT_EQ(first[0].score, 0.5F);
  const auto average = input.entities(AggregationStrategy::average);
  EXPECT_EQ(shown(average), (Shown{"PER:microsoft", "O:won"}));
  EXPECT_FLOAT_EQ(average[0].score, 0.6F);
  const auto max = input.entities(AggregationStrategy::max);
  EXPECT_EQ(shown(max), (Shown{"PER:microsoft", "O:won"}));
  EXPECT_FLOAT_EQ(max[0].score, 0.8F);
}

TEST(Aggregate, MaxTakesTheFirstTokenOnTiesAndALeadingContinuationStartsAWord) {
  Tokens input{.scores = {sure_of(3), sure_of(1)}};
  input.add("##a", true);
  input.add("##b", true);
  EXPECT_EQ(shown(input.entities(AggregationStrategy::max)), (Shown{"LOC:ab"}));
  EXPECT_TRUE(Tokens{}.entities(AggregationStrategy::max).empty());
}

Entity entity_at(std::string label, Range code_points, float score) {
  return {.label = std::move(label), .score = score, .code_points = code_points};
}

TEST(MergeWindows, KeepsTheLongerThenTheSurerOfTwoThatOverlap) {
  const auto labels = [](std::vector<Entity> entities) {
    Shown result;
    for (const Entity& entity : merge_windows(std::move(entities))) result.push_back(entity.label);
    return result;
  };
  EXPECT_EQ(labels({}), Shown{});
  EXPECT_EQ(labels({entity_at("b", {5, 9}, 1), entity_at("a", {0, 5}, 1)}), (Shown{"a", "b"}));
  EXPECT_EQ(labels({entity_at("a", {0, 4}, 1), entity_at("b", {2, 9}, 0)}), (Shown{"b"}));
  EXPECT_EQ(labels({entity_at("a", {0, 4}, 0.5), entity_at("b", {0, 4}, 0.6F)}), (Shown{"b"}));
  EXPECT_EQ(labels({entity_at("a", {0, 4}, 0.5), entity_at("b", {0, 4}, 0.5F)}), (Shown{"a"}));
  // The reference's quirk: a first entity without characters is handed out before itself.
  EXPECT_EQ(labels({entity_at("a", {0, 0}, 1), entity_at("b", {3, 4}, 1)}), (Shown{"a", "a", "b"}));
}

TEST(RequestedStrategy, LetsTheDeprecatedOptionsDecide) {
  EXPECT_EQ(requested_strategy({}), std::nullopt);
  EXPECT_EQ(requested_strategy({.aggregation_strategy = AggregationStrategy::max}),
            AggregationStrategy::max);
  EXPECT_EQ(requested_strategy({.grouped_entities = true}), AggregationStrategy::simple);
  EXPECT_EQ(requested_strategy({.grouped_entities = true, .ignore_subwords = true}),
            AggregationStrategy::first);
  EXPECT_EQ(requested_strategy(
                {.aggregation_strategy = AggregationStrategy::max, .ignore_subwords = true}),
            AggregationStrategy::none);
}

struct Call {
  TokenClassificationOptions options;
  RunOptions run;
  bool words = false;
};

Call call_of(const Json& parameters) {
  Call call;
  for (const auto& [name, value] : parameters.items()) {
    if (name == "aggregation_strategy") {
      const std::string strategy = value;
      call.options.aggregation_strategy = strategy == "none"      ? AggregationStrategy::none
                                          : strategy == "simple"  ? AggregationStrategy::simple
                                          : strategy == "first"   ? AggregationStrategy::first
                                          : strategy == "average" ? AggregationStrategy::average
                                                                  : AggregationStrategy::max;
    } else if (name == "ignore_labels") {
      call.options.ignore_labels = value.get<std::vector<std::string>>();
    } else if (name == "stride") {
      call.options.stride = value.get<Index>();
    } else if (name == "delimiter") {
      call.options.delimiter = value.get<std::string>();
    } else if (name == "is_split_into_words") {
      call.words = value.get<bool>();
    } else if (name == "batch_size") {
      call.run.batch_size = value.get<Index>();
    } else {
      ADD_FAILURE() << "unknown parameter " << name;
    }
  }
  return call;
}

void expect_entities(const std::vector<Entity>& entities, const Json& expected,
                     const std::string& text, double tolerance) {
  ASSERT_EQ(entities.size(), expected.size());
  const CodePointIndex index(text);
  for (std::size_t i = 0; i < entities.size(); ++i) {
    SCOPED_TRACE(i);
    const Entity& entity = entities[i];
    const Json& want = expected[i];
    EXPECT_EQ(entity.label,
              want.at(entity.is_group() ? "entity_group" : "entity").get<std::string>());
    EXPECT_EQ(entity.word, want.at("word").get<std::string>());
    EXPECT_NEAR(static_cast<double>(entity.score), want.at("score").get<double>(), tolerance);
    EXPECT_EQ(entity.code_points.begin, want.at("start").get<Index>());
    EXPECT_EQ(entity.code_points.end, want.at("end").get<Index>());
    EXPECT_EQ(entity.bytes.begin, index.bytes(entity.code_points.begin));
    EXPECT_EQ(entity.bytes.end, index.bytes(entity.code_points.end));
    if (!entity.is_group()) {
      EXPECT_EQ(*entity.index, want.at("index").get<Index>());
    }
  }
}

std::string joined(const std::vector<std::string_view>& words, const std::string& delimiter) {
  std::string text;
  for (const std::string_view word : words) {
    text += (word.data() == words.front().data() ? "" : delimiter) + std::string(word);
  }
  return text;
}

void expect_case(const TokenClassification& classify, const Json& one, double tolerance) {
  SCOPED_TRACE(one.at("id").get<std::string>());
  const Call call = call_of(one.at("parameters"));
  const std::vector<std::string_view> texts = test::strings(one.at("inputs"));
  if (one.contains("raises")) {
    test::expect_error(ErrorKind::config_error, {},
                       [&] { return classify(texts, call.options, call.run); });
    return;
  }
  const Json& expected = one.at("expected");
  if (call.words) {  // which the reference nests in a list
    expect_entities(classify.words(texts, call.options), expected.at(0),
                    joined(texts, call.options.delimiter), tolerance);
    return;
  }
  const auto results = classify(texts, call.options, call.run);
  for (std::size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE(texts[i]);
    expect_entities(results[i], one.at("inputs").is_string() ? expected : expected.at(i),
                    std::string(texts[i]), tolerance);
  }
}

TEST(TokenClassification, AnswersAsTheGoldens) {
  for (const char* folder : {"bert-token-classification", "bert-token-classification-cased",
                             "distilbert-token-classification"}) {
    SCOPED_TRACE(folder);
    const auto classify = TokenClassification::load(test::golden(folder));
    const auto cases = test::cases(test::golden(folder), "task", "token-classification");
    EXPECT_FALSE(cases.empty());
    for (const Json& one : cases) expect_case(classify, one, test::golden_tolerance);
  }
}

TEST(TokenClassification, AnswersAsTheBundledModelsCases) {
  const auto classify = TokenClassification::load(test::bundled("ner"));
  for (const Json& one : test::bundled_cases("ner")) {
    expect_case(classify, one, test::bundled_tolerance);
  }
}

// The reference's guess for tokenizers without a prefix for what continues a word: spaces alone end
// words, so that punctuation is part of them.
TEST(TokenClassification, SpacesTellWordsWhereTheTokenizerHasNoPrefix) {
  const auto golden = test::golden("bert-token-classification");
  const test::TemporaryFolder folder;
  std::filesystem::copy(golden, folder.path(), std::filesystem::copy_options::recursive);
  Json tokenizer = test::read_json_file(golden / "tokenizer.json");
  const Json vocabulary{{"[PAD]", 0}, {"[UNK]", 1}, {"[CLS]", 2}, {"[SEP]", 3}, {"[MASK]", 4},
                        {"re", 55},   {"-", 56},    {"port", 57}, {"now", 58}};
  tokenizer["model"] = {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "[UNK]"}};
  tokenizer["decoder"] = nullptr;
  test::write_file(folder.path() / "tokenizer.json", tokenizer.dump());
  Json config = test::read_json_file(golden / "tokenizer_config.json");
  config["tokenizer_class"] = "PreTrainedTokenizerFast";
  test::write_file(folder.path() / "tokenizer_config.json", config.dump());

  const auto classify = TokenClassification::load(folder.path());
  const auto entities = [&](AggregationStrategy strategy) {
    return shown(classify("re-port now", {.aggregation_strategy = strategy, .ignore_labels = {}}));
  };
  EXPECT_EQ(entities(AggregationStrategy::none),
            (std::vector<std::string>{"I-LOC:re", "I-PER:-", "B-ORG:port", "I-PER:now"}));
  EXPECT_EQ(entities(AggregationStrategy::first),
            (std::vector<std::string>{"LOC:re - port", "PER:now"}));
}

class TokenClassificationCall : public testing::Test {
 protected:
  using Strategy = AggregationStrategy;
  const TokenClassification ner_ = TokenClassification::load(test::bundled("ner"));
  const TokenClassificationOptions simple_{.aggregation_strategy = Strategy::simple};
};

TEST_F(TokenClassificationCall, RangesSliceTheTextInBytesAndInCodePoints) {
  const std::string text = "Zoë and Jürgen Groß live in Köln 🙂 near Paris.";
  const CodePointIndex index(text);
  const auto entities = ner_(text, simple_);
  ASSERT_FALSE(entities.empty());
  EXPECT_EQ(text.substr(static_cast<std::size_t>(entities.back().bytes.begin),
                        static_cast<std::size_t>(entities.back().bytes.size())),
            "Paris");
  for (const Entity& entity : entities) {
    EXPECT_EQ(entity.code_points.begin, index.code_points(entity.bytes.begin));
    EXPECT_EQ(entity.code_points.end, index.code_points(entity.bytes.end));
  }
}

TEST_F(TokenClassificationCall, WordsGiveTheSameRangesAsTheirText) {
  const std::vector<std::string_view> words{"Jürgen", "lives", "in", "Köln"};
  const auto split = ner_.words(words, simple_);
  const auto whole = ner_("Jürgen lives in Köln", simple_);
  ASSERT_EQ(split.size(), whole.size());
  ASSERT_FALSE(split.empty());
  for (std::size_t i = 0; i < split.size(); ++i) {
    EXPECT_EQ(split[i].bytes, whole[i].bytes);
    EXPECT_EQ(split[i].code_points, whole[i].code_points);
    EXPECT_EQ(split[i].score, whole[i].score);
  }
  EXPECT_TRUE(ner_.words({}, simple_).empty());
}

TEST(TokenClassification, WordsNeedAPrefixSpaceWhereTheClassSaysSo) {
  const test::TemporaryFolder folder;
  std::filesystem::copy(test::golden("roberta-token-classification"), folder.path(),
                        std::filesystem::copy_options::recursive);
  const std::vector<std::string_view> words{"Her", "name", "is", "Jane"};
  test::expect_error(ErrorKind::config_error, {"add_prefix_space", "tokenizer_config.json"},
                     [&] { return TokenClassification::load(folder.path()).words(words).size(); });
  const auto config = folder.path() / "tokenizer_config.json";
  auto json = test::ordered_json_of(test::read_file(config));
  json["add_prefix_space"] = true;
  test::write_file(config, json.dump());
  EXPECT_FALSE(TokenClassification::load(folder.path()).words(words).empty());
}

TEST_F(TokenClassificationCall, WordsBeyondTheModelAreCutUnlessAStrideIsGiven) {
  std::vector<std::string_view> words(300, "very");
  words.insert(words.end(), 300, "big");
  words.emplace_back("Paris");
  TokenClassificationOptions options{.ignore_labels = {}};
  const Index limit = *ner_.task_model().tokenizer->settings().model_max_length;
  EXPECT_EQ(static_cast<Index>(ner_.words(words, options).size()), limit - 2);
  options.stride = 0;
  const auto all = ner_.words(words, options);
  ASSERT_EQ(all.size(), words.size());
  EXPECT_EQ(all.back().word, "paris");
  EXPECT_EQ(all.back().bytes.end, 300 * 5 + 300 * 4 + 5);
}

TEST_F(TokenClassificationCall, OffsetMappingReplacesTheTokenizersOffsets) {
  TokenClassificationOptions options{.ignore_labels = {}};
  const std::string text = "Köln is";
  ASSERT_EQ(ner_(text, options).size(), 2U);
  options.offset_mapping = {{0, 0}, {1, 3}, {5, 7}, {0, 0}};
  const auto entities = ner_(text, options);
  EXPECT_EQ(entities[0].code_points, (Range{1, 3}));
  EXPECT_EQ(entities[0].bytes, (Range{1, 4}));
  EXPECT_EQ(entities[1].bytes, (Range{6, 8}));
  options.offset_mapping = {{0, 0}, {1, 3}};
  test::expect_error(ErrorKind::config_error, {}, [&] { return ner_(text, options); });
  options.offset_mapping = {{0, 0}, {1, 30}, {5, 7}, {0, 0}};
  test::expect_error(ErrorKind::config_error, {}, [&] { return ner_(text, options); });
}

TEST_F(TokenClassificationCall, RefusesAStrideThatCannotBe) {
  const auto expect_refused = [&](const TokenClassificationOptions& options) {
    test::expect_error(ErrorKind::config_error, {"stride"}, [&] { return ner_("text", options); });
  };
  const Index limit = *ner_.task_model().tokenizer->settings().model_max_length;
  expect_refused({.stride = limit});
  expect_refused({.stride = -1});
  expect_refused({.aggregation_strategy = Strategy::none, .stride = 4});
  expect_refused({.stride = 4, .grouped_entities = false});
}

TEST_F(TokenClassificationCall, StrideFindsWhatTruncationCutsOff) {
  std::string text;
  for (int i = 0; i < 700; ++i) text += "very ";
  text += "big is the city of Paris.";
  EXPECT_TRUE(ner_(text, simple_).empty());
  TokenClassificationOptions options = simple_;
  options.stride = 16;
  const auto entities = ner_(text, options);
  ASSERT_FALSE(entities.empty());
  EXPECT_EQ(entities.back().word, "paris");
  EXPECT_EQ(entities.back().bytes.end, static_cast<Index>(text.size()) - 1);
}

TEST_F(TokenClassificationCall, DoesNotDependOnTheBatchAndKeepsABadItemFromTheOthers) {
  const std::vector<std::string_view> texts{"Sarah lives in London", "", "\xC3",
                                            "Angela Merkel met Emmanuel Macron in Paris", "a"};
  Index last = 0;
  const auto outcomes = ner_.each(
      texts, simple_, {.batch_size = 2, .progress = [&](Index done, Index) { last = done; }});
  EXPECT_EQ(last, 5);
  ASSERT_EQ(outcomes.size(), 5U);
  EXPECT_EQ(outcomes[2].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_TRUE(outcomes[1].value().empty());
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{4}}) {
    const auto alone = ner_(texts[i], simple_);
    ASSERT_EQ(alone.size(), outcomes[i].value().size());
    for (std::size_t k = 0; k < alone.size(); ++k) {
      EXPECT_EQ(alone[k].score, outcomes[i].value()[k].score);
      EXPECT_EQ(alone[k].bytes, outcomes[i].value()[k].bytes);
    }
  }
  EXPECT_TRUE(ner_(std::span<const std::string_view>{}).empty());
  std::stop_source stop;
  stop.request_stop();
  RunOptions stopped;
  stopped.stop = stop.get_token();
  test::expect_error(ErrorKind::cancelled, {}, [&] { return ner_.each(texts, simple_, stopped); });
}

}  // namespace
}  // namespace attend
