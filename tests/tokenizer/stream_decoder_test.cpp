// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Streams: half characters are kept back, long streams cost little, the end gives the rest.
// Recorded streams are in components_test.cpp.
#include "attend/tokenizer/stream_decoder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "attend/text/utf8.h"
#include "support/cost.h"
#include "support/error_of.h"
#include "support/sanitized.h"
#include "support/tokenizer_cases.h"

namespace attend {
namespace {

using test::Json;

// Ids 0 to 255 are bytes, 256 on are words.
Tokenizer byte_tokenizer(const Json& decoder) {
  Json vocabulary = Json::object();
  for (int byte = 0; byte < 256; ++byte) {
    constexpr const char* hex = "0123456789ABCDEF";
    vocabulary[std::string("<0x") + hex[byte / 16] + hex[byte % 16] + ">"] = byte;
  }
  int id = 256;
  for (const char* word : {"\u2581Hello", "\u2581", "o", "<pad>", "</s>", "w</w>"}) {
    vocabulary[word] = id++;
  }
  const Json special = {{"id", 260},       {"content", "</s>"}, {"single_word", false},
                        {"lstrip", false}, {"rstrip", false},   {"normalized", false},
                        {"special", true}};
  return test::load_tokenizer({{"added_tokens", {special}},
                               {"decoder", decoder},
                               {"model",
                                {{"type", "WordPiece"},
                                 {"unk_token", "o"},
                                 {"continuing_subword_prefix", ""},
                                 {"max_input_chars_per_word", 100},
                                 {"vocab", vocabulary}}}});
}

constexpr TokenId hello = 256;
constexpr TokenId blank = 257;
constexpr TokenId letter_o = 258;
constexpr TokenId pad = 259;
constexpr TokenId special = 260;
constexpr TokenId end_of_word = 261;

Json llama_decoder() {
  return {{"type", "Sequence"},
          {"decoders",
           {{{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}},
            {{"type", "ByteFallback"}},
            {{"type", "Fuse"}},
            {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}}}};
}

std::vector<std::string> texts_of(StreamDecoder& stream, const std::vector<TokenId>& ids) {
  std::vector<std::string> out;
  for (const TokenId id : ids) out.push_back(stream.push(id));
  return out;
}

using Texts = std::vector<std::string>;

TEST(StreamDecoder, HalfACharacterIsKeptBack) {
  const Tokenizer tokenizer = byte_tokenizer(llama_decoder());
  StreamDecoder stream(tokenizer);
  EXPECT_EQ(texts_of(stream, {hello, 0xF0, 0x9F, 0x98, 0x80, blank, 0xC3, 0xA9, letter_o}),
            (Texts{"Hello", "", "", "", "\xF0\x9F\x98\x80", " ", "", "\u00E9", "o"}));
  EXPECT_EQ(stream.finish(), "");
}

TEST(StreamDecoder, TheEndGivesWhatWasKeptBack) {
  const Tokenizer tokenizer = byte_tokenizer(llama_decoder());
  StreamDecoder stream(tokenizer);
  EXPECT_EQ(stream.finish(), "");
  EXPECT_EQ(texts_of(stream, {hello, 0xE4, 0xBD}), (Texts{"Hello", "", ""}));
  EXPECT_EQ(stream.finish(), "\uFFFD\uFFFD");
  EXPECT_EQ(stream.finish(), "");
  // A new text: its first blank goes again.
  EXPECT_EQ(texts_of(stream, {hello, 0xE4, 0xBD, 0xA0, 0xE5}),
            (Texts{"Hello", "", "", "\u4F60", ""}));
  EXPECT_EQ(stream.finish(), "\uFFFD");
}

TEST(StreamDecoder, SpecialTokens) {
  const Tokenizer tokenizer = byte_tokenizer(llama_decoder());
  StreamDecoder kept(tokenizer);
  EXPECT_EQ(texts_of(kept, {special, hello}), (Texts{"</s>", " Hello"}));
  StreamDecoder skipped(tokenizer, {.skip_special_tokens = true});
  EXPECT_EQ(texts_of(skipped, {special, hello, special, hello}),
            (Texts{"", "Hello", "", " Hello"}));
}

TEST(StreamDecoder, Refusals) {
  const Tokenizer tokenizer = byte_tokenizer({{"type", "BPEDecoder"}, {"suffix", "w"}});
  StreamDecoder stream(tokenizer);
  test::expect_error(ErrorKind::tokenizer_error, {"token id 262"},
                     [&] { return stream.push(262); });
  EXPECT_EQ(stream.push(end_of_word), "</>");
  test::expect_error(ErrorKind::tokenizer_error, {"StreamDecoder", "\"</>\""},
                     [&] { return stream.push(letter_o); });
}

// Everything a stream gives for ids of which most complete no text.
std::string long_stream(const Tokenizer& tokenizer, TokenId id, std::size_t count,
                        const StreamOptions& options = {}) {
  StreamDecoder stream(tokenizer, options);
  std::string text = stream.push(hello);
  for (std::size_t i = 0; i < count; ++i) text += stream.push(id);
  text += stream.push(letter_o);
  return text + stream.finish();
}

TEST(StreamDecoder, LongStreamsCostLittleAnId) {
  const auto start = test::work_time();
  constexpr std::size_t count = 10'000;
  const Tokenizer llama = byte_tokenizer(llama_decoder());
  std::string invalid = "Hello";
  for (std::size_t i = 0; i < count; ++i) invalid += "\uFFFD";
  EXPECT_EQ(long_stream(llama, 0x80, count), invalid + "o");
  EXPECT_EQ(long_stream(llama, special, count, {.skip_special_tokens = true}), "Helloo");
  const Tokenizer ctc = byte_tokenizer(
      {{"type", "CTC"}, {"pad_token", "<pad>"}, {"word_delimiter_token", "|"}, {"cleanup", true}});
  EXPECT_EQ(long_stream(ctc, pad, count), "\u2581Helloo");
  EXPECT_LT(test::work_time() - start, 10 * test::time_allowed);
}

// Bytes of which hardly any make a character, among words.
TEST(StreamDecoder, EveryPartIsText) {
  const Tokenizer llama = byte_tokenizer(llama_decoder());
  std::mt19937 random(5);
  std::size_t failures = 0;
  for (int i = 0; i < 100; ++i) {
    StreamDecoder stream(llama);
    std::string text;
    for (int n = 0; n < 300; ++n) {
      const auto byte = static_cast<TokenId>(random() % (random() % 2 == 0 ? 256 : 0xC0));
      const auto push = [&] { return stream.push(random() % 100 == 0 ? hello : byte); };
      std::string part;
      // A character made of bytes is taken back by the decoder when no character follows.
      if (const auto error = test::error_of([&] { return part = push(); })) {
        EXPECT_EQ(error->kind(), ErrorKind::tokenizer_error) << error->what();
        ++failures;
        part = stream.finish();
      }
      ASSERT_EQ(first_invalid_utf8(part), part.size());
      text += part;
    }
    text += stream.finish();
    ASSERT_GT(text.size(), 300U);
  }
  EXPECT_GT(failures, 0U);
}

}  // namespace
}  // namespace attend
