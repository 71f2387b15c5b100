// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The arena: what is handed out never overlaps, comes back at the end of a scope, and is kept.
#include "attend/core/workspace.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "support/error_of.h"

namespace attend {
namespace {

TEST(Workspace, HandsOutAlignedMemoryThatDoesNotOverlap) {
  Workspace workspace;
  const Workspace::Scope scope(workspace);
  std::vector<MatrixView<float>> matrices;
  for (Index size = 1; size < 200; size += 3) {
    auto matrix = workspace.matrix(size, size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(matrix.data) % Tensor::alignment, 0U);
    for (Index i = 0; i < size; ++i) {
      for (float& value : matrix.row(i)) value = static_cast<float>(size);
    }
    matrices.push_back(matrix);
  }
  for (const auto& matrix : matrices) {
    for (Index i = 0; i < matrix.rows; ++i) {
      for (const float value : matrix.row(i)) ASSERT_EQ(value, static_cast<float>(matrix.rows));
    }
  }
}

TEST(Workspace, ScopesGiveBackInOrder) {
  Workspace workspace;
  const Workspace::Scope outer(workspace);
  const float* kept = workspace.matrix(10, 10).data;
  const float* inner = nullptr;
  {
    const Workspace::Scope scope(workspace);
    inner = workspace.matrix(10, 10).data;
    static_cast<void>(workspace.matrix(3000, 100));  // another block
  }
  EXPECT_NE(inner, kept);
  EXPECT_EQ(workspace.matrix(10, 10).data, inner);
}

TEST(Workspace, KeepsItsMemoryBetweenPasses) {
  Workspace workspace;
  const auto pass = [&] {
    const Workspace::Scope scope(workspace);
    for (int i = 0; i < 10; ++i) static_cast<void>(workspace.matrix(100, 1000));
    return workspace.matrix(1, 1).data;
  };
  pass();
  const std::size_t capacity = workspace.capacity();
  EXPECT_GE(capacity, 10U * 100 * 1000 * sizeof(float));
  const float* second = pass();
  EXPECT_EQ(pass(), second);  // one block, used the same way
  EXPECT_EQ(workspace.capacity(), capacity);
}

TEST(Workspace, RefusesWhatCannotBeHad) {
  Workspace workspace;
  const Index most = std::numeric_limits<Index>::max();
  const auto refuses = [&](auto call) { test::expect_error(ErrorKind::resource_limit, {}, call); };
  refuses([&] { return workspace.matrix(most, 2).data; });
  refuses([&] { return workspace.matrix(most / 4, 1).data; });
  refuses([&] { return workspace.matrix(most / 8, 1).data; });
  refuses([&] { return workspace.bytes(std::numeric_limits<std::size_t>::max()); });
  EXPECT_NE(workspace.matrix(2, 2).data, nullptr);  // still usable
}

void take(Workspace& workspace, std::initializer_list<Index> sizes) {
  const Workspace::Scope scope(workspace);
  for (const Index size : sizes) static_cast<void>(workspace.matrix(size, 1000));
}

TEST(Workspace, KeepsWhatAPassNeededAndNoMore) {
  Workspace workspace;
  take(workspace, {20, 17, 150, 90, 1});
  EXPECT_EQ(workspace.capacity(), 4U * (20'000 + 17'000 + 150'000 + 90'000 + 1'000 + 16));
  EXPECT_GT(workspace.peak(), workspace.capacity());
  const std::size_t kept = workspace.capacity();
  take(workspace, {20, 17, 150, 90, 1});
  take(workspace, {5});
  EXPECT_EQ(workspace.capacity(), kept);
}

TEST(Workspace, CountsWithoutMemory) {
  for (const Index last : {1, 7, 500}) {
    Workspace workspace;
    take(workspace, {20, 17, 150, last});
    take(workspace, {last, last});
    ThreadPool pool(8);
    Workspace counting(pool, WorkspaceMode::counting);
    take(counting, {20, 17, 150, last});
    take(counting, {last, last});
    EXPECT_EQ(counting.peak(), workspace.peak());
    EXPECT_EQ(counting.capacity(), workspace.capacity());
  }
  Workspace counting(default_pool(), WorkspaceMode::counting);
  take(counting, {Index{1} << 40});  // four thousand TiB
  EXPECT_GE(counting.peak(), std::size_t{1} << 51U);
  test::expect_error(ErrorKind::resource_limit, {"Workspace"},
                     [&] { take(counting, {Index{1} << 52}); });
}

TEST(Workspace, HoldsNoMoreThanItsLimit) {
  Workspace workspace;
  workspace.set_limit(1'000'000);
  take(workspace, {100, 100, 48});  // 992,000 bytes
  EXPECT_LE(workspace.peak(), 1'000'000U);
  test::expect_error(ErrorKind::resource_limit, {"Workspace", "at most 1000000 bytes", "set_limit"},
                     [&] {
                       take(workspace, {100, 151});
                     });
  EXPECT_LE(workspace.peak(), 1'000'000U);
  take(workspace, {100, 100, 48});
  workspace.set_limit(10);
  take(workspace, {100, 100, 48});  // what it holds it may use
  test::expect_error(ErrorKind::resource_limit, {}, [&] { take(workspace, {100, 151}); });
  workspace.set_limit(2'000'000);
  take(workspace, {100, 151});
}

TEST(Workspace, ThrowsWhenAskedToStop) {
  Workspace workspace;
  EXPECT_NO_THROW(workspace.throw_if_stopped());
  std::stop_source source;
  workspace.set_stop_token(source.get_token());
  EXPECT_NO_THROW(workspace.throw_if_stopped());
  source.request_stop();
  test::expect_error(ErrorKind::cancelled, {"stop"}, [&] {
    workspace.throw_if_stopped();
    return 0;
  });
}

}  // namespace
}  // namespace attend
