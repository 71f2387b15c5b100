// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// encode() and what writes into the caller's memory: one window put together in place, against all
// windows that are cut from the whole text; batches over threads; no memory in steady state.
#include <gtest/gtest.h>

#include <random>
#include <utility>

#include "attend/batch/batch.h"
#include "attend/core/error.h"
#include "attend/tokenizer/tokenizer.h"
#include "support/allocation_count.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/real_sets.h"
#include "support/tokenizer_cases.h"
#include "tokenizer/text_encoder.h"
#include "tokenizer/tokenizer_json.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

void expect_ids_only(const Encoding& ids, const Encoding& all) {
  ASSERT_EQ(ids.ids, all.ids);
  ASSERT_EQ(ids.type_ids, all.type_ids);
  ASSERT_TRUE(ids.offsets.empty() && ids.word_ids.empty() && ids.sequence_ids.empty() &&
              ids.special_tokens_mask.empty() && ids.matched_texts.empty());
}

// What a call gives or throws.
using Outcome = std::pair<std::string, Encoding>;
template <class F>
Outcome outcome_of(F&& f) {
  try {
    return {"", f()};
  } catch (const Error& error) {
    return {error.what(), {}};
  }
}

std::string random_text(std::mt19937& random) {
  constexpr std::string_view parts[] = {
      "the",        " quick",        " Brown fox", "\n",    " ",       ", jumps",
      "  ",         "over",          " [SEP]",     ".",     " <mask>", "</s>",
      " caf\u00E9", " \u4E2D\u6587", "\U0001F600", " dogs'"};
  std::string text;
  for (std::size_t left = random() % 20; left > 0; --left) {
    text += parts[random() % std::size(parts)];
  }
  return text;
}

EncodeOptions random_options(std::mt19937& random) {
  EncodeOptions options{.add_special_tokens = random() % 4 != 0};
  if (random() % 8 == 0) return options;
  constexpr TruncationStrategy strategies[] = {TruncationStrategy::longest_first,
                                               TruncationStrategy::only_first,
                                               TruncationStrategy::only_second};
  options.truncation = Truncation{.max_length = static_cast<Index>(random() % 20),
                                  .strategy = strategies[random() % 3],
                                  .side = random() % 3 == 0 ? Side::left : Side::right,
                                  .stride = static_cast<Index>(random() % 6 == 0 ? 2 : 0)};
  return options;
}

// encode() against the first of all windows, which come from the whole text.
void check_windows(const Tokenizer& tokenizer, int rounds) {
  std::mt19937 random(5);
  Encoding reused;
  for (int i = 0; i < rounds && !testing::Test::HasFatalFailure(); ++i) {
    const std::string text = random_text(random);
    const std::string pair = random_text(random);
    EncodeOptions options = random_options(random);
    auto& truncation = options.truncation;
    if (truncation && truncation->strategy == TruncationStrategy::longest_first &&
        !tokenizer.settings().cuts_windows) {
      truncation->strategy = TruncationStrategy::only_first;  // there are no windows of such pairs
    }
    SCOPED_TRACE(testing::PrintToString(std::pair(text, pair)));
    const auto one = outcome_of([&] { return tokenizer.encode_windows(text, options).front(); });
    const auto two =
        outcome_of([&] { return tokenizer.encode_pair_windows(text, pair, options).front(); });
    for (const EncodingFields fields : {EncodingFields::all, EncodingFields::ids}) {
      options.fields = fields;
      const auto expect = [&](const Outcome& got, const Outcome& expected) {
        ASSERT_EQ(got.first, expected.first);
        if (fields == EncodingFields::all) return expect_same(got.second, expected.second);
        if (got.first.empty()) expect_ids_only(got.second, expected.second);
      };
      expect(outcome_of([&] { return tokenizer.encode(text, options); }), one);
      expect(outcome_of([&] { return tokenizer.encode_pair(text, pair, options); }), two);
      expect(outcome_of([&] {
               tokenizer.encode_into(text, reused, options);
               return reused;
             }),
             one);
      expect(outcome_of([&] {
               tokenizer.encode_pair_into(text, pair, reused, options);
               return reused;
             }),
             two);
      expect(outcome_of([&] { return tokenizer.encode_windows(text, options).front(); }), one);
      const TextPair both{text, pair};
      expect(outcome_of([&] { return tokenizer.encode_pairs({&both, 1}, options).front(); }), two);
    }
  }
}

// Calls f(tokenizer) for the tokenizers of the golden models.
template <class F>
void for_each_copied(F&& f) {
  for (const char* name :
       {"bert-fill-mask", "bert-token-classification-cased", "distilbert-question-answering"}) {
    SCOPED_TRACE(name);
    f(Tokenizer::load(tests_folder() / "golden" / name));
  }
  SCOPED_TRACE("byte-level");
  f(Tokenizer::load(tests_folder() / "tokenizer/data/components/model/bpe-no-unk.tokenizer.json"));
}

// Calls f(folder) for every way to load a real one. Returns how many there are.
template <class F>
std::size_t for_each_real(F&& f) {
  const auto sets = RealSets::open("real");
  std::size_t count = 0;
  if (!sets) return count;
  for (const std::string& name : sets->names()) {
    const Json set = sets->read(name);
    SCOPED_TRACE(name);
    f(RealFolder(set).path());
    ++count;
  }
  return count;
}

TEST(EncodeInto, IsTheFirstWindow) {
  for_each_copied([](const Tokenizer& tokenizer) { check_windows(tokenizer, 3000); });
}

TEST(EncodeInto, IsTheFirstWindowOfRealTokenizers) {
  const std::size_t count =
      for_each_real([](const fs::path& path) { check_windows(Tokenizer::load(path), 300); });
  if (count == 0) GTEST_SKIP() << "golden-tokenizers/real.tar.xz or data/tokenizers is not there";
  report_cases("ways to load real tokenizers, 300 texts and pairs each", count);
}

// Enough for several threads.
std::vector<std::string> many_texts(std::size_t count) {
  std::mt19937 random(11);
  std::vector<std::string> texts;
  while (texts.size() < count) texts.push_back(random_text(random));
  return texts;
}

void expect_rows(const PackedIds& rows, const std::vector<Encoding>& expected) {
  ASSERT_EQ(rows.size(), static_cast<Index>(expected.size()));
  const Batch batch = make_batch(expected);
  EXPECT_EQ(rows.ids, batch.ids);
  EXPECT_EQ(rows.type_ids, batch.type_ids);
  EXPECT_EQ(rows.starts, batch.starts);
  const Batch moved = make_batch(rows);
  EXPECT_EQ(moved.ids, batch.ids);
  EXPECT_EQ(moved.type_ids, batch.type_ids);
  EXPECT_EQ(moved.starts, batch.starts);
}

TEST(EncodeInto, RowsAreThoseOfOneByOne) {
  const std::vector<std::string> owners = many_texts(4000);
  const std::vector<std::string_view> texts(owners.begin(), owners.end());
  std::vector<TextPair> pairs;
  for (std::size_t i = 1; i < texts.size(); ++i) pairs.push_back({texts[i - 1], texts[i]});
  const EncodeOptions options{.truncation = Truncation{.max_length = 12}};
  for_each_copied([&](const Tokenizer& tokenizer) {
    PackedIds rows;
    for (const EncodeOptions& how : {EncodeOptions{}, options}) {
      std::vector<Encoding> one_by_one;
      for (const std::string_view text : texts) one_by_one.push_back(tokenizer.encode(text, how));
      tokenizer.encode_into(texts, rows, how);
      expect_rows(rows, one_by_one);
      const std::vector<Encoding> together = tokenizer.encode(texts, how);
      for (std::size_t i = 0; i < texts.size(); ++i) expect_same(together[i], one_by_one[i]);
      std::vector<Encoding> pair_by_pair;
      for (const auto& [a, b] : pairs) pair_by_pair.push_back(tokenizer.encode_pair(a, b, how));
      tokenizer.encode_pairs_into(pairs, rows, how);
      expect_rows(rows, pair_by_pair);
    }
    tokenizer.encode_into({}, rows);
    EXPECT_EQ(rows.size(), 0);
  });
}

TEST(EncodeInto, NothingRemainsOfWhatFailed) {
  const Tokenizer tokenizer = Tokenizer::load(tests_folder() / "golden/bert-fill-mask");
  PackedIds rows;
  Encoding encoding;
  const std::vector<std::string_view> texts = {"good", "bad \xFF"};
  tokenizer.encode_into(std::span(texts).first(1), rows);
  tokenizer.encode_into("good", encoding);
  expect_error(ErrorKind::invalid_utf8, {}, [&] { return tokenizer.encode_into(texts, rows), 0; });
  expect_error(ErrorKind::invalid_utf8, {},
               [&] { return tokenizer.encode_into(texts[1], encoding), 0; });
  EXPECT_EQ(rows.size(), 0);
  EXPECT_TRUE(rows.ids.empty() && rows.type_ids.empty());
  EXPECT_EQ(encoding.size(), 0);
  EXPECT_TRUE(encoding.offsets.empty());
}

TEST(EncodeInto, BatchesExchangeMemory) {
  PackedIds rows{.ids = {5, 6, 7}, .type_ids = {0, 0, 1}, .starts = {0, 2, 3}};
  Batch batch{.positions = {7}, .columns = {7}};
  make_batch(rows, batch);
  EXPECT_TRUE(batch.positions.empty() && batch.columns.empty());
  const TokenId* const memory = batch.ids.data();
  rows = {.ids = {8}, .type_ids = {0}, .starts = {0, 1}};
  make_batch(rows, batch);
  EXPECT_EQ(batch.ids, std::vector<TokenId>{8});
  EXPECT_EQ(rows.ids.data(), memory);
}

// The tokens of a prefix must do: what comes after the window is not looked at.
TEST(EncodeInto, StopsWhereTheWindowEnds) {
  std::string text = "words";
  while (text.size() < 1'000'000) text += " and words";
  TokenizerFile file = read_tokenizer_file(tests_folder() / "golden/bert-fill-mask/tokenizer.json");
  file.parts.added_tokens.prepare(file.parts.normalizer);
  const Chunking chunking(file.parts);
  ASSERT_TRUE(chunking.cuts());
  EncoderMemory memory;
  Encoding out;
  TextEncoder encoder(file.parts, chunking, memory, {out, EncodingFields::ids});
  encoder.set_enough(100);
  encoder.encode(text);
  EXPECT_GE(out.size(), 100);
  EXPECT_LE(out.size(), 200);
  encoder.encode(text);  // enough of every text
  EXPECT_GE(out.size(), 200);
}

// Words that were never seen, some longer than what is remembered of words. Takes no memory.
void make_words(std::mt19937& random, std::string& out) {
  constexpr std::string_view letters[] = {"a", "e", "n",      "s",       "t",      "r",
                                          "E", "7", "\u00E9", "e\u0301", "\u4E2D", "-"};
  out.clear();
  for (int word = 0; word < 40; ++word) {
    for (auto left = random() % (word % 8 == 0 ? 80 : 12) + 1; left > 0; --left) {
      out += letters[random() % std::size(letters)];
    }
    out += word % 10 == 9 ? "\n" : " ";
  }
}

void check_allocations(const Tokenizer& tokenizer) {
  std::string text = "It was a bright cold day in April, and the clocks were striking thirteen.";
  for (int i = 0; i < 10; ++i) text += "\n" + text.substr(0, 70) + " He said: \"No\"!";
  const std::vector<std::string_view> texts(300, text);
  const TextPair pair{text, texts[1]};
  const EncodeOptions options{.truncation = Truncation{.max_length = 64}};
  Encoding encoding;
  PackedIds few;
  PackedIds many;
  std::mt19937 random(3);
  std::string words;
  words.reserve(10'000);
  const auto run = [&] {
    make_words(random, words);
    tokenizer.encode_into(words, encoding);
    tokenizer.encode_into(text, encoding);
    tokenizer.encode_into(text, encoding, options);
    tokenizer.encode_pair_into(text, text, encoding, options);
    tokenizer.encode_into(std::span(texts).first(2), few);
    tokenizer.encode_pairs_into({&pair, 1}, few, options);
    tokenizer.encode_into(texts, many);  // over threads
  };
  // Each memory has to learn the words, and chance says when a thread takes one that has not.
  constexpr int steady = 5;
  int quiet = 0;
  for (int i = 0; i < 300 && quiet < steady; ++i) {
    const auto before = allocation_count();
    run();
    quiet = allocation_count() == before ? quiet + 1 : 0;
  }
  EXPECT_EQ(quiet, steady);
}

TEST(EncodeInto, NoAllocationInSteadyState) {
  check_allocations(Tokenizer::load(tests_folder() / "golden/bert-fill-mask"));
}

TEST(EncodeInto, NoAllocationInSteadyStateOfRealTokenizers) {
  const std::size_t count =
      for_each_real([](const fs::path& path) { check_allocations(Tokenizer::load(path)); });
  if (count == 0) GTEST_SKIP() << "golden-tokenizers/real.tar.xz or data/tokenizers is not there";
  EXPECT_GE(count, 45U);
}

}  // namespace
}  // namespace attend::test
