// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The counting operator new of every test program.
#include "support/allocation_count.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

#include "support/sanitized.h"

#ifndef ATTEND_SANITIZED
namespace {

std::atomic<long> allocations{0};
std::atomic<std::size_t> largest{std::numeric_limits<std::size_t>::max()};
std::atomic<long> failing{-1};

void* counted(std::size_t size, std::size_t alignment) {
  const long before = allocations.fetch_add(1, std::memory_order_relaxed);
  if (before == failing.load(std::memory_order_relaxed)) throw std::bad_alloc();
  if (size > largest.load(std::memory_order_relaxed)) throw std::bad_alloc();
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

namespace attend::test {

#ifdef ATTEND_SANITIZED
LargestAllocation::LargestAllocation(std::size_t) noexcept {}
LargestAllocation::~LargestAllocation() = default;
FailingAllocation::FailingAllocation(long) noexcept {}
FailingAllocation::~FailingAllocation() = default;
#else
LargestAllocation::LargestAllocation(std::size_t bytes) noexcept { largest = bytes; }
LargestAllocation::~LargestAllocation() { largest = std::numeric_limits<std::size_t>::max(); }
FailingAllocation::FailingAllocation(long after) noexcept { failing = allocations + after; }
FailingAllocation::~FailingAllocation() { failing = -1; }
#endif

std::optional<long> allocation_count() noexcept {
#ifdef ATTEND_SANITIZED
  return std::nullopt;
#else
  return allocations.load();
#endif
}

}  // namespace attend::test
