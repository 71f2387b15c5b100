// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The labels of a data set in the words of the model.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attend::cli {

using LabelMap = std::map<std::string, std::string, std::less<>>;

/// Reads "1=world,2=sports" that was split at its commas. Throws: UsageError.
[[nodiscard]] LabelMap parse_label_map(const std::vector<std::string>& words);

/// Whether labels are whole, or have prefixes such as "B-" before a type, which alone must match.
enum class LabelForm : std::uint8_t { whole, tags };

/// The type of a tag: "PER" of "B-PER"; "O" and tags without a prefix are their own.
[[nodiscard]] std::string_view type_of_tag(std::string_view tag);

/// What each label of the data is to the model. `map` goes first (for tags it may name types); the
/// results must be names that the model has, or else ids of them, all of one kind.
/// Throws: FileError that lists both sets.
[[nodiscard]] LabelMap match_labels(const std::set<std::string_view>& found, const LabelMap& map,
                                    std::span<const std::string> known, LabelForm form);

}  // namespace attend::cli
