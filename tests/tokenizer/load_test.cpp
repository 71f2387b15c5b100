// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Loading: which file says what. Files that must be refused are in bad_files_test.cpp.
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>

#include "attend/tokenizer/tokenizer.h"
#include "support/cost.h"
#include "support/error_of.h"
#include "support/families.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"
#include "tokenizer/minimal_file.h"
#include "tokenizer/sentencepiece_bytes.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view vocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\nA\nx\n\xC3\xA9\n";

class Load : public testing::Test {
 protected:
  void write(std::string_view name, const Json& content) const {
    write_file(folder_.path() / name, content.dump());
  }
  [[nodiscard]] Tokenizer load() const { return Tokenizer::load(folder_.path()); }
  [[nodiscard]] std::vector<TokenId> ids(std::string_view text) const {
    return load().encode(text).ids;
  }

  TemporaryFolder folder_;
};

using Ids = std::vector<TokenId>;

TEST_F(Load, BareFileIsTakenAsItIs) {
  write("some.json", minimal());
  const Tokenizer tokenizer = Tokenizer::load(folder_.path() / "some.json");
  EXPECT_EQ(tokenizer.encode("A ab").ids, (Ids{1, 5, 3, 4, 2}));
  EXPECT_EQ(tokenizer.vocabulary_size(), 8);
  EXPECT_EQ(tokenizer.settings().continuing_subword_prefix, "##");
  EXPECT_EQ(tokenizer.template_tokens(), 2);
  EXPECT_EQ(tokenizer.pair_template_tokens(), 3);
  EXPECT_FALSE(tokenizer.special_tokens().mask.has_value());
}

// The list is added as a whole: the special token is known before the plain one is added, which
// then is not. Ids are those of tokenizers 0.22.2.
TEST_F(Load, ASpecialTokenLaterInTheListGoesBeforeAPlainOneOfTheSameContent) {
  Json file = minimal();
  file["normalizer"] = {{"type", "Lowercase"}};
  file["pre_tokenizer"] = {{"type", "WhitespaceSplit"}};
  file["post_processor"] = nullptr;
  file["decoder"] = nullptr;
  file["model"] = {
      {"type", "WordLevel"}, {"unk_token", "[UNK]"}, {"vocab", {{"[UNK]", 0}, {"ab", 1}}}};
  Json plain = added_token("ab", 1);
  plain["normalized"] = true;
  plain["special"] = false;
  file["added_tokens"] = {plain, added_token("ab", 1)};
  write("some.json", file);
  EXPECT_EQ(Tokenizer::load(folder_.path() / "some.json").encode("xABx abx").ids, (Ids{0, 1, 0}));
}

TEST_F(Load, ClassOfBertSetsTheNormalizerAndRoles) {
  write("tokenizer.json", minimal());
  EXPECT_EQ(ids("A"), (Ids{1, 5, 2}));  // nobody names a class
  write("config.json", {{"model_type", "bert"}});
  EXPECT_EQ(ids("A"), (Ids{1, 3, 2}));  // do_lower_case is true unless a file says otherwise
  write("tokenizer_config.json", {{"do_lower_case", false}});
  EXPECT_EQ(ids("A"), (Ids{1, 5, 2}));
  EXPECT_EQ(load().special_tokens().mask, 7);
  EXPECT_EQ(ids("[MASK]"), (Ids{1, 7, 2}));  // the class adds its tokens
  write("tokenizer_config.json", {{"tokenizer_class", "PreTrainedTokenizerFast"}});
  EXPECT_EQ(ids("A"), (Ids{1, 5, 2}));
  EXPECT_FALSE(load().special_tokens().mask.has_value());
}

// The class names [MASK] first, as a string: an additional token of that content is passed over.
TEST_F(Load, FlagsOfAnAdditionalTokenCountBesideItsString) {
  write("tokenizer.json", minimal());
  write("tokenizer_config.json", {{"additional_special_tokens", {"<new>"}}});
  const auto bytes_of_new = [&] { return load().encode("a <new>").offsets.at(2); };
  EXPECT_EQ(bytes_of_new(), (Range{2, 7}));
  write("special_tokens_map.json",
        {{"additional_special_tokens", {{{"content", "<new>"}, {"lstrip", true}}}}});
  EXPECT_EQ(bytes_of_new(), (Range{1, 7}));
}

TEST_F(Load, FlagsOfAdditionalTokensYieldToTheRole) {
  Json file = minimal();
  file["added_tokens"].push_back(added_token("[MASK]", 7));
  write("tokenizer.json", file);
  write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}});
  write("special_tokens_map.json",
        {{"additional_special_tokens", {{{"content", "[MASK]"}, {"rstrip", true}}}}});
  const Tokenizer tokenizer = load();
  const Encoding found = tokenizer.encode("[MASK] a");
  EXPECT_EQ(tokenizer.tokens(found)[1], "[MASK]");
}

// transformers changes the normalizer when the added tokens have been through the file's.
TEST_F(Load, AddedTokensAreNormalizedByTheFilesNormalizer) {
  write("tokenizer.json", minimal());
  write("tokenizer_config.json",
        {{"tokenizer_class", "BertTokenizer"},
         {"added_tokens_decoder", {{"8", {{"content", "Word"}, {"normalized", true}}}}}});
  EXPECT_EQ(ids("Word"), (Ids{1, 0, 2}));
}

TEST_F(Load, Settings) {
  write("tokenizer.json", minimal());
  EXPECT_FALSE(load().settings().model_max_length.has_value());
  write("tokenizer_config.json", {{"model_max_length", 1e30},
                                  {"padding_side", "left"},
                                  {"truncation_side", "left"},
                                  {"clean_up_tokenization_spaces", true},
                                  {"model_input_names", {"input_ids"}}});
  const Tokenizer tokenizer = load();
  EXPECT_FALSE(tokenizer.settings().model_max_length.has_value());
  EXPECT_EQ(tokenizer.settings().padding_side, Side::left);
  EXPECT_EQ(tokenizer.settings().truncation_side, Side::left);
  EXPECT_TRUE(tokenizer.settings().clean_up_tokenization_spaces);
  EXPECT_FALSE(tokenizer.settings().has_type_ids);
  write("tokenizer_config.json", {{"tokenizer_class", "DistilBertTokenizer"}, {"max_len", 64}});
  EXPECT_EQ(load().settings().model_max_length, 64);
  EXPECT_FALSE(load().settings().has_type_ids);
}

TEST_F(Load, StoredTruncationAndPaddingGiveDefaultsOnly) {
  Json file = minimal();
  file["truncation"] = {
      {"direction", "Left"}, {"max_length", 3}, {"strategy", "LongestFirst"}, {"stride", 0}};
  file["padding"] = {{"strategy", "BatchLongest"},
                     {"direction", "Left"},
                     {"pad_id", 6},
                     {"pad_type_id", 0},
                     {"pad_token", "[PAD]"}};
  write("tokenizer.json", file);
  const Tokenizer tokenizer = load();
  EXPECT_EQ(tokenizer.encode("a a a").size(), 5);
  EXPECT_EQ(tokenizer.settings().truncation_side, Side::left);
  EXPECT_EQ(tokenizer.settings().padding_side, Side::left);
  EXPECT_EQ(tokenizer.special_tokens().pad, 6);
}

TEST_F(Load, SlowFiles) {
  write_file(folder_.path() / "vocab.txt", vocabulary);
  write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}});
  Tokenizer tokenizer = load();
  EXPECT_EQ(tokenizer.encode("AB x").ids, (Ids{2, 5, 6, 8, 3}));
  EXPECT_TRUE(tokenizer.settings().clean_up_tokenization_spaces);
  EXPECT_EQ(tokenizer.special_tokens().cls, 2);
  EXPECT_EQ(tokenizer.vocabulary_size(), 10);
  EXPECT_EQ(tokenizer.encode("\xC3\xA9").ids, (Ids{2, 1, 3}));  // the accent goes
  write("tokenizer_config.json",
        {{"tokenizer_class", "BertTokenizer"}, {"do_lower_case", false}, {"strip_accents", false}});
  EXPECT_EQ(ids("A \xC3\xA9"), (Ids{2, 7, 9, 3}));
}

TEST_F(Load, SlowFilesWithAddedTokens) {
  write_file(folder_.path() / "vocab.txt", vocabulary);
  write("config.json", {{"model_type", "distilbert"}});
  write("special_tokens_map.json", {{"mask_token", {{"content", "<m>"}, {"lstrip", true}}},
                                    {"additional_special_tokens", {"<y>"}}});
  write("added_tokens.json", {{"<y>", 10}, {"word", 11}});
  const Tokenizer tokenizer = load();
  EXPECT_EQ(tokenizer.id_of("<y>"), 10);
  EXPECT_EQ(tokenizer.id_of("word"), 11);
  EXPECT_TRUE(tokenizer.is_special(10));
  EXPECT_FALSE(tokenizer.is_special(11));
  EXPECT_EQ(tokenizer.special_tokens().mask, 12);
  const Encoding found = tokenizer.encode("a  <m>x");
  EXPECT_EQ(found.ids, (Ids{2, 5, 12, 8, 3}));
  EXPECT_EQ(tokenizer.tokens(found)[2], "  <m>");
  EXPECT_EQ(found.offsets[2], (Range{1, 6}));
  EXPECT_FALSE(tokenizer.settings().has_type_ids);
}

// As LlamaTokenizer and T5Tokenizer of transformers 4.57 give it.
TEST_F(Load, NullIsFalseInSlowFiles) {
  const auto encode = [&](const char* file, const char* from, const Json& config) {
    const TemporaryFolder folder;
    write_file(folder.path() / file, read_file(tests_folder() / "tokenizer/data/families" / from));
    write_file(folder.path() / "tokenizer_config.json", config.dump());
    return Tokenizer::load(folder.path()).encode("Tom is").ids;
  };
  Json llama = {{"tokenizer_class", "LlamaTokenizer"}};
  EXPECT_EQ(encode("tokenizer.model", "bpe.model", llama), (Ids{1, 371, 373, 268}));
  llama["add_prefix_space"] = nullptr;
  EXPECT_EQ(encode("tokenizer.model", "bpe.model", llama), (Ids{1, 404, 299, 373, 268}));
  llama["add_bos_token"] = nullptr;
  EXPECT_EQ(encode("tokenizer.model", "bpe.model", llama), (Ids{404, 299, 373, 268}));
  const Json t5 = {{"tokenizer_class", "T5Tokenizer"}, {"add_prefix_space", nullptr}};
  EXPECT_EQ(encode("spiece.model", "unigram.model", t5), (Ids{156, 18, 15, 6, 45, 2}));
}

TEST_F(Load, VocabularyLines) {
  write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}});
  std::string text(vocabulary);
  write_file(folder_.path() / "vocab.txt", text + "a\r\n\r\nlast");
  const Tokenizer tokenizer = load();
  EXPECT_EQ(tokenizer.id_of("a"), 10);  // the last line of two counts
  EXPECT_EQ(tokenizer.id_of(""), 11);
  EXPECT_EQ(tokenizer.id_of("last"), 12);
  expect_error(ErrorKind::tokenizer_error, {"token id 5"}, [&] { return tokenizer.token_of(5); });
}

// Of two members with one key the last counts, wherever they stand.
TEST_F(Load, ModelKeysInAnyOrderAndTwice) {
  write_file(folder_.path() / "tokenizer.json", R"({"model": {
      "merges": ["b a"], "vocab": {"a": 9, "b": 1, "ab": 2, "a": 0}, "merges": ["a b"],
      "type": "WordPiece", "unk_token": null, "type": "BPE"}})");
  EXPECT_EQ(ids("abba"), (Ids{2, 1, 0}));
  EXPECT_EQ(load().vocabulary_size(), 3);
}

TEST_F(Load, ModelsWithoutAType) {
  const auto check = [&](const Json& model, const Ids& expected) {
    Json file = {{"model", model}};
    file["model"].erase("type");
    write("tokenizer.json", file);
    EXPECT_EQ(ids("ab"), expected) << model;
  };
  check(bpe({"a b"}), {2});
  check(unigram(Json::array({Json::array({"a", -1}), Json::array({"b", -1})}), nullptr), {0, 1});
  check({{"vocab", {{"ab", 4}}}, {"unk_token", "x"}}, {4});
  check(minimal()["model"], {3, 4});
}

TEST_F(Load, EmptyAddedTokensAreIgnored) {
  Json file = minimal();
  file["added_tokens"].push_back(added_token("", 8));
  file["added_tokens"].push_back(added_token("<y>", 9));
  write("tokenizer.json", file);
  EXPECT_EQ(load().id_of("<y>"), 8);
  EXPECT_EQ(ids("a<y>"), (Ids{1, 3, 8, 2}));
}

TEST_F(Load, RefusedFolders) {
  expect_error(ErrorKind::file_not_found, {"tokenizer.json"}, [&] { return load(); });
  expect_error(ErrorKind::file_not_found, {"nowhere"},
               [&] { return Tokenizer::load(folder_.path() / "nowhere"); });
  write_file(folder_.path() / "qwen.tiktoken", "YQ== 0\n");
  expect_error(ErrorKind::file_not_found, {"qwen.tiktoken", "convert_tiktoken_to_fast"},
               [&] { return load(); });
  write_file(folder_.path() / "tokenizer.json.gz", "\x1f\x8b\x08");
  expect_error(ErrorKind::file_not_found, {"unpack tokenizer.json.gz first"},
               [&] { return load(); });
  expect_error(ErrorKind::invalid_format, {"tokenizer.json.gz", "unpack it first"},
               [&] { return Tokenizer::load(folder_.path() / "tokenizer.json.gz"); });
  write_file(folder_.path() / "vocab.txt", vocabulary);
  expect_error(ErrorKind::unsupported, {"tokenizer_class"}, [&] { return load(); });
  write("tokenizer_config.json", {{"tokenizer_class", "NopeTokenizer"}});
  expect_error(ErrorKind::unsupported, {"NopeTokenizer"}, [&] { return load(); });
  write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}, {"cls_token", "<c>"}});
  EXPECT_EQ(load().special_tokens().cls, 10);  // it is added behind the vocabulary
  write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}, {"padding_side", "up"}});
  expect_error(ErrorKind::tokenizer_error, {"/padding_side", "tokenizer_config.json"},
               [&] { return load(); });
  write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}, {"model_max_length", -5}});
  expect_error(ErrorKind::tokenizer_error, {"/model_max_length"}, [&] { return load(); });
  write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}});
  write_file(folder_.path() / "vocab.txt", "");
  expect_error(ErrorKind::invalid_format, {"vocab.txt"}, [&] { return load(); });
  write_file(folder_.path() / "vocab.txt", "a\n\xFF\n");
  expect_error(ErrorKind::invalid_format, {"vocab.txt", "byte 2"}, [&] { return load(); });
}

// Bytes that this process has read; nothing where the system does not count them.
std::optional<std::size_t> bytes_read() {
  std::ifstream counters("/proc/self/io");
  std::string name;
  std::size_t bytes = 0;
  return counters >> name >> bytes && name == "rchar:" ? std::optional(bytes) : std::nullopt;
}

// tokenizer.model may be one of two kinds of file: its beginning tells.
TEST_F(Load, ModelOfSentencePieceIsReadOnce) {
  std::string model = wire::usual_pieces();
  for (int i = 0; i < 30'000; ++i) {
    model += wire::piece("piece" + std::to_string(i), static_cast<float>(-i));
  }
  write_file(folder_.path() / "tokenizer.model", model + wire::trainer(1));
  write("tokenizer_config.json", {{"tokenizer_class", "LlamaTokenizer"}});
  const auto before = bytes_read();
  if (!before) GTEST_SKIP() << "no count of what is read";
  EXPECT_EQ(load().vocabulary_size(), 30'003);
  EXPECT_LT(*bytes_read() - *before, model.size() * 3 / 2);
}

// They were taken for Marian's own files, whose model was not there then.
TEST_F(Load, ClassesOfPythonReadNoRanks) {
  write_file(folder_.path() / "tokenizer.model", read_file(families_folder() / "ranks.model"));
  EXPECT_NO_THROW((void)load());
  for (const char* name : {"MarianTokenizer", "M2M100Tokenizer"}) {
    write("tokenizer_config.json", {{"tokenizer_class", name}});
    expect_error(ErrorKind::file_not_found, {"vocab.json"}, [&] { return load(); });
  }
}

// separate_vocabs of Marian.
TEST_F(Load, VocabularyOfTheTargetSide) {
  const Families families;
  const Json& set = families.set("marian with two vocabularies");
  families.write(set, folder_.path());
  write("tokenizer_config.json", set["config"]);
  const Tokenizer tokenizer = load();
  const Json target = read_json_file(folder_.path() / "target_vocab.json");
  EXPECT_EQ(tokenizer.vocabulary_size(), static_cast<Index>(target.size()));
  EXPECT_EQ(tokenizer.id_of("t5"), std::nullopt);  // ids are those of the source side
  EXPECT_EQ(tokenizer.token_of(target["t5"].get<TokenId>()), "t5");
  const NewToken unknown{.content = "t5", .role = SpecialRole::unk};
  expect_error(ErrorKind::tokenizer_error, {"t5", "a token of vocab.json"}, [&] {
    return tokenizer.with_added_tokens({&unknown, 1}).added;
  });
  const Tokenizer added =
      tokenizer.with_added_tokens(std::vector<NewToken>{{.content = "<new>"}}).tokenizer;
  EXPECT_EQ(added.encode("the", {.side = TextSide::target}).ids,
            tokenizer.encode("the", {.side = TextSide::target}).ids);

  write("target_vocab.json", {{"a", 0}});
  expect_error(ErrorKind::tokenizer_error, {"<unk>", "target_vocab.json"}, [&] { return load(); });
  fs::remove(folder_.path() / "target_vocab.json");
  expect_error(ErrorKind::file_not_found, {"target_vocab.json"}, [&] { return load(); });
}

TEST_F(Load, MissingUnknownTokenFailsWhereItIsNeeded) {
  Json file = minimal();
  file["model"]["unk_token"] = "<nope>";
  write("tokenizer.json", file);
  const Tokenizer tokenizer = load();  // as the reference does
  EXPECT_EQ(tokenizer.encode("ab").ids, (Ids{1, 3, 4, 2}));
  expect_error(ErrorKind::tokenizer_error, {"<nope>", "zz"},
               [&] { return tokenizer.encode("zz"); });
}

TEST_F(Load, VocabularyFileIsLimited) {
  const fs::path file = folder_.path() / "vocab.txt";
  write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}});
  const auto expect_limit = [&](std::string_view part) {
    expect_error(ErrorKind::resource_limit, {part, "vocab.txt"}, [&] { return load(); });
  };
  write_file(file, std::string(vocabulary) + std::string(1024, 'a') + "\n");
  EXPECT_EQ(load().vocabulary_size(), 11);
  write_file(file, std::string(vocabulary) + std::string(65'536, 'a') + "\n");
  expect_limit("longest token of WordPiece");
  write_file(file, std::string(vocabulary) + std::string(65'537, 'a'));
  expect_limit("bytes of a token");
  write_file(file, std::string(8'000'001, '\n'));
  expect_limit("number of tokens");

  fs::resize_file(file, 3'000'000'000);  // sparse
  const CostLimit limit;
  expect_limit("at most 256000000");
}

}  // namespace
}  // namespace attend::test
