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
#include <vector>

#include "attend/core/error.h"
#include "core/limits.h"

namespace attend {

/// What a key that an object has twice means. Python keeps the last value, at the first one's
/// place.
enum class DuplicateKeys : std::uint8_t { keep_last, reject };

/// How decimal fractions become doubles.
enum class JsonNumbers : std::uint8_t { nearest, of_serde };  // serde_number.h

struct JsonOptions {
  std::string_view where;                             ///< the public operation, for messages
  ErrorKind field_error = ErrorKind::config_error;    ///< what a JsonField throws
  std::size_t max_bytes = limits::tokenizer_bytes;    // no other JSON is as large
  std::size_t max_values = limits::tokenizer_values;  // bounds memory
  std::size_t max_depth = limits::json_depth;
  DuplicateKeys duplicate_keys = DuplicateKeys::keep_last;
  JsonNumbers numbers = JsonNumbers::nearest;
  std::size_t first_line = 1;  ///< where the text stands in a file of many
};

/// A JSON value as it was written: integers are apart from numbers. The nodes of a document stand
/// in the order of the file, so a container's content follows it; a member is its key, a string,
/// and then its value.
struct JsonNode {
  enum class Type : std::uint8_t { null, boolean, integer, number, string, array, object };

  Type type = Type::null;
  /// Bytes of a string, elements or members of a container; of a number that is an integer beyond
  /// 64 bits 1 + where it stands in JsonTape::strings, as it was written and with a NUL behind it.
  std::uint32_t size = 0;
  /// The value; of a string where it begins in JsonTape::strings, of a container the index of the
  /// node behind its content.
  std::uint64_t bits = 0;
};

/// A whole JSON text in two blocks of memory: a vocabulary of 128,000 tokens takes milliseconds.
struct JsonTape {
  std::vector<JsonNode> nodes;
  std::string strings;
};

/// A string of a document, valid while the document lives; becomes a std::string where one is
/// wanted.
struct JsonString : std::string_view {
  using std::string_view::string_view;
  JsonString(std::string_view text) noexcept : std::string_view(text) {}
  operator std::string() const { return std::string(data(), size()); }  // NOLINT: implicit
};

class JsonField;

/// A file's JSON. Fields point into it: keep it where it is while they are used.
class JsonDocument {
 public:
  JsonDocument(JsonTape tape, std::string file, const JsonOptions& options);

  [[nodiscard]] JsonField root() const noexcept;
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  friend class JsonField;
  JsonTape tape_;
  std::string file_;
  std::string where_;
  ErrorKind field_error_;
};

/// One value of a document. Every accessor checks the type as it is written in the file (nothing
/// is converted: 1.5, true, -1 and "1" are no sizes) and throws field_error with the path.
class JsonField {
 public:
  JsonField(const JsonDocument& document, const JsonNode& node) noexcept
      : document_(&document), node_(&node) {}

  [[nodiscard]] bool is_null() const noexcept { return node_->type == JsonNode::Type::null; }
  [[nodiscard]] bool is_bool() const noexcept { return node_->type == JsonNode::Type::boolean; }
  [[nodiscard]] bool is_integer() const noexcept { return node_->type == JsonNode::Type::integer; }
  /// An integer, too.
  [[nodiscard]] bool is_number() const noexcept {
    return is_integer() || node_->type == JsonNode::Type::number;
  }
  [[nodiscard]] bool is_string() const noexcept { return node_->type == JsonNode::Type::string; }
  [[nodiscard]] bool is_array() const noexcept { return node_->type == JsonNode::Type::array; }
  [[nodiscard]] bool is_object() const noexcept { return node_->type == JsonNode::Type::object; }

  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer(std::int64_t min, std::int64_t max) const;
  /// An integer or a number.
  [[nodiscard]] double number() const;
  /// A number that is an integer beyond 64 bits, as it is written; empty for anything else.
  [[nodiscard]] std::string_view large_integer() const noexcept;
  [[nodiscard]] JsonString string() const;
  [[nodiscard]] std::vector<JsonField> elements() const;
  /// In file order, no key twice.
  [[nodiscard]] std::vector<std::pair<std::string_view, JsonField>> members() const;
  /// Number of elements, or of members with those whose key stands twice.
  [[nodiscard]] std::size_t size() const;
  /// The same without memory, for very large ones: visit(element), or visit(key, value) for every
  /// member of the file; of a key that stands twice the last counts.
  template <class Visit>
  void visit_elements(Visit visit) const;
  template <class Visit>
  void visit_members(Visit visit) const;

  /// A member of an object. When the key is missing, at() throws and get() gives nothing; find()
  /// gives nothing for null, too.
  [[nodiscard]] JsonField at(std::string_view key) const;
  [[nodiscard]] std::optional<JsonField> get(std::string_view key) const;
  [[nodiscard]] std::optional<JsonField> find(std::string_view key) const;

  /// "" for the root, "/model/vocab" ...; walks the document, so only for messages.
  [[nodiscard]] std::string path() const;
  /// The value as messages print it, short and safe.
  [[nodiscard]] std::string printed() const;

  /// Throws that this value is not what was expected.
  [[noreturn]] void reject(std::string expected, std::string hint = {}) const;
  [[noreturn]] void reject(ErrorKind kind, std::string expected, std::string hint = {}) const;

 private:
  using Nodes = std::pair<const JsonNode*, const JsonNode*>;
  /// First and last + 1 of a container's content. Throws when this is none of that type.
  [[nodiscard]] Nodes content(JsonNode::Type type) const;
  [[nodiscard]] const JsonNode* next(const JsonNode* node) const noexcept;
  [[nodiscard]] std::string_view text_of(const JsonNode& node) const noexcept;

  const JsonDocument* document_;
  const JsonNode* node_;
};

template <class Visit>
void JsonField::visit_elements(Visit visit) const {
  const auto [first, end] = content(JsonNode::Type::array);
  for (const JsonNode* node = first; node != end; node = next(node)) {
    visit(JsonField(*document_, *node));
  }
}

template <class Visit>
void JsonField::visit_members(Visit visit) const {
  const auto [first, end] = content(JsonNode::Type::object);
  for (const JsonNode* key = first; key != end; key = next(key + 1)) {
    visit(text_of(*key), JsonField(*document_, key[1]));
  }
}

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
  std::size_t first_line = 1;  ///< the number of the text's first line

  /// Throws: invalid_format, when the text is not UTF-8 or has a NUL byte, which the parser would
  /// take for the end, whatever follows.
  void check_bytes() const;
  [[noreturn]] void fail_syntax(std::size_t at) const;
};

/// What a file of another format seems to be, as a hint for the reader: a Git LFS pointer, an HTML
/// page, a pickle, a gzip file, or nothing (empty).
[[nodiscard]] std::string foreign_content_hint(std::string_view content);

}  // namespace attend
