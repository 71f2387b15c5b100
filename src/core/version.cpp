// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The version string, from the numbers that CMake generated.
#include "attend/core/version.h"

namespace attend {

std::string_view version() noexcept { return ATTEND_VERSION_STRING; }

}  // namespace attend
