// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Ownership, alignment and limits of tensors; rows of stored weights.
#include "attend/core/tensor.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "attend/core/stored_weight.h"
#include "support/error_of.h"

// Sanitizers stop the program at an allocation that is too big, unless they are told that programs
// may ask. They look for these functions by name.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }

namespace attend {
namespace {

TEST(Tensor, IsAlignedAndZeroed) {
  for (const Index size : {0, 1, 15, 1000}) {
    const Tensor tensor(DType::f32, {size});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes()) % Tensor::alignment, 0U);
    for (const float value : tensor.values<float>()) EXPECT_EQ(value, 0);
    EXPECT_EQ(tensor.ref().size_bytes(), static_cast<std::size_t>(size) * 4);
  }
}

TEST(Tensor, CloneIsACopyOfItsOwn) {
  Tensor a(DType::f32, {2});
  a.values<float>()[1] = 5;
  const Tensor b = a.clone();
  a.values<float>()[1] = 6;
  EXPECT_EQ(b.values<float>()[1], 5);
  const Tensor moved = std::move(a);
  EXPECT_EQ(moved.values<float>()[1], 6);
  EXPECT_EQ(Tensor().clone().bytes(), nullptr);
}

TEST(Tensor, RefusesMoreMemoryThanThereIs) {
  const Index most = std::numeric_limits<Index>::max();
  for (const Index size : {most, most / 4, most / 8}) {
    test::expect_error(ErrorKind::resource_limit, {"F32", "free memory"},
                       [&] { return Tensor(DType::f32, {size}); });
  }
}

TEST(StoredWeight, ReadsAnyPartOfARow) {
  const std::array<float, 6> values{0, 1, 2, 10, 11, 12};
  const StoredWeight weight{{DType::f32, {2, 3}, reinterpret_cast<const std::byte*>(values.data())},
                            std::nullopt};
  EXPECT_EQ(weight.rows(), 2);
  EXPECT_EQ(weight.cols(), 3);
  std::array<float, 2> out{};
  weight.read(1, 1, out);
  EXPECT_EQ(out[0], 11);
  EXPECT_EQ(out[1], 12);
}

TEST(StoredWeight, MultipliesByTheScaleOfTheRow) {
  const std::array<std::int8_t, 6> values{1, -2, 3, 127, -128, 0};
  const std::array<std::uint16_t, 3> scales{0x3C00, 0x3800, 0x4000};  // 1, 0.5, 2 in f16
  const StoredWeight weight{
      {DType::i8, {3, 2}, reinterpret_cast<const std::byte*>(values.data())},
      TensorRef{DType::f16, {3}, reinterpret_cast<const std::byte*>(scales.data())}};
  const StoredWeight last = weight.row_range(1, 2);  // rows keep their own scales
  EXPECT_EQ(last.rows(), 2);
  std::array<float, 2> out{};
  last.read(0, 0, out);
  EXPECT_EQ(out[0], 1.5F);
  EXPECT_EQ(out[1], 63.5F);
  last.read(1, 0, out);
  EXPECT_EQ(out[0], -256);
  weight.read(0, 0, out);
  EXPECT_EQ(out[1], -2);
}

// Two rows of three inputs and a kernel of two: all inputs of the first place, then of the second.
TEST(StoredWeight, ConvolutionsAreReadPlaceByPlace) {
  const std::array<float, 12> values{0, 10, 1, 11, 2, 12, 100, 110, 101, 111, 102, 112};
  const StoredWeight weight{
      .values = {DType::f32, {2, 3, 2}, reinterpret_cast<const std::byte*>(values.data())},
      .kernel = 2};
  EXPECT_EQ(weight.cols(), 6);
  std::array<float, 6> row{};
  weight.read(0, 0, row);
  EXPECT_EQ(row, (std::array<float, 6>{0, 1, 2, 10, 11, 12}));
  std::array<float, 3> part{};
  weight.row_range(1, 1).read(0, 2, part);
  EXPECT_EQ(part, (std::array<float, 3>{102, 110, 111}));
}

TEST(StoredWeight, AVectorHasOneColumn) {
  const std::array<float, 3> values{5, 6, 7};
  const StoredWeight weight{{DType::f32, {3}, reinterpret_cast<const std::byte*>(values.data())},
                            std::nullopt};
  EXPECT_EQ(weight.rows(), 3);
  EXPECT_EQ(weight.cols(), 1);
  float value = 0;
  weight.row_range(2, 1).read(0, 0, {&value, 1});
  EXPECT_EQ(value, 7);
  const StoredWeight none{{DType::f32, {0, 4}, nullptr}, std::nullopt};
  EXPECT_EQ(none.rows(), 0);
  EXPECT_EQ(none.cols(), 0);
}

}  // namespace
}  // namespace attend
