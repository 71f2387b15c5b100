// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run tokenize --model FOLDER` for published folders as they are, few of which name a
// class: then a file of theirs tells it, or their name.
#include <gtest/gtest.h>

#include "cli/json_filter.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using test::Json;

constexpr std::string_view text = "Hello, world! It's 2024: caf\u00E9 \u4E2D\u6587 \U0001F600";

// Copies a folder, with its compressed files unpacked.
void unpack_folder(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path name = entry.path().filename();
    if (name.extension() == ".gz") {
      test::gunzip(entry.path(), to / name.stem());
    } else {
      fs::copy(entry.path(), to / name);
    }
  }
}

void check_folder(const fs::path& folder) {
  const JsonFilter filter("tokenize", folder.string());
  const InputLine line{Json{{"inputs", text}, {"parameters", Json::object()}}.dump()};
  const Json found = test::json_of(filter.answer({&line, 1}).lines.at(0));
  ASSERT_TRUE(found.contains("input_ids")) << found;
  const Tokenizer tokenizer = Tokenizer::load(folder);
  EXPECT_EQ(found["input_ids"], Json(tokenizer.encode(text).ids));
  EXPECT_GT(found["input_ids"].size(), 8U) << found;
  EXPECT_NE(tokenizer.decode(found["input_ids"].get<std::vector<TokenId>>()).find("world"),
            std::string::npos);
}

TEST(TokenizeFolders, EveryPublishedOne) {
  const auto shared = test::shared("data/tokenizers");
  if (!shared) GTEST_SKIP() << "data/tokenizers is not there";
  const test::TemporaryFolder unpacked;
  int count = 0;
  for (const auto& entry : fs::directory_iterator(*shared)) {
    const std::string name = entry.path().filename().string();
    SCOPED_TRACE(name);
    const fs::path folder = unpacked.path() / name;
    unpack_folder(entry.path(), folder);
    if (name != "sentencepiece-fixtures") {
      check_folder(folder);
      ++count;
      continue;
    }
    // Models alone, of no tokenizer in particular.
    for (const auto& model : fs::directory_iterator(folder)) {
      if (model.path().extension() != ".model") continue;
      SCOPED_TRACE(model.path().filename());
      const fs::path one = unpacked.path() / ("t5-" + model.path().stem().string());
      fs::create_directories(one);
      fs::copy(model.path(), one / "spiece.model");
      ++count;
      if (model.path().stem() == "test_sentencepiece_bpe_char") {  // which no class here has
        test::expect_error(ErrorKind::unsupported, {"by word or character", "spiece.model"},
                           [&] { JsonFilter("tokenize", one.string()); });
      } else {
        check_folder(one);
      }
    }
  }
  EXPECT_GE(count, 24);
  test::report_cases("published folders", static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace attend::cli
