// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What holds for every text: offsets are slices of UTF-8, many texts give what each gives alone,
// on any number of threads; and huge or hostile texts take linear time.
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "attend/text/utf8.h"
#include "attend/tokenizer/tokenizer.h"
#include "support/error_of.h"
#include "support/paths.h"

namespace attend::test {
namespace {

class Property : public testing::Test {
 protected:
  static Tokenizer load() { return Tokenizer::load(tests_folder() / "golden" / "bert-fill-mask"); }

  // Letters, marks, ideographs, special tokens, controls, emoji, unassigned code points.
  static std::string random_text(std::mt19937& random) {
    static constexpr std::string_view parts[] = {
        "a",          "the",    "The ",   " ",      "\t",
        "\n",         "[MASK]", "[SEP",   "]",      "\u00C9",
        "e\u0301",    "\u4E2D", "\u6587", "\u200D", "\xF0\x9F\x98\x80",
        "\uFEFF",     "\u0130", "don't",  "!",      "\u2014",
        "\u1E9E",     "\uAC01", "\u0E01", "1.5",    "\u00BD",
        "\U000E0000", "zzzz",   "ing",    "##",     "\u00A0"};
    std::string text;
    for (std::size_t i = random() % 24; i > 0; --i) text += parts[random() % std::size(parts)];
    return text;
  }
};

void expect_same(const Encoding& a, const Encoding& b) {
  EXPECT_EQ(a.ids, b.ids);
  EXPECT_EQ(a.type_ids, b.type_ids);
  EXPECT_EQ(a.offsets, b.offsets);
  EXPECT_EQ(a.word_ids, b.word_ids);
  EXPECT_EQ(a.sequence_ids, b.sequence_ids);
  EXPECT_EQ(a.special_tokens_mask, b.special_tokens_mask);
}

TEST_F(Property, OffsetsAreSlicesOfTheText) {
  const Tokenizer tokenizer = load();
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = random_text(random);
    const Encoding found = tokenizer.encode(text);
    const auto size = static_cast<std::size_t>(found.size());
    ASSERT_EQ(found.type_ids.size(), size);
    ASSERT_EQ(found.offsets.size(), size);
    ASSERT_EQ(found.word_ids.size(), size);
    ASSERT_EQ(found.sequence_ids.size(), size);
    ASSERT_EQ(found.special_tokens_mask.size(), size);
    std::int32_t word = 0;
    Index end = 0;
    for (std::size_t t = 0; t < size; ++t) {
      if (found.sequence_ids[t] == none) continue;
      const Range range = found.offsets[t];
      ASSERT_LE(range.begin, range.end);
      ASSERT_LE(static_cast<std::size_t>(range.end), text.size());
      const std::string slice = text.substr(static_cast<std::size_t>(range.begin),
                                            static_cast<std::size_t>(range.size()));
      ASSERT_EQ(first_invalid_utf8(slice), slice.size()) << text;
      ASSERT_GE(range.end, end);
      ASSERT_GE(found.word_ids[t], word);
      end = range.end;
      word = found.word_ids[t];
    }
  }
}

TEST_F(Property, ManyTextsGiveWhatEachGivesAlone) {
  const Tokenizer tokenizer = load();
  std::mt19937 random(2);
  std::vector<std::string> texts;
  for (int i = 0; i < 3000; ++i) texts.push_back(random_text(random));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const EncodeOptions options{.truncation = Truncation{.max_length = 12, .stride = 2}};
  const auto all = tokenizer.encode(views, options);
  ASSERT_EQ(all.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    expect_same(all[i], tokenizer.encode(texts[i], options));
    expect_same(all[i], tokenizer.encode_windows(texts[i], options)[0]);
  }
}

TEST_F(Property, ThreadsGiveWhatOneGives) {
  const Tokenizer tokenizer = load();
  std::mt19937 random(3);
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back(random_text(random));
  std::vector<std::vector<Encoding>> found(8);
  std::vector<std::thread> threads;
  for (auto& out : found) {
    threads.emplace_back([&texts, &tokenizer, &out] {
      for (const std::string& text : texts) out.push_back(tokenizer.encode(text));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Encoding alone = tokenizer.encode(texts[i]);
    for (const auto& encodings : found) expect_same(encodings[i], alone);
  }
}

TEST_F(Property, PairsKeepBothTexts) {
  const Tokenizer tokenizer = load();
  std::mt19937 random(4);
  for (int i = 0; i < 500; ++i) {
    const std::string first = random_text(random);
    const std::string second = random_text(random);
    const EncodeOptions plain{.add_special_tokens = false};
    const Encoding pair = tokenizer.encode_pair(first, second, plain);
    std::vector<TokenId> ids = tokenizer.encode(first, plain).ids;
    const std::vector<TokenId> more = tokenizer.encode(second, plain).ids;
    ids.insert(ids.end(), more.begin(), more.end());
    ASSERT_EQ(pair.ids, ids);
    ASSERT_EQ(tokenizer.encode_pair(first, second).size(),
              static_cast<Index>(ids.size()) + tokenizer.pair_template_tokens());
  }
}

TEST_F(Property, InvalidTextIsRefusedWithItsByte) {
  const Tokenizer tokenizer = load();
  expect_error(ErrorKind::invalid_utf8, {"byte 3"}, [&] { return tokenizer.encode("abc\xFF"); });
  expect_error(ErrorKind::invalid_utf8, {"byte 0"},
               [&] { return tokenizer.encode_pair("abc", "\xC3"); });
  const std::vector<std::string_view> texts = {"a", "b\x80"};
  expect_error(ErrorKind::invalid_utf8, {"byte 1"}, [&] { return tokenizer.encode(texts); });
}

// The limit is far above what linear time needs in a debug build with sanitizers, and far below
// what quadratic time would take.
TEST_F(Property, HostileTextsTakeLinearTime) {
  const Tokenizer tokenizer = load();
  std::string marks = "a";
  for (int i = 0; i < 1'000'000; ++i) marks += i % 2 == 0 ? "\u0301" : "\u0323";
  std::string brackets;
  for (int i = 0; i < 300'000; ++i) brackets += "[MAS";
  std::string ideographs;
  for (int i = 0; i < 300'000; ++i) ideographs += "\u4E2D";
  std::string words;
  while (words.size() < 2'000'000) words += std::string(100, 'i') + ' ';
  const std::pair<const char*, std::string> texts[] = {
      {"one word", std::string(10'000'000, 'a')},
      {"blanks", std::string(5'000'000, ' ')},
      {"marks", marks},
      {"nearly special tokens", brackets},
      {"ideographs", ideographs},
      {"words of 100 letters", words},
      {"punctuation", std::string(1'000'000, '!')}};
  for (const auto& [name, text] : texts) {
    const auto start = std::chrono::steady_clock::now();
    const Encoding found = tokenizer.encode(text);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    EXPECT_LT(taken.count(), 20.0) << name << ": " << found.size() << " tokens";
    RecordProperty(std::string(name), std::to_string(taken.count()));
  }
}

}  // namespace
}  // namespace attend::test
