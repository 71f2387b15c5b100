// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Two walks over a part of a template.
#include "tokenizer/jinja/name_search.h"

#include <algorithm>
#include <utility>

namespace attend::jinja {
namespace {

class ReadNames {
 public:
  explicit ReadNames(std::set<std::string> names) : names_(std::move(names)) {}

  void body(const Body& statements) {
    for (const Statement& one : statements) statement(one);
  }
  [[nodiscard]] std::set<std::string> take() { return std::move(read_); }

 private:
  void expression(const Expression& one) {
    if (one.kind == ExpressionKind::name && names_.contains(one.text)) read_.insert(one.text);
    for (const Expression& operand : one.operands) expression(operand);
  }
  void target(const Expression& one) {
    if (one.kind == ExpressionKind::name) names_.erase(one.text);
    if (one.kind == ExpressionKind::namespace_attribute) return;
    for (const Expression& operand : one.operands) target(operand);
  }
  void signature(const Signature& one) {
    for (const std::string& name : one.names) names_.erase(name);
    for (const Expression& value : one.defaults) expression(value);
  }

  void statement(const Statement& one) {
    if (one.kind == StatementKind::call_block) expression(one.expression);
    for (const Expression& each : one.targets) target(each);
    for (const Expression& value : one.values) expression(value);
    const bool is_filter = one.kind == StatementKind::filter_block;
    if (one.kind != StatementKind::call_block && !is_filter) expression(one.expression);
    signature(one.signature);
    for (const Branch& branch : one.branches) {
      for (const Expression& test : branch.tests) expression(test);
      body(branch.body);
    }
    body(one.body);
    body(one.otherwise);
    for (const Expression& test : one.tests) expression(test);
    if (is_filter) expression(one.expression);
  }

  std::set<std::string> names_;
  std::set<std::string> read_;
};

bool is_target(const Expression& one, std::string_view name) {
  if (one.kind == ExpressionKind::namespace_attribute) return false;
  if (one.kind == ExpressionKind::name) return one.text == name;
  return std::any_of(one.operands.begin(), one.operands.end(),
                     [&](const Expression& operand) { return is_target(operand, name); });
}

}  // namespace

std::set<std::string> asks_for(const Body& body, std::set<std::string> names) {
  ReadNames search(std::move(names));
  search.body(body);
  return search.take();
}

bool assigns_to(const Body& body, std::string_view name) {
  return std::any_of(body.begin(), body.end(), [&](const Statement& one) {
    const bool is_parameter = one.kind == StatementKind::with;  // which Jinja does not count
    if (!is_parameter && std::any_of(one.targets.begin(), one.targets.end(),
                                     [&](const auto& each) { return is_target(each, name); })) {
      return true;
    }
    return assigns_to(one.body, name) || assigns_to(one.otherwise, name) ||
           std::any_of(one.branches.begin(), one.branches.end(),
                       [&](const Branch& each) { return assigns_to(each.body, name); });
  });
}

}  // namespace attend::jinja
