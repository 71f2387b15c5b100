// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The pool: workers take chunk numbers from one atomic counter. They spin for a short while
// before they sleep, because a forward pass joins about a hundred times in a few milliseconds.
#include "attend/core/parallel.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "attend/core/error.h"
#include "core/control_groups.h"
#include "core/limits.h"

namespace attend {
namespace {

constexpr int max_threads = static_cast<int>(limits::threads);
constexpr auto spin_time = std::chrono::microseconds(30);  // about what waking up takes

thread_local bool inside_chunk = false;

// Whole CPUs of the quota.
int quota_cpus() noexcept {
  try {
    return static_cast<int>(std::min<double>(max_threads, cpu_quota()));
  } catch (...) {
    return max_threads;  // an unreadable limit is no limit
  }
}

void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// How this thread rounds, and whether subnormals are zero to it.
std::uint64_t float_mode() noexcept {
#if defined(__SSE__)
  return _mm_getcsr() & ~unsigned{_MM_EXCEPT_MASK};
#elif defined(__aarch64__)
  std::uint64_t mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
#else
  return 0;
#endif
}

void set_float_mode([[maybe_unused]] std::uint64_t mode) noexcept {
#if defined(__SSE__)
  _mm_setcsr(static_cast<unsigned>(mode));
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" : : "r"(mode));
#endif
}

}  // namespace

int available_cpus() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cpus = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0) cpus = CPU_COUNT(&set);
  return std::clamp(std::min(cpus, quota_cpus()), 1, max_threads);
}

struct ThreadPool::State {
  explicit State(int count) : threads(count) {}

  struct Job {
    Index count = 0;
    const IndexFunction* body = nullptr;
    std::uint64_t float_mode = 0;  // the caller's: results must not depend on who computes them
    std::atomic<Index> next{0};
    std::atomic<bool> failed{false};
    std::exception_ptr error;
  };

  const int threads;
  std::mutex busy;  // held by the caller whose job the workers serve
  std::atomic<std::uint32_t> generation{0};
  // Whether workers may still join the job, and how many of them are at it. Those who wake up late
  // find it closed: nobody waits for a thread that has nothing to do.
  static constexpr std::uint32_t open = 1U << 31U;
  std::atomic<std::uint32_t> joined{0};
  std::atomic<bool> stopping{false};
  Job job;
  std::vector<std::thread> workers;
  std::atomic<pid_t> process{0};  // whose threads the workers are; 0 before they start

  // Whether this is a copy by fork(): its workers, and a caller that held `busy`, do not exist.
  [[nodiscard]] bool is_forked() const noexcept {
    const pid_t owner = process.load(std::memory_order_relaxed);
    return owner != 0 && owner != ::getpid();
  }

  void run_chunks() noexcept {
    inside_chunk = true;
    for (;;) {
      const Index i = job.next.fetch_add(1, std::memory_order_relaxed);
      if (i >= job.count || job.failed.load(std::memory_order_relaxed)) break;
      try {
        (*job.body)(i);
      } catch (...) {
        if (!job.failed.exchange(true)) job.error = std::current_exception();
      }
    }
    inside_chunk = false;
  }

  // Waits until `value` differs from `old`, spinning first.
  template <class T>
  static void wait(std::atomic<T>& value, T old) noexcept {
    const auto until = std::chrono::steady_clock::now() + spin_time;
    while (value.load(std::memory_order_acquire) == old) {
      for (int i = 0; i < 32; ++i) pause();
      if (std::chrono::steady_clock::now() > until) {
        value.wait(old, std::memory_order_acquire);
        return;
      }
    }
  }

  void work(std::uint32_t seen) noexcept {
    for (;;) {
      wait(generation, seen);
      seen = generation.load(std::memory_order_acquire);
      if (stopping.load(std::memory_order_acquire)) return;
      if (!join()) continue;
      set_float_mode(job.float_mode);
      run_chunks();
      if (joined.fetch_sub(1, std::memory_order_acq_rel) == 1) joined.notify_one();
    }
  }

  bool join() noexcept {
    std::uint32_t now = joined.load(std::memory_order_relaxed);
    while ((now & open) != 0) {
      if (joined.compare_exchange_weak(now, now + 1, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  // Waits for the workers that are at it.
  void close() noexcept {
    std::uint32_t left = joined.fetch_and(~open, std::memory_order_acq_rel) & ~open;
    while (left != 0) {
      wait(joined, left);
      left = joined.load(std::memory_order_acquire);
    }
  }

  // Workers that cannot be started are done without: the caller runs what they do not.
  void start() {
    if (process.load(std::memory_order_relaxed) == 0) process = ::getpid();
    while (static_cast<int>(workers.size()) + 1 < threads) {
      try {
        workers.emplace_back([this, seen = generation.load()] { work(seen); });
      } catch (const std::system_error&) {
        break;
      }
    }
  }
};

ThreadPool::ThreadPool(int threads) {
  if (threads < 0 || threads > max_threads) {
    fail(ErrorKind::config_error, {.where = "ThreadPool",
                                   .what = "threads",
                                   .expected = "0 (all CPUs) to " + std::to_string(max_threads),
                                   .found = std::to_string(threads)});
  }
  state_ = std::make_unique<State>(threads == 0 ? available_cpus() : threads);
}

ThreadPool::~ThreadPool() {
  if (state_->is_forked()) {
    (void)state_.release();  // threads that do not exist can be neither joined nor detached
    return;
  }
  state_->stopping.store(true, std::memory_order_release);
  state_->generation.fetch_add(1, std::memory_order_release);
  state_->generation.notify_all();
  for (auto& worker : state_->workers) worker.join();
}

int ThreadPool::threads() const noexcept { return state_->threads; }

void ThreadPool::parallel_for(Index count, IndexFunction body) {
  State& state = *state_;
  std::unique_lock lock(state.busy, std::defer_lock);
  if (count <= 1 || state.threads == 1 || inside_chunk || state.is_forked() || !lock.try_lock()) {
    for (Index i = 0; i < count; ++i) body(i);
    return;
  }
  state.start();
  State::Job& job = state.job;
  job.count = count;
  job.body = &body;
  job.float_mode = float_mode();
  job.error = nullptr;
  job.failed.store(false, std::memory_order_relaxed);
  job.next.store(0, std::memory_order_relaxed);
  state.joined.store(State::open, std::memory_order_release);
  state.generation.fetch_add(1, std::memory_order_release);
  state.generation.notify_all();
  state.run_chunks();
  state.close();
  if (job.error) std::rethrow_exception(std::exchange(job.error, nullptr));
}

ThreadPool& default_pool() {
  static ThreadPool pool;
  return pool;
}

}  // namespace attend
