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
