// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Statements. Source: what compiler.py of Jinja 3.1 makes of each.
#include "tokenizer/jinja/renderer.h"

#include <utility>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/loop.h"
#include "tokenizer/jinja/macro.h"

namespace attend::jinja {

Renderer::Renderer(Runtime& runtime, const Template& tree, Value variables)
    : runtime_(runtime),
      tree_(tree),
      variables_(std::move(variables)),
      output_(runtime.meter),
      out_(&output_) {}

std::string Renderer::render() {
  const Inside inside(*this, new_frame(tree_.slots), &output_);
  enter(tree_.scope);
  body(tree_.body);
  return output_.take();
}

Renderer::Inside::Inside(Renderer& of, Frame in, TextBuffer* to)
    : renderer(of),
      frame(std::exchange(of.frame_, std::move(in))),
      out(std::exchange(of.out_, to)),
      line(of.runtime_.line) {}

Renderer::Inside::~Inside() {
  renderer.frame_ = std::move(frame);
  renderer.out_ = out;
}

Renderer::Flow Renderer::body(const Body& statements) {
  const Meter::Level level(runtime_.meter);
  for (const Statement& one : statements) {
    const Flow flow = statement(one);
    if (flow != Flow::normal) return flow;
  }
  return Flow::normal;
}

Renderer::Flow Renderer::statement(const Statement& one) {
  runtime_.meter.step();
  runtime_.line = one.line;
  switch (one.kind) {
    case StatementKind::text: out_->add(one.text); break;
    case StatementKind::output: out_->add(to_text(runtime_, value(one.expression))); break;
    case StatementKind::if_: return conditional(one);
    case StatementKind::for_: loop(one); break;
    case StatementKind::set: set(one); break;
    case StatementKind::set_block: set_block(one); break;
    case StatementKind::with: return with(one);
    case StatementKind::macro: slot(one.place) = macro(one, one.text); break;
    case StatementKind::call_block: call_block(one); break;
    case StatementKind::generation: generation(one); break;
    case StatementKind::filter_block: filter_block(one); break;
    case StatementKind::break_: return Flow::break_;
    case StatementKind::continue_: return Flow::continue_;
  }
  return Flow::normal;
}

Renderer::Flow Renderer::conditional(const Statement& one) {
  for (const Branch& branch : one.branches) {
    if (branch.tests.empty() || is_true(runtime_, value(branch.tests[0]))) {
      return body(branch.body);
    }
  }
  return Flow::normal;
}

void Renderer::loop(const Statement& one) {
  const Value items = value(one.expression);
  if (!one.is_recursive) return loop_over(one, items, 0, nullptr);
  const auto recurse = make<RecursiveLoop>(runtime_.meter, 0, *this, one, kept_frame());
  out_->add(recurse->render(items, 0, recurse));
}

std::shared_ptr<Iterator> Renderer::loop_items(const Statement& one, const Value& items) {
  auto iterator = iterate(runtime_, items);
  if (one.tests.empty()) return iterator;
  const Frame inside = kept_frame();
  // The test of a recursive loop stands beside its function, not in it.
  const Frame around = one.is_recursive ? inside->outside : inside;
  return make<FilteredItems>(runtime_.meter, 0, *this, one, std::move(iterator), around);
}

void Renderer::loop_over(const Statement& one, const Value& items, std::int64_t outer_loops,
                         const std::shared_ptr<RecursiveLoop>& recurse) {
  const auto iterator = loop_items(one, items);
  std::shared_ptr<Loop> context;
  if (one.has_loop) {
    const Value over = one.tests.empty() ? items : Value(Type::iterator, iterator);
    context = make<Loop>(runtime_.meter, 0, over, iterator, outer_loops);
    context->recurse = recurse;
  }
  bool is_otherwise = true;  // as long as no round has gone through to its end
  for (Value item;;) {
    runtime_.meter.step();
    if (context ? !context->advance(runtime_) : !iterator->next(runtime_, item)) break;
    assign(one.targets[0], context ? context->current() : item);
    if (context) slot(one.loop) = Value(Type::loop, context);
    enter(one.scope);
    const Flow flow = body(one.body);
    if (flow == Flow::break_) break;
    if (flow == Flow::normal) is_otherwise = false;
  }
  leave(one.scope);
  if (is_otherwise && !one.otherwise.empty()) {
    enter(one.otherwise_scope);
    body(one.otherwise);
    leave(one.otherwise_scope);
  }
}

void Renderer::check_namespaces(const Expression& target) {
  if (target.kind == ExpressionKind::namespace_attribute) {
    const auto& space = slot(target.operands[0].place);
    if (!space || !space->is(Type::space)) raise("cannot assign attribute on non-namespace object");
    return;
  }
  for (const Expression& operand : target.operands) check_namespaces(operand);
}

void Renderer::set(const Statement& one) {
  check_namespaces(one.targets[0]);
  assign(one.targets[0], value(one.expression));
}

std::string Renderer::captured(const Body& statements) {
  TextBuffer buffer(runtime_.meter);
  const Inside inside(*this, frame_, &buffer);
  body(statements);
  return buffer.take();
}

void Renderer::set_block(const Statement& one) {
  enter(one.scope);
  Value text = runtime_.text(captured(one.body));
  check_namespaces(one.targets[0]);
  if (one.expression.kind == ExpressionKind::filter) {
    captured_ = std::move(text);
    text = value(one.expression);
  }
  assign(one.targets[0], text);
  leave(one.scope);
}

Renderer::Flow Renderer::with(const Statement& one) {
  enter(one.scope);
  for (std::size_t i = 0; i < one.targets.size(); ++i) {
    assign(one.targets[i], value(one.values[i]));
  }
  const Flow flow = body(one.body);
  leave(one.scope);
  return flow;
}

void Renderer::filter_block(const Statement& one) {
  enter(one.scope);
  captured_ = runtime_.text(captured(one.body));
  add_text(value(one.expression));
  leave(one.scope);
}

// What stands in the place of a block is put out as it is, and not as a print of it.
void Renderer::add_text(const Value& value) {
  if (!value.is_text()) {
    raise("expected a str in the place of a block, " + std::string(type_name(value)) + " found");
  }
  out_->add(value.view());
}

Value Renderer::macro(const Statement& one, std::string name) {
  return {Type::callable,
          make<Macro>(runtime_.meter, name.size(), *this, one, std::move(name), kept_frame())};
}

void Renderer::call_block(const Statement& one) {
  const Value caller = macro(one, "caller");
  add_text(call(one.expression, &caller));
}

// Source: AssistantTracker of transformers 4.57, utils/chat_template_utils.py. It counts what the
// template itself has put out, and notes nothing before it has put out anything.
void Renderer::generation(const Statement& one) {
  const Value text = jinja::call(runtime_, macro(one, "caller"), {});
  const std::size_t begin = output_.view().size();
  if (begin != 0 || !generated_.empty()) generated_.push_back({begin, begin + text.view().size()});
  out_->add(text.view());
}

}  // namespace attend::jinja
