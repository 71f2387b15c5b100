// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over the template; a format specification is a template of its own, one level deep.
#include "task/python_format.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "attend/core/error.h"
#include "attend/core/shape.h"
#include "attend/text/utf8.h"
#include "core/ascii.h"
#include "text/python_text.h"

namespace attend {
namespace {

constexpr std::size_t max_growth = std::size_t{1} << 20;  // bytes; widths come from strangers

// What Python would not take, said by parts that do not know whose format string it is.
struct Refusal {
  ErrorKind kind;
  std::string expected;
};

[[noreturn]] void refuse(std::string expected) {
  throw Refusal{ErrorKind::config_error, std::move(expected)};
}

bool is_alignment(std::string_view c) noexcept { return c == "<" || c == ">" || c == "^"; }

/// What stands at the front of a text, taken away.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  [[nodiscard]] std::string_view rest() const noexcept { return text_; }

  /// The first code point, or nothing of an empty text.
  [[nodiscard]] std::string_view peek() const noexcept { return first_of(text_); }
  [[nodiscard]] std::string_view peek_second() const noexcept {
    return first_of(text_.substr(peek().size()));
  }
  std::string_view take() noexcept { return take_bytes(peek().size()); }
  std::string_view take_bytes(std::size_t count) noexcept {
    const std::string_view taken = text_.substr(0, count);
    text_.remove_prefix(taken.size());
    return taken;
  }
  [[nodiscard]] bool take_if(std::string_view wanted) noexcept {
    if (!text_.starts_with(wanted)) return false;
    text_.remove_prefix(wanted.size());
    return true;
  }

  /// The number that the digits in front make, where there are any.
  std::optional<Index> take_number() {
    std::size_t digits = 0;
    while (digits < text_.size() && is_ascii_digit(text_[digits])) ++digits;
    if (digits == 0) return std::nullopt;
    const std::string_view number = take_bytes(digits);
    Index value = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
    if (read.ec != std::errc()) refuse("numbers that fit in 64 bits");
    return value;
  }

 private:
  [[nodiscard]] static std::string_view first_of(std::string_view text) noexcept {
    return text.empty() ? text : text.substr(0, static_cast<std::size_t>(decode_utf8(text).length));
  }

  std::string_view text_;
};

/// `[[fill]align][0][width][.precision][s]`; signs, "#" and "," are for numbers.
struct Specification {
  std::string_view fill = " ";
  char alignment = '<';
  Index width = 0;
  Index precision = std::numeric_limits<Index>::max();

  explicit Specification(std::string_view text) {
    Cursor at(text);
    const bool has_fill = is_alignment(at.peek_second());
    if (has_fill) fill = at.take();
    if (has_fill || is_alignment(at.peek())) alignment = at.take().front();
    if (!has_fill && at.take_if("0")) fill = "0";
    width = at.take_number().value_or(0);
    if (at.take_if(".")) {
      const std::optional<Index> number = at.take_number();
      if (!number) refuse("a number behind the point of a format specification");
      precision = *number;
    }
    static_cast<void>(at.take_if("s"));
    if (!at.empty()) refuse("format specifications [[fill]align][width][.precision][s]");
  }
};

/// As many code points as asked for from the front, as far as the text goes.
std::string_view first_code_points(std::string_view text, Index count) noexcept {
  Cursor at(text);
  for (; count > 0 && !at.empty(); --count) at.take();
  return text.substr(0, text.size() - at.rest().size());
}

class Formatter {
 public:
  Formatter(std::string_view argument, std::size_t max_size) noexcept
      : argument_(argument), max_size_(max_size) {}

  std::string format(std::string_view format_string, int depth) {
    if (depth == 0) refuse("format specifications without fields in their fields");
    std::string out;
    // A long argument is not moved for the full stop behind it.
    out.reserve(format_string.size() + argument_.size());
    Cursor at(format_string);
    while (!at.empty()) {
      append(out, at.take_bytes(std::min(at.rest().find_first_of("{}"), at.rest().size())));
      if (at.empty()) break;
      if (at.take_if("{{")) {
        append(out, "{");
      } else if (at.take_if("}}")) {
        append(out, "}");
      } else if (at.take_if("{")) {
        field(at, depth, out);
      } else {
        refuse("}} for a brace");
      }
    }
    return out;
  }

 private:
  void append(std::string& out, std::string_view text) const {
    if (text.size() > max_size_ || out.size() > max_size_ - text.size()) {
      throw Refusal{ErrorKind::resource_limit,
                    "a result of at most " + std::to_string(max_size_) + " bytes"};
    }
    out += text;
  }

  /// Behind "{", up to its "}".
  void field(Cursor& at, int depth, std::string& out) {
    const std::string_view value = field_value(take_name(at));
    std::string_view conversion;
    if (at.take_if("!")) {
      conversion = at.take();
      if (conversion.empty()) refuse("s, r or a behind !");
      if (!at.rest().starts_with('}') && !at.rest().starts_with(':')) {
        refuse("} or : behind a conversion");
      }
    }
    std::string specification;
    if (at.take_if(":")) {
      const std::string_view text = take_specification(at);
      check(conversion);
      specification =
          text.find('{') == std::string_view::npos ? std::string(text) : format(text, depth - 1);
    } else if (!at.take_if("}")) {
      refuse("} behind a field");
    }
    check(conversion);
    std::string converted;
    if (conversion == "r") converted = python_repr(value);
    if (conversion == "a") converted = python_ascii(value);
    const bool is_converted = conversion == "r" || conversion == "a";
    pad(is_converted ? converted : value, Specification(specification), out);
  }

  static void check(std::string_view conversion) {
    if (conversion.empty() || conversion == "s" || conversion == "r" || conversion == "a") return;
    refuse("s, r or a behind !");
  }

  /// The name of a field; brackets in it hide what they hold.
  static std::string_view take_name(Cursor& at) {
    const std::string_view text = at.rest();
    std::size_t end = 0;
    while (end < text.size() && text[end] != '}' && text[end] != ':' && text[end] != '!') {
      if (text[end] == '{') refuse("no { in the name of a field");
      if (text[end] == '[') end = std::min(text.find(']', end), text.size() - 1);
      ++end;
    }
    return at.take_bytes(end);
  }

  /// Behind ":", with the "}" that ends the field.
  static std::string_view take_specification(Cursor& at) {
    const std::string_view text = at.rest();
    Index open = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '{') ++open;
      if (text[i] == '}' && --open == 0) return at.take_bytes(i + 1).substr(0, i);
    }
    refuse("} behind a field");
  }

  /// The argument, or the character of it that `name` picks.
  std::string_view field_value(std::string_view name) {
    Cursor at(name);
    const std::size_t size = std::min(name.find_first_of(".["), name.size());
    take_argument(at.take_bytes(size));
    std::string_view value = argument_;
    while (at.take_if("[")) {
      const std::optional<Index> index = at.take_number();
      if (!index || !at.take_if("]")) refuse("a number in brackets");
      value.remove_prefix(first_code_points(value, *index).size());
      value = first_code_points(value, 1);
      if (value.empty()) refuse("an index below the length of the label");
    }
    if (!at.empty()) refuse("{}, {0} or {0[index]}, and no attribute");
    return value;
  }

  /// Python numbers the fields by itself, or the caller all of them; there is only argument 0.
  void take_argument(std::string_view number) {
    Cursor digits(number);
    const auto given = digits.take_number();
    const Numbering wanted = number.empty() ? Numbering::automatic : Numbering::manual;
    if ((!number.empty() && (given != 0 || !digits.empty())) ||
        (numbering_ && (*numbering_ != wanted || wanted == Numbering::automatic))) {
      refuse("one {} or any number of {0}, and {{ }} for braces");
    }
    numbering_ = wanted;
  }

  void pad(std::string_view text, const Specification& how, std::string& out) const {
    const std::string_view shown = first_code_points(text, how.precision);
    const Index missing = std::max<Index>(how.width - count_code_points(shown), 0);
    const Index left = how.alignment == '<' ? 0 : how.alignment == '>' ? missing : missing / 2;
    fill(how.fill, left, out);
    append(out, shown);
    fill(how.fill, missing - left, out);
  }

  void fill(std::string_view with, Index count, std::string& out) const {
    for (; count > 0; --count) append(out, with);
  }

  enum class Numbering : std::uint8_t { automatic, manual };

  std::string_view argument_;
  std::size_t max_size_;
  std::optional<Numbering> numbering_;  // of the fields so far
};

}  // namespace

std::string python_format(std::string_view format_string, std::string_view argument,
                          FormatOwner owner) {
  constexpr int depth = 2;  // a template, and the specifications in it
  try {
    return Formatter(argument, max_growth + format_string.size() + argument.size())
        .format(format_string, depth);
  } catch (Refusal& refusal) {
    fail(refusal.kind, {.where = std::string(owner.where),
                        .what = std::string(owner.what),
                        .expected = std::move(refusal.expected),
                        .found = quote(format_string)});
  }
}

}  // namespace attend
