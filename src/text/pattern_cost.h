// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a regular expression may ask for, judged before Oniguruma sees it: its parser recurses into
// groups, and repeats within repeats take time that no limit on steps back counts.
#pragma once

#include <string_view>

namespace attend {

/// Throws: resource_limit when the pattern is longer than Regex::max_pattern_bytes, nests deeper
/// than limits::pattern_depth, or repeats parts limits::pattern_cost times; unsupported when it
/// calls its own groups, which multiplies without repeating.
void check_pattern_cost(std::string_view pattern);

}  // namespace attend
