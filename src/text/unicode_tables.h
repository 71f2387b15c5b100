// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Generated tables of code points (unicode_tables.cpp says how), sorted, without overlap.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>

namespace attend::tables {

struct CodePointRange {
  char32_t first;
  char32_t last;  // in the range
};

/// first, first + step ... last have their lower-case form `delta` further on.
struct CaseRun {
  char32_t first;
  char32_t last;
  std::uint32_t step;
  std::int32_t delta;
};

/// Code points of one script.
struct ScriptRange {
  char32_t first;
  char32_t last;  // in the range
  std::uint8_t script;
};

/// What a code point does in grapheme clusters: values of Grapheme_Cluster_Break but for what
/// Extended_Pictographic and Indic_Conjunct_Break tell apart.
enum class ClusterClass : std::uint8_t {
  other,
  control,
  carriage_return,
  line_feed,
  extend,
  linker,      ///< Extend that links consonants
  non_joiner,  ///< U+200C, the only Extend that no conjunct goes over
  joiner,      ///< U+200D
  spacing,
  prepend,
  leading,          ///< Hangul L
  vowel,            ///< Hangul V
  trailing,         ///< Hangul T
  open_syllable,    ///< Hangul LV
  closed_syllable,  ///< Hangul LVT
  regional,
  pictograph,
  consonant,
};

/// Code points of one class.
struct ClusterRange {
  char32_t first;
  char32_t last;  // in the range
  ClusterClass cluster_class;
};

/// Code points that regular expressions may take for `known`.
struct KnownRange {
  char32_t first;
  char32_t last;  // in the range
  char32_t known;
};

/// The range that holds c, or nullptr.
template <class Range>
const Range* find_range(std::span<const Range> ranges, char32_t c) noexcept {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), c,
                                      [](char32_t x, const Range& r) { return x < r.first; });
  if (after == ranges.begin() || c > std::prev(after)->last) return nullptr;
  return &*std::prev(after);
}

extern const std::span<const CodePointRange> punctuation_ranges;
extern const std::span<const CodePointRange> nonspacing_mark_ranges;
extern const std::span<const CodePointRange> mark_ranges;
extern const std::span<const CodePointRange> dropped_ranges;
extern const std::span<const CodePointRange> word_ranges;
extern const std::span<const CodePointRange> numeric_ranges;
extern const std::span<const CodePointRange> white_space_ranges;
extern const std::span<const CodePointRange> chinese_ranges;
extern const std::span<const CodePointRange> normalized_ranges;
extern const std::span<const CaseRun> lowercase_runs;
extern const std::span<const ScriptRange> script_ranges;
extern const std::span<const ClusterRange> cluster_ranges;
extern const std::span<const KnownRange> known_ranges;

}  // namespace attend::tables
