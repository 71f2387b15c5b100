// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// When a text is finished.
// Source: transformers 4.57 generation/stopping_criteria.py.
#include "attend/task/stopping.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "attend/core/error.h"

namespace attend {
namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

TokenTexts token_texts(const Tokenizer& tokenizer) {
  // In front of a token, so that its blanks are those in the middle of a text.
  constexpr std::string_view before = "abcdef";
  std::vector<std::string_view> tokens;
  for (const TokenId id : tokenizer.encode(before, {.add_special_tokens = false}).ids) {
    tokens.push_back(tokenizer.token_of(id));
  }
  return [&tokenizer, tokens, before](TokenId id) -> std::string {
    const auto token = tokenizer.known_token(id);
    if (!token) return {};  // models may have more logits than there are tokens
    auto all = tokens;
    all.push_back(*token);
    const std::string text = tokenizer.join(all);
    const std::size_t at = text.find(before);
    return at == std::string::npos ? std::string() : text.substr(at + before.size());
  };
}

StopStrings::StopStrings(std::vector<std::string> strings, TokenTexts texts)
    : strings_(std::move(strings)), tokens_(0), texts_(std::move(texts)) {
  for (const std::string& string : strings_) tokens_ = std::max(tokens_, characters(string));
}

const std::string& StopStrings::text_of(TokenId id) {
  const auto found = known_.find(id);
  return found != known_.end() ? found->second : known_.emplace(id, texts_(id)).first->second;
}

bool StopStrings::end(std::span<const TokenId> ids) {
  ids = ids.last(std::min(ids.size(), tokens_));
  return !ids.empty() && std::any_of(strings_.begin(), strings_.end(),
                                     [&](const std::string& string) { return ends(string, ids); });
}

// Every place where the string may end in the last token.
bool StopStrings::ends(std::string_view string, std::span<const TokenId> ids) {
  const std::string_view last = text_of(ids.back());
  for (std::size_t end = 1; end <= last.size(); ++end) {
    const std::string_view head = last.substr(0, end);
    if (head.size() >= string.size()) {
      if (head.ends_with(string)) return true;
    } else if (string.ends_with(head) &&
               begins(string.substr(0, string.size() - head.size()), ids.first(ids.size() - 1))) {
      return true;
    }
  }
  return false;
}

// Whether the tokens end with the whole of what is left of a string.
bool StopStrings::begins(std::string_view rest, std::span<const TokenId> ids) {
  while (!rest.empty()) {
    if (ids.empty()) return false;
    const std::string_view text = text_of(ids.back());
    if (text.size() >= rest.size()) return text.ends_with(rest);
    if (!rest.ends_with(text)) return false;
    rest.remove_suffix(text.size());
    ids = ids.first(ids.size() - 1);
  }
  return true;
}

std::shared_ptr<StopStrings> stop_strings(const GenerationConfig& config, const TokenTexts& texts) {
  if (!config.stop_strings || config.stop_strings->empty()) return nullptr;
  if (!texts) {
    fail(ErrorKind::config_error, {.where = "generate",
                                   .what = "stop_strings",
                                   .expected = "a tokenizer to go with them",
                                   .found = "none"});
  }
  return std::make_shared<StopStrings>(*config.stop_strings, texts);
}

StoppingCriteria::StoppingCriteria(const GenerationConfig& config, StoppingOptions options)
    : eos_(config.eos_token_id.value_or(std::vector<TokenId>())),
      max_length_(config.max_length.value_or(std::numeric_limits<Index>::max())),
      stop_strings_(options.strings ? std::move(options.strings)
                                    : stop_strings(config, options.texts)),
      max_time_(config.max_time),
      start_(std::chrono::steady_clock::now()),
      criterion_(std::move(options.criterion)) {}

std::optional<FinishReason> StoppingCriteria::check(std::span<const TokenId> ids) {
  if (std::find(eos_.begin(), eos_.end(), ids.back()) != eos_.end()) return FinishReason::eos;
  if (stop_strings_ && stop_strings_->end(ids)) return FinishReason::stop_string;
  if (static_cast<Index>(ids.size()) >= max_length_) return FinishReason::max_length;
  if (criterion_ && criterion_(ids)) return FinishReason::criterion;
  if (max_time_) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    if (passed.count() > *max_time_) return FinishReason::max_time;
  }
  return std::nullopt;
}

}  // namespace attend
