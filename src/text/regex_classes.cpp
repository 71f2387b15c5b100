// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Categories of utf8proc, made those of Unicode 16 whichever version utf8proc follows.
#include "text/regex_classes.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "attend/text/unicode.h"

namespace attend::regex_classes {
namespace {

constexpr Classes no_class = 0;

struct ClassRange {
  char32_t first;
  char32_t last;  // in the range
  Classes classes;
};

// Every code point for which the categories of Unicode 14, 15 or 18, kept within is_word and
// is_numeric as below, are not what tokenizers 0.22.2 does with it. How it was made: a text of all
// code points was split by each \p{..}.
constexpr ClassRange exceptions[] = {
    // clang-format off
    {0x295, 0x295, lower}, {0x897, 0x897, mark}, {0xCF3, 0xCF3, mark}, {0xECE, 0xECE, mark},
    {0x1B4E, 0x1B4F, symbol}, {0x1B7F, 0x1B7F, symbol}, {0x1C89, 0x1C89, upper},
    {0x1C8A, 0x1C8A, lower}, {0x20C1, 0x20C4, no_class}, {0x2427, 0x2429, symbol},
    {0x2B96, 0x2B96, no_class}, {0x2E60, 0x2E63, no_class}, {0x2FFC, 0x2FFF, symbol},
    {0x31E4, 0x31E5, symbol}, {0x31EF, 0x31EF, symbol}, {0xA7CB, 0xA7CC, upper},
    {0xA7CD, 0xA7CD, lower}, {0xA7DA, 0xA7DA, upper}, {0xA7DB, 0xA7DB, lower},
    {0xA7DC, 0xA7DC, upper}, {0xFBC3, 0xFBD2, no_class}, {0xFD90, 0xFD91, no_class},
    {0xFDC8, 0xFDCE, no_class}, {0x105C0, 0x105F3, other_letter}, {0x10D40, 0x10D49, number},
    {0x10D4A, 0x10D4F, other_letter}, {0x10D50, 0x10D65, upper}, {0x10D69, 0x10D6D, mark},
    {0x10D6E, 0x10D6E, symbol}, {0x10D6F, 0x10D6F, other_letter}, {0x10D70, 0x10D85, lower},
    {0x10D8E, 0x10D8F, symbol}, {0x10EC2, 0x10EC4, other_letter}, {0x10EC9, 0x10ECA, no_class},
    {0x10ED0, 0x10ED8, no_class}, {0x10EFC, 0x10EFF, mark}, {0x1123F, 0x11240, other_letter},
    {0x11241, 0x11241, mark}, {0x11380, 0x11389, other_letter}, {0x1138B, 0x1138B, other_letter},
    {0x1138E, 0x1138E, other_letter}, {0x11390, 0x113B5, other_letter},
    {0x113B7, 0x113B7, other_letter}, {0x113B8, 0x113C0, mark}, {0x113C2, 0x113C2, mark},
    {0x113C5, 0x113C5, mark}, {0x113C7, 0x113CA, mark}, {0x113CC, 0x113D0, mark},
    {0x113D1, 0x113D1, other_letter}, {0x113D2, 0x113D2, mark}, {0x113D3, 0x113D3, other_letter},
    {0x113D4, 0x113D5, symbol}, {0x113D7, 0x113D8, symbol}, {0x113E1, 0x113E2, mark},
    {0x116D0, 0x116E3, number}, {0x11B00, 0x11B09, symbol}, {0x11BC0, 0x11BE0, other_letter},
    {0x11BE1, 0x11BE1, symbol}, {0x11BF0, 0x11BF9, number}, {0x11F00, 0x11F01, mark},
    {0x11F02, 0x11F02, other_letter}, {0x11F03, 0x11F03, mark}, {0x11F04, 0x11F10, other_letter},
    {0x11F12, 0x11F33, other_letter}, {0x11F34, 0x11F3A, mark}, {0x11F3E, 0x11F42, mark},
    {0x11F43, 0x11F4F, symbol}, {0x11F50, 0x11F59, number}, {0x11F5A, 0x11F5A, mark},
    {0x1342F, 0x1342F, other_letter}, {0x13440, 0x13440, mark}, {0x13441, 0x13446, other_letter},
    {0x13447, 0x13455, mark}, {0x13460, 0x143FA, other_letter}, {0x16100, 0x1611D, other_letter},
    {0x1611E, 0x1612F, mark}, {0x16130, 0x16139, number}, {0x16D40, 0x16D6C, other_letter},
    {0x16D6D, 0x16D6F, symbol}, {0x16D70, 0x16D79, number}, {0x18CFF, 0x18CFF, other_letter},
    {0x1B132, 0x1B132, other_letter}, {0x1B155, 0x1B155, other_letter}, {0x1CC00, 0x1CCEF, symbol},
    {0x1CCF0, 0x1CCF9, number}, {0x1CCFA, 0x1CCFC, no_class}, {0x1CD00, 0x1CEB3, symbol},
    {0x1CEBA, 0x1CED0, no_class}, {0x1CED2, 0x1CED4, no_class}, {0x1CEDD, 0x1CEFD, no_class},
    {0x1D1EB, 0x1D1FF, no_class}, {0x1D253, 0x1D25A, no_class}, {0x1D25D, 0x1D25E, no_class},
    {0x1D260, 0x1D27F, no_class}, {0x1D2C0, 0x1D2D3, number}, {0x1DB00, 0x1DB1C, no_class},
    {0x1DF25, 0x1DF2A, lower}, {0x1E030, 0x1E06D, other_letter}, {0x1E08F, 0x1E08F, mark},
    {0x1E4D0, 0x1E4EB, other_letter}, {0x1E4EC, 0x1E4EF, mark}, {0x1E4F0, 0x1E4F9, number},
    {0x1E5D0, 0x1E5ED, other_letter}, {0x1E5EE, 0x1E5EF, mark}, {0x1E5F0, 0x1E5F0, other_letter},
    {0x1E5F1, 0x1E5FA, number}, {0x1E5FF, 0x1E5FF, symbol}, {0x1F1AE, 0x1F1AE, no_class},
    {0x1F6D8, 0x1F6D9, no_class}, {0x1F6DC, 0x1F6DC, symbol}, {0x1F774, 0x1F776, symbol},
    {0x1F777, 0x1F77A, no_class}, {0x1F77B, 0x1F77F, symbol}, {0x1F7D9, 0x1F7D9, symbol},
    {0x1F7DA, 0x1F7DB, no_class}, {0x1F7F1, 0x1F7FF, no_class}, {0x1F8B2, 0x1F8BB, symbol},
    {0x1F8C0, 0x1F8C1, symbol}, {0x1F8D0, 0x1F8D8, no_class}, {0x1FA54, 0x1FA57, no_class},
    {0x1FA75, 0x1FA77, symbol}, {0x1FA87, 0x1FA89, symbol}, {0x1FA8A, 0x1FA8E, no_class},
    {0x1FA8F, 0x1FA8F, symbol}, {0x1FAAD, 0x1FAAF, symbol}, {0x1FABB, 0x1FABF, symbol},
    {0x1FAC6, 0x1FAC6, symbol}, {0x1FAC8, 0x1FAC8, no_class}, {0x1FACC, 0x1FACD, no_class},
    {0x1FACE, 0x1FACF, symbol}, {0x1FADA, 0x1FADC, symbol}, {0x1FADD, 0x1FADD, no_class},
    {0x1FADF, 0x1FADF, symbol}, {0x1FAE8, 0x1FAE9, symbol}, {0x1FAEA, 0x1FAEB, no_class},
    {0x1FAEF, 0x1FAEF, no_class}, {0x1FAF7, 0x1FAF8, symbol}, {0x1FAF9, 0x1FAFA, no_class},
    {0x1FBCB, 0x1FBEF, symbol}, {0x1FBFA, 0x1FBFA, no_class}, {0x2B739, 0x2B739, other_letter},
    {0x2EBF0, 0x2EE5D, other_letter}, {0x31350, 0x323AF, other_letter}
    // clang-format on
};

// The tables behind is_word and is_numeric are fixed at Unicode 16 and 17. They hold every letter,
// mark and number, so they keep out what a newer utf8proc knows.
Classes by_rule(char32_t c) noexcept {
  if (c == U'\n' || c == U'\r') return blank | line_end;
  if (is_white_space(c)) return blank;
  const auto if_word = [c](Classes classes) { return is_word(c) ? classes : no_class; };
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT: return if_word(upper);
    case UTF8PROC_CATEGORY_LL: return if_word(lower);
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return if_word(other_letter);
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return if_word(mark);
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL: return if_word(number);
    case UTF8PROC_CATEGORY_NO: return is_numeric(c) ? number : no_class;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO: return symbol;
    default: return no_class;
  }
}

}  // namespace

Classes of(char32_t c) noexcept {
  const auto* const after =
      std::upper_bound(std::begin(exceptions), std::end(exceptions), c,
                       [](char32_t x, const ClassRange& r) { return x < r.first; });
  if (after != std::begin(exceptions) && c <= std::prev(after)->last) {
    return std::prev(after)->classes;
  }
  return by_rule(c);
}

const Planes& planes() noexcept {
  static const Planes& built = []() -> const Planes& {
    static Planes classes{};
    for (char32_t c = 0; c < planes_end; ++c) classes[c] = static_cast<std::uint8_t>(by_rule(c));
    for (const auto& [first, last, exception] : exceptions) {
      for (char32_t c = first; c <= last && c < planes_end; ++c) {
        classes[c] = static_cast<std::uint8_t>(exception);
      }
    }
    return classes;
  }();
  return built;
}

}  // namespace attend::regex_classes
