// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What Tekkenizer asserts of a file is an error of its field here.
#include "tokenizer/tekken_json.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/base64.h"
#include "checkpoint/checked_json.h"
#include "core/limits.h"
#include "tokenizer/components_json.h"
#include "tokenizer/tokenizer_class.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

// Of files up to version 7 that do not list theirs.
constexpr std::string_view old_special_tokens =
    "<unk> <s> </s> [INST] [/INST] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS] "
    "[/TOOL_RESULTS] [TOOL_CALLS] [IMG] <pad> [IMG_BREAK] [IMG_END] [PREFIX] [MIDDLE] [SUFFIX] "
    "[SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CONTENT]";

// Those that the file does not name cost memory that it does not pay for; published ones have 1000.

constexpr std::size_t byte_tokens = 256;  // the first ones, in order

bool is_old(std::string_view version) {
  return version == "v1" || version == "v2" || version == "v3" || version == "v7";
}

// "rank" of a list's element, which must be its place.
void check_rank(const JsonField& token, std::size_t place) {
  const auto rank = static_cast<std::int64_t>(place);
  (void)token.at("rank").integer(rank, rank);
}

std::vector<std::string> read_tekken_specials(const JsonField& root, const JsonField& config) {
  const JsonField number = config.at("default_num_special_tokens");
  const auto count = static_cast<std::size_t>(number.integer(0, limits::tekken_special_tokens));
  std::vector<std::string> tokens;
  if (is_old(config.at("version").string()) && !root.find("special_tokens")) {
    for (const auto token : split_words(old_special_tokens)) tokens.emplace_back(token);
  } else {
    root.at("special_tokens").visit_elements([&](const JsonField& token) {
      check_rank(token, tokens.size());
      tokens.push_back(read_added_content(token, "token_str"));
    });
  }
  if (tokens.size() > count) {
    number.reject("at least " + std::to_string(tokens.size()) + ", the special tokens there are");
  }
  while (tokens.size() < count) {
    tokens.push_back("<SPECIAL_" + std::to_string(tokens.size()) + ">");
  }
  return tokens;
}

RankedToken read_token(const JsonField& token, std::size_t place) {
  check_rank(token, place);
  const JsonField base64 = token.at("token_bytes");
  if (base64.string().size() > limits::token_bytes) {
    base64.reject(ErrorKind::resource_limit,
                  "at most " + std::to_string(limits::token_bytes) + " bytes",
                  "is the file damaged? published tokens are far shorter");
  }
  auto bytes = decode_base64(base64.string());
  if (!bytes || bytes->empty()) base64.reject("bytes in base64");
  if (place < byte_tokens && *bytes != std::string(1, static_cast<char>(place))) {
    base64.reject("byte " + std::to_string(place) + " alone");
  }
  return {std::move(*bytes), static_cast<TokenId>(place)};
}

// The file's size of the vocabulary counts the special tokens, too.
std::vector<RankedToken> read_tokens(const JsonField& root, const JsonField& config,
                                     std::size_t specials) {
  const JsonField list = root.at("vocab");
  const std::size_t listed = list.size();
  if (listed < byte_tokens) list.reject("all bytes and more tokens");
  const auto size = config.at("default_vocab_size")
                        .integer(static_cast<std::int64_t>(specials + byte_tokens),
                                 static_cast<std::int64_t>(specials + listed));
  const std::size_t count = static_cast<std::size_t>(size) - specials;
  std::vector<RankedToken> tokens;
  tokens.reserve(count);
  list.visit_elements([&](const JsonField& token) {
    if (tokens.size() < count) tokens.push_back(read_token(token, tokens.size()));
  });
  return tokens;
}

}  // namespace

TekkenFile read_tekken(const fs::path& file) {
  const JsonDocument document =
      read_json(file, {.where = "Tokenizer::load", .field_error = ErrorKind::tokenizer_error});
  const JsonField root = document.root();
  const JsonField config = root.at("config");
  std::vector<std::string> special_tokens = read_tekken_specials(root, config);
  std::vector<RankedToken> tokens = read_tokens(root, config, special_tokens.size());
  return {std::move(special_tokens), std::move(tokens), read_regex(config.at("pattern"))};
}

}  // namespace attend
