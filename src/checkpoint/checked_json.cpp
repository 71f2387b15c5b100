// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Builds a JsonValue from nlohmann's events, so that limits act before memory is taken and no
// recursion is deeper than the limit; and the typed access to it.
#include "checkpoint/checked_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <type_traits>

#include "attend/checkpoint/mapped_file.h"
#include "core/utf8_sequence.h"

// quoted() is spelled attend::quoted here: json.hpp brings std::quoted, which strings would find.

namespace attend {
namespace {

// Receives the parser's events in order and builds the value; `open_` are the containers that have
// not ended yet.
class Builder {
 public:
  Builder(const JsonSource& source, const JsonOptions& options)
      : source_(source), options_(options) {}

  // The events, by the names that nlohmann::json::sax_parse asks for.
  bool null() { return add(JsonValue{nullptr}); }
  bool boolean(bool value) { return add(JsonValue{value}); }
  bool number_integer(std::int64_t value) { return add(JsonValue{value}); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return add(JsonValue{static_cast<double>(value)});
    }
    return add(JsonValue{static_cast<std::int64_t>(value)});
  }
  bool number_float(double value, const std::string&) { return add(JsonValue{value}); }
  bool string(std::string& value) { return add(JsonValue{std::move(value)}); }
  template <class Binary>
  bool binary(Binary&) {
    return false;  // JSON text has none
  }
  bool start_object(std::size_t) { return start(JsonValue{JsonValue::Object{}}); }
  bool start_array(std::size_t) { return start(JsonValue{JsonValue::Array{}}); }
  bool key(std::string& key) {
    std::get<JsonValue::Object>(open_.back().data).emplace_back(std::move(key), JsonValue{nullptr});
    return true;
  }
  bool end_object() {
    remove_duplicates(std::get<JsonValue::Object>(open_.back().data));
    return end();
  }
  bool end_array() { return end(); }

  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception&) {
    source_.fail_syntax(position == 0 ? 0 : position - 1);
  }

  JsonValue take() { return std::move(root_); }

 private:
  void check_limit(const char* what, std::size_t value, std::size_t limit) const {
    if (value <= limit) return;
    attend::fail(ErrorKind::resource_limit, {.where = std::string(source_.where),
                                             .what = what,
                                             .expected = "at most " + std::to_string(limit),
                                             .found = "more",
                                             .file = std::string(source_.file)});
  }

  bool start(JsonValue value) {
    check_limit("depth of nested JSON", open_.size() + 1, options_.max_depth);
    open_.push_back(std::move(value));
    return true;
  }

  bool end() {
    JsonValue value = std::move(open_.back());
    open_.pop_back();
    return add(std::move(value));
  }

  bool add(JsonValue value) {
    check_limit("number of JSON values", ++values_, options_.max_values);
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (auto* array = std::get_if<JsonValue::Array>(&open_.back().data)) {
      array->push_back(std::move(value));
    } else {
      std::get<JsonValue::Object>(open_.back().data).back().second = std::move(value);
    }
    return true;
  }

  // Sorting finds duplicates of a large object without a second copy of its keys.
  void remove_duplicates(JsonValue::Object& object) const {
    std::vector<std::size_t> order(object.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const int compared = object[a].first.compare(object[b].first);
      return compared != 0 ? compared < 0 : a < b;
    });
    std::vector<bool> drop(object.size());
    bool any = false;
    for (std::size_t first = 0, i = 1; i < order.size(); ++i) {
      if (object[order[first]].first != object[order[i]].first) {
        first = i;
        continue;
      }
      if (options_.duplicate_keys == DuplicateKeys::reject) {
        attend::fail(
            ErrorKind::invalid_format,
            {.where = std::string(source_.where),
             .what = "key " + attend::quoted(object[order[i]].first) + " stands twice in an object",
             .file = std::string(source_.file)});
      }
      object[order[first]].second = std::move(object[order[i]].second);
      drop[order[i]] = true;
      any = true;
    }
    if (!any) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < object.size(); ++i) {
      if (drop[i]) continue;
      if (kept != i) object[kept] = std::move(object[i]);
      ++kept;
    }
    object.resize(kept);
  }

  const JsonSource& source_;
  const JsonOptions& options_;
  JsonValue root_;
  std::vector<JsonValue> open_;
  std::size_t values_ = 0;
};

std::string escaped(std::string_view key) {  // JSON pointer, RFC 6901, made printable and short
  std::string out;
  const std::string printable = attend::quoted(key);
  for (const char c : std::string_view(printable).substr(1, printable.rfind('"') - 1)) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

// The path from `from` down to `value`, or nothing. Depth is bounded by the reader.
std::optional<std::string> find_path(const JsonValue& from, const JsonValue& value) {
  if (&from == &value) return "";
  if (const auto* array = std::get_if<JsonValue::Array>(&from.data)) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (auto path = find_path((*array)[i], value)) return "/" + std::to_string(i) + *path;
    }
  } else if (const auto* object = std::get_if<JsonValue::Object>(&from.data)) {
    for (const auto& [key, member] : *object) {
      if (auto path = find_path(member, value)) return "/" + escaped(key) + *path;
    }
  }
  return std::nullopt;
}

std::string print_number(double value) {
  char buffer[32];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value).ptr;
  std::string out(std::begin(buffer), end);
  if (out.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
  return out;
}

}  // namespace

JsonDocument::JsonDocument(JsonValue value, std::string file, const JsonOptions& options)
    : value_(std::move(value)),
      file_(std::move(file)),
      where_(options.where),
      field_error_(options.field_error) {}

JsonField JsonDocument::root() const noexcept { return {*this, value_}; }

std::string JsonDocument::path_to(const JsonValue& value) const {
  return find_path(value_, value).value_or("");
}

std::string JsonField::printed() const {
  return std::visit(
      [](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::nullptr_t>) {
          return "null";
        } else if constexpr (std::is_same_v<T, bool>) {
          return value ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return std::to_string(value);
        } else if constexpr (std::is_same_v<T, double>) {
          return print_number(value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return attend::quoted(value);
        } else if constexpr (std::is_same_v<T, JsonValue::Array>) {
          return "an array of " + std::to_string(value.size());
        } else {
          return "an object of " + std::to_string(value.size());
        }
      },
      value_->data);
}

void JsonField::reject(std::string expected, std::string hint) const {
  reject(document_->field_error_, std::move(expected), std::move(hint));
}

void JsonField::reject(ErrorKind kind, std::string expected, std::string hint) const {
  const std::string at = path();
  fail(kind, {.where = document_->where_,
              .what = at.empty() ? "the whole value" : at,
              .expected = std::move(expected),
              .found = printed(),
              .file = document_->file_,
              .hint = std::move(hint)});
}

bool JsonField::boolean() const {
  if (const auto* value = std::get_if<bool>(&value_->data)) return *value;
  reject("true or false");
}

std::int64_t JsonField::integer(std::int64_t min, std::int64_t max) const {
  const auto* value = std::get_if<std::int64_t>(&value_->data);
  if (value != nullptr && *value >= min && *value <= max) return *value;
  reject("an integer in [" + std::to_string(min) + ", " + std::to_string(max) + "]");
}

double JsonField::number() const {
  if (const auto* integer = std::get_if<std::int64_t>(&value_->data)) {
    return static_cast<double>(*integer);
  }
  const auto* value = std::get_if<double>(&value_->data);
  if (value != nullptr && std::isfinite(*value)) return *value;
  reject("a number");
}

const std::string& JsonField::string() const {
  if (const auto* value = std::get_if<std::string>(&value_->data)) return *value;
  reject("a string");
}

std::vector<JsonField> JsonField::elements() const {
  const auto* array = std::get_if<JsonValue::Array>(&value_->data);
  if (array == nullptr) reject("an array");
  std::vector<JsonField> out;
  out.reserve(array->size());
  for (const auto& element : *array) out.emplace_back(*document_, element);
  return out;
}

std::vector<std::pair<std::string_view, JsonField>> JsonField::members() const {
  const auto* object = std::get_if<JsonValue::Object>(&value_->data);
  if (object == nullptr) reject("an object");
  std::vector<std::pair<std::string_view, JsonField>> out;
  out.reserve(object->size());
  for (const auto& [key, value] : *object) out.emplace_back(key, JsonField(*document_, value));
  return out;
}

std::optional<JsonField> JsonField::get(std::string_view key) const {
  const auto* object = std::get_if<JsonValue::Object>(&value_->data);
  if (object == nullptr) reject("an object");
  for (const auto& [name, value] : *object) {
    if (name == key) return JsonField(*document_, value);
  }
  return std::nullopt;
}

JsonField JsonField::at(std::string_view key) const {
  if (const auto field = get(key)) return *field;
  fail(document_->field_error_, {.where = document_->where_,
                                 .what = path() + "/" + escaped(key),
                                 .expected = "a value",
                                 .found = "no such key",
                                 .file = document_->file_});
}

std::optional<JsonField> JsonField::find(std::string_view key) const {
  const auto field = get(key);
  return field && field->is_null() ? std::nullopt : field;
}

void JsonSource::check_bytes() const {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = text[at] == '\0' ? 0 : utf8_sequence_length(text.substr(at));
    if (length == 0) {
      fail(ErrorKind::invalid_format, {.where = std::string(where),
                                       .what = "byte " + std::to_string(at),
                                       .expected = "UTF-8 text",
                                       .found = attend::quoted(text.substr(at, 4)),
                                       .file = std::string(file),
                                       .hint = foreign_content_hint(text)});
    }
    at += length;
  }
}

void JsonSource::fail_syntax(std::size_t at) const {
  at = std::min(at, text.size());
  const std::string_view before = text.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = at - (before.rfind('\n') + 1) + 1;  // npos + 1 = 0
  fail(ErrorKind::invalid_format,
       {.where = std::string(where),
        .what = "line " + std::to_string(line) + ", column " + std::to_string(column),
        .expected = "JSON",
        .found = at == text.size() ? "the end" : attend::quoted(text.substr(at, 24)),
        .file = std::string(file),
        .hint = foreign_content_hint(text)});
}

JsonDocument parse_json(std::string_view text, std::string name, const JsonOptions& options) {
  if (text.size() > options.max_bytes) {
    fail(ErrorKind::resource_limit, {.where = std::string(options.where),
                                     .what = "size of a JSON file",
                                     .expected = "at most " + std::to_string(options.max_bytes),
                                     .found = std::to_string(text.size()),
                                     .file = name});
  }
  const JsonSource source{text, name, options.where};
  source.check_bytes();
  Builder builder(source, options);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return {builder.take(), std::move(name), options};
}

JsonDocument read_json(const std::filesystem::path& file, const JsonOptions& options) {
  // Read, not mapped: a configuration that somebody edits meanwhile must not kill the process.
  const MappedFile content = MappedFile::open(file, LoadMode::read, options.max_bytes);
  const auto bytes = content.bytes();
  return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string(),
                    options);
}

std::string foreign_content_hint(std::string_view content) {
  const std::size_t start = content.find_first_not_of(" \t\r\n");
  const std::string_view head = start == std::string_view::npos ? "" : content.substr(start, 64);
  if (head.starts_with("version https://git-lfs")) {
    return "this looks like a Git LFS pointer; fetch the file itself with `git lfs pull`";
  }
  if (head.starts_with('<')) return "this looks like an HTML page; download the file itself";
  if (content.starts_with("PK\x03\x04") || content.starts_with("\x80\x02")) {
    return "this looks like a PyTorch pickle; only safetensors files are read";
  }
  return {};
}

}  // namespace attend
