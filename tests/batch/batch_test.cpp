// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Packing, and padded matrices in and out.
#include "attend/batch/batch.h"

#include <gtest/gtest.h>

#include <numeric>

#include "support/error_of.h"

namespace attend {
namespace {

using Ints = std::vector<std::int32_t>;
using Starts = std::vector<Index>;

Encoding encoding(Ints ids, Ints type_ids) {
  Encoding out;
  out.ids = std::move(ids);
  out.type_ids = std::move(type_ids);
  return out;
}

// Two sequences of three columns; which parts a test gives is its own affair.
struct Padded {
  Ints ids{11, 12, 13, 21, 22, 23};
  Ints mask;
  Ints types;
  Ints positions;

  [[nodiscard]] PaddedInput input() const {
    const auto view = [](const Ints& values) {
      return values.empty() ? MatrixView<const std::int32_t>()
                            : MatrixView<const std::int32_t>(values.data(), 2, 3);
    };
    return {view(ids), view(mask), view(types), view(positions)};
  }
};

void expect_config_error(const PaddedInput& input, std::string_view part) {
  test::expect_error(ErrorKind::config_error, {part}, [&] { (void)make_batch(input); });
}

TEST(Batch, NothingIsABatch) {
  const Batch batch = make_batch(std::span<const Encoding>());
  EXPECT_EQ(batch.size(), 0);
  EXPECT_EQ(batch.tokens(), 0);
}

TEST(Batch, PacksEncodingsAndLeavesPositionsToTheModel) {
  const std::vector<Encoding> encodings{encoding({7, 8}, {0, 1}), encoding({9, 10, 11}, {0, 0, 1})};
  const Batch batch = make_batch(encodings);
  EXPECT_EQ(batch.ids, (Ints{7, 8, 9, 10, 11}));
  EXPECT_EQ(batch.type_ids, (Ints{0, 1, 0, 0, 1}));
  EXPECT_EQ(batch.positions, Ints());
  EXPECT_EQ(batch.columns, Ints());
  EXPECT_EQ(batch.starts, (Starts{0, 2, 5}));
}

TEST(Batch, EncodingsWithoutTypeIdsHaveTypeZero) {
  const std::vector<Encoding> encodings{encoding({7, 8}, {}), encoding({9}, {1})};
  EXPECT_EQ(make_batch(encodings).type_ids, (Ints{0, 0, 1}));
}

TEST(Batch, PacksTheEncodingsOfAnOrder) {
  const std::vector<Encoding> encodings{encoding({7, 8}, {0, 0}), encoding({9}, {1}),
                                        encoding({4}, {0})};
  const Starts order{2, 0};
  const Batch batch = make_batch(encodings, order);
  EXPECT_EQ(batch.ids, (Ints{4, 7, 8}));
  EXPECT_EQ(batch.starts, (Starts{0, 1, 3}));
}

TEST(Batch, APaddedInputWithoutMaskIsKeptWhole) {
  const Batch batch = make_batch(Padded{}.input());
  EXPECT_EQ(batch.ids, (Ints{11, 12, 13, 21, 22, 23}));
  EXPECT_EQ(batch.type_ids, Ints(6, 0));
  EXPECT_EQ(batch.positions, (Ints{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(batch.columns, Ints());
  EXPECT_EQ(batch.starts, (Starts{0, 3, 6}));
}

TEST(Batch, MaskedRowsGoAndTheOthersKeepTheirPositions) {
  const Padded padded{.mask = {0, 1, 1, 1, 0, 1}, .types = {0, 0, 1, 1, 1, 0}};
  const Batch batch = make_batch(padded.input());
  EXPECT_EQ(batch.ids, (Ints{12, 13, 21, 23}));
  EXPECT_EQ(batch.type_ids, (Ints{0, 1, 1, 0}));
  EXPECT_EQ(batch.positions, (Ints{1, 2, 0, 2}));
  EXPECT_EQ(batch.columns, (Ints{1, 2, 0, 2}));
  EXPECT_EQ(batch.starts, (Starts{0, 2, 4}));
}

TEST(Batch, GivenPositionsAreTaken) {
  const Padded padded{.mask = {0, 1, 1, 1, 1, 1}, .positions = {9, 0, 1, 5, 6, 7}};
  EXPECT_EQ(make_batch(padded.input()).positions, (Ints{0, 1, 5, 6, 7}));
}

TEST(Batch, PaddingOnOneSideLeavesNoHoles) {
  EXPECT_EQ(make_batch(Padded{.mask = {0, 1, 1, 1, 1, 0}}.input()).columns, Ints());
  EXPECT_EQ(make_batch(Padded{.mask = {0, 1, 1, 1, 0, 1}}.input()).columns, (Ints{1, 2, 0, 2}));
}

TEST(Batch, PositionsAreCountedByTheRule) {
  const Ints ids{7, 1, 8, 1, 1, 9};
  Ints out(ids.size());
  count_positions({}, ids, out);
  EXPECT_EQ(out, (Ints{0, 1, 2, 3, 4, 5}));
  count_positions({.first = 2, .skipped = 1}, ids, out);
  EXPECT_EQ(out, (Ints{2, 1, 3, 1, 1, 4}));
  count_positions({.first = 5}, ids, out);
  EXPECT_EQ(out, (Ints{5, 6, 7, 8, 9, 10}));
}

// As transformers counts: a token that the mask leaves out is counted unless it is padding.
TEST(Batch, MaskedTokensAreCounted) {
  const Padded padded{.mask = {0, 1, 1, 1, 0, 1}};
  EXPECT_EQ(make_batch(padded.input(), {.first = 2, .skipped = 1}).positions, (Ints{3, 4, 2, 4}));
  EXPECT_EQ(make_batch(padded.input(), {.first = 2, .skipped = 11}).positions, (Ints{2, 3, 2, 4}));
  EXPECT_EQ(make_batch(padded.input(), {.first = 2, .skipped = 12}).positions, (Ints{1, 3, 2, 4}));
}

TEST(Batch, ASequenceWithoutTokensIsAnError) {
  expect_config_error(Padded{.mask = {1, 1, 1, 0, 0, 0}}.input(), "sequence 1");
}

TEST(Batch, PartsOfAnotherShapeAreErrors) {
  const Ints wrong(4, 1);
  const MatrixView<const std::int32_t> view(wrong.data(), 2, 2);
  const Padded padded;
  PaddedInput input = padded.input();
  input.attention_mask = view;
  expect_config_error(input, "attention mask");
  input = padded.input();
  input.type_ids = view;
  expect_config_error(input, "type ids");
  input = padded.input();
  input.positions = view;
  expect_config_error(input, "positions");
}

TEST(Batch, PackedRowsGoBackWhereTheyWere) {
  const Padded padded{.mask = {0, 1, 1, 1, 0, 1}};
  std::vector<float> packed(8);
  std::iota(packed.begin(), packed.end(), 1.0F);
  std::vector<float> out(12, -1.0F);
  to_padded({packed.data(), 4, 2}, padded.input(), {out.data(), 6, 2});
  EXPECT_EQ(out, (std::vector<float>{0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 7, 8}));
}

TEST(Batch, PackedRowsOfAnotherInputAreAnError) {
  const Padded padded{.mask = {0, 1, 1, 1, 0, 1}};
  std::vector<float> packed(8);
  std::vector<float> out(12);
  EXPECT_THROW(to_padded({packed.data(), 3, 2}, padded.input(), {out.data(), 6, 2}), Error);
  EXPECT_THROW(to_padded({packed.data(), 4, 2}, padded.input(), {out.data(), 5, 2}), Error);
  EXPECT_THROW(to_padded({packed.data(), 4, 1}, padded.input(), {out.data(), 6, 2}), Error);
}

}  // namespace
}  // namespace attend
