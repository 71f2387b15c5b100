// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Model files of SentencePiece: what is read, and what must be refused at once.
#include "tokenizer/sentencepiece_file.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

#include "support/cost.h"
#include "support/error_of.h"
#include "tokenizer/sentencepiece_bytes.h"

namespace attend::test {
namespace {

using namespace wire;

TEST(SentencePieceFile, EveryFieldThatIsKnown) {
  const std::string bytes_of_file =
      usual_pieces() + piece("\u2581a", -1.5F) + piece("b", -2, 4) + piece("<0x41>", -3, 6) +
      piece("c", -4, 5) +
      bytes(2, number(3, 2) + number(24, 1) + number(35, 1) + number(40, 3) + bytes(45, "<u>")) +
      bytes(3, bytes(1, "nmt_nfkc") + bytes(2, "map") + number(3, 0) + number(4, 0) + number(5, 0));
  const SentencePieceFile file = parse_sentencepiece(bytes_of_file, "x.model");
  ASSERT_EQ(file.pieces.size(), 7U);
  EXPECT_EQ(file.pieces[0].kind, SentencePieceKind::unknown);
  EXPECT_EQ(file.pieces[1].kind, SentencePieceKind::control);
  EXPECT_EQ(file.pieces[3].text, "\u2581a");
  EXPECT_EQ(file.pieces[3].score, -1.5F);
  EXPECT_EQ(file.pieces[3].kind, SentencePieceKind::normal);
  EXPECT_EQ(file.pieces[4].kind, SentencePieceKind::user_defined);
  EXPECT_EQ(file.pieces[5].kind, SentencePieceKind::byte);
  EXPECT_EQ(file.pieces[6].kind, SentencePieceKind::unused);
  EXPECT_EQ(file.algorithm, SentencePieceAlgorithm::bpe);
  EXPECT_TRUE(file.whitespace_is_suffix);
  EXPECT_TRUE(file.byte_fallback);
  EXPECT_EQ(file.unk_id, 3);
  EXPECT_EQ(file.unk_text, "<u>");
  EXPECT_EQ(file.charsmap, "map");
  EXPECT_FALSE(file.add_dummy_prefix);
  EXPECT_FALSE(file.remove_extra_whitespace);
  EXPECT_FALSE(file.escape_whitespace);
}

TEST(SentencePieceFile, DefaultsUnknownFieldsAndTheLastOfTwo) {
  const std::string unknown =
      number(7, 1) + bytes(9, "x") + real(200, 1) + varint(11U << 3U | 1U) + std::string(8, 'x');
  const std::string bytes_of_file = unknown + usual_pieces() +
                                    bytes(1, bytes(1, "old") + bytes(1, "new") + unknown) +
                                    trainer(2) + trainer(1, unknown) + bytes(3, unknown);
  const SentencePieceFile file = parse_sentencepiece(bytes_of_file, "x.model");
  ASSERT_EQ(file.pieces.size(), 4U);
  EXPECT_EQ(file.pieces[3].text, "new");
  EXPECT_EQ(file.pieces[3].score, 0.0F);
  EXPECT_EQ(file.pieces[3].kind, SentencePieceKind::normal);
  EXPECT_EQ(file.algorithm, SentencePieceAlgorithm::unigram);
  EXPECT_EQ(file.unk_text, "<unk>");
  EXPECT_FALSE(file.byte_fallback);
  EXPECT_TRUE(file.add_dummy_prefix && file.remove_extra_whitespace && file.escape_whitespace);
}

struct Refused {
  const char* name;
  std::function<std::string()> bytes;
  std::vector<std::string_view> message;
};

std::string many_pieces(std::size_t count) {
  const std::string one = bytes(1, bytes(1, "a"));
  std::string out;
  out.reserve(one.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += one;
  return out;
}

std::vector<Refused> refused_files() {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto with = [](std::string more) { return [more] { return usual_pieces() + more; }; };
  return {
      {"empty", [] { return std::string(); }, {"number of pieces"}},
      {"no pieces", [] { return trainer(1); }, {"number of pieces"}},
      {"piece of 300 kB", with(piece(std::string(300'000, 'x'), 0)), {"piece 3", "65536"}},
      {"piece with NUL", with(piece(std::string("a\0b", 3), 0)), {"piece 3", "NUL"}},
      {"empty piece", with(piece("", 0)), {"piece 3", "some characters"}},
      {"piece without text", with(bytes(1, real(2, 1))), {"piece 3", "some characters"}},
      {"piece that is no UTF-8", with(piece("\xFF", 0)), {"piece 3", "UTF-8"}},
      {"NaN score", with(piece("a", nan)), {"piece 3", "finite"}},
      {"infinite score", with(piece("a", infinity)), {"piece 3", "finite"}},
      {"a piece twice", with(piece("a", 0) + piece("a", 0)), {"piece 4", "piece 3"}},
      {"no unknown piece", [] { return piece("a", 0); }, {"unknown"}},
      {"two unknown pieces", with(piece("u", 0, 2)), {"piece 3", "piece 0"}},
      {"unk_id beyond the pieces", with(bytes(2, number(40, 3))), {"unk_id", "0 to 2"}},
      {"unk_id -1", with(bytes(2, number(40, ~std::uint64_t{0}))), {"unk_id", "-1"}},
      {"10 million pieces", [] { return many_pieces(10'000'000); }, {"pieces", "4000000"}},
      {"truncated number", with("\x10\x80"), {"the file ends in it"}},
      {"truncated key", with("\x80"), {"the file ends in it"}},
      {"number of 11 bytes", with("\x10" + std::string(10, '\xFF') + "\x01"), {"10 bytes"}},
      {"length beyond the rest", with("\x12\x05" + std::string(4, 'x')), {"5 bytes", "4 are left"}},
      {"length 2^63", with("\x12" + varint(std::uint64_t{1} << 63U)), {"bytes of a field"}},
      {"truncated float", with("\x15\x01"), {"4 bytes"}},
      {"piece that ends in its text", with("\x0A\x02\x0A\x05"), {"5 bytes", "0 are left"}},
      {"field 0", with(std::string("\x00\x00", 2)), {"number of a field"}},
      {"group", with("\x0B\x0C"), {"wire type 3"}},
      {"score as a number", with(bytes(1, bytes(1, "a") + number(2, 1))), {"wire type 5"}},
      {"pieces as a number", with(number(1, 1)), {"wire type 2"}},
      {"trainer as a number", with(number(2, 1)), {"wire type 2"}},
      {"Git LFS pointer",
       [] { return std::string("version https://git-lfs.github.com/spec/v1\n"); },
       {"LFS"}},
      {"JSON", [] { return std::string("{\"a\": 1}"); }, {}},
  };
}

TEST(SentencePieceFile, RefusedFiles) {
  for (const Refused& refused : refused_files()) {
    SCOPED_TRACE(refused.name);
    const std::string content = refused.bytes();
    const CostLimit limit;
    const auto error = error_of([&] { return parse_sentencepiece(content, "x.model"); });
    ASSERT_TRUE(error) << "it was read";
    EXPECT_EQ(name(error->kind()), name(ErrorKind::tokenizer_error)) << error->what();
    const std::string message = error->what();
    EXPECT_NE(message.find("x.model"), std::string::npos) << message;
    for (const auto part : refused.message) {
      EXPECT_NE(message.find(part), std::string::npos) << part << " is not in: " << message;
    }
  }
}

}  // namespace
}  // namespace attend::test
