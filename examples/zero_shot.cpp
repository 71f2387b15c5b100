// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Labels that were never trained: name them when you call.
// Usage: zero_shot [MODEL-FOLDER]
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  const auto zero_shot = attend::pipeline("zero-shot", {.model = argc > 1 ? argv[1] : ""});
  const attend::CallOptions options{.labels = {"politics", "sport", "cooking"},
                                    .hypothesis_template = "This text is about {}."};
  for (const std::string_view text : {"The goalkeeper saved a penalty in the last minute.",
                                      "Stir the onions until they are golden."}) {
    std::cout << text << '\n';
    for (const attend::Prediction& p : zero_shot(text, options)) {
      std::cout << "  " << p.label << ' ' << p.score << '\n';
    }
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
