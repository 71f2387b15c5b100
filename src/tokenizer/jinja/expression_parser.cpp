// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Expressions, by the precedence of their operators: `if`, or, and, not, comparisons, + -, ~, * /
// //
// %, **, signs; filters and tests bind closest of all.
#include <algorithm>
#include <array>

#include "core/limits.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/parser.h"

namespace attend::jinja {
namespace {

struct SignOperator {
  std::string_view sign;
  Operator operation;
};

// Source: the order of parser.py; ** goes from left to right there, other than in Python.
constexpr std::array<SignOperator, 2> sums{{{"+", Operator::add}, {"-", Operator::subtract}}};
constexpr std::array<SignOperator, 4> products{{{"*", Operator::multiply},
                                                {"/", Operator::divide},
                                                {"//", Operator::floor_divide},
                                                {"%", Operator::modulo}}};
constexpr std::array<SignOperator, 6> comparisons{{{"==", Operator::equal},
                                                   {"!=", Operator::not_equal},
                                                   {"<", Operator::less},
                                                   {"<=", Operator::less_equal},
                                                   {">", Operator::greater},
                                                   {">=", Operator::greater_equal}}};

template <std::size_t n>
const SignOperator* find(const std::array<SignOperator, n>& table, const TokenStream& tokens) {
  const auto* const row = std::find_if(table.begin(), table.end(), [&](const SignOperator& one) {
    return tokens.is_sign(one.sign);
  });
  return row != table.end() ? row : nullptr;
}

}  // namespace

Expression ExpressionParser::node(ExpressionKind kind) const {
  Expression out;
  out.kind = kind;
  out.line = tokens_.current().line;
  return out;
}

void ExpressionParser::adopt(Expression& parent, Expression child) {
  parent.depth = std::max(parent.depth, child.depth + 1);
  if (parent.depth > limits::template_nesting) {
    throw Failure{ErrorKind::resource_limit,
                  "an expression is more than " + std::to_string(limits::template_nesting) +
                      " operations deep",
                  child.line};
  }
  parent.operands.push_back(std::move(child));
}

Expression ExpressionParser::around(ExpressionKind kind, Expression inner) {
  Expression out;
  out.kind = kind;
  out.line = inner.line;
  adopt(out, std::move(inner));
  return out;
}

Expression ExpressionParser::expression() { return condition(); }

Expression ExpressionParser::condition() {
  const Nesting nesting(depth_, tokens_.current().line);
  Expression value = logical_or();
  while (tokens_.skip_name("if")) {
    Expression out = around(ExpressionKind::conditional, logical_or());
    adopt(out, std::move(value));
    if (tokens_.skip_name("else")) adopt(out, condition());
    value = std::move(out);
  }
  return value;
}

Expression ExpressionParser::logical_or() {
  Expression left = logical_and();
  while (tokens_.skip_name("or")) {
    left = around(ExpressionKind::logical_or, std::move(left));
    adopt(left, logical_and());
  }
  return left;
}

Expression ExpressionParser::logical_and() {
  Expression left = logical_not();
  while (tokens_.skip_name("and")) {
    left = around(ExpressionKind::logical_and, std::move(left));
    adopt(left, logical_not());
  }
  return left;
}

Expression ExpressionParser::logical_not() {
  const Nesting nesting(depth_, tokens_.current().line);
  if (!tokens_.skip_name("not")) return comparison();
  return around(ExpressionKind::logical_not, logical_not());
}

Expression ExpressionParser::comparison() {
  Expression first = sum();
  std::vector<Operator> operations;
  Expression out;
  for (;;) {
    const bool is_not_in = tokens_.is_name("not") && tokens_.ahead().type == TokenType::name &&
                           tokens_.ahead().text == "in";
    if (const SignOperator* row = find(comparisons, tokens_)) {
      operations.push_back(row->operation);
    } else if (tokens_.is_name("in")) {
      operations.push_back(Operator::in);
    } else if (is_not_in) {
      tokens_.take();
      operations.push_back(Operator::not_in);
    } else {
      break;
    }
    tokens_.take();
    if (operations.size() == 1) out = around(ExpressionKind::comparison, std::move(first));
    adopt(out, sum());
  }
  if (operations.empty()) return first;
  out.operations = std::move(operations);
  return out;
}

Expression ExpressionParser::sum() {
  Expression left = concatenation();
  while (const SignOperator* row = find(sums, tokens_)) {
    tokens_.take();
    left = around(ExpressionKind::calculation, std::move(left));
    left.operations.push_back(row->operation);
    adopt(left, concatenation());
  }
  return left;
}

Expression ExpressionParser::concatenation() {
  Expression first = product();
  if (!tokens_.is_sign("~")) return first;
  Expression out = around(ExpressionKind::concatenation, std::move(first));
  while (tokens_.skip_sign("~")) adopt(out, product());
  return out;
}

Expression ExpressionParser::product() {
  Expression left = power();
  while (const SignOperator* row = find(products, tokens_)) {
    tokens_.take();
    left = around(ExpressionKind::calculation, std::move(left));
    left.operations.push_back(row->operation);
    adopt(left, power());
  }
  return left;
}

Expression ExpressionParser::power() {
  Expression left = unary(true);
  while (tokens_.skip_sign("**")) {
    left = around(ExpressionKind::calculation, std::move(left));
    left.operations.push_back(Operator::power);
    adopt(left, unary(true));
  }
  return left;
}

Expression ExpressionParser::unary(bool takes_filters) {
  const Nesting nesting(depth_, tokens_.current().line);
  Expression out;
  if (tokens_.skip_sign("-")) {
    out = around(ExpressionKind::negative, unary(false));
  } else if (tokens_.skip_sign("+")) {
    out = around(ExpressionKind::positive, unary(false));
  } else {
    out = primary();
  }
  out = postfix(std::move(out));
  return takes_filters ? filters_and_tests(std::move(out)) : out;
}

Expression ExpressionParser::name(bool takes_namespace) {
  Expression out = node(ExpressionKind::constant);
  const std::string word = tokens_.take_name();
  if (word == "true" || word == "True") {
    out.constant = Value(true);
  } else if (word == "false" || word == "False") {
    out.constant = Value(false);
  } else if (word != "none" && word != "None") {
    out.kind = ExpressionKind::name;
    out.text = word;
    if (takes_namespace && tokens_.skip_sign(".")) {
      out = around(ExpressionKind::namespace_attribute, std::move(out));
      out.text = tokens_.take_name();
    }
  }
  return out;
}

Expression ExpressionParser::primary(bool takes_namespace) {
  if (tokens_.is(TokenType::name)) return name(takes_namespace);
  Expression out = node(ExpressionKind::constant);
  if (tokens_.is(TokenType::string)) {
    std::string text;
    while (tokens_.is(TokenType::string)) text += tokens_.take().text;
    out.constant = constant_text(std::move(text));
    return out;
  }
  if (tokens_.is(TokenType::number)) {
    out.constant = tokens_.take().number;
    return out;
  }
  if (tokens_.skip_sign("(")) {
    out = expression_list({.is_in_brackets = true});
    tokens_.expect_sign(")");
    return out;
  }
  if (tokens_.is_sign("[")) return list();
  if (tokens_.is_sign("{")) return dict();
  tokens_.fail_unexpected("an expression");
}

Expression ExpressionParser::expression_list(const TupleForm& form) {
  Expression out = node(ExpressionKind::tuple);
  const auto ends = [&] {
    return tokens_.is(TokenType::end_output) || tokens_.is(TokenType::end_tag) ||
           tokens_.is_sign(")") || (!form.ends_before.empty() && tokens_.is_name(form.ends_before));
  };
  bool is_tuple = false;
  for (;;) {
    if (ends()) break;
    adopt(out, form.is_target       ? primary(form.takes_namespace)
               : form.has_condition ? condition()
                                    : logical_or());
    if (!tokens_.skip_sign(",")) break;
    is_tuple = true;
  }
  if (is_tuple) return out;
  if (!out.operands.empty()) {
    Expression only = std::move(out.operands.front());
    return only;
  }
  if (!form.is_in_brackets) tokens_.fail_unexpected("an expression");
  return out;
}

Expression ExpressionParser::list() {
  Expression out = node(ExpressionKind::list);
  tokens_.expect_sign("[");
  while (!tokens_.is_sign("]")) {
    if (!out.operands.empty()) tokens_.expect_sign(",");
    if (tokens_.is_sign("]")) break;
    adopt(out, expression());
  }
  tokens_.expect_sign("]");
  return out;
}

Expression ExpressionParser::dict() {
  Expression out = node(ExpressionKind::dict);
  tokens_.expect_sign("{");
  while (!tokens_.is_sign("}")) {
    if (!out.operands.empty()) tokens_.expect_sign(",");
    if (tokens_.is_sign("}")) break;
    adopt(out, expression());
    tokens_.expect_sign(":");
    adopt(out, expression());
  }
  tokens_.expect_sign("}");
  return out;
}

Expression ExpressionParser::target(const TupleForm& form) {
  TupleForm names = form;
  names.is_target = true;
  Expression out = expression_list(names);
  const auto is_target = [](const Expression& one) {
    return one.kind == ExpressionKind::name || one.kind == ExpressionKind::namespace_attribute;
  };
  const auto is_tuple_of_targets = [&](const auto& self, const Expression& one) -> bool {
    if (one.kind != ExpressionKind::tuple) return is_target(one);
    return std::all_of(one.operands.begin(), one.operands.end(),
                       [&](const Expression& each) { return self(self, each); });
  };
  if (!is_tuple_of_targets(is_tuple_of_targets, out)) {
    raise_syntax("only names and tuples of names can be assigned to", out.line);
  }
  return out;
}

}  // namespace attend::jinja
