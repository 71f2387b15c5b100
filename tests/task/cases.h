// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The reference's answers (cases.json), and texts as the tasks take them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "attend/task/task_model.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::test {

inline constexpr double golden_tolerance = 1e-5;   // tests/golden/README.md
inline constexpr double bundled_tolerance = 1e-4;  // scores there are rounded to six places

inline std::filesystem::path bundled(std::string_view model) {
  return tests_folder() / ".." / "examples" / "models" / model;
}

/// Cases of a folder whose `key` is `value`.
inline std::vector<Json> cases(const std::filesystem::path& folder, std::string_view key,
                               std::string_view value) {
  std::vector<Json> found;
  for (const Json& one : read_json_file(folder / "cases.json")) {
    if (one.value(std::string(key), "") == value) found.push_back(one);
  }
  return found;
}

/// The bundled models' cases in the form of the goldens.
inline std::vector<Json> bundled_cases(std::string_view model) {
  std::vector<Json> found;
  const Json file = read_json_file(bundled(model) / "cases.json");
  for (const Json& one : file.at("cases")) {
    found.push_back({{"id", one.at("inputs")},
                     {"inputs", one.at("inputs")},
                     {"parameters", one.at("kwargs")},
                     {"expected", one.at("output")}});
  }
  return found;
}

/// Strings of a JSON string or list; the JSON must outlive them.
inline std::vector<std::string_view> strings(const Json& json) {
  if (json.is_string()) return {json.get_ref<const std::string&>()};
  std::vector<std::string_view> result;
  for (const Json& one : json) result.emplace_back(one.get_ref<const std::string&>());
  return result;
}

/// A string, {text, text_pair} or a list of them.
inline std::vector<TextInput> inputs(const Json& json) {
  std::vector<TextInput> result;
  const auto add = [&](const Json& one) {
    if (one.is_string()) {
      result.emplace_back(one.get_ref<const std::string&>());
    } else {
      result.emplace_back(one.at("text").get_ref<const std::string&>(),
                          one.at("text_pair").get_ref<const std::string&>());
    }
  };
  if (json.is_array()) {
    for (const Json& one : json) add(one);
  } else {
    add(json);
  }
  return result;
}

}  // namespace attend::test
