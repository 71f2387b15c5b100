// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Folders with slow files in which no file names the tokenizer class.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "attend/core/error.h"
#include "attend/tokenizer/tokenizer.h"
#include "support/error_of.h"
#include "support/paths.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

class UnnamedClass : public testing::Test {
 protected:
  fs::path make(const std::string& name, const std::string& file, const std::string& from) const {
    const fs::path folder = folder_.path() / name;
    fs::create_directory(folder);
    write_file(folder / file, read_file(tests_folder() / "tokenizer/data/families" / from));
    return folder;
  }
  TemporaryFolder folder_;
};

TEST_F(UnnamedClass, TheNameOfTheFolderSaysIt) {
  const Tokenizer xlnet =
      Tokenizer::load(make("xlnet-base-cased", "spiece.model", "unigram.model"));
  EXPECT_EQ(xlnet.token_of(*xlnet.special_tokens().cls), "<cls>");
  const Tokenizer t5 = Tokenizer::load(make("flan-t5-small", "spiece.model", "unigram.model") / "");
  EXPECT_TRUE(t5.id_of("<extra_id_0>"));
  const Tokenizer llama =
      Tokenizer::load(make("Mistral-mistral-7b", "tokenizer.model", "bpe.model"));
  EXPECT_EQ(llama.token_of(*llama.special_tokens().bos), "<s>");
}

TEST_F(UnnamedClass, TheOnlyClassOfTheFileIsIt) {
  const Tokenizer deberta = Tokenizer::load(make("x", "spm.model", "unigram.model"));
  EXPECT_EQ(deberta.token_of(*deberta.special_tokens().mask), "[MASK]");
}

TEST_F(UnnamedClass, NothingIsGuessed) {
  const auto error =
      error_of([&] { return Tokenizer::load(make("my-model", "spiece.model", "unigram.model")); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::unsupported);
  // A class that is named and not known is no reason to look at the folder.
  const fs::path folder = make("albert", "spiece.model", "unigram.model");
  write_file(folder / "tokenizer_config.json", R"({"tokenizer_class": "NopeTokenizer"})");
  EXPECT_TRUE(error_of([&] { return Tokenizer::load(folder); }));
}

}  // namespace
}  // namespace attend::test
