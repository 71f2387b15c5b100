// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Folders with tekken.json: which file counts, and what the recorded cases of data/families do not
// show. Files that must be refused are in bad_files_test.cpp.
#include <gtest/gtest.h>

#include "support/families.h"
#include "support/paths.h"
#include "tokenizer/minimal_file.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;

class Tekken : public testing::Test {
 protected:
  Tekken() { copy("tekken.json", "tekken.json"); }
  void copy(std::string_view from, std::string_view to) const {
    write_file(folder_.path() / to, read_file(families_folder() / from));
  }
  void write(std::string_view name, const Json& content) const {
    write_file(folder_.path() / name, content.dump());
  }
  [[nodiscard]] Tokenizer load() const { return Tokenizer::load(folder_.path()); }

  TemporaryFolder folder_;
  const Ids hi_ = {1, 104, 137, 2};  // <s> H i </s>: 32 special tokens before the bytes
};

TEST_F(Tekken, NeedsNoOtherFile) {
  const Tokenizer tokenizer = load();
  EXPECT_EQ(tokenizer.encode("Hi").ids, hi_);
  EXPECT_EQ(tokenizer.encode_pair("H", "i").ids, (Ids{1, 104, 2, 1, 137, 2}));
  EXPECT_EQ(tokenizer.special_tokens().unk, 0);
  EXPECT_EQ(tokenizer.special_tokens().bos, 1);
  EXPECT_EQ(tokenizer.special_tokens().eos, 2);
  EXPECT_EQ(tokenizer.special_tokens().pad, 11);
  EXPECT_EQ(tokenizer.settings().padding_side, Side::left);
  EXPECT_FALSE(tokenizer.settings().has_type_ids);
}

TEST_F(Tekken, HasAsManyTokensAsItsSizeTakes) {
  const Json file = read_json_file(families_folder() / "tekken.json");
  ASSERT_GT(file["vocab"].size(), 496U);
  const Tokenizer tokenizer = load();
  EXPECT_EQ(tokenizer.vocabulary_size(), 528);
  EXPECT_EQ(tokenizer.token_of(527), file["vocab"][495]["token_str"]);
  EXPECT_FALSE(tokenizer.id_of(file["vocab"][496]["token_str"].get<std::string>()));
}

TEST_F(Tekken, ComesBeforeOlderFilesAndTheirClass) {
  write("config.json", {{"model_type", "mistral"}});
  EXPECT_EQ(load().encode("Hi").ids, hi_);
  copy("bpe.model", "tokenizer.model");
  write("tokenizer_config.json", {{"tokenizer_class", "LlamaTokenizer"},
                                  {"add_eos_token", false},
                                  {"padding_side", "right"},
                                  {"added_tokens_decoder", {{"1", {{"content", "Hi"}}}}}});
  EXPECT_EQ(load().encode("Hi").ids, hi_);
  EXPECT_EQ(load().settings().padding_side, Side::left);
  copy("ranks.model", "tokenizer.model");
  EXPECT_EQ(load().encode("Hi").ids, hi_);
}

TEST_F(Tekken, ComesBehindTokenizerJson) {
  write("tokenizer.json", minimal());
  EXPECT_EQ(load().encode("A").ids, (Ids{1, 5, 2}));
  write("config.json", {{"model_type", "bert"}});
  EXPECT_EQ(load().encode("A").ids, (Ids{1, 3, 2}));  // the other files count, too
  // A class that asks for its slow files does not mean this one.
  write("tokenizer_config.json", {{"tokenizer_class", "LlamaTokenizer"},
                                  {"add_bos_token", false},
                                  {"add_prefix_space", true}});
  EXPECT_EQ(load().id_of("##b"), 4);
}

// Newer versions change nothing that is read here; only old ones may leave out the special tokens.
TEST_F(Tekken, MayBeOfAVersionThatIsNotKnown) {
  Json file = read_json_file(families_folder() / "tekken.json");
  file["config"]["version"] = "v99";
  write("tekken.json", file);
  EXPECT_EQ(load().encode("Hi").ids, hi_);
}

}  // namespace
}  // namespace attend::test
