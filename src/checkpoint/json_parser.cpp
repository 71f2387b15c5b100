// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass without recursion; limits act before memory is taken.
#include "checkpoint/json_parser.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <system_error>

#include "attend/core/error.h"
#include "checkpoint/serde_number.h"
#include "core/ascii.h"

namespace attend {
namespace {

using Type = JsonNode::Type;

// Bytes that stand for themselves in a string.
constexpr auto plain_bytes = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < plain.size(); ++byte) plain[byte] = true;
  plain['"'] = plain['\\'] = false;
  return plain;
}();

// Bytes that begin no string and no container, and separate no values.
constexpr auto but_structure = [] {
  std::array<bool, 256> others{};
  others.fill(true);
  for (const char byte : {'"', ',', '[', '{'}) others[static_cast<unsigned char>(byte)] = false;
  return others;
}();

constexpr auto blank_bytes = [] {
  std::array<bool, 256> blank{};
  for (const char byte : {' ', '\t', '\n', '\r'}) blank[static_cast<unsigned char>(byte)] = true;
  return blank;
}();

void append_code_point(std::uint32_t value, std::string& out) {
  const auto append = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (value < 0x80) {
    append(value);
  } else if (value < 0x800) {
    append(0xC0U | value >> 6U);
    append(0x80U | (value & 0x3FU));
  } else if (value < 0x10000) {
    append(0xE0U | value >> 12U);
    append(0x80U | (value >> 6U & 0x3FU));
    append(0x80U | (value & 0x3FU));
  } else {
    append(0xF0U | value >> 18U);
    append(0x80U | (value >> 12U & 0x3FU));
    append(0x80U | (value >> 6U & 0x3FU));
    append(0x80U | (value & 0x3FU));
  }
}

class Parser {
 public:
  Parser(const JsonSource& source, const JsonOptions& options)
      : source_(source), options_(options), text_(source.text) {}

  JsonTape parse() {
    check_values();
    skip_blanks();
    read_value();
    while (!open_.empty()) read_next();
    skip_blanks();
    if (at_ != text_.size()) fail_here();
    return std::move(tape_);
  }

 private:
  [[noreturn]] void fail_here() const { source_.fail_syntax(at_); }

  void check_limit(const char* what, std::size_t value, std::size_t limit) const {
    if (value <= limit) return;
    fail(ErrorKind::resource_limit, {.where = std::string(source_.where),
                                     .what = what,
                                     .expected = "at most " + std::to_string(limit),
                                     .found = "more",
                                     .file = std::string(source_.file)});
  }

  // '\0' at the end: the text has no such byte.
  [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

  // Counts the values of a text that is large enough for too many of them, before they take memory:
  // nothing of this is more than a guess where the text is no JSON.
  void check_values() {
    if (text_.size() / 2 <= options_.max_values) return;
    std::size_t values = 1;
    for (at_ = skip(but_structure); at_ < text_.size(); at_ = skip(but_structure)) {
      switch (text_[at_++]) {
        case '"': skip_string(); break;
        case ',': ++values; break;
        default:  // a container, which may be empty
          skip_blanks();
          values += std::size_t{peek() != ']' && peek() != '}'};
      }
      check_limit("number of JSON values", values, options_.max_values);
    }
    at_ = 0;
  }
  void skip_string() noexcept {
    for (at_ = skip(plain_bytes); peek() == '\\'; at_ = skip(plain_bytes)) {
      at_ = std::min(at_ + 2, text_.size());
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  void skip_blanks() noexcept { at_ = skip(blank_bytes); }

  // Behind the next bytes that are in a set. In a local, because what strings take in might be at_.
  [[nodiscard]] std::size_t skip(const std::array<bool, 256>& set) const noexcept {
    const char* at = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    while (at != end && set[static_cast<unsigned char>(*at)]) ++at;
    return static_cast<std::size_t>(at - text_.data());
  }

  void expect(std::string_view literal) {
    for (const char c : literal) {
      if (peek() != c) fail_here();
      ++at_;
    }
  }

  void read_value() {
    check_limit("number of JSON values", ++values_, options_.max_values);
    switch (peek()) {
      case '{': return open(Type::object);
      case '[': return open(Type::array);
      case '"': return read_string();
      case 't': expect("true"); return add(Type::boolean, 1);
      case 'f': expect("false"); return add(Type::boolean, 0);
      case 'n': expect("null"); return add(Type::null, 0);
      default: return read_number();
    }
  }

  void add(Type type, std::uint64_t bits) { tape_.nodes.push_back({type, 0, bits}); }

  void open(Type type) {
    ++at_;
    check_limit("depth of nested JSON", open_.size() + 1, options_.max_depth);
    open_.push_back(tape_.nodes.size());
    add(type, 0);
  }

  // The next element or member of the innermost container, or its end.
  void read_next() {
    JsonNode& container = tape_.nodes[open_.back()];
    const bool is_object = container.type == Type::object;
    skip_blanks();
    if (peek() == (is_object ? '}' : ']')) return close();
    if (container.size++ > 0) {
      expect(",");
      skip_blanks();
    }
    if (is_object) {
      if (peek() != '"') fail_here();
      read_string();
      skip_blanks();
      expect(":");
      skip_blanks();
    }
    read_value();
  }

  void close() {
    ++at_;
    tape_.nodes[open_.back()].bits = tape_.nodes.size();
    if (options_.duplicate_keys == DuplicateKeys::reject) refuse_duplicates();
    open_.pop_back();
  }

  void refuse_duplicates() const {
    const JsonNode& object = tape_.nodes[open_.back()];
    if (object.type != Type::object) return;
    std::vector<std::string_view> keys;
    for (std::size_t i = open_.back() + 1; i < object.bits;) {
      keys.push_back(
          std::string_view(tape_.strings).substr(tape_.nodes[i].bits, tape_.nodes[i].size));
      const JsonNode& value = tape_.nodes[i + 1];
      i = value.type == Type::array || value.type == Type::object ? value.bits : i + 2;
    }
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice == keys.end()) return;
    fail(ErrorKind::invalid_format, {.where = std::string(source_.where),
                                     .what = "key " + quote(*twice) + " stands twice in an object",
                                     .file = std::string(source_.file)});
  }

  void read_string() {
    const std::size_t begin = tape_.strings.size();
    for (++at_;;) {
      const std::size_t run = at_;
      at_ = skip(plain_bytes);
      tape_.strings.append(text_.data() + run, at_ - run);
      if (peek() == '"') break;
      if (peek() != '\\') fail_here();  // the end, or a control character
      read_escape();
    }
    ++at_;
    const auto size = static_cast<std::uint32_t>(tape_.strings.size() - begin);
    tape_.nodes.push_back({Type::string, size, begin});
  }

  void read_escape() {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    const std::size_t begin = at_++;
    if (peek() != 'u') {
      const std::size_t escape = names.find(peek());
      if (escape == std::string_view::npos) fail_here();
      tape_.strings += values[escape];
      ++at_;
      return;
    }
    std::uint32_t value = read_code_unit();
    if (value >= 0xD800 && value < 0xDC00) {
      const bool has_second = text_.substr(at_).starts_with("\\u");
      if (has_second) ++at_;
      const std::uint32_t second = has_second ? read_code_unit() : 0;
      if (second < 0xDC00 || second > 0xDFFF) source_.fail_syntax(begin);
      value = 0x10000 + ((value - 0xD800) << 10U) + (second - 0xDC00);
    } else if (value >= 0xDC00 && value < 0xE000) {
      source_.fail_syntax(begin);
    }
    append_code_point(value, tape_.strings);
  }

  // u and four hexadecimal digits.
  std::uint32_t read_code_unit() {
    ++at_;
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      if (is_ascii_digit(c)) {
        value = value * 16 + static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        value = value * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        fail_here();
      }
    }
    return value;
  }

  void skip_digits() {
    if (!is_ascii_digit(peek())) fail_here();
    while (is_ascii_digit(peek())) ++at_;
  }

  void read_number() {
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else {
      skip_digits();
    }
    bool is_integer = true;
    if (peek() == '.') {
      is_integer = false;
      ++at_;
      skip_digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      is_integer = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      skip_digits();
    }
    const char* first = text_.data() + begin;
    const char* last = text_.data() + at_;
    std::int64_t integer = 0;
    if (is_integer && std::from_chars(first, last, integer).ec == std::errc()) {
      return add(Type::integer, static_cast<std::uint64_t>(integer));
    }
    // Integers beyond 64 bits are doubles, so that every range check refuses them.
    const std::optional<double> number = read_double({first, last});
    if (!number) source_.fail_syntax(begin);
    const auto text = is_integer ? keep_text({first, last}) : 0U;
    tape_.nodes.push_back({Type::number, text, std::bit_cast<std::uint64_t>(*number)});
  }

  // For JsonNode::size of a number.
  std::uint32_t keep_text(std::string_view text) {
    const std::size_t begin = tape_.strings.size();
    tape_.strings.append(text).push_back('\0');
    return static_cast<std::uint32_t>(begin + 1);
  }

  [[nodiscard]] std::optional<double> read_double(std::string_view text) const {
    if (options_.numbers == JsonNumbers::of_serde) return serde_number(text);
    double number = 0;
    const auto code = std::from_chars(text.data(), text.data() + text.size(), number).ec;
    return code == std::errc() ? std::optional(number) : std::nullopt;
  }

  const JsonSource& source_;
  const JsonOptions& options_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::vector<std::size_t> open_;  // nodes of the containers that have not ended
  JsonTape tape_;
};

}  // namespace

JsonTape parse_tape(const JsonSource& source, const JsonOptions& options) {
  return Parser(source, options).parse();
}

}  // namespace attend
