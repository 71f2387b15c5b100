// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The wire format of protobuf as far as this file needs it: a message is a list of fields, a field
// is a key (number and type), then a number or a length and bytes.
#include "tokenizer/sentencepiece_file.h"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "attend/tokenizer/vocabulary.h"
#include "checkpoint/checked_json.h"
#include "core/limits.h"

namespace attend {
namespace {

// For messages: where a byte stands, and in which file.
struct ModelBytes {
  std::string_view bytes;
  const std::string& name;

  [[noreturn]] void reject(std::string what, std::string expected, std::string found = {}) const {
    fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                      .what = std::move(what),
                                      .expected = std::move(expected),
                                      .found = std::move(found),
                                      .file = name,
                                      .hint = foreign_content_hint(bytes)});
  }
  [[nodiscard]] std::string place(const char* at) const {
    return "byte " + std::to_string(at - bytes.data());
  }
};

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

// One field of a message; `value` is a number, `bytes` the content of a string or message.
struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t value = 0;
  std::string_view bytes;
  const char* begin = nullptr;
};

class MessageReader {
 public:
  MessageReader(const ModelBytes& source, std::string_view message)
      : source_(source), rest_(message) {}

  std::optional<WireField> next() {
    if (rest_.empty()) return std::nullopt;
    WireField field;
    field.begin = rest_.data();
    const std::uint64_t key = varint();
    constexpr std::uint64_t max_number = (1U << 29U) - 1;
    if (key >> 3U == 0 || key >> 3U > max_number) {
      source_.reject(source_.place(field.begin), "the number of a field",
                     std::to_string(key >> 3U));
    }
    field.number = static_cast<std::uint32_t>(key >> 3U);
    field.type = static_cast<WireType>(key & 7U);
    switch (field.type) {
      case WireType::varint: field.value = varint(); return field;
      case WireType::fixed64: field.value = fixed(8); return field;
      case WireType::fixed32: field.value = fixed(4); return field;
      case WireType::bytes: field.bytes = take(varint()); return field;
    }
    source_.reject(source_.place(field.begin), "a field of protobuf",
                   "wire type " + std::to_string(key & 7U));
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      source_.reject(source_.place(rest_.data()), std::to_string(size) + " bytes of a field",
                     std::to_string(rest_.size()) + " are left");
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::uint64_t varint() {
    const char* begin = rest_.data();
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (rest_.empty()) source_.reject(source_.place(begin), "a number", "the file ends in it");
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    source_.reject(source_.place(begin), "a number of at most 10 bytes");
  }

  std::uint64_t fixed(std::size_t size) {
    const std::string_view bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
      value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    return value;
  }

  const ModelBytes& source_;
  std::string_view rest_;
};

void check_type(const ModelBytes& source, const WireField& field, WireType type) {
  if (field.type == type) return;
  source.reject(source.place(field.begin),
                "wire type " + std::to_string(static_cast<int>(type)) + " of field " +
                    std::to_string(field.number),
                "wire type " + std::to_string(static_cast<int>(field.type)));
}

std::string_view read_bytes(const ModelBytes& source, const WireField& field) {
  check_type(source, field, WireType::bytes);
  return field.bytes;
}

bool read_flag(const ModelBytes& source, const WireField& field) {
  check_type(source, field, WireType::varint);
  return field.value != 0;
}

// A value beyond the enumeration is an unknown field to protobuf: nothing changes.
template <class Enumeration>
void read_enumeration(const ModelBytes& source, const WireField& field, Enumeration last,
                      Enumeration& value) {
  check_type(source, field, WireType::varint);
  if (field.value == 0 || field.value > static_cast<std::uint64_t>(last) + 1) return;
  value = static_cast<Enumeration>(field.value - 1);  // the file counts from 1
}

SentencePiece read_piece(const ModelBytes& source, std::string_view message, std::size_t id) {
  SentencePiece piece;
  MessageReader reader(source, message);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 1: piece.text = read_bytes(source, *field); break;
      case 2:
        check_type(source, *field, WireType::fixed32);
        piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field->value));
        break;
      case 3: read_enumeration(source, *field, SentencePieceKind::byte, piece.kind); break;
      default: break;
    }
  }
  const auto reject = [&](std::string expected, std::string found) {
    source.reject("piece " + std::to_string(id), std::move(expected), std::move(found));
  };
  if (piece.text.empty()) reject("some characters", "none");
  if (piece.text.size() > limits::token_bytes) {
    reject("at most " + std::to_string(limits::token_bytes) + " bytes",
           std::to_string(piece.text.size()));
  }
  if (piece.text.find('\0') != std::string_view::npos) reject("no NUL", quote(piece.text));
  if (first_invalid_utf8(piece.text) != piece.text.size()) reject("UTF-8", quote(piece.text));
  if (!std::isfinite(piece.score)) reject("a finite score", std::to_string(piece.score));
  return piece;
}

void read_trainer(const ModelBytes& source, std::string_view message, SentencePieceFile& file) {
  MessageReader reader(source, message);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 3:
        read_enumeration(source, *field, SentencePieceAlgorithm::character, file.algorithm);
        break;
      case 24: file.whitespace_is_suffix = read_flag(source, *field); break;
      case 35: file.byte_fallback = read_flag(source, *field); break;
      case 40: {
        check_type(source, *field, WireType::varint);
        // An int32; whether there is such a piece is checked where all are known.
        const auto id = static_cast<std::int32_t>(static_cast<std::uint32_t>(field->value));
        file.unk_id = id;
        break;
      }
      case 44: file.unk_surface = read_bytes(source, *field); break;
      case 45: file.unk_text = read_bytes(source, *field); break;
      default: break;
    }
  }
}

void read_normalizer(const ModelBytes& source, std::string_view message, SentencePieceFile& file) {
  MessageReader reader(source, message);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 2: file.charsmap = read_bytes(source, *field); break;
      case 3: file.add_dummy_prefix = read_flag(source, *field); break;
      case 4: file.remove_extra_whitespace = read_flag(source, *field); break;
      case 5: file.escape_whitespace = read_flag(source, *field); break;
      default: break;
    }
  }
}

// Reads the pieces once they are counted: a count costs nothing, and a piece takes more memory than
// the file spends on it.
void read_pieces(const ModelBytes& source, SentencePieceFile& file) {
  const auto each = [&](auto&& visit) {
    MessageReader reader(source, source.bytes);
    while (const auto field = reader.next()) {
      if (field->number == 1) visit(read_bytes(source, *field));
    }
  };
  std::size_t count = 0;
  each([&](std::string_view) { ++count; });
  if (count == 0 || count > limits::sentencepiece_pieces) {
    source.reject("number of pieces", "1 to " + std::to_string(limits::sentencepiece_pieces),
                  std::to_string(count));
  }
  file.pieces.reserve(count);
  Vocabulary seen;
  std::optional<std::size_t> unknown;
  each([&](std::string_view message) {
    const std::size_t id = file.pieces.size();
    const SentencePiece piece = read_piece(source, message, id);
    if (!seen.add(piece.text, static_cast<TokenId>(id))) {
      source.reject("piece " + std::to_string(id), "a text of its own",
                    quote(piece.text) + ", which piece " + std::to_string(*seen.find(piece.text)) +
                        " has, too");
    }
    if (piece.kind == SentencePieceKind::unknown) {
      if (unknown) {
        source.reject("piece " + std::to_string(id), "one unknown piece",
                      "piece " + std::to_string(*unknown) + " is one, too");
      }
      unknown = id;
    }
    file.pieces.push_back(piece);
  });
  if (!unknown) source.reject("pieces", "one that is unknown", "none");
}

}  // namespace

SentencePieceFile parse_sentencepiece(std::string_view bytes, const std::string& name) {
  const ModelBytes source{bytes, name};
  SentencePieceFile file;
  MessageReader reader(source, bytes);
  while (const auto field = reader.next()) {
    if (field->number == 2) read_trainer(source, read_bytes(source, *field), file);
    if (field->number == 3) read_normalizer(source, read_bytes(source, *field), file);
  }
  read_pieces(source, file);
  const auto count = static_cast<Index>(file.pieces.size());
  if (file.unk_id < 0 || file.unk_id >= count) {
    source.reject("unk_id", "0 to " + std::to_string(count - 1), std::to_string(file.unk_id));
  }
  return file;
}

}  // namespace attend
