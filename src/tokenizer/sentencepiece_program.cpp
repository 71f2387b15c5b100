// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The only file that sees the library.
#include "tokenizer/sentencepiece_program.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/charsmap.h"
#include "tokenizer/python_text.h"

namespace attend {
namespace {

constexpr std::string_view where = "Tokenizer";
constexpr std::string_view blank_mark = "\u2581";  // stands for a blank in pieces

[[noreturn]] void reject(const std::string& name, std::string what, std::string expected,
                         std::string found = {}) {
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                    .what = std::move(what),
                                    .expected = std::move(expected),
                                    .found = std::move(found),
                                    .file = name});
}

// The library walks the charsmap's double array without looking at its end: whatever byte follows
// at a place that it can get to must lead to a place inside. A unit is 4 bytes: the label, whether
// a value follows, and how far the children are.
bool stays_inside(std::string_view charsmap) {
  const auto unit = [&](std::size_t at) {
    std::uint32_t bits = 0;
    for (std::size_t i = 4; i-- > 0;) {
      bits = bits << 8U | static_cast<unsigned char>(charsmap[4 + 4 * at + i]);
    }
    return bits;
  };
  const auto offset = [](std::uint32_t bits) {
    return static_cast<std::size_t>(bits >> 10U) << ((bits & 0x200U) >> 6U);
  };
  std::size_t bytes = 0;
  for (std::size_t i = 4; i-- > 0;) bytes = bytes << 8U | static_cast<unsigned char>(charsmap[i]);
  const std::size_t size = bytes / 4;  // Charsmap::parse has seen that they are there
  std::vector<bool> seen(size);
  std::vector<std::size_t> open = {offset(unit(0))};  // where children are
  while (!open.empty()) {
    const std::size_t base = open.back();
    open.pop_back();
    if ((base | 0xFFU) >= size) return false;
    for (std::size_t byte = 1; byte < 256; ++byte) {
      const std::size_t child = base ^ byte;
      const std::uint32_t bits = unit(child);
      if ((bits & 0x800000FFU) != byte || seen[child]) continue;
      seen[child] = true;
      open.push_back(child ^ offset(bits));
    }
  }
  return true;
}

std::string with_blanks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(blank_mark, at), text.size());
    out += text.substr(at, end - at);
    if (end == text.size()) break;
    out += ' ';
    at = end + blank_mark.size();
  }
  return out;
}

}  // namespace

SentencePieceProgram::SentencePieceProgram(const SentencePieceFile& file, const std::string& name)
    : processor_(std::make_unique<sentencepiece::SentencePieceProcessor>()) {
  if (!file.charsmap.empty()) {
    (void)Charsmap::parse(std::string(file.charsmap));
    if (!stays_inside(file.charsmap)) reject(name, "charsmap", "a trie that ends inside itself");
  }
  const auto status = processor_->LoadFromSerializedProto(write_sentencepiece(file));
  if (!status.ok()) reject(name, "model", "one that SentencePiece takes", status.message());
}

SentencePieceProgram::~SentencePieceProgram() = default;

std::vector<SentencePieceProgram::TextPiece> SentencePieceProgram::cut(
    std::string_view text) const {
  // It counts bytes in 32 bits, and takes some dozens for each.
  constexpr std::size_t max_bytes = 1U << 28U;
  if (text.size() > max_bytes) {
    fail(ErrorKind::input_too_long, {.where = std::string(where),
                                     .what = "bytes of a text",
                                     .expected = "at most " + std::to_string(max_bytes),
                                     .found = std::to_string(text.size())});
  }
  sentencepiece::ImmutableSentencePieceText result;
  const auto status = processor_->Encode(text, result.mutable_proto());
  if (!status.ok()) {
    fail(ErrorKind::tokenizer_error, {.where = std::string(where),
                                      .what = "a text",
                                      .expected = "one that SentencePiece takes",
                                      .found = status.message()});
  }
  std::vector<TextPiece> out;
  out.reserve(result.pieces_size());
  for (std::size_t i = 0; i < result.pieces_size(); ++i) {
    const auto piece = result.pieces(static_cast<int>(i));
    const auto begin = std::min(static_cast<std::size_t>(piece.begin()), text.size());
    const auto end = std::clamp(static_cast<std::size_t>(piece.end()), begin, text.size());
    out.push_back({piece.piece(), {static_cast<Index>(begin), static_cast<Index>(end)}});
  }
  return out;
}

std::string SentencePieceProgram::join(const std::vector<std::string>& pieces) const {
  std::string text;
  const auto status = processor_->Decode(pieces, &text);
  if (!status.ok()) {
    fail(ErrorKind::tokenizer_error, {.where = std::string(where),
                                      .what = "tokens",
                                      .expected = "some that SentencePiece takes",
                                      .found = status.message()});
  }
  return text;
}

std::string join_pieces(const SentencePieceDecoder& decoder,
                        const std::vector<std::string>& tokens) {
  std::string text;
  std::string part;                 // since the last token that stands apart
  std::vector<std::string> pieces;  // since the last special token
  const auto append = [&](std::string_view more) {
    if (!text.empty()) text += ' ';
    text += more;
  };
  const auto end_pieces = [&] {
    part += decoder.program->join(pieces);
    pieces.clear();
  };
  const auto end_part = [&] {
    end_pieces();
    part = with_blanks(part);
    if (const std::string_view stripped = strip_python(part); !stripped.empty()) append(stripped);
    part.clear();
  };
  for (const std::string& token : tokens) {
    if (decoder.apart.contains(token)) {
      end_part();
      append(token);
    } else if (decoder.special.contains(token)) {
      end_pieces();
      part += token + decoder.behind_special;
    } else {
      pieces.push_back(token);
    }
  }
  end_part();
  return text;
}

SentencePieceModel::SentencePieceModel(std::shared_ptr<const SentencePieceProgram> program,
                                       TokenId unk_id, LanguageCode code)
    : program_(std::move(program)), unk_id_(unk_id), code_(code) {}

void SentencePieceModel::tokenize(std::string_view text, const Vocabulary& vocabulary,
                                  ModelScratch&, std::vector<Piece>& out) const {
  const auto id_of = [&](std::string_view piece) {
    return vocabulary.find(piece).value_or(unk_id_);
  };
  Index begin = 0;
  if (code_ == LanguageCode::first && text.starts_with(">>")) {
    if (const std::size_t end = text.find("<<"); end != std::string_view::npos) {
      begin = static_cast<Index>(end) + 2;
      out.push_back({.id = id_of(text.substr(0, end + 2)), .bytes = {0, begin}});
    }
  }
  for (const auto& [spelling, bytes] :
       program_->cut(text.substr(static_cast<std::size_t>(begin)))) {
    out.push_back({.id = id_of(spelling), .bytes = {begin + bytes.begin, begin + bytes.end}});
  }
}

}  // namespace attend
