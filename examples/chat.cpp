// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A conversation with any model that has a chat template: each answer knows what was said before.
// Usage: chat MODEL-FOLDER WHAT-TO-SAY...
#include <attend/attend.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc < 3) return std::cerr << "usage: chat MODEL-FOLDER WHAT-TO-SAY...\n", 2;
  const auto generate = attend::TextGeneration::load(attend::find_model(argv[1]));
  attend::TextGenerationOptions options;
  options.config.do_sample = false;
  options.config.max_new_tokens = 100;
  options.returned = attend::ReturnedText::generated;
  attend::ChatValue::Array messages;
  for (int i = 2; i < argc; ++i) {
    messages.push_back(attend::chat_message("user", argv[i]));
    const auto texts = generate(attend::ChatValue(messages), options);
    messages.push_back(attend::chat_message("assistant", texts.front().text));
    std::cout << "user: " << argv[i] << "\nassistant: " << texts.front().text << '\n';
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
