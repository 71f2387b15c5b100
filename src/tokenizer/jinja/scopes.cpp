// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where the names of a template live. Jinja makes Python functions of templates: a name belongs to
// the scope that first says it, a loop's body begins anew in every round, and what a scope only
// assigns to it takes over from outside. Source: idtracking.py and compiler.py of Jinja 3.1.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/name_search.h"
#include "tokenizer/jinja/parser.h"

namespace attend::jinja {
namespace {

/// A function of Python: slots for all its scopes. Scopes side by side share theirs.
struct Function {
  Function* outside = nullptr;
  std::map<std::pair<std::size_t, std::string>, std::uint32_t> slots;  // by level and name

  std::uint32_t slot(std::size_t level, const std::string& name) {
    return slots.try_emplace({level, name}, static_cast<std::uint32_t>(slots.size())).first->second;
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(slots.size()); }
};

/// Symbols of Jinja.
class Symbols {
 public:
  Symbols(const Symbols* outside, Function& function)
      : outside_(outside),
        function_(&function),
        level_(outside == nullptr ? 0 : outside->level_ + 1) {}

  /// Of a branch of an `if`, which begins with all that `before` knows and keeps what it adds.
  [[nodiscard]] static Symbols branch_of(const Symbols& before) {
    Symbols out(before.outside_, *before.function_);
    out.before_ = &before;
    return out;
  }

  struct Reference {
    Function* function;
    std::uint32_t slot;
  };

  [[nodiscard]] std::optional<Reference> find(const std::string& name) const {
    for (const Symbols* one = this; one != nullptr; one = one->outside_) {
      if (const auto slot = one->own_slot(name)) return Reference{one->function_, *slot};
    }
    return std::nullopt;
  }

  void load(const std::string& name) {
    if (!find(name)) define(name, {Source::context, name, {}});
  }
  void store(const std::string& name) {
    if (!is_stored(name)) stores_.insert(name);
    if (!own_slot(name)) define(name, from_outside(name, Source::nothing));
  }
  void parameter(const std::string& name) {
    stores_.insert(name);
    define(name, {Source::parameter, name, {}});
  }

  /// Takes what the branches of an `if` have added.
  void merge(std::initializer_list<Symbols*> branches) {
    std::set<std::string> stored;
    for (Symbols* branch : branches) {
      take_all(references_, branch->references_);
      take_all(loads_, branch->loads_);
      take_all(stored, branch->stores_);
    }
    // What is only stored in some branches is loaded before them, those around this one, too.
    if (before_ == nullptr) {
      for (const std::string& name : stored) {
        loads_[references_.at(name)] = from_outside(name, Source::context);
      }
    }
    take_all(stores_, stored);
  }

  [[nodiscard]] Scope scope() const {
    Scope out;
    for (const auto& [slot, load] : loads_) {
      out.slots.push_back(slot);
      if (load.source == Source::parameter) continue;
      SlotFill fill{.slot = slot, .source = SlotSource::nothing, .outside = {}, .name = {}};
      if (load.source == Source::context) {
        fill.source = SlotSource::context;
        fill.name = load.name;
      } else if (load.source == Source::alias) {
        fill.source = SlotSource::alias;
        fill.outside = place_of(load.outside);
      }
      out.fills.push_back(std::move(fill));
    }
    return out;
  }

  /// A place as seen from the function of these symbols.
  [[nodiscard]] Place place_of(const Reference& reference) const {
    Place out{.functions = 0, .slot = reference.slot};
    for (const Function* one = function_; one != reference.function; one = one->outside) {
      ++out.functions;
    }
    return out;
  }

 private:
  enum class Source : std::uint8_t { parameter, context, alias, nothing };
  struct Load {
    Source source;
    std::string name;
    Reference outside;
  };

  // The few go to the many: names pass through one branch after the other.
  template <class Container>
  static void take_all(Container& into, Container& from) {
    if (into.size() < from.size()) into.swap(from);
    into.merge(from);
  }

  [[nodiscard]] std::optional<std::uint32_t> own_slot(const std::string& name) const {
    for (const Symbols* one = this; one != nullptr; one = one->before_) {
      const auto known = one->references_.find(name);
      if (known != one->references_.end()) return known->second;
    }
    return std::nullopt;
  }
  [[nodiscard]] bool is_stored(const std::string& name) const {
    for (const Symbols* one = this; one != nullptr; one = one->before_) {
      if (one->stores_.contains(name)) return true;
    }
    return false;
  }

  void define(const std::string& name, Load load) {
    const std::uint32_t slot = function_->slot(level_, name);
    references_[name] = slot;
    loads_[slot] = std::move(load);
  }
  [[nodiscard]] Load from_outside(const std::string& name, Source otherwise) const {
    const auto outer = outside_ == nullptr ? std::nullopt : outside_->find(name);
    if (outer) return {Source::alias, name, *outer};
    return {otherwise, name, {}};
  }

  const Symbols* outside_;
  const Symbols* before_ = nullptr;
  Function* function_;
  std::size_t level_;
  std::map<std::string, std::uint32_t> references_;
  std::map<std::uint32_t, Load> loads_;
  std::set<std::string> stores_;
};

/// Which names a scope says, in Jinja's order; it does not look into the scopes inside.
class Analyzer {
 public:
  explicit Analyzer(Symbols& symbols) : symbols_(&symbols) {}

  void body(const Body& statements) {
    for (const Statement& one : statements) statement(one);
  }

  void expression(const Expression& one) {
    if (one.kind == ExpressionKind::name) symbols_->load(one.text);
    for (const Expression& operand : one.operands) expression(operand);
  }

  void target(const Expression& one) {
    if (one.kind == ExpressionKind::name) {
      symbols_->store(one.text);
    } else if (one.kind == ExpressionKind::namespace_attribute) {
      symbols_->load(one.operands[0].text);
    } else {
      for (const Expression& operand : one.operands) target(operand);
    }
  }

  void parameters(const Expression& one) {
    if (one.kind == ExpressionKind::name) symbols_->parameter(one.text);
    for (const Expression& operand : one.operands) parameters(operand);
  }

 private:
  void statement(const Statement& one) {
    switch (one.kind) {
      case StatementKind::output:
      case StatementKind::for_:
      case StatementKind::call_block:
      case StatementKind::filter_block: expression(one.expression); return;
      case StatementKind::if_: conditional(one); return;
      case StatementKind::set:
        expression(one.expression);
        target(one.targets[0]);
        return;
      case StatementKind::set_block: target(one.targets[0]); return;
      case StatementKind::with:
        for (const Expression& value : one.values) expression(value);
        return;
      case StatementKind::macro: symbols_->store(one.text); return;
      case StatementKind::text:
      case StatementKind::generation:
      case StatementKind::break_:
      case StatementKind::continue_: return;
    }
  }

  // One test and its body; the branches behind it are elif and else.
  void branch(const Branch& one, std::span<const Branch> elifs, const Branch* last) {
    expression(one.tests[0]);
    Symbols in_body = Symbols::branch_of(*symbols_);
    Symbols in_elifs = Symbols::branch_of(*symbols_);
    Symbols in_last = Symbols::branch_of(*symbols_);
    Analyzer(in_body).body(one.body);
    for (const Branch& each : elifs) Analyzer(in_elifs).branch(each, {}, nullptr);
    if (last != nullptr) Analyzer(in_last).body(last->body);
    symbols_->merge({&in_body, &in_elifs, &in_last});
  }

  void conditional(const Statement& one) {
    const std::span<const Branch> all = one.branches;
    const bool has_else = all.back().tests.empty();
    branch(all[0], all.subspan(1, all.size() - 1 - (has_else ? 1 : 0)),
           has_else ? &all.back() : nullptr);
  }

  Symbols* symbols_;
};

/// Writes places, scopes and functions into the tree.
class Resolver {
 public:
  Resolver(const Symbols& symbols, Function& function) : symbols_(symbols), function_(function) {}

  void body(Body& statements) {
    for (Statement& one : statements) statement(one);
  }

 private:
  [[nodiscard]] Resolver soft() const {
    Resolver out = *this;
    out.is_soft_ = true;
    return out;
  }

  [[nodiscard]] Place place(const std::string& name, std::size_t line) const {
    const auto reference = symbols_.find(name);
    // Jinja does not look for names in the arguments of a set block's filter either.
    if (!reference) raise_syntax("the name " + quote(name) + " is not known here", line);
    return symbols_.place_of(*reference);
  }

  void expression(Expression& one) {
    if (one.kind == ExpressionKind::conditional && !is_soft_) return soft().expression(one);
    if (one.kind == ExpressionKind::name) one.place = place(one.text, one.line);
    for (Expression& operand : one.operands) expression(operand);
    if (one.kind == ExpressionKind::filter) {
      one.function = find_filter(one.text);
      if (one.function == nullptr && !is_soft_) raise_unknown_function(one);
    } else if (one.kind == ExpressionKind::test) {
      one.function = find_test(one.text);
      if (one.function == nullptr && !is_soft_) raise_unknown_function(one);
    }
  }

  void statement(Statement& one) {
    switch (one.kind) {
      case StatementKind::output: expression(one.expression); return;
      case StatementKind::if_: {
        Resolver inside = soft();
        for (Branch& branch : one.branches) {
          for (Expression& test : branch.tests) inside.expression(test);
          inside.body(branch.body);
        }
        return;
      }
      case StatementKind::for_: loop(one); return;
      case StatementKind::set:
        expression(one.targets[0]);
        expression(one.expression);
        return;
      case StatementKind::set_block: set_block(one); return;
      case StatementKind::with: with(one); return;
      case StatementKind::macro:
        one.place = place(one.text, one.line);
        macro(one);
        return;
      case StatementKind::call_block:
        macro(one);
        expression(one.expression);
        return;
      case StatementKind::generation: macro(one); return;
      case StatementKind::filter_block: filter_block(one); return;
      case StatementKind::text:
      case StatementKind::break_:
      case StatementKind::continue_: return;
    }
  }

  void loop(Statement& one) {
    for (const Expression& target : one.targets) check_targets(target);
    if (assigns_to(one.body, "loop") || assigns_to(one.otherwise, "loop")) fail_loop(one.line);
    one.has_loop = one.is_recursive || asks_for(one.body, {"loop"}).contains("loop");
    Function own{.outside = &function_, .slots = {}};
    Function& in = one.is_recursive ? own : function_;

    Symbols of_body(&symbols_, in);
    if (one.has_loop) of_body.parameter("loop");
    Analyzer analyze(of_body);
    analyze.parameters(one.targets[0]);
    analyze.body(one.body);
    Symbols of_else(&symbols_, in);
    Analyzer(of_else).body(one.otherwise);
    if (!one.tests.empty()) loop_test(one);

    expression(one.expression);
    Resolver inside(of_body, in);
    inside.expression(one.targets[0]);
    if (one.has_loop) one.loop = inside.place("loop", one.line);
    inside.body(one.body);
    Resolver(of_else, in).body(one.otherwise);
    one.scope = of_body.scope();
    one.otherwise_scope = of_else.scope();
    one.function_slots = own.size();
  }

  void loop_test(Statement& one) {
    Function own{.outside = &function_, .slots = {}};
    Symbols symbols(&symbols_, own);
    Analyzer analyze(symbols);
    analyze.parameters(one.test_target);
    analyze.expression(one.tests[0]);
    Resolver inside(symbols, own);
    inside.expression(one.test_target);
    inside.expression(one.tests[0]);
    one.test_function = {own.size(), symbols.scope()};
  }

  static void check_targets(const Expression& target) {
    if (target.kind == ExpressionKind::name && target.text == "loop") fail_loop(target.line);
    for (const Expression& operand : target.operands) check_targets(operand);
  }
  [[noreturn]] static void fail_loop(std::size_t line) {
    raise_syntax("the variable \"loop\" cannot be assigned to in a for loop", line);
  }

  void set_block(Statement& one) {
    Symbols symbols(&symbols_, function_);
    Analyzer(symbols).body(one.body);
    Resolver inside(symbols, function_);
    inside.body(one.body);
    expression(one.targets[0]);
    inside.expression(one.expression);
    one.scope = symbols.scope();
  }

  void with(Statement& one) {
    Symbols symbols(&symbols_, function_);
    Analyzer analyze(symbols);
    for (const Expression& target : one.targets) analyze.parameters(target);
    analyze.body(one.body);
    Resolver inside(symbols, function_);
    for (Expression& target : one.targets) inside.expression(target);
    for (Expression& value : one.values) expression(value);
    inside.body(one.body);
    one.scope = symbols.scope();
  }

  void filter_block(Statement& one) {
    Symbols symbols(&symbols_, function_);
    Analyzer analyze(symbols);
    analyze.body(one.body);
    analyze.expression(one.expression);
    Resolver inside(symbols, function_);
    inside.body(one.body);
    inside.expression(one.expression);
    one.scope = symbols.scope();
  }

  void macro(Statement& one) {
    Function own{.outside = &function_, .slots = {}};
    Symbols symbols(&symbols_, own);
    Signature& signature = one.signature;
    const auto& names = signature.names;
    const auto has = [&](std::string_view name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const std::string& name : names) symbols.parameter(name);
    const auto asked = asks_for(one.body, {"caller", "kwargs", "varargs"});
    signature.names_caller = has("caller");
    signature.takes_caller = asked.contains("caller");
    signature.takes_keywords = asked.contains("kwargs") && !has("kwargs");
    signature.takes_list = asked.contains("varargs") && !has("varargs");
    if (signature.takes_caller && signature.names_caller) check_caller(one);
    if (signature.takes_caller && !signature.names_caller) symbols.parameter("caller");
    if (signature.takes_keywords) symbols.parameter("kwargs");
    if (signature.takes_list) symbols.parameter("varargs");
    Analyzer analyze(symbols);
    for (const Expression& value : signature.defaults) analyze.expression(value);
    analyze.body(one.body);

    Resolver inside(symbols, own);
    for (const std::string& name : names) signature.places.push_back(inside.place(name, one.line));
    if (signature.takes_caller) signature.caller = inside.place("caller", one.line);
    if (signature.takes_keywords) signature.keywords = inside.place("kwargs", one.line);
    if (signature.takes_list) signature.list = inside.place("varargs", one.line);
    for (Expression& value : signature.defaults) inside.expression(value);
    inside.body(one.body);
    one.scope = symbols.scope();
    one.function_slots = own.size();
  }

  static void check_caller(const Statement& one) {
    const auto& names = one.signature.names;
    const auto at = std::find(names.begin(), names.end(), "caller") - names.begin();
    const auto first_default =
        static_cast<std::ptrdiff_t>(names.size() - one.signature.defaults.size());
    if (at < first_default) {
      raise_syntax("the special argument \"caller\" must be omitted or be given a default",
                   one.line);
    }
  }

  const Symbols& symbols_;
  Function& function_;
  // Where it depends on values what is rendered, unknown filters are errors only when they are met.
  bool is_soft_ = false;
};

}  // namespace

void resolve_names(Template& tree) {
  Function root;
  Symbols symbols(nullptr, root);
  Analyzer(symbols).body(tree.body);
  Resolver(symbols, root).body(tree.body);
  tree.scope = symbols.scope();
  tree.slots = root.size();
}

}  // namespace attend::jinja
