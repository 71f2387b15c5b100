// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// str() and repr() of Python.
#include "tokenizer/jinja/print.h"

#include <array>
#include <charconv>
#include <cmath>

#include "core/python_number.h"
#include "text/python_text.h"
#include "tokenizer/jinja/runtime.h"
#include "tokenizer/jinja/text_buffer.h"

namespace attend::jinja {
namespace {

class ReprWriter {
 public:
  explicit ReprWriter(Runtime& runtime) : runtime_(runtime), out_(runtime.meter) {}

  void write(const Value& value) {
    const Meter::Level level(runtime_.meter);
    runtime_.meter.step();
    switch (value.type()) {
      case Type::undefined: add("Undefined"); return;
      case Type::none: add("None"); return;
      case Type::boolean: add(value.boolean() ? "True" : "False"); return;
      case Type::integer:
      case Type::large_integer:
      case Type::real: add(number_text(value)); return;
      case Type::text: text(value); return;
      case Type::list: items(value.items(), "[", "]"); return;
      case Type::tuple: items(value.items(), "(", value.items().size() == 1 ? ",)" : ")"); return;
      case Type::dict: entries(value.dict()); return;
      case Type::range: range(value.object<Range>()); return;
      case Type::view: view(value); return;
      case Type::space:
        add("<Namespace ");
        entries(value.object<Space>().attributes);
        add(">");
        return;
      case Type::callable:
        add("<function " + std::string(value.object<Callable>().name()) + ">");
        return;
      case Type::iterator:
      case Type::loop:
      case Type::cycler: add("<" + std::string(type_name(value)) + " object>"); return;
    }
  }
  [[nodiscard]] std::string take() { return out_.take(); }

 private:
  void add(std::string_view text) { out_.add(text); }

  void text(const Value& value) {
    std::string quoted;
    runtime_.meter.check_room(4 * value.view().size());
    append_python_repr(value.view(), quoted);
    if (value.text().is_markup) add("Markup(");
    add(quoted);
    if (value.text().is_markup) add(")");
  }

  void items(const Items& values, std::string_view open, std::string_view close) {
    add(open);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) add(", ");
      write(values[i]);
    }
    add(close);
  }

  void entries(const Dict& dict) {
    add("{");
    for (std::size_t i = 0; i < dict.entries.size(); ++i) {
      if (i > 0) add(", ");
      write(dict.entries[i].first);
      add(": ");
      write(dict.entries[i].second);
    }
    add("}");
  }

  void range(const Range& range) {
    add("range(" + std::to_string(range.start) + ", " + std::to_string(range.stop));
    if (range.step != 1) add(", " + std::to_string(range.step));
    add(")");
  }

  void view(const Value& value) {
    add(std::string(type_name(value)) + "(");
    items(items_of(runtime_, value), "[", "]");
    add(")");
  }

  Runtime& runtime_;
  TextBuffer out_;
};

}  // namespace

void append_real(double value, std::string& out, const NotFinite& words) {
  if (std::isfinite(value)) return append_python_number(value, out);
  if (std::isnan(value)) {
    out += words.nan;
    return;
  }
  if (value < 0) out += '-';
  out += words.infinity;
}

std::string number_text(const Value& value) {
  if (value.is(Type::large_integer)) return value.object<LargeInteger>().digits;
  std::string out;
  if (value.is(Type::real)) {
    append_real(value.real(), out);
  } else {
    out = std::to_string(value.integer());
  }
  return out;
}

void append_hex(char32_t value, int digits, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (int i = digits - 1; i >= 0; --i)
    out += hex[(value >> (4U * static_cast<unsigned>(i))) & 0xFU];
}

std::string to_text(Runtime& runtime, const Value& value) {
  if (value.is_undefined()) return {};
  if (!value.is_text()) return to_repr(runtime, value);
  runtime.meter.touch(value.view().size());
  runtime.meter.check_room(value.view().size());
  return std::string(value.view());
}

std::string to_repr(Runtime& runtime, const Value& value) {
  ReprWriter writer(runtime);
  writer.write(value);
  return writer.take();
}

Value as_text(Runtime& runtime, const Value& value) {
  return value.is_text() ? value : runtime.text(to_text(runtime, value));
}

}  // namespace attend::jinja
