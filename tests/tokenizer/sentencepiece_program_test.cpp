// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How models of SentencePiece cut and join, against its own library.
#include "tokenizer/sentencepiece_program.h"

#include <gtest/gtest.h>
#include <sentencepiece_processor.h>

#include <sstream>
#include <string>
#include <vector>

#include "attend/core/error.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"
#include "tokenizer/sentencepiece_bytes.h"

namespace attend::test {
namespace {

using namespace wire;
using Strings = std::vector<std::string>;

// A model as we run it and as the library does.
class Both {
 public:
  explicit Both(std::string bytes)
      : bytes_(std::move(bytes)), program_(parse_sentencepiece(bytes_, "x.model"), "x.model") {
    const auto status = library_.LoadFromSerializedProto(bytes_);
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }

  void check(const std::string& text) const {
    Strings expected;
    ASSERT_TRUE(library_.Encode(text, &expected).ok());
    ModelScratch scratch;
    std::vector<Piece> pieces;
    program_.cut(text, scratch, pieces);
    Strings found;
    for (const Piece& piece : pieces) found.emplace_back(program_.spelling(piece, scratch));
    EXPECT_EQ(found, expected) << text;
    std::string joined;
    ASSERT_TRUE(library_.Decode(expected, &joined).ok());
    EXPECT_EQ(program_.join(expected), joined) << text;
  }

 private:
  std::string bytes_;
  SentencePieceProgram program_;
  sentencepiece::SentencePieceProcessor library_;
};

const Strings texts = {"",
                       " ",
                       "Hello world",
                       "  lead  and   trail \n",
                       "a\tb\u3000c",
                       "\u2581 a\u2581b",
                       "(Tom)-(Tom)",
                       "½ ﬁ é 🙂🙂 x",
                       "abcab cabc xyx",
                       "<s> </s> <unk> <0x41>"};

TEST(SentencePieceProgram, SmallModelsOfEveryKind) {
  const std::string letters = piece("\u2581", -1) + piece("a", -2) + piece("b", -2.5F) +
                              piece("c", -3) + piece("ab", -1.5F) + piece("bc", -1.5F) +
                              piece("abc", -4, 5) + piece("\u2581a", -2) + piece("x", -3, 4) +
                              piece("yx", -3, 4);
  const std::string spec = bytes(3, number(3, 1));
  for (unsigned model_type = 1; model_type <= 4; ++model_type) {
    SCOPED_TRACE(model_type);
    const Both both(usual_pieces() + letters + trainer(model_type) + spec);
    for (const std::string& text : texts) both.check(text);
  }
}

TEST(SentencePieceProgram, BlanksAsTheFileWantsThem) {
  const std::string pieces = usual_pieces() + piece("\u2581", -1) + piece("a", -2) +
                             piece("b", -2) + piece("a\u2581", -1) + piece("\u2581b", -1) +
                             piece(" ", -1);
  for (unsigned flags = 0; flags < 16; ++flags) {
    SCOPED_TRACE(flags);
    const Both both(pieces + trainer(1, number(24, flags & 1U)) +
                    bytes(3, number(3, flags >> 1U & 1U) + number(4, flags >> 2U & 1U) +
                                 number(5, flags >> 3U & 1U)));
    for (const std::string text : {"a b", "  a   b  ", "b", " ", "a"}) both.check(text);
  }
}

TEST(SentencePieceProgram, PiecesOfBytes) {
  std::string pieces = usual_pieces() + piece("\u2581", -1) + piece("a", -2);
  for (unsigned byte = 0; byte < 256; ++byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    pieces += piece(std::string("<0x") + digits[byte / 16] + digits[byte % 16] + ">", 0, 6);
  }
  const Both both(pieces + trainer(2, number(35, 1)));
  for (const std::string& text : texts) both.check(text);
  const SentencePieceProgram program(
      parse_sentencepiece(pieces + trainer(2, number(35, 1)), "x.model"), "x.model");
  EXPECT_EQ(program.join({"a", "<0xC3>", "a", "<0xC3>", "<0xA9>"}), "a\uFFFDaé");
}

TEST(SentencePieceProgram, TrainedModels) {
  for (const char* name : {"unigram.model", "bpe.model", "target.model"}) {
    SCOPED_TRACE(name);
    const Both both(read_file(tests_folder() / "tokenizer/data/families" / name));
    for (const std::string& text : texts) both.check(text);
  }
}

// Sums of 32 bits: the reference's library (0.2.3) finds this way among equal ones.
TEST(SentencePieceProgram, TiesOfSums) {
  const std::string file = usual_pieces() + piece("\u2581", -30) + piece("\u2581a", -6.8344F) +
                           piece("a", -6.1826F) + piece("aa", -8.4752F) + trainer(1);
  const SentencePieceProgram program(parse_sentencepiece(file, "x.model"), "x.model");
  ModelScratch scratch;
  std::vector<Piece> pieces;
  program.cut(std::string(120, 'a'), scratch, pieces);
  ASSERT_EQ(pieces.size(), 61U);
  EXPECT_EQ(program.spelling(pieces[15], scratch), "a");
}

TEST(SentencePieceProgram, RefusedModels) {
  const auto refuse = [](const std::string& file, std::string_view part) {
    const auto error = error_of(
        [&] { return SentencePieceProgram(parse_sentencepiece(file, "x.model"), "x.model"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::tokenizer_error);
    EXPECT_NE(std::string_view(error->what()).find(part), std::string_view::npos) << error->what();
  };
  refuse(usual_pieces() + piece(std::string(1025, 'x'), 0) + trainer(1), "at most 1024");
  refuse(usual_pieces() + piece("<0x41>", 0, 6) + trainer(2, number(35, 1)), "byte");
  refuse(usual_pieces() + trainer(1) + bytes(3, bytes(2, "xx")), "charsmap");
}

TEST(SentencePieceProgram, SampleText) {
  const auto text = shared("data/tokenizers/sentencepiece-fixtures/sample_text.txt");
  if (!text) GTEST_SKIP() << "data/tokenizers is not there";
  std::size_t lines = 0;
  for (const char* name :
       {"test_sentencepiece.model", "test_sentencepiece_bpe.model",
        "test_sentencepiece_bpe_char.model", "test_sentencepiece_with_bytefallback.model"}) {
    SCOPED_TRACE(name);
    const Both both(read_file(text->parent_path() / name));
    std::istringstream in(read_file(*text));
    for (std::string line; std::getline(in, line); ++lines) both.check(line);
  }
  report_cases("lines that the library cuts alike", lines);
}

}  // namespace
}  // namespace attend::test
