// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Translation tokenizers whose templates name the language of a text.
#pragma once

#include <string_view>

#include "tokenizer/conversion.h"

namespace attend {

/// How a class writes its templates, with `lang` for the language (see TemplateText); a pair stands
/// there as one text.
struct LanguageText {
  std::string_view codes;  ///< the languages that it knows, in words; empty: its marked tokens
  std::string_view source;
  std::string_view target;
  std::string_view source_language;       ///< where no file names one
  std::string_view target_language = {};  ///< the same; empty: there is none
  std::string_view mark = {};             ///< on both sides of a code in its token: "__eng__"
};

/// Sets the languages and the template around texts.
void set_languages(const Conversion& in, const LanguageText& text, TokenizerParts& parts);

}  // namespace attend
