// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How English words sound: the bundled model of text2text-generation writes a word's phonemes.
// Usage: spell [WORD...]
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.empty()) words = {"hello", "transformer", "attention"};
  const auto spell = attend::pipeline("text2text-generation");
  const auto sounds = spell(words);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::cout << words[i] << "  " << sounds[i].front().text << '\n';
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
