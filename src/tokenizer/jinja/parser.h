// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokens to a tree. Source: parser.py of Jinja 3.1, with break and continue of its extension and
// the generation block of transformers.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/jinja/node.h"
#include "tokenizer/jinja/token.h"

namespace attend::jinja {

/// The tokens, and how far they are read.
class TokenStream {
 public:
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const Token& current() const noexcept { return tokens_[at_]; }
  [[nodiscard]] const Token& ahead() const noexcept {
    return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_];
  }
  /// The current one, of which the next becomes the current one.
  const Token& take() noexcept;
  [[nodiscard]] bool is(TokenType type) const noexcept { return current().type == type; }
  [[nodiscard]] bool is_sign(std::string_view text) const noexcept {
    return is(TokenType::sign) && current().text == text;
  }
  [[nodiscard]] bool is_name(std::string_view text) const noexcept {
    return is(TokenType::name) && current().text == text;
  }
  bool skip_sign(std::string_view text) noexcept;
  bool skip_name(std::string_view text) noexcept;
  /// Throws: where something else stands.
  void expect_sign(std::string_view text);
  void expect_name(std::string_view text);
  void expect(TokenType type, std::string_view described);
  [[nodiscard]] std::string take_name();
  [[noreturn]] void fail_unexpected(std::string_view expected) const;

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

/// How deep a tree may be: every later pass over it recurses as deep.
class Nesting {
 public:
  explicit Nesting(std::size_t& depth, std::size_t line);
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  ~Nesting() { --depth_; }

 private:
  std::size_t& depth_;
};

/// What a list of expressions without brackets may be.
struct TupleForm {
  bool is_target = false;             ///< names only
  bool takes_namespace = false;       ///< and attributes of namespaces
  bool has_condition = true;          ///< `a if b` in it
  bool is_in_brackets = false;        ///< it may be empty then
  std::string_view ends_before = {};  ///< a word
};

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& tokens) : tokens_(tokens) {}

  [[nodiscard]] Expression expression();
  [[nodiscard]] Expression expression_list(const TupleForm& form);
  /// Something that is assigned to. Throws: for anything else.
  [[nodiscard]] Expression target(const TupleForm& form);
  /// `| name(...)`, several of them, behind `subject`; the first without its bar.
  [[nodiscard]] Expression filters(Expression subject, bool begins_with_name);

 private:
  [[nodiscard]] Expression condition();
  [[nodiscard]] Expression logical_or();
  [[nodiscard]] Expression logical_and();
  [[nodiscard]] Expression logical_not();
  [[nodiscard]] Expression comparison();
  [[nodiscard]] Expression sum();
  [[nodiscard]] Expression concatenation();
  [[nodiscard]] Expression product();
  [[nodiscard]] Expression power();
  [[nodiscard]] Expression unary(bool takes_filters);
  [[nodiscard]] Expression primary(bool takes_namespace = false);
  [[nodiscard]] Expression name(bool takes_namespace);
  [[nodiscard]] Expression list();
  [[nodiscard]] Expression dict();
  [[nodiscard]] Expression postfix(Expression subject);
  [[nodiscard]] Expression filters_and_tests(Expression subject);
  [[nodiscard]] Expression subscript(Expression subject);
  [[nodiscard]] Expression bracketed(Expression subject);
  [[nodiscard]] Expression call(Expression subject);
  void arguments(Expression& call);
  [[nodiscard]] Expression test(Expression subject);
  [[nodiscard]] std::string dotted_name();

  [[nodiscard]] Expression node(ExpressionKind kind) const;
  /// A new node around `inner`.
  [[nodiscard]] static Expression around(ExpressionKind kind, Expression inner);
  /// One more operand. Throws: when the tree becomes too deep.
  static void adopt(Expression& parent, Expression child);

  TokenStream& tokens_;
  std::size_t depth_ = 0;
};

/// Throws: Failure.
[[nodiscard]] Template parse_template(std::string_view source);
/// Says where every name lives. Throws: Failure, for filters and tests that do not exist.
void resolve_names(Template& tree);
/// Before one more parameter or keyword: each is compared to the others. Throws: resource_limit.
void check_arguments(std::size_t before, std::size_t line);
/// Throws that there is no such filter or test, or none here.
[[noreturn]] void raise_unknown_function(const Expression& one);

}  // namespace attend::jinja
