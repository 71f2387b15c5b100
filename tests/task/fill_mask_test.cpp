// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fill-mask: the goldens, then what they do not show.
#include "attend/task/fill_mask.h"

#include <gtest/gtest.h>

#include "task/cases.h"
#include "task/mask_fills.h"

namespace attend {
namespace {

using test::Json;

TEST(MaskPositions, AreInOrder) {
  EXPECT_EQ(mask_positions(std::vector<TokenId>{4, 1, 4, 4}, 4), (std::vector<Index>{0, 2, 3}));
  EXPECT_TRUE(mask_positions(std::vector<TokenId>{1, 2}, 4).empty());
}

FillMaskOptions options_of(const Json& parameters) {
  FillMaskOptions options;
  for (const auto& [name, value] : parameters.items()) {
    if (name == "top_k") {
      options.top_k = value;
    } else if (name == "targets") {
      for (const std::string_view target : test::strings(value)) {
        options.targets.emplace_back(target);
      }
    } else if (name == "tokenizer_kwargs") {
      options.tokenize.truncation = TruncationStrategy::longest_first;
      options.tokenize.max_length = value.at("max_length").get<Index>();
    } else if (name != "batch_size") {
      ADD_FAILURE() << "unknown parameter " << name;
    }
  }
  return options;
}

void expect_fills(const FilledMask& mask, const Json& expected) {
  ASSERT_EQ(mask.fills.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(mask.fills[i].token, expected[i].at("token").get<TokenId>());
    EXPECT_EQ(mask.fills[i].token_str, expected[i].at("token_str").get<std::string>());
    EXPECT_EQ(mask.fills[i].sequence, expected[i].at("sequence").get<std::string>());
    EXPECT_NEAR(static_cast<double>(mask.fills[i].score), expected[i].at("score").get<double>(),
                test::golden_tolerance);
  }
}

// The text of a mask, without the blanks before it that some mask tokens take along ("lstrip").
std::string_view text_of(const FilledMask& mask, std::string_view text) {
  text = text.substr(static_cast<std::size_t>(mask.bytes.begin),
                     static_cast<std::size_t>(mask.bytes.size()));
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

void expect_masks(const std::vector<FilledMask>& masks, const Json& expected, std::string_view text,
                  std::string_view mask_token) {
  const Json list = expected.at(0).is_array() ? expected : Json::array({expected});
  ASSERT_EQ(masks.size(), list.size());
  for (std::size_t i = 0; i < masks.size(); ++i) {
    expect_fills(masks[i], list[i]);
    EXPECT_EQ(text_of(masks[i], text), mask_token);
  }
}

TEST(FillMaskGoldens, AreReproduced) {
  int checked = 0;
  for (const std::string& folder : test::golden_folders()) {
    const auto cases = test::cases(test::golden(folder), "task", "fill-mask");
    if (cases.empty()) continue;
    const FillMask fill = FillMask::load(test::golden(folder));
    for (const Json& one : cases) {
      SCOPED_TRACE(folder + " " + one.at("id").get<std::string>());
      const std::vector<std::string_view> texts = test::strings(one.at("inputs"));
      const FillMaskOptions options = options_of(one.at("parameters"));
      ++checked;
      if (one.contains("raises")) {
        test::expect_error(ErrorKind::config_error, {}, [&] { return fill(texts, options); });
        continue;
      }
      const auto masks = fill(texts, options);
      const Json& expected = one.at("expected");
      for (std::size_t i = 0; i < masks.size(); ++i) {
        expect_masks(masks[i], masks.size() == 1 ? expected : expected.at(i), texts[i],
                     fill.mask_token());
      }
    }
  }
  EXPECT_GE(checked, 40);
}

class BertFillMask : public testing::Test {
 protected:
  const FillMask fill_ = FillMask::load(test::golden("bert-fill-mask"));
};

TEST_F(BertFillMask, NamesItsMask) { EXPECT_EQ(fill_.mask_token(), "[MASK]"); }

TEST_F(BertFillMask, GivesProbabilitiesOverTheWholeVocabulary) {
  const Index all = fill_.task_model().model->config().vocab_size;
  const auto masks = fill_("he took the [MASK] home", {.top_k = all});
  ASSERT_EQ(static_cast<Index>(masks[0].fills.size()), all);
  double sum = 0;
  for (const MaskFill& one : masks[0].fills) sum += static_cast<double>(one.score);
  EXPECT_NEAR(sum, 1, 1e-4);
  test::expect_error(ErrorKind::config_error, {},
                     [&] { return fill_("the [MASK]", {.top_k = all + 1}); });
  test::expect_error(ErrorKind::config_error, {},
                     [&] { return fill_("the [MASK]", {.top_k = -1}); });
  const auto none = fill_("the [MASK]", {.top_k = 0});
  ASSERT_EQ(none.size(), 1U);
  EXPECT_TRUE(none[0].fills.empty());
}

TEST_F(BertFillMask, TakesEachTargetOnceAndNeedsOne) {
  const auto masks = fill_("the [MASK] said", {.targets = {"the", "the", "and"}});
  EXPECT_EQ(masks[0].fills.size(), 2U);
  test::expect_error(ErrorKind::config_error, {}, [&] {
    return fill_("the [MASK]", {.targets = {"", " "}});
  });
}

TEST_F(BertFillMask, RefusesALongTextUnlessItIsCut) {
  std::string text = "the [MASK]";
  for (int i = 0; i < 1000; ++i) text += " and";
  test::expect_error(ErrorKind::input_too_long, {}, [&] { return fill_(text); });
  const FillMaskOptions cut{.tokenize = {.truncation = TruncationStrategy::longest_first}};
  EXPECT_EQ(fill_(text, cut).size(), 1U);
  FillMaskOptions cut_left = cut;
  cut_left.tokenize.truncation_side = Side::left;
  test::expect_error(ErrorKind::config_error, {}, [&] { return fill_(text, cut_left); });
}

TEST_F(BertFillMask, DoesNotDependOnTheBatchAndKeepsABadItemFromTheOthers) {
  const std::vector<std::string_view> texts{"the [MASK]", "no mask", "a [MASK] and [MASK] too"};
  const auto outcomes = fill_.each(texts, {}, {.batch_size = 3});
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::config_error);
  for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
    const auto alone = fill_(texts[i]);
    ASSERT_EQ(alone.size(), outcomes[i].value().size());
    for (std::size_t m = 0; m < alone.size(); ++m) {
      for (std::size_t k = 0; k < alone[m].fills.size(); ++k) {
        EXPECT_EQ(alone[m].fills[k].token, outcomes[i].value()[m].fills[k].token);
        EXPECT_EQ(alone[m].fills[k].score, outcomes[i].value()[m].fills[k].score);
      }
    }
  }
}

TEST(FillMaskLoad, NeedsTheHead) {
  test::expect_error(ErrorKind::config_error, {}, [] {
    return FillMask(
        TaskModel::load(test::golden("bert-token-classification"), HeadKind::token_classification));
  });
}

}  // namespace
}  // namespace attend
