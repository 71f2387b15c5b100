// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The Error that a call throws, and what its message says.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string_view>

#include "attend/core/error.h"

namespace attend::test {

/// The Error that `call` throws, or nothing when it returns.
template <class Call>
[[nodiscard]] std::optional<Error> error_of(Call&& call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

/// Checks the kind of the Error that `call` throws, and that its message has every part.
template <class Call>
void expect_error(ErrorKind kind, std::initializer_list<std::string_view> parts, Call&& call) {
  const auto error = error_of(call);
  ASSERT_TRUE(error) << "nothing was thrown, expected " << name(kind);
  EXPECT_EQ(name(error->kind()), name(kind)) << error->what();
  for (const auto part : parts) {
    EXPECT_NE(std::string_view(error->what()).find(part), std::string_view::npos)
        << "no " << quote(part) << " in: " << error->what();
  }
}

}  // namespace attend::test
