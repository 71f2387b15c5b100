// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// When a text is finished.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/generation_config.h"
#include "attend/tokenizer/tokenizer.h"

namespace attend {

enum class FinishReason : std::uint8_t { eos, stop_string, max_length, max_time, criterion };

/// What a token adds to a text that it stands in the middle of: UTF-8, U+FFFD for parts of a
/// character.
using TokenTexts = std::function<std::string(TokenId)>;

/// The tokenizer must outlive it.
[[nodiscard]] ATTEND_EXPORT TokenTexts token_texts(const Tokenizer& tokenizer);

/// Strings that end a text: one does when the last token has a part of it, whatever stands in front
/// of it and, in that token, behind it.
/// Source: StopStringCriteria of transformers 4.57. It looks at tokens one by one: a character made
/// of several tokens matches nothing. The reference refuses strings whose end no token has; here
/// they end nothing.
class ATTEND_EXPORT StopStrings {
 public:
  StopStrings(std::vector<std::string> strings, TokenTexts texts);

  [[nodiscard]] bool end(std::span<const TokenId> ids);

 private:
  [[nodiscard]] const std::string& text_of(TokenId id);
  [[nodiscard]] bool ends(std::string_view string, std::span<const TokenId> ids);
  [[nodiscard]] bool begins(std::string_view rest, std::span<const TokenId> ids);

  std::vector<std::string> strings_;
  std::size_t tokens_;  // that are looked at: as many as the longest string has characters
  TokenTexts texts_;
  std::unordered_map<TokenId, std::string> known_;
};

/// What a caller adds.
struct StoppingOptions {
  TokenTexts texts = {};                                             ///< for stop_strings
  std::function<bool(std::span<const TokenId> ids)> criterion = {};  ///< true: finished
  /// In the place of the config's stop_strings; those of the config when null.
  std::shared_ptr<StopStrings> strings = {};
};

/// Those of the config, null without any. Throws: config_error when there are no texts to go with
/// them.
[[nodiscard]] ATTEND_EXPORT std::shared_ptr<StopStrings> stop_strings(
    const GenerationConfig& config, const TokenTexts& texts);

/// All that a config names. max_time counts from start(), or from here.
/// Threads: one call at a time.
class ATTEND_EXPORT StoppingCriteria {
 public:
  /// Throws: as stop_strings().
  explicit StoppingCriteria(const GenerationConfig& config, StoppingOptions options = {});

  void start() { start_ = std::chrono::steady_clock::now(); }
  /// Why the text, whose last token is new, is finished, if it is.
  [[nodiscard]] std::optional<FinishReason> check(std::span<const TokenId> ids);

 private:
  std::vector<TokenId> eos_;
  Index max_length_;
  std::shared_ptr<StopStrings> stop_strings_;  // null: there are none
  std::optional<double> max_time_;
  std::chrono::steady_clock::time_point start_;
  std::function<bool(std::span<const TokenId>)> criterion_;
};

}  // namespace attend
