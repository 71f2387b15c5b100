// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Generated tables of code points (unicode_tables.cpp says how), sorted, without overlap.
#pragma once

#include <cstdint>
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

}  // namespace attend::tables
