// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One rule a type.
#include "support/json_difference.h"

#include <algorithm>
#include <cmath>

namespace attend::test {
namespace {

std::string differs(const OrderedJson& found, const OrderedJson& expected,
                    const std::string& path) {
  const auto shown = [](const OrderedJson& value) { return value.dump().substr(0, 200); };
  return (path.empty() ? "/" : path) + ": found " + shown(found) + ", expected " + shown(expected);
}

}  // namespace

std::string json_difference(const OrderedJson& found, const OrderedJson& expected, double tolerance,
                            const std::string& path) {
  if (expected.is_number_float()) {
    if (!found.is_number_float()) return differs(found, expected, path);
    const double want = expected.get<double>();
    const double allowed = tolerance * std::max(1.0, std::abs(want));
    const bool near = std::abs(found.get<double>() - want) <= allowed;
    return near ? "" : differs(found, expected, path);
  }
  if (expected.is_array() && found.is_array() && expected.size() == found.size()) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      auto difference =
          json_difference(found[i], expected[i], tolerance, path + "/" + std::to_string(i));
      if (!difference.empty()) return difference;
    }
    return "";
  }
  if (expected.is_object() && found.is_object() && expected.size() == found.size()) {
    for (auto a = found.begin(), b = expected.begin(); b != expected.end(); ++a, ++b) {
      if (a.key() != b.key()) return path + ": found key " + a.key() + ", expected " + b.key();
      auto difference = json_difference(*a, *b, tolerance, path + "/" + b.key());
      if (!difference.empty()) return difference;
    }
    return "";
  }
  const bool same_kind = expected.is_number_integer() == found.is_number_integer();
  return same_kind && found == expected ? "" : differs(found, expected, path);
}

}  // namespace attend::test
