// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A tokenizer class of transformers, as data: its special tokens, the files it reads when there is
// no tokenizer.json, and the functions that do what its code does.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/tokenizer/added_token.h"
#include "attend/tokenizer/truncation.h"

namespace attend {

struct Conversion;
struct SlowTokenizer;
struct SpecialTokenValue;
struct TokenizerConfig;
struct TokenizerFile;

inline constexpr std::size_t special_roles = 7;
template <class T>
using ByRole = std::array<T, special_roles>;

/// Their keys in files.
inline constexpr ByRole<std::string_view> role_keys = {
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

/// What a class makes of the string that names a role's token: a name finds the token that is
/// there, the others are tokens with flags and replace it.
enum class TokenForm : std::uint8_t { name, raw, normalized, raw_lstrip, normalized_lstrip };

/// The tokens of a class where no file names others; empty where it has none.
struct RoleTokens {
  ByRole<std::string_view> contents;
  ByRole<TokenForm> forms;
};

struct TokenizerClass {
  std::string_view name;  ///< without "Fast"
  /// The tokens when the fast class reads tokenizer.json, and those of the Python class, which
  /// reads the slow files.
  RoleTokens tokens;
  RoleTokens slow_tokens;
  /// Types of models (model_type of config.json) whose tokenizer this is when no file names one.
  std::string_view model_types = {};

  /// The files that came before tokenizer.json (all must be there) and what is made of them; none
  /// where there were none.
  std::string_view slow_files = {};
  SlowTokenizer (*recipe)(const Conversion&) = nullptr;
  /// So many of the first ids have the Python class's own tokens, whatever the small files say.
  std::int64_t own_ids = 0;
  /// Whether there is no fast class: then the slow files win.
  bool is_python_only = false;
  /// Whether add_prefix_space in a file asks for the slow files, too.
  bool prefix_space_needs_slow_files = false;

  /// What the constructor of the fast class changes in the parts, wherever they come from.
  void (*adjust)(const Conversion&, TokenizerFile&) = nullptr;
  /// Additional special tokens; null: those of the files.
  std::vector<SpecialTokenValue> (*further_tokens)(const TokenizerConfig&) = nullptr;
  bool drops_added_tokens = false;  ///< those of the small files
  bool adds_prefix_space = false;   ///< add_prefix_space where no file says it
  /// Whether a call with words is refused unless add_prefix_space is on.
  bool words_need_prefix_space = false;

  bool has_type_ids = true;
  bool has_attention_mask = true;
  Index pads_to_multiple_of = 1;  ///< what a call does that says nothing of padding
  Side padding_side = Side::right;
  std::int32_t pad_type_id = 0;
  /// What clean_up_tokenization_spaces is when slow files are read and no file says it.
  bool slow_clean_up = false;
  Index model_max_length = 0;  ///< where no file says it; 0: there is no limit
};

/// The class of folders with tekken.json.
inline constexpr std::string_view mistral_common_class = "MistralCommonTokenizer";

/// Null when the class is not in the table; name without "Fast".
[[nodiscard]] const TokenizerClass* find_tokenizer_class(std::string_view name) noexcept;
/// The class of a model_type of config.json: what counts when no file names the class. Null when
/// there is none.
[[nodiscard]] const TokenizerClass* find_class_of_model(std::string_view type) noexcept;
[[nodiscard]] std::span<const TokenizerClass> tokenizer_classes() noexcept;

/// The words of a list that is written as one string, with blanks between them.
[[nodiscard]] std::vector<std::string_view> split_words(std::string_view list);

}  // namespace attend
