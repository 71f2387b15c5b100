// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the built `attend` command as a shell would.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attend::test {

/// What a finished command left behind.
struct CommandResult {
  int code = -1;  ///< exit code, or 128 + the signal's number
  std::string out;
  std::string err;
};

/// Runs `program` with arguments and standard input; the environment is the test's own.
[[nodiscard]] CommandResult run_program(const std::string& program,
                                        const std::vector<std::string>& arguments,
                                        std::string_view input = {});

/// Without their ends; a last line without an end counts.
[[nodiscard]] std::vector<std::string> split_lines(std::string_view text);

}  // namespace attend::test
