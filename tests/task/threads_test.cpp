// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One loaded model, many threads, texts of all lengths: the same bytes as one after the other.
// Under the thread sanitizer this is also where races would show.
#include <gtest/gtest.h>

#include <barrier>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/callers.h"

namespace attend {
namespace {

using test::Answer;
using test::Caller;

constexpr std::size_t thread_count = 16;

std::vector<std::string> texts_of_all_lengths() {
  std::vector<std::string> texts;
  for (const int words : {1, 2, 3, 7, 12, 20, 1, 60}) {
    std::string text;
    for (int i = 0; i < words; ++i) text += (i % 3 == 0) ? "the house, " : "was dark ";
    texts.push_back(text);
  }
  texts.emplace_back("\xFF");  // an Error must not disturb the others either
  return texts;
}

std::string bytes_of(const std::vector<Outcome<Answer>>& outcomes) {
  std::string bytes;
  for (const Outcome<Answer>& outcome : outcomes) {
    bytes += outcome.ok() ? outcome.value().bytes : outcome.error().what();
  }
  return bytes;
}

TEST(Threads, ShareOneModelAndGiveTheSameBytesAsOneAfterTheOther) {
  const std::vector<std::string> texts = texts_of_all_lengths();
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  for (const Caller& caller : test::golden_callers()) {
    SCOPED_TRACE(caller.name);
    std::vector<std::string> serial;
    for (const std::string_view& text : views) serial.push_back(bytes_of(caller.each({&text, 1})));
    std::string together;
    for (const std::string& bytes : serial) together += bytes;
    ASSERT_EQ(bytes_of(caller.each(views)), together);

    std::vector<std::string> differences(thread_count);
    std::barrier start(static_cast<std::ptrdiff_t>(thread_count));
    const auto work = [&](std::size_t thread) {
      start.arrive_and_wait();
      for (std::size_t step = 0; step < views.size(); ++step) {
        const std::size_t i = (step + thread) % views.size();  // each begins with another one
        if (bytes_of(caller.each({&views[i], 1})) != serial[i]) differences[thread] = texts[i];
      }
      if (bytes_of(caller.each(views)) != together) differences[thread] = "the batch";
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < thread_count; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < thread_count; ++i) EXPECT_EQ(differences[i], "") << "thread " << i;
  }
}

}  // namespace
}  // namespace attend
