// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: a chat template and, behind a NUL byte, the JSON of a conversation with variables.
// What is rendered is UTF-8.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "attend/text/utf8.h"
#include "attend/tokenizer/chat_template.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all = attend::test::as_text(data, size);
  const std::size_t end = std::min(all.find('\0'), all.size());
  attend::test::tolerate_errors([&] {
    const attend::ChatTemplate chat{std::string(all.substr(0, end)), {{"bos_token", "<s>"}}};
    attend::ChatValue input;
    attend::test::tolerate_errors([&] {
      if (end < size) input = attend::ChatValue::from_json(all.substr(end + 1));
    });
    attend::ChatOptions options;
    attend::ChatValue messages = input;
    if (const auto* members = input.get<attend::ChatValue::Object>()) {
      options.variables = *members;
      if (const auto* found = input.find("messages")) messages = *found;
    }
    for (const bool goes_on : {false, true}) {
      options.continue_final_message = goes_on;
      options.add_generation_prompt = !goes_on;
      attend::test::tolerate_errors([&] {
        const std::string text = chat.render(messages, options);
        if (attend::first_invalid_utf8(text) != text.size()) std::abort();
      });
    }
  });
  return 0;
}
