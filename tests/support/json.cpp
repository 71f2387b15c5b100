// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one place where the code of nlohmann's classes is made.
#include "support/json.h"

#include "support/paths.h"

template class nlohmann::basic_json<>;
template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace attend::test {

Json json_of(std::string_view text) { return Json::parse(text); }

OrderedJson ordered_json_of(std::string_view text) { return OrderedJson::parse(text); }

Json read_json_file(const std::filesystem::path& file) { return json_of(read_file(file)); }

}  // namespace attend::test
