// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON for tests. Its code is made once, in json.cpp, which makes every test compile faster.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

extern template class nlohmann::basic_json<>;
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace attend::test {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// As Json::parse().
[[nodiscard]] Json json_of(std::string_view text);
[[nodiscard]] OrderedJson ordered_json_of(std::string_view text);
[[nodiscard]] Json read_json_file(const std::filesystem::path& file);

}  // namespace attend::test
