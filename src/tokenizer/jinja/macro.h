// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Parts of a template that run with variables of their own: macros, the tests of loops, and loops
// that call themselves.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tokenizer/jinja/renderer.h"

namespace attend::jinja {

struct Macro : Callable {
  Macro(Renderer& in, const Statement& statement, std::string called,
        std::shared_ptr<Activation> around)
      : renderer(in), of(statement), title(std::move(called)), outside(std::move(around)) {}

  Value call(Runtime& runtime, Arguments arguments) override;
  [[nodiscard]] std::string_view name() const noexcept override { return title; }
  void release() noexcept override { outside.reset(); }

  Renderer& renderer;
  const Statement& of;
  std::string title;
  std::shared_ptr<Activation> outside;

 private:
  void bind(Runtime& runtime, Arguments& arguments, Activation& frame) const;
};

/// `for ... recursive`
struct RecursiveLoop : Object {
  RecursiveLoop(Renderer& in, const Statement& statement, std::shared_ptr<Activation> around)
      : renderer(in), of(statement), outside(std::move(around)) {}

  /// `self` is this one.
  [[nodiscard]] std::string render(const Value& items, std::int64_t outer_loops,
                                   const std::shared_ptr<RecursiveLoop>& self);

  Renderer& renderer;
  const Statement& of;
  std::shared_ptr<Activation> outside;
};

/// The items of `for ... if`
struct FilteredItems : Iterator {
  FilteredItems(Renderer& in, const Statement& statement, std::shared_ptr<Iterator> of_all,
                std::shared_ptr<Activation> around)
      : renderer(in), of(statement), all(std::move(of_all)), outside(std::move(around)) {
    depth = Runtime::deeper(all->depth);
  }

  bool next(Runtime& runtime, Value& out) override;

  Renderer& renderer;
  const Statement& of;
  std::shared_ptr<Iterator> all;
  std::shared_ptr<Activation> outside;
  std::shared_ptr<Activation> frame;  // from the first item on
};

}  // namespace attend::jinja
