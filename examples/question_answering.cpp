// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The passage of a text that answers a question; the typed class gives every field.
// Usage: question_answering MODEL-FOLDER
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: question_answering MODEL-FOLDER\n";
    return 2;
  }
  const auto ask = attend::QuestionAnswering::load(argv[1]);
  const std::string_view context =
      "The school stands on a hill above the town. It was built in 1902 by the count, who also "
      "paid for the library beside it.";
  for (const std::string_view question : {"When was the school built?", "Who paid for it?"}) {
    std::cout << question << '\n';
    for (const auto& answer : ask({question, context}, {.top_k = 2})) {
      std::cout << "  " << answer.score << "  " << answer.answer << "  (characters "
                << answer.code_points.begin << " to " << answer.code_points.end << ")\n";
    }
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
