// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A row of a table of bytes that are wrong, and what must come of it.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/error.h"
#include "support/cost.h"
#include "support/error_of.h"
#include "support/sanitized.h"

namespace attend::test {

struct BadBytes {
  std::string name;
  std::function<std::string()> make;
  ErrorKind kind;
  std::vector<std::string> parts;  ///< of the message
};

// What GoogleTest prints for a row, which would else be its bytes.
inline void PrintTo(const BadBytes& row, std::ostream* out) { *out << row.name; }

inline long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Checks the Error of read(bytes): its kind, that the message names `file` and every part, and
/// that neither time nor memory went into it.
template <class Read>
void expect_refused(const BadBytes& row, std::string_view file, Read&& read) {
  const std::string bytes = row.make();
  const auto start = work_time();
  const long before = peak_kilobytes();
  const auto error = error_of([&] { return read(bytes); });
  const auto took = work_time() - start;
  ASSERT_TRUE(error) << "it was accepted";
  const std::string_view message = error->what();
  EXPECT_EQ(name(error->kind()), name(row.kind)) << message;
  EXPECT_NE(message.find("(" + std::string(file) + ")"), std::string_view::npos) << message;
  for (const auto& part : row.parts) {
    EXPECT_NE(message.find(part), std::string_view::npos) << "no " << part << " in: " << message;
  }
  EXPECT_LT(message.size(), 600U);
  EXPECT_LT(took, time_allowed);
  EXPECT_LT(peak_kilobytes() - before, kilobytes_allowed);
}

}  // namespace attend::test
