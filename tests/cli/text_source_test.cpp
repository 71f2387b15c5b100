// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which part of a file is done, and files as one text.
#include "cli/text_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "support/error_of.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

class Source : public testing::Test {
 protected:
  std::string write(const std::string& content) const {
    const auto file = folder_.path() / "texts";
    test::write_file(file, content);
    return file.string();
  }

  const test::TemporaryFolder folder_;
  std::ostringstream out_;
  std::ostringstream err_;
  const Terminal terminal_{.out = out_, .err = err_};
};

TEST_F(Source, IsDoneWhenItsTextsAreNotWhenTheyAreRead) {
  TextSource small({}, write("one\ntwo\n"), terminal_);
  EXPECT_EQ(small.next().size(), 2U);
  EXPECT_EQ(small.part_done(0), 0.0);
  EXPECT_EQ(small.part_done(0.5), 0.5);
  EXPECT_EQ(small.part_done(1), 1.0);

  // Two groups of one piece each.
  std::string lines(2 * LineReader::piece_bytes, 'a');
  for (std::size_t i = 1023; i < lines.size(); i += 1024) lines[i] = '\n';
  TextSource large({}, write(lines), terminal_);
  EXPECT_EQ(large.next().size(), LineReader::piece_bytes / 1024);
  EXPECT_EQ(large.part_done(0), 0.0);
  EXPECT_EQ(large.part_done(1), 0.5);
  EXPECT_EQ(large.next().size(), LineReader::piece_bytes / 1024);
  EXPECT_EQ(large.part_done(0), 0.5);
  EXPECT_EQ(large.part_done(0.5), 0.75);
  EXPECT_EQ(large.part_done(1), 1.0);

  TextSource whole({}, write(lines), terminal_);
  EXPECT_EQ(whole.rest().size(), lines.size() / 1024);
  EXPECT_EQ(whole.part_done(0.25), 0.25);
  TextSource arguments({"one", "two"}, "", terminal_);
  EXPECT_EQ(arguments.next().size(), 2U);
  EXPECT_EQ(arguments.part_done(0.5), 0.5);
}

TEST_F(Source, OfUnknownSizeHasNoPart) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "one\n", 4), 4);
  TextSource pipe({}, "-", {.in = ends[0], .out = terminal_.out, .err = terminal_.err});
  EXPECT_EQ(pipe.next().size(), 1U);
  EXPECT_EQ(pipe.part_done(0.5), std::nullopt);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(Source, AWholeFileHasALimit) {
  const std::string line(LineReader::default_max_line_bytes, 'a');
  EXPECT_EQ(read_whole(write(line), terminal_).size(), line.size());
  const std::string file = write(line + "a");
  test::expect_error(ErrorKind::resource_limit, {"bytes of the text", file},
                     [&] { return read_whole(file, terminal_); });
  EXPECT_EQ(read_whole(write(""), terminal_), "");
}

}  // namespace
}  // namespace attend::cli
