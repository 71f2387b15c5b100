// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Lines from a file descriptor, in the groups in which they arrive: a program that sends one line
// and waits is answered at once, a file is read in large pieces that run as batches.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "attend/core/error.h"
#include "core/limits.h"

namespace attend::cli {

/// One line of input without its end ("\n" or "\r\n").
struct InputLine {
  std::string text;
  bool too_long = false;   ///< above the limit; the rest of the line was skipped
  std::size_t number = 1;  ///< from 1; of texts that are arguments as well
};

/// What stands in the place of a line that is too long.
[[nodiscard]] Error long_line_error(const InputLine& line);

/// All bytes that are left to read from `descriptor`.
/// Throws: access_denied when reading fails, resource_limit. `name` is for messages.
[[nodiscard]] std::string read_all(int descriptor, const std::string& name,
                                   std::size_t max_bytes = limits::line_bytes);

class LineReader {
 public:
  static constexpr std::size_t default_max_line_bytes = limits::line_bytes;
  static constexpr std::size_t piece_bytes = std::size_t{1} << 18U;

  /// Reads from `descriptor`, which stays open. `name` is for messages.
  LineReader(int descriptor, std::string name, std::size_t max_line_bytes = default_max_line_bytes);

  /// The next lines that are there, at least one; empty at the end of the input.
  /// Throws: access_denied when reading fails.
  [[nodiscard]] std::vector<InputLine> next_lines();

  /// Bytes read so far.
  [[nodiscard]] std::size_t bytes_read() const noexcept { return bytes_read_; }

 private:
  void take_lines(const char* bytes, std::size_t count, std::vector<InputLine>& lines);

  int descriptor_;
  std::string name_;
  std::size_t max_line_bytes_;
  std::size_t bytes_read_ = 0;
  InputLine open_line_;  // what has come of a line whose end has not
  bool at_end_ = false;
  std::vector<char> piece_;
};

}  // namespace attend::cli
