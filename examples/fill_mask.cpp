// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Words for a gap; how a model spells the gap depends on its tokenizer.
// Usage: fill_mask MODEL-FOLDER
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: fill_mask MODEL-FOLDER\n";
    return 2;
  }
  const auto fill = attend::FillMask::load(argv[1]);
  const std::string text = "They met at the " + std::string(fill.mask_token()) + " of the town.";
  for (const attend::FilledMask& mask : fill(text, {.top_k = 3})) {
    for (const attend::MaskFill& word : mask.fills) {
      std::cout << word.score << "  " << word.token_str << "  " << word.sequence << '\n';
    }
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
