// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the files beside tokenizer.json or the slow files say, as they say it: defaults are the
// business of the tokenizer class.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/tokenizer/added_token.h"
#include "attend/tokenizer/tokenizer.h"
#include "tokenizer/tokenizer_class.h"

namespace attend {

/// A token with flags as a file gives it; it has no role there.
using FileToken = NewToken;

/// A special token as a file gives it: a string, or a token with flags. An empty content says that
/// there is none.
struct SpecialTokenValue {
  std::string content;
  std::optional<FileToken> token = {};
  friend bool operator==(const SpecialTokenValue&, const SpecialTokenValue&) = default;
};

/// Arguments of the constructors of tokenizer classes; nothing where no file has them.
struct ClassSettings {
  std::optional<bool> do_lower_case, strip_accents, tokenize_chinese_chars, keep_accents;
  std::optional<bool> add_prefix_space, trim_offsets, split_by_punct;
  std::optional<bool> add_bos_token, add_eos_token;
  std::optional<bool> legacy, legacy_behaviour;
  bool has_null_prefix_space = false;  ///< add_prefix_space is there and null
  std::optional<bool> separate_vocabs;
  std::optional<std::int64_t> extra_ids, offset;
  std::optional<std::string> src_lang, tgt_lang, language_codes;
  std::optional<std::string> source_lang, target_lang;  ///< of Marian, which only keeps them
  /// Empty where the file has null.
  std::optional<std::string> mask_token_sent;
  std::optional<std::string> prefix_token, middle_token, suffix_token, eot_token, fill_token;

  /// Whether a class that puts a blank before texts does so: null counts as false there.
  [[nodiscard]] bool adds_blank() const {
    return add_prefix_space.value_or(!has_null_prefix_space);
  }
};

/// tokenizer_config.json, special_tokens_map.json, added_tokens.json; config.json for the class.
struct TokenizerConfig {
  std::string class_name;  ///< without "Fast", empty when no file names it
  const TokenizerClass* tokenizer_class = nullptr;
  ClassSettings settings;

  std::optional<bool> clean_up_tokenization_spaces;
  std::optional<bool> has_type_ids, has_attention_mask;
  bool split_special_tokens = false;
  bool has_model_max_length = false;
  std::optional<Index> model_max_length;  ///< nothing where the file has a huge number
  std::optional<Side> truncation_side;
  std::optional<Side> padding_side;

  ByRole<std::optional<SpecialTokenValue>> special_tokens;
  std::optional<std::vector<SpecialTokenValue>> additional_special_tokens;
  /// By the attributes that Python has for them.
  std::vector<std::pair<std::string, SpecialTokenValue>> extra_special_tokens;
  /// Those of tokenizer_config.json, by name.
  std::vector<std::pair<std::string, std::string>> chat_templates;
  /// By id, which is only their order where a fast class reads them.
  std::map<std::int64_t, FileToken> added_tokens;
  /// By content; of several ids the last in the file.
  std::map<std::string, std::int64_t, std::less<>> added_ids;
  /// Whether added_tokens came from added_tokens_decoder; the older files do not count then.
  bool has_added_tokens_decoder = false;
};

/// False only when nothing is there: a file that may not be read is an error where it is opened.
[[nodiscard]] bool is_there(const std::filesystem::path& file);

/// Missing files are no error.
[[nodiscard]] TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder);

}  // namespace attend
