// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The text of a template as tokens. Source: lexer.py of Jinja 3.1 with the options of transformers'
// chat templates, trim_blocks and lstrip_blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/jinja/value.h"

namespace attend::jinja {

enum class TokenType : std::uint8_t {
  text,  ///< what is outside of tags
  begin_tag,
  end_tag,
  begin_output,
  end_output,
  name,
  string,
  number,
  sign,  ///< an operator or a bracket
  end,   ///< of the template
};

struct Token {
  TokenType type = TokenType::end;
  std::size_t line = 0;
  std::string text;  ///< of strings what they stand for
  Value number;
};

/// The last one is of type `end`. Throws: Failure.
[[nodiscard]] std::vector<Token> split_tokens(std::string_view source);

}  // namespace attend::jinja
