// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Extended grapheme clusters: what a reader takes for one character.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace attend {

/// Where the cluster that begins at `at` ends; `at` is a boundary before the end of valid UTF-8.
/// Source: Unicode Standard Annex 29, section 3.1.1, of Unicode 16, as in
/// unicode-segmentation 1.12.
[[nodiscard]] std::size_t grapheme_end(std::string_view text, std::size_t at) noexcept;

/// The characters that the one behind them joins, of class Prepend.
[[nodiscard]] const std::vector<char32_t>& prepended_characters();

}  // namespace attend
