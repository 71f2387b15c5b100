// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How often a test program allocates, and tests without enough memory.
#pragma once

#include <cstddef>
#include <optional>

namespace attend::test {

/// While it lives, operator new throws bad_alloc for more than so many bytes at once, in any
/// thread. Does nothing under a sanitizer.
class LargestAllocation {
 public:
  explicit LargestAllocation(std::size_t bytes) noexcept;
  LargestAllocation(const LargestAllocation&) = delete;
  LargestAllocation& operator=(const LargestAllocation&) = delete;
  ~LargestAllocation();
};

/// While it lives, operator new throws bad_alloc once, in any thread: for the allocation before
/// which there were so many others. Does nothing under a sanitizer.
class FailingAllocation {
 public:
  explicit FailingAllocation(long after) noexcept;
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  ~FailingAllocation();
};

/// Allocations by operator new so far; nothing under a sanitizer, whose own operator new is worth
/// more than the count.
[[nodiscard]] std::optional<long> allocation_count() noexcept;

}  // namespace attend::test
