// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A pool of threads that splits work into numbered chunks. Which thread runs a chunk never
// changes what the chunk computes, so results do not depend on the number of threads.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "attend/core/export.h"
#include "attend/core/shape.h"

namespace attend {

/// A borrowed `void(Index)`; the callable must outlive the call it is passed to.
class IndexFunction {
 public:
  template <class F>
    requires(std::is_invocable_v<F&, Index> &&
             !std::is_same_v<std::remove_cvref_t<F>, IndexFunction>)
  IndexFunction(F&& f) noexcept  // NOLINT(google-explicit-constructor): a parameter type
      : object_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* object, Index i) { (*static_cast<std::remove_reference_t<F>*>(object))(i); }) {}

  void operator()(Index i) const { call_(object_, i); }

 private:
  void* object_;
  void (*call_)(void*, Index);
};

/// CPUs that this process may use: affinity mask, and quotas of its control groups (version 1 or 2,
/// mounted at /sys/fs/cgroup) as whole CPUs; at least 1.
[[nodiscard]] ATTEND_EXPORT int available_cpus() noexcept;

/// A fixed number of threads, the caller's included. Threads start at the first parallel_for that
/// has more than one chunk; loading a model is such a use.
///
/// Processes: fork() copies no threads. In a child that was forked after the threads had started,
/// the pool still works, but every call runs its chunks itself; a pool made in the child has
/// threads again.
///
/// Threads: parallel_for may be called from many threads; a call that finds the pool busy, or that
/// comes from inside a chunk, runs its chunks itself, with the same results.
class ATTEND_EXPORT ThreadPool {
 public:
  /// `threads` counts the caller; 0 means available_cpus(). Throws: config_error when it is
  /// negative or above 1024.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int threads() const noexcept;

  /// Calls body(0) ... body(count - 1), each once, in any order, and returns when all are done.
  /// The first exception of a body is thrown here after the running ones stopped; chunks not yet
  /// begun are then skipped.
  void parallel_for(Index count, IndexFunction body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The pool that is used where no other is named; available_cpus() threads.
[[nodiscard]] ATTEND_EXPORT ThreadPool& default_pool();

}  // namespace attend
