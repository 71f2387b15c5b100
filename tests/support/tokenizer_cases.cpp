// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Comparison of encodings with recorded ones.
#include "support/tokenizer_cases.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "attend/text/utf8.h"
#include "attend/tokenizer/stream_decoder.h"
#include "attend/tokenizer/token_map.h"
#include "support/paths.h"

namespace attend::test {
namespace {

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

std::vector<std::string_view> views(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

}  // namespace

void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder) {
  run("cd '" + folder.string() + "' && cmake -E tar xf '" + archive.string() + "'");
}

void gunzip(const std::filesystem::path& archive, const std::filesystem::path& file) {
  run("gzip -dc '" + archive.string() + "' > '" + file.string() + "'");
}

void build_folder(const Json& set, const std::filesystem::path& folder) {
  for (const Json& file : set["files"]) {
    const auto from = shared("data/" + file["from"].get<std::string>());
    if (!from) throw std::runtime_error(file.dump() + " is not there");
    const std::filesystem::path to = folder / file["as"].get<std::string>();
    if (from->extension() == ".gz") {
      gunzip(*from, to);
    } else {
      write_file(to, read_file(*from));
    }
  }
  if (!set.contains("written_next_to_them")) return;
  for (const auto& [name, content] : set["written_next_to_them"].items()) {
    write_file(folder / name, content.dump());
  }
}

Tokenizer load_tokenizer(const Json& file) {
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.json", file.dump());
  return Tokenizer::load(folder.path() / "tokenizer.json");
}

Source source_of(const Json& one_case) {
  Source source;
  source.is_words = one_case.contains("words");
  const auto add = [&](const char* text, const char* words, std::vector<std::string>& out) {
    const char* key = source.is_words ? words : text;
    if (!one_case.contains(key) || one_case[key].is_null()) return false;
    if (source.is_words) {
      out = one_case[key].get<std::vector<std::string>>();
    } else {
      out.push_back(one_case[key].get<std::string>());
    }
    return true;
  };
  add("text", "words", source.first);
  source.has_second = add("pair", "pair_words", source.second);
  return source;
}

std::vector<Encoding> encode_source(const Tokenizer& tokenizer, const Source& source,
                                    const EncodeOptions& options) {
  if (source.is_words) {
    if (!source.has_second) return tokenizer.encode_words(views(source.first), options);
    return tokenizer.encode_words_pair(views(source.first), views(source.second), options);
  }
  if (!source.has_second) return tokenizer.encode_windows(source.first[0], options);
  return tokenizer.encode_pair_windows(source.first[0], source.second[0], options);
}

void expect_same(const Encoding& found, const Encoding& expected) {
  ASSERT_EQ(found.ids, expected.ids);
  ASSERT_EQ(found.type_ids, expected.type_ids);
  ASSERT_EQ(found.offsets, expected.offsets);
  ASSERT_EQ(found.word_ids, expected.word_ids);
  ASSERT_EQ(found.sequence_ids, expected.sequence_ids);
  ASSERT_EQ(found.special_tokens_mask, expected.special_tokens_mask);
  ASSERT_EQ(found.matched_texts.size(), expected.matched_texts.size());
  for (std::size_t i = 0; i < found.matched_texts.size(); ++i) {
    ASSERT_EQ(found.matched_texts[i].token, expected.matched_texts[i].token);
    ASSERT_EQ(found.matched_texts[i].text, expected.matched_texts[i].text);
  }
}

Json stream_of(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  StreamDecoder stream(tokenizer);
  Json out = Json::array();
  for (const TokenId id : ids) {
    const std::string text = stream.push(id);
    out.push_back(text.empty() ? Json(nullptr) : Json(text));
  }
  return out;
}

Json none_as_null(const std::vector<std::int32_t>& values) {
  Json out = Json::array();
  for (const std::int32_t value : values)
    out.push_back(value == none ? Json(nullptr) : Json(value));
  return out;
}

Json as_json(const Tokenizer& tokenizer, const Encoding& encoding, const Source& source) {
  const auto indices = [](const std::vector<std::string>& texts) {
    std::vector<CodePointIndex> out;
    for (const std::string& text : texts) out.emplace_back(text);
    return out;
  };
  Json offsets = Json::array();
  for (const Range range :
       code_point_offsets(encoding, indices(source.first), indices(source.second))) {
    offsets.push_back({range.begin, range.end});
  }
  return {{"ids", encoding.ids},
          {"type_ids", encoding.type_ids},
          {"tokens", tokenizer.tokens(encoding)},
          {"offsets", offsets},
          {"word_ids", none_as_null(encoding.word_ids)},
          {"special_tokens_mask", encoding.special_tokens_mask}};
}

Json expected_encoding(const Json& one_case) {
  Json out;
  for (const char* key : {"ids", "tokens", "offsets", "word_ids"}) out[key] = one_case.at(key);
  for (const char* key : {"type_ids", "special_tokens_mask"}) {
    out[key] = one_case.contains(key) ? one_case[key]
                                      : Json(std::vector<int>(one_case.at("ids").size(), 0));
  }
  return out;
}

void report_cases(std::string_view name, std::size_t cases) {
  std::cout << name << ": " << cases << " cases\n";
  testing::Test::RecordProperty("cases", std::to_string(cases));
}

}  // namespace attend::test
