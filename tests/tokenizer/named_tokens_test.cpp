// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that contradict each other: ids of added tokens that are not those of the vocabulary,
// tokens with two ids, plain tokens that have a name. As transformers 4.57 takes them, or a typed
// error.
#include "tokenizer/named_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/error_of.h"
#include "support/families.h"
#include "support/paths.h"

namespace attend::test {
namespace {

// A set with the changes of a record, in a folder. Their order counts.
Tokenizer load(const Families& families, const OrderedJson& record) {
  const Json& set = families.set(record["set"].get<std::string>());
  const TemporaryFolder folder;
  families.write(set, folder.path());
  OrderedJson config = record.value("config", OrderedJson::object());
  for (const auto& [key, value] : set["config"].items()) {
    if (!config.contains(key)) config[key] = value;
  }
  write_file(folder.path() / "tokenizer_config.json", config.dump());
  if (record.contains("added_tokens")) {
    write_file(folder.path() / "added_tokens.json", record["added_tokens"].dump());
  }
  if (record.contains("plain")) {
    Json file = read_json_file(folder.path() / "tokenizer.json");
    file["added_tokens"].push_back(Json(record["plain"]));
    write_file(folder.path() / "tokenizer.json", file.dump());
  }
  return Tokenizer::load(folder.path());
}

void check_case(const Tokenizer& tokenizer, const OrderedJson& one_case) {
  const std::string text = one_case["text"];
  const Encoding found = one_case.contains("pair")
                             ? tokenizer.encode_pair(text, one_case["pair"].get<std::string>())
                             : tokenizer.encode(text);
  EXPECT_EQ(OrderedJson(found.ids), one_case["ids"]);
  std::vector<std::string> tokens;
  for (const std::string_view token : tokenizer.tokens(found)) tokens.emplace_back(token);
  EXPECT_EQ(OrderedJson(tokens), one_case["tokens"]);
  EXPECT_EQ(tokenizer.decode(found.ids, {.skip_special_tokens = true}),
            one_case["decode_skip_special"].get<std::string>());
}

TEST(NamedTokens, FilesThatContradictEachOther) {
  const Families families;
  const OrderedJson records = ordered_json_of(read_file(families_folder() / "ids.json"));
  std::size_t cases = 0;
  for (const OrderedJson& record : records) {
    SCOPED_TRACE(record.dump().substr(0, 400));
    const Tokenizer tokenizer = load(families, record);
    for (const OrderedJson& one_case : record["cases"]) {
      SCOPED_TRACE(one_case.dump());
      check_case(tokenizer, one_case);
      ++cases;
    }
  }
  EXPECT_EQ(records.size(), 72U);
  report_cases("texts through files that contradict each other", cases);
}

// Which of the ids of Pegasus and SeamlessM4T counts hangs on the order of keys and on the offset.
TEST(NamedTokens, IdsThatAreRefused) {
  const Families families;
  const auto refuses = [&](const char* set, const char* token, TokenId own, TokenId given) {
    expect_error(ErrorKind::tokenizer_error,
                 {"id of \"" + std::string(token) + "\"", "expected " + std::to_string(own),
                  "found " + std::to_string(given), "added_tokens.json"},
                 [&] {
                   return load(families, {{"set", set}, {"added_tokens", {{token, given}}}});
                 });
  };
  refuses("PegasusTokenizer", "<pad>", 0, 201);
  refuses("PegasusTokenizer", "</s>", 1, 300);
  refuses("PegasusTokenizer", "<mask_2>", 3, 9);
  refuses("SeamlessM4TTokenizer", "<unk>", 1, 7);
  expect_error(
      ErrorKind::tokenizer_error,
      {"id of \"<x>\"", "that of \"<unk>\"", "found 1", "added_tokens.json"}, [&] {
        return load(families, {{"set", "SeamlessM4TTokenizer"}, {"added_tokens", {{"<x>", 1}}}});
      });
  // No token has the id that would stand around every text.
  refuses("BarthezTokenizer", "</s>", 2, 300);
  refuses("MPNetTokenizer", "</s>", 200, 9'000);
}

}  // namespace
}  // namespace attend::test
