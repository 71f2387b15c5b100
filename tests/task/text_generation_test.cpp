// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The task: streams that are the texts, conversations, lengths, and what goes wrong. Every recorded
// case of the golden folders runs in tests/cli/run_golden_test.cpp.
#include "attend/task/text_generation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <stop_token>

#include "task/cases.h"

namespace attend::test {
namespace {

const TextGeneration& stories() {
  static const TextGeneration task = TextGeneration::load(bundled("stories"));
  return task;
}

const TextGeneration& chatty() {
  static const TextGeneration task = TextGeneration::load(golden("llama-text-generation"));
  return task;
}

TextGenerationOptions greedy(Index max_new_tokens) {
  TextGenerationOptions options;
  options.config.do_sample = false;
  options.config.max_new_tokens = max_new_tokens;
  return options;
}

ChatValue chat(std::initializer_list<std::pair<const char*, const char*>> messages) {
  ChatValue::Array out;
  for (const auto& [role, content] : messages) out.push_back(chat_message(role, content));
  return out;
}

TEST(TextGeneration, TellsAStory) {
  const auto texts = stories()("Once upon a time", greedy(30));
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].text,
            "Once upon a time, there was a little girl named Lily. She loved to play outside in "
            "the park. One day,");
  EXPECT_EQ(texts[0].prompt_tokens, 5);
  EXPECT_EQ(texts[0].new_tokens, 30);
  EXPECT_EQ(texts[0].ids.size(), 35U);
  EXPECT_EQ(texts[0].reason, FinishReason::max_length);
  EXPECT_FALSE(texts[0].messages);
}

TEST(TextGeneration, StreamsAreTheTexts) {
  const std::vector<TextPrompt> prompts = {"Once upon a time", "Lily and Tom", "The cat"};
  TextGenerationOptions options = greedy(40);
  options.config.do_sample = true;
  options.config.num_return_sequences = 2;
  options.returned = ReturnedText::generated;
  std::map<std::pair<Index, Index>, std::string> streams;
  std::size_t pieces = 0;
  options.on_text = [&](Index prompt, Index sequence, std::string_view piece) {
    EXPECT_FALSE(piece.empty());
    streams[{prompt, sequence}] += piece;
    ++pieces;
    return true;
  };
  const auto results = stories()(prompts, options);
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      EXPECT_EQ((streams[{static_cast<Index>(i), static_cast<Index>(j)}]), results[i][j].text);
    }
  }
  EXPECT_GT(pieces, 60U);
}

TEST(TextGeneration, CallersMayEndTexts) {
  TextGenerationOptions options = greedy(200);
  std::string streamed;
  options.returned = ReturnedText::generated;
  options.on_text = [&](Index, Index, std::string_view piece) {
    streamed += piece;
    return streamed.find('.') == std::string::npos;
  };
  const auto text = stories()("Once upon a time", options)[0];
  EXPECT_EQ(text.reason, FinishReason::criterion);
  EXPECT_EQ(streamed, ", there was a little girl named Lily. ");
  EXPECT_LT(text.new_tokens, 30);
  std::stop_source stop;
  options.on_text = [&](Index, Index, std::string_view) { return stop.request_stop(), true; };
  expect_error(ErrorKind::cancelled, {},
               [&] { return stories()("Once", options, {.stop = stop.get_token()}); });
}

// Nobody calls it again, be there words that were held back.
TEST(TextGeneration, CallersThatThrowAreHeard) {
  TextGenerationOptions options = greedy(20);
  int calls = 0;
  options.on_text = [&](Index, Index, std::string_view) -> bool {
    throw std::runtime_error("call " + std::to_string(++calls));
  };
  const std::vector<TextPrompt> prompts = {"Once upon a time", "One day, Lily saw a"};
  try {
    (void)stories()(prompts, options);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "call 1");
  }
  EXPECT_EQ(calls, 1);
}

TEST(TextGeneration, ManyAreLikeOneByOne) {
  const std::vector<TextPrompt> prompts = {"One day", "Lily", chat({{"user", "hello"}}),
                                           "There was a dog. It was"};
  TextGenerationOptions options = greedy(12);
  options.config.num_beams = 2;
  const auto together = chatty()(prompts, options);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto alone = chatty()(prompts[i], options);
    EXPECT_EQ(together[i][0].ids, alone[0].ids);
    EXPECT_EQ(together[i][0].text, alone[0].text);
    EXPECT_EQ(together[i][0].score, alone[0].score);
  }
}

TEST(TextGeneration, TheSameSeedTheSameText) {
  TextGenerationOptions options;
  options.config.max_new_tokens = 30;
  options.seed = 4;
  const std::string first = stories()("Once upon a time", options)[0].text;
  EXPECT_EQ(stories()("Once upon a time", options)[0].text, first);
  options.seed = 5;
  EXPECT_NE(stories()("Once upon a time", options)[0].text, first);
}

TEST(TextGeneration, ConversationsGetAMessage) {
  const ChatValue asked = chat({{"system", "Be brief."}, {"user", "Who came?"}});
  TextGenerationOptions options = greedy(6);
  auto text = chatty()(asked, options)[0];
  ASSERT_TRUE(text.messages);
  const auto& messages = *text.messages->get<ChatValue::Array>();
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(*messages[2].find("role")->get<std::string>(), "assistant");
  EXPECT_EQ(*messages[2].find("content")->get<std::string>(), text.text);
  options.returned = ReturnedText::generated;
  EXPECT_EQ(chatty()(asked, options)[0].text, text.text);
  EXPECT_FALSE(chatty()(asked, options)[0].messages);
  // The last message goes on when it is the model's, or when the call says so.
  options = greedy(6);
  const ChatValue begun = chat({{"user", "Who came?"}, {"assistant", "It was"}});
  text = chatty()(begun, options)[0];
  EXPECT_EQ(text.messages->get<ChatValue::Array>()->size(), 2U);
  EXPECT_EQ(text.text.substr(0, 6), "It was");
  options.continue_final_message = false;
  EXPECT_EQ(chatty()(begun, options)[0].messages->get<ChatValue::Array>()->size(), 3U);
}

TEST(TextGeneration, ConversationsThatAreNone) {
  const auto refused = [](const ChatValue& messages, std::string_view part) {
    expect_error(ErrorKind::config_error, {part}, [&] { return chatty()(messages, greedy(3)); });
  };
  refused(ChatValue("text"), "list");
  refused(ChatValue(ChatValue::Array()), "list");
  refused(ChatValue(ChatValue::Array{ChatValue(ChatValue::Object{{"role", "user"}})}), "content");
  expect_error(ErrorKind::config_error, {"template"}, [&] {
    return stories()(chat({{"user", "hello"}}), greedy(3));
  });
}

TEST(TextGeneration, StopsWhereItIsTold) {
  TextGenerationOptions options = greedy(60);
  options.config.stop_strings = std::vector<std::string>{"play out"};
  EXPECT_TRUE(stories()("Once upon a time", options)[0].text.ends_with("loved to play out"));
  // Every token of it ends the text.
  options = greedy(60);
  options.stop_sequence = "girl. named";
  EXPECT_EQ(stories()("Once upon a time", options)[0].reason, FinishReason::eos);
  options = greedy(60);
  options.criterion = [](std::span<const TokenId> ids) { return ids.size() == 9; };
  EXPECT_EQ(stories()("Once upon a time", options)[0].ids.size(), 9U);
}

TEST(TextGeneration, PrefixesCountForLengths) {
  TextGenerationOptions options;
  options.config.do_sample = false;
  options.config.max_length = 12;  // the folder's max_length has dropped max_new_tokens
  EXPECT_EQ(stories()("Once upon a time", options)[0].ids.size(), 12U);
  options.prefix = "Long ago. ";
  const auto tokens = static_cast<std::size_t>(
      stories().task_model().tokenizer->encode("Long ago. ", {.add_special_tokens = false}).size());
  const auto text = stories()("Once upon a time", options)[0];
  EXPECT_EQ(text.ids.size(), 12 + tokens);
  EXPECT_EQ(text.text.substr(0, 16), "Once upon a time");
}

TEST(TextGeneration, LongPromptsAreCutOrRefused) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "the dog and the cat ";
  expect_error(ErrorKind::input_too_long, {}, [&] {
    return TextGeneration::load(golden("gpt2-text-generation"))(text, greedy(5));
  });
  TextGenerationOptions options = greedy(10);
  options.handle_long_generation = LongPrompts::cut;
  EXPECT_EQ(stories()(text, options)[0].prompt_tokens, 512 - 10);
  options.config.max_new_tokens = 512;
  expect_error(ErrorKind::config_error, {"handle_long_generation"},
               [&] { return stories()(text, options); });
  options = greedy(10);
  options.truncation = TruncationStrategy::longest_first;
  options.truncation_length = 20;
  EXPECT_EQ(stories()(text, options)[0].prompt_tokens, 20);
}

// As in the reference, where max_length is an argument of the tokenizer, too: not of a template.
TEST(TextGeneration, ALengthAloneCutsTextsNotConversations) {
  TextGenerationOptions options = greedy(2);
  const ChatValue asked = chat({{"user", "Once upon a time there was a very long story"}});
  const Index whole = chatty()(asked, options)[0].prompt_tokens;
  options.truncation_length = 6;
  EXPECT_EQ(chatty()("Once upon a time there was", options)[0].prompt_tokens, 6);
  EXPECT_EQ(chatty()(asked, options)[0].prompt_tokens, whole);
  options.truncation = TruncationStrategy::longest_first;
  EXPECT_EQ(chatty()(asked, options)[0].prompt_tokens, 6);
}

// The reference's "hole" looks at the folder's max_length alone.
TEST(TextGeneration, TheLengthOfACallMakesNoHole) {
  TextGenerationOptions options;
  options.config.do_sample = false;
  options.config.max_length = 60;
  options.handle_long_generation = LongPrompts::cut;
  const std::string text = "Once upon a time there was a very long story and it went on and on";
  expect_error(ErrorKind::config_error, {"max_new_tokens", "found 20"},
               [&] { return chatty()(text, options); });
}

TEST(TextGeneration, OneBadItemDoesNotStopTheOthers) {
  const std::vector<TextPrompt> prompts = {"Once", "\xff", "upon"};
  const auto found = stories().each(prompts, greedy(3));
  EXPECT_TRUE(found[0].ok());
  EXPECT_EQ(found[1].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_TRUE(found[2].ok());
}

TEST(TextGeneration, WrongOptionsAreNamed) {
  TextGenerationOptions options = greedy(3);
  options.config.do_sample = true;
  options.config.temperature = 0;
  expect_error(ErrorKind::config_error, {"temperature"}, [&] { return stories()("a", options); });
  options = greedy(0);
  expect_error(ErrorKind::config_error, {"max_new_tokens"},
               [&] { return stories()("a", options); });
  options = greedy(3);
  options.config.num_beams = 2;
  options.on_text = [](Index, Index, std::string_view) { return true; };
  expect_error(ErrorKind::config_error, {"num_beams"}, [&] { return stories()("a", options); });
  expect_error(ErrorKind::config_error, {"batch_size"},
               [&] { return stories()("a", greedy(3), {.batch_size = 0}); });
}

struct Foretold {
  double accuracy = 0;  // per cent of the tokens that are the likeliest ones
  double perplexity = 0;
};

// How well a model foretells every next token of these texts.
Foretold foretell(const std::vector<GeneratedText>& texts, ComputeType compute) {
  const Model model = load_model(bundled("stories"), {.compute = compute});
  std::vector<Encoding> encodings(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    encodings[i].ids = texts[i].ids;  // all of one length: nothing ended before, so none is padding
    EXPECT_EQ(texts[i].reason, FinishReason::max_length);
  }
  Workspace workspace;
  const auto logits = model.logits(make_batch(encodings), workspace);
  Index row = 0;
  double count = 0;
  double right = 0;
  double loss = 0;
  for (const GeneratedText& text : texts) {
    for (std::size_t i = 1; i < text.ids.size(); ++i, ++row, ++count) {
      const auto scores = logits.row(row);
      const float largest = *std::max_element(scores.begin(), scores.end());
      const float wanted = scores[static_cast<std::size_t>(text.ids[i])];
      double sum = 0;
      for (const float score : scores) sum += std::exp(double{score} - double{largest});
      right += wanted == largest ? 1 : 0;
      loss += std::log(sum) - (double{wanted} - double{largest});
    }
    ++row;  // nothing follows the last token
  }
  return {100 * right / count, std::exp(loss / count)};
}

// README's figures of the bundled model; what was measured is printed.
TEST(TextGeneration, StoriesAreForetoldAsWellByRoundedProducts) {
  TextGenerationOptions options = greedy(200);
  options.config.do_sample = true;
  options.config.temperature = 1;
  options.config.top_k = 0;
  options.config.num_return_sequences = 32;
  const auto texts = stories()("Once upon a time", options);
  const Foretold exact = foretell(texts, ComputeType::f32);
  EXPECT_GT(exact.accuracy, 50);
  for (const ComputeType compute :
       {ComputeType::f32, ComputeType::bf16, ComputeType::int8, ComputeType::int4}) {
    const Foretold rounded = foretell(texts, compute);
    std::cout << "stories " << name(compute) << ": " << rounded.accuracy
              << " % of next tokens are the likeliest, perplexity " << rounded.perplexity << '\n';
    EXPECT_NEAR(rounded.accuracy, exact.accuracy, compute == ComputeType::int4 ? 5 : 0.3);
  }
}

}  // namespace
}  // namespace attend::test
