// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A story, word by word as it is written.
// Usage: generate [TEXT [MODEL-FOLDER]]
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  const std::string text = argc > 1 ? argv[1] : "Once upon a time";
  const auto generate = attend::TextGeneration::load(
      argc > 2 ? attend::find_model(argv[2]) : attend::find_bundled_model("stories"));
  attend::TextGenerationOptions options;
  options.config.do_sample = false;  // true: another story for each options.seed
  options.config.max_new_tokens = 100;
  options.on_text = [](attend::Index, attend::Index, std::string_view piece) {
    std::cout << piece << std::flush;
    return true;  // false ends the text
  };
  std::cout << text;
  (void)generate(text, options);
  std::cout << '\n';
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
