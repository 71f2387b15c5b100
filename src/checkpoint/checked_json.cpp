// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The typed access to a document's nodes, the checks that come before parsing, and messages.
#include "checkpoint/checked_json.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <numeric>

#include "attend/checkpoint/mapped_file.h"
#include "checkpoint/json_parser.h"
#include "core/utf8_sequence.h"

namespace attend {
namespace {

std::string escaped(std::string_view key) {  // JSON pointer, RFC 6901, made printable and short
  std::string out;
  const std::string printable = quote(key);
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

std::string print_number(double value) {
  char buffer[32];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value).ptr;
  std::string out(std::begin(buffer), end);
  if (out.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
  return out;
}

std::string shortened(std::string_view digits) {
  constexpr std::size_t most = 40;
  return digits.size() <= most ? std::string(digits) : std::string(digits.substr(0, most)) + "...";
}

// With the values of a small one: of a setting that is an object they tell what is wrong.
std::string printed_object(const std::vector<std::pair<std::string_view, JsonField>>& members) {
  constexpr std::size_t few = 4;
  if (members.empty() || members.size() > few) {
    return "an object of " + std::to_string(members.size());
  }
  std::string out;
  for (const auto& [key, value] : members) {
    const bool is_container = value.is_array() || value.is_object();
    out += (out.empty() ? "{" : ", ") + quote(key) + ": ";
    out += is_container ? "..." : value.printed();
  }
  return out + "}";
}

}  // namespace

JsonDocument::JsonDocument(JsonTape tape, std::string file, const JsonOptions& options)
    : tape_(std::move(tape)),
      file_(std::move(file)),
      where_(options.where),
      field_error_(options.field_error) {}

JsonField JsonDocument::root() const noexcept { return {*this, tape_.nodes.front()}; }

const JsonNode* JsonField::next(const JsonNode* node) const noexcept {
  const bool is_container =
      node->type == JsonNode::Type::array || node->type == JsonNode::Type::object;
  return is_container ? document_->tape_.nodes.data() + node->bits : node + 1;
}

std::string_view JsonField::text_of(const JsonNode& node) const noexcept {
  return std::string_view(document_->tape_.strings).substr(node.bits, node.size);
}

JsonField::Nodes JsonField::content(JsonNode::Type type) const {
  if (node_->type != type) reject(type == JsonNode::Type::array ? "an array" : "an object");
  return {node_ + 1, next(node_)};
}

std::string JsonField::path() const {
  std::string out;
  const JsonNode* at = document_->tape_.nodes.data();
  while (at != node_) {
    // Goes down into the child whose nodes have ours among them.
    const bool is_object = at->type == JsonNode::Type::object;
    const JsonNode* child = at + 1;
    for (std::size_t i = 0;; ++i) {
      const JsonNode* value = is_object ? child + 1 : child;
      if (node_ < next(value)) {
        out += '/' + (is_object ? escaped(text_of(*child)) : std::to_string(i));
        at = value;
        break;
      }
      child = next(value);
    }
  }
  return out;
}

std::string JsonField::printed() const {
  switch (node_->type) {
    case JsonNode::Type::null: return "null";
    case JsonNode::Type::boolean: return node_->bits != 0 ? "true" : "false";
    case JsonNode::Type::integer: return std::to_string(static_cast<std::int64_t>(node_->bits));
    case JsonNode::Type::number:
      return large_integer().empty() ? print_number(std::bit_cast<double>(node_->bits))
                                     : shortened(large_integer());
    case JsonNode::Type::string: return quote(text_of(*node_));
    case JsonNode::Type::array: return "an array of " + std::to_string(node_->size);
    case JsonNode::Type::object: return printed_object(members());
  }
  return {};
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
  if (!is_bool()) reject("true or false");
  return node_->bits != 0;
}

std::int64_t JsonField::integer(std::int64_t min, std::int64_t max) const {
  const auto value = static_cast<std::int64_t>(node_->bits);
  if (is_integer() && value >= min && value <= max) return value;
  reject("an integer in [" + std::to_string(min) + ", " + std::to_string(max) + "]");
}

double JsonField::number() const {
  if (is_integer()) return static_cast<double>(static_cast<std::int64_t>(node_->bits));
  if (node_->type != JsonNode::Type::number) reject("a number");
  return std::bit_cast<double>(node_->bits);
}

std::string_view JsonField::large_integer() const noexcept {
  if (node_->type != JsonNode::Type::number || node_->size == 0) return {};
  return document_->tape_.strings.c_str() + node_->size - 1;
}

JsonString JsonField::string() const {
  if (!is_string()) reject("a string");
  return JsonString(text_of(*node_));
}

std::vector<JsonField> JsonField::elements() const {
  std::vector<JsonField> out;
  out.reserve(size());
  visit_elements([&](const JsonField& element) { out.push_back(element); });
  return out;
}

std::size_t JsonField::size() const {
  if (!is_array() && !is_object()) reject("an array or an object");
  return node_->size;
}

std::vector<std::pair<std::string_view, JsonField>> JsonField::members() const {
  std::vector<std::pair<std::string_view, JsonField>> out;
  visit_members(
      [&](std::string_view key, const JsonField& value) { out.emplace_back(key, value); });
  // Sorting finds keys that stand twice whatever a crafted file makes of them.
  std::vector<std::uint32_t> order(out.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int compared = out[a].first.compare(out[b].first);
    return compared != 0 ? compared < 0 : a < b;
  });
  std::vector<bool> drop(out.size());
  for (std::size_t first = 0, i = 1; i < order.size(); ++i) {
    if (out[order[first]].first != out[order[i]].first) {
      first = i;
      continue;
    }
    out[order[first]].second = out[order[i]].second;
    drop[order[i]] = true;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!drop[i]) out[kept++] = out[i];
  }
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(kept), out.end());
  return out;
}

std::optional<JsonField> JsonField::get(std::string_view key) const {
  std::optional<JsonField> found;
  visit_members([&](std::string_view name, const JsonField& value) {
    if (name == key) found = value;
  });
  return found;
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
  // Eight bytes at a time, to the first that is NUL or beyond ASCII, or a little before it.
  const auto skip_ascii = [&](std::size_t at) {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    for (; at + 8 <= text.size(); at += 8) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, text.data() + at, 8);
      const std::uint64_t others = (bytes | (bytes - ones)) & ones << 7U;
      if (others == 0) continue;
      if constexpr (std::endian::native == std::endian::little) {
        at += static_cast<std::size_t>(std::countr_zero(others)) / 8;
      }
      break;
    }
    return at;
  };
  for (std::size_t at = skip_ascii(0); at < text.size(); at = skip_ascii(at)) {
    const std::size_t length = text[at] == '\0' ? 0 : utf8_sequence_length(text.substr(at));
    if (length == 0) {
      fail(ErrorKind::invalid_format, {.where = std::string(where),
                                       .what = "byte " + std::to_string(at),
                                       .expected = "UTF-8 text",
                                       .found = quote(text.substr(at, 4)),
                                       .file = std::string(file),
                                       .hint = foreign_content_hint(text)});
    }
    at += length;
  }
}

void JsonSource::fail_syntax(std::size_t at) const {
  at = std::min(at, text.size());
  const std::string_view before = text.substr(0, at);
  const auto line =
      first_line + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t column = at - (before.rfind('\n') + 1) + 1;  // npos + 1 = 0
  fail(ErrorKind::invalid_format,
       {.where = std::string(where),
        .what = "line " + std::to_string(line) + ", column " + std::to_string(column),
        .expected = "JSON",
        .found = at == text.size() ? "the end" : quote(text.substr(at, 24)),
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
  const JsonSource source{text, name, options.where, options.first_line};
  source.check_bytes();
  JsonTape tape = parse_tape(source, options);
  return {std::move(tape), std::move(name), options};
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
    return "this looks like a PyTorch pickle, which is read under the name pytorch_model.bin only";
  }
  if (content.starts_with("\x1f\x8b")) return "this looks like a gzip file; unpack it first";
  return {};
}

}  // namespace attend
