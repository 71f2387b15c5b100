// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the files beside tokenizer.json or vocab.txt say, and what a tokenizer class of transformers
// makes of it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/tokenizer/added_tokens.h"
#include "attend/tokenizer/tokenizer.h"

namespace attend {

/// Roles in the order in which transformers adds their tokens.
enum class SpecialRole : std::uint8_t { bos, eos, unk, sep, pad, cls, mask };
inline constexpr std::size_t special_roles = 7;

/// A special token as a file gives it: a string, or a token with flags.
struct SpecialTokenValue {
  std::string content;
  std::optional<AddedToken> token;
};

/// A tokenizer class of transformers, as data. `special_tokens` by role, empty where it has none.
struct TokenizerClass {
  std::string_view name;
  bool has_type_ids;
  std::array<std::string_view, special_roles> special_tokens;
};

/// Null when the class is not in the table; name without "Fast".
[[nodiscard]] const TokenizerClass* find_tokenizer_class(std::string_view name) noexcept;
/// The class of a model_type of config.json, whose name is that type in another case: what counts
/// when no file names the class. Null when there is none.
[[nodiscard]] const TokenizerClass* find_class_of_model(std::string_view type) noexcept;

/// tokenizer_config.json, special_tokens_map.json, added_tokens.json; config.json for the class.
/// Every value is as the files have it; defaults are the reader's business.
struct TokenizerConfig {
  std::string class_name;  ///< without "Fast", empty when no file names it
  const TokenizerClass* tokenizer_class = nullptr;

  std::optional<bool> do_lower_case;
  std::optional<bool> strip_accents;
  std::optional<bool> tokenize_chinese_chars;
  std::optional<bool> clean_up_tokenization_spaces;
  std::optional<bool> has_type_ids;
  bool split_special_tokens = false;
  std::optional<Index> model_max_length;
  std::optional<Side> truncation_side;
  std::optional<Side> padding_side;

  std::array<std::optional<SpecialTokenValue>, special_roles> special_tokens;
  std::vector<SpecialTokenValue> further_special_tokens;
  /// By id, which is only their order.
  std::map<std::int64_t, AddedToken> added_tokens;
  /// Whether added_tokens came from added_tokens_decoder; the older files do not count then.
  bool has_added_tokens_decoder = false;
};

/// False only when nothing is there: a file that may not be read is an error where it is opened.
[[nodiscard]] bool is_there(const std::filesystem::path& file);

/// Missing files are no error.
[[nodiscard]] TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder);

}  // namespace attend
