// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Small tokenizer.json files, one for each component and option, against tokenizers 0.22.2: those
// in tests/tokenizer/data always, all of them where the shared references are.
#include <gtest/gtest.h>

#include <algorithm>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "checkpoint/checked_json.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"
#include "tokenizer/tokenizer_json.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

struct Counts {
  std::size_t encodings = 0;
  std::size_t normalized = 0;
  std::size_t pre_tokens = 0;
  std::size_t decoded = 0;
  std::size_t token_lists = 0;
  std::size_t streams = 0;
};

// What the file's truncation says, as options.
std::optional<Truncation> stored_truncation(const Json& file) {
  if (!file.contains("truncation") || file["truncation"].is_null()) return std::nullopt;
  const Json& stored = file["truncation"];
  const std::string strategy = stored.at("strategy");
  return Truncation{.max_length = stored.at("max_length"),
                    .strategy = strategy == "LongestFirst" ? TruncationStrategy::longest_first
                                : strategy == "OnlyFirst"  ? TruncationStrategy::only_first
                                                           : TruncationStrategy::only_second,
                    .side = stored.value("direction", "Right") == "Left" ? Side::left : Side::right,
                    .stride = stored.at("stride")};
}

std::optional<Padding> stored_padding(const Json& file) {
  if (!file.contains("padding") || file["padding"].is_null()) return std::nullopt;
  const Json& stored = file["padding"];
  Padding padding{.side = stored.at("direction") == "Left" ? Side::left : Side::right,
                  .pad_id = stored.at("pad_id").get<TokenId>(),
                  .pad_type_id = stored.at("pad_type_id").get<std::int32_t>()};
  if (stored["strategy"].is_object()) padding.length = stored["strategy"].at("Fixed").get<Index>();
  if (!stored["pad_to_multiple_of"].is_null()) {
    padding.pad_to_multiple_of = stored["pad_to_multiple_of"];
  }
  return padding;
}

// What a file says about encoding besides its components.
struct Stored {
  EncodeOptions options;
  std::optional<Padding> padding;

  explicit Stored(const Json& file)
      : options{.truncation = stored_truncation(file)}, padding(stored_padding(file)) {}
};

// A recorded encoding with its overflow, as a list.
Json expected_windows(const Json& recorded, bool is_padded) {
  Json out = Json::array();
  const auto add = [&](const Json& window) {
    Json expected = expected_encoding(window);
    if (is_padded) expected["attention_mask"] = window.at("attention_mask");
    out.push_back(expected);
  };
  add(recorded);
  if (recorded.contains("overflowing")) {
    for (const Json& window : recorded["overflowing"]) add(window);
  }
  return out;
}

Json windows_as_json(const Tokenizer& tokenizer, std::vector<Encoding> windows,
                     const Source& source, const std::optional<Padding>& padding) {
  Json out = Json::array();
  if (!padding) {
    for (const Encoding& window : windows) out.push_back(as_json(tokenizer, window, source));
    return out;
  }
  for (const PaddedEncoding& padded : tokenizer.pad(std::move(windows), *padding)) {
    out.push_back(as_json(tokenizer, padded.encoding, source));
    out.back()["attention_mask"] = padded.attention_mask;
  }
  return out;
}

void check_encoding(const Tokenizer& tokenizer, const Json& one_case, const Stored& stored) {
  const Source source = source_of(one_case);
  if (one_case.contains("error") || one_case.contains("panic")) {
    EXPECT_THROW((void)encode_source(tokenizer, source, stored.options), Error);
    return;
  }
  auto windows = encode_source(tokenizer, source, stored.options);
  if (!source.is_words) {  // the window that is put together where it is wanted
    const std::string_view text = source.first[0];
    expect_same(source.has_second ? tokenizer.encode_pair(text, source.second[0], stored.options)
                                  : tokenizer.encode(text, stored.options),
                windows[0]);
  }
  auto padding = stored.padding;
  // Overflow is no part of the batch that "longest" speaks of.
  if (padding && !padding->length) padding->length = windows[0].size();
  EXPECT_EQ(windows_as_json(tokenizer, std::move(windows), source, padding),
            expected_windows(one_case, padding.has_value()));
}

// One call for several texts; the overflow was not recorded.
void check_batch(const Tokenizer& tokenizer, const Json& cases, const Stored& stored,
                 Counts& counts) {
  if (!cases.contains("batch")) return;
  const auto texts = cases["batch"]["texts"].get<std::vector<std::string>>();
  auto found =
      tokenizer.encode(std::vector<std::string_view>(texts.begin(), texts.end()), stored.options);
  const auto padded = tokenizer.pad(std::move(found), *stored.padding);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Json row = as_json(tokenizer, padded[i].encoding, {.first = {texts[i]}});
    row["attention_mask"] = padded[i].attention_mask;
    EXPECT_EQ(Json::array({row}), expected_windows(cases["batch"]["encodings"][i], true));
    ++counts.encodings;
  }
}

void check_decoding(const Tokenizer& tokenizer, const Json& one_case, Counts& counts) {
  if (!one_case.contains("decode")) return;
  const auto ids = one_case.at("ids").get<std::vector<TokenId>>();
  const auto check = [&](const Json& expected, auto&& found) {
    if (expected.is_object()) {
      EXPECT_THROW((void)found(), Error);
    } else {
      EXPECT_EQ(found(), expected);
    }
  };
  check(one_case["decode"], [&] { return tokenizer.decode(ids); });
  check(one_case["decode_skip_special"],
        [&] { return tokenizer.decode(ids, {.skip_special_tokens = true}); });
  ++counts.decoded;
  if (!one_case.contains("stream")) return;
  check(one_case["stream"], [&] { return stream_of(tokenizer, ids); });
  ++counts.streams;
}

// Normalizer and pre-tokenizer by themselves, which many files have whose model is not known yet.
class Steps {
 public:
  explicit Steps(const fs::path& file)
      : document_(read_json(file, {.where = "test", .field_error = ErrorKind::tokenizer_error})) {
    const auto read = [](auto&& reader) {
      try {
        reader();
        return true;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported) << error.what();
        return false;
      }
    };
    const JsonField root = document_.root();
    has_normalizer_ =
        read([&] { normalizer_ = Normalizer(read_normalizer(root.at("normalizer")).steps); });
    has_pre_tokenizer_ =
        read([&] { pre_tokenizer_ = PreTokenizer(read_pre_tokenizer(root.at("pre_tokenizer"))); });
  }

  void check(const Json& one_case, Counts& counts) const {
    if (!has_normalizer_ || !one_case.contains("text")) return;
    const std::string text = one_case["text"];
    NormalizedText normalized(text);
    normalizer_(normalized);
    if (one_case.contains("normalized")) {
      EXPECT_EQ(normalized.text(), one_case["normalized"]);
      ++counts.normalized;
    }
    if (!has_pre_tokenizer_ || !one_case.contains("pre_tokens")) return;
    std::vector<TextRange> pieces;
    const auto size = static_cast<Index>(normalized.text().size());
    if (size > 0) pieces.push_back({0, size});
    pre_tokenizer_(normalized, pieces);
    const CodePointIndex index(text);
    Json found = Json::array();
    for (const TextRange piece : pieces) {
      const TextRange source = normalized.source(piece);
      found.push_back(
          {normalized.text(piece), index.code_points(source.begin), index.code_points(source.end)});
    }
    // Of an empty text the reference leaves one empty piece when no step looks at it.
    if (size > 0) {
      EXPECT_EQ(found, one_case["pre_tokens"]);
    }
    ++counts.pre_tokens;
  }

 private:
  JsonDocument document_;
  Normalizer normalizer_;
  PreTokenizer pre_tokenizer_;
  bool has_normalizer_ = false;
  bool has_pre_tokenizer_ = false;
};

void check_vocabulary(const Tokenizer& tokenizer, const Json& cases) {
  if (!cases.contains("resolved_added_tokens")) return;
  for (const auto& [id, content] : cases["resolved_added_tokens"].items()) {
    EXPECT_EQ(tokenizer.token_of(std::stoi(id)), content);
  }
  for (const auto& [content, id] : cases["token_to_id"].items()) {
    EXPECT_EQ(tokenizer.id_of(content), id.get<TokenId>());
  }
}

// The same tokenizer in a folder whose tokenizer_config.json splits special tokens.
void check_split_special(const fs::path& file, const Json& cases, const Stored& stored,
                         Counts& counts) {
  if (!cases.contains("encode_special_tokens")) return;
  TemporaryFolder folder;
  fs::copy_file(file, folder.path() / "tokenizer.json");
  Json config = {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"split_special_tokens", true}};
  // Where the configuration does not name it, transformers takes it away from the file.
  const Json words = read_json_file(file)["pre_tokenizer"];
  if (words.is_object() && words.contains("add_prefix_space")) {
    config["add_prefix_space"] = words["add_prefix_space"];
  }
  write_file(folder.path() / "tokenizer_config.json", config.dump());
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  for (const Json& one_case : cases["encode_special_tokens"]) {
    SCOPED_TRACE("encode_special_tokens " + one_case.dump());
    check_encoding(tokenizer, one_case, stored);
    ++counts.encodings;
  }
}

// Lists of token strings through the decoder alone.
void check_token_lists(const fs::path& file, const Json& cases, Counts& counts) {
  if (!cases.contains("decode_token_lists")) return;
  const JsonDocument document = read_json(file, {.where = "test"});
  Decoder decoder;
  try {
    decoder = read_decoder(document.root().at("decoder"));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported) << error.what();
    return;
  }
  for (const Json& one_case : cases["decode_token_lists"]) {
    SCOPED_TRACE(one_case.dump());
    const auto tokens = one_case["tokens"].get<std::vector<std::string>>();
    const auto text = [&] {
      return decode(decoder, std::vector<std::string_view>(tokens.begin(), tokens.end()));
    };
    if (one_case["text"].is_string()) {
      EXPECT_EQ(text(), one_case["text"]);
    } else {
      expect_error(ErrorKind::tokenizer_error, {"Strip"}, text);
    }
    ++counts.token_lists;
  }
}

void check_tokenizer(const fs::path& file, const Json& cases, const Json& settings,
                     Counts& counts) {
  std::optional<Tokenizer> loaded;
  try {
    loaded = Tokenizer::load(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported) << error.what();
    return;
  }
  const Tokenizer& tokenizer = *loaded;
  Stored stored(settings);
  check_vocabulary(tokenizer, cases);
  for (const Json& one_case : cases["cases"]) {
    SCOPED_TRACE(one_case.dump());
    stored.options.add_special_tokens = one_case.value("add_special_tokens", true);
    check_encoding(tokenizer, one_case, stored);
    ++counts.encodings;
    check_decoding(tokenizer, one_case, counts);
  }
  stored.options.add_special_tokens = true;
  check_split_special(file, cases, stored, counts);
  check_batch(tokenizer, cases, stored, counts);
}

void check_file(const fs::path& file, Counts& counts) {
  std::string name = file.filename().string();
  name.resize(name.size() - std::string_view(".tokenizer.json").size());
  const std::string set = file.parent_path().filename().string() + "/" + name;
  SCOPED_TRACE(set);
  const Json cases = read_json_file(file.parent_path() / (name + ".cases.json"));
  const Json settings = read_json_file(file);
  const Steps steps(file);
  for (const Json& one_case : cases["cases"]) {
    SCOPED_TRACE(one_case.dump());
    steps.check(one_case, counts);
  }
  check_token_lists(file, cases, counts);
  check_tokenizer(file, cases, settings, counts);
}

Counts check_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().string().ends_with(".tokenizer.json")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Counts counts;
  for (const fs::path& file : files) check_file(file, counts);
  return counts;
}

void report(const std::string& name, const Counts& counts) {
  report_cases(name + ", encodings", counts.encodings);
  report_cases(name + ", decoded", counts.decoded);
  report_cases(name + ", streams", counts.streams);
  report_cases(name + ", token lists", counts.token_lists);
  report_cases(name + ", normalized alone", counts.normalized);
  report_cases(name + ", cut into words alone", counts.pre_tokens);
}

TEST(Components, CopiedCases) {
  const Counts counts = check_folder(tests_folder() / "tokenizer" / "data" / "components");
  EXPECT_GT(counts.encodings, 1'100U);
  EXPECT_GT(counts.pre_tokens, 300U);
  report("copied components", counts);
}

TEST(Components, AllCases) {
  const auto archive = shared("golden-tokenizers/components.tar.xz");
  if (!archive) GTEST_SKIP() << "golden-tokenizers/components.tar.xz is not there";
  TemporaryFolder folder;
  unpack(*archive, folder.path());
  const Counts counts = check_folder(folder.path());
  EXPECT_GT(counts.encodings, 3000U);
  report("all components", counts);
}

}  // namespace
}  // namespace attend::test
