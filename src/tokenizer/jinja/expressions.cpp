// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Values of expressions.
#include <utility>

#include "core/limits.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/operators.h"
#include "tokenizer/jinja/parser.h"
#include "tokenizer/jinja/renderer.h"

namespace attend::jinja {
namespace {

void check_count(std::size_t count) {
  if (count <= limits::template_arguments) return;
  raise_limit("a call has more than " + std::to_string(limits::template_arguments) + " arguments");
}

}  // namespace

Value Renderer::value(const Expression& one) {
  const Meter::Level level(runtime_.meter);
  runtime_.meter.step();
  switch (one.kind) {
    case ExpressionKind::constant: return one.constant;
    case ExpressionKind::name: {
      const auto& found = slot(one.place);
      return found ? *found : runtime_.undefined_name(one.text);
    }
    case ExpressionKind::list: return runtime_.list(values(one.operands));
    case ExpressionKind::tuple: return runtime_.tuple(values(one.operands));
    case ExpressionKind::dict: return dict(one);
    case ExpressionKind::negative: return negate(runtime_, value(one.operands[0]));
    case ExpressionKind::positive: return keep_sign(value(one.operands[0]));
    case ExpressionKind::logical_not: return Value(!is_true(runtime_, value(one.operands[0])));
    case ExpressionKind::calculation: {
      const Value left = value(one.operands[0]);
      return calculate(runtime_, one.operations[0], left, value(one.operands[1]));
    }
    case ExpressionKind::concatenation: return concatenation(one);
    case ExpressionKind::logical_and:
    case ExpressionKind::logical_or: return logical(one);
    case ExpressionKind::comparison: return comparison(one);
    case ExpressionKind::conditional: return conditional(one);
    case ExpressionKind::attribute: return attribute(runtime_, value(one.operands[0]), one.text);
    case ExpressionKind::element:
    case ExpressionKind::slice: return part(one);
    case ExpressionKind::call: return call(one);
    case ExpressionKind::filter:
    case ExpressionKind::test: return applied(one);
    case ExpressionKind::captured: return captured_;
    case ExpressionKind::namespace_attribute: break;  // never a value
  }
  return {};
}

Items Renderer::values(const std::vector<Expression>& many) {
  Items out;
  out.reserve(many.size());
  for (const Expression& one : many) out.push_back(value(one));
  return out;
}

Value Renderer::logical(const Expression& one) {
  Value left = value(one.operands[0]);
  const bool stops_at = one.kind == ExpressionKind::logical_or;
  return is_true(runtime_, left) == stops_at ? left : value(one.operands[1]);
}

Value Renderer::comparison(const Expression& one) {
  Value left = value(one.operands[0]);
  for (std::size_t i = 0; i < one.operations.size(); ++i) {
    Value right = value(one.operands[i + 1]);
    if (!compare(runtime_, one.operations[i], left, right)) return Value(false);
    left = std::move(right);
  }
  return Value(true);
}

Value Renderer::conditional(const Expression& one) {
  if (is_true(runtime_, value(one.operands[0]))) return value(one.operands[1]);
  if (one.operands.size() > 2) return value(one.operands[2]);
  return runtime_.undefined("the inline if-expression on line " + std::to_string(one.line) +
                            " evaluated to false and no else section was defined.");
}

Value Renderer::concatenation(const Expression& one) {
  const Items parts = values(one.operands);
  TextBuffer out(runtime_.meter);
  for (const Value& each : parts) {
    if (each.is_text()) {
      out.add(each.view());
    } else {
      out.add(to_text(runtime_, each));
    }
  }
  return runtime_.text(out.take());
}

Value Renderer::dict(const Expression& one) {
  std::vector<std::pair<Value, Value>> entries;
  for (std::size_t i = 0; i < one.operands.size(); i += 2) {
    Value key = value(one.operands[i]);
    entries.emplace_back(std::move(key), value(one.operands[i + 1]));
  }
  return runtime_.dict(std::move(entries));
}

Value Renderer::part(const Expression& one) {
  const Value subject = value(one.operands[0]);
  if (one.kind == ExpressionKind::element) {
    return element(runtime_, subject, value(one.operands[1]));
  }
  const Slice bounds{value(one.operands[1]), value(one.operands[2]), value(one.operands[3])};
  return slice(runtime_, subject, bounds);
}

Arguments Renderer::arguments(const Expression& one) {
  const CallForm& form = one.form;
  Arguments out;
  std::size_t at = 1;
  for (std::size_t i = 0; i < form.positional; ++i) {
    out.positional.push_back(value(one.operands[at++]));
  }
  for (const std::string& keyword : form.keywords) {
    runtime_.meter.touch(keyword.size());
    out.named.emplace_back(keyword, value(one.operands[at++]));
  }
  if (form.has_list) {
    Items items = items_of(runtime_, value(one.operands[at++]));
    check_count(out.positional.size() + items.size());
    for (Value& item : items) out.positional.push_back(std::move(item));
  }
  if (form.has_dict) {
    const Value further = value(one.operands[at]);
    if (!further.is(Type::dict)) raise("argument after ** must be a mapping");
    check_count(out.named.size() + further.dict().entries.size());
    for (const auto& [key, item] : further.dict().entries) {
      if (!key.is_text()) raise("keywords must be strings");
      runtime_.meter.touch((1 + out.named.size()) * key.view().size());
      runtime_.meter.check_room(key.view().size());
      for (const auto& known : out.named) {
        if (known.first == key.view()) {
          raise("got multiple values for keyword argument " + quote(key.view()));
        }
      }
      out.named.emplace_back(std::string(key.view()), item);
    }
  }
  return out;
}

Value Renderer::call(const Expression& one, const Value* caller) {
  const Value callee = value(one.operands[0]);
  Arguments given = arguments(one);
  if (caller != nullptr) given.named.emplace_back("caller", *caller);
  return jinja::call(runtime_, callee, std::move(given));
}

Value Renderer::applied(const Expression& one) {
  if (one.function == nullptr) raise_unknown_function(one);
  const Value subject = value(one.operands[0]);
  Arguments given = arguments(one);
  return one.function->call(runtime_, subject, given);
}

}  // namespace attend::jinja
