// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Version of the headers and of the library that is linked.
#pragma once

#include <string_view>

#include "attend/core/export.h"
#include "attend/core/version_numbers.h"  // generated: ATTEND_VERSION_MAJOR, _MINOR, _PATCH

namespace attend {

/// The version of the linked library, "0.1.0".
[[nodiscard]] ATTEND_EXPORT std::string_view version() noexcept;

}  // namespace attend
