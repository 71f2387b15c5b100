// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Values of a template as Python has them, as far as its sandbox lets a template see: texts, lists
// and dicts never change once they are made.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/jinja/meter.h"

namespace attend::jinja {

class Runtime;

enum class Type : std::uint8_t {
  undefined,
  none,
  boolean,
  integer,
  large_integer,  ///< beyond 64 bits: printed and compared, never calculated with
  real,
  text,
  list,
  tuple,
  dict,
  range,
  view,      ///< keys(), values() or items() of a dict
  iterator,  ///< generators and the like, gone through once
  space,     ///< namespace()
  callable,
  loop,
  cycler,
};

/// What a value points to. `depth` counts the values in each other, which bounds every recursion
/// over them, that of destructors, too.
struct Object : Metered {
  std::uint32_t depth = 0;
  /// Drops the values that it holds, so that those that hold each other go, too.
  virtual void release() noexcept {}
};

struct Text;
struct Sequence;
struct Dict;
struct Undefined;

class Value {
 public:
  Value() = default;  ///< None
  explicit Value(bool value) noexcept : type_(Type::boolean), integer_(value ? 1 : 0) {}
  explicit Value(std::int64_t value) noexcept : type_(Type::integer), integer_(value) {}
  explicit Value(double value) noexcept : type_(Type::real), real_(value) {}
  Value(Type type, std::shared_ptr<Object> object) noexcept
      : type_(type), object_(std::move(object)) {}

  [[nodiscard]] Type type() const noexcept { return type_; }
  [[nodiscard]] bool is(Type type) const noexcept { return type_ == type; }
  [[nodiscard]] bool is_undefined() const noexcept { return type_ == Type::undefined; }
  [[nodiscard]] bool is_none() const noexcept { return type_ == Type::none; }
  /// True and False are integers in Python.
  [[nodiscard]] bool is_integral() const noexcept {
    return type_ == Type::integer || type_ == Type::boolean;
  }
  [[nodiscard]] bool is_number() const noexcept { return is_integral() || type_ == Type::real; }
  [[nodiscard]] bool is_text() const noexcept { return type_ == Type::text; }
  [[nodiscard]] bool is_sequence() const noexcept {
    return type_ == Type::list || type_ == Type::tuple;
  }

  [[nodiscard]] bool boolean() const noexcept { return integer_ != 0; }
  [[nodiscard]] std::int64_t integer() const noexcept { return integer_; }
  [[nodiscard]] double real() const noexcept { return real_; }
  /// Of any number.
  [[nodiscard]] double as_real() const noexcept {
    return type_ == Type::real ? real_ : static_cast<double>(integer_);
  }
  template <class T>
  [[nodiscard]] T& object() const noexcept {
    return static_cast<T&>(*object_);
  }
  [[nodiscard]] const std::shared_ptr<Object>& pointer() const noexcept { return object_; }
  [[nodiscard]] const Text& text() const noexcept;
  [[nodiscard]] std::string_view view() const noexcept;
  [[nodiscard]] const std::vector<Value>& items() const noexcept;
  [[nodiscard]] const Dict& dict() const noexcept;
  [[nodiscard]] std::uint32_t depth() const noexcept { return object_ ? object_->depth : 0; }

 private:
  Type type_ = Type::none;
  union {
    std::int64_t integer_ = 0;
    double real_;
  };
  std::shared_ptr<Object> object_;
};

using Items = std::vector<Value>;

struct Undefined : Object {
  Undefined(std::string says, bool insecure) : message(std::move(says)), is_insecure(insecure) {}
  std::string message;  ///< what is said when anything is done with it
  bool is_insecure;     ///< an attribute that the sandbox hides
};

struct Text : Object {
  Text(std::string content, bool markup);
  std::string bytes;
  std::size_t characters;  ///< code points
  bool is_markup;          ///< Markup of markupsafe: + and % escape what is added
  [[nodiscard]] bool is_ascii() const noexcept { return characters == bytes.size(); }
};

/// list and tuple.
struct Sequence : Object {
  explicit Sequence(Items values, bool group = false);
  Items items;
  bool is_group;  ///< of the filter groupby: .grouper and .list
};

/// In order; keys are found by hash. Hashing a key and comparing it count as steps.
struct Dict : Object {
  std::vector<std::pair<Value, Value>> entries;

  /// Null for a key without a hash, too.
  [[nodiscard]] const Value* find(Meter& meter, const Value& key) const;
  [[nodiscard]] const Value* find(Meter& meter, std::string_view key) const;
  /// The same, but throws for a key without a hash.
  [[nodiscard]] const Value* find_hashable(Meter& meter, const Value& key) const;
  /// Changes the value at its place, as Python does. Throws: for a key without a hash. Only while
  /// it is being made, or of a namespace.
  void set(Meter& meter, const Value& key, Value value);
  void release() noexcept override;

 private:
  [[nodiscard]] std::optional<std::size_t> place_of(Meter& meter, const Value& key,
                                                    std::size_t hash) const;
  // Hash -> index. Sorted: keys can be chosen so that they meet in one bucket of a table.
  std::multimap<std::size_t, std::size_t> places_;
};

struct LargeInteger : Object {
  explicit LargeInteger(std::string text) : digits(std::move(text)) {}
  std::string digits;
};

struct Range : Object {
  std::int64_t start = 0, stop = 0, step = 1;
  [[nodiscard]] std::int64_t size() const noexcept;
  [[nodiscard]] Value at(std::int64_t index) const noexcept;
};

enum class DictPart : std::uint8_t { keys, values, items };

struct View : Object {
  View(std::shared_ptr<Object> dict, DictPart part) : of(std::move(dict)), part(part) {
    depth = of->depth + 1;  // the next list or dict around it finds too many
  }
  std::shared_ptr<Object> of;
  DictPart part;
  [[nodiscard]] const Dict& dict() const noexcept { return static_cast<const Dict&>(*of); }
};

struct Iterator : Object {
  /// False at the end.
  [[nodiscard]] virtual bool next(Runtime& runtime, Value& out) = 0;
};

/// Attributes that a template sets.
struct Space : Object {
  Dict attributes;
  void release() noexcept override { attributes.release(); }
};

struct Arguments {
  Items positional;
  std::vector<std::pair<std::string, Value>> named;
};

struct Callable : Object {
  [[nodiscard]] virtual Value call(Runtime& runtime, Arguments arguments) = 0;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
};

struct Cycler : Object {
  explicit Cycler(Items values) : items(std::move(values)) {}
  Items items;
  std::size_t at = 0;
};

/// A text that no meter knows: of a template, or of this library.
[[nodiscard]] Value constant_text(std::string text);

/// type(value).__name__ of Python.
[[nodiscard]] std::string_view type_name(const Value& value) noexcept;
[[nodiscard]] bool is_true(Runtime& runtime, const Value& value);
/// hash() of Python, as far as equal values must have equal ones. Nothing: unhashable.
[[nodiscard]] std::optional<std::size_t> hash_of(Meter& meter, const Value& value);
/// The same. Throws where there is none.
[[nodiscard]] std::size_t needed_hash(Meter& meter, const Value& value);
/// == and < of Python.
[[nodiscard]] bool equals(Runtime& runtime, const Value& a, const Value& b);
[[nodiscard]] bool is_less(Runtime& runtime, const Value& a, const Value& b);
/// The same for numbers alone. Negative, 0, positive; nothing with NaN.
[[nodiscard]] std::optional<int> compare_numbers(const Value& a, const Value& b) noexcept;
/// Throws what an undefined value says.
[[noreturn]] void raise_undefined(const Value& value);
/// Throws that an operation has no meaning for a type.
[[noreturn]] void raise_type(const Value& value, std::string_view says);

}  // namespace attend::jinja
