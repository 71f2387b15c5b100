// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend generate`, and what requests of `attend run` that generate may say. Recorded cases are in
// run_golden_test.cpp.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "cli/command.h"
#include "support/command.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

using Json = test::OrderedJson;
using Words = std::vector<std::string>;

test::CommandResult attend_command(const Words& arguments, std::string_view input = {}) {
  return test::run_program(test::attend_command(), arguments, input);
}

std::string chatty() { return test::golden("llama-text-generation").string(); }

TEST(GenerateCommand, TellsAStoryOfTheBundledModel) {
  const auto found =
      attend_command({"generate", "--greedy", "--max-new-tokens", "11", "Once upon a time"});
  EXPECT_EQ(found.code, exit_ok) << found.err;
  EXPECT_EQ(found.out, "Once upon a time, there was a little girl named Lily.\n");
  EXPECT_EQ(found.err, "");
  const auto added = attend_command(
      {"generate", "--greedy", "--max-new-tokens", "11", "--new-text", "Once upon a time"});
  EXPECT_EQ(added.out, ", there was a little girl named Lily.\n");
}

std::string written(const Words& words, bool watched) {
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.out = out, .err = err, .watched = watched};
  EXPECT_EQ(run_command(static_cast<int>(argv.size()), argv.data(), terminal), exit_ok);
  EXPECT_EQ(err.str(), "");
  return out.str();
}

// On a terminal texts come in pieces; they are the same bytes.
TEST(GenerateCommand, WhoWatchesReadsTheSame) {
  for (const Words& more :
       {Words{"--greedy"}, Words{"--greedy", "--new-text"}, Words{"--greedy", "--beams", "2"},
        Words{"--greedy", "--json"}, Words{"--temperature", "3"}}) {
    Words words{"attend", "generate", "--max-new-tokens", "12", "Once upon", "The cat"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(written(words, true), written(words, false)) << more.front();
  }
}

// A copy of a folder with more in its generation_config.json.
std::string with_settings(const test::TemporaryFolder& into, const std::string& folder,
                          const Json& settings) {
  std::filesystem::copy(
      folder, into.path(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  const auto file = into.path() / "generation_config.json";
  Json config = Json::parse(test::read_file(file));
  config.update(settings);
  test::write_file(file, config.dump());
  return into.path().string();
}

// What a folder asks for counts as what a call asks for.
TEST(GenerateCommand, FoldersMayWantBeamsOrManyTexts) {
  for (const Json& settings : {Json{{"num_beams", 2}}, Json{{"num_return_sequences", 2}}}) {
    const test::TemporaryFolder folder;
    const std::string model = with_settings(folder, chatty(), settings);
    const Words words{"attend", "generate", "--model", model, "--max-new-tokens", "6", "Who"};
    EXPECT_EQ(written(words, true), written(words, false)) << settings;
    const auto chat =
        attend_command({"chat", "--model", model, "--max-new-tokens", "6"}, "Who came?\n");
    EXPECT_EQ(chat.code, exit_ok) << settings << chat.err;
  }
}

TEST(GenerateCommand, NothingSteersATerminal) {
  const Words words{"attend",           "generate", "--greedy",
                    "--max-new-tokens", "3",        "Once \x1b[31mupon\ta\x07 time"};
  EXPECT_EQ(written(words, true).find_first_of("\x1b\x07"), std::string::npos);
  EXPECT_NE(written(words, true).find("\ta"), std::string::npos);
  EXPECT_NE(written(words, false).find("\x1b"), std::string::npos);  // a program may want it
}

// Line n belongs to text n where texts are of one line, and the message begins a line of its own.
TEST(GenerateCommand, TextsThatFailHaveTheirPlace) {
  const Words words{"generate", "--greedy", "--max-new-tokens", "3"};
  const auto found = attend_command(words, "Once upon\n\xff\nThe cat\n");
  EXPECT_EQ(found.code, exit_run_time);
  const auto lines = test::split_lines(found.out);
  ASSERT_EQ(lines.size(), 3U) << found.out;
  EXPECT_TRUE(lines[0].starts_with("Once upon"));
  EXPECT_EQ(lines[1], "");
  EXPECT_TRUE(lines[2].starts_with("The cat"));
  EXPECT_TRUE(found.err.starts_with("attend: text 2: ")) << found.err;

  const Words two{"generate", "--beams", "2", "--sequences", "2", "--max-new-tokens", "3"};
  const auto pairs = test::split_lines(attend_command(two, "Once upon\n\xff\nThe cat\n").out);
  ASSERT_EQ(pairs.size(), 6U);
  EXPECT_TRUE(pairs[1].starts_with("Once upon"));
  EXPECT_EQ(pairs[2] + pairs[3], "");
  EXPECT_TRUE(pairs[4].starts_with("The cat"));
}

// However texts are put together in groups.
TEST(GenerateCommand, TheSeedAndTheNumberOfATextDecide) {
  const Words words{"generate", "--seed", "4", "--max-new-tokens", "5"};
  Words one_by_one = words;
  one_by_one.insert(one_by_one.end(), {"--batch-size", "1"});
  std::string input;
  for (int i = 0; i < 12; ++i) input += "The cat\n";
  const auto found = attend_command(words, input);
  EXPECT_EQ(attend_command(one_by_one, input).out, found.out);
  EXPECT_NE(test::split_lines(found.out)[0], test::split_lines(found.out)[11]);
}

TEST(GenerateCommand, OptionsReachTheModel) {
  const auto run = [](Words more, const std::string& text = "Once upon a time") {
    Words words{"generate", "--json", text};
    words.insert(words.end(), more.begin(), more.end());
    const auto found = attend_command(words);
    EXPECT_EQ(found.code, exit_ok) << found.err;
    return test::ordered_json_of(found.out);
  };
  const Json sampled = run({"--max-new-tokens", "20", "--seed", "3"});
  EXPECT_EQ(sampled["text"], "Once upon a time");
  EXPECT_EQ(sampled["result"].size(), 1U);
  EXPECT_EQ(run({"--max-new-tokens", "20", "--seed", "3"}), sampled);
  EXPECT_NE(run({"--max-new-tokens", "20", "--seed", "4"}), sampled);
  const Json greedy = run({"--max-new-tokens", "20", "--greedy"});
  EXPECT_EQ(run({"--max-new-tokens", "20", "--sample", "--top-k", "1"}), greedy);
  EXPECT_EQ(run({"--max-new-tokens", "20", "--temperature", "0.001"}), greedy);
  EXPECT_EQ(run({"--max-new-tokens", "20", "--top-p", "0.001"}), greedy);
  EXPECT_NE(run({"--max-new-tokens", "20", "--greedy", "--repetition-penalty", "3"}), greedy);
  EXPECT_NE(run({"--max-new-tokens", "20", "--temperature", "3e9"}), sampled);
  EXPECT_EQ(run({"--max-new-tokens", "20", "--sequences", "3"})["result"].size(), 3U);
  EXPECT_EQ(
      run({"--max-new-tokens", "20", "--beams", "3", "--sequences", "2", "--greedy"})["result"]
          .size(),
      2U);
  const auto stopped = run({"--greedy", "--stop", "girl", "--stop", "zebra"});
  EXPECT_EQ(stopped["result"][0]["generated_text"], "Once upon a time, there was a little girl");
}

TEST(GenerateCommand, WrongOptionsAreWrongUsage) {
  const auto refused = [](const Words& more, std::string_view complaint) {
    Words words{"generate", "text"};
    words.insert(words.end(), more.begin(), more.end());
    const auto found = attend_command(words);
    EXPECT_NE(found.code, exit_ok);
    EXPECT_EQ(found.out, "");
    EXPECT_NE(found.err.find(complaint), std::string::npos) << found.err;
  };
  refused({"--temperature", "0", "--sample"}, "temperature");
  refused({"--temperature", "nan", "--sample"}, "temperature");
  refused({"--max-new-tokens", "0"}, "--max-new-tokens");
  refused({"--greedy", "--sample"}, "--sample");
  refused({"--temperature", "-5", "--sample"}, "--temperature");
  refused({"--top-p", "7"}, "--top-p");
  refused({"--beams", "2000"}, "--beams");
  refused({"--seed", "-1"}, "--seed");
  refused({"--greedy", "--sequences", "2"}, "--sequences");
  refused({"--beams", "2", "--sequences", "3"}, "--sequences");
  // What has no effect is not meant.
  refused({"--temperature", "inf", "--sample"}, "inf is no number above 0");
  refused({"--greedy", "--temperature", "2"}, "--temperature: has no effect");
  refused({"--greedy", "--top-p", "0.5"}, "--top-p: has no effect");
  refused({"--greedy", "--top-k", "5"}, "--top-k: has no effect");
  refused({"--greedy", "--seed", "5"}, "--seed: has no effect");
}

TEST(GenerateCommand, TopPIsAPartFromZeroOn) {
  const Words least{"generate", "--top-p", "0", "--max-new-tokens", "8", "Once upon"};
  const auto found = attend_command(least);
  EXPECT_EQ(found.code, exit_ok) << found.err;
  EXPECT_EQ(found.out,
            attend_command({"generate", "--greedy", "--max-new-tokens", "8", "Once upon"}).out);
}

TEST(GenerateCommand, SaysWhereTextsGoBeyondThePositions) {
  const auto err = [](const char* tokens) {
    return attend_command({"generate", "--max-new-tokens", tokens, "--stop", ".", "Once"}).err;
  };
  EXPECT_EQ(err("511"), "");
  EXPECT_NE(err("512").find("knows 512 positions"), std::string::npos);
}

TEST(GenerateCommand, HintsNameItsOptions) {
  std::string text = "Once";
  for (int i = 0; i < 300; ++i) text += " upon";
  const auto found = attend_command({"generate", text});
  EXPECT_EQ(found.code, exit_run_time);
  EXPECT_NE(found.err.find("; --max-new-tokens counts new"), std::string::npos) << found.err;
}

// Before weights are read that are not there, or that mean something else.
TEST(GenerateCommand, EncodersDoNotWrite) {
  const auto refused = [](const Words& words, std::string_view complaint) {
    const auto found = attend_command(words, "{}\n");
    EXPECT_EQ(found.code, exit_file) << words.front();
    EXPECT_EQ(found.out, "");
    EXPECT_NE(found.err.find(complaint), std::string::npos) << found.err;
  };
  const std::string masks = test::golden("bert-fill-mask").string();
  for (const Words& words :
       {Words{"generate", "x", "--model", masks}, Words{"chat", "--model", masks},
        Words{"run", "text-generation", "--model", masks},
        Words{"run", "generate", "--model", masks}}) {
    refused(
        words,
        "expected a decoder with a language model head, found \"BertForMaskedLM\" with a masked "
        "language model head");
    refused(words, "this model is for fill-mask");
  }
  refused({"generate", "x", "--model", "embeddings"}, "found \"BertModel\" with no head");
  refused({"summarize", "x", "--model", "embeddings"}, "conditional_generation");
  refused({"generate", "x", "--model", "sentiment"},
          "expected a language model head, found \"BertForSequenceClassification\"");
}

// As in transformers the last message has no other keys when it was gone on with.
TEST(RunGenerate, MessagesThatGoOnAreRoleAndContent) {
  const Json request{
      {"inputs", Json::array({{{"role", "user"}, {"content", "hi"}, {"name", "y"}},
                              {{"role", "assistant"}, {"content", "so"}, {"name", "x"}}})},
      {"parameters", {{"do_sample", false}, {"max_new_tokens", 2}}}};
  const auto found =
      attend_command({"run", "text-generation", "--model", chatty()}, request.dump() + "\n");
  const Json messages = test::ordered_json_of(found.out)[0]["generated_text"];
  ASSERT_EQ(messages.size(), 2U) << found.out << found.err;
  EXPECT_EQ(messages[0]["name"], "y");
  EXPECT_EQ(messages[1].size(), 2U);
  EXPECT_TRUE(messages[1]["content"].get<std::string>().starts_with("so"));
}

// ---- requests

std::vector<Json> answers(const std::string& name, const std::string& model,
                          const std::vector<Json>& requests) {
  std::string input;
  for (const Json& request : requests) input += request.dump() + "\n";
  const auto found = attend_command({"run", name, "--model", model}, input);
  std::vector<Json> out;
  for (const std::string& line : test::split_lines(found.out)) {
    out.push_back(test::ordered_json_of(line));
  }
  EXPECT_EQ(out.size(), requests.size()) << found.err;
  return out;
}

TEST(RunGenerate, AnswersDoNotDependOnOtherLines) {
  const Json one{{"inputs", "the dog"},
                 {"parameters", {{"do_sample", true}, {"max_new_tokens", 8}, {"seed", 2}}}};
  Json two = one;
  two["inputs"] = Json{"a cat", "the dog"};
  const auto found = answers("text-generation", chatty(), {one, two, one});
  EXPECT_EQ(found[0], found[2]);
  EXPECT_NE(found[0][0], found[1][1][0]);  // the second text of a call draws anew
}

TEST(RunGenerate, ParametersThatMeanNothingAreErrors) {
  const auto refused = [](const std::string& name, Json inputs, Json parameters,
                          std::string_view complaint) {
    const auto found = answers(
        name, chatty(), {{{"inputs", std::move(inputs)}, {"parameters", std::move(parameters)}}});
    ASSERT_TRUE(found[0].is_object() && found[0].contains("error")) << found[0].dump();
    const auto message = found[0]["error"]["message"].get<std::string>();
    EXPECT_NE(message.find(complaint), std::string::npos) << message;
  };
  refused("text-generation", "text", {{"max_tokens", 3}}, "unknown parameter");
  refused("text-generation", "text", {{"use_cache", false}},
          "\"use_cache\": expected what changes a "
          "result");
  refused("text-generation", "text", {{"max_new_tokens", "3"}}, "max_new_tokens");
  refused("text-generation", "text", {{"return_text", true}, {"return_full_text", true}},
          "return_text");
  refused("text-generation", "text", {{"return_tensors", true}, {"return_text", true}},
          "return_tensors");
  refused("text-generation", "text", {{"handle_long_generation", "cut"}}, "hole");
  refused("text-generation", Json::array({{{"role", "user"}}}), Json::object(), "content");
  refused("text-generation", 3, Json::object(), "inputs");
  refused("generate", {{"input_ids", {{3, 4}}}, {"attention_mask", {{1, 0}}}}, Json::object(),
          "zeros for padding, then ones");
  refused("generate", {{"input_ids", {{3, 4}}}, {"attention_mask", {{1}}}}, Json::object(),
          "as many values");
  refused("generate", {{"input_ids", {{3, 4}}}, {"masks", {{1, 1}}}}, Json::object(),
          "only the keys");
  refused("generate", {{"input_ids", {{3, 4}}}, {"texts", "ab"}}, Json::object(), "only the keys");
  refused("text-generation", "text", {{"padding", "max_length"}}, "another strategy");
  refused("text-generation", "text",
          {{"tokenizer_encode_kwargs", {{"padding", "max_length"}, {"max_length", 9}}}},
          "another strategy");
  refused("text-generation", "text", {{"stop_sequence", ""}}, "stop_sequence");
  refused("text-generation", "text", {{"output_scores", true}}, "output_scores");
  refused("text-generation", {{"role", "user"}}, Json::object(), "a conversation or a list");
  refused("generate", {{"input_ids", {{3, 100000}}}}, Json::object(), "100000");
  refused("generate", {{"input_ids", {{3, 4}}}}, {{"num_beams", 2}, {"num_return_sequences", 3}},
          "num_return_sequences");
}

std::vector<std::size_t> shape_of(Json value) {
  std::vector<std::size_t> shape;
  for (; value.is_array(); value = Json(value[0])) shape.push_back(value.size());
  return shape;
}

// Nested as in transformers: by step and layer, all rows, heads, tokens.
TEST(RunGenerate, HandsOutWhatIsAskedFor) {
  Json request{{"inputs", {{"input_ids", {{30, 31, 32, 33}}}}},
               {"parameters",
                {{"max_new_tokens", 2},
                 {"min_new_tokens", 2},
                 {"do_sample", false},
                 {"suppress_tokens", {5}},
                 {"output_scores", true},
                 {"output_logits", true},
                 {"output_attentions", true},
                 {"output_hidden_states", true}}}};
  using Shape = std::vector<std::size_t>;
  const auto keys = [](const Json& answer) {
    std::vector<std::string> out;
    for (const auto& [key, value] : answer.items()) out.push_back(key);
    return out;
  };
  EXPECT_EQ(keys(answers("generate", chatty(), {request})[0]),
            (std::vector<std::string>{"sequences", "text"}));
  request["parameters"]["return_dict_in_generate"] = true;
  const Json config = Json::parse(test::read_file(std::filesystem::path(chatty()) / "config.json"));
  const auto layers = config["num_hidden_layers"].get<std::size_t>();
  const auto heads = config["num_attention_heads"].get<std::size_t>();
  const auto width = config["hidden_size"].get<std::size_t>();
  const auto vocabulary = config["vocab_size"].get<std::size_t>();
  for (const std::size_t beams : {1U, 3U}) {
    request["parameters"]["num_beams"] = beams;
    const Json found = answers("generate", chatty(), {request})[0];
    ASSERT_TRUE(found.contains("scores")) << found.dump().substr(0, 300);
    EXPECT_EQ(shape_of(found["scores"]), (Shape{2, beams, vocabulary}));
    EXPECT_EQ(shape_of(found["logits"])[0], 2U);
    EXPECT_EQ(found["scores"][0U][0U][5U], "-inf");
    EXPECT_TRUE(found["logits"][0U][0U][5U].is_number());
    EXPECT_EQ(shape_of(found["attentions"]), (Shape{2, layers, beams, heads, 4, 4}));
    EXPECT_EQ(shape_of(found["attentions"][1]), (Shape{layers, beams, heads, 1, 5}));
    EXPECT_EQ(shape_of(found["hidden_states"]), (Shape{2, layers + 1, beams, 4, width}));
    EXPECT_EQ(shape_of(found["hidden_states"][1]), (Shape{layers + 1, beams, 1, width}));
  }
  request["inputs"]["input_ids"].push_back({30, 31, 32, 34});
  const Json two = answers("generate", chatty(), {request})[0];
  EXPECT_NE(two.dump().find("one row of input_ids"), std::string::npos) << two.dump();
  const Json summary = answers("generate", test::golden("bart-summarization").string(),
                               {{{"inputs", {{"input_ids", {{0, 30, 31, 32, 2}}}}},
                                 {"parameters",
                                  {{"max_new_tokens", 2},
                                   {"min_new_tokens", 2},
                                   {"num_beams", 1},
                                   {"return_dict_in_generate", true},
                                   {"output_hidden_states", true},
                                   {"output_attentions", true}}}}})[0];
  EXPECT_EQ(keys(summary), (std::vector<std::string>{"sequences", "text", "encoder_attentions",
                                                     "encoder_hidden_states", "decoder_attentions",
                                                     "cross_attentions", "decoder_hidden_states"}))
      << summary.dump().substr(0, 300);
  EXPECT_EQ(shape_of(summary["cross_attentions"]).back(), 5U);
}

/// The message of a request of `generate` for outputs that it does not give; empty: it does.
std::string refusal(const std::string& folder, const Json& inputs, const Json& parameters) {
  Json request{{"inputs", inputs},
               {"parameters", {{"max_new_tokens", 2}, {"return_dict_in_generate", true}}}};
  request["parameters"].update(parameters);
  const Json answer = answers("generate", test::golden(folder).string(), {request})[0];
  if (!answer.contains("error")) return {};
  return answer["error"]["kind"].get<std::string>() + ": " +
         answer["error"]["message"].get<std::string>();
}

TEST(RunGenerate, OutputsAreOfOneRowOfInput) {
  const auto refused = [](const Json& ids, const Json& parameters) {
    return refusal("llama-text-generation", {{"input_ids", ids}}, parameters);
  };
  const std::string expected =
      "Unsupported: [generate] outputs besides sequences: expected one row of input_ids, and one "
      "sequence or beams, found ";
  const Json scores{{"output_scores", true}};
  EXPECT_EQ(refused({{30, 31}}, scores), "");
  EXPECT_EQ(refused(Json::array(), scores), expected + "0 rows");
  EXPECT_EQ(refused({{30, 31}, {30, 32}}, scores), expected + "2 rows");
  const Json drawn{{"output_scores", true}, {"do_sample", true}, {"num_return_sequences", 3}};
  EXPECT_EQ(refused({{30, 31}}, drawn), expected + "3 sequences");
}

// What a model makes of padding, which the reference hands out, nobody computes here.
TEST(RunGenerate, StatesOfPaddingAreRefusedAndNotLeftOut) {
  const Json left{{"input_ids", {{9, 9, 30, 31}}}, {"attention_mask", {{0, 0, 1, 1}}}};
  const Json right{{"input_ids", {{0, 30, 31, 2, 1}}}, {"attention_mask", {{1, 1, 1, 1, 0}}}};
  for (const auto& [folder, inputs] :
       {std::pair{"llama-text-generation", left}, {"bart-summarization", right}}) {
    SCOPED_TRACE(folder);
    for (const char* const states : {"output_hidden_states", "output_attentions"}) {
      EXPECT_EQ(refusal(folder, inputs, {{states, true}}),
                "Unsupported: [generate] hidden states and attentions: expected input_ids without "
                "padding, found padding; leave it and attention_mask out");
    }
    EXPECT_EQ(refusal(folder, inputs, {{"output_scores", true}, {"output_logits", true}}), "");
    Json whole = inputs;
    whole["attention_mask"] = Json::array({Json(inputs["input_ids"][0].size(), 1)});
    EXPECT_EQ(refusal(folder, whole, {{"output_hidden_states", true}}), "");
  }
}

// In words of a request, which cannot set GenerationOptions.
TEST(RunGenerate, TooManyOutputsAreALimit) {
  const Json inputs{{"input_ids", Json::array({Json(80, 30)})}};
  for (const char* const output :
       {"output_scores", "output_logits", "output_hidden_states", "output_attentions"}) {
    const std::string found =
        refusal("llama-text-generation", inputs, {{output, true}, {"num_beams", 1024}});
    EXPECT_TRUE(found.starts_with("ResourceLimit: ")) << found;
    EXPECT_TRUE(found.ends_with("; fewer outputs, beams and tokens take less")) << found;
    EXPECT_EQ(found.find("GenerationOptions"), std::string::npos) << found;
  }
}

TEST(RunGenerate, ToolsAndDocumentsReachTheTemplate) {
  Json request{
      {"inputs", Json::array({{{"role", "user"}, {"content", "hi"}}})},
      {"parameters", {{"do_sample", false}, {"max_new_tokens", 2}, {"return_full_text", false}}}};
  Json with = request;
  with["parameters"]["tokenizer_encode_kwargs"] = {{"truncation", true}, {"max_length", 4}};
  Json ids = request;
  ids["parameters"].erase("return_full_text");
  ids["parameters"]["return_tensors"] = true;
  Json short_ids = ids;
  short_ids["parameters"]["tokenizer_encode_kwargs"] =
      with["parameters"]["tokenizer_encode_kwargs"];
  const auto found = answers("text-generation", chatty(), {ids, short_ids});
  EXPECT_GT(found[0][0]["generated_token_ids"].size(), 6U);
  EXPECT_EQ(found[1][0]["generated_token_ids"].size(), 6U);
}

// As in transformers: apply_chat_template() does not cut because of a length.
TEST(RunGenerate, LengthsDoNotCutConversations) {
  const Json asked = Json::array(
      {{{"role", "user"}, {"content", "Once upon a time there was a very long story"}}});
  const auto tokens = [&](const Json& more) {
    Json parameters{{"do_sample", false}, {"max_new_tokens", 3}, {"return_tensors", true}};
    parameters.update(more);
    return answers("text-generation", test::golden("qwen3-text-generation").string(),
                   {{{"inputs", asked}, {"parameters", parameters}}})[0][0]["generated_token_ids"]
        .size();
  };
  EXPECT_EQ(tokens(Json::object()), 60U);
  EXPECT_EQ(tokens({{"max_length", 12}}), 60U);
  EXPECT_EQ(tokens({{"tokenizer_encode_kwargs", {{"max_length", 5}}}}), 60U);
  EXPECT_EQ(tokens({{"max_length", 5}, {"truncation", true}}), 8U);
}

// Ids are those of transformers.
TEST(RunGenerate, OtherArgumentsOfTheTokenizerAreVariablesOfATemplate) {
  const std::string model = test::golden("qwen3-text-generation").string();
  const auto answer = [&](const Json& inputs, const Json& arguments) {
    const Json parameters{{"do_sample", false},
                          {"max_new_tokens", 3},
                          {"return_tensors", true},
                          {"tokenizer_encode_kwargs", arguments}};
    return answers("text-generation", model, {{{"inputs", inputs}, {"parameters", parameters}}})[0];
  };
  const Json asked = Json::array({{{"role", "user"}, {"content", "Once"}}});
  EXPECT_EQ(answer(asked, {{"enable_thinking", false}})[0]["generated_token_ids"].dump(),
            "[342,82,88,339,68,76,198,56,263,258,264,220,74,260,67,13,340,198,342,311,274,198,46,"
            "77,320,340,198,342,285,82,275,83,295,83,198,40,40,40]");
  EXPECT_EQ(answer(asked, {{"chat_template", "{{ messages[0].content }}{{ mood }}"},
                           {"mood", "x"}})[0]["generated_token_ids"]
                .dump(),
            "[46,77,320,87,325,325,325]");
  const auto refusal = [&](const Json& inputs, const Json& arguments) {
    return answer(inputs, arguments)["error"]["message"].get<std::string>();
  };
  EXPECT_NE(refusal("Once", {{"enable_thinking", false}})
                .find("\"enable_thinking\": expected a "
                      "conversation"),
            std::string::npos);
  EXPECT_NE(refusal(asked, {{"tokenize", false}}).find("unknown parameter"), std::string::npos);
  EXPECT_NE(refusal(asked, {{"messages", 1}}).find("variable"), std::string::npos);
}

}  // namespace
}  // namespace attend::cli
