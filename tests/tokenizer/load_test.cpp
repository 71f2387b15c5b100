// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Loading: which file says what, and files that must be refused with an error that names the file
// and the field.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>

#include "attend/tokenizer/tokenizer.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/sanitized.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view vocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\nA\nx\n\xC3\xA9\n";

Json added_token(std::string_view content, int id) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

Json minimal() {
  return {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", {added_token("[UNK]", 0), added_token("[CLS]", 1), added_token("[SEP]", 2)}},
      {"normalizer",
       {{"type", "BertNormalizer"},
        {"clean_text", true},
        {"handle_chinese_chars", true},
        {"strip_accents", nullptr},
        {"lowercase", false}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"post_processor",
       {{"type", "BertProcessing"}, {"sep", {"[SEP]", 2}}, {"cls", {"[CLS]", 1}}}},
      {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
      {"model",
       {{"type", "WordPiece"},
        {"unk_token", "[UNK]"},
        {"continuing_subword_prefix", "##"},
        {"max_input_chars_per_word", 100},
        {"vocab",
         {{"[UNK]", 0},
          {"[CLS]", 1},
          {"[SEP]", 2},
          {"a", 3},
          {"##b", 4},
          {"A", 5},
          {"[PAD]", 6},
          {"[MASK]", 7}}}}}};
}

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

// The minimal file with one thing changed, by JSON pointer; `remove` when the value is discarded.
struct Refused {
  const char* name;
  const char* pointer;
  Json value;
  ErrorKind kind;
  std::vector<std::string_view> message;
};

Json bpe(const Json& merges, const Json& changes = Json::object()) {
  Json model = {
      {"type", "BPE"}, {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"c d", 3}}}, {"merges", merges}};
  model.update(changes);
  return model;
}

Json unigram(const Json& pieces, const Json& unk_id) {
  return {{"type", "Unigram"}, {"unk_id", unk_id}, {"vocab", pieces}};
}

// Rows of the model; every one stands in the place of minimal()'s.
std::vector<Refused> refused_models() {
  using enum ErrorKind;
  const auto row = [](const char* name, const Json& model, ErrorKind kind,
                      std::vector<std::string_view> message) {
    return Refused{name, "/model", model, kind, std::move(message)};
  };
  const auto list = [](const Json& text, const Json& score) {
    return Json::array({Json::array({text, score})});
  };
  const Json pieces = Json::array({Json::array({"<unk>", 0}), Json::array({"a", -1.5})});
  const Json long_piece = list(std::string(300'000, 'a'), -1);
  const Json good = {"a b"};
  return {
      row("merge of an unknown token", bpe({"a b", "a z"}), tokenizer_error, {"merge 1", "\"z\""}),
      row("merge into an unknown token", bpe({"b a"}), tokenizer_error, {"merge 0", "\"ba\""}),
      row("merge of three", bpe({"a b", "a b c"}), tokenizer_error, {"/model/merges/1"}),
      row("merge of one", bpe({"ab"}), tokenizer_error, {"/model/merges/0", "one blank"}),
      row("pair of three", bpe({{"a", "b", "c"}}), tokenizer_error, {"/model/merges/0"}),
      row("pair of numbers", bpe({{1, 2}}), tokenizer_error, {"/model/merges/0/0"}),
      row("pairs and strings", bpe({"a b", {"a", "b"}}), tokenizer_error, {"/model/merges/1"}),
      row("strings and pairs", bpe({{"a", "b"}, "a b"}), tokenizer_error, {"/model/merges/1"}),
      row("no merges", bpe(nullptr), tokenizer_error, {"/model/merges"}),
      row("merges is an object", bpe(Json::object()), tokenizer_error, {"/model/merges"}),
      row("dropout", bpe(good, {{"dropout", 0.1}}), unsupported, {"/model/dropout", "0.1"}),
      row("dropout 2", bpe(good, {{"dropout", 2}}), tokenizer_error, {"/model/dropout"}),
      row("fuse_unk 1", bpe(good, {{"fuse_unk", 1}}), tokenizer_error, {"/model/fuse_unk"}),
      row("long prefix", bpe(Json::array(), {{"continuing_subword_prefix", std::string(17, '#')}}),
          resource_limit, {"continuing_subword_prefix"}),
      row("no vocabulary", bpe(good, {{"vocab", nullptr}}), tokenizer_error, {"/model/vocab"}),
      row("unk_id >= size", unigram(pieces, 2), tokenizer_error, {"/model/unk_id", "[0, 1]"}),
      row("unk_id -1", unigram(pieces, -1), tokenizer_error, {"/model/unk_id", "-1"}),
      row("unk_id of nothing", unigram(Json::array(), 0), tokenizer_error, {"/model/unk_id"}),
      row("piece without score", unigram(Json::array({Json::array({"a"})}), nullptr),
          tokenizer_error, {"/model/vocab/0"}),
      row("score is text", unigram(list("a", "b"), nullptr), tokenizer_error, {"/model/vocab/0/1"}),
      row("piece is a number", unigram(list(1, 1), nullptr), tokenizer_error, {"/model/vocab/0/0"}),
      row("pieces are an object", unigram(Json::object(), nullptr), tokenizer_error,
          {"/model/vocab"}),
      row("long piece", unigram(long_piece, nullptr), resource_limit, {"piece 0", "1024"}),
      row("words without unk_token", {{"type", "WordLevel"}, {"vocab", {{"a", 0}}}},
          tokenizer_error, {"/model/unk_token"}),
      row("type is no string", {{"type", 5}}, tokenizer_error, {"/model/type"}),
      row("no type and nothing else", Json::object(), tokenizer_error, {"/model/unk_token"}),
  };
}

std::vector<Refused> refused_files() {
  using enum ErrorKind;
  const Json gone(Json::value_t::discarded);
  Json long_token = added_token(std::string(1'000'000, 'x'), 9);
  Json no_flag = added_token("<y>", 9);
  no_flag.erase("lstrip");
  const Json absent = {{"type", "TemplateProcessing"},
                       {"single", {{{"SpecialToken", {{"id", "[X]"}, {"type_id", 0}}}}}},
                       {"pair", Json::array()},
                       {"special_tokens", Json::object()}};
  return {
      {"negative id", "/model/vocab/A", -1, tokenizer_error, {"/model/vocab/A", "-1"}},
      {"fractional id", "/model/vocab/A", 1.5, tokenizer_error, {"/model/vocab/A", "1.5"}},
      {"id 2^32", "/model/vocab/A", 4294967296, resource_limit, {"/model/vocab/A"}},
      {"id 2^64", "/model/vocab/A", 18446744073709551615U, tokenizer_error, {"/model/vocab/A"}},
      {"id 1e8", "/model/vocab/A", 100000000, resource_limit, {"/model/vocab/A"}},
      {"vocabulary is a list", "/model/vocab", Json::array(), tokenizer_error, {"/model/vocab"}},
      {"no vocabulary", "/model/vocab", gone, tokenizer_error, {"/model/vocab"}},
      {"no unk_token", "/model/unk_token", gone, tokenizer_error, {"/model/unk_token"}},
      {"no max", "/model/max_input_chars_per_word", gone, tokenizer_error, {"max_input_chars"}},
      {"no model", "/model", gone, tokenizer_error, {"/model"}},
      {"other model", "/model/type", "Nope", unsupported, {"/model/type", "Nope", "Unigram"}},
      {"version", "/version", "2.0", unsupported, {"/version", "2.0"}},
      {"unknown key", "/what", 1, tokenizer_error, {"/what"}},
      {"unknown normalizer", "/normalizer/type", "Nope", unsupported, {"/normalizer/type", "Nope"}},
      {"partial normalizer", "/normalizer/clean_text", gone, tokenizer_error, {"clean_text"}},
      {"normalizer is a string", "/normalizer", "NFC", tokenizer_error, {"/normalizer"}},
      {"unknown pre-tokenizer", "/pre_tokenizer/type", "Nope", unsupported, {"Nope"}},
      {"unknown processor", "/post_processor/type", "Nope", unsupported, {"Nope"}},
      {"unknown decoder", "/decoder/type", "Nope", unsupported, {"/decoder/type", "Nope"}},
      {"decoder without prefix", "/decoder/prefix", gone, tokenizer_error, {"/decoder/prefix"}},
      {"template names an absent token", "/post_processor", absent, tokenizer_error, {"[X]"}},
      {"huge added token", "/added_tokens/0", long_token, resource_limit, {"/added_tokens/0"}},
      {"added token without a flag", "/added_tokens/0", no_flag, tokenizer_error, {"lstrip"}},
      {"added token with id -1", "/added_tokens/0/id", -1, tokenizer_error, {"/added_tokens/0/id"}},
      {"padding is a number", "/padding", 5, tokenizer_error, {"/padding"}},
      {"truncation without strategy",
       "/truncation",
       {{"max_length", 5}, {"stride", 0}},
       tokenizer_error,
       {"strategy"}},
      {"bad regex",
       "/normalizer",
       {{"type", "Replace"}, {"pattern", {{"Regex", "(a"}}}, {"content", "b"}},
       tokenizer_error,
       {"/normalizer/pattern/Regex", "unmatched parenthesis"}},
  };
}

TEST_F(Load, RefusedFiles) {
  std::vector<Refused> rows = refused_files();
  for (Refused& row : refused_models()) rows.push_back(std::move(row));
  for (const Refused& refused : rows) {
    SCOPED_TRACE(refused.name);
    Json file = minimal();
    const Json::json_pointer pointer(refused.pointer);
    if (refused.value.is_discarded()) {
      file[pointer.parent_pointer()].erase(pointer.back());
    } else {
      file[pointer] = refused.value;
    }
    write("tokenizer.json", file);
    const auto error = error_of([&] { return load(); });
    ASSERT_TRUE(error) << "it was loaded";
    EXPECT_EQ(name(error->kind()), name(refused.kind)) << error->what();
    const std::string message = error->what();
    EXPECT_NE(message.find("tokenizer.json"), std::string::npos) << message;
    for (const auto part : refused.message) {
      EXPECT_NE(message.find(part), std::string::npos) << part << " is not in: " << message;
    }
  }
}

TEST_F(Load, VocabularyOfTooManyTokens) {
  std::string tokens;
  for (int i = 0; i < 8'000'001; ++i) tokens += "\"\":0,";
  const std::string text = R"({"model": {"vocab": {)" + tokens + R"("a": 1}}})";
  write_file(folder_.path() / "tokenizer.json", text);
  const auto start = std::chrono::steady_clock::now();
  expect_error(ErrorKind::resource_limit, {"number of JSON values", "tokenizer.json"},
               [&] { return load(); });
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10 * test::time_allowed);
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

// As text, because the library that writes JSON for the tests is recursive itself.
TEST_F(Load, DeepNestingIsRefused) {
  std::string normalizer = R"({"type": "Lowercase"})";
  for (int i = 0; i < 2000; ++i) {
    normalizer.insert(0, R"({"type": "Sequence", "normalizers": [)");
    normalizer += "]}";
  }
  Json file = minimal();
  file.erase("normalizer");
  std::string text = file.dump();
  text.insert(1, "\"normalizer\": " + normalizer + ",");
  write_file(folder_.path() / "tokenizer.json", text);
  expect_error(ErrorKind::resource_limit, {"depth", "tokenizer.json"}, [&] { return load(); });
}

TEST_F(Load, RefusedTexts) {
  const auto refuse = [&](std::string_view text, ErrorKind kind) {
    write_file(folder_.path() / "tokenizer.json", text);
    expect_error(kind, {"tokenizer.json"}, [&] { return load(); });
  };
  refuse("", ErrorKind::invalid_format);
  refuse("{", ErrorKind::invalid_format);
  refuse("\xEF\xBB\xBF{}x", ErrorKind::invalid_format);
  refuse(minimal().dump() + "x", ErrorKind::invalid_format);
  refuse(R"({"model": {"vocab": {"\uD800": 1}}})", ErrorKind::invalid_format);
  refuse("[]", ErrorKind::tokenizer_error);
  refuse("{\"model\": {\"vocab\": {\"\xFF\": 1}}}", ErrorKind::invalid_format);
}

TEST_F(Load, RefusedFolders) {
  expect_error(ErrorKind::file_not_found, {"tokenizer.json"}, [&] { return load(); });
  expect_error(ErrorKind::file_not_found, {"nowhere"},
               [&] { return Tokenizer::load(folder_.path() / "nowhere"); });
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
  write_file(file, std::string(vocabulary) + std::string(65'536, 'a') + "\n");
  EXPECT_EQ(load().vocabulary_size(), 11);
  write_file(file, std::string(vocabulary) + std::string(65'537, 'a'));
  expect_limit("bytes of a token");
  write_file(file, std::string(8'000'001, '\n'));
  expect_limit("number of tokens");

  fs::resize_file(file, 3'000'000'000);  // sparse
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // KiB
  };
  const auto before = peak();
  const auto start = std::chrono::steady_clock::now();
  expect_limit("at most 256000000");
  EXPECT_LT(std::chrono::steady_clock::now() - start, test::time_allowed);
  EXPECT_LT(peak() - before, 64'000);
}

}  // namespace
}  // namespace attend::test
