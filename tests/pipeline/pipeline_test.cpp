// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The facade: every task by its names, predictions in one shape, and options that no task ignores.
#include "attend/pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>

#include "attend/model/packed_file.h"
#include "attend/task/question_answering.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/paths.h"

namespace attend {
namespace {

using Texts = std::vector<std::string_view>;

TEST(Pipeline, ClassifiesAndFindsEntitiesWithTheBundledModels) {
  const Pipeline sentiment = pipeline("sentiment");
  EXPECT_EQ(sentiment.task(), "text-classification");
  const std::string_view text = "A quiet, perfect film.";
  const std::vector<Prediction> labels = sentiment(text);
  ASSERT_EQ(labels.size(), 1U);
  EXPECT_EQ(labels[0].label, "POSITIVE");
  EXPECT_GT(labels[0].score, 0.9F);
  EXPECT_EQ(labels[0].end, static_cast<Index>(text.size()));
  EXPECT_EQ(sentiment(text, {.top_k = 2}).size(), 2U);

  const Pipeline ner = pipeline("ner");
  const std::string_view sentence = "Zoë Müller met Emmanuel Macron in Paris.";
  const std::vector<Prediction> entities = ner(sentence);
  ASSERT_GE(entities.size(), 3U);
  EXPECT_EQ(entities.back().label, "LOC");
  EXPECT_EQ(entities.back().text, "Paris");
  for (const Prediction& entity : entities) {
    EXPECT_EQ(sentence.substr(static_cast<std::size_t>(entity.begin),
                              static_cast<std::size_t>(entity.end - entity.begin)),
              entity.text);
  }
  EXPECT_GT(ner(sentence, {.aggregation_strategy = AggregationStrategy::none}).size(),
            entities.size());
}

TEST(Pipeline, ScoresLabelsOfTheCallersChoice) {
  const Pipeline zero_shot = pipeline("zero-shot");
  const auto labels = zero_shot("The goalkeeper saved a penalty in the last minute.",
                                {.labels = {"politics", "sport", "cooking"}});
  ASSERT_EQ(labels.size(), 3U);
  EXPECT_EQ(labels[0].label, "sport");
  EXPECT_NEAR(labels[0].score + labels[1].score + labels[2].score, 1, 1e-5F);
  const auto each = zero_shot(
      "The goalkeeper saved a penalty.",
      {.labels = {"sport"}, .hypothesis_template = "This text is about {}.", .multi_label = true});
  EXPECT_EQ(each.size(), 1U);
  test::expect_error(ErrorKind::config_error, {"labels"}, [&] { return zero_shot("text"); });
}

TEST(Pipeline, AnswersWithQuestionOrContextInTheOptions) {
  const std::string folder = test::golden("bert-question-answering").string();
  const Pipeline answer = pipeline("qa", {.model = folder});
  const std::string_view question = "Where is the house?";
  const std::string_view context = "The house stands on the hill by the river.";
  const auto answers = answer(question, {.top_k = 2, .context = std::string(context)});
  const auto expected = QuestionAnswering::load(folder)({question, context}, {.top_k = 2});
  ASSERT_EQ(answers.size(), expected.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].text, expected[i].answer);
    EXPECT_EQ(answers[i].score, expected[i].score);
    EXPECT_EQ(answers[i].begin, expected[i].bytes.begin);
    EXPECT_EQ(answers[i].end, expected[i].bytes.end);
  }
  EXPECT_EQ(answer(context, {.question = std::string(question)})[0].text, answers[0].text);
  EXPECT_EQ(answer(context, {.question = std::string(question),
                             .max_answer_len = 1,
                             .handle_impossible_answer = true})
                .size(),
            1U);
  test::expect_error(ErrorKind::config_error, {"question or context"},
                     [&] { return answer(context); });
  test::expect_error(ErrorKind::config_error, {"question or context"},
                     [&] { return answer(context, {.question = "a", .context = "b"}); });
}

TEST(PipelineDeathTest, OneThreadIsOneWhileTheModelIsLoadedToo) {
  const auto load_and_exit_with_threads = [](std::string_view task, std::string_view folder) {
    const auto threads = [] {
      return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
    };
    const auto before = threads();
    const Pipeline loaded = pipeline(task, {.model = test::golden(folder).string(), .threads = 1});
    std::_Exit(static_cast<int>(threads() - before));
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process without threads of other tests
  EXPECT_EXIT(load_and_exit_with_threads("sentiment", "bert-sequence-classification"),
              testing::ExitedWithCode(0), testing::Eq(std::string()));
  EXPECT_EXIT(load_and_exit_with_threads("embed", "bert-sentence-embeddings-mean"),
              testing::ExitedWithCode(0), testing::Eq(std::string()));
}

TEST(Pipeline, FillsMasks) {
  const Pipeline fill = pipeline("fill-mask", {.model = test::golden("bert-fill-mask").string()});
  const auto fills = fill("the [MASK] of the people", {.top_k = 3});
  ASSERT_EQ(fills.size(), 3U);
  EXPECT_EQ(fills[0].begin, 4);
  EXPECT_EQ(fills[0].end, 10);
  EXPECT_FALSE(fills[0].label.empty());
  EXPECT_NE(fills[0].text.find("of the people"), std::string::npos);
  EXPECT_EQ(fill("a [MASK] and a [MASK]", {.targets = {"the", "and"}}).size(), 4U);
}

TEST(Pipeline, GeneratesWithTheBundledModel) {
  const Pipeline generate = pipeline("text-generation");
  const auto greedy =
      generate("Once upon a time", {.generation = {{.max_new_tokens = 11, .do_sample = false}}});
  ASSERT_EQ(greedy.size(), 1U);
  EXPECT_EQ(greedy[0].text, "Once upon a time, there was a little girl named Lily.");
  EXPECT_EQ(greedy[0].end, 16);
  const CallOptions drawn{.generation = {{.max_new_tokens = 20, .num_return_sequences = 2}},
                          .seed = 3};
  const auto texts = generate("Lily", drawn);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_NE(texts[0].text, texts[1].text);
  EXPECT_EQ(generate("Lily", drawn)[1].text, texts[1].text);
  test::expect_error(ErrorKind::config_error, {"generation, seed"},
                     [&] { return generate("Lily", {.top_k = 2}); });
}

TEST(Pipeline, Reranks) {
  const Pipeline rerank =
      pipeline("rerank", {.model = test::golden("bert-sequence-classification-reranker").string()});
  const auto scores = rerank({"the house", "a river by the hill"}, {.query = "where is it"});
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[0].size(), 1U);
  test::expect_error(ErrorKind::config_error, {"query"}, [&] { return rerank("text"); });
}

TEST(Pipeline, WritesTexts) {
  const Pipeline spell = pipeline("text2text-generation");
  const auto sounds = spell({"hello", "attention"});
  ASSERT_EQ(sounds.size(), 2U);
  EXPECT_EQ(sounds[0].at(0).text, "hˈɛlO");
  EXPECT_EQ(sounds[0][0].label, "");
  EXPECT_EQ(sounds[0][0].end, 5);
  EXPECT_EQ(sounds[1].at(0).text, "ətˈɛnʃən");
  GenerationConfig several;
  several.num_return_sequences = 3;
  EXPECT_EQ(spell("hello", {.generation = several}).size(), 3U);
  test::expect_error(ErrorKind::config_error, {"src_lang"},
                     [&] { return spell("hello", {.src_lang = "en"}); });
}

TEST(Pipeline, TranslatesWithTheLanguagesOfItsNameOrOfACall) {
  const std::string folder = test::golden("m2m_100-translation").string();
  GenerationConfig short_text;
  short_text.max_new_tokens = 5;
  const Pipeline translate = pipeline("translation", {.model = folder});
  EXPECT_EQ(translate.task(), "translation");
  const auto of_call =
      translate("the house", {.src_lang = "en", .tgt_lang = "ru", .generation = short_text});
  EXPECT_TRUE(of_call.at(0).text.starts_with("__ru__"));
  const Pipeline to_russian = pipeline("translation_en_to_ru", {.model = folder});
  EXPECT_EQ(to_russian.task(), "translation");
  EXPECT_EQ(to_russian("the house", {.generation = short_text}).at(0).text, of_call[0].text);
  test::expect_error(ErrorKind::config_error, {"src_lang and tgt_lang"},
                     [&] { return translate("the house"); });
  for (const char* name : {"translation_en", "translation_en_XX_to_ru_RU", "translation_en_ru"}) {
    test::expect_error(ErrorKind::config_error, {name, "translation"},
                       [&] { return pipeline(name, {.model = folder}); });
  }
}

TEST(Pipeline, Embeds) {
  const Pipeline embed = pipeline("embed");
  const Embedding cat = embed.embed("The cat sat on the mat.");
  EXPECT_EQ(cat.size(), 384U);
  const auto others =
      embed.embed(Texts{"A kitten rests on a rug.", "Shares fell sharply on Monday."});
  EXPECT_GT(cosine_similarity(cat, others.at(0)), cosine_similarity(cat, others.at(1)));
  test::expect_error(ErrorKind::config_error, {"embed()"}, [&] { return embed("text"); });

  const Pipeline features = pipeline("feature-extraction");
  EXPECT_EQ(features.features("ok").tokens, 3);
  EXPECT_EQ(features.features(Texts{"ok", "ok ok"}).at(1).tokens, 4);
  test::expect_error(ErrorKind::config_error, {"features()"}, [&] { return features("text"); });
  test::expect_error(ErrorKind::config_error, {"features()"},
                     [&] { return features.embed("text"); });
}

TEST(Pipeline, TakesManyTextsInEveryForm) {
  const Pipeline sentiment = pipeline("sentiment", {.threads = 2, .batch_size = 2});
  const Texts views{"Lovely.", "Dreadful.", "Lovely and warm."};
  Index done = 0;
  const CallOptions reporting{.progress = [&](Index now, Index) { done = now; }};
  const auto expected = sentiment(views, reporting);
  EXPECT_EQ(done, 3);
  EXPECT_EQ(expected.size(), 3U);
  const std::vector<std::string> strings(views.begin(), views.end());
  EXPECT_EQ(sentiment(strings).at(1)[0].score, expected[1][0].score);
  // Two literals are two texts, not the ends of a string_view.
  const auto braces = sentiment({"Lovely.", "Dreadful."});
  ASSERT_EQ(braces.size(), 2U);
  EXPECT_EQ(braces[1][0].score, expected[1][0].score);
  EXPECT_EQ(sentiment("Lovely.", reporting)[0].score, expected[0][0].score);
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(sentiment(Texts{}).empty());

  const auto outcomes = sentiment.each(Texts{"Lovely.", "\xFF"});
  EXPECT_TRUE(outcomes[0].ok());
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::invalid_utf8);
}

TEST(Pipeline, RefusesOptionsThatATaskDoesNotTake) {
  const Pipeline sentiment = pipeline("sentiment");
  const std::vector<std::pair<const char*, CallOptions>> refused{
      {"labels", {.labels = {"a"}}},
      {"aggregation_strategy", {.aggregation_strategy = AggregationStrategy::max}},
      {"hypothesis_template", {.hypothesis_template = "x {}"}},
      {"multi_label", {.multi_label = false}},
      {"question", {.question = "x"}},
      {"context", {.context = "x"}},
      {"max_answer_len", {.max_answer_len = 3}},
      {"handle_impossible_answer", {.handle_impossible_answer = true}},
      {"targets", {.targets = {"x"}}},
      {"query", {.query = "x"}},
      {"src_lang", {.src_lang = "en"}},
      {"tgt_lang", {.tgt_lang = "de"}}};
  for (const auto& one : refused) {
    test::expect_error(ErrorKind::config_error, {one.first, "only top_k, truncation"},
                       [&] { return sentiment("text", one.second); });
  }
  const Pipeline ner = pipeline("ner");
  test::expect_error(ErrorKind::config_error, {"top_k", "only aggregation_strategy"},
                     [&] { return ner("text", {.top_k = 1}); });
  test::expect_error(ErrorKind::config_error, {"truncation"}, [&] {
    return ner("text", {.truncation = TruncationStrategy::longest_first});
  });
}

TEST(Pipeline, SaysWhichTasksAndModelsThereAre) {
  test::expect_error(ErrorKind::config_error,
                     {"no-such", "text-classification", "sentiment", "rerank"},
                     [] { return pipeline("no-such"); });
  for (const char* task :
       {"question-answering", "fill-mask", "rerank", "summarization", "translation"}) {
    test::expect_error(ErrorKind::file_not_found, {task, ".model", "no model is bundled"},
                       [&] { return pipeline(task); });
  }
  test::expect_error(ErrorKind::file_not_found, {"org/nothing"},
                     [] { return pipeline("ner", {.model = "org/nothing"}); });
  test::expect_error(ErrorKind::config_error, {"revision"},
                     [] { return pipeline("ner", {.revision = "main"}); });
  test::expect_error(ErrorKind::config_error, {"batch_size"},
                     [] { return pipeline("ner", {.batch_size = 0}); });
  test::expect_error(ErrorKind::config_error, {}, [] { return pipeline("ner", {.threads = -1}); });
}

TEST(Pipeline, PackedWeightsAreTakenNamedOrLeftAlone) {
  const test::TemporaryFolder folder;
  std::filesystem::copy(test::golden("bert-sequence-classification-reranker"), folder.path(),
                        std::filesystem::copy_options::recursive);
  const auto load = [&](PackedWeights packed, const std::filesystem::path& file) {
    return pipeline(
        "rerank",
        {.model = folder.path().string(), .threads = 1, .packed = packed, .packed_file = file});
  };
  const auto other = folder.path() / "other.packed";
  pack_model(folder.path(), {}, other);
  test::write_file(folder.path() / "attend.f32.packed", "nonsense");
  test::expect_error(ErrorKind::invalid_format, {"attend.f32.packed"},
                     [&] { return load(PackedWeights::if_present, {}); });
  (void)load(PackedWeights::never, {});
  (void)load(PackedWeights::if_present, other);
  test::expect_error(ErrorKind::file_not_found, {"nonesuch"},
                     [&] { return load(PackedWeights::if_present, folder.path() / "nonesuch"); });
}

TEST(Pipeline, EndsTheCallThatIsAskedToStop) {
  std::stop_source stop;
  const CallOptions stopped{.stop = stop.get_token()};
  const Pipeline sentiment = pipeline("sentiment");
  EXPECT_EQ(sentiment("Lovely.", stopped).size(), 1U);
  stop.request_stop();
  test::expect_error(ErrorKind::cancelled, {}, [&] { return sentiment("Lovely.", stopped); });
  EXPECT_EQ(sentiment("Lovely.").size(), 1U);  // other calls go on
  const Pipeline embed = pipeline("embed");
  test::expect_error(ErrorKind::cancelled, {}, [&] { return embed.embed("text", {}, stopped); });
  const Pipeline features = pipeline("feature-extraction");
  test::expect_error(ErrorKind::cancelled, {},
                     [&] { return features.features(Texts{"text"}, {}, stopped); });
  test::expect_error(ErrorKind::config_error, {"query"},
                     [&] { return embed.embed("text", {}, {.query = "x"}); });
}

TEST(Pipeline, VerifiesItsModelWhenAsked) {
  const test::TemporaryFolder copy;
  const std::string folder = copy.path().string();
  std::filesystem::copy(test::golden("bert-sequence-classification"), copy.path());
  const auto load = [&] { return pipeline("sentiment", {.model = folder, .verify = true}); };
  test::expect_error(ErrorKind::file_not_found, {"selftest.safetensors"}, load);
  std::filesystem::copy(copy.path() / "tensors.safetensors", copy.path() / "selftest.safetensors");
  EXPECT_NO_THROW((void)load());
  std::filesystem::copy(
      test::golden("bert-sequence-classification-reranker") / "tensors.safetensors",
      copy.path() / "selftest.safetensors", std::filesystem::copy_options::overwrite_existing);
  test::expect_error(ErrorKind::invalid_format, {"\"pair.logits\""}, load);
}

TEST(Tasks, HaveDistinctNamesThatAllLead) {
  std::set<std::string_view> names;
  for (const TaskInfo& task : tasks()) {
    EXPECT_TRUE(names.insert(task.name).second) << task.name;
    EXPECT_EQ(find_task(task.name).name, task.name);
    EXPECT_FALSE(task.about.empty());
    for (const std::string_view alias : task.aliases) {
      EXPECT_TRUE(names.insert(alias).second) << alias;
      EXPECT_EQ(find_task(alias).name, task.name);
    }
  }
  for (const char* name : {"sentiment-analysis", "ner", "zero-shot", "qa", "embed"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

}  // namespace
}  // namespace attend
