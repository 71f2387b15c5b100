// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A text that is cut into chunks, some of them known from earlier texts, becomes what it becomes as
// a whole: for every tokenizer at hand and for texts that are made to go wrong at the cuts.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include "attend/core/error.h"
#include "support/allocation_count.h"
#include "support/families.h"
#include "support/paths.h"
#include "support/real_sets.h"
#include "support/tokenizer_cases.h"
#include "tokenizer/text_encoder.h"
#include "tokenizer/tokenizer_json.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

TokenizerParts parts_of(const fs::path& file) {
  TokenizerFile read = read_tokenizer_file(file);
  for (const AddedToken& token : read.added_tokens) {
    read.parts.added_tokens.add(token, read.parts.vocabulary);
  }
  read.parts.added_tokens.prepare(read.parts.normalizer);
  return std::move(read.parts);
}

Encoding encode(const TokenizerParts& parts, const Chunking& chunking, EncoderMemory& memory,
                std::string_view text, EncodingFields fields = EncodingFields::all) {
  Encoding out;
  TextEncoder(parts, chunking, memory, {out, fields}).encode(text);
  return out;
}

// Words, white space of all kinds, symbols that patterns join with it, what normalizers drop, join
// or multiply, and the contents of added tokens.
class Texts {
 public:
  explicit Texts(const TokenizerParts& parts, unsigned seed) : random_(seed) {
    for (const auto& [id, token] : parts.added_tokens.tokens()) {
      parts_.push_back(token.content);
      if (parts_.size() > 20) break;
    }
    own_ = parts_.size();
    for (const std::string_view part : {"a",
                                        "the",
                                        "The",
                                        "word",
                                        "isn't",
                                        "I'LL",
                                        "x1",
                                        "2024",
                                        "3.14",
                                        "ab\u0301",
                                        "caf\u00E9",
                                        "na\u00EFve",
                                        "\u0130",
                                        "\u00DF",
                                        "\u4E2D\u6587",
                                        "\u3042",
                                        "\uD55C\uAD6D",
                                        "\u043C\u0438\u0440",
                                        "\u0E01\u0E33",
                                        "\u0600"
                                        "1",
                                        "\uFB01",
                                        "\u2581",
                                        "\u2581\u2581",
                                        "\u0120",
                                        "\xF0\x9F\x98\x80",
                                        "\u200D",
                                        "\u0301",
                                        "\u00A8",
                                        "\uFF21",
                                        "\u00BD",
                                        "...",
                                        "!?",
                                        "--",
                                        "/",
                                        "://",
                                        "'",
                                        "\"",
                                        "``",
                                        "''",
                                        "[MASK]",
                                        "<s>",
                                        "</s>",
                                        "<unk>",
                                        "<0x0A>",
                                        "##ing",
                                        "(",
                                        ")",
                                        "@",
                                        "$",
                                        "%",
                                        "verylongwordwithoutanyblankinsideitatallverylongword"}) {
      parts_.emplace_back(part);
    }
    words_ = parts_.size();
    for (const std::string_view part :
         {" ",      " ",      " ",      " ",      " ",    "  ",   "   ",   "\n",     "\n",
          "\n\n",   "\r\n",   "\t",     " \n",    "\n ",  "\v",   "\f",    "\u00A0", "\u3000",
          "\u200B", "\u2028", "\u0085", "\u00AD", "\x01", "\x7F", "\uFEFF"}) {
      parts_.emplace_back(part);
    }
  }

  [[nodiscard]] std::string next() {
    std::string text;
    for (std::size_t left = random_() % 16; left > 0; --left) {
      const bool is_own = own_ > 0 && random_() % 6 == 0;
      text += is_own ? parts_[random_() % own_] : parts_[own_ + random_() % (words_ - own_)];
      if (random_() % 4 != 0) text += parts_[words_ + random_() % (parts_.size() - words_)];
    }
    if (random_() % 4 == 0) text.insert(0, parts_[words_ + random_() % (parts_.size() - words_)]);
    return text;
  }

 private:
  std::mt19937 random_;
  std::vector<std::string> parts_;
  std::size_t own_ = 0;    // added tokens end here
  std::size_t words_ = 0;  // and words here
};

// Returns whether the tokenizer cuts texts at all.
bool check(const TokenizerParts& parts, int texts, unsigned seed) {
  const Chunking chunking(parts);
  const Chunking whole;
  if (!chunking.cuts()) return false;
  EncoderMemory memory;
  Texts source(parts, seed);
  for (int i = 0; i < texts && !testing::Test::HasFatalFailure(); ++i) {
    const std::string text = source.next();
    SCOPED_TRACE(testing::PrintToString(text));
    const Encoding expected = encode(parts, whole, memory, text);
    expect_same(encode(parts, chunking, memory, text), expected);
    const Encoding ids = encode(parts, chunking, memory, text, EncodingFields::ids);
    EXPECT_EQ(ids.ids, expected.ids);
    EXPECT_TRUE(ids.offsets.empty() && ids.word_ids.empty());
  }
  return true;
}

std::vector<fs::path> tokenizer_files(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().string().ends_with("tokenizer.json")) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Names of the files whose tokenizers cut texts.
std::set<std::string> check_folder(const fs::path& folder, int texts) {
  std::set<std::string> cut;
  std::size_t count = 0;
  for (const fs::path& file : tokenizer_files(folder)) {
    const std::string name = file.lexically_relative(folder).string();
    SCOPED_TRACE(name);
    if (check(parts_of(file), texts, static_cast<unsigned>(++count))) cut.insert(name);
  }
  report_cases("tokenizers", count);
  report_cases("of them cut texts, texts each " + std::to_string(texts), cut.size());
  return cut;
}

TEST(Chunking, CopiedTokenizers) {
  const auto cut = check_folder(tests_folder(), 300);
  EXPECT_TRUE(cut.contains("golden/bert-fill-mask/tokenizer.json"));
}

// Its words are the matches of a known pattern, and nothing between them.
TEST(Chunking, Tekken) {
  const TemporaryFolder folder;
  write_file(folder.path() / "tekken.json", read_file(families_folder() / "tekken.json"));
  EXPECT_TRUE(check(read_tokenizer(folder.path()), 20'000, 1));
}

TEST(Chunking, AllComponents) {
  const auto archive = shared("golden-tokenizers/components.tar.xz");
  if (!archive) GTEST_SKIP() << "golden-tokenizers/components.tar.xz is not there";
  TemporaryFolder folder;
  unpack(*archive, folder.path());
  const auto cut = check_folder(folder.path(), 300);
  // Most normalizers and pre-tokenizers are there to change what a cut would go through: of their
  // files those that cut are listed, of the other folders those that do not.
  std::set<std::string> unusual;
  for (const fs::path& file : tokenizer_files(folder.path())) {
    const std::string name = file.lexically_relative(folder.path()).string();
    const bool may_change = name.find("/normalizer/") != std::string::npos ||
                            name.find("/pre_tokenizer/") != std::string::npos;
    const std::string_view end = ".tokenizer.json";
    if (cut.contains(name) == may_change) {
      unusual.insert(
          name.substr(name.find('/') + 1, name.size() - end.size() - name.find('/') - 1));
    }
  }
  const std::set<std::string> expected = {"added_tokens/bytelevel-normalizer",
                                          "added_tokens/in-vocabulary-and-wrong-ids",
                                          "added_tokens/overlapping-single-word",
                                          "added_tokens/overlapping",
                                          "added_tokens/prepend-normalized1",
                                          "added_tokens/word0-left0-right1",
                                          "added_tokens/word0-left1-right1",
                                          "added_tokens/word1-left0-right1",
                                          "added_tokens/word1-left1-right1",
                                          "model/bpe-tokens-with-spaces",
                                          "model/bpe-unk-missing",
                                          "model/unigram-no-pretokenizer",
                                          "model/unigram-unk-null",
                                          "model/wordlevel-unk-missing",
                                          "model/wordpiece-no-pretokenizer",
                                          "model/wordpiece-unk-missing",
                                          "normalizer/replace-string-0",
                                          "normalizer/sequence-llama",
                                          "pre_tokenizer/bert",
                                          "pre_tokenizer/bytelevel-prefix0-regex1",
                                          "pre_tokenizer/bytelevel-prefix1-regex1",
                                          "pre_tokenizer/chardelimiter-0020",
                                          "pre_tokenizer/metaspace-always-split0",
                                          "pre_tokenizer/metaspace-always-split1",
                                          "pre_tokenizer/metaspace-first-split0",
                                          "pre_tokenizer/metaspace-first-split1",
                                          "pre_tokenizer/metaspace-never-split0",
                                          "pre_tokenizer/metaspace-never-split1",
                                          "pre_tokenizer/sequence-digits-bytelevel",
                                          "pre_tokenizer/sequence-split-bytelevel",
                                          "pre_tokenizer/sequence-whitespace-punctuation-digits",
                                          "pre_tokenizer/sequence-whitespacesplit-metaspace",
                                          "pre_tokenizer/split-cl100k",
                                          "pre_tokenizer/split-clip",
                                          "pre_tokenizer/split-gpt2",
                                          "pre_tokenizer/split-o200k",
                                          "pre_tokenizer/split-qwen2",
                                          "pre_tokenizer/whitespace",
                                          "pre_tokenizer/whitespacesplit"};
  EXPECT_EQ(unusual, expected);
}

TEST(Chunking, RealTokenizers) {
  const auto sets = RealSets::open("real");
  if (!sets) GTEST_SKIP() << "golden-tokenizers/real.tar.xz or data/tokenizers is not there";
  std::size_t count = 0;
  std::set<std::string> whole;
  for (const std::string& name : sets->names()) {
    const Json set = sets->read(name);
    SCOPED_TRACE(name);
    if (!check(read_tokenizer(RealFolder(set).path()), 2'000, 7)) whole.insert(name);
    ++count;
  }
  // SentencePiece takes texts whole; in the vocabularies of the others tokens span cuts.
  const std::set<std::string> expected = {"fixture-spm-bytefallback-as-llama.slow-files",
                                          "fixture-spm-unigram-as-pegasus.slow-files",
                                          "opus-mt-fr-en.slow-files", "opus-mt-fr-en.text-target"};
  EXPECT_EQ(whole, expected);
  report_cases("ways to load real tokenizers, 2,000 texts each", count);
}

}  // namespace
}  // namespace attend::test
