// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that tokenizers 0.22.2 loads or refuses, one for each doubt about the format, and what
// those it loads make of one text.
#include <gtest/gtest.h>

#include <map>

#include "attend/core/error.h"
#include "attend/tokenizer/tokenizer.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

// Where we differ, and why.
const std::map<std::string, ErrorKind> refused_here = {
    {"dropout-half", ErrorKind::unsupported},  // leaves merges out by chance: for training
};

struct Outcome {
  std::optional<Error> error;
  Encoding encoding;
  std::vector<std::string> tokens;
};

Outcome try_file(const std::filesystem::path& file, const std::string& text) {
  Outcome out;
  out.error = error_of([&] {
    const Tokenizer tokenizer = Tokenizer::load(file);
    out.encoding = tokenizer.encode(text);
    for (const std::string_view token : tokenizer.tokens(out.encoding)) {
      out.tokens.emplace_back(token);
    }
    return 0;
  });
  return out;
}

void check_case(const Json& one_case, const Outcome& found) {
  const std::string name = one_case.at("name");
  if (const auto refused = refused_here.find(name); refused != refused_here.end()) {
    ASSERT_TRUE(found.error);
    EXPECT_EQ(found.error->kind(), refused->second) << found.error->what();
    return;
  }
  const bool is_good = one_case.at("loads") && !one_case["encode"].contains("error") &&
                       !one_case["encode"].contains("panic");
  if (!is_good) {
    ASSERT_TRUE(found.error) << "it was loaded";
    EXPECT_NE(found.error->kind(), ErrorKind::internal) << found.error->what();
    return;
  }
  ASSERT_FALSE(found.error) << found.error->what();
  EXPECT_EQ(Json(found.encoding.ids), one_case["encode"]["ids"]);
  EXPECT_EQ(Json(found.tokens), one_case["encode"]["tokens"]);
}

TEST(LoadCases, AsTheReferenceDoes) {
  const Json cases = read_json_file(tests_folder() / "tokenizer" / "data" / "load.json")["cases"];
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "tokenizer.json";
  for (const Json& one_case : cases) {
    SCOPED_TRACE(one_case.dump());
    write_file(file, one_case.at("json").get<std::string>());
    check_case(one_case, try_file(file, "a ab x"));
  }
  EXPECT_EQ(cases.size(), 81U);
  report_cases("files to load or refuse", cases.size());
}

}  // namespace
}  // namespace attend::test
