// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The pool under the uses that break pools: exceptions, nesting, many callers, many joins.
#include "attend/core/parallel.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/error_of.h"

namespace attend {
namespace {

TEST(ThreadPool, RunsEveryChunkOnce) {
  for (const int threads : {1, 2, 3, 8, 64}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const Index count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(count));
      pool.parallel_for(count, [&](Index i) { ++runs[static_cast<std::size_t>(i)]; });
      for (const auto& run : runs) EXPECT_EQ(run, 1);
    }
  }
}

TEST(ThreadPool, JoinsManyTimes) {
  ThreadPool pool(4);
  std::int64_t sum = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::int64_t> parts(8);  // plain: the join must make them visible
    pool.parallel_for(8, [&](Index i) { parts[static_cast<std::size_t>(i)] = i + round; });
    sum += std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
  }
  EXPECT_EQ(sum, 20'000LL * 28 + 8 * (19'999LL * 20'000 / 2));
}

// Programs built with -ffast-math flush subnormals to zero, in the threads that they start.
TEST(ThreadPool, WorkersRoundAsTheirCallerDoes) {
  ThreadPool pool(4);
  for (const bool upward : {false, true}) {
    std::fesetround(upward ? FE_UPWARD : FE_TONEAREST);
    std::array<std::atomic<int>, 2> rounded{};
    pool.parallel_for(64, [&](Index) {
      volatile float one = 1;
      const float sum = one + 1e-10F;
      ++rounded[sum > 1 ? 1 : 0];
      std::this_thread::sleep_for(std::chrono::microseconds(100));  // so that all have some
    });
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(rounded[upward ? 1 : 0], 64) << upward;
  }
}

TEST(ThreadPool, WakesWorkersThatSleep) {
  ThreadPool pool(3);
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> runs{0};
    pool.parallel_for(6, [&](Index) { ++runs; });
    EXPECT_EQ(runs, 6);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // well beyond the spinning
  }
}

TEST(ThreadPool, ThrowsOnceAndStaysUsable) {
  for (const int threads : {1, 4}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 200; ++round) {
      EXPECT_THROW(pool.parallel_for(100,
                                     [](Index i) {
                                       if (i % 3 == 1) throw std::out_of_range("x");
                                     }),
                   std::out_of_range);
      std::atomic<int> runs{0};
      pool.parallel_for(10, [&](Index) { ++runs; });
      EXPECT_EQ(runs, 10);
    }
  }
}

TEST(ThreadPool, SkipsChunksAfterAnException) {
  ThreadPool pool(2);
  std::atomic<int> runs{0};
  EXPECT_THROW(pool.parallel_for(1'000'000,
                                 [&](Index) {
                                   ++runs;
                                   throw std::runtime_error("x");
                                 }),
               std::runtime_error);
  EXPECT_LE(runs, 4);
}

TEST(ThreadPool, NestedCallsRunInline) {
  ThreadPool pool(4);
  ThreadPool other(4);
  std::atomic<int> runs{0};
  pool.parallel_for(8, [&](Index) {
    const auto self = std::this_thread::get_id();
    for (ThreadPool* inner : {&pool, &other}) {
      inner->parallel_for(8, [&](Index) {
        std::this_thread::sleep_for(std::chrono::microseconds(100));  // time for others to come
        runs += std::this_thread::get_id() == self ? 1 : 1000;
      });
    }
  });
  EXPECT_EQ(runs, 128);
  EXPECT_THROW(pool.parallel_for(4, [&](Index) { pool.parallel_for(4, [](Index) { throw 1; }); }),
               int);
}

TEST(ThreadPool, ServesManyCallers) {
  ThreadPool pool(4);
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int caller = 0; caller < 16; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < 200; ++round) {
        std::vector<Index> values(50);
        try {
          pool.parallel_for(50, [&](Index i) {
            if (caller == 3 && i == 40) throw std::runtime_error("x");
            values[static_cast<std::size_t>(i)] = i * caller;
          });
          if (caller == 3) ++wrong;
          for (Index i = 0; i < 50; ++i) wrong += values[static_cast<std::size_t>(i)] != i * caller;
        } catch (const std::runtime_error&) {
          if (caller != 3) ++wrong;
        }
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, ComesAndGoes) {
  for (int round = 0; round < 50; ++round) {
    ThreadPool pool(5);
    if (round % 2 == 0) pool.parallel_for(3, [](Index) {});
  }
}

TEST(ThreadPool, RefusesImpossibleSizes) {
  for (const int threads : {-1, 1025}) {
    test::expect_error(ErrorKind::config_error, {"threads", std::to_string(threads)}, [&] {
      ThreadPool pool(threads);
      return 0;
    });
  }
  EXPECT_GE(available_cpus(), 1);
  EXPECT_EQ(default_pool().threads(), available_cpus());
}

// A child that hangs is killed by its alarm.
int exit_code_of_child(void (*run)(ThreadPool&), ThreadPool& pool) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);
    run(pool);
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(ThreadPool, WorksInAForkedChild) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer ends a child of several threads that starts one";
#endif
  auto pool = std::make_unique<ThreadPool>(4);
  pool->parallel_for(8, [](Index) {});  // the threads start
  const auto run = [](ThreadPool& copy) {
    std::atomic<int> runs{0};
    for (int round = 0; round < 3; ++round) copy.parallel_for(8, [&](Index) { ++runs; });
    ThreadPool own(2);
    own.parallel_for(8, [&](Index) { ++runs; });
    if (runs != 32) _exit(1);
  };
  EXPECT_EQ(exit_code_of_child(run, *pool), 0);
  EXPECT_EQ(exit_code_of_child([](ThreadPool& copy) { copy.~ThreadPool(); }, *pool), 0);

  std::atomic<int> runs{0};
  pool->parallel_for(8, [&](Index) { ++runs; });  // the parent's are as they were
  EXPECT_EQ(runs, 8);
}

TEST(ThreadPool, WorksInAChildForkedWhileAnotherThreadUsesIt) {
  ThreadPool pool(2);
  std::atomic<bool> inside{false};
  std::atomic<bool> leave{false};
  std::thread user([&] {
    pool.parallel_for(2, [&](Index) {
      inside = true;
      while (!leave) std::this_thread::yield();
    });
  });
  while (!inside) std::this_thread::yield();
  const auto run = [](ThreadPool& copy) {
    int runs = 0;
    copy.parallel_for(8, [&](Index) { ++runs; });
    if (runs != 8) _exit(1);
  };
  EXPECT_EQ(exit_code_of_child(run, pool), 0);
  leave = true;
  user.join();
}

std::atomic<bool> is_held{false};
std::atomic<bool> is_freed{false};

// The other thread of a pool of two.
pthread_t worker_of(ThreadPool& pool) {
  std::array<pthread_t, 2> threads{};
  std::atomic<int> arrived{0};
  pool.parallel_for(2, [&](Index i) {
    threads[static_cast<std::size_t>(i)] = pthread_self();
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  return pthread_equal(threads[0], pthread_self()) != 0 ? threads[1] : threads[0];
}

// A signal keeps the worker off its CPU, as a neighbour would.
TEST(ThreadPool, DoesNotWaitForAThreadThatHasNotBegun) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer delays signals";
#endif
  ThreadPool pool(2);
  const pthread_t worker = worker_of(pool);
  const auto hold = [](int) {
    is_held = true;
    while (!is_freed) sched_yield();
  };
  struct sigaction action {};
  action.sa_handler = hold;
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  ASSERT_EQ(pthread_kill(worker, SIGUSR1), 0);
  while (!is_held) std::this_thread::yield();
  std::atomic<int> runs{0};
  auto done = std::async(std::launch::async, [&] {
    for (int round = 0; round < 3; ++round) pool.parallel_for(8, [&](Index) { ++runs; });
  });
  EXPECT_EQ(done.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  is_freed = true;
  done.get();
  EXPECT_EQ(runs, 24);
  sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace attend
