// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a person sees: columns, colours, and texts that cannot steer the terminal.
#include "cli/print.h"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <thread>
#include <vector>

#include "cli/progress.h"

namespace attend::cli {
namespace {

const std::vector<ScoredRow> rows{{"Kyōto", 0.5F, "a"}, {"x", -12.25F, ""}};

TEST(Printer, ColumnsAreAlignedByCodePoints) {
  std::ostringstream out;
  Printer(out, Printer::Colour::off).rows(rows, 2);
  EXPECT_EQ(out.str(), "  Kyōto    0.5000  a\n  x      -12.2500\n");
}

TEST(Printer, ColourIsAroundTheTextAndNowhereElse) {
  std::ostringstream out;
  Printer printer(out, Printer::Colour::on);
  printer.heading("head");
  printer.rows(std::vector<ScoredRow>{{"l", 1, "d"}}, 0);
  EXPECT_EQ(out.str(), "\x1b[1mhead\x1b[0m\n\x1b[32ml\x1b[0m  1.0000  d\n");
}

TEST(Printer, ControlCharactersOfTextsAreBlanks) {
  std::ostringstream out;
  Printer printer(out, Printer::Colour::off);
  printer.heading(
      "a\x1b[2Jb\nc\x7f\xC2\x9B"
      "d\xFF");
  printer.rows(std::vector<ScoredRow>{{"\r", 0, "\x07"}}, 0);
  EXPECT_EQ(out.str(), "a [2Jb c  d\xEF\xBF\xBD\n   0.0000   \n");
}

TEST(Progress, IsSilentWhereItIsNotShownAndForShortCalls) {
  std::ostringstream out;
  {
    Progress hidden(out, Progress::Shown::no);
    Progress brief(out, Progress::Shown::yes);
    hidden.update(1, 0.5);
    brief.update(1, 0.5);
  }
  EXPECT_EQ(out.str(), "");
}

TEST(Progress, DrawsOneLineAndTakesItAway) {
  std::ostringstream out;
  {
    Progress progress(out, Progress::Shown::yes);
    std::this_thread::sleep_for(std::chrono::milliseconds(510));
    progress.update(7, 0.5);
    progress.update(8, 0.6);  // within a tenth of a second: not drawn
  }
  EXPECT_NE(out.str().find("[===============               ] 50 %  7 done"), std::string::npos)
      << out.str();
  EXPECT_EQ(out.str().find("8 done"), std::string::npos);
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K"));
}

}  // namespace
}  // namespace attend::cli
