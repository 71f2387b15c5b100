// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Compares JSON with a recorded answer: everything exact but floats.
#pragma once

#include <string>

#include "support/json.h"

namespace attend::test {

/// The first place where `found` is not `expected`, or "". Structure, keys and their order,
/// strings and integers must be equal; floats within `tolerance`, relative above 1.
[[nodiscard]] std::string json_difference(const OrderedJson& found, const OrderedJson& expected,
                                          double tolerance, const std::string& path = "");

}  // namespace attend::test
