// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// In the steady state the operations of a layer allocate nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "attend/ops/attention.h"
#include "attend/ops/gather.h"
#include "attend/ops/linear.h"
#include "attend/ops/normalize.h"
#include "support/kernel_tables.h"

namespace {

std::atomic<long> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* counted_or_throw(std::size_t size, std::size_t alignment) {
  void* memory = counted(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Not inlined: GCC would take free() for a mismatch of the new that it sees.
[[gnu::noinline]] void* operator new(std::size_t size) { return counted_or_throw(size, 16); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted_or_throw(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size, 16);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
  return counted(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace attend {
namespace {

TEST(Allocation, LayerAllocatesNothingAfterTheFirstPass) {
  ThreadPool pool(2);
  Workspace workspace(pool);
  constexpr Index m = 96;
  const auto values = test::random_values(3 * m * m, 1);
  const StoredWeight stored{
      {DType::f32, Shape{3 * m, m}, reinterpret_cast<const std::byte*>(values.data())}, {}};
  const PackedLinear qkv({&stored, 1}, {}, pool);
  const StoredWeight table = stored.row_range(0, m);
  const PackedLinear out({&table, 1}, {}, pool);
  const std::vector<float> gain(m, 1.0F);
  const std::vector<std::int32_t> ids(300, 5);
  const std::vector<Index> starts = {0, 40, 300};
  const auto pass = [&] {
    const Workspace::Scope scope(workspace);
    const auto x = workspace.matrix(300, m);
    const auto fused = workspace.matrix(300, 3 * m);
    const auto y = workspace.matrix(300, m);
    ops::gather(table, ids, x, workspace);
    ops::gather_add(table, ids, x, workspace);
    ops::linear(x, qkv, fused, workspace, {.activation = Activation::gelu, .residual = {}});
    ops::attention(fused.col_range(0, m), fused.col_range(m, m), fused.col_range(2 * m, m), starts,
                   {.heads = 3, .head_size = 32, .scale = 0.2F}, y, workspace);
    ops::linear(y, out, x, workspace, {.activation = Activation::none, .residual = x});
    ops::layer_norm(x, gain, gain, 1e-5F, x, workspace);
  };
  const long before_first = allocations;
  pass();
  EXPECT_GT(allocations, before_first) << "the counter does not count";
  pass();
  const long before = allocations;
  for (int i = 0; i < 5; ++i) pass();
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace attend
