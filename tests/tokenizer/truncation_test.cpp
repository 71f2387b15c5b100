// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows of single texts and pairs: lengths, order, sides, strides, refusals. Expected values are
// those of tokenizers 0.22.2 for texts of one-letter words.
#include "attend/tokenizer/truncation.h"

#include <gtest/gtest.h>

#include <string>

#include "attend/tokenizer/processor.h"
#include "support/error_of.h"
#include "tokenizer/put_together.h"
#include "tokenizer/windows.h"

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

using Rows = std::vector<std::string>;

// The windows of a template that puts nothing around the texts.
Rows windows(std::string_view first, std::optional<std::string_view> second,
             const Truncation& truncation) {
  std::optional<Encoding> pair;
  if (second) pair = letters(*second, 1);
  const Windows cut =
      cut_windows({letters(first, 0), pair}, truncation, second ? 3 : 2, Overflow::keep);
  std::vector<const std::vector<Encoding>*> texts = {&cut.first};
  if (cut.second) texts.push_back(&*cut.second);
  Rows out;
  for (const auto& choice : window_choices(texts, 0)) {
    std::string& row = out.emplace_back(spelled(cut.first[choice[0]]));
    if (cut.second) row += "|" + spelled((*cut.second)[choice[1]]);
  }
  return out;
}

TEST(Truncation, OneText) {
  EXPECT_EQ(windows("abcde", {}, {.max_length = 7}), Rows{"abcde"});
  EXPECT_EQ(windows("abcde", {}, {.max_length = 5}), (Rows{"abc", "de"}));
  EXPECT_EQ(windows("abcde", {}, {.max_length = 4}), (Rows{"ab", "cd", "e"}));
  EXPECT_EQ(windows("abcde", {}, {.max_length = 5, .stride = 2}), (Rows{"abc", "bcd", "cde"}));
  EXPECT_EQ(windows("abcdef", {}, {.max_length = 6, .side = Side::left, .stride = 1}),
            (Rows{"cdef", "abc"}));
  EXPECT_EQ(windows("", {}, {.max_length = 2}), Rows{""});
}

TEST(Truncation, NoRoom) {
  EXPECT_EQ(windows("abcde", {}, {.max_length = 2}), (Rows{"", "abcde"}));
  EXPECT_EQ(windows("abcde", "pq", {.max_length = 3}), (Rows{"|", "abcde|", "abcde|pq", "|pq"}));
  // Less than the template takes: the reference's unsigned difference is huge, nothing is cut.
  EXPECT_EQ(windows("abcde", {}, {.max_length = 1}), Rows{"abcde"});
  EXPECT_EQ(windows("abcde", "pq", {.max_length = 2}), Rows{"abcde|pq"});
}

TEST(Truncation, PairLongestFirst) {
  EXPECT_EQ(windows("abcde", "pqrstu", {.max_length = 7}),
            (Rows{"ab|pq", "cd|pq", "cd|rs", "cd|tu", "e|pq", "e|rs", "e|tu", "ab|rs", "ab|tu"}));
  EXPECT_EQ(windows("abcde", "pqrstu", {.max_length = 9, .side = Side::left, .stride = 1}),
            (Rows{"cde|stu", "abc|stu", "abc|qrs", "abc|pq", "cde|qrs", "cde|pq"}));
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
            (Rows{"abc|pq", "cde|pq"}));
  EXPECT_EQ(windows("ab", "pqrst", {.max_length = 8, .strategy = TruncationStrategy::only_second}),
            (Rows{"ab|pqr", "ab|st"}));
}

TEST(Truncation, EverythingOfATokenMovesAlong) {
  Encoding text = letters("abcdef", 0);
  text.matched_texts = {{1, " b"}, {4, "e "}};
  const Windows cut =
      cut_windows({text, std::nullopt}, {.max_length = 3, .stride = 1}, 0, Overflow::keep);
  ASSERT_EQ(cut.first.size(), 3U);
  const Encoding& second = cut.first[1];
  EXPECT_EQ(spelled(second), "cde");
  EXPECT_EQ(second.offsets[0], (Range{2, 3}));
  EXPECT_EQ(second.word_ids[2], 4);
  ASSERT_EQ(second.matched_texts.size(), 1U);
  EXPECT_EQ(second.matched_texts[0].token, 2);
  EXPECT_EQ(second.matched_texts[0].text, "e ");
}

void no_more(const LayoutText&, Range, Encoding&) {}

// Templates that give both texts type id 0, but only RobertaProcessing reaches the overflow.
TEST(Truncation, TypeIdsOfOverflow) {
  const auto type_ids = [](const Template& around, SpecialTokenUse use) {
    const Processor processor(around);
    const bool adds = use == SpecialTokenUse::add;
    const Index added = adds ? processor.added_tokens(TextForm::pair) : 0;
    Rows out;
    for (const Encoding& window :
         put_together(processor.layout(TextForm::pair, use),
                      cut_windows({letters("abcde", 0), letters("pqrstu", 1)},
                                  {.max_length = 6 + added}, added, Overflow::keep),
                      no_more)) {
      std::string& row = out.emplace_back();
      for (const std::int32_t id : window.type_ids) row += std::to_string(id);
    }
    return out;
  };
  using enum SpecialTokenUse;
  const TemplateToken end{{{1, "</s>"}}, 0};
  const TemplateSequence first{Sequence::first, 0};
  const TemplateSequence second{Sequence::second, 0};
  const Template plain({first, end}, {first, end, second, end});
  EXPECT_EQ(type_ids(plain, add), (Rows{"00000000", "0000000", "0001110", "00001110"}));
  EXPECT_EQ(type_ids(plain, leave_out), (Rows{"000000", "00000", "00111", "000111"}));
  const Template roberta = roberta_template({0, "<s>"}, {1, "</s>"});
  EXPECT_EQ(type_ids(roberta, add), (Rows{"0000000000", "000000000", "000000000", "0000000000"}));
  EXPECT_EQ(type_ids(roberta, leave_out), (Rows{"000000", "00000", "00111", "000111"}));
}

// Rows of whole templates, each as its letters and their type ids.
Rows rows_of(const Template& around, std::optional<std::string_view> second,
             const Truncation& truncation) {
  std::optional<Encoding> pair;
  if (second) pair = letters(*second, 1);
  const Processor processor(around);
  const TextForm form = second ? TextForm::pair : TextForm::single;
  const Index added = processor.added_tokens(form);
  Rows out;
  for (const Encoding& window : put_together(
           processor.layout(form, SpecialTokenUse::add),
           cut_windows({letters("abcdef", 0), pair}, truncation, added, Overflow::keep), no_more)) {
    std::string& row = out.emplace_back(spelled(window) + " ");
    for (const std::int32_t id : window.type_ids) row += std::to_string(id);
  }
  return out;
}

// Expected values are those of TemplateProcessing of tokenizers 0.22.2.
TEST(Truncation, TemplatesThatRepeatTexts) {
  const TemplateToken star{{{'*', {}}}, 0};
  const auto first = [](std::int32_t type) { return TemplateSequence{Sequence::first, type}; };
  const auto second = [](std::int32_t type) { return TemplateSequence{Sequence::second, type}; };
  const Template twice({star, first(0), star, first(2)}, {first(0), second(1), first(3)});
  EXPECT_EQ(
      rows_of(twice, {}, {.max_length = 6}),
      (Rows{"*abcd*abcd 0000002222", "*ef*abcd 00002222", "*ef*ef 000000", "*abcd*ef 00000000"}));
  EXPECT_EQ(rows_of(twice, "pqrst", {.max_length = 6}),
            (Rows{"abcpqrabc 000111333", "defpqrabc 000111333", "defpqrdef 000111000",
                  "defstabc 00011333", "defstdef 00011000", "abcstabc 00011333",
                  "abcstdef 00011000", "abcpqrdef 000111000"}));
  const Template around({first(0)}, {second(0), first(1), second(2), star});
  EXPECT_EQ(rows_of(around, "pqrst", {.max_length = 6}),
            (Rows{"pqabcpq* 00111220", "rsabcpq* 11111220", "rsabcrs* 11111110", "rsabct* 1111110",
                  "rsdefpq* 11000220", "rsdefrs* 11000110", "rsdeft* 1100010", "tabcpq* 1111220",
                  "tabcrs* 1111110", "tabct* 111110", "tdefpq* 1000220", "tdefrs* 1000110",
                  "tdeft* 100010", "pqdefpq* 00000220", "pqdefrs* 00000110", "pqdeft* 0000010",
                  "pqabcrs* 00111110", "pqabct* 0011110"}));
  const Template often(std::vector<TemplatePiece>(40, first(0)), {});
  EXPECT_EQ(rows_of(often, {}, {.max_length = 6}).size(), 1U);
  test::expect_error(ErrorKind::resource_limit, {"overlapping windows"},
                     [&] { return rows_of(often, {}, {.max_length = 3}); });
}

TEST(Truncation, TemplatesThatRepeatALongText) {
  const Template often(std::vector<TemplatePiece>(1'000, TemplateSequence{Sequence::first, 0}), {});
  Encoding text;
  text.ids.assign(100'000, 7);
  test::expect_error(ErrorKind::resource_limit, {"repeats its texts", "100001000"}, [&] {
    const Processor processor(often);
    return put_together(processor.layout(TextForm::single, SpecialTokenUse::add),
                        {{text}, std::nullopt}, no_more);
  });
}

TEST(Truncation, Refusals) {
  const auto refused = [](ErrorKind kind, std::optional<std::string_view> second,
                          const Truncation& truncation) {
    const auto error = test::error_of([&] { return windows("abcde", second, truncation); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), kind) << error->what();
    EXPECT_EQ(error->detail().where, "truncate");
    EXPECT_FALSE(error->detail().hint.empty()) << error->what();
  };
  using enum TruncationStrategy;
  refused(ErrorKind::input_too_long, "pqrstu", {.max_length = 8, .strategy = only_first});
  refused(ErrorKind::input_too_long, "p", {.max_length = 8, .strategy = only_second});
  refused(ErrorKind::config_error, {}, {.max_length = 4, .strategy = only_second});
  refused(ErrorKind::config_error, {}, {.max_length = 4, .stride = 2});
  refused(ErrorKind::config_error, {}, {.max_length = -1});
  refused(ErrorKind::config_error, {}, {.max_length = 4, .stride = -1});
  test::expect_error(ErrorKind::config_error, {"smaller stride"},
                     [&] { return windows("abcde", {}, {.max_length = 4, .stride = 2}); });
}

TEST(Truncation, TooManyWindowsAreRefusedBeforeTheyAreMade) {
  const std::string text(200'000, 'a');
  test::expect_error(ErrorKind::resource_limit, {"windows"},
                     [&] { return windows(text, text, {.max_length = 6}); });
  test::expect_error(ErrorKind::resource_limit, {"windows"},
                     [&] { return windows(text, {}, {.max_length = 100'002, .stride = 99'900}); });
  // Of a few tokens, but more windows than that: each takes memory of its own.
  const std::string long_text(1'000'000, 'a');
  test::expect_error(ErrorKind::resource_limit, {"windows"},
                     [&] { return windows(long_text, {}, {.max_length = 4}); });
}

}  // namespace
}  // namespace attend
