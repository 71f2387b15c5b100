// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Walks a template's tree with the variables of one call and writes the text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/jinja/node.h"
#include "tokenizer/jinja/runtime.h"
#include "tokenizer/jinja/text_buffer.h"

namespace attend::jinja {

/// The variables of a function while it runs; nothing in a slot: not assigned yet.
struct Activation : Object {
  Activation(std::uint32_t count, std::shared_ptr<Activation> around)
      : slots(count), outside(std::move(around)) {}
  void release() noexcept override {
    slots.clear();
    outside.reset();
  }

  std::vector<std::optional<Value>> slots;
  std::shared_ptr<Activation> outside;
  bool is_kept = false;  ///< until the end, because something points to it
};

/// A part of the text that {% generation %} encloses, in bytes of the output.
struct GeneratedPart {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct RecursiveLoop;

class Renderer {
 public:
  /// `variables` are what the caller gives, in a dict.
  Renderer(Runtime& runtime, const Template& tree, Value variables);

  [[nodiscard]] std::string render();
  /// In the order in which they end; of the last render().
  [[nodiscard]] const std::vector<GeneratedPart>& generated() const noexcept { return generated_; }

 private:
  friend struct Macro;
  friend struct RecursiveLoop;
  friend struct FilteredItems;

  enum class Flow : std::uint8_t { normal, break_, continue_ };
  using Frame = std::shared_ptr<Activation>;

  // The function that runs, and where its output goes.
  struct Inside {
    Inside(Renderer& renderer, Frame frame, TextBuffer* out);
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside();
    Renderer& renderer;
    Frame frame;
    TextBuffer* out;
    std::size_t line;
  };

  // statements
  Flow body(const Body& statements);
  Flow statement(const Statement& one);
  Flow conditional(const Statement& one);
  void loop(const Statement& one);
  void loop_over(const Statement& one, const Value& items, std::int64_t outer_loops,
                 const std::shared_ptr<RecursiveLoop>& recurse);
  [[nodiscard]] std::shared_ptr<Iterator> loop_items(const Statement& one, const Value& items);
  void set(const Statement& one);
  void set_block(const Statement& one);
  Flow with(const Statement& one);
  void call_block(const Statement& one);
  void generation(const Statement& one);
  void filter_block(const Statement& one);
  void add_text(const Value& value);
  [[nodiscard]] Value macro(const Statement& one, std::string name);
  /// Output of a body, as a text.
  [[nodiscard]] std::string captured(const Body& statements);

  // names
  [[nodiscard]] std::optional<Value>& slot(const Place& place) const;
  [[nodiscard]] std::optional<Value> variable(const std::string& name) const;
  void enter(const Scope& scope);
  void leave(const Scope& scope);
  void check_namespaces(const Expression& target);
  void assign(const Expression& target, const Value& value);
  [[nodiscard]] Frame new_frame(std::uint32_t slots);
  /// The current one, for something that may outlive it.
  [[nodiscard]] Frame kept_frame();

  // expressions
  [[nodiscard]] Value value(const Expression& one);
  [[nodiscard]] Items values(const std::vector<Expression>& many);
  [[nodiscard]] Value logical(const Expression& one);
  [[nodiscard]] Value comparison(const Expression& one);
  [[nodiscard]] Value conditional(const Expression& one);
  [[nodiscard]] Value concatenation(const Expression& one);
  [[nodiscard]] Value dict(const Expression& one);
  [[nodiscard]] Value part(const Expression& one);
  [[nodiscard]] Value call(const Expression& one, const Value* caller = nullptr);
  [[nodiscard]] Value applied(const Expression& one);
  [[nodiscard]] Arguments arguments(const Expression& one);

  Runtime& runtime_;
  const Template& tree_;
  Value variables_;
  Frame frame_;
  TextBuffer output_;
  TextBuffer* out_;
  Value captured_;  // what a block holds, for the filters behind its tag
  std::vector<GeneratedPart> generated_;
};

}  // namespace attend::jinja
