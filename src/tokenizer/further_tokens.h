// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Additional special tokens: how constructors of tokenizer classes put their own beside those of
// the files.
#pragma once

#include <string_view>
#include <vector>

#include "tokenizer/tokenizer_config.h"

namespace attend::further_tokens {

using List = std::vector<SpecialTokenValue>;

inline constexpr std::string_view camembert_words = "<s>NOTUSED </s>NOTUSED <unk>NOTUSED";
inline constexpr std::string_view xlnet_words = "<eop> <eod>";
inline constexpr std::string_view splinter_words = "[QUESTION]";
inline constexpr std::string_view xglm_words =
    "<madeupword0> <madeupword1> <madeupword2> <madeupword3> <madeupword4> <madeupword5> "
    "<madeupword6>";

inline constexpr const char* code_llama_prefix = "\u2581<PRE>";
inline constexpr const char* code_llama_middle = "\u2581<MID>";
inline constexpr const char* code_llama_suffix = "\u2581<SUF>";

[[nodiscard]] List list_of(std::string_view words);
/// `more` behind `tokens`, but for those that are there.
[[nodiscard]] List joined(List tokens, const List& more);
[[nodiscard]] List of_files(const TokenizerConfig& config);

/// The class's own unless the files name some.
template <const std::string_view& words>
List instead(const TokenizerConfig& config) {
  return config.additional_special_tokens.value_or(list_of(words));
}
/// The class's own, and then the files'.
template <const std::string_view& words>
List before(const TokenizerConfig& config) {
  return joined(list_of(words), of_files(config));
}
/// The files', and then the class's own.
template <const std::string_view& words>
List behind(const TokenizerConfig& config) {
  return joined(of_files(config), list_of(words));
}
[[nodiscard]] bool has_extra_ids(const List& tokens);
/// "<extra_id_0>" ..., unless the files have some of them.
[[nodiscard]] List t5(const TokenizerConfig& config);
/// The files', and then those that stand around the gap that Code Llama fills.
[[nodiscard]] List code_llama(const TokenizerConfig& config);
/// The mask for sentences, the files' tokens, then "<unk_2>" ... up to the offset.
[[nodiscard]] List pegasus(const TokenizerConfig& config);

}  // namespace attend::further_tokens
