// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Decoders, and the two clean-ups, which differ in one rule.
#include "attend/tokenizer/decoder.h"

#include <array>
#include <utility>

namespace attend {
namespace {

struct Replacement {
  std::string_view from;
  std::string_view to;
};

// In this order; each is applied to the result of the ones before.
constexpr std::array<Replacement, 10> text_rules = {{{" .", "."},
                                                     {" ?", "?"},
                                                     {" !", "!"},
                                                     {" ,", ","},
                                                     {" ' ", "'"},
                                                     {" n't", "n't"},
                                                     {" 'm", "'m"},
                                                     {" 's", "'s"},
                                                     {" 've", "'ve"},
                                                     {" 're", "'re"}}};
// Source: decoders/wordpiece.rs of tokenizers 0.22, `cleanup`.
constexpr std::array<Replacement, 11> token_rules = {{{" .", "."},
                                                      {" ?", "?"},
                                                      {" !", "!"},
                                                      {" ,", ","},
                                                      {" ' ", "'"},
                                                      {" n't", "n't"},
                                                      {" 'm", "'m"},
                                                      {" do not", " don't"},
                                                      {" 's", "'s"},
                                                      {" 've", "'ve"},
                                                      {" 're", "'re"}}};

std::string replace_all(std::string text, Replacement rule) {
  std::size_t next = text.find(rule.from);
  if (next == std::string::npos) return text;
  std::string out;
  std::size_t at = 0;
  for (; next != std::string::npos; next = text.find(rule.from, at)) {
    out.append(text, at, next - at);
    out += rule.to;
    at = next + rule.from.size();
  }
  out.append(text, at);
  return out;
}

template <std::size_t n>
std::string apply(const std::array<Replacement, n>& rules, std::string text) {
  if (text.find(' ') == std::string::npos) return text;  // every rule begins with a blank
  for (const Replacement& rule : rules) text = replace_all(std::move(text), rule);
  return text;
}

std::string decode_with(const JoinWithBlanks&, std::span<const std::string_view> tokens) {
  std::string out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) out += ' ';
    out += tokens[i];
  }
  return out;
}

std::string decode_with(const WordPieceDecoder& decoder, std::span<const std::string_view> tokens) {
  std::string out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string token;
    if (i == 0) {
      token = tokens[i];
    } else if (tokens[i].starts_with(decoder.prefix)) {
      token = tokens[i].substr(decoder.prefix.size());
    } else {
      token = " ";
      token += tokens[i];
    }
    out += decoder.cleanup ? apply(token_rules, std::move(token)) : token;
  }
  return out;
}

}  // namespace

std::string decode(const Decoder& decoder, std::span<const std::string_view> tokens) {
  return std::visit([&](const auto& known) { return decode_with(known, tokens); }, decoder);
}

std::string clean_up_tokenization(std::string text) { return apply(text_rules, std::move(text)); }

}  // namespace attend
