// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A tokenizer that was saved and loaded again is the same one: for every small tokenizer that is at
// hand, its texts give the same tokens. That the reference reads the files alike was checked when
// the writer was made; these files do not change unnoticed, because what is saved again is equal
// byte for byte.
#include <gtest/gtest.h>

#include <algorithm>

#include "attend/core/error.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void expect_same_tokens(const Tokenizer& a, const Tokenizer& b, const Json& one_case) {
  const Source source = source_of(one_case);
  const EncodeOptions options{.add_special_tokens = one_case.value("add_special_tokens", true)};
  const auto found = [&](const Tokenizer& tokenizer) {
    Json out = Json::array();
    for (const Encoding& encoding : encode_source(tokenizer, source, options)) {
      out.push_back(as_json(tokenizer, encoding, source));
      out.push_back(tokenizer.decode(encoding.ids, {.skip_special_tokens = true}));
    }
    return out;
  };
  std::optional<Json> expected;
  const auto error = error_of([&] { return expected = found(a); });
  if (error) {
    expect_error(error->kind(), {}, [&] { return found(b); });
  } else {
    EXPECT_EQ(found(b), *expected);
  }
}

std::size_t check_files(const fs::path& folder) {
  std::size_t cases = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string name = entry.path().filename().string();
    if (!name.ends_with(".tokenizer.json")) continue;
    SCOPED_TRACE(entry.path().parent_path().filename().string() + "/" + name);
    std::optional<Tokenizer> loaded;
    if (const auto error = error_of([&] { return loaded.emplace(Tokenizer::load(entry)), 0; })) {
      EXPECT_EQ(error->kind(), ErrorKind::unsupported) << error->what();
      continue;
    }
    const TemporaryFolder saved;
    loaded->save(saved.path());
    const Tokenizer again = Tokenizer::load(saved.path());
    name.replace(name.size() - 14, 14, "cases.json");
    const Json recorded = read_json_file(entry.path().parent_path() / name);
    for (const Json& one_case : recorded["cases"]) {
      SCOPED_TRACE(one_case.dump());
      expect_same_tokens(*loaded, again, one_case);
      ++cases;
    }
    const TemporaryFolder twice;
    again.save(twice.path());
    EXPECT_EQ(names_in(saved.path()), names_in(twice.path()));
    for (const std::string& file : names_in(saved.path())) {
      EXPECT_EQ(read_file(saved.path() / file), read_file(twice.path() / file)) << file;
    }
  }
  return cases;
}

TEST(Save, CopiedComponents) {
  const std::size_t cases = check_files(tests_folder() / "tokenizer" / "data" / "components");
  EXPECT_GT(cases, 300U);
  report_cases("copied components, saved", cases);
}

TEST(Save, FoldersKeepTheirSettings) {
  for (const char* name : {"bert-fill-mask", "distilbert-sequence-classification"}) {
    SCOPED_TRACE(name);
    const Tokenizer tokenizer = Tokenizer::load(tests_folder() / "golden" / name);
    const TemporaryFolder folder;
    tokenizer.save(folder.path() / "new" / "folder");
    const Tokenizer again = Tokenizer::load(folder.path() / "new" / "folder");
    const TokenizerSettings& a = tokenizer.settings();
    const TokenizerSettings& b = again.settings();
    EXPECT_EQ(a.model_max_length, b.model_max_length);
    EXPECT_EQ(a.clean_up_tokenization_spaces, b.clean_up_tokenization_spaces);
    EXPECT_EQ(a.has_type_ids, b.has_type_ids);
    EXPECT_EQ(a.continuing_subword_prefix, b.continuing_subword_prefix);
    const SpecialTokens& roles = tokenizer.special_tokens();
    EXPECT_EQ(roles.cls, again.special_tokens().cls);
    EXPECT_EQ(roles.mask, again.special_tokens().mask);
    EXPECT_EQ(roles.bos, again.special_tokens().bos);
    EXPECT_EQ(tokenizer.vocabulary_size(), again.vocabulary_size());
    for (TokenId id = 0; id < tokenizer.vocabulary_size(); ++id) {
      ASSERT_EQ(tokenizer.token_of(id), again.token_of(id));
      ASSERT_EQ(tokenizer.is_special(id), again.is_special(id));
    }
    EXPECT_EQ(tokenizer.encode_pair("The [MASK] caf\xC3\xA9s.", "unbelievable").ids,
              again.encode_pair("The [MASK] caf\xC3\xA9s.", "unbelievable").ids);
    EXPECT_EQ(names_in(folder.path() / "new" / "folder"),
              (std::vector<std::string>{"special_tokens_map.json", "tokenizer.json",
                                        "tokenizer_config.json", "vocab.txt"}));
  }
}

// The same vocabulary without tokenizer.json, by the recipe of its class.
TEST(Save, VocabularyFileIsOneOfTheSlowTokenizer) {
  const fs::path golden = tests_folder() / "golden" / "bert-fill-mask";
  const TemporaryFolder folder;
  Tokenizer::load(golden).save(folder.path());
  fs::remove(folder.path() / "tokenizer.json");
  fs::copy_file(golden / "tokenizer_config.json", folder.path() / "tokenizer_config.json",
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(Tokenizer::load(folder.path()).encode("A transformer.").ids,
            Tokenizer::load(golden).encode("A transformer.").ids);
}

TEST(Save, WhatAVocabularyFileCannotHoldIsNotWritten) {
  const auto files = [](const Json& model) {
    const TemporaryFolder folder;
    load_tokenizer({{"model", model}}).save(folder.path());
    return names_in(folder.path());
  };
  const auto wordpiece = [](const Json& vocabulary) -> Json {
    return {{"type", "WordPiece"},
            {"unk_token", "u"},
            {"continuing_subword_prefix", "##"},
            {"max_input_chars_per_word", 100},
            {"vocab", vocabulary}};
  };
  const std::vector<std::string> always{"special_tokens_map.json", "tokenizer.json",
                                        "tokenizer_config.json"};
  auto with_vocabulary = always;
  with_vocabulary.emplace_back("vocab.txt");
  EXPECT_EQ(files(wordpiece({{"u", 0}, {"a", 1}})), with_vocabulary);
  EXPECT_EQ(files(wordpiece({{"u", 0}, {"a", 2}})), always);
  EXPECT_EQ(files(wordpiece({{"u", 0}, {"a\nb", 1}})), always);
}

TEST(Save, Refusals) {
  const Tokenizer tokenizer = Tokenizer::load(tests_folder() / "golden" / "bert-fill-mask");
  const TemporaryFolder folder;
  write_file(folder.path() / "file", "x");
  for (const char* name : {"file", "file/below"}) {
    expect_error(ErrorKind::access_denied, {"Tokenizer::save", "file"},
                 [&] { return tokenizer.save(folder.path() / name), 0; });
  }
  // A folder where a file belongs: nothing else is touched, and nothing is left over.
  const fs::path blocked = folder.path() / "blocked";
  write_file(blocked / "vocab.txt", "as it was");
  fs::create_directories(blocked / "tokenizer.json");
  expect_error(ErrorKind::access_denied, {"Tokenizer::save", "tokenizer.json"},
               [&] { return tokenizer.save(blocked), 0; });
  EXPECT_EQ(names_in(blocked), (std::vector<std::string>{"tokenizer.json", "vocab.txt"}));
  EXPECT_EQ(read_file(blocked / "vocab.txt"), "as it was");
}

}  // namespace
}  // namespace attend::test
