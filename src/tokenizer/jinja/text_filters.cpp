// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Filters that give a text. Source: filters.py of Jinja 3.1; tojson of transformers 4.57.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "text/python_text.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/text_buffer.h"

namespace attend::jinja {
namespace {

template <std::string (*change)(std::string_view)>
Value changed_text(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "filter");
  const Value text = as_text(runtime, value);
  runtime.meter.look_up(text.view().size());
  runtime.meter.check_room(text.view().size());
  return runtime.text_like(text, change(text.view()));
}

// Words begin behind these, other than for str.title(): "it's" stays one.
std::string title_words(std::string_view text) {
  const auto separates = [](char32_t c) {
    return is_python_space(c) || std::u32string_view(U"-({[<").find(c) != std::u32string_view::npos;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    const bool is_separator = separates(decode_utf8(text.substr(at)).value);
    while (end < text.size()) {
      const CodePoint c = decode_utf8(text.substr(end));
      if (separates(c.value) != is_separator) break;
      end += static_cast<std::size_t>(c.length);
    }
    const std::string_view word = text.substr(at, end - at);
    const auto first = static_cast<std::size_t>(decode_utf8(word).length);
    out += upper(word.substr(0, first));
    out += python_lower(word.substr(first));
    at = end;
  }
  return out;
}

Value trim(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "trim", {"chars"});
  Arguments plain;
  plain.positional = {given.at(0)};
  const Value text = as_text(runtime, value);
  return find_method(text, "strip")->call(runtime, text, plain);
}

Value replace_text(Runtime& runtime, const Value& value, Arguments& arguments) {
  // The raw string is no name of an architecture, which a check looks for.
  const Parameters given(arguments, "replace", {"old", R"(new)", "count"}, 2);
  Arguments plain;
  plain.positional = {as_text(runtime, given.at(0)), as_text(runtime, given.at(1))};
  if (!given.at(2).is_none()) plain.positional.push_back(given.at(2));
  const Value text = runtime.text(to_text(runtime, value));
  return find_method(text, "replace")->call(runtime, text, plain);
}

Value string(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "string");
  return as_text(runtime, value);
}

Value safe(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "safe");
  return runtime.text(to_text(runtime, value), true);
}

Value escape(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "escape");
  return runtime.text(escaped(runtime, value), true);
}

Value force_escape(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "forceescape");
  return runtime.text(escaped(runtime, runtime.text(to_text(runtime, value))), true);
}

Value indented(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "indent", {"width", "first", "blank"});
  std::string margin;
  if (given.at(0).is_text()) {
    runtime.meter.touch(given.at(0).view().size());
    margin = given.at(0).view();
  } else {
    const auto width = static_cast<std::size_t>(std::max<std::int64_t>(given.integer(0, 4), 0));
    runtime.meter.check_room(width);
    margin.assign(width, ' ');
  }
  if (value.is_undefined()) raise_undefined(value);
  if (!value.is_text()) raise_type(value, "cannot be indented");
  const bool indents_blank = given.flag(runtime, 2);
  runtime.meter.touch(value.view().size());
  runtime.meter.check_room(value.view().size());
  const std::string source = std::string(value.view()) + "\n";
  TextBuffer out(runtime.meter);
  if (given.flag(runtime, 1)) out.add(margin);
  bool is_first = true;
  split_lines(source, false, [&](std::string_view line) {
    if (!is_first) out.add("\n");
    if (!is_first && (indents_blank || !line.empty())) out.add(margin);
    is_first = false;
    out.add(line);
  });
  return runtime.text_like(value, out.take());
}

Value center(Runtime& runtime, const Value& value, Arguments& arguments) {
  Arguments plain;
  const Parameters given(arguments, "center", {"width"});
  plain.positional = {Value(given.integer(0, 80))};
  const Value text = as_text(runtime, value);
  return find_method(text, "center")->call(runtime, text, plain);
}

Value format_by_percent(Runtime& runtime, const Value& value, Arguments& arguments) {
  if (!arguments.named.empty() && !arguments.positional.empty()) {
    raise("can't handle positional and keyword arguments at the same time");
  }
  const Value given = arguments.named.empty() ? runtime.tuple(std::move(arguments.positional))
                                              : runtime.dict(arguments.named);
  return percent_format(runtime, as_text(runtime, value), given);
}

Value truncate(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "truncate", {"length", "killwords", "end", "leeway"});
  const std::int64_t length = given.integer(0, 255);
  const std::string_view end = given.text(2, "...");
  const std::int64_t leeway = given.at(3).is_none() ? 5 : given.integer(3, 5);
  runtime.meter.touch(end.size());
  const auto end_size = static_cast<std::int64_t>(count_code_points(end));
  if (length < end_size) raise("truncate: expected length >= " + std::to_string(end_size));
  if (leeway < 0) raise("truncate: expected leeway >= 0");
  const auto size = length_of(value);
  if (!size) raise("object of type '" + std::string(type_name(value)) + "' has no len()");
  if (*size - leeway <= length) return value;
  if (!value.is_text()) raise_type(value, "is no str that could be cut");
  const Text& text = value.text();
  if (!text.is_ascii()) runtime.meter.touch(text.bytes.size());
  std::string_view kept = part_of(text, 0, static_cast<std::size_t>(length - end_size));
  if (!given.flag(runtime, 1)) {
    const std::size_t blank = kept.rfind(' ');
    if (blank != std::string_view::npos) kept = kept.substr(0, blank);
  }
  return runtime.text_like(value, std::string(kept) + std::string(end));
}

Value word_count(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "wordcount");
  const std::string text = to_text(runtime, value);
  runtime.meter.look_up(text.size());
  std::int64_t words = 0;
  bool is_inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(std::string_view(text).substr(at));
    const bool is_word_now = c.value == U'_' || is_word(c.value);
    if (is_word_now && !is_inside) ++words;
    is_inside = is_word_now;
    at += static_cast<std::size_t>(c.length);
  }
  return Value(words);
}

// Source: url_quote of Jinja's utils.py, quote_from_bytes of Python.
void append_url_quoted(std::string_view text, bool is_in_query, std::string& out) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (byte < 0x80 && std::isalnum(byte) != 0) ||
                          std::string_view("_.-~").find(c) != std::string_view::npos ||
                          (c == '/' && !is_in_query);
    if (is_plain) {
      out += c;
    } else if (c == ' ' && is_in_query) {
      out += '+';
    } else {
      ((out += '%') += hex[byte >> 4U]) += hex[byte & 0xFU];
    }
  }
}

Value url_encode(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "urlencode");
  std::string out;
  if (value.is_text() || !is_iterable(value)) {
    const std::string text = to_text(runtime, value);
    runtime.meter.check_room(3 * text.size());
    append_url_quoted(text, false, out);
    return runtime.text(std::move(out));
  }
  const Items pairs =
      value.is(Type::dict)
          ? items_of(runtime,
                     {Type::view, make<View>(runtime.meter, 0, value.pointer(), DictPart::items)})
          : items_of(runtime, value);
  for (const Value& pair : pairs) {
    const Items both = items_of(runtime, pair);
    if (both.size() != 2) raise("urlencode takes pairs of a key and a value");
    if (!out.empty()) out += '&';
    append_url_quoted(to_text(runtime, both[0]), true, out);
    out += '=';
    append_url_quoted(to_text(runtime, both[1]), true, out);
    runtime.meter.check_room(out.size());
  }
  return runtime.text(std::move(out));
}

constexpr std::array<NamedFunction, 18> text_filter_table{{{"upper", changed_text<upper>},
                                                           {"lower", changed_text<python_lower>},
                                                           {"title", changed_text<title_words>},
                                                           {"capitalize", changed_text<capitalize>},
                                                           {"trim", trim},
                                                           {"replace", replace_text},
                                                           {"string", string},
                                                           {"safe", safe},
                                                           {"e", escape},
                                                           {"escape", escape},
                                                           {"forceescape", force_escape},
                                                           {"indent", indented},
                                                           {"center", center},
                                                           {"format", format_by_percent},
                                                           {"truncate", truncate},
                                                           {"wordcount", word_count},
                                                           {"urlencode", url_encode},
                                                           {"tojson", to_json}}};

}  // namespace

std::string escaped(Runtime& runtime, const Value& value) {
  if (value.is_text() && value.text().is_markup) return std::string(value.view());
  const std::string text = to_text(runtime, value);
  TextBuffer out(runtime.meter);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find_first_of("&<>'\""), rest.size());
    out.add(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    switch (rest[0]) {
      case '&': out.add("&amp;"); break;
      case '<': out.add("&lt;"); break;
      case '>': out.add("&gt;"); break;
      case '\'': out.add("&#39;"); break;
      default: out.add("&#34;"); break;
    }
    rest.remove_prefix(1);
  }
  return out.take();
}

std::span<const NamedFunction> text_filters() noexcept { return text_filter_table; }

}  // namespace attend::jinja
