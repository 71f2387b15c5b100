// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Real tokenizers of every family, from tokenizer.json and from slow files, against what
// transformers 4.57 gives: encodings, texts, streams, settings, windows, random texts. Needs the
// shared references.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>

#include "attend/core/error.h"
#include "support/paths.h"
#include "support/real_sets.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;
// Number of different tokens, as Python's len() has it.
Index count_tokens(const Tokenizer& tokenizer) {
  std::set<std::string_view> tokens;
  for (TokenId id = 0; id < tokenizer.vocabulary_size(); ++id) {
    try {
      tokens.insert(tokenizer.token_of(id));
    } catch (const Error&) {  // a gap
    }
  }
  return static_cast<Index>(tokens.size());
}

// <eop> of XLNet: the file's user-defined piece that the class names as special. transformers
// counts it among its special tokens, but decoding does not leave it out, and that is what
// is_special says.
bool is_special_by_name_only(const Tokenizer& tokenizer, const Json& id) {
  return tokenizer.token_of(id) == "<eop>" && tokenizer.id_of("<eod>").has_value();
}

void check_settings(const Tokenizer& tokenizer, const Json& expected) {
  const TokenizerSettings& settings = tokenizer.settings();
  EXPECT_EQ(settings.clean_up_tokenization_spaces, expected["clean_up_tokenization_spaces"]);
  EXPECT_EQ(settings.padding_side == Side::left ? "left" : "right", expected["padding_side"]);
  EXPECT_EQ(settings.truncation_side == Side::left ? "left" : "right", expected["truncation_side"]);
  const Json& length = expected["model_max_length"];
  if (length.is_number() && length.get<double>() < 1e18) {
    EXPECT_EQ(settings.model_max_length, length.get<Index>());
  } else {
    EXPECT_FALSE(settings.model_max_length.has_value());
  }
  bool has_type_ids = false;
  for (const Json& name : expected["model_input_names"]) has_type_ids |= name == "token_type_ids";
  EXPECT_EQ(settings.has_type_ids, has_type_ids);
  EXPECT_EQ(count_tokens(tokenizer), expected["len"].get<Index>());
  for (const auto& [content, id] : expected["added_vocab"].items()) {
    EXPECT_EQ(tokenizer.id_of(content), id.get<TokenId>()) << content;
  }
  for (const Json& id : expected["all_special_ids"]) {
    EXPECT_NE(tokenizer.is_special(id), is_special_by_name_only(tokenizer, id)) << id;
  }
  const SpecialTokens& special = tokenizer.special_tokens();
  const std::map<std::string, std::optional<TokenId>> roles = {
      {"unk_token", special.unk}, {"sep_token", special.sep},   {"pad_token", special.pad},
      {"cls_token", special.cls}, {"mask_token", special.mask}, {"bos_token", special.bos},
      {"eos_token", special.eos}};
  for (const auto& [name, id] : roles) {
    ASSERT_EQ(id.has_value(), expected["special_tokens"].contains(name)) << name;
    if (id) {
      EXPECT_EQ(tokenizer.token_of(*id), expected["special_tokens"][name]);
    }
  }
}

// What was recorded of an encoding: Python classes give neither offsets nor words.
Json only_keys_of(const Json& found, const Json& one_case) {
  Json out;
  for (const auto& [key, value] : found.items()) {
    if (one_case.contains(key)) out[key] = value;
  }
  return out;
}

void check_real_case(const Tokenizer& tokenizer, const Json& one_case, TextSide side) {
  Source source = source_of(one_case);
  const EncodeOptions options{.add_special_tokens = one_case.value("add_special_tokens", true),
                              .side = side};
  // The call of transformers takes an empty pair for none.
  if (source.has_second && source.second[0].empty()) source.has_second = false;
  const auto found = encode_source(tokenizer, source, options);
  const Json encoding = as_json(tokenizer, found[0], source);
  if (one_case.contains("offsets")) {
    EXPECT_EQ(encoding, expected_encoding(one_case));
  } else {
    EXPECT_EQ(only_keys_of(encoding, one_case), only_keys_of(one_case, encoding));
  }
  if (one_case.contains("ids_without_special")) {
    const auto plain =
        encode_source(tokenizer, source, {.add_special_tokens = false, .side = side});
    EXPECT_EQ(Json(plain[0].ids), one_case["ids_without_special"]);
  }
  EXPECT_EQ(tokenizer.decode(found[0].ids), one_case["decode"]);
  EXPECT_EQ(tokenizer.decode(found[0].ids, {.skip_special_tokens = true}),
            one_case["decode_skip_special"]);
  if (one_case.contains("stream")) {
    EXPECT_EQ(stream_of(tokenizer, found[0].ids), one_case["stream"]);
  }
}

TEST(RealTokenizers, EncodeAndDecode) {
  const auto sets = RealSets::open("real");
  if (!sets) GTEST_SKIP() << "golden-tokenizers/real.tar.xz or data/tokenizers is not there";
  std::size_t cases = 0;
  const std::vector<std::string> names = sets->names();
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const Json set = sets->read(name);
    const Tokenizer tokenizer = RealFolder(set).load();
    check_settings(tokenizer, set["settings"]);
    for (const Json& one_case : set["cases"]) {
      SCOPED_TRACE(one_case.dump());
      const bool is_target = name.ends_with("text-target") && !one_case.value("source", false);
      check_real_case(tokenizer, one_case, is_target ? TextSide::target : TextSide::source);
      ++cases;
    }
  }
  EXPECT_GE(names.size(), 47U);
  EXPECT_GE(cases, 42U * 190U);
  report_cases("real tokenizers", cases);
}

std::optional<Truncation> truncation_of(const Json& one_case) {
  const Json& options = one_case["options"];
  const Json value = options.value("truncation", Json(false));
  if (value == false) return std::nullopt;
  return Truncation{.max_length = options.at("max_length"),
                    .strategy = value == "only_first"    ? TruncationStrategy::only_first
                                : value == "only_second" ? TruncationStrategy::only_second
                                                         : TruncationStrategy::longest_first,
                    .side = one_case["truncation_side"] == "left" ? Side::left : Side::right,
                    .stride = options.value("stride", Index{0})};
}

// Row `row` of what the call returned, without its padding.
Json expected_row(const Json& expected, std::size_t row, bool is_matrix) {
  const auto row_of = [&](const char* key) {
    return is_matrix ? expected.at(key).at(row) : expected.at(key);
  };
  const Json mask = row_of("attention_mask");
  const std::pair<const char*, const char*> keys[] = {
      {"ids", "input_ids"},
      {"type_ids", "token_type_ids"},
      {"offsets", "offset_mapping"},
      {"word_ids", "word_ids"},
      {"sequence_ids", "sequence_ids"},
      {"special_tokens_mask", "special_tokens_mask"}};
  Json out;
  for (const auto& [ours, theirs] : keys) {
    if (!expected.contains(theirs)) continue;
    // The two lists that are not in the returned matrices are there for each row even without them.
    const bool is_extra =
        std::strcmp(ours, "word_ids") == 0 || std::strcmp(ours, "sequence_ids") == 0;
    const Json values =
        is_extra && expected[theirs][0].is_array() ? expected[theirs][row] : row_of(theirs);
    out[ours] = Json::array();
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask[i] == 1) out[ours].push_back(values[i]);
    }
  }
  return out;
}

void check_truncation_case(const Tokenizer& tokenizer, const Json& one_case) {
  const Json& expected = one_case["expected"];
  const bool is_batch = one_case["text"].is_array();
  const bool has_overflow = one_case["options"].value("return_overflowing_tokens", false);
  const EncodeOptions options{
      .add_special_tokens = one_case["options"].value("add_special_tokens", true),
      .truncation = truncation_of(one_case)};
  const auto encode_all = [&] {
    Json rows = Json::array();
    const std::size_t count = is_batch ? one_case["text"].size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
      Json input;
      for (const char* key : {"text", "pair"}) {
        if (one_case.contains(key)) input[key] = is_batch ? one_case[key][i] : one_case[key];
      }
      const Source source = source_of(input);
      auto windows = encode_source(tokenizer, source, options);
      if (!has_overflow) windows.resize(1);
      for (const Encoding& window : windows) {
        Json row = as_json(tokenizer, window, source);
        row["sequence_ids"] = none_as_null(window.sequence_ids);
        rows.push_back(row);
      }
    }
    return rows;
  };
  if (expected.contains("error") || expected.contains("panic")) {
    EXPECT_THROW(encode_all(), Error);
    return;
  }
  const Json found = encode_all();
  const bool is_matrix = is_batch || has_overflow;
  if (is_matrix) {
    ASSERT_EQ(found.size(), expected["input_ids"].size());
  }
  for (std::size_t row = 0; row < found.size(); ++row) {
    const Json wanted = expected_row(expected, row, is_matrix);
    for (const auto& [key, values] : wanted.items()) EXPECT_EQ(found[row][key], values) << key;
  }
}

// Failures that are not the tokenizer's: padding that the call refuses, an empty batch.
bool is_failure_of_padding(const Json& one_case) {
  return one_case["expected"].contains("error") &&
         (one_case["options"].contains("pad_to_multiple_of") ||
          (one_case["text"].is_array() && one_case["text"].empty()));
}

TEST(RealTokenizers, Truncation) {
  const auto sets = RealSets::open("truncation");
  if (!sets) GTEST_SKIP() << "golden-tokenizers/truncation.tar.xz or data/tokenizers is not there";
  const std::vector<std::string> names = sets->names();
  for (const std::string& name : names) {
    const Json set = sets->read(name);
    const Tokenizer tokenizer = RealFolder(set).load();
    std::size_t cases = 0;
    for (const Json& one_case : set["cases"]) {
      if (is_failure_of_padding(one_case)) continue;
      SCOPED_TRACE(name + one_case.dump());
      check_truncation_case(tokenizer, one_case);
      ++cases;
    }
    EXPECT_GT(cases, 500U);
    report_cases("truncation of " + name, cases);
  }
  EXPECT_GE(names.size(), 4U);
}

std::vector<std::uint32_t> read_u32(const fs::path& file) {
  const std::string bytes = read_file(file);
  std::vector<std::uint32_t> out(bytes.size() / 4);
  std::memcpy(out.data(), bytes.data(), out.size() * 4);
  return out;
}

// Folders that the recorded random texts went through, by the name of the file of ids.
std::vector<std::pair<std::string, std::string>> random_sets() {
  return {{"bert-base-uncased", "bert-base-uncased.json"},
          {"bert-base-cased", "bert-base-cased.json"},
          {"gpt2", "gpt2.json"},
          {"roberta-base", "roberta-base.json"},
          {"t5-small", "t5-small.json"},
          {"xlm-roberta-base-rebuilt", "xlm-roberta-base-rebuilt.json"},
          {"qwen2", "qwen2.slow-files"},
          {"deberta-v3", "deberta-v3.slow-files"},
          {"albert-base-v1", "albert-base-v1.slow-files"},
          {"research-only/llama-2", "research-only/llama-2.json"}};
}

TEST(RealTokenizers, RandomTexts) {
  const auto sets = RealSets::open("real");
  const auto recorded = RealSets::open("fuzz");
  if (!sets || !recorded) GTEST_SKIP() << "golden-tokenizers/fuzz.tar.xz or real is not there";
  std::vector<std::string> texts;
  std::istringstream lines(read_file(recorded->folder() / "texts.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    texts.push_back(json_of(line).get<std::string>());
  }
  std::size_t cases = 0;
  for (const auto& [name, set] : random_sets()) {
    const auto file = recorded->folder() / (name + ".u32");
    if (!std::filesystem::exists(file)) continue;  // the research-only part may be absent
    const auto numbers = read_u32(file);
    ASSERT_EQ(numbers[0], texts.size());
    const Tokenizer tokenizer = RealFolder(sets->read(set)).load();
    auto ids = numbers.begin() + 1 + static_cast<std::ptrdiff_t>(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto end = ids + numbers[1 + i];
      const Encoding found = tokenizer.encode(texts[i], {.add_special_tokens = false});
      EXPECT_EQ(std::vector<std::uint32_t>(found.ids.begin(), found.ids.end()),
                std::vector<std::uint32_t>(ids, end))
          << name << ": " << texts[i];
      ids = end;
      ++cases;
    }
  }
  EXPECT_GE(cases, 5U * 2'000U);
  report_cases("random texts", cases);
}

}  // namespace
}  // namespace attend::test
