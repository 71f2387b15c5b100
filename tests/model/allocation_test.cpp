// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// After the first pass of a size nothing is allocated: operator new of this program counts.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "attend/model/model.h"
#include "support/golden.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ATTEND_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ATTEND_SANITIZED
#endif

namespace {
std::atomic<long> allocations{0};
}  // namespace

// Sanitizers bring an operator new of their own, which is worth more than the count.
#ifndef ATTEND_SANITIZED
namespace {

void* counted(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size == 0 ? 1 : size)
                     : std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
// Not inline, or GCC 12 sees free() beside a new expression and takes the pair for a mistake.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
#endif

namespace attend {
namespace {

TEST(Allocation, TheSecondForwardAllocatesNothing) {
#ifdef ATTEND_SANITIZED
  GTEST_SKIP() << "a sanitizer has its own operator new";
#endif
  for (const std::string& folder : test::golden_folders()) {
    const Model model = load_model(test::golden(folder));
    const test::GoldenTensors recorded(folder);
    const Batch batch = make_batch(recorded.input("right").padded());
    ThreadPool pool(2);
    Workspace workspace(pool);
    const auto pass = [&] {
      const Workspace::Scope scope(workspace);
      const auto hidden = model.hidden_states(batch, workspace);
      if (model.has_pooler()) (void)model.pooler_output(hidden, batch, workspace);
      if (model.head() != HeadKind::none) (void)model.logits(batch, workspace);
    };
    const long at_start = allocations.load();
    pass();
    EXPECT_GT(allocations.load(), at_start) << folder;
    const std::size_t capacity = workspace.capacity();
    const long before = allocations.load();
    pass();
    EXPECT_EQ(allocations.load() - before, 0) << folder;
    EXPECT_EQ(workspace.capacity(), capacity) << folder;
  }
}

}  // namespace
}  // namespace attend
