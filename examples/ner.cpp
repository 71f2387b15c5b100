// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// People, places and organisations, and where in the text they stand.
// Usage: ner [MODEL-FOLDER]
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  const auto ner = attend::pipeline("ner", {.model = argc > 1 ? argv[1] : ""});
  const std::string_view text = "Angela Merkel met Emmanuel Macron in Paris on Monday.";
  for (const attend::Prediction& entity : ner(text)) {
    std::cout << entity.label << ' ' << entity.score << "  bytes " << entity.begin << " to "
              << entity.end << ": "
              << text.substr(static_cast<std::size_t>(entity.begin),
                             static_cast<std::size_t>(entity.end - entity.begin))
              << '\n';
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
