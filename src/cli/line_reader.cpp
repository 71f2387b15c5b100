// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Lines by read(2): iostreams cannot say "what is there now" without blocking.
#include "cli/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "attend/core/error.h"

namespace attend::cli {
namespace {

/// What is there now, at least a byte; 0 at the end.
std::size_t read_piece(int descriptor, std::vector<char>& piece, const std::string& name) {
  for (;;) {
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR) continue;
    fail(ErrorKind::access_denied,
         {.what = std::string("cannot read: ") + std::strerror(errno), .file = name});
  }
}

}  // namespace

std::string read_all(int descriptor, const std::string& name, std::size_t max_bytes) {
  std::vector<char> piece(LineReader::piece_bytes);
  std::string all;
  while (const std::size_t count = read_piece(descriptor, piece, name)) {
    if (count > max_bytes - all.size()) {
      fail(ErrorKind::resource_limit, {.where = "attend",
                                       .what = "bytes of the text",
                                       .expected = "at most " + std::to_string(max_bytes),
                                       .found = "more",
                                       .file = name});
    }
    all.append(piece.data(), count);
  }
  return all;
}

Error long_line_error(const InputLine& line) {
  return {ErrorKind::resource_limit,
          {.what = "bytes of line " + std::to_string(line.number),
           .expected = "at most " + std::to_string(LineReader::default_max_line_bytes),
           .found = "more",
           .hint = "cut it into several lines"}};
}

LineReader::LineReader(int descriptor, std::string name, std::size_t max_line_bytes)
    : descriptor_(descriptor),
      name_(std::move(name)),
      max_line_bytes_(max_line_bytes),
      piece_(piece_bytes) {}

std::vector<InputLine> LineReader::next_lines() {
  std::vector<InputLine> lines;
  while (lines.empty() && !at_end_) {
    const std::size_t count = read_piece(descriptor_, piece_, name_);
    if (count == 0) {
      at_end_ = true;
      if (!open_line_.text.empty() || open_line_.too_long) {
        lines.push_back(std::exchange(open_line_, {}));
      }
      break;
    }
    bytes_read_ += count;
    take_lines(piece_.data(), count, lines);
  }
  for (InputLine& line : lines) {
    if (line.text.ends_with('\r')) line.text.pop_back();
  }
  return lines;
}

void LineReader::take_lines(const char* bytes, std::size_t count, std::vector<InputLine>& lines) {
  const char* const end = bytes + count;
  while (bytes != end) {
    const char* const stop = std::find(bytes, end, '\n');
    const auto length = static_cast<std::size_t>(stop - bytes);
    const std::size_t room = max_line_bytes_ - open_line_.text.size();
    open_line_.text.append(bytes, std::min(length, room));
    open_line_.too_long |= length > room;
    if (stop == end) return;
    const std::size_t next = open_line_.number + 1;
    lines.push_back(std::exchange(open_line_, {.number = next}));
    bytes = stop + 1;
  }
}

}  // namespace attend::cli
