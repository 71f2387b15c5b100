// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Gaps of Code Llama against what transformers 4.57 gives (data/families/README.md), also after
// saving: room for the texts, tokens at the ends, special tokens under any name.
#include "tokenizer/infilling.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "attend/tokenizer/token_map.h"
#include "support/families.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

Tokenizer load(const Json& config) {
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.model", read_file(families_folder() / "bpe.model"));
  Json with_class = config;
  with_class["tokenizer_class"] = "CodeLlamaTokenizer";
  write_file(folder.path() / "tokenizer_config.json", with_class.dump());
  return Tokenizer::load(folder.path());
}

Tokenizer saved(const Tokenizer& tokenizer) {
  const TemporaryFolder folder;
  tokenizer.save(folder.path());
  return Tokenizer::load(folder.path());
}

void check_case(const Tokenizer& tokenizer, const Json& one_case) {
  EncodeOptions options{.add_special_tokens = one_case["add_special_tokens"]};
  if (one_case.contains("max_length")) {
    options.truncation =
        Truncation{.max_length = one_case["max_length"], .stride = one_case.value("stride", 0)};
  }
  const auto windows = encode_source(tokenizer, source_of(one_case), options);
  Json ids = Json::array();
  for (const Encoding& window : windows) ids.push_back(window.ids);
  EXPECT_EQ(ids, one_case["windows"]);
  if (one_case.contains("pair")) return;
  const CodePointIndex index(one_case["text"].get<std::string>());
  for (const Range range : code_point_offsets(windows[0], {&index, 1})) {
    EXPECT_LE(range.end, index.size());
  }
  Encoding into;
  tokenizer.encode_into(one_case["text"].get<std::string>(), into, options);
  EXPECT_EQ(into.ids, windows[0].ids);
}

TEST(Infilling, AsTheReference) {
  const Json sets = read_json_file(families_folder() / "gaps.json");
  std::size_t cases = 0;
  for (const Json& set : sets) {
    SCOPED_TRACE(set["config"].dump());
    const Tokenizer tokenizer = load(set["config"]);
    const Tokenizer again = saved(tokenizer);
    for (const Json& one_case : set["cases"]) {
      SCOPED_TRACE(one_case.dump());
      // transformers takes an empty pair for none.
      Json without = one_case;
      if (one_case.value("pair", "x").empty()) without.erase("pair");
      check_case(tokenizer, without);
      check_case(again, without);
      ++cases;
    }
  }
  EXPECT_EQ(cases, 5U * 42U);
  report_cases("gaps of Code Llama", cases);
}

}  // namespace
}  // namespace attend::test
