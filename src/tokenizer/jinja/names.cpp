// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Variables: slots of scopes, what fills them, and what is assigned to them.
#include <utility>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/renderer.h"

namespace attend::jinja {

std::optional<Value>& Renderer::slot(const Place& place) const {
  Activation* at = frame_.get();
  for (std::uint32_t i = 0; i < place.functions; ++i) at = at->outside.get();
  return at->slots[place.slot];
}

std::optional<Value> Renderer::variable(const std::string& name) const {
  if (const Value* found = variables_.dict().find(runtime_.meter, name)) return *found;
  return find_global(runtime_, name);
}

void Renderer::enter(const Scope& scope) {
  for (const SlotFill& fill : scope.fills) {
    runtime_.meter.step();
    auto& slot = frame_->slots[fill.slot];
    switch (fill.source) {
      case SlotSource::context: slot = variable(fill.name); break;
      case SlotSource::alias: slot = this->slot(fill.outside); break;
      case SlotSource::nothing: slot.reset(); break;
    }
  }
}

void Renderer::leave(const Scope& scope) {
  for (const std::uint32_t slot : scope.slots) frame_->slots[slot].reset();
}

Renderer::Frame Renderer::new_frame(std::uint32_t slots) {
  const std::size_t bytes = slots * sizeof(std::optional<Value>);
  runtime_.meter.touch(bytes);
  return make<Activation>(runtime_.meter, bytes, slots, nullptr);
}

Renderer::Frame Renderer::kept_frame() {
  // Whatever points to a frame may come to stand in one of its slots.
  if (!frame_->is_kept) runtime_.keep(frame_);
  frame_->is_kept = true;
  return frame_;
}

void Renderer::assign(const Expression& target, const Value& value) {
  switch (target.kind) {
    case ExpressionKind::name: slot(target.place) = value; return;
    case ExpressionKind::namespace_attribute: {
      const Value space = *slot(target.operands[0].place);
      auto& attributes = space.object<Space>().attributes;
      const std::size_t before = attributes.entries.size();
      attributes.set(runtime_.meter, runtime_.text(target.text), value);
      constexpr std::size_t entry_bytes = 2 * sizeof(Value) + 64;
      if (attributes.entries.size() > before)
        space.object<Space>().count(runtime_.meter, entry_bytes);
      return;
    }
    default: break;
  }
  const auto iterator = iterate(runtime_, value);
  const std::size_t count = target.operands.size();
  Items items;
  for (Value item; items.size() <= count && iterator->next(runtime_, item);) {
    items.push_back(std::move(item));
  }
  if (items.size() > count) {
    raise("too many values to unpack (expected " + std::to_string(count) + ")");
  }
  if (items.size() < count) {
    raise("not enough values to unpack (expected " + std::to_string(count) + ", got " +
          std::to_string(items.size()) + ")");
  }
  for (std::size_t i = 0; i < count; ++i) assign(target.operands[i], items[i]);
}

}  // namespace attend::jinja
