// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text2text-generation, summarization and translation, but for the recorded answers, which
// run_golden_test has.
#include "attend/task/text2text_generation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "attend/task/summarization.h"
#include "attend/task/translation.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/paths.h"

namespace attend::test {
namespace {

using Texts = std::vector<std::string_view>;
using Results = std::vector<Text2TextGeneration::Result>;

const Texts texts{"He told me that the house was small.", "It seems to me", "Zoë met Dr. Müller.",
                  "and since the wisdom of their choice is rather to have my hat than my heart"};

Text2TextOptions options_of(GenerationConfig config) {
  Text2TextOptions options;
  options.config = std::move(config);
  return options;
}

GenerationConfig config_of(Index max_new_tokens, Index num_beams) {
  GenerationConfig config;
  config.max_new_tokens = max_new_tokens;
  config.num_beams = num_beams;
  return config;
}

Text2TextGeneration t5() { return Text2TextGeneration::load(golden("t5-text2text-generation")); }

TEST(Text2Text, ManyTextsAreWrittenLikeOneByOne) {
  const Text2TextGeneration task = t5();
  for (const Index beams : {1, 3}) {
    GenerationConfig config = config_of(9, beams);
    config.num_return_sequences = beams;
    const Text2TextOptions options = options_of(config);
    for (const Index batch_size : {1, 2, 32}) {
      const Results together = task(texts, options, {.batch_size = batch_size});
      ASSERT_EQ(together.size(), texts.size());
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto alone = task(texts[i], options);
        ASSERT_EQ(together[i].size(), static_cast<std::size_t>(beams));
        for (std::size_t k = 0; k < alone.size(); ++k) {
          EXPECT_EQ(together[i][k].text, alone[k].text);
          EXPECT_EQ(together[i][k].ids, alone[k].ids);
          EXPECT_EQ(together[i][k].score, alone[k].score);
          EXPECT_EQ(together[i][k].ids.size(), together[i][0].ids.size());  // a rectangle
        }
      }
    }
  }
}

TEST(Text2Text, FoldersHavePrefixesForTasks) {
  const auto prefix = [](std::string_view task) {
    return read_text2text_defaults(golden("t5-text2text-generation"), task).prefix;
  };
  EXPECT_EQ(prefix("text2text-generation"), "");
  EXPECT_EQ(prefix("summarization"), "summarize: ");
  EXPECT_EQ(prefix("translation"), "");
  EXPECT_EQ(prefix("translation_en_to_de"), "translate English to German: ");
  const auto translate = Translation::load(golden("t5-text2text-generation"));
  EXPECT_EQ(translate.generator().defaults().prefix, "translate English to German: ");

  const Text2TextOptions options = options_of(config_of(6, 1));
  const auto summarize = Summarization::load(golden("t5-text2text-generation"));
  GenerationConfig same = summarize.generator().defaults().config;
  same.max_new_tokens = 6;
  same.num_beams = 1;
  const std::string text = "summarize: " + std::string(texts[0]);
  EXPECT_EQ(summarize(texts[0], options).front().ids, t5()(text, options_of(same)).front().ids);
}

TEST(Text2Text, DefaultsOfTheTaskAndTheFolder) {
  const auto t5_defaults =
      read_text2text_defaults(golden("t5-text2text-generation"), "none").config;
  EXPECT_EQ(t5_defaults.max_new_tokens, 256);
  EXPECT_EQ(t5_defaults.num_beams, 4);
  // A max_length in generation_config.json counts, one in task_specific_params does not.
  const auto bart = read_text2text_defaults(golden("bart-summarization"), "summarization").config;
  EXPECT_FALSE(bart.max_new_tokens);
  EXPECT_EQ(bart.max_length, 16);
  const auto t5_summary =
      read_text2text_defaults(golden("t5-text2text-generation"), "summarization").config;
  EXPECT_EQ(t5_summary.max_new_tokens, 256);
  EXPECT_EQ(t5_summary.max_length, 16);
  EXPECT_EQ(t5_summary.length_penalty, 2.0);
}

TEST(Text2Text, TheFirstTokenOfAStopSequenceEndsATextInThePlaceOfEos) {
  const Text2TextGeneration task = t5();
  const std::string stop = "in the town";
  const auto ids = task.task_model().tokenizer->encode(stop, {.add_special_tokens = false}).ids;
  ASSERT_GT(ids.size(), 1U);
  GenerationConfig config = config_of(12, 1);
  Text2TextOptions stopped = options_of(config);
  stopped.stop_sequence = stop;
  config.eos_token_id = {ids.front()};
  EXPECT_EQ(task(texts[1], stopped).front().ids, task(texts[1], options_of(config)).front().ids);
  stopped.stop_sequence = "";
  expect_error(ErrorKind::config_error, {"text2text-generation", "stop_sequence"},
               [&] { return task(texts[1], stopped); });
}

TEST(Text2Text, TextsThatAreTooLong) {
  const auto summarize = Summarization::load(golden("bart-summarization"));
  std::string long_text;
  for (int i = 0; i < 100; ++i) long_text += "the hot springs and ";
  const Texts mixed{texts[0], long_text, "\xFF", texts[1]};
  Text2TextOptions options = options_of(config_of(4, 1));
  const auto outcomes = summarize.each(mixed, options);
  ASSERT_EQ(outcomes.size(), 4U);
  EXPECT_TRUE(outcomes[0].ok());
  EXPECT_TRUE(outcomes[3].ok());
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::input_too_long);
  EXPECT_NE(std::string(outcomes[1].error().what()).find("truncation"), std::string::npos);
  EXPECT_EQ(outcomes[2].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_EQ(outcomes[3].value().front().ids, summarize(texts[1], options).front().ids);
  options.truncation = TruncationStrategy::longest_first;
  EXPECT_FALSE(summarize(long_text, options).front().ids.empty());
  expect_error(ErrorKind::input_too_long, {"items[1]"},
               [&] { return summarize(std::span(mixed), options_of(config_of(4, 1))); });
}

TEST(Text2Text, TellsOfProgressAndStops) {
  const Text2TextGeneration task = t5();
  std::vector<Index> done;
  Index total = 0;
  static_cast<void>(task(texts, options_of(config_of(3, 1)),
                         {.batch_size = 2, .progress = [&](Index now, Index all) {
                            done.push_back(now);
                            total = all;
                          }}));
  ASSERT_FALSE(done.empty());
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.back(), static_cast<Index>(texts.size()));
  EXPECT_EQ(total, static_cast<Index>(texts.size()));
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorKind::cancelled, {}, [&] {
    return task(texts, options_of(config_of(3, 1)), {.stop = stop.get_token()});
  });
}

TEST(Text2Text, NoTextsNoResults) { EXPECT_TRUE(t5().each({}).empty()); }

TEST(Text2Text, OnlyTranslationHasLanguages) {
  Text2TextOptions options = options_of(config_of(3, 1));
  options.tgt_lang = "de";
  expect_error(ErrorKind::config_error, {"text2text-generation", "src_lang and tgt_lang"},
               [&] { return t5()(texts[0], options); });
  // As in the reference: the model knows one pair only.
  const auto marian = Translation::load(golden("marian-translation"));
  EXPECT_EQ(marian(texts[0], options).front().ids,
            marian(texts[0], options_of(config_of(3, 1))).front().ids);
}

TEST(Translation, NamesOfTasksHaveLanguages) {
  EXPECT_EQ(languages_of_task("translation_en_to_de")->source, "en");
  EXPECT_EQ(languages_of_task("translation_en_to_de")->target, "de");
  for (const char* name : {"translation", "translation_en_de", "translation_en_XX_to_de_DE",
                           "translation_en_in_de", "summarization_en_to_de", "", "_"}) {
    EXPECT_FALSE(languages_of_task(name)) << name;
  }
  const auto task = Translation::load(golden("m2m_100-translation"), {}, "translation_en_to_ru");
  Text2TextOptions options = options_of(config_of(5, 1));
  const auto by_name = task(texts[0], options).front().ids;
  const auto other = Translation::load(golden("m2m_100-translation"));
  options.src_lang = "en";
  options.tgt_lang = "ru";
  EXPECT_EQ(other(texts[0], options).front().ids, by_name);
  options.src_lang = "";
  EXPECT_EQ(task(texts[0], options).front().ids, by_name);
  expect_error(ErrorKind::config_error, {"translation_xx_to_yy", "translation_en"}, [] {
    return Translation::load(golden("m2m_100-translation"), {}, "translation_en");
  });
}

TEST(Translation, OfManyLanguagesNeedsBoth) {
  const auto translate = Translation::load(golden("mbart-translation-50"));
  Text2TextOptions options = options_of(config_of(4, 1));
  const auto refused = [&](std::string_view found) {
    expect_error(ErrorKind::config_error, {"src_lang and tgt_lang", found},
                 [&] { return translate(texts[0], options); });
  };
  refused("neither");
  options.src_lang = "en_XX";
  refused("one of them");
  options.tgt_lang = "klingon";
  expect_error(ErrorKind::config_error, {"language", "klingon"},
               [&] { return translate(texts[0], options); });
  options.tgt_lang = "de_DE";
  const auto ids = translate(texts[0], options).front().ids;
  EXPECT_EQ(ids.at(1), translate.task_model().tokenizer->language_id("de_DE"));
  options.config.forced_bos_token_id = 5;
  expect_error(ErrorKind::config_error, {"forced_bos_token_id", "tgt_lang"},
               [&] { return translate(texts[0], options); });
}

}  // namespace
}  // namespace attend::test
