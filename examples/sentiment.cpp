// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What texts feel like.
// Usage: sentiment [MODEL-FOLDER]
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  const auto sentiment = attend::pipeline("sentiment", {.model = argc > 1 ? argv[1] : ""});
  const std::vector<std::string_view> texts = {"A quiet, perfect film.",
                                               "Two hours of my life that nobody gives back."};
  const auto results = sentiment(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const attend::Prediction& best = results[i].front();
    std::cout << best.label << ' ' << best.score << "  " << texts[i] << '\n';
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
