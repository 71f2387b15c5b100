// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Answers in words of their own: the bundled embeddings find the passage, a text2text model
// (flan-t5-base, for one) reads it with the question and writes the answer.
// Usage: generative_qa MODEL-FOLDER "QUESTION"
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: generative_qa MODEL-FOLDER QUESTION\n";
    return 2;
  }
  const std::string question = argv[2];
  const std::vector<std::string_view> passages = {
      "The school was built in 1902 by the count, who also paid for the library beside it.",
      "The bridge over the river was opened for trains in 1911.",
      "Every summer the town holds a market for cheese and wine."};

  const auto embed = attend::SentenceEmbedding::load(attend::find_bundled_model("embeddings"));
  const auto best = attend::semantic_search(embed(question), embed(passages)).front();
  const std::string passage(passages[static_cast<std::size_t>(best.index)]);

  const auto write = attend::Text2TextGeneration::load(attend::find_model(argv[1]));
  const std::string prompt = "question: " + question + " context: " + passage;
  attend::Text2TextOptions options;
  options.config.max_new_tokens = 30;
  std::cout << "Passage: " << passage << "\nAnswer: " << write(prompt, options).front().text
            << '\n';
} catch (const attend::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
