// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts and pairs that are too long for the classes that only Python has, against recorded calls of
// them: see data/families/README.md.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/error_of.h"
#include "support/families.h"
#include "tokenizer/windows.h"

namespace attend::test {
namespace {

using Windows = std::vector<Encoding>;

Truncation truncation_of(const Json& one_case) {
  const std::string strategy = one_case["strategy"];
  Truncation out{.max_length = one_case["max_length"],
                 .side = one_case["side"] == "left" ? Side::left : Side::right,
                 .stride = one_case["stride"]};
  if (strategy == "only_first") out.strategy = TruncationStrategy::only_first;
  if (strategy == "only_second") out.strategy = TruncationStrategy::only_second;
  return out;
}

Windows windows_of(const Tokenizer& tokenizer, const Json& one_case, const EncodeOptions& options) {
  const std::string text = one_case["text"];
  if (!one_case.contains("pair")) return tokenizer.encode_windows(text, options);
  return tokenizer.encode_pair_windows(text, one_case["pair"].get<std::string>(), options);
}

// Every way to encode it, but for windows.
std::vector<std::vector<TokenId>> ids_of(const Tokenizer& tokenizer, const Json& one_case,
                                         const EncodeOptions& options) {
  const std::string text = one_case["text"];
  Encoding into;
  if (!one_case.contains("pair")) {
    const std::string_view texts[] = {text};
    tokenizer.encode_into(text, into, options);
    return {tokenizer.encode(text, options).ids, tokenizer.encode(texts, options)[0].ids, into.ids};
  }
  const std::string pair = one_case["pair"];
  const TextPair pairs[] = {{text, pair}};
  tokenizer.encode_pair_into(text, pair, into, options);
  return {tokenizer.encode_pair(text, pair, options).ids,
          tokenizer.encode_pairs(pairs, options)[0].ids, into.ids};
}

void check_case(const Tokenizer& tokenizer, const Json& one_case, EncodeOptions options) {
  options.add_special_tokens = one_case["special"];
  options.truncation = truncation_of(one_case);
  for (const auto& ids : ids_of(tokenizer, one_case, options)) {
    EXPECT_EQ(Json(ids), one_case["ids"]);
  }
  if (one_case.contains("error")) {
    expect_error(ErrorKind::config_error, {"longest_first", "only_first or only_second"},
                 [&] { return windows_of(tokenizer, one_case, options); });
    return;
  }
  for (const EncodingFields fields : {EncodingFields::all, EncodingFields::ids}) {
    options.fields = fields;
    const Windows windows = windows_of(tokenizer, one_case, options);
    EXPECT_EQ(Json(windows.at(0).ids), one_case["ids"]);
    const auto overflow = windows.size() > 1 ? windows[1].ids : std::vector<TokenId>();
    EXPECT_EQ(Json(overflow), one_case["overflow"]);
    EXPECT_LE(windows.size(), 2U);
    EXPECT_EQ(windows.back().type_ids, std::vector<std::int32_t>(windows.back().ids.size()));
  }
}

TEST(PythonTruncation, AsTheReferenceDoes) {
  const Families families;
  std::size_t cases = 0;
  for (const Json& record : read_json_file(families_folder() / "truncation.json")) {
    const Json& set = families.set(record["set"].get<std::string>());
    const Tokenizer tokenizer = families.load(set);
    EXPECT_FALSE(tokenizer.settings().cuts_windows);
    const bool is_target = set.value("target", false);
    for (const Json& one_case : record["cases"]) {
      SCOPED_TRACE(set["name"].get<std::string>() + one_case.dump());
      check_case(tokenizer, one_case, {.side = is_target ? TextSide::target : TextSide::source});
      ++cases;
    }
  }
  EXPECT_EQ(cases, 560U);
  report_cases("texts that Python classes cut", cases);
}

}  // namespace
}  // namespace attend::test
