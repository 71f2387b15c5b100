// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The filter tojson, in the form that transformers gives it: json.dumps() of Python with its
// separators. Source: json/encoder.py of CPython 3.11.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "attend/text/utf8.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text_buffer.h"

namespace attend::jinja {
namespace {

struct JsonStyle {
  bool escapes_unicode = false;
  bool sorts_keys = false;
  std::optional<std::string> indent;  ///< of one level; nothing: all in one line
  std::string between = ", ";
  std::string behind_key = ": ";
};

class JsonTextWriter {
 public:
  JsonTextWriter(Runtime& runtime, const JsonStyle& style)
      : runtime_(runtime), style_(style), out_(runtime.meter) {}

  void write(const Value& value) {
    const Meter::Level level(runtime_.meter);
    runtime_.meter.step();
    switch (value.type()) {
      case Type::none: add("null"); return;
      case Type::boolean: add(value.boolean() ? "true" : "false"); return;
      case Type::integer:
      case Type::large_integer: add(number_text(value)); return;
      case Type::real: add(real_text(value.real())); return;
      case Type::text: string(value.view()); return;
      case Type::list:
      case Type::tuple: array(value.items()); return;
      case Type::dict: object(value.dict()); return;
      default: break;
    }
    raise("Object of type " + std::string(type_name(value)) + " is not JSON serializable");
  }
  [[nodiscard]] std::string take() { return out_.take(); }

 private:
  void add(std::string_view text) { out_.add(text); }

  static std::string real_text(double value) {
    std::string text;
    append_real(value, text, {.nan = "NaN", .infinity = "Infinity"});
    return text;
  }

  void new_line() {
    if (!style_.indent) return;
    add("\n");
    for (std::size_t i = 0; i < level_; ++i) add(*style_.indent);
  }

  void string(std::string_view text) {
    add("\"");
    std::string escape;
    std::size_t plain = 0;  // where the characters begin that stand for themselves
    for (std::size_t at = 0; at < text.size();) {
      const CodePoint c = decode_utf8(text.substr(at));
      const std::size_t end = at + static_cast<std::size_t>(c.length);
      if (character(c.value, escape)) {
        add(text.substr(plain, at - plain));
        add(escape);
        plain = end;
      }
      at = end;
    }
    add(text.substr(plain));
    add("\"");
  }

  // False for a character that stands for itself.
  bool character(char32_t c, std::string& out) const {
    switch (c) {
      case U'"': out = "\\\""; return true;
      case U'\\': out = "\\\\"; return true;
      case U'\n': out = "\\n"; return true;
      case U'\r': out = "\\r"; return true;
      case U'\t': out = "\\t"; return true;
      case U'\b': out = "\\b"; return true;
      case U'\f': out = "\\f"; return true;
      default: break;
    }
    if (c >= 0x20 && (c < 0x7F || !style_.escapes_unicode)) return false;
    if (c <= 0xFFFF) {
      append_hex(c, 4, out = "\\u");
    } else {
      append_hex(0xD800U + ((c - 0x10000U) >> 10U), 4, out = "\\u");
      append_hex(0xDC00U + ((c - 0x10000U) & 0x3FFU), 4, out += "\\u");
    }
    return true;
  }

  // Calls each(i) between brackets.
  template <class Each>
  void enclosed(std::size_t count, std::array<std::string_view, 2> brackets, Each&& each) {
    add(brackets[0]);
    ++level_;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) add(style_.between);
      new_line();
      each(i);
    }
    --level_;
    if (count > 0) new_line();
    add(brackets[1]);
  }

  void array(const Items& items) {
    enclosed(items.size(), {"[", "]"}, [&](std::size_t i) { write(items[i]); });
  }

  void object(const Dict& dict) {
    auto entries = dict.entries;
    if (style_.sorts_keys) {
      std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
        return is_less(runtime_, a.first, b.first);
      });
    }
    enclosed(entries.size(), {"{", "}"}, [&](std::size_t i) {
      string(key_text(entries[i].first));
      add(style_.behind_key);
      write(entries[i].second);
    });
  }

  static std::string key_text(const Value& key) {
    switch (key.type()) {
      case Type::text: return std::string(key.view());
      case Type::none: return "null";
      case Type::boolean: return key.boolean() ? "true" : "false";
      case Type::integer:
      case Type::large_integer: return number_text(key);
      case Type::real: return real_text(key.real());
      default: break;
    }
    raise("keys must be str, int, float, bool or None, not " + std::string(type_name(key)));
  }

  Runtime& runtime_;
  const JsonStyle& style_;
  TextBuffer out_;
  std::size_t level_ = 0;
};

std::string indent_of(Runtime& runtime, const Value& indent) {
  if (indent.is_text()) return std::string(indent.view());
  if (!indent.is_integral()) raise_type(indent, "cannot be an indent");
  const auto width = static_cast<std::size_t>(std::max<std::int64_t>(indent.integer(), 0));
  runtime.meter.check_room(width);
  return std::string(width, ' ');
}

}  // namespace

Value to_json(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "tojson",
                         {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style{.escapes_unicode = given.flag(runtime, 0), .sorts_keys = given.flag(runtime, 3)};
  if (!given.at(1).is_none() && !value.is_text()) {  // a text alone is written without a look at it
    style.indent = indent_of(runtime, given.at(1));
    style.between = ",";
  }
  if (!given.at(2).is_none()) {
    const Items both = items_of(runtime, given.at(2));
    if (both.size() != 2 || !both[0].is_text() || !both[1].is_text()) {
      raise("separators of tojson are two strings");
    }
    style.between = both[0].view();
    style.behind_key = both[1].view();
  }
  JsonTextWriter writer(runtime, style);
  writer.write(value);
  return runtime.text(writer.take());
}

}  // namespace attend::jinja
