// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A text in fewer words; a text that is too long for the model is cut.
// Usage: summarize MODEL-FOLDER [ARTICLE]
#include <attend/attend.h>

#include <fstream>
#include <iostream>
#include <iterator>

int main(int argc, char** argv) try {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: summarize MODEL-FOLDER [ARTICLE]\n";
    return 2;
  }
  std::string article = "The school stands on a hill above the town. It was built in 1902.";
  if (argc == 3) {
    std::ifstream file(argv[2]);
    if (!file) return std::cerr << argv[2] << " cannot be read\n", 1;
    article.assign(std::istreambuf_iterator<char>(file), {});
  }
  const auto summarize = attend::Summarization::load(attend::find_model(argv[1]));
  attend::Text2TextOptions options{.truncation = attend::TruncationStrategy::longest_first};
  options.config.max_new_tokens = 60;
  std::cout << "Summary: " << summarize(article, options).front().text << '\n';
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
