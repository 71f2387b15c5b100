// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What tokenizers ask of a code point. The answers are those of tokenizers 0.22.2, whose parts
// follow different versions of Unicode; exact ids need the same ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "attend/core/export.h"

namespace attend {

/// White_Space (25 code points).
[[nodiscard]] ATTEND_EXPORT bool is_white_space(char32_t c) noexcept;
/// Category P, and the ASCII symbols.
[[nodiscard]] ATTEND_EXPORT bool is_punctuation(char32_t c) noexcept;
/// Category Mn.
[[nodiscard]] ATTEND_EXPORT bool is_nonspacing_mark(char32_t c) noexcept;
/// Categories Mn, Mc and Me.
[[nodiscard]] ATTEND_EXPORT bool is_mark(char32_t c) noexcept;
/// Control, format and private-use characters and U+FFFD, but not tab, line feed, carriage return.
[[nodiscard]] ATTEND_EXPORT bool is_dropped_by_bert(char32_t c) noexcept;
/// The ideographs that BERT takes one by one; neither kana nor hangul.
[[nodiscard]] ATTEND_EXPORT bool is_chinese(char32_t c) noexcept;
/// `\w` of regular expressions: letters, marks, decimal digits, connectors, joiners.
[[nodiscard]] ATTEND_EXPORT bool is_word(char32_t c) noexcept;
/// Categories Nd, Nl and No.
[[nodiscard]] ATTEND_EXPORT bool is_numeric(char32_t c) noexcept;

/// A number for the script, the same for Han and kana; 0 for U+0020 and what has none.
[[nodiscard]] ATTEND_EXPORT std::uint8_t script(char32_t c) noexcept;

/// The lower-case form; U+0130 alone gives two code points, its second is U+0307. No rule looks at
/// neighbours, so capital sigma is always U+03C3.
[[nodiscard]] ATTEND_EXPORT char32_t lowercase(char32_t c) noexcept;

/// Unicode normalization forms.
enum class UnicodeForm { nfc, nfd, nfkc, nfkd };

/// A code point of a rewritten text. `change` > 0: it was inserted; 0: it stands for one code point
/// of the old text; < 0: for one, and as many more of the old text as -change are gone with it.
/// With `nothing` as code point only -change of the old text are gone.
struct Edit {
  static constexpr char32_t nothing = 0xFFFFFFFF;  // beyond Unicode

  char32_t c;
  int change;
};

/// Normalizes the code points that are pushed in text order and hands out edits, in linear time
/// but for sorting runs of combining marks, as unicode-normalization-alignments of Rust does.
class ATTEND_EXPORT UnicodeNormalizer {
 public:
  UnicodeNormalizer() = default;
  explicit UnicodeNormalizer(UnicodeForm form) noexcept : form_(form) {}

  /// Begins a new text, whatever was pushed before.
  void begin(UnicodeForm form) noexcept;
  /// Takes the next code point and appends what is final by now.
  void push(char32_t c, std::vector<Edit>& out);
  /// Appends the rest; afterwards a new text may be pushed.
  void finish(std::vector<Edit>& out);
  /// Gives back what a very long run of marks has taken.
  void shrink();

 private:
  struct Pending {
    int combining_class;
    std::uint32_t place;  // those of one class keep their order
    Edit edit;
  };

  void decomposed(Edit edit, std::vector<Edit>& out);
  void sort_marks(std::vector<Edit>& out);
  void compose(Edit edit, int combining_class, std::vector<Edit>& out);
  void flush_composition(std::vector<Edit>& out);

  UnicodeForm form_ = UnicodeForm::nfc;
  std::vector<Pending> marks_;  // since the last starter, itself included
  // State of the composition: the starter, the marks behind it that did not combine, and the class
  // of the last of these (0 when there are none).
  std::vector<Edit> blocked_;
  Edit starter_{};
  bool has_starter_ = false;
  int last_class_ = 0;
};

}  // namespace attend
