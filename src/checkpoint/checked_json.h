// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one reader of JSON files: bounded size, depth and count, UTF-8 only, nothing after the
// value; and a typed look at the result whose errors name the path, what was expected and found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "attend/core/error.h"
#include "core/limits.h"

namespace attend {

/// What a key that an object has twice means. Python keeps the last value, at the first one's
/// place.
enum class DuplicateKeys : std::uint8_t { keep_last, reject };

struct JsonOptions {
  std::string_view where;                             ///< the public operation, for messages
  ErrorKind field_error = ErrorKind::config_error;    ///< what a JsonField throws
  std::size_t max_bytes = limits::tokenizer_bytes;    // no other JSON is as large
  std::size_t max_values = limits::tokenizer_values;  // bounds memory
  std::size_t max_depth = limits::json_depth;
  DuplicateKeys duplicate_keys = DuplicateKeys::keep_last;
};

/// A JSON value as it was written: integers are apart from numbers, members in file order.
struct JsonValue {
  using Array = std::vector<JsonValue>;
  using Object = std::vector<std::pair<std::string, JsonValue>>;
  // Integers beyond 64 bits are doubles, so that every range check refuses them.
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data;
};

class JsonField;

/// A file's JSON. Fields point into it: keep it where it is while they are used.
class JsonDocument {
 public:
  JsonDocument(JsonValue value, std::string file, const JsonOptions& options);

  [[nodiscard]] JsonField root() const noexcept;
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  /// "" for the root, "/model/vocab" ...; walks the document, so only for messages.
  [[nodiscard]] std::string path_to(const JsonValue& value) const;

 private:
  friend class JsonField;
  JsonValue value_;
  std::string file_;
  std::string where_;
  ErrorKind field_error_;
};

/// One value of a document. Every accessor checks the type as it is written in the file (nothing
/// is converted: 1.5, true, -1 and "1" are no sizes) and throws field_error with the path.
class JsonField {
 public:
  JsonField(const JsonDocument& document, const JsonValue& value) noexcept
      : document_(&document), value_(&value) {}

  template <class T>
  [[nodiscard]] bool is() const noexcept {
    return std::holds_alternative<T>(value_->data);
  }
  [[nodiscard]] bool is_null() const noexcept { return is<std::nullptr_t>(); }
  [[nodiscard]] bool is_bool() const noexcept { return is<bool>(); }
  [[nodiscard]] bool is_integer() const noexcept { return is<std::int64_t>(); }
  [[nodiscard]] bool is_string() const noexcept { return is<std::string>(); }
  [[nodiscard]] bool is_array() const noexcept { return is<JsonValue::Array>(); }
  [[nodiscard]] bool is_object() const noexcept { return is<JsonValue::Object>(); }

  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer(std::int64_t min, std::int64_t max) const;
  /// An integer or a number.
  [[nodiscard]] double number() const;
  [[nodiscard]] const std::string& string() const;
  [[nodiscard]] std::vector<JsonField> elements() const;
  /// In file order, no key twice.
  [[nodiscard]] std::vector<std::pair<std::string_view, JsonField>> members() const;

  /// A member of an object. When the key is missing, at() throws and get() gives nothing; find()
  /// gives nothing for null, too.
  [[nodiscard]] JsonField at(std::string_view key) const;
  [[nodiscard]] std::optional<JsonField> get(std::string_view key) const;
  [[nodiscard]] std::optional<JsonField> find(std::string_view key) const;

  [[nodiscard]] std::string path() const { return document_->path_to(*value_); }
  /// The value as messages print it, short and safe.
  [[nodiscard]] std::string printed() const;

  /// Throws that this value is not what was expected.
  [[noreturn]] void reject(std::string expected, std::string hint = {}) const;
  [[noreturn]] void reject(ErrorKind kind, std::string expected, std::string hint = {}) const;

 private:
  const JsonDocument* document_;
  const JsonValue* value_;
};

/// Throws: file_not_found, access_denied; invalid_format (not JSON, with the line, or a Git LFS
/// pointer or HTML page in its place); resource_limit (a limit of the options).
[[nodiscard]] JsonDocument read_json(const std::filesystem::path& file, const JsonOptions& options);
/// The same over text in memory; `name` is for messages.
[[nodiscard]] JsonDocument parse_json(std::string_view text, std::string name,
                                      const JsonOptions& options);

/// The checks that come before parsing, and the message of a syntax error at byte `at`; for readers
/// that take the parser's events themselves. `text` is the whole JSON text.
struct JsonSource {
  std::string_view text;
  std::string_view file;
  std::string_view where;

  /// Throws: invalid_format, when the text is not UTF-8 or has a NUL byte, which the parser would
  /// take for the end, whatever follows.
  void check_bytes() const;
  [[noreturn]] void fail_syntax(std::size_t at) const;
};

/// What a file of another format seems to be, as a hint for the reader: a Git LFS pointer, an HTML
/// page, a pickle, or nothing (empty).
[[nodiscard]] std::string foreign_content_hint(std::string_view content);

}  // namespace attend
