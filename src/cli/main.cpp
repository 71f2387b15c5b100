// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The `attend` command: the process's streams, and nothing else.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/command.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const char* const no_colour = std::getenv("NO_COLOR");  // any value counts, an empty one does not
  const bool watched = isatty(STDOUT_FILENO) != 0;
  const bool colour = watched && (no_colour == nullptr || *no_colour == '\0');
  attend::cli::Terminal terminal{.in = STDIN_FILENO,
                                 .out = std::cout,
                                 .err = std::cerr,
                                 .colour = colour,
                                 .progress = isatty(STDERR_FILENO) != 0,
                                 .watched = watched};
  return attend::cli::run_command(argc, argv, terminal);
}
