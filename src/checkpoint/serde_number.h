// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers as the library that tokenizers 0.22 reads its files with takes them: often not the
// nearest double, and scores of Unigram that differ in the last bit end ties the other way.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace attend {

/// The double of a well-formed JSON number; nothing when it is too large.
/// Source: serde_json 1.0 without its feature float_roundtrip, `f64_from_parts`.
[[nodiscard]] std::optional<double> serde_number(std::string_view text);
/// A finite number as text that serde_number() makes the same double of: the shortest if that does,
/// else some digits more. The reference writes the shortest and reads another double from it. One
/// of some hundred doubles is that of no text; then the text is its neighbour's.
[[nodiscard]] std::string serde_text(double value);

}  // namespace attend
