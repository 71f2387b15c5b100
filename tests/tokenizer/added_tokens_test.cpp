// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokens that are added to a loaded tokenizer, against add_tokens() and add_special_tokens() of
// transformers 4.57; see data/families/README.md.
#include "attend/tokenizer/added_tokens.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "support/cost.h"
#include "support/error_of.h"
#include "support/families.h"
#include "support/paths.h"

namespace attend::test {
namespace {

const std::map<std::string, SpecialRole> roles = {
    {"bos_token", SpecialRole::bos},  {"eos_token", SpecialRole::eos},
    {"unk_token", SpecialRole::unk},  {"sep_token", SpecialRole::sep},
    {"pad_token", SpecialRole::pad},  {"cls_token", SpecialRole::cls},
    {"mask_token", SpecialRole::mask}};

std::optional<TokenId> id_in_role(const SpecialTokens& tokens, SpecialRole role) {
  switch (role) {
    case SpecialRole::bos: return tokens.bos;
    case SpecialRole::eos: return tokens.eos;
    case SpecialRole::unk: return tokens.unk;
    case SpecialRole::sep: return tokens.sep;
    case SpecialRole::pad: return tokens.pad;
    case SpecialRole::cls: return tokens.cls;
    case SpecialRole::mask: return tokens.mask;
  }
  return {};
}

// A string, or a token with flags.
NewToken new_token(const Json& token) {
  if (token.is_string()) return {.content = token};
  NewToken out{.content = token["content"],
               .single_word = token.value("single_word", false),
               .lstrip = token.value("lstrip", false),
               .rstrip = token.value("rstrip", false),
               .special = token.value("special", false)};
  if (token.contains("normalized")) out.normalized = token["normalized"].get<bool>();
  return out;
}

std::vector<NewToken> new_tokens(const Json& call) {
  std::vector<NewToken> out;
  if (call.contains("tokens")) {
    for (const Json& token : call["tokens"]) {
      out.push_back(new_token(token));
      out.back().special = out.back().special || call.value("special", false);
    }
    return out;
  }
  for (const char* key : {"pad_token", "cls_token", "eos_token", "unk_token"}) {  // in this order
    if (!call["roles"].contains(key)) continue;
    out.push_back(new_token(call["roles"][key]));
    out.back().role = roles.at(key);
  }
  for (const Json& token : call["roles"].value("additional_special_tokens", Json::array())) {
    out.push_back(new_token(token));
    out.back().special = true;
  }
  return out;
}

void check_case(const Tokenizer& tokenizer, const Json& one_case) {
  const Source source = source_of(one_case);
  const Encoding found = tokenizer.encode(source.first[0]);
  EXPECT_EQ(Json(found.ids), one_case["ids"]);
  if (one_case.contains("target_ids")) {
    EXPECT_EQ(Json(tokenizer.encode(source.first[0], {.side = TextSide::target}).ids),
              one_case["target_ids"]);
  }
  if (one_case.contains("offsets")) {
    const Json encoding = as_json(tokenizer, found, source);
    Json offsets = Json::array();
    for (const Json& range : encoding["offsets"]) {
      for (const Json& end : range) offsets.push_back(end);
    }
    EXPECT_EQ(offsets, one_case["offsets"]);
  }
  const auto ids = one_case["ids"].get<std::vector<TokenId>>();
  EXPECT_EQ(tokenizer.decode(ids), one_case["decode"]);
  EXPECT_EQ(tokenizer.decode(ids, {.skip_special_tokens = true}), one_case["decode_skip_special"]);
}

// What was saved and loaded again still has the tokens.
void check_saved(const Tokenizer& tokenizer, const Json& recorded) {
  const TemporaryFolder folder;
  tokenizer.save(folder.path());
  const Tokenizer again = Tokenizer::load(folder.path());
  for (const Json& one_case : recorded["cases"]) {
    SCOPED_TRACE("saved, " + one_case.dump());
    check_case(again, one_case);
  }
  for (const auto& [name, role] : roles) {
    EXPECT_EQ(id_in_role(again.special_tokens(), role),
              id_in_role(tokenizer.special_tokens(), role));
  }
}

void check_record(const Tokenizer& before, const Json& recorded) {
  EXPECT_EQ(before.vocabulary_size(), recorded["len"][0].get<Index>());
  std::optional<Tokenizer> tokenizer;
  Json counts = Json::array();
  for (const Json& call : recorded["calls"]) {
    ExtendedTokenizer extended =
        (tokenizer ? *tokenizer : before).with_added_tokens(new_tokens(call));
    tokenizer.emplace(std::move(extended.tokenizer));
    counts.push_back(extended.added);
  }
  EXPECT_EQ(counts, recorded["counts"]);
  EXPECT_EQ(tokenizer->vocabulary_size(), recorded["len"][1].get<Index>());
  for (const auto& [content, id] : recorded["ids"].items()) {
    EXPECT_EQ(tokenizer->id_of(content), id.get<TokenId>()) << content;
    EXPECT_EQ(tokenizer->token_of(id), content);
  }
  for (const auto& [name, id] : recorded["roles"].items()) {
    EXPECT_EQ(id_in_role(tokenizer->special_tokens(), roles.at(name)), id.get<TokenId>()) << name;
  }
  for (const Json& one_case : recorded["cases"]) {
    SCOPED_TRACE(one_case.dump());
    check_case(*tokenizer, one_case);
  }
  check_saved(*tokenizer, recorded);
}

// The reference aborts inside a character of several bytes.
TEST(AddedTokens, OfNothingCutBetweenCharacters) {
  const Tokenizer tokenizer = Tokenizer::load(
      tests_folder() / "tokenizer/data/components/added_tokens/empty-single-word.tokenizer.json");
  const auto words = [&](std::string_view text) { return tokenizer.encode(text).size(); };
  EXPECT_EQ(words("a,\u00E9"), 3U);
  EXPECT_EQ(words("\u2026\u2026\u2026"), 3U);
  EXPECT_EQ(words(",\U0001F600\U0001F600."), 4U);
  EXPECT_EQ(words("\u00E9t\u00E9"), 1U);  // nothing is a single word there
}

TEST(AddedTokens, AsTransformersAddsThem) {
  const Families families;
  std::size_t cases = 0;
  for (const Json& recorded : read_json_file(families_folder() / "added_tokens.json")) {
    SCOPED_TRACE(recorded["set"].get<std::string>() + " " + recorded["calls"].dump());
    Json set = families.set(recorded["set"].get<std::string>());
    set["config"].update(recorded.value("config", Json::object()));
    check_record(families.load(set), recorded);
    cases += recorded["cases"].size();
  }
  EXPECT_EQ(cases, 398U);
  report_cases("texts with added tokens", cases);
}

// Other threads go on with the tokenizer that they have.
TEST(AddedTokens, ThisTokenizerStaysAsItIs) {
  const Tokenizer tokenizer = Tokenizer::load(tests_folder() / "golden/bert-fill-mask");
  const std::string text = "a <new> token";
  const Encoding before = tokenizer.encode(text);
  const Index size = tokenizer.vocabulary_size();
  bool differs = false;
  std::thread other([&] {
    for (int i = 0; i < 200; ++i) differs = differs || tokenizer.encode(text).ids != before.ids;
  });
  const NewToken token{.content = "<new>", .role = SpecialRole::bos};
  const ExtendedTokenizer extended = tokenizer.with_added_tokens({&token, 1});
  EXPECT_NE(extended.tokenizer.encode(text).ids, before.ids);
  other.join();
  EXPECT_FALSE(differs);
  EXPECT_EQ(tokenizer.vocabulary_size(), size);
  EXPECT_FALSE(tokenizer.id_of("<new>"));
  EXPECT_FALSE(tokenizer.special_tokens().bos);
  EXPECT_EQ(extended.tokenizer.id_of("<new>"), static_cast<TokenId>(size));
  EXPECT_TRUE(extended.tokenizer.is_special(static_cast<TokenId>(size)));
}

TEST(AddedTokens, Refusals) {
  const Tokenizer tokenizer = Tokenizer::load(tests_folder() / "golden/bert-fill-mask");
  const auto add = [&](std::string content) {
    const NewToken token{.content = std::move(content)};
    return tokenizer.with_added_tokens({&token, 1}).added;
  };
  EXPECT_EQ(add(std::string(AddedTokens::max_bytes, 'x')), 1);
  expect_error(ErrorKind::resource_limit, {"added token", "256", "shorten it"},
               [&] { return add(std::string(AddedTokens::max_bytes + 1, 'x')); });
  expect_error(ErrorKind::invalid_utf8, {"with_added_tokens", "byte 1"},
               [&] { return add("a\xFF"); });
  EXPECT_EQ(add(""), 0);
  EXPECT_EQ(tokenizer.with_added_tokens({}).added, 0);
  AddedTokens tokens;
  const AddedToken empty;
  expect_error(ErrorKind::tokenizer_error, {"added token is empty", "leave it out"}, [&] {
    return tokens.add({&empty, 1}, Vocabulary());
  });
  const AddedToken last{.content = "<last>"};
  tokens.add_at(last, TokenId{Vocabulary::max_id});
  const AddedToken more{.content = "<more>"};
  expect_error(ErrorKind::resource_limit, {"too many added tokens", "16777215"}, [&] {
    return tokens.add({&more, 1}, Vocabulary());
  });
}

// The model of Marian and M2M100 looks the unknown token up in vocab.json: the reference has a
// KeyError for every text when it is not there. Long tokens would take too much time to find.
TEST(AddedTokens, RefusalsOfPythonClasses) {
  const Families families;
  for (const char* name : {"MarianTokenizer", "M2M100Tokenizer"}) {
    SCOPED_TRACE(name);
    const Tokenizer tokenizer = families.load(families.set(name));
    const auto add = [&](const NewToken& token) {
      return tokenizer.with_added_tokens({&token, 1}).added;
    };
    expect_error(ErrorKind::tokenizer_error, {"with_added_tokens", "<new>", "vocab.json"},
                 [&] { return add({.content = "<new>", .role = SpecialRole::unk}); });
    expect_error(ErrorKind::resource_limit, {"added token", "256"},
                 [&] { return add({.content = std::string(257, 'x')}); });
    EXPECT_EQ(add({.content = std::string(256, 'x')}), 1);
    EXPECT_EQ(add({.content = ""}), 0);
    EXPECT_EQ(tokenizer.with_added_tokens({}).added, 0);
  }
}

// --- where they stand in a text ---

AddedTokens plain_tokens(const std::vector<std::string>& contents) {
  std::vector<AddedToken> tokens;
  for (const std::string& content : contents) {
    tokens.push_back({.content = content, .normalized = false, .special = false});
  }
  AddedTokens out;
  out.add(tokens, Vocabulary());
  out.prepare(Normalizer());
  return out;
}

// Leftmost, then longest, by looking everywhere.
std::vector<std::string_view> look_everywhere(std::string_view text,
                                              const std::vector<std::string>& contents) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t longest = 0;
    for (const std::string& content : contents) {
      if (text.substr(at).starts_with(content)) longest = std::max(longest, content.size());
    }
    if (longest > 0) out.push_back(text.substr(at, longest));
    at += std::max<std::size_t>(longest, 1);
  }
  return out;
}

std::vector<std::string_view> found_in(std::string_view text, const AddedTokens& tokens) {
  std::vector<AddedTokenPart> parts;
  tokens.split_raw(text, parts);
  std::vector<std::string_view> out;
  for (const AddedTokenPart& part : parts) {
    const auto begin = static_cast<std::size_t>(part.bytes.begin);
    if (part.id == none) continue;
    out.push_back(text.substr(begin, static_cast<std::size_t>(part.bytes.size())));
    EXPECT_EQ(tokens.token(part.id)->content, out.back());
  }
  return out;
}

// Of few letters, so that much looks like a token for long: then blocks of a text are searched.
TEST(AddedTokens, LeftmostLongestInAnyText) {
  std::mt19937 random(1);
  const auto letters = [&](std::size_t count, unsigned of) {
    std::string out;
    while (out.size() < count) out += static_cast<char>('a' + random() % of);
    return out;
  };
  std::size_t found = 0;
  for (int round = 0; round < 24; ++round) {
    const std::string text = std::string(round % 3 == 0 ? 9'000 : 0, 'a') + letters(9'000, 2) +
                             std::string(5'000, 'b') + letters(100, 3);
    std::vector<std::string> contents = {std::string(round % 2 == 0 ? 250 : 40, 'a') + 'c',
                                         std::string(255, 'b') + 'c'};
    for (int i = 0; i < 40; ++i) contents.push_back(letters(1 + random() % (i % 2 ? 6 : 20), 3));
    for (int i = 0; i < 3; ++i) contents.push_back(text.substr(random() % text.size(), 200));
    if (round % 4 == 0) contents.resize(2);
    const auto expected = look_everywhere(text, contents);
    EXPECT_EQ(found_in(text, plain_tokens(contents)), expected);
    found += expected.size();
  }
  EXPECT_GT(found, 10'000U);
}

TEST(AddedTokens, NoTextIsSlow) {
  std::vector<std::string> contents;
  for (std::size_t i = 0; i < 256; ++i) contents.push_back(std::string(i, 'a') + 'b');
  contents.back() = std::string(255, 'a') + 'c';
  const AddedTokens tokens = plain_tokens(contents);
  const std::string text(std::size_t{4} << 20U, 'a');
  const CostLimit limit;
  EXPECT_TRUE(found_in(text, tokens).empty());
}

TEST(AddedTokens, AllTogetherHaveALimit) {
  const auto make = [](int count) {
    std::vector<std::string> contents;
    for (int i = 0; i < count; ++i) contents.push_back(std::to_string(i) + std::string(200, 'x'));
    return plain_tokens(contents);
  };
  EXPECT_EQ(make(1000).tokens().size(), 1000U);
  expect_error(ErrorKind::resource_limit, {"bytes of all added tokens"}, [&] { make(21'000); });
  AddedTokens one;
  one.add({.content = std::string(200, 'a'), .normalized = true, .special = false}, Vocabulary());
  expect_error(ErrorKind::resource_limit, {"length of an added token that is normalized"}, [&] {
    one.prepare(Normalizer({ReplaceText{"a", std::string(100, 'b')}}));
  });
}

}  // namespace
}  // namespace attend::test
