// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A template as a tree. The parser makes it, scopes.cpp says where its names live, and from then on
// nothing changes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/operators.h"
#include "tokenizer/jinja/value.h"

namespace attend::jinja {

/// Where a variable lives: so many functions outwards, and its slot there.
struct Place {
  std::uint32_t functions = 0;
  std::uint32_t slot = 0;
};

enum class ExpressionKind : std::uint8_t {
  constant,
  name,
  list,
  tuple,
  dict,  ///< key, value, key, value ...
  negative,
  positive,
  logical_not,
  calculation,  ///< by operations[0]
  concatenation,
  logical_and,
  logical_or,
  comparison,   ///< operations[i] is between operands i and i + 1
  conditional,  ///< test, value, and the other one if there is one
  attribute,    ///< of operands[0], called `text`
  element,
  slice,   ///< subject, begin, end, step
  call,    ///< callee and arguments
  filter,  ///< subject and arguments; the function is called `text`
  test,
  captured,             ///< the text of the block that a filter is applied to
  namespace_attribute,  ///< only to assign to: `text` is the attribute
};

/// The operands of a call behind the first one: so many by position, then those by `keywords`, then
/// those of * and **.
struct CallForm {
  std::size_t positional = 0;
  std::vector<std::string> keywords;
  bool has_list = false;
  bool has_dict = false;
};

struct Expression {
  ExpressionKind kind = ExpressionKind::constant;
  std::uint32_t depth = 1;  ///< of the tree
  std::size_t line = 0;
  std::vector<Expression> operands;
  std::vector<Operator> operations;
  Value constant;
  std::string text;
  CallForm form;
  Place place;                              ///< of a name
  const NamedFunction* function = nullptr;  ///< of a filter or test; null: unknown, an error if met
};

/// What fills a slot when a scope is entered.
enum class SlotSource : std::uint8_t {
  context,  ///< a variable of the caller, or a global
  alias,    ///< the variable of the same name outside
  nothing,
};

struct SlotFill {
  std::uint32_t slot = 0;
  SlotSource source = SlotSource::nothing;
  Place outside;
  std::string name;
};

/// Names that a part of a template has for itself.
struct Scope {
  std::vector<SlotFill> fills;
  std::vector<std::uint32_t> slots;  ///< all of them, emptied when it is left
};

enum class StatementKind : std::uint8_t {
  text,
  output,
  if_,
  for_,
  set,
  set_block,
  with,
  macro,
  call_block,
  generation,
  filter_block,
  break_,
  continue_,
};

struct Statement;
using Body = std::vector<Statement>;

/// What a macro, a call block or a generation block is called with.
struct Signature {
  std::vector<std::string> names;
  std::vector<Place> places;
  std::vector<Expression> defaults;  ///< of the last names
  bool takes_caller = false, takes_keywords = false, takes_list = false;
  bool names_caller = false;  ///< as an argument like any other
  Place caller, keywords, list;
};

/// What a statement has that makes a function of its own.
struct FunctionScope {
  std::uint32_t slots = 0;
  Scope scope;
};

struct Branch;

struct Statement {
  StatementKind kind = StatementKind::text;
  std::size_t line = 0;
  std::string text;                 ///< or the name of a macro
  Expression expression;            ///< put out, gone through, called, filtered, assigned
  std::vector<Expression> targets;  ///< one, but of `with` as many as `values`
  std::vector<Expression> values;   ///< of `with`
  std::vector<Branch> branches;     ///< of `if`: the last may have no test
  Body body, otherwise;
  Scope scope;  ///< of the body
  Scope otherwise_scope;
  // for
  std::vector<Expression> tests;  ///< none or one
  Expression test_target;         ///< the target again, in the test's own function
  FunctionScope test_function;
  bool is_recursive = false;
  bool has_loop = false;  ///< the variable `loop` is asked for
  Place loop;
  // macro, call block, generation, recursive for
  Signature signature;
  std::uint32_t function_slots = 0;
  Place place;  ///< of the macro
};

struct Branch {
  std::vector<Expression> tests;  ///< one, or none: else
  Body body;
};

struct Template {
  Body body;
  Scope scope;
  std::uint32_t slots = 0;
};

}  // namespace attend::jinja
