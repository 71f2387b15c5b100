// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Post-processors that are made in code, where no reader of files has counted their tokens.
#include "attend/tokenizer/processor.h"

#include <gtest/gtest.h>

#include "support/error_of.h"

namespace attend {
namespace {

TEST(Processor, WhatIsTooLargeIsSaidToBe) {
  const TemplateSequence text{Sequence::first, 0};
  const TemplateToken tokens{std::vector<TemplateToken::Token>(20'000, {5, {}}), 0};
  const Processor large(Template({text, tokens}, {text}));
  EXPECT_FALSE(large.fits());
  test::expect_error(ErrorKind::resource_limit, {"around one text", "at most 20000", "20002"},
                     [&] { return large.layout(TextForm::single, SpecialTokenUse::add); });
  EXPECT_EQ(large.layout(TextForm::single, SpecialTokenUse::leave_out).size(), 1U);
}

TEST(Processor, StringsCount) {
  const TemplateSequence text{Sequence::first, 0};
  const auto named = [&](std::size_t bytes) {
    return Processor(Template({text, TemplateToken{{{5, std::string(bytes, 'z')}}, 0}}, {text}));
  };
  EXPECT_TRUE(named(700'000).fits());
  EXPECT_FALSE(named(800'000).fits());
}

}  // namespace
}  // namespace attend
