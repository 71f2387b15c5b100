// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Look-ups in the generated tables, and normalization on top of utf8proc, restricted to the code
// points that the reference normalizes.
#include "attend/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <tuple>

#include "core/shrink.h"
#include "text/unicode_tables.h"

namespace attend {
namespace {

using tables::CaseRun;
using tables::CodePointRange;
using tables::find_range;

enum Property : std::uint16_t {
  white_space = 1,
  punctuation = 2,
  nonspacing_mark = 4,
  any_mark = 8,
  dropped = 16,
  chinese = 32,
  word = 64,
  numeric = 128,
  normalized = 256,
  cased = 512,
};

struct PropertyRanges {
  Property property;
  const std::span<const CodePointRange>* ranges;
};

constexpr std::array<PropertyRanges, 9> all_ranges = {{
    {white_space, &tables::white_space_ranges},
    {punctuation, &tables::punctuation_ranges},
    {nonspacing_mark, &tables::nonspacing_mark_ranges},
    {any_mark, &tables::mark_ranges},
    {dropped, &tables::dropped_ranges},
    {chinese, &tables::chinese_ranges},
    {word, &tables::word_ranges},
    {numeric, &tables::numeric_ranges},
    {normalized, &tables::normalized_ranges},
}};

// The first two planes hold nearly every character that is written; they are spread out into one
// array, which costs 256 kB once and a load per question. The rest is searched in the ranges.
constexpr char32_t flag_planes_end = 0x20000;

using FlagPlanes = std::array<std::uint16_t, flag_planes_end>;

const FlagPlanes& flag_planes() noexcept {
  static const FlagPlanes& built = []() -> const FlagPlanes& {
    static FlagPlanes flags{};
    for (const auto& [property, ranges] : all_ranges) {
      for (const auto& [first, last] : *ranges) {
        for (char32_t c = first; c <= last && c < flag_planes_end; ++c) flags[c] |= property;
      }
    }
    for (const CaseRun& run : tables::lowercase_runs) {
      for (char32_t c = run.first; c <= run.last && c < flag_planes_end; c += run.step)
        flags[c] |= cased;
    }
    return flags;
  }();
  return built;
}

bool has(char32_t c, Property property) noexcept {
  if (c < flag_planes_end) return (flag_planes()[c] & property) != 0;
  for (const auto& entry : all_ranges) {
    if (entry.property == property) return find_range(*entry.ranges, c) != nullptr;
  }
  return false;
}

int combining_class(char32_t c) noexcept {
  if (c < 0x300 || !has(c, normalized)) return 0;
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
}

// Hangul syllables are composed by arithmetic, Unicode 15 section 3.12.
constexpr char32_t hangul_s = 0xAC00;
constexpr char32_t hangul_l = 0x1100;
constexpr char32_t hangul_v = 0x1161;
constexpr char32_t hangul_t = 0x11A7;
constexpr char32_t hangul_l_count = 19;
constexpr char32_t hangul_v_count = 21;
constexpr char32_t hangul_t_count = 28;
constexpr char32_t hangul_s_count = hangul_l_count * hangul_v_count * hangul_t_count;

// The one code point that two make, or 0.
char32_t compose_pair(char32_t a, char32_t b) noexcept {
  if (a - hangul_l < hangul_l_count && b - hangul_v < hangul_v_count) {
    return hangul_s + ((a - hangul_l) * hangul_v_count + (b - hangul_v)) * hangul_t_count;
  }
  if (a - hangul_s < hangul_s_count && (a - hangul_s) % hangul_t_count == 0 && b > hangul_t &&
      b < hangul_t + hangul_t_count) {
    return a + (b - hangul_t);
  }
  if (!has(b, any_mark)) return 0;  // everything else that is second in a pair is one
  utf8proc_int32_t pair[3] = {static_cast<utf8proc_int32_t>(a), static_cast<utf8proc_int32_t>(b),
                              0};
  const auto length = utf8proc_normalize_utf32(
      pair, 2, static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
  const auto composed = static_cast<char32_t>(pair[0]);
  return length == 1 && has(composed, normalized) ? composed : 0;
}

}  // namespace

bool is_white_space(char32_t c) noexcept { return has(c, white_space); }
bool is_punctuation(char32_t c) noexcept { return has(c, punctuation); }
bool is_nonspacing_mark(char32_t c) noexcept { return has(c, nonspacing_mark); }
bool is_mark(char32_t c) noexcept { return has(c, any_mark); }
bool is_dropped_by_bert(char32_t c) noexcept { return has(c, dropped); }
bool is_chinese(char32_t c) noexcept { return has(c, chinese); }
bool is_word(char32_t c) noexcept { return has(c, word); }
bool is_numeric(char32_t c) noexcept { return has(c, numeric); }

std::uint8_t script(char32_t c) noexcept {
  const tables::ScriptRange* range = find_range(tables::script_ranges, c);
  return range == nullptr ? std::uint8_t{0} : range->script;
}

char32_t lowercase(char32_t c) noexcept {
  if (c < 0x80) return c - U'A' < 26 ? c + 32 : c;
  if (c == 0x130) return U'i';
  if (c >= flag_planes_end || (flag_planes()[c] & cased) == 0)
    return c;  // no letter beyond has two cases
  const auto runs = tables::lowercase_runs;
  const auto after = std::upper_bound(runs.begin(), runs.end(), c,
                                      [](char32_t x, const CaseRun& r) { return x < r.first; });
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + std::prev(after)->delta);
}

void UnicodeNormalizer::begin(UnicodeForm form) noexcept {
  form_ = form;
  marks_.clear();
  blocked_.clear();
  has_starter_ = false;
  last_class_ = 0;
}

void UnicodeNormalizer::push(char32_t c, std::vector<Edit>& out) {
  if (c < 0x80 || !has(c, normalized)) {
    decomposed({c, 0}, out);
    return;
  }
  const bool compatible = form_ == UnicodeForm::nfkc || form_ == UnicodeForm::nfkd;
  int boundary = 0;
  // 18 is the longest decomposition there is (U+FDFA).
  std::array<utf8proc_int32_t, 32> parts{};
  const auto count = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(c), parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
      static_cast<utf8proc_option_t>(compatible ? UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT
                                                : UTF8PROC_DECOMPOSE),
      &boundary);
  if (count < 1 || count > static_cast<utf8proc_ssize_t>(parts.size())) {
    decomposed({c, 0}, out);
    return;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    decomposed({static_cast<char32_t>(parts[i]), i == 0 ? 0 : 1}, out);
  }
}

// Marks are put in order of their class; nothing moves over a starter (class 0).
void UnicodeNormalizer::decomposed(Edit edit, std::vector<Edit>& out) {
  const int edit_class = combining_class(edit.c);
  if (edit_class == 0) sort_marks(out);
  marks_.push_back({edit_class, static_cast<std::uint32_t>(marks_.size()), edit});
}

void UnicodeNormalizer::sort_marks(std::vector<Edit>& out) {
  if (marks_.size() > 1) {
    // std::stable_sort would take memory.
    std::sort(marks_.begin(), marks_.end(), [](const Pending& a, const Pending& b) {
      return std::tie(a.combining_class, a.place) < std::tie(b.combining_class, b.place);
    });
  }
  const bool composes = form_ == UnicodeForm::nfc || form_ == UnicodeForm::nfkc;
  for (const Pending& pending : marks_) {
    if (composes) {
      compose(pending.edit, pending.combining_class, out);
    } else {
      out.push_back(pending.edit);
    }
  }
  marks_.clear();
}

// Unicode 15, section 3.11, D117: a mark combines with the starter unless another one between them
// has its class or a higher one.
void UnicodeNormalizer::compose(Edit edit, int combining_class, std::vector<Edit>& out) {
  if (!has_starter_) {
    if (combining_class != 0) {
      out.push_back(edit);
    } else {
      starter_ = edit;
      has_starter_ = true;
    }
    return;
  }
  const bool blocked = last_class_ != 0 && last_class_ >= combining_class;
  if (!blocked) {
    if (const char32_t composed = compose_pair(starter_.c, edit.c); composed != 0) {
      starter_ = {composed, starter_.change + edit.change - 1};
      return;
    }
  }
  if (combining_class == 0) {
    flush_composition(out);
    starter_ = edit;
    has_starter_ = true;
  } else {
    blocked_.push_back(edit);
    last_class_ = combining_class;
  }
}

void UnicodeNormalizer::flush_composition(std::vector<Edit>& out) {
  if (has_starter_) out.push_back(starter_);
  out.insert(out.end(), blocked_.begin(), blocked_.end());
  blocked_.clear();
  has_starter_ = false;
  last_class_ = 0;
}

void UnicodeNormalizer::finish(std::vector<Edit>& out) {
  sort_marks(out);
  flush_composition(out);
}

void UnicodeNormalizer::shrink() {
  shrink_one(marks_);
  shrink_one(blocked_);
}

}  // namespace attend
