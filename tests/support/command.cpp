// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Programs with their streams in files, so that no pipe can fill up.
#include "support/command.h"

#include <sys/wait.h>

#include <cstdlib>
#include <sstream>

#include "support/paths.h"

namespace attend::test {
namespace {

std::string shell_quoted(std::string_view word) {
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace

CommandResult run_program(const std::string& program, const std::vector<std::string>& arguments,
                          std::string_view input) {
  const TemporaryFolder folder;
  write_file(folder.path() / "in", input);
  std::string line = shell_quoted(program);
  for (const std::string& argument : arguments) line += " " + shell_quoted(argument);
  line += " <" + (folder.path() / "in").string() + " >" + (folder.path() / "out").string() + " 2>" +
          (folder.path() / "err").string();
  const int status = std::system(line.c_str());
  CommandResult result;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_file(folder.path() / "out");
  result.err = read_file(folder.path() / "err");
  return result;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace attend::test
