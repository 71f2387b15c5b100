// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What Python's str makes of white space, which has four control characters more than Unicode's.
#pragma once

#include <string_view>
#include <vector>

namespace attend {

/// str.split(): the parts between white space, none empty.
[[nodiscard]] std::vector<std::string_view> split_python(std::string_view text);
/// str.strip(), str.lstrip(), str.rstrip(): the text without white space at both ends or at one.
[[nodiscard]] std::string_view strip_python(std::string_view text);
[[nodiscard]] std::string_view lstrip_python(std::string_view text);
[[nodiscard]] std::string_view rstrip_python(std::string_view text);

}  // namespace attend
