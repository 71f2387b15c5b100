// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How often a test program allocates.
#pragma once

#include <optional>

namespace attend::test {

/// Allocations by operator new so far; nothing under a sanitizer, whose own operator new is worth
/// more than the count.
[[nodiscard]] std::optional<long> allocation_count() noexcept;

}  // namespace attend::test
