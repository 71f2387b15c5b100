// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Answers in words of their own: the bundled embeddings find the passage, a model reads it with the
// question and writes: one for text2text-generation (flan-t5-base) or for text-generation (gpt2).
// Usage: generative_qa MODEL-FOLDER "QUESTION"
#include <attend/attend.h>

#include <iostream>

std::string answer(const std::filesystem::path& model, const std::string& passage,
                   const std::string& question) {
  const attend::GenerationConfig config{.max_new_tokens = 30, .do_sample = false};
  if (attend::generating_head(model) == attend::HeadKind::conditional_generation) {
    const auto write = attend::Text2TextGeneration::load(model);
    return write("question: " + question + " context: " + passage, {.config = config})[0].text;
  }
  const auto go_on = attend::TextGeneration::load(model);
  const std::string prompt = passage + "\nQuestion: " + question + "\nAnswer:";
  return go_on(prompt, {.config = config, .returned = attend::ReturnedText::generated})[0].text;
}

int main(int argc, char** argv) try {
  if (argc != 3) return std::cerr << "usage: generative_qa MODEL-FOLDER QUESTION\n", 2;
  const std::vector<std::string_view> passages = {
      "The school was built in 1902 by the count, who also paid for the library beside it.",
      "The bridge over the river was opened for trains in 1911.",
      "Every summer the town holds a market for cheese and wine."};
  const auto embed = attend::SentenceEmbedding::load(attend::find_bundled_model("embeddings"));
  const auto best = attend::semantic_search(embed(argv[2]), embed(passages)).front();
  const std::string passage(passages[static_cast<std::size_t>(best.index)]);
  std::cout << "Passage: " << passage
            << "\nAnswer: " << answer(attend::find_model(argv[1]), passage, argv[2]) << '\n';
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
