// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizers that know languages: each call names its own, as setting src_lang and tgt_lang does in
// the reference (data/language_cases.json).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "attend/tokenizer/tokenizer.h"
#include "support/allocation_count.h"
#include "support/error_of.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::test {
namespace {

Tokenizer load_golden(const std::string& folder) {
  return Tokenizer::load(tests_folder() / "golden" / folder);
}

TEST(Languages, OfEachCall) {
  std::map<std::string, Tokenizer> tokenizers;
  const Json cases = read_json_file(tests_folder() / "tokenizer/data/language_cases.json");
  for (const Json& one : cases) {
    const std::string folder = one["folder"];
    const std::string language = one["language"];
    SCOPED_TRACE(folder + " " + language);
    if (!tokenizers.contains(folder)) tokenizers.emplace(folder, load_golden(folder));
    const Tokenizer& tokenizer = tokenizers.at(folder);
    const std::string text = one["text"];
    const std::string pair = one["pair"];
    const EncodeOptions source{.language = language};
    EXPECT_EQ(tokenizer.language_id(language), one["id"].get<TokenId>());
    EXPECT_EQ(Json(tokenizer.encode(text, source).ids), one["ids"]);
    EXPECT_EQ(Json(tokenizer.encode_pair(text, pair, source).ids), one["pair_ids"]);
    EXPECT_EQ(
        Json(tokenizer
                 .encode(text, {.language = language, .truncation = Truncation{.max_length = 5}})
                 .ids),
        one["cut"]);
    EXPECT_EQ(Json(tokenizer.encode(text, {.side = TextSide::target, .language = language}).ids),
              one["target_ids"]);
  }
  EXPECT_EQ(cases.size(), 14U);
}

TEST(Languages, ThoseOfTheFolderWhereACallNamesNone) {
  const Tokenizer tokenizer = load_golden("m2m_100-translation");
  const auto before = tokenizer.encode("the").ids;
  static_cast<void>(tokenizer.encode("the", {.language = "fr"}));
  EXPECT_EQ(tokenizer.encode("the").ids, before);
  EXPECT_EQ(tokenizer.encode("the", {.language = "en"}).ids, before);
}

TEST(Languages, AreListed) {
  const Tokenizer mbart = load_golden("mbart-translation-25");
  const auto codes = mbart.languages();  // views into it
  EXPECT_EQ(codes.size(), 25U);
  EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
  EXPECT_TRUE(std::binary_search(codes.begin(), codes.end(), "en_XX"));
  const Tokenizer m2m = load_golden("m2m_100-translation");
  EXPECT_EQ(m2m.languages().size(), 100U);
  for (const char* folder : {"marian-translation", "bert-fill-mask"}) {
    const Tokenizer none = load_golden(folder);
    EXPECT_TRUE(none.languages().empty());
  }
}

TEST(Languages, ThatATokenizerDoesNotKnow) {
  const Tokenizer mbart = load_golden("mbart-translation-25");
  expect_error(ErrorKind::config_error, {"language", "one of 25, such as en_XX", "\"english\""},
               [&] { return mbart.language_id("english"); });
  expect_error(ErrorKind::config_error, {"\"en\""},
               [&] { return mbart.encode("a", {.language = "en"}); });
  expect_error(ErrorKind::config_error, {"ar_AR", "..."}, [&] { return mbart.language_id("xx"); });
  const Tokenizer m2m100 = load_golden("m2m_100-translation");
  for (const char* code : {"en_XX", "__en__", "</s>", ""}) {
    expect_error(ErrorKind::config_error, {"one of 100"}, [&] { return m2m100.language_id(code); });
  }
  for (const char* folder : {"bert-fill-mask", "marian-translation"}) {
    for (const TextSide side : {TextSide::source, TextSide::target}) {
      expect_error(ErrorKind::config_error, {"does not tell languages apart"}, [&] {
        return load_golden(folder).encode("a", {.side = side, .language = "en"});
      });
    }
  }
}

TEST(Languages, ThatWereAdded) {
  const Tokenizer mbart = load_golden("mbart-translation-25");
  const NewToken token{.content = "eo_XX"};
  const Tokenizer more = mbart.with_added_tokens({&token, 1}).tokenizer;
  const TokenId id = more.id_of("eo_XX").value();
  EXPECT_EQ(more.language_id("eo_XX"), id);
  EXPECT_EQ(more.encode("the", {.language = "eo_XX"}).ids.back(), id);
  EXPECT_EQ(more.encode("the", {.language = "de_DE"}).ids,
            mbart.encode("the", {.language = "de_DE"}).ids);
}

TEST(Languages, TakeNoMemoryInSteadyState) {
  for (const char* folder : {"m2m_100-translation", "mbart-translation-50"}) {
    const Tokenizer tokenizer = load_golden(folder);
    std::vector<std::string> codes;
    for (const auto code : tokenizer.languages()) codes.emplace_back(code);
    Encoding encoding;
    const auto run = [&] {
      for (const std::string& code : codes) {
        tokenizer.encode_into("the house", encoding, {.language = code});
        tokenizer.encode_into("the house", encoding, {.side = TextSide::target, .language = code});
      }
    };
    run();
    run();
    const auto before = allocation_count();
    run();
    EXPECT_EQ(allocation_count(), before) << folder;
  }
}

}  // namespace
}  // namespace attend::test
