// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// In the steady state the operations of a layer allocate nothing.
#include <gtest/gtest.h>

#include "attend/ops/attention.h"
#include "attend/ops/gather.h"
#include "attend/ops/linear.h"
#include "attend/ops/normalize.h"
#include "attend/ops/rotary.h"
#include "attend/ops/unfold.h"
#include "support/allocation_count.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

TEST(Allocation, LayerAllocatesNothingAfterTheFirstPass) {
  if (!test::allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  ThreadPool pool(2);
  Workspace workspace(pool);
  constexpr Index m = 96;
  const auto values = test::random_values(3 * m * m, 1);
  const StoredWeight stored{
      {DType::f32, Shape{3 * m, m}, reinterpret_cast<const std::byte*>(values.data())}, {}};
  const PackedLinear qkv({&stored, 1}, {}, pool);
  const StoredWeight both = stored.row_range(0, 2 * m);
  const PackedLinear gated({&both, 1}, {}, pool, {.form = LinearForm::gated});
  const StoredWeight table = stored.row_range(0, m);
  const PackedLinear out({&table, 1}, {}, pool);
  const std::vector<float> gain(m, 1.0F);
  const std::vector<std::int32_t> ids(300, 5);
  const std::vector<Index> starts = {0, 40, 300};
  std::vector<std::int32_t> columns;
  for (std::int32_t i = 0; i < 300; ++i) columns.push_back(2 * i);
  const auto bias = test::random_values(3 * 21, 2);
  const std::vector<std::int32_t> slots = {95, 64, 33, 1, 0};
  const MatrixView<const float> positions(values.data(), m, m);
  const DisentangledTables disentangled(positions, positions, slots, 3);
  const AttentionShape paged{.heads = 3, .head_size = 32, .mask = {.ahead = 0}};
  const KvLayout layout = KvLayout::of(paged);
  Tensor page(DType::u8, Shape{layout.page_bytes()});
  std::byte* const pages[] = {page.bytes()};
  const std::vector<Index> one_query = {0, 1};
  const auto pass = [&] {
    const Workspace::Scope scope(workspace);
    const auto x = workspace.matrix(300, m);
    const auto fused = workspace.matrix(300, 3 * m);
    const auto y = workspace.matrix(300, m);
    ops::gather({table, ids}, x, workspace);
    ops::gather_add({table, ids}, x, workspace);
    ops::linear({x, qkv}, fused, workspace, {.activation = Activation::gelu, .residual = {}});
    ops::attention(
        {fused.col_range(0, m), fused.col_range(m, m), fused.col_range(2 * m, m), starts},
        {.heads = 3, .head_size = 32, .scale = 0.2F}, y, workspace);
    ops::append_to_pages(fused.col_range(m, m).row_range(0, 9),
                         fused.col_range(0, m).row_range(0, 9), layout, {pages, 3});
    const KvPages sequence{pages, 12};
    ops::attention({x.row_range(0, 1), one_query, {&sequence, 1}, layout}, paged, y.row_range(0, 1),
                   workspace);
    const auto angles = workspace.matrix(300, 32);
    ops::rotary_angles({columns}, {.size = 32}, angles, workspace);
    ops::rotate(fused.col_range(0, 2 * m), {angles}, workspace);
    ops::attention(
        {fused.col_range(0, m), fused.col_range(m, m), fused.col_range(2 * m, m), starts, columns},
        {.heads = 3,
         .head_size = 32,
         .mask = {.behind = 30, .ahead = 30},
         .distance_bias = {{bias.data(), 3, 21}},
         .disentangled = &disentangled},
        y, workspace);
    ops::linear({x, gated}, y, workspace, {.activation = Activation::gelu, .residual = {}});
    ops::add_row(gain, y, workspace);
    ops::unfold({y, starts, columns}, 3, fused, workspace);
    ops::linear({y, out}, x, workspace, {.activation = Activation::none, .residual = x});
    ops::layer_norm(x, {gain, gain, 1e-5F}, x, workspace);
    ops::layer_norm(x, {gain, {}, 1e-5F}, x, workspace);
  };
  const auto before_first = test::allocation_count();
  pass();
  EXPECT_GT(test::allocation_count(), before_first) << "the counter does not count";
  pass();
  const auto before = test::allocation_count();
  for (int i = 0; i < 5; ++i) pass();
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace attend
