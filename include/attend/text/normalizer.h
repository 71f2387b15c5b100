// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What happens to a text before it is cut into words: ordered steps, as data. Each follows the
// component of tokenizers 0.22 that its comment names.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "attend/core/export.h"
#include "attend/text/charsmap.h"
#include "attend/text/normalized_text.h"
#include "attend/text/regex.h"
#include "attend/text/unicode.h"

namespace attend {

/// BertNormalizer(clean_text): control characters go, white space becomes a blank.
struct CleanText {};
/// BertNormalizer(handle_chinese_chars): blanks around every ideograph.
struct SpaceChinese {};
/// BertNormalizer(strip_accents), after NFD: nonspacing marks go.
struct DropNonspacingMarks {};
/// StripAccents: all marks go.
struct DropMarks {};
/// Lowercase.
struct Lowercase {};
/// Nmt: some control characters go, unusual blanks become blanks.
struct CleanNmt {};
/// Strip: white space at the ends goes.
struct StripBlanks {
  bool left = false;
  bool right = false;
};
/// Replace with a String pattern; an empty pattern stands at every position.
struct ReplaceText {
  std::string pattern;
  std::string content;
};
/// Replace with a Regex pattern; the content is taken as it is written.
struct ReplaceRegex {
  Regex pattern;
  std::string content;
};
/// Prepend, unless the text is empty.
struct PrependText {
  std::string text;
};
/// Precompiled: the rules of a SentencePiece model. A short grapheme cluster that begins with a
/// rule's sequence becomes that rule's text, whatever else is in the cluster.
struct Precompiled {
  std::shared_ptr<const Charsmap> charsmap;
};
/// ByteLevel: each byte becomes its character of text/byte_alphabet.h.
struct BytesToAlphabet {};

/// NFC, NFD, NFKC and NFKD are a UnicodeForm.
using NormalizerStep = std::variant<CleanText, SpaceChinese, DropNonspacingMarks, DropMarks,
                                    Lowercase, CleanNmt, UnicodeForm, StripBlanks, ReplaceText,
                                    ReplaceRegex, PrependText, Precompiled, BytesToAlphabet>;

/// The steps of BertNormalizer with its options.
struct BertNormalizerOptions {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;
};
[[nodiscard]] ATTEND_EXPORT std::vector<NormalizerStep> bert_normalizer(
    const BertNormalizerOptions& options);

/// Applies the steps in order, in linear time.
class ATTEND_EXPORT Normalizer {
 public:
  Normalizer() = default;
  explicit Normalizer(std::vector<NormalizerStep> steps);

  void operator()(NormalizedText& text) const;
  [[nodiscard]] const std::vector<NormalizerStep>& steps() const noexcept { return steps_; }

 private:
  std::vector<NormalizerStep> steps_;
};

}  // namespace attend
