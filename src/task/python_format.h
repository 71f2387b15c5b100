// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Format strings of Python for one argument that is a str, where users write templates of Python.
#pragma once

#include <string>
#include <string_view>

namespace attend {

/// Whose format string it is, for the message of an Error.
struct FormatOwner {
  std::string_view where;  ///< the public operation
  std::string_view what;   ///< the option
};

/// `format_string.format(argument)`: `{}`, `{0}`, `{0[1]}`, conversions `!s !r !a`, and
/// `[[fill]align][0][width][.precision][s]`, itself a format string. Width and precision count code
/// points. Attributes (`{0.upper}`) are refused: in Python they print addresses.
/// Requires: valid UTF-8.
/// Throws: config_error where Python raises; resource_limit for a result that is more than 1 MiB
/// longer than the format string and the argument.
/// Source: Python 3.11 library reference, "Format String Syntax"; 3.9 refuses `{:05}`.
[[nodiscard]] std::string python_format(std::string_view format_string, std::string_view argument,
                                        FormatOwner owner);

}  // namespace attend
