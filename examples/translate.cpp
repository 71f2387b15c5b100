// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts in another language. A model of many languages (NLLB, M2M100, mBART) needs two codes; one
// that knows a single pair (Marian) needs none.
// Usage: translate MODEL-FOLDER [FROM TO]
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 2 && argc != 4) {
    std::cerr << "usage: translate MODEL-FOLDER [FROM TO]\n";
    return 2;
  }
  const auto translate = attend::Translation::load(attend::find_model(argv[1]));
  attend::Text2TextOptions options;
  if (argc == 4) {
    options.src_lang = argv[2];
    options.tgt_lang = argv[3];
  }
  const std::vector<std::string_view> texts = {"The school stands on a hill above the town.",
                                               "It was built in 1902."};
  const auto translations = translate(texts, options);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::cout << texts[i] << "\n  " << translations[i].front().text << '\n';
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
