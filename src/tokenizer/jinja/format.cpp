// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// "%s" % value and "{}".format(value). Source: unicode_format of CPython 3.11; string.Formatter in
// the form of Jinja's sandbox.
#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "attend/text/utf8.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/format_spec.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text_buffer.h"

namespace attend::jinja {
namespace {

// Takes digits; nothing where there are none.
std::optional<std::int64_t> take_number(std::string_view& rest) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out);
  if (rest.empty() || rest[0] < '0' || rest[0] > '9') return std::nullopt;
  if (error != std::errc()) raise_limit("a width is too large");
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return out;
}

std::string ascii(Runtime& runtime, const Value& value) {
  const std::string text = to_repr(runtime, value);
  runtime.meter.check_room(3 * text.size());
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(std::string_view(text).substr(at));
    if (c.value < 0x80) {
      out += text[at];
    } else {
      const int digits = c.value <= 0xFF ? 2 : (c.value <= 0xFFFF ? 4 : 8);
      append_hex(c.value, digits, out += digits == 2 ? "\\x" : (digits == 4 ? "\\u" : "\\U"));
    }
    at += static_cast<std::size_t>(c.length);
  }
  return out;
}

class PercentFormatter {
 public:
  PercentFormatter(Runtime& runtime, const Value& format, const Value& arguments)
      : runtime_(runtime),
        is_markup_(format.text().is_markup),
        rest_(format.view()),
        arguments_(arguments),
        out_(runtime.meter) {}

  std::string run() {
    while (!rest_.empty()) {
      const std::size_t plain = std::min(rest_.find('%'), rest_.size());
      out_.add(rest_.substr(0, plain));
      rest_.remove_prefix(plain);
      if (!rest_.empty()) field();
    }
    const bool is_mapping = arguments_.is(Type::dict) || arguments_.is(Type::list) ||
                            arguments_.is(Type::range) || arguments_.is_undefined();
    const std::size_t given = arguments_.is(Type::tuple) ? arguments_.items().size() : 1;
    if (used_ < given && !is_mapping) raise("not all arguments converted during string formatting");
    return out_.take();
  }

 private:
  const Value& next() {
    if (keyed_) return *keyed_;
    const bool is_tuple = arguments_.is(Type::tuple);
    if (used_ >= (is_tuple ? arguments_.items().size() : 1)) {
      raise("not enough arguments for format string");
    }
    ++used_;
    return is_tuple ? arguments_.items()[used_ - 1] : arguments_;
  }

  void key() {
    keyed_.reset();
    if (!rest_.starts_with('(')) return;
    std::size_t end = 1;
    for (std::size_t open = 1; end < rest_.size(); ++end) {
      if (rest_[end] == '(') ++open;
      if (rest_[end] == ')' && --open == 0) break;
    }
    if (end >= rest_.size()) raise("incomplete format key");
    if (!arguments_.is(Type::dict)) raise("format requires a mapping");
    const std::string_view name = rest_.substr(1, end - 1);
    const Value* found = arguments_.dict().find(runtime_.meter, name);
    if (found == nullptr) raise("no key " + quote(name) + " for a format");
    keyed_ = *found;
    rest_.remove_prefix(end + 1);
  }

  std::optional<std::int64_t> number_or_star() {
    if (!rest_.starts_with('*')) return take_number(rest_);
    rest_.remove_prefix(1);
    const Value& given = next();
    if (!given.is_integral()) raise("* wants int");
    return given.integer();
  }

  void field() {
    rest_.remove_prefix(1);
    key();
    FormatSpec spec;
    bool is_left = false;
    bool has_zeros = false;
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      const char flag = rest_[0];
      if (flag == '-')
        is_left = true;
      else if (flag == '0')
        has_zeros = true;
      else if (flag == '#')
        spec.is_alternate = true;
      else if (flag == '+' || (flag == ' ' && spec.sign != '+'))
        spec.sign = flag;
      else if (flag != ' ')
        break;
    }
    if (const auto width = number_or_star()) {
      if (*width == INT64_MIN) raise_limit("a width is too large");
      is_left |= *width < 0;
      spec.width = std::max(*width, -*width);
    }
    if (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      spec.precision = std::max<std::int64_t>(number_or_star().value_or(0), 0);
    }
    if (!rest_.empty() && (rest_[0] == 'h' || rest_[0] == 'l' || rest_[0] == 'L')) {
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) raise("incomplete format");
    const char type = rest_[0];
    rest_.remove_prefix(1);
    spec.align = is_left ? '<' : '>';
    if (type == '%') return out_.add("%");
    if (has_zeros && !is_left && std::string_view("srac").find(type) == std::string_view::npos) {
      spec.fill = "0";
      spec.align = '=';
    }
    convert(type, spec);
  }

  void convert(char type, FormatSpec spec) {
    switch (type) {
      case 's': return text(to_text(runtime_, next()), spec);
      case 'r': return text(to_repr(runtime_, next()), spec);
      case 'a': return text(ascii(runtime_, next()), spec);
      case 'c': return character(next(), spec);
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o':
        spec.type = type == 'i' || type == 'u' ? 'd' : type;
        return out_.add(format_integer(runtime_, whole(next(), spec.type), spec));
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G': {
        spec.type = type;
        const Value& value = next();
        if (value.is_text()) raise("must be real number, not str");
        const auto real = to_real(runtime_, value);
        if (!real) raise("must be real number, not " + std::string(type_name(value)));
        return out_.add(format_real(runtime_, *real, spec));
      }
      default: break;
    }
    raise("unsupported format character " + quote(std::string_view(&type, 1)));
  }

  Value whole(const Value& value, char type) {
    const bool takes_real = type == 'd';
    if (value.is_undefined()) raise_undefined(value);
    if (!value.is_integral() && !(takes_real && value.is(Type::real))) {
      if (value.is(Type::large_integer)) raise_limit("an integer is beyond 64 bits");
      raise("%" + std::string(1, type) +
            " format: " + (takes_real ? "a real number" : "an integer") + " is required, not " +
            std::string(type_name(value)));
    }
    const auto out = to_integer(runtime_, value);
    if (!out) raise("cannot convert float NaN to integer");
    return *out;
  }

  void text(std::string value, const FormatSpec& spec) {
    // Markup escapes what goes into it.
    if (is_markup_) value = escaped(runtime_, runtime_.text(std::move(value)));
    out_.add(format_text(runtime_, value, spec));
  }

  void character(const Value& value, FormatSpec spec) {
    spec.precision.reset();
    if (value.is_text() && value.text().characters == 1) {
      return text(std::string(value.view()), spec);
    }
    if (!value.is_integral()) raise("%c requires int or char");
    const std::int64_t code = value.integer();
    if (code < 0 || code > 0x10FFFF) raise("%c arg not in range(0x110000)");
    std::string one;
    append_utf8(static_cast<char32_t>(code), one);
    text(std::move(one), spec);
  }

  Runtime& runtime_;
  bool is_markup_;
  std::string_view rest_;
  const Value& arguments_;
  std::optional<Value> keyed_;
  std::size_t used_ = 0;
  TextBuffer out_;
};

class BraceFormatter {
 public:
  BraceFormatter(Runtime& runtime, const Arguments& arguments)
      : runtime_(runtime), arguments_(arguments) {
    for (const auto& [key, value] : arguments.named) named_.emplace(key, &value);
  }

  std::string run(std::string_view format, int level) {
    if (level > 1) raise("Max string recursion exceeded");
    TextBuffer out(runtime_.meter);
    while (!format.empty()) {
      const std::size_t plain = std::min(format.find_first_of("{}"), format.size());
      out.add(format.substr(0, plain));
      format.remove_prefix(plain);
      if (format.empty()) break;
      if (format.starts_with("{{") || format.starts_with("}}")) {
        out.add(format.substr(0, 1));
        format.remove_prefix(2);
        continue;
      }
      if (format[0] == '}') raise("Single '}' encountered in format string");
      const std::size_t end = end_of_field(format);
      out.add(field(format.substr(1, end - 1), level));
      format.remove_prefix(end + 1);
    }
    return out.take();
  }

 private:
  static std::size_t end_of_field(std::string_view format) {
    std::size_t open = 0;
    for (std::size_t at = 0; at < format.size(); ++at) {
      if (format[at] == '{') ++open;
      if (format[at] == '}' && --open == 0) return at;
    }
    raise("expected '}' before end of string");
  }

  std::string field(std::string_view inside, int level) {
    std::string_view name = inside.substr(0, std::min(inside.find_first_of("!:"), inside.size()));
    std::string_view rest = inside.substr(name.size());
    Value value = find(name);
    if (rest.starts_with('!')) {
      const char conversion = rest.size() > 1 ? rest[1] : ' ';
      rest.remove_prefix(std::min<std::size_t>(2, rest.size()));
      if (conversion == 's')
        value = runtime_.text(to_text(runtime_, value));
      else if (conversion == 'r')
        value = runtime_.text(to_repr(runtime_, value));
      else if (conversion == 'a')
        value = runtime_.text(ascii(runtime_, value));
      else
        raise("Unknown conversion specifier " + quote(std::string_view(&conversion, 1)));
    }
    if (rest.starts_with(':'))
      rest.remove_prefix(1);
    else if (!rest.empty())
      raise("expected ':' after conversion specifier");
    return formatted(value, run(rest, level + 1));
  }

  Value find(std::string_view name) {
    const std::size_t end = std::min(name.find_first_of(".["), name.size());
    Value value = root(name.substr(0, end));
    std::string_view rest = name.substr(end);
    while (!rest.empty()) {
      if (rest[0] == '.') {
        const std::size_t stop = std::min(rest.find_first_of(".[", 1), rest.size());
        value = attribute(runtime_, value, rest.substr(1, stop - 1));
        rest.remove_prefix(stop);
      } else {
        const std::size_t stop = rest.find(']');
        if (rest[0] != '[' || stop == std::string_view::npos) raise("Missing ']' in format string");
        std::string_view key = rest.substr(1, stop - 1);
        rest.remove_prefix(stop + 1);
        std::string_view digits = key;
        const auto index = take_number(digits);
        value =
            element(runtime_, value, index && digits.empty() ? Value(*index) : runtime_.text(key));
      }
    }
    return value;
  }

  Value root(std::string_view name) {
    std::string_view digits = name;
    auto index = name.empty() ? std::optional(next_) : take_number(digits);
    if (name.empty()) {
      if (next_ < 0)
        raise("cannot switch from manual field specification to automatic field numbering");
      ++next_;
    } else if (index && digits.empty()) {
      if (next_ > 0)
        raise("cannot switch from automatic field numbering to manual field specification");
      next_ = -1;
    } else {
      const auto found = named_.find(name);
      if (found == named_.end()) raise("no argument " + quote(name) + " for a format");
      return *found->second;
    }
    const auto& all = arguments_.positional;
    if (*index >= static_cast<std::int64_t>(all.size())) {
      raise("Replacement index " + std::to_string(*index) +
            " out of range for positional args tuple");
    }
    return all[static_cast<std::size_t>(*index)];
  }

  std::string formatted(const Value& value, std::string_view text) {
    if (text.empty()) return to_text(runtime_, value);
    const FormatSpec spec = parse(text, value.is_number());
    if (value.is(Type::real)) return format_real(runtime_, value.real(), spec);
    if (value.is_integral()) {
      if (std::string_view("eEfFgG%").find(spec.type) != std::string_view::npos && spec.type != 0) {
        return format_real(runtime_, value.as_real(), spec);
      }
      if (spec.precision) raise("Precision not allowed in integer format specifier");
      return format_integer(runtime_, value, spec);
    }
    if (!value.is_text()) {
      raise("unsupported format string passed to " + std::string(type_name(value)) + ".__format__");
    }
    if (spec.type != 0 && spec.type != 's') raise("Unknown format code for object of type 'str'");
    if (spec.align == '=') raise("'=' alignment not allowed in string format specifier");
    return format_text(runtime_, value.view(), spec);
  }

  static FormatSpec parse(std::string_view text, bool is_number) {
    FormatSpec spec;
    const auto aligns = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
    const auto first = static_cast<std::size_t>(decode_utf8(text).length);
    if (text.size() > first && aligns(text[first])) {
      spec.fill = text.substr(0, first);
      spec.align = text[first];
      text.remove_prefix(first + 1);
    } else if (aligns(text[0])) {
      spec.align = text[0];
      text.remove_prefix(1);
    }
    const auto take = [&](std::string_view any) {
      if (text.empty() || any.find(text[0]) == std::string_view::npos) return char{0};
      const char out = text[0];
      text.remove_prefix(1);
      return out;
    };
    if (const char sign = take("+- ")) spec.sign = sign;
    spec.is_alternate = take("#") != 0;
    if (take("0") != 0 && spec.align == 0) {
      spec.fill = "0";
      spec.align = is_number ? '=' : '<';
    }
    spec.width = take_number(text).value_or(0);
    spec.grouping = take(",_");
    if (take(".") != 0) {
      spec.precision = take_number(text);
      if (!spec.precision) raise("Format specifier missing precision");
    }
    spec.type = take(is_number ? "bdoxXneEfFgG%" : "s");
    if (!text.empty()) raise("Invalid format specifier");
    if (spec.type == 'n') spec.type = 'd';
    return spec;
  }

  Runtime& runtime_;
  const Arguments& arguments_;
  std::map<std::string_view, const Value*> named_;
  std::int64_t next_ = 0;  // -1: fields have numbers
};

}  // namespace

Value percent_format(Runtime& runtime, const Value& format, const Value& arguments) {
  runtime.meter.touch(format.view().size());
  return runtime.text_like(format, PercentFormatter(runtime, format, arguments).run());
}

Value brace_format(Runtime& runtime, const Value& format, const Arguments& arguments) {
  runtime.meter.touch(format.view().size());
  return runtime.text_like(format, BraceFormatter(runtime, arguments).run(format.view(), 0));
}

}  // namespace attend::jinja
