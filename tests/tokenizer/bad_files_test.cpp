// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files of a tokenizer that must be refused at once, with an error of the right kind that names the
// file and the field; and files that look bad but are what the reference takes.
#include <gtest/gtest.h>

#include "attend/text/base64.h"
#include "support/cost.h"
#include "support/error_of.h"
#include "support/families.h"
#include "support/paths.h"
#include "tokenizer/minimal_file.h"
#include "tokenizer/sentencepiece_bytes.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;

// A good file with one thing changed, by JSON pointer; `remove` when the value is discarded.
struct Refused {
  const char* name;
  const char* pointer;
  Json value;
  ErrorKind kind;
  std::vector<std::string_view> message;
};

class BadFiles : public testing::Test {
 protected:
  void write(std::string_view name, const Json& content) const {
    write_file(folder_.path() / name, content.dump());
  }
  [[nodiscard]] Tokenizer load() const { return Tokenizer::load(folder_.path()); }

  // Loading must fail, and soon.
  void refuse(ErrorKind kind, const std::vector<std::string_view>& message,
              std::string_view file = "tokenizer.json") const {
    const CostLimit limit;
    const auto error = error_of([&] { return load(); });
    ASSERT_TRUE(error) << "it was loaded";
    EXPECT_EQ(name(error->kind()), name(kind)) << error->what();
    const std::string_view found = error->what();
    EXPECT_NE(found.find(file), std::string_view::npos) << found;
    for (const auto part : message) {
      EXPECT_NE(found.find(part), std::string_view::npos) << part << " is not in: " << found;
    }
  }

  void refuse_all(const std::vector<Refused>& rows, const Json& good, std::string_view name) const {
    for (const Refused& refused : rows) {
      SCOPED_TRACE(refused.name);
      Json file = good;
      const Json::json_pointer pointer(refused.pointer);
      if (refused.value.is_discarded()) {
        file[pointer.parent_pointer()].erase(pointer.back());
      } else {
        file[pointer] = refused.value;
      }
      write(name, file);
      refuse(refused.kind, refused.message, name);
    }
    report_cases("bad files " + std::string(name), rows.size());
  }

  TemporaryFolder folder_;
};

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
      row("long token of WordPiece",
          {{"type", "WordPiece"},
           {"unk_token", "[UNK]"},
           {"continuing_subword_prefix", "##"},
           {"max_input_chars_per_word", 1'000'000'000},
           {"vocab", {{"[UNK]", 0}, {std::string(1025, 'a'), 1}}}},
          resource_limit, {"longest token", "1024", "1025"}),
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
  };
}

// Many post-processors that add two tokens, and one that repeats what they made.
Json repeated(std::size_t processors, std::size_t times) {
  const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  Json parts(processors, minimal()["post_processor"]);
  parts.push_back({{"type", "TemplateProcessing"},
                   {"single", std::vector<Json>(times, text)},
                   {"pair", Json::array()},
                   {"special_tokens", Json::object()}});
  return {{"type", "Sequence"}, {"processors", std::move(parts)}};
}

// Components: what is wrong is in a part of its own.
std::vector<Refused> refused_components() {
  using enum ErrorKind;
  const auto replace = [](const char* pattern) -> Json {
    return {{"type", "Replace"}, {"pattern", {{"Regex", pattern}}}, {"content", "b"}};
  };
  const auto charsmap = [](const std::string& base64) -> Json {
    return {{"type", "Precompiled"}, {"precompiled_charsmap", base64}};
  };
  // A trie of one unit, which says that its value is beyond it; and one whose value is no place.
  const std::string outside = encode_base64(std::string("\4\0\0\0\0\5\0\0", 8) + "x");
  const std::string beyond = encode_base64(std::string("\10\0\0\0\0\5\0\0\xFF\0\0\x80", 12) + "x");
  const auto many = [](const char* list, const Json& step) -> Json {
    return {{"type", "Sequence"}, {list, std::vector<Json>(2000, step)}};
  };
  return {
      {"unmatched",
       "/normalizer",
       replace("(a"),
       tokenizer_error,
       {"/normalizer/pattern/Regex", "unmatched parenthesis"}},
      {"empty range", "/normalizer", replace("[b-a]"), tokenizer_error, {"Regex", "empty range"}},
      {"unknown property", "/normalizer", replace("\\p{Nope}"), tokenizer_error, {"{Nope}"}},
      {"pattern of 100 kB",
       "/normalizer",
       replace(std::string(100'000, 'a').c_str()),
       resource_limit,
       {"/normalizer/pattern/Regex", "65536"}},
      {"deep pattern",
       "/normalizer",
       replace((std::string(5000, '(') + "a" + std::string(5000, ')')).c_str()),
       resource_limit,
       {"/normalizer/pattern/Regex"}},
      {"huge repeat",
       "/normalizer",
       replace("((a{1000}){1000}){1000}"),
       resource_limit,
       {"/normalizer/pattern/Regex"}},
      {"no base64",
       "/normalizer",
       charsmap("?"),
       tokenizer_error,
       {"/normalizer/precompiled_charsmap", "base64"}},
      {"cut charsmap", "/normalizer", charsmap("AAA="), tokenizer_error, {"charsmap", "4 bytes"}},
      {"trie longer than the charsmap",
       "/normalizer",
       charsmap("////fwAAAAA="),
       tokenizer_error,
       {"charsmap", "2147483647"}},
      {"value outside the trie",
       "/normalizer",
       charsmap(outside),
       tokenizer_error,
       {"unit 0 of the trie", "beyond the trie"}},
      {"value beyond the texts",
       "/normalizer",
       charsmap(beyond),
       tokenizer_error,
       {"unit 0 of the trie", "255"}},
      {"2000 normalizers",
       "/normalizer",
       many("normalizers", {{"type", "NFC"}}),
       resource_limit,
       {"/normalizer/normalizers/1000", "1000"}},
      {"2000 pre-tokenizers",
       "/pre_tokenizer",
       many("pretokenizers", {{"type", "Whitespace"}}),
       resource_limit,
       {"/pre_tokenizer/pretokenizers/1000", "1000"}},
      {"2000 decoders",
       "/decoder",
       many("decoders", {{"type", "Fuse"}}),
       resource_limit,
       {"/decoder/decoders/1000", "1000"}},
      {"2000 processors",
       "/post_processor",
       many("processors",
            {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"trim_offsets", true}}),
       resource_limit,
       {"/post_processor/processors/1000", "1000"}},
      {"1,800 tokens around a text, 20 times",
       "/post_processor",
       repeated(900, 20),
       resource_limit,
       {"/post_processor", "20000"}},
      {"1,800 tokens around a text, 1,000 times",
       "/post_processor",
       repeated(900, 1000),
       resource_limit,
       {"/post_processor", "20000"}},
      {"id 2^32 of a template",
       "/post_processor/sep",
       {"[SEP]", 4294967296},
       tokenizer_error,
       {"/post_processor/sep/1", "4294967296"}},
      {"pieces of length 0",
       "/pre_tokenizer",
       {{"type", "FixedLength"}, {"length", 0}},
       tokenizer_error,
       {"/pre_tokenizer/length"}},
      {"delimiter of two characters",
       "/pre_tokenizer",
       {{"type", "CharDelimiterSplit"}, {"delimiter", "ab"}},
       tokenizer_error,
       {"/pre_tokenizer/delimiter"}},
      {"strategy of truncation",
       "/truncation",
       {{"max_length", 5}, {"strategy", "Longest"}, {"stride", 0}},
       tokenizer_error,
       {"/truncation/strategy", "OnlyFirst"}},
      {"padding to a negative length",
       "/padding",
       {{"strategy", {{"Fixed", -1}}},
        {"direction", "Left"},
        {"pad_id", 0},
        {"pad_type_id", 0},
        {"pad_token", "a"}},
       tokenizer_error,
       {"/padding/strategy/Fixed"}},
      {"pad_id 2^32",
       "/padding",
       {{"strategy", "BatchLongest"},
        {"direction", "Left"},
        {"pad_id", 4294967296},
        {"pad_type_id", 0},
        {"pad_token", "a"}},
       tokenizer_error,
       {"/padding/pad_id"}},
      {"added token with id 2^32",
       "/added_tokens/0/id",
       4294967296,
       tokenizer_error,
       {"/added_tokens/0/id", "4294967296"}},
  };
}

// Rows of tekken.json; every one changes the small one of data/families.
std::vector<Refused> refused_tekkens() {
  using enum ErrorKind;
  const Json gone(Json::value_t::discarded);
  const char* const pattern = "/config/pattern";
  const char* const size = "/config/default_vocab_size";
  const char* const specials = "/config/default_num_special_tokens";
  const char* const rank = "/vocab/300/rank";
  const char* const bytes = "/vocab/300/token_bytes";
  const char* const special = "/special_tokens/22/token_str";
  return {
      {"a list", "", Json::array(), tokenizer_error, {"object"}},
      {"no configuration", "/config", gone, tokenizer_error, {"/config"}},
      {"no pattern", pattern, gone, tokenizer_error, {pattern}},
      {"pattern is a number", pattern, 5, tokenizer_error, {pattern}},
      {"unmatched", pattern, "(a", tokenizer_error, {pattern, "unmatched parenthesis"}},
      {"pattern of 100 kB", pattern, std::string(100'000, 'a'), resource_limit, {pattern}},
      {"huge repeat", pattern, "((a{1000}){1000}){1000}", resource_limit, {pattern}},
      {"no version", "/config/version", gone, tokenizer_error, {"/config/version"}},
      {"version is a number", "/config/version", 3, tokenizer_error, {"/config/version"}},
      {"no size", size, gone, tokenizer_error, {size}},
      {"size is text", size, "528", tokenizer_error, {size}},
      {"size without all bytes", size, 287, tokenizer_error, {size, "288"}},
      {"size beyond the tokens", size, 571, tokenizer_error, {size, "570"}},
      {"size 2^64", size, 18446744073709551615U, tokenizer_error, {size}},
      {"size -1", size, -1, tokenizer_error, {size}},
      {"no number of special tokens", specials, gone, tokenizer_error, {specials}},
      {"-1 special tokens", specials, -1, tokenizer_error, {specials}},
      {"1.5 special tokens", specials, 1.5, tokenizer_error, {specials}},
      {"65537 special tokens", specials, 65537, tokenizer_error, {specials, "65536"}},
      {"2^63 special tokens", specials, 9223372036854775808U, tokenizer_error, {specials}},
      {"fewer special tokens than there are", specials, 23, tokenizer_error, {specials, "24"}},
      {"no tokens", "/vocab", gone, tokenizer_error, {"/vocab"}},
      {"tokens are an object", "/vocab", Json::object(), tokenizer_error, {"/vocab"}},
      {"no bytes", "/vocab", Json::array(), tokenizer_error, {"/vocab", "bytes"}},
      {"token is a string", "/vocab/300", "a", tokenizer_error, {"/vocab/300"}},
      {"no rank", rank, gone, tokenizer_error, {rank}},
      {"rank out of order", rank, 301, tokenizer_error, {rank, "300", "301"}},
      {"negative rank", rank, -300, tokenizer_error, {rank}},
      {"fractional rank", rank, 300.5, tokenizer_error, {rank}},
      {"rank 2^64", rank, 18446744073709551615U, tokenizer_error, {rank}},
      {"no token", bytes, gone, tokenizer_error, {bytes}},
      {"token is a number", bytes, 5, tokenizer_error, {bytes}},
      {"no base64", bytes, "?", tokenizer_error, {bytes, "base64"}},
      {"base64 without its end", bytes, "YWI", tokenizer_error, {bytes, "base64"}},
      {"empty token", bytes, "", tokenizer_error, {bytes}},
      {"token of 100 kB", bytes, encode_base64(std::string(75'000, 'a')), resource_limit, {bytes}},
      {"token twice", bytes, "YQ==", tokenizer_error, {"rank 300", "\"a\""}},
      {"bytes out of order", "/vocab/65/token_bytes", "Qg==", tokenizer_error, {"/vocab/65", "65"}},
      {"no special tokens", "/special_tokens", gone, tokenizer_error, {"/special_tokens"}},
      {"special tokens are null", "/special_tokens", nullptr, tokenizer_error, {"/special_tokens"}},
      {"special tokens are text", "/special_tokens", "<s>", tokenizer_error, {"/special_tokens"}},
      {"special token is text", "/special_tokens/3", "x", tokenizer_error, {"/special_tokens/3"}},
      {"special rank", "/special_tokens/3/rank", 4, tokenizer_error, {"/special_tokens/3/rank"}},
      {"no special token", special, gone, tokenizer_error, {special}},
      {"empty special token", special, "", tokenizer_error, {special}},
      {"huge special token", special, std::string(1'000'000, 'x'), resource_limit, {special}},
      {"special token twice", special, "<s>", tokenizer_error, {"/special_tokens", "\"<s>\""}},
      {"special token that fills up", special, "<SPECIAL_24>", tokenizer_error, {"<SPECIAL_24>"}},
      {"special token that is a byte", special, "A", tokenizer_error, {"rank 65", "special"}},
      {"no padding", "/special_tokens/11/token_str", "x", tokenizer_error, {"\"<pad>\""}},
      {"no end", "/special_tokens/2/token_str", "x", tokenizer_error, {"\"</s>\""}},
  };
}

TEST_F(BadFiles, RefusedFiles) {
  std::vector<Refused> rows = refused_files();
  for (auto&& more : {refused_models(), refused_components()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  refuse_all(rows, minimal(), "tokenizer.json");
}

TEST_F(BadFiles, RefusedTekkens) {
  refuse_all(refused_tekkens(), read_json_file(families_folder() / "tekken.json"), "tekken.json");
}

TEST_F(BadFiles, VocabularyOfTooManyTokens) {
  std::string tokens;
  for (int i = 0; i < 8'000'001; ++i) tokens += "\"\":0,";
  const std::string text = R"({"model": {"vocab": {)" + tokens + R"("a": 1}}})";
  write_file(folder_.path() / "tokenizer.json", text);
  const CostLimit limit;
  expect_error(ErrorKind::resource_limit, {"number of JSON values", "tokenizer.json"},
               [&] { return load(); });
}

// What patterns may cost is counted for all words of a text, and for all added tokens of a file.
TEST_F(BadFiles, SlowPatternsStopHoweverTheTextIsCut) {
  Json file = minimal();
  file["pre_tokenizer"] = {{"type", "Sequence"},
                           {"pretokenizers",
                            {{{"type", "WhitespaceSplit"}},
                             {{"type", "Split"},
                              {"pattern", {{"Regex", R"((a|a)*\d)"}}},
                              {"behavior", "Isolated"},
                              {"invert", false}}}}};
  write("tokenizer.json", file);
  std::string text;
  for (char c = 'b'; c <= 'y'; ++c) text += std::string(22, 'a') + c + ' ';
  const Tokenizer tokenizer = load();
  const CostLimit limit({.time = 5 * time_allowed});
  expect_error(ErrorKind::resource_limit, {"(a|a)*"}, [&] { return tokenizer.encode(text); });
  file = minimal();
  file["normalizer"] = {
      {"type", "Replace"}, {"pattern", {{"Regex", R"((a|a)*\d)"}}}, {"content", "x"}};
  for (int i = 0; i < 24; ++i) {
    Json token = added_token(std::string(22, 'a') + static_cast<char>('b' + i), 8 + i);
    token["normalized"] = true;
    file["added_tokens"].push_back(token);
  }
  write("tokenizer.json", file);
  expect_error(ErrorKind::resource_limit, {"(a|a)*"}, [&] { return load(); });
}

TEST_F(BadFiles, TemplateThatRepeatsTheTextIsBounded) {
  Json file = minimal();
  const Json piece = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  file["post_processor"] = {{"type", "TemplateProcessing"},
                            {"single", Json(1000, piece)},
                            {"pair", {piece}},
                            {"special_tokens", Json::object()}};
  write("tokenizer.json", file);
  const Tokenizer tokenizer = load();
  EXPECT_EQ(tokenizer.encode("a").size(), 1000);
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "a ";
  const CostLimit limit;
  expect_error(ErrorKind::resource_limit, {"template", "20001000"},
               [&] { return tokenizer.encode(text); });
}

// As text, because the library that writes JSON for the tests is recursive itself.
TEST_F(BadFiles, DeepNestingIsRefused) {
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
  refuse(ErrorKind::resource_limit, {"depth"});
}

TEST_F(BadFiles, RefusedTexts) {
  const auto refuse_text = [&](std::string_view text, ErrorKind kind) {
    SCOPED_TRACE(quote(text));
    write_file(folder_.path() / "tokenizer.json", text);
    refuse(kind, {});
  };
  refuse_text("", ErrorKind::invalid_format);
  refuse_text("{", ErrorKind::invalid_format);
  refuse_text("\xEF\xBB\xBF{}x", ErrorKind::invalid_format);
  refuse_text(minimal().dump() + "x", ErrorKind::invalid_format);
  refuse_text(R"({"model": {"vocab": {"\uD800": 1}}})", ErrorKind::invalid_format);
  refuse_text(R"({"added_tokens": [{"content": "\uDC00\uD800"}]})", ErrorKind::invalid_format);
  refuse_text("[]", ErrorKind::tokenizer_error);
  refuse_text("{\"model\": {\"vocab\": {\"\xFF\": 1}}}", ErrorKind::invalid_format);
}

// What looks bad and is not: duplicate ids, an id at the end of a gap, look-behind, no charsmap.
TEST_F(BadFiles, OddFilesThatAreGood) {
  Json file = minimal();
  file["model"]["vocab"] = {{"[UNK]", 0}, {"[CLS]", 1}, {"[SEP]", 2}, {"a", 3}, {"b", 3}, {"c", 9}};
  file["normalizer"] = {
      {"type", "Sequence"},
      {"normalizers",
       {{{"type", "Replace"}, {"pattern", {{"Regex", "(?<=x|yy)d"}}}, {"content", "b"}},
        {{"type", "Replace"}, {"pattern", {{"String", "x"}}}, {"content", ""}}}}};
  write("tokenizer.json", file);
  const Tokenizer tokenizer = load();
  EXPECT_EQ(tokenizer.encode("a b c xd").ids, (Ids{1, 3, 3, 9, 3, 2}));
  EXPECT_EQ(tokenizer.token_of(3), "b");  // tokenizers 0.22 says the same
  EXPECT_EQ(tokenizer.vocabulary_size(), 10);
}

// The file is good, and the text is bad for it.
TEST_F(BadFiles, PatternsThatTakeTooLong) {
  for (const char* pattern : {"(a+)+$", "(\\w+\\s?)*[^!a]", "(?>a*)b|a"}) {
    SCOPED_TRACE(pattern);
    Json file = minimal();
    file["pre_tokenizer"] = {{"type", "Split"},
                             {"pattern", {{"Regex", pattern}}},
                             {"behavior", "Isolated"},
                             {"invert", false}};
    write("tokenizer.json", file);
    const Tokenizer tokenizer = load();
    const std::string text = std::string(100'000, 'a') + "!";
    // Its budget is about a second, or two seconds of time.
    const CostLimit limit({.time = 6 * time_allowed, .memory_kib = 900'000});
    expect_error(ErrorKind::resource_limit, {"pattern", pattern},
                 [&] { return tokenizer.encode(text); });
  }
}

// A model file of SentencePiece that its own library must not see.
TEST_F(BadFiles, SentencePieceThroughItsRecipe) {
  using namespace wire;
  write("tokenizer_config.json", {{"tokenizer_class", "T5Tokenizer"}});
  const std::string good = usual_pieces() + piece("\u2581a", -1) + trainer(1);
  const auto charsmap = [&](const std::string& blob) { return good + bytes(3, bytes(2, blob)); };
  const struct {
    const char* name;
    std::string content;
    std::string_view message;
  } rows[] = {
      {"cut in the middle", good.substr(0, good.size() / 2), "are left"},
      {"cut charsmap", charsmap("abc"), "4 bytes"},
      {"value outside the trie", charsmap(std::string("\4\0\0\0\0\5\0\0", 8) + "x"), "unit 0"},
      {"piece of 300 kB", good + piece(std::string(300'000, 'x'), 0), "65536"},
      {"piece of 2 kB", good + piece(std::string(2'000, 'x'), 0), "1024"},
      {"words", usual_pieces() + piece("a", 0) + trainer(3), ""},
  };
  for (const auto& [name, content, message] : rows) {
    SCOPED_TRACE(name);
    write_file(folder_.path() / "spiece.model", content);
    const CostLimit limit;
    const auto error = error_of([&] { return load(); });
    ASSERT_TRUE(error) << "it was loaded";
    EXPECT_NE(error->kind(), ErrorKind::internal);
    const std::string_view found = error->what();
    EXPECT_NE(found.find("spiece.model"), std::string_view::npos) << found;
    EXPECT_NE(found.find(message), std::string_view::npos) << found;
  }
  write_file(folder_.path() / "spiece.model", good);
  EXPECT_EQ(load().encode("a").ids, (Ids{3, 2}));
}

}  // namespace
}  // namespace attend::test
