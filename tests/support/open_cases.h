// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Recorded sets of tokenizer cases that are not met yet. The list shrinks; nothing is added to it.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace attend::test {

/// Whether a set is known to differ still: its test leaves it out and says so.
[[nodiscard]] inline bool is_open(std::string_view set) {
  constexpr auto open = std::to_array<std::string_view>({
      // Which of two ids an end token has.
      "fixture-spm-unigram-as-pegasus.slow-files",
      "PegasusTokenizer",
      "pegasus offset",
      "pegasus no sentence mask",
      // Special tokens in texts of translation tokenizers.
      "opus-mt-fr-en.slow-files",
      "opus-mt-fr-en.text-target",
      "marian with added tokens",
      "SeamlessM4TTokenizer",
      "seamless",
      "seamless target",
      // One case each, or two.
      "xlnet-base-cased.slow-files",
      "CodeLlamaTokenizer",
      "SplinterTokenizer",
      "splinter left",
      // transformers sets add_prefix_space of files beside which no configuration lies.
      "added_tokens/bytelevel-prefix",
  });
  return std::find(open.begin(), open.end(), set) != open.end();
}

}  // namespace attend::test
