// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// tekken.json of Mistral: ranks of tiktoken, the pattern of their words and the special tokens.
// Source: Tekkenizer.from_file of mistral-common 1.13, tokens/tokenizers/tekken.py.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "attend/text/regex.h"
#include "tokenizer/slow_files.h"

namespace attend {

struct TekkenFile {
  std::vector<std::string> special_tokens;  ///< their ids are their places
  std::vector<RankedToken> tokens;          ///< as many as the file's size of the vocabulary takes
  Regex words;
};

/// Throws: tokenizer_error, resource_limit; what read_json() throws.
[[nodiscard]] TekkenFile read_tekken(const std::filesystem::path& file);

}  // namespace attend
