// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Semantic search: sentences near a query in meaning, whatever their words.
// Usage: embed [MODEL-FOLDER]
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  const auto folder =
      argc > 1 ? attend::find_model(argv[1]) : attend::find_bundled_model("embeddings");
  const auto embed = attend::SentenceEmbedding::load(folder);
  const std::vector<std::string_view> sentences = {
      "A man is eating a piece of bread.", "A woman is playing the violin.",
      "The stock market fell sharply.", "A cheetah is running behind its prey.",
      "Central banks raised interest rates."};
  const std::vector<attend::Embedding> corpus = embed(sentences);
  for (const std::string_view query : {"What did investors lose?", "Someone makes music."}) {
    std::cout << query << '\n';
    for (const auto& hit : attend::semantic_search(embed(query), corpus, {.top_k = 2})) {
      std::cout << "  " << hit.score << "  " << sentences[static_cast<std::size_t>(hit.index)]
                << '\n';
    }
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
