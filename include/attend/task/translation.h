// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Translation: a text in another language.
#pragma once

#include <optional>
#include <string>

#include "attend/task/text2text_generation.h"

namespace attend {

/// From one language to another, by their codes.
struct LanguagePair {
  std::string source;
  std::string target;
};

/// Of "translation_en_to_de"; nothing for any other name. As in the reference, codes with
/// underscores ("en_XX") cannot be named so.
[[nodiscard]] ATTEND_EXPORT std::optional<LanguagePair> languages_of_task(std::string_view task);

/// Translates texts. With mBART, M2M100 and NLLB, whose tokenizers have languages(), every call
/// needs src_lang and tgt_lang: the first goes into the text, the second becomes
/// forced_bos_token_id, and no prefix is put in front of the text. Other models know the languages
/// by themselves (Marian) or by the prefix of their task (T5): there src_lang and tgt_lang change
/// nothing, as in the reference.
class ATTEND_EXPORT Translation : public Text2TextGeneration {
 public:
  /// `languages`: where a call names none.
  explicit Translation(Generator generator, LanguagePair languages = {});
  /// `task` chooses among the folder's task_specific_params: "translation_en_to_de", whose
  /// languages are those of calls that name none. As in the reference, "translation" alone is the
  /// first translation that the folder has settings for: of T5 English to German.
  /// Throws: as Text2TextGeneration::load(); config_error for a name of another form.
  [[nodiscard]] static Translation load(const std::filesystem::path& folder,
                                        const ModelOptions& options = {},
                                        std::string_view task = "translation");
};

}  // namespace attend
