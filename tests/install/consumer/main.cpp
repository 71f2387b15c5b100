// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a first user of the installed library writes; the bundled model must be found.
#include <attend/attend.h>

#include <iostream>

int main() try {
  const auto sentiment = attend::pipeline("sentiment");
  for (const auto& p : sentiment("A quiet, perfect film.")) {
    std::cout << attend::version() << ' ' << p.label << ' ' << p.score << '\n';
  }
} catch (const attend::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
