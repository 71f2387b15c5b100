// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Lines through a pipe, in the pieces in which they arrive.
#include "cli/line_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "support/error_of.h"

namespace attend::cli {
namespace {

class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("no pipe");
  }
  ~Pipe() {
    ::close(ends_[0]);
    close();
  }
  [[nodiscard]] int reading() const { return ends_[0]; }
  void write(std::string_view text) const {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{};
};

std::string joined(const std::vector<InputLine>& lines) {
  std::string all;
  for (const InputLine& line : lines) all += line.text + (line.too_long ? "+|" : "|");
  return all;
}

TEST(LineReader, GivesLinesAsTheyArrive) {
  Pipe pipe;
  LineReader reader(pipe.reading(), "pipe");
  pipe.write("one\ntwo\nthr");
  EXPECT_EQ(joined(reader.next_lines()), "one|two|");  // and does not wait for the end of "three"
  pipe.write("ee\r\n\n");
  EXPECT_EQ(joined(reader.next_lines()), "three||");
  pipe.write("last");
  pipe.close();
  EXPECT_EQ(joined(reader.next_lines()), "last|");
  EXPECT_EQ(joined(reader.next_lines()), "");
  EXPECT_EQ(joined(reader.next_lines()), "");
  EXPECT_EQ(reader.bytes_read(), 20U);
}

TEST(LineReader, LongLinesAreCutAndTheNextOnesAreWhole) {
  Pipe pipe;
  LineReader reader(pipe.reading(), "pipe", 4);
  pipe.write("1234\n12345\nab");
  EXPECT_EQ(joined(reader.next_lines()), "1234|1234+|");
  pipe.write("cde");
  pipe.write("fgh\nok\n");
  EXPECT_EQ(joined(reader.next_lines()), "abcd+|ok|");
}

TEST(LineReader, AnUnreadableDescriptorIsNamed) {
  LineReader reader(-1, "nothing");
  test::expect_error(ErrorKind::access_denied, {"cannot read", "nothing"},
                     [&] { return reader.next_lines(); });
}

}  // namespace
}  // namespace attend::cli
