// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reading tokens one by one, and saying what was expected instead.
#include <array>

#include "core/limits.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/parser.h"

namespace attend::jinja {
namespace {

std::string described(const Token& token) {
  switch (token.type) {
    case TokenType::text: return "text";
    case TokenType::begin_tag: return "\"{%\"";
    case TokenType::end_tag: return "\"%}\"";
    case TokenType::begin_output: return "\"{{\"";
    case TokenType::end_output: return "\"}}\"";
    case TokenType::end: return "the end of the template";
    case TokenType::string: return "the string " + quote(token.text);
    case TokenType::name:
    case TokenType::number:
    case TokenType::sign: break;
  }
  return quote(token.text);
}

}  // namespace

const Token& TokenStream::take() noexcept {
  const Token& taken = tokens_[at_];
  if (at_ + 1 < tokens_.size()) ++at_;
  return taken;
}

bool TokenStream::skip_sign(std::string_view text) noexcept {
  if (!is_sign(text)) return false;
  take();
  return true;
}

bool TokenStream::skip_name(std::string_view text) noexcept {
  if (!is_name(text)) return false;
  take();
  return true;
}

void TokenStream::expect_sign(std::string_view text) {
  if (!skip_sign(text)) fail_unexpected(quote(text));
}

void TokenStream::expect_name(std::string_view text) {
  if (!skip_name(text)) fail_unexpected(quote(text));
}

void TokenStream::expect(TokenType type, std::string_view expected) {
  if (!is(type)) fail_unexpected(expected);
  take();
}

std::string TokenStream::take_name() {
  if (!is(TokenType::name)) fail_unexpected("a name");
  return take().text;
}

void TokenStream::fail_unexpected(std::string_view expected) const {
  raise_syntax("expected " + std::string(expected) + ", found " + described(current()),
               current().line);
}

void raise_unknown_function(const Expression& one) {
  const bool is_filter = one.kind == ExpressionKind::filter;
  const bool is_of_jinja = is_filter && is_unsupported_filter(one.text);
  throw Failure{is_of_jinja ? ErrorKind::unsupported : ErrorKind::invalid_format,
                (is_of_jinja ? "the " : "there is no ") +
                    std::string(is_filter ? "filter " : "test ") + quote(one.text),
                one.line};
}

void check_arguments(std::size_t before, std::size_t line) {
  if (before < limits::template_arguments) return;
  throw Failure{ErrorKind::resource_limit,
                "more than " + std::to_string(limits::template_arguments) + " arguments with names",
                line};
}

Nesting::Nesting(std::size_t& depth, std::size_t line) : depth_(depth) {
  if (depth_ >= limits::template_nesting) {
    throw Failure{ErrorKind::resource_limit,
                  "blocks and expressions in each other are more than " +
                      std::to_string(limits::template_nesting) + " levels deep",
                  line};
  }
  ++depth_;
}

}  // namespace attend::jinja
