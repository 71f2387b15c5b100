// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Windows of single texts and pairs: lengths, order, sides, strides, refusals. Expected values are
// those of tokenizers 0.22.2 for texts of one-letter words.
#include "attend/tokenizer/truncation.h"

#include <gtest/gtest.h>

#include <string>

#include "attend/tokenizer/template.h"
#include "support/error_of.h"

namespace attend {
namespace {

Encoding letters(std::string_view text, std::int32_t sequence) {
  Encoding out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.ids.push_back(text[i]);
    out.type_ids.push_back(0);
    out.offsets.push_back({static_cast<Index>(i), static_cast<Index>(i) + 1});
    out.word_ids.push_back(static_cast<std::int32_t>(i));
    out.sequence_ids.push_back(sequence);
    out.special_tokens_mask.push_back(0);
  }
  return out;
}

std::string spelled(const Encoding& encoding) { return {encoding.ids.begin(), encoding.ids.end()}; }

using Windows = std::vector<std::string>;

Windows windows(std::string_view first, std::optional<std::string_view> second,
                const Truncation& truncation) {
  Windows out;
  std::optional<Encoding> pair;
  if (second) pair = letters(*second, 1);
  for (const auto& window : truncate(letters(first, 0), pair, truncation, second ? 3 : 2)) {
    out.push_back(spelled(window.first) + (window.second ? "|" + spelled(*window.second) : ""));
  }
  return out;
}

TEST(Truncation, OneText) {
  EXPECT_EQ(windows("abcde", {}, {.max_length = 7}), Windows{"abcde"});
  EXPECT_EQ(windows("abcde", {}, {.max_length = 5}), (Windows{"abc", "de"}));
  EXPECT_EQ(windows("abcde", {}, {.max_length = 4}), (Windows{"ab", "cd", "e"}));
  EXPECT_EQ(windows("abcde", {}, {.max_length = 5, .stride = 2}), (Windows{"abc", "bcd", "cde"}));
  EXPECT_EQ(windows("abcdef", {}, {.max_length = 6, .side = Side::left, .stride = 1}),
            (Windows{"cdef", "abc"}));
  EXPECT_EQ(windows("", {}, {.max_length = 2}), Windows{""});
}

TEST(Truncation, NoRoom) {
  EXPECT_EQ(windows("abcde", {}, {.max_length = 2}), (Windows{"", "abcde"}));
  EXPECT_EQ(windows("abcde", "pq", {.max_length = 3}), (Windows{"|", "abcde|", "abcde|pq", "|pq"}));
  // Less than the template takes: the reference's unsigned difference is huge, nothing is cut.
  EXPECT_EQ(windows("abcde", {}, {.max_length = 1}), Windows{"abcde"});
  EXPECT_EQ(windows("abcde", "pq", {.max_length = 2}), Windows{"abcde|pq"});
}

TEST(Truncation, PairLongestFirst) {
  EXPECT_EQ(
      windows("abcde", "pqrstu", {.max_length = 7}),
      (Windows{"ab|pq", "cd|pq", "cd|rs", "cd|tu", "e|pq", "e|rs", "e|tu", "ab|rs", "ab|tu"}));
  EXPECT_EQ(windows("abcde", "pqrstu", {.max_length = 9, .side = Side::left, .stride = 1}),
            (Windows{"cde|stu", "abc|stu", "abc|qrs", "abc|pq", "cde|qrs", "cde|pq"}));
  // The shorter one stays whole while it can.
  EXPECT_EQ(windows("ab", "pqrstu", {.max_length = 9})[0], "ab|pqrs");
  EXPECT_EQ(windows("abcdef", "pq", {.max_length = 9})[0], "abcd|pq");
  // An odd token goes to the longer one; to the second of two equal ones.
  EXPECT_EQ(windows("abcdefghi", "pqrstuv", {.max_length = 10})[0], "abcd|pqr");
  EXPECT_EQ(windows("abcdef", "pqrstu", {.max_length = 10})[0], "abc|pqrs");
}

TEST(Truncation, OneOfThePair) {
  EXPECT_EQ(windows("abcde", "pq",
                    {.max_length = 8, .strategy = TruncationStrategy::only_first, .stride = 1}),
            (Windows{"abc|pq", "cde|pq"}));
  EXPECT_EQ(windows("ab", "pqrst", {.max_length = 8, .strategy = TruncationStrategy::only_second}),
            (Windows{"ab|pqr", "ab|st"}));
}

TEST(Truncation, EverythingOfATokenMovesAlong) {
  Encoding text = letters("abcdef", 0);
  text.matched_texts = {{1, " b"}, {4, "e "}};
  const auto cut = truncate(text, std::nullopt, {.max_length = 3, .stride = 1}, 0);
  ASSERT_EQ(cut.size(), 3U);
  const Encoding& second = cut[1].first;
  EXPECT_EQ(spelled(second), "cde");
  EXPECT_EQ(second.offsets[0], (Range{2, 3}));
  EXPECT_EQ(second.word_ids[2], 4);
  ASSERT_EQ(second.matched_texts.size(), 1U);
  EXPECT_EQ(second.matched_texts[0].token, 2);
  EXPECT_EQ(second.matched_texts[0].text, "e ");
}

// Templates that give both texts type id 0, but only RobertaProcessing reaches the overflow.
TEST(Truncation, TypeIdsOfOverflow) {
  const auto type_ids = [](const Template& around, Template::SpecialTokenUse use) {
    const bool adds = use == Template::SpecialTokenUse::add;
    const Index added = adds ? around.pair_tokens() : 0;
    Windows out;
    for (const auto& window :
         truncate(letters("abcde", 0), letters("pqrstu", 1), {.max_length = 6 + added}, added)) {
      std::string& row = out.emplace_back();
      for (const std::int32_t id : around.apply(window, use).type_ids) row += std::to_string(id);
    }
    return out;
  };
  using enum Template::SpecialTokenUse;
  const TemplateToken end{{{1, "</s>"}}, 0};
  const TemplateSequence first{Sequence::first, 0};
  const TemplateSequence second{Sequence::second, 0};
  const Template plain({first, end}, {first, end, second, end});
  EXPECT_EQ(type_ids(plain, add), (Windows{"00000000", "0000000", "0001110", "00001110"}));
  EXPECT_EQ(type_ids(plain, leave_out), (Windows{"000000", "00000", "00111", "000111"}));
  const Template roberta = roberta_template({0, "<s>"}, {1, "</s>"});
  EXPECT_EQ(type_ids(roberta, add),
            (Windows{"0000000000", "000000000", "000000000", "0000000000"}));
  EXPECT_EQ(type_ids(roberta, leave_out), (Windows{"000000", "00000", "00111", "000111"}));
}

TEST(Truncation, Refusals) {
  const auto refused = [](ErrorKind kind, std::optional<std::string_view> second,
                          const Truncation& truncation) {
    test::expect_error(kind, {"truncate"}, [&] { return windows("abcde", second, truncation); });
  };
  using enum TruncationStrategy;
  refused(ErrorKind::input_too_long, "pqrstu", {.max_length = 8, .strategy = only_first});
  refused(ErrorKind::input_too_long, "p", {.max_length = 8, .strategy = only_second});
  refused(ErrorKind::config_error, {}, {.max_length = 4, .strategy = only_second});
  refused(ErrorKind::config_error, {}, {.max_length = 4, .stride = 2});
  refused(ErrorKind::config_error, {}, {.max_length = -1});
  refused(ErrorKind::config_error, {}, {.max_length = 4, .stride = -1});
}

TEST(Truncation, TooManyWindowsAreRefusedBeforeTheyAreMade) {
  const std::string text(200'000, 'a');
  test::expect_error(ErrorKind::resource_limit, {"windows"},
                     [&] { return windows(text, text, {.max_length = 6}); });
  test::expect_error(ErrorKind::resource_limit, {"windows"},
                     [&] { return windows(text, {}, {.max_length = 100'002, .stride = 99'900}); });
}

}  // namespace
}  // namespace attend
