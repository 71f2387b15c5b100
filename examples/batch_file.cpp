// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A file of many texts, one a line: batches, progress, and bad lines that stop nobody.
// Usage: batch_file FILE [MODEL-FOLDER]
#include <attend/attend.h>

#include <fstream>
#include <iostream>

int main(int argc, char** argv) try {
  std::ifstream file(argc > 1 ? argv[1] : "");
  if (!file) {
    std::cerr << "usage: batch_file FILE [MODEL-FOLDER]\n";
    return 2;
  }
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  const std::vector<std::string_view> texts(lines.begin(), lines.end());

  const auto sentiment =
      attend::pipeline("sentiment", {.model = argc > 2 ? argv[2] : "", .batch_size = 16});
  const auto report = [](attend::Index done, attend::Index total) {
    std::cerr << '\r' << done << " of " << total << (done < total ? "" : "\n");
  };
  for (const auto& result : sentiment.each(texts, {.progress = report})) {
    if (result.ok()) {
      std::cout << result.value().front().label << '\n';
    } else {
      std::cout << "error: " << result.error().what() << '\n';
    }
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
