// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What holds for every text and every tokenizer that is at hand: offsets are slices of UTF-8, many
// texts give what each gives alone, on any number of threads, streams never give half a character,
// and families that promise it give the text back.
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <thread>

#include "attend/text/utf8.h"
#include "attend/tokenizer/stream_decoder.h"
#include "support/error_of.h"
#include "support/families.h"
#include "support/paths.h"
#include "support/real_sets.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

// Letters, marks, ideographs, special tokens, controls, emoji, unassigned code points.
constexpr std::string_view parts[] = {
    "a",      "the",      "The ",   " ",     "  ",    "\t",   "\n",  "[MASK]",
    "[SEP",   "]",        "</s>",   "<unk>", "é",     "中",   "文",  "\u200D",
    "😀",      "👩\u200D🚀", "\uFEFF", "İ",     "don't", "!",    "—",   "ẞ",
    "각",     "ก",        "1.5",    "½",     "ﬁne",   "zzzz", "ing", "##",
    "\u00A0", "\u2581",   "שלום",   "\r\n",  "e",     "(x)",  "``",  "\U000E0000"};
// These do not stand still under normalization.
constexpr std::string_view moving_parts[] = {"e\u0301", "①\u0301", "\u1112\u1161\u11AB", "ｶﾅ"};

class Texts {
 public:
  explicit Texts(unsigned seed) : random_(seed) {}

  std::string still(std::size_t most = 24) {
    std::string text;
    for (std::size_t i = random_() % most; i > 0; --i) text += parts[random_() % std::size(parts)];
    return text;
  }
  std::string any() {
    std::string text = still(16);
    text += moving_parts[random_() % std::size(moving_parts)];
    return text + still(8);
  }
  std::vector<std::string> many(std::size_t count) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(any());
    return texts;
  }

 private:
  std::mt19937 random_;
};

void check_offsets(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const Encoding found = tokenizer.encode(text);
    const auto size = static_cast<std::size_t>(found.size());
    ASSERT_EQ(found.type_ids.size(), size);
    ASSERT_EQ(found.offsets.size(), size);
    ASSERT_EQ(found.word_ids.size(), size);
    ASSERT_EQ(found.sequence_ids.size(), size);
    ASSERT_EQ(found.special_tokens_mask.size(), size);
    std::int32_t word = 0;
    for (std::size_t t = 0; t < size; ++t) {
      if (found.sequence_ids[t] == none) continue;
      const Range range = found.offsets[t];
      ASSERT_GE(range.begin, 0);
      ASSERT_LE(range.begin, range.end);
      ASSERT_LE(static_cast<std::size_t>(range.end), text.size());
      const auto slice = std::string_view(text).substr(static_cast<std::size_t>(range.begin),
                                                       static_cast<std::size_t>(range.size()));
      ASSERT_EQ(first_invalid_utf8(slice), slice.size()) << text;
      ASSERT_GE(found.word_ids[t], word);
      word = found.word_ids[t];
    }
  }
}

void check_batches(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const EncodeOptions options{.truncation = Truncation{.max_length = 12, .stride = 2}};
  const auto all = tokenizer.encode(views, options);
  ASSERT_EQ(all.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(texts[i]);
    expect_same(all[i], tokenizer.encode(texts[i], options));
    expect_same(all[i], tokenizer.encode_windows(texts[i], options)[0]);
  }
}

void check_threads(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  std::vector<std::vector<Encoding>> found(4);
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

// Where the whole has no U+FFFD, neither has what a stream gave at any time.
void check_streams(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const std::vector<TokenId> ids = tokenizer.encode(text).ids;
    // CLIP's small one lacks bytes.
    if (tokenizer.decode(ids).find("\uFFFD") != std::string::npos) continue;
    StreamDecoder stream(tokenizer);
    for (const TokenId id : ids) {
      const std::string part = stream.push(id);
      ASSERT_EQ(first_invalid_utf8(part), part.size()) << text;
      ASSERT_EQ(part.find("\uFFFD"), std::string::npos) << text;
    }
  }
}

void check_pairs(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  if (tokenizer.id_of("\u2581<PRE>")) return;  // pairs of Code Llama stand around a gap
  const EncodeOptions plain{.add_special_tokens = false};
  for (std::size_t i = 0; i + 1 < texts.size(); ++i) {
    std::vector<TokenId> ids = tokenizer.encode(texts[i], plain).ids;
    const std::vector<TokenId> more = tokenizer.encode(texts[i + 1], plain).ids;
    ids.insert(ids.end(), more.begin(), more.end());
    const Encoding pair = tokenizer.encode_pair(texts[i], texts[i + 1], plain);
    ASSERT_EQ(pair.ids, ids) << texts[i] << " | " << texts[i + 1];
    ASSERT_EQ(tokenizer.encode_pair(texts[i], texts[i + 1]).size(),
              static_cast<Index>(ids.size()) + tokenizer.pair_template_tokens());
  }
}

void check_all(const Tokenizer& tokenizer, unsigned seed, std::size_t count) {
  const std::vector<std::string> texts = Texts(seed).many(count);
  check_offsets(tokenizer, texts);
  check_batches(tokenizer, texts);
  check_threads(tokenizer, texts);
  check_streams(tokenizer, texts);
  check_pairs(tokenizer, texts);
}

TEST(Property, Bert) {
  check_all(Tokenizer::load(tests_folder() / "golden/bert-fill-mask"), 1, 1000);
}

TEST(Property, EveryFamily) {
  const Families families;
  unsigned seed = 2;
  for (const Json& set : families.sets()) {
    SCOPED_TRACE(set["name"].get<std::string>());
    check_all(families.load(set), seed++, 60);
  }
  report_cases("families, properties of texts", 60 * families.sets().size());
}

TEST(Property, RealTokenizers) {
  const auto sets = RealSets::open("real");
  if (!sets) GTEST_SKIP() << "golden-tokenizers/real.tar.xz or data/tokenizers is not there";
  unsigned seed = 200;
  for (const std::string& name : sets->names()) {
    SCOPED_TRACE(name);
    check_all(RealFolder(sets->read(name)).load(), seed++, 60);
  }
  report_cases("real tokenizers, properties of texts", 60 * sets->names().size());
}

// Every text comes back from tokenizers that have all bytes and change none.
void check_round_trips(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const Encoding found = tokenizer.encode(text, {.add_special_tokens = false});
    ASSERT_EQ(tokenizer.decode(found.ids, {.clean_up_tokenization_spaces = false}), text);
    StreamDecoder stream(tokenizer);
    std::string streamed;
    for (const TokenId id : found.ids) {
      streamed += stream.push(id);
      ASSERT_TRUE(text.starts_with(streamed)) << text << "\n" << streamed;
    }
    ASSERT_EQ(streamed, text);
  }
}

// Without characters that stand for a blank, and special tokens that take blanks.
std::vector<std::string> plain_texts(unsigned seed, std::size_t count) {
  Texts texts(seed);
  std::vector<std::string> out;
  while (out.size() < count) {
    std::string text = texts.still();
    if (text.find("\u2581") == std::string::npos && text.find('<') == std::string::npos) {
      out.push_back(std::move(text));
    }
  }
  return out;
}

TEST(Property, RoundTripsOfFamilies) {
  const Families families;
  for (const char* name : {"GPT2Tokenizer", "CodeGenTokenizer", "RobertaTokenizer",
                           "LongformerTokenizer", "BartTokenizer", "MvpTokenizer", "Qwen2Tokenizer",
                           "LlamaTokenizer", "GemmaTokenizer", "ranks", "MistralCommonTokenizer"}) {
    SCOPED_TRACE(name);
    check_round_trips(families.load(families.set(name)), plain_texts(7, 300));
  }
}

TEST(Property, RoundTripsOfRealTokenizers) {
  const auto sets = RealSets::open("real");
  if (!sets) GTEST_SKIP() << "golden-tokenizers/real.tar.xz or data/tokenizers is not there";
  const auto names = sets->names();
  std::size_t checked = 0;
  for (const char* name : {"gpt2.json", "gpt2.slow-files", "roberta-base.json", "phi-2.json",
                           "falcon-7b.json", "qwen2.slow-files", "mistral-7b-v0.1.slow-files",
                           "phi-3-mini.json", "research-only/llama-3.json"}) {
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    SCOPED_TRACE(name);
    check_round_trips(RealFolder(sets->read(name)).load(), plain_texts(8, 300));
    ++checked;
  }
  EXPECT_GE(checked, 8U);
}

}  // namespace
}  // namespace attend::test
