// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The "tokenize" calls of the tiny models in tests/golden: what the tokenizer of transformers 4.57
// returns, with pairs, truncation, windows and both ways of decoding.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

std::optional<Truncation> truncation_of(const Json& parameters, const Tokenizer& tokenizer) {
  const Json value = parameters.value("truncation", Json(false));
  if (value == false || value == "do_not_truncate") return std::nullopt;
  Truncation out;
  if (value == "only_first") out.strategy = TruncationStrategy::only_first;
  if (value == "only_second") out.strategy = TruncationStrategy::only_second;
  out.max_length =
      parameters.value("max_length", tokenizer.settings().model_max_length.value_or(0));
  out.stride = parameters.value("stride", Index{0});
  out.side = tokenizer.settings().truncation_side;
  return out;
}

// One key of what the call returns; a list of them with return_overflowing_tokens.
Json merged(const std::vector<Json>& windows, const std::string& key, bool are_many) {
  Json out = Json::array();
  for (const Json& window : windows) out.push_back(window.at(key));
  return are_many ? out : out[0];
}

void check_case(const Tokenizer& tokenizer, const Json& one_case) {
  const Json& inputs = one_case["inputs"];
  const Json& parameters = one_case["parameters"];
  const Json& expected = one_case["expected"];
  Source source{.first = {inputs["text"]}};
  if (inputs.contains("text_pair")) {
    source.has_second = true;
    source.second = {inputs["text_pair"]};
  }
  const EncodeOptions options{.add_special_tokens = parameters.value("add_special_tokens", true),
                              .truncation = truncation_of(parameters, tokenizer)};
  const bool are_many = parameters.value("return_overflowing_tokens", false);
  // Slow tokenizers have no windows of a pair that is cut on both sides.
  const auto encodings =
      source.has_second && !are_many
          ? std::vector{tokenizer.encode_pair(inputs["text"].get<std::string>(),
                                              inputs["text_pair"].get<std::string>(), options)}
          : encode_source(tokenizer, source, options);
  std::vector<Json> windows;
  for (const Encoding& window : encodings) {
    windows.push_back(as_json(tokenizer, window, source));
    // Recorded by convert_ids_to_tokens(): an unknown token by its name, not by its text.
    Json tokens = Json::array();
    for (const TokenId id : window.ids) tokens.push_back(tokenizer.token_of(id));
    windows.back()["tokens"] = std::move(tokens);
  }
  const std::pair<const char*, const char*> keys[] = {
      {"input_ids", "ids"},
      {"token_type_ids", "type_ids"},
      {"special_tokens_mask", "special_tokens_mask"},
      {"offset_mapping", "offsets"},
      {"word_ids", "word_ids"},
      {"tokens", "tokens"}};
  for (const auto& [theirs, ours] : keys) {
    if (expected.contains(theirs)) {
      EXPECT_EQ(merged(windows, ours, are_many), expected[theirs]);
    }
  }
  EXPECT_EQ(expected.contains("token_type_ids"), tokenizer.settings().has_type_ids);
  if (!expected.contains("decoded")) return;
  std::vector<Json> decoded;
  for (const Json& window : windows) {
    const auto ids = window["ids"].get<std::vector<TokenId>>();
    decoded.push_back({{"decoded", tokenizer.decode(ids)},
                       {"without", tokenizer.decode(ids, {.skip_special_tokens = true})}});
  }
  EXPECT_EQ(merged(decoded, "decoded", are_many), expected["decoded"]);
  EXPECT_EQ(merged(decoded, "without", are_many), expected["decoded_without_special_tokens"]);
}

TEST(GoldenTokenizer, TokenizeCalls) {
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(tests_folder() / "golden")) {
    if (!fs::exists(entry.path() / "cases.json")) continue;
    SCOPED_TRACE(entry.path().filename().string());
    const Json recorded = read_json_file(entry.path() / "cases.json");
    if (recorded.empty()) continue;  // a folder of tensors alone has no tokenizer
    const Tokenizer tokenizer = Tokenizer::load(entry.path());
    for (const Json& one_case : recorded) {
      if (one_case.value("call", "") != "tokenize") continue;
      SCOPED_TRACE(one_case["id"].get<std::string>());
      check_case(tokenizer, one_case);
      ++cases;
    }
  }
  EXPECT_GE(cases, 30U);
  report_cases("tokenize calls of tests/golden", cases);
}

}  // namespace
}  // namespace attend::test
