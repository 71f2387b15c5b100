// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Dates in templates.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace attend::jinja {

/// strftime() of Python in local time, with the names of the C locale whichever is set.
[[nodiscard]] std::string format_time(std::chrono::system_clock::time_point time,
                                      std::string_view format);

}  // namespace attend::jinja
