// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A tokenizer that was saved and loaded again is the same one: for every tokenizer that is at hand,
// its texts give the same tokens, and saved again it gives the same bytes. That the reference reads
// the files alike was checked when the writer was made.
#include <gtest/gtest.h>

#include <algorithm>

#include "attend/core/error.h"
#include "support/error_of.h"
#include "support/families.h"
#include "support/paths.h"
#include "support/real_sets.h"
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

void expect_same_tokens(const Tokenizer& a, const Tokenizer& b, const Json& one_case,
                        TextSide side) {
  const Source source = source_of(one_case);
  const EncodeOptions options{.add_special_tokens = one_case.value("add_special_tokens", true),
                              .side = side};
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

// The tokenizer that is loaded from what a tokenizer saved. Saved again it gives the same bytes.
Tokenizer saved_and_loaded(const Tokenizer& tokenizer, const TemporaryFolder& saved) {
  tokenizer.save(saved.path());
  Tokenizer again = Tokenizer::load(saved.path());
  const TemporaryFolder twice;
  again.save(twice.path());
  EXPECT_EQ(names_in(saved.path()), names_in(twice.path()));
  for (const std::string& file : names_in(saved.path())) {
    EXPECT_EQ(read_file(saved.path() / file), read_file(twice.path() / file)) << file;
  }
  return again;
}

std::size_t check_cases(const Tokenizer& tokenizer, const Tokenizer& again, const Json& cases,
                        TextSide side = TextSide::source) {
  for (const Json& one_case : cases) {
    SCOPED_TRACE(one_case.dump());
    expect_same_tokens(tokenizer, again, one_case, side);
  }
  return cases.size();
}

struct Checked {
  std::size_t files = 0;
  std::size_t cases = 0;
};

Checked check_files(const fs::path& folder) {
  Checked checked;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string name = entry.path().filename().string();
    if (!name.ends_with(".tokenizer.json")) continue;
    SCOPED_TRACE(entry.path().parent_path().filename().string() + "/" + name);
    const TemporaryFolder saved;
    const Tokenizer tokenizer = Tokenizer::load(entry);
    const Tokenizer again = saved_and_loaded(tokenizer, saved);
    const Json before = read_json_file(entry);
    const Json after = read_json_file(saved.path() / "tokenizer.json");
    for (const char* key : {"truncation", "padding"}) {
      EXPECT_EQ(before.value(key, Json()), after.at(key));
    }
    name.replace(name.size() - 14, 14, "cases.json");
    checked.cases +=
        check_cases(tokenizer, again, read_json_file(entry.path().parent_path() / name)["cases"]);
    ++checked.files;
  }
  return checked;
}

TEST(Save, CopiedComponents) {
  const Checked checked = check_files(tests_folder() / "tokenizer" / "data" / "components");
  EXPECT_GT(checked.cases, 300U);
  report_cases("copied components, saved", checked.cases);
}

TEST(Save, AllComponents) {
  const auto archive = shared("golden-tokenizers/components.tar.xz");
  if (!archive) GTEST_SKIP() << "golden-tokenizers/components.tar.xz is not there";
  const TemporaryFolder folder;
  unpack(*archive, folder.path());
  const Checked checked = check_files(folder.path());
  EXPECT_EQ(checked.files, 247U);
  report_cases("all components, saved", checked.cases);
}

TEST(Save, EveryFamily) {
  const Families families;
  std::size_t cases = 0;
  for (const Json& set : families.sets()) {
    SCOPED_TRACE(set["name"].get<std::string>());
    const Tokenizer tokenizer = families.load(set);
    const TemporaryFolder saved;
    const Tokenizer again = saved_and_loaded(tokenizer, saved);
    const TextSide side = set.value("target", false) ? TextSide::target : TextSide::source;
    cases += check_cases(tokenizer, again, set["cases"], side);
  }
  report_cases("families, saved", cases);
}

// The saved vocabulary in the place of the one that the folder had.
std::size_t check_vocabulary_files(const Json& set, const fs::path& folder, const fs::path& saved,
                                   const Tokenizer& tokenizer) {
  std::size_t files = 0;
  for (const char* name : {"vocab.txt", "vocab.json", "merges.txt"}) {
    if (!fs::exists(folder / name) || !fs::exists(saved / name)) continue;
    fs::copy_file(saved / name, folder / name, fs::copy_options::overwrite_existing);
    ++files;
  }
  if (files > 0) check_cases(tokenizer, Tokenizer::load(folder), set["cases"]);
  return files;
}

TEST(Save, RealTokenizers) {
  const auto sets = RealSets::open("real");
  if (!sets) GTEST_SKIP() << "golden-tokenizers/real.tar.xz or data/tokenizers is not there";
  std::size_t cases = 0;
  std::size_t files = 0;
  for (const std::string& name : sets->names()) {
    SCOPED_TRACE(name);
    const Json set = sets->read(name);
    const RealFolder folder(set);
    const Tokenizer tokenizer = folder.load();
    const TemporaryFolder saved;
    const Tokenizer again = saved_and_loaded(tokenizer, saved);
    cases += check_cases(tokenizer, again, set["cases"]);
    files += check_vocabulary_files(set, folder.path(), saved.path(), tokenizer);
  }
  EXPECT_GT(files, 0U);
  report_cases("real tokenizers, saved", cases);
  report_cases("vocabulary files of them", files);
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

// Classes that only Python has read no tokenizer.json: the files are those of save_pretrained().
TEST(Save, FilesOfPythonClasses) {
  struct Case {
    std::string set;
    Json config;
    std::vector<std::string> files;  // beside the two that are always there
  };
  const Json marian = {{"source_lang", "fr"}, {"target_lang", "en"}, {"model_max_length", 1e30}};
  const Json m2m100 = {{"language_codes", "wmt21"},
                       {"src_lang", "de"},
                       {"sep_token", nullptr},
                       {"split_special_tokens", true},
                       {"extra_special_tokens", {{"image_token", "<image>"}}}};
  const std::vector<Case> cases = {
      {"MarianTokenizer", marian, {"source.spm", "target.spm", "vocab.json"}},
      {"marian with two vocabularies",
       {{"separate_vocabs", true}},
       {"source.spm", "target.spm", "target_vocab.json", "vocab.json"}},
      {"marian with added tokens",
       {},
       {"added_tokens.json", "source.spm", "target.spm", "vocab.json"}},
      {"M2M100Tokenizer", m2m100, {"added_tokens.json", "sentencepiece.bpe.model", "vocab.json"}},
  };
  const Families families;
  for (const Case& one : cases) {
    SCOPED_TRACE(one.set);
    Json set = families.set(one.set);
    if (one.config.is_object()) set["config"].update(one.config);
    const Tokenizer tokenizer = families.load(set);
    const TemporaryFolder saved;
    const Tokenizer again = saved_and_loaded(tokenizer, saved);
    auto names = one.files;
    names.insert(names.end(), {"special_tokens_map.json", "tokenizer_config.json"});
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names_in(saved.path()), names);
    for (const auto& [to, from] : set["files"].items()) {
      if (to.ends_with(".json")) {
        EXPECT_EQ(read_json_file(saved.path() / to),
                  read_json_file(families_folder() / from.get<std::string>()));
        continue;
      }
      EXPECT_EQ(read_file(saved.path() / to), read_file(families_folder() / from)) << to;
    }
    const Json config = read_json_file(saved.path() / "tokenizer_config.json");
    for (const auto& [key, value] : one.config.items()) EXPECT_EQ(config.at(key), value) << key;
    EXPECT_EQ(again.settings().model_max_length, tokenizer.settings().model_max_length);
    EXPECT_EQ(again.special_tokens().sep, tokenizer.special_tokens().sep);
    EXPECT_EQ(again.encode("</s> <image>").ids, tokenizer.encode("</s> <image>").ids);
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
