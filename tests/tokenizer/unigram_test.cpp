// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Unigram: against trying every way to cut, against sentencepiece, and over very long words.
#include "attend/tokenizer/unigram.h"

#include <gtest/gtest.h>
#include <sentencepiece_processor.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <random>

#include "support/cost.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/sanitized.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

struct Model {
  Model(const std::vector<std::pair<std::string, double>>& pieces, UnigramOptions options) {
    std::vector<double> scores;
    for (const auto& [piece, score] : pieces) {
      vocabulary.add_again(piece, static_cast<TokenId>(scores.size()));
      scores.push_back(score);
    }
    unigram.emplace(options, std::move(scores), vocabulary);
  }

  [[nodiscard]] std::vector<Piece> pieces(std::string_view word) const {
    ModelScratch scratch;
    std::vector<Piece> out;
    unigram->tokenize(word, vocabulary, scratch, out);
    return out;
  }
  // "id[begin,end] ...", with a star where the word's spelling counts
  [[nodiscard]] std::string cut(std::string_view word) const {
    std::string out;
    for (const Piece& piece : pieces(word)) {
      if (!out.empty()) out += ' ';
      out += std::to_string(piece.id) + (piece.is_own_spelling ? "*[" : "[") +
             std::to_string(piece.bytes.begin) + ',' + std::to_string(piece.bytes.end) + ']';
    }
    return out;
  }

  Vocabulary vocabulary;
  std::optional<Unigram> unigram;
};

TEST(Unigram, BestSumAndTies) {
  EXPECT_EQ(Model({{"<unk>", 0}, {"a", -1}, {"b", -1}, {"ab", -1.5}}, {.unk_id = 0}).cut("aab"),
            "1[0,1] 3[1,3]");
  // a|ba and ab|a have one score.
  const Model ties({{"<unk>", 0}, {"a", -1}, {"ab", -2}, {"ba", -2}}, {.unk_id = 0});
  EXPECT_EQ(ties.cut("aba"), "1[0,1] 3[1,3]");
  EXPECT_EQ(ties.cut(""), "");
}

TEST(Unigram, UnknownText) {
  const std::vector<std::pair<std::string, double>> pieces = {
      {"<unk>", 0}, {"b", -2}, {"xy", -1000}, {"<0x78>", -1}};
  const Model model(pieces, {.unk_id = 0});
  EXPECT_EQ(model.cut("bx\xC3\xA9"
                      "b"),
            "1[0,1] 0*[1,4] 1[4,5]");
  EXPECT_EQ(model.cut("bxyb"), "1[0,1] 2[1,3] 1[3,4]");       // fused it is a piece
  EXPECT_EQ(model.cut("b<unk>xb"), "1[0,1] 0*[1,7] 1[7,8]");  // the unknown piece fuses, too
  EXPECT_EQ(model.cut("<unk>"), "0[0,5]");
  const Model bytes(pieces, {.unk_id = 0, .byte_fallback = true});
  EXPECT_EQ(bytes.cut("bxxb"), "1[0,1] 3[1,3] 3[1,3] 1[3,4]");
  EXPECT_EQ(bytes.cut("bxz"), "1[0,1] 0*[1,3]");  // not all bytes are there
  const Model strict(pieces, {});
  EXPECT_EQ(strict.cut("bb"), "1[0,1] 1[1,2]");
  expect_error(ErrorKind::tokenizer_error, {"\"z\"", "\"bz\"", "unk_id"},
               [&] { return strict.cut("bz"); });
}

TEST(Unigram, ListsThatRepeatAPiece) {
  const Model model({{"<unk>", 0}, {"a", -1}, {"", -1}, {"a", -5}}, {.unk_id = 0});
  EXPECT_EQ(model.cut("a"), "3[0,1]");
  EXPECT_EQ(model.vocabulary.token(1), "a");
  EXPECT_EQ(model.vocabulary.size(), 4);
}

TEST(Unigram, RefusedModels) {
  expect_error(ErrorKind::tokenizer_error, {"unk_id", "2"}, [] {
    return Model({{"a", 0}, {"b", 0}}, {.unk_id = 2});
  });
  expect_error(ErrorKind::tokenizer_error, {"unk_id"}, [] { return Model({}, {.unk_id = 0}); });
  expect_error(ErrorKind::tokenizer_error, {"score of piece 1", "nan"}, [] {
    return Model({{"a", 0}, {"b", std::nan("")}}, {});
  });
  expect_error(ErrorKind::resource_limit, {"piece 0", "1024"}, [] {
    return Model({{std::string(1025, 'a'), 0}}, {});
  });
  Vocabulary vocabulary;
  vocabulary.add("a", 1);
  expect_error(ErrorKind::tokenizer_error, {"scores"},
               [&] { return Unigram({}, {0.0}, vocabulary); });
  EXPECT_EQ(
      Model({{"<unk>", 0}, {std::string(1024, 'a'), 0}}, {.unk_id = 0}).cut(std::string(2048, 'a')),
      "1[0,1024] 1[1024,2048]");
}

// The best score over all ways to cut `word`, the sums taken from the left.
double best_by_hand(const std::vector<std::pair<std::string, double>>& pieces,
                    std::string_view word, double unknown, double sum) {
  if (word.empty()) return sum;
  double best = -std::numeric_limits<double>::infinity();
  bool has_character = false;
  for (const auto& [piece, score] : pieces) {
    if (!word.starts_with(piece)) continue;
    has_character = has_character || piece.size() == 1;
    best = std::max(best, best_by_hand(pieces, word.substr(piece.size()), unknown, sum + score));
  }
  if (has_character) return best;
  return std::max(best, best_by_hand(pieces, word.substr(1), unknown, sum + unknown));
}

TEST(Unigram, EqualsTryingEveryCut) {
  std::mt19937 random(1);
  std::size_t words = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<std::pair<std::string, double>> pieces = {{"<unk>", 0}};
    for (int i = 0; i < 12; ++i) {
      std::string piece;
      for (std::size_t size = 1 + random() % 4; size > 0; --size) {
        piece += static_cast<char>('a' + random() % 3);
      }
      const auto is_same = [&](const auto& other) { return other.first == piece; };
      if (std::any_of(pieces.begin(), pieces.end(), is_same)) continue;
      pieces.emplace_back(piece, -static_cast<double>(random() % 8) / 2);  // many ties
    }
    double unknown = 0;
    for (const auto& [piece, score] : pieces) unknown = std::min(unknown, score);
    unknown -= 10;
    const Model model(pieces, {.unk_id = 0});
    for (int i = 0; i < 20; ++i, ++words) {
      std::string word;
      for (std::size_t size = random() % 11; size > 0; --size) {
        word += static_cast<char>('a' + random() % 4);  // d is unknown
      }
      double sum = 0;
      Index end = 0;
      for (const Piece& piece : model.pieces(word)) {
        ASSERT_EQ(piece.bytes.begin, end);
        end = piece.bytes.end;
        sum += piece.id == 0 ? unknown * static_cast<double>(piece.bytes.size())
                             : pieces[static_cast<std::size_t>(piece.id)].second;
      }
      ASSERT_EQ(end, static_cast<Index>(word.size()));
      if (!word.empty()) {
        ASSERT_EQ(sum, best_by_hand(pieces, word, unknown, 0)) << word;
      }
    }
  }
  EXPECT_EQ(words, 800U);
}

// sentencepiece sums in 32 bits and searches whole sentences, so single words are compared.
TEST(Unigram, EqualsSentencepiece) {
  const auto file = shared("data/tokenizers/t5-small/spiece.model");
  const auto text = shared("data/tokenizers/sentencepiece-fixtures/sample_text.txt");
  if (!file || !text) GTEST_SKIP() << "data/tokenizers is not there";
  sentencepiece::SentencePieceProcessor processor;
  ASSERT_TRUE(processor.Load(file->string()).ok());
  std::vector<std::pair<std::string, double>> pieces;
  for (int id = 0; id < processor.GetPieceSize(); ++id) {
    pieces.emplace_back(processor.IdToPiece(id), processor.GetScore(id));
  }
  const Model model(pieces, {.unk_id = processor.unk_id()});
  std::size_t words = 0;
  const std::string content = read_file(*text);
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t begin = content.find_first_not_of(" \n\r\t", at);
    if (begin == std::string::npos) break;
    at = std::min(content.find_first_of(" \n\r\t", begin), content.size());
    const std::string word = content.substr(begin, at - begin);
    std::vector<std::string> expected;
    ASSERT_TRUE(processor.Encode(word, &expected).ok());
    std::string joined;  // as sentencepiece normalizes it
    for (const std::string& piece : expected) joined += piece;
    std::vector<std::string> found;
    for (const Piece& piece : model.pieces(joined)) {
      found.push_back(joined.substr(static_cast<std::size_t>(piece.bytes.begin),
                                    static_cast<std::size_t>(piece.bytes.size())));
    }
    EXPECT_EQ(found, expected);
    ++words;
  }
  report_cases("words that sentencepiece cuts alike", words);
  EXPECT_GT(words, 700U);
}

TEST(Unigram, WordOfTenMegabytes) {
  std::vector<std::pair<std::string, double>> pieces = {{"<unk>", 0}};
  for (std::size_t size = 1; size <= 32; ++size) {
    pieces.emplace_back(std::string(size, 'a'), -10.0 + 0.1 * static_cast<double>(size));
  }
  const Model model(pieces, {.unk_id = 0});
  ModelScratch scratch;
  for (const std::string_view pattern : {"a", "ab", "\xF0\x9F\x98\x80"}) {
    std::string word;
    while (word.size() < 10'000'000) word += pattern;
    std::vector<Piece> out;
    const auto start = work_time();
    model.unigram->tokenize(word, model.vocabulary, scratch, out);
    EXPECT_LT(work_time() - start, 10 * time_allowed) << pattern;
    EXPECT_EQ(out.back().bytes.end, static_cast<Index>(word.size()));
    EXPECT_LT(scratch.steps.capacity(), 1'000'000U);
  }
}

}  // namespace
}  // namespace attend::test
