// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A wrong ATTEND_ISA is an error of the first operation, whichever it is. It is read once a
// process, so a process of its own meets it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/cpu.h"
#include "attend/ops/activation.h"
#include "attend/ops/normalize.h"
#include "attend/ops/pooling.h"
#include "support/error_of.h"

namespace attend {
namespace {

using Calls = std::vector<std::pair<std::string_view, std::function<void()>>>;

// Prints those that are not refused.
int count_accepted(const Calls& calls) {
  int accepted = 0;
  for (const auto& [name, call] : calls) {
    const auto error = test::error_of(call);
    const std::string text = error ? error->what() : "no error";
    if (error && error->kind() == ErrorKind::config_error &&
        text.find("found \"avx1024\"") != std::string::npos) {
      continue;
    }
    std::cerr << name << ": " << text << '\n';
    ++accepted;
  }
  return accepted;
}

TEST(UnknownIsaDeathTest, EveryOperationSaysSo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  std::vector<float> x(8, 1.0F);
  std::vector<float> y(8);
  const std::vector<float> gain(4, 1.0F);
  const Index starts[] = {0, 2};
  ThreadPool pool(1);
  Workspace workspace(pool);
  const MatrixView<float> rows{x.data(), 2, 4};
  const MatrixView<float> out{y.data(), 2, 4};
  const Calls calls = {
      {"l2_normalize", [&] { ops::l2_normalize(rows); }},
      {"pool", [&] { ops::pool(Pooling::mean, rows, starts, out.row_range(0, 1)); }},
      {"activate", [&] { ops::activate(Activation::gelu, x); }},
      {"rms_norm",
       [&] {
         ops::rms_norm(rows, {gain, 0}, out, workspace);
       }},
      {"layer_norm",
       [&] {
         ops::layer_norm(rows, {gain, {}, 0}, out, workspace);
       }},
      {"measure_peak", [&] { (void)measure_peak(DType::f32, pool); }},
      {"cpu_report", [&] { (void)cpu_report(); }},
  };
  const char* before = std::getenv("ATTEND_ISA");
  const std::string saved = before == nullptr ? "" : before;
  setenv("ATTEND_ISA", "avx1024", 1);
  EXPECT_EXIT(std::exit(count_accepted(calls)), testing::ExitedWithCode(0), "");
  if (before == nullptr) {
    unsetenv("ATTEND_ISA");
  } else {
    setenv("ATTEND_ISA", saved.c_str(), 1);
  }
}

}  // namespace
}  // namespace attend
