// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a sanitizer is in the build: it brings an allocator of its own and takes its time.
#pragma once

#include <chrono>
#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ATTEND_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ATTEND_SANITIZED
#endif

namespace attend::test {

/// How long it may take to refuse any bad input.
#ifdef ATTEND_SANITIZED
inline constexpr std::chrono::seconds time_allowed{20};
#else
inline constexpr std::chrono::seconds time_allowed{1};
#endif

/// How much memory may go into that, in kilobytes. Sanitizers keep what was freed for a while: a
/// vector that grows to 64 MB holds half of it once more.
#ifdef ATTEND_SANITIZED
inline constexpr long kilobytes_allowed = 128'000;
#else
inline constexpr long kilobytes_allowed = 64'000;
#endif

/// Sanitizers look at every byte that is touched, so smaller texts show as much.
#ifdef ATTEND_SANITIZED
inline constexpr std::size_t long_text_bytes = 100'000;
#else
inline constexpr std::size_t long_text_bytes = 500'000;
#endif

}  // namespace attend::test
