// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Loading, normalizing and joining. How texts are cut is in sentencepiece_cut.cpp.
#include "tokenizer/sentencepiece_program.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/limits.h"
#include "text/python_text.h"

namespace attend {
namespace {

[[noreturn]] void reject(const std::string& name, std::string what, std::string expected,
                         std::string found = {}) {
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                    .what = std::move(what),
                                    .expected = std::move(expected),
                                    .found = std::move(found),
                                    .file = name,
                                    .hint = "is the model damaged, or not one of SentencePiece?"});
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

// Rules make texts longer.
void check_normalized_size(std::size_t bytes) {
  if (bytes <= limits::normalized_bytes) return;
  fail(ErrorKind::resource_limit,
       {.where = "Tokenizer",
        .what = "bytes of a normalized text",
        .expected = "at most " + std::to_string(limits::normalized_bytes),
        .found = "more",
        .hint = "encode it in parts"});
}

// Whether pieces of this kind are found in texts; the others are only written.
bool stands_in_texts(SentencePieceKind kind) {
  return kind == SentencePieceKind::normal || kind == SentencePieceKind::user_defined ||
         kind == SentencePieceKind::unused;
}

std::vector<std::uint32_t> ranks_of(const std::vector<float>& scores) {
  std::vector<float> sorted = scores;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  std::vector<std::uint32_t> ranks;
  ranks.reserve(scores.size());
  for (const float score : scores) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), score, std::greater<>());
    ranks.push_back(static_cast<std::uint32_t>(found - sorted.begin()));
  }
  return ranks;
}

// Of a piece such as <0xE4>.
char byte_of_piece(std::string_view piece) {
  unsigned value = 0;
  if (piece.size() == 6) std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
  return static_cast<char>(value);
}

// Appends bytes that pieces stand for; each that is no part of a character becomes U+FFFD.
void append_piece_bytes(std::string_view bytes, std::string& out) {
  for (std::size_t at = 0; at < bytes.size();) {
    const CodePoint c = decode_utf8(bytes.substr(at));
    const auto size = static_cast<std::size_t>(std::max(c.length, 1));
    if (c.length > 0) {
      out += bytes.substr(at, size);
    } else {
      out += "\uFFFD";
    }
    at += size;
  }
}

// Where a byte of joined ranges is in the text that they are from.
enum class End : std::uint8_t { begin, end };
Index place_of(Index byte, const std::vector<TextRange>& ranges, End end) {
  for (const TextRange range : ranges) {
    if (byte < range.size() || (byte == range.size() && end == End::end)) return range.begin + byte;
    byte -= range.size();
  }
  return ranges.back().end;
}

}  // namespace

SentencePieceProgram::SentencePieceProgram(const SentencePieceFile& file, const std::string& name)
    : charsmap_(Charsmap::parse(std::string(file.charsmap))),
      algorithm_(file.algorithm),
      unk_surface_(file.unk_surface),
      blank_(file.escape_whitespace ? blank_mark : std::string_view(" ")),
      whitespace_is_suffix_(file.whitespace_is_suffix),
      add_dummy_prefix_(file.add_dummy_prefix),
      remove_extra_whitespace_(file.remove_extra_whitespace) {
  add_pieces(file, name);
  ranks_ = ranks_of(scores_);
  if (file.byte_fallback) {
    bytes_ = find_byte_tokens(pieces_);
    check_bytes(name);
  }
}

void SentencePieceProgram::add_pieces(const SentencePieceFile& file, const std::string& name) {
  const std::size_t count = file.pieces.size();
  pieces_.reserve(count);
  kinds_.reserve(count);
  scores_.reserve(count);
  float smallest = std::numeric_limits<float>::max();
  std::vector<Trie::Entry> in_texts;
  std::vector<Trie::Entry> user_defined;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [text, score, kind] = file.pieces[i];
    const auto id = static_cast<TokenId>(i);
    if (text.size() > max_piece_bytes) {
      reject(name, "bytes of piece " + std::to_string(i),
             "at most " + std::to_string(max_piece_bytes), std::to_string(text.size()));
    }
    pieces_.add(text, id);
    kinds_.push_back(kind);
    scores_.push_back(score);
    if (kind == SentencePieceKind::normal) smallest = std::min(smallest, score);
    if (kind == SentencePieceKind::unknown) unk_id_ = id;
    if (kind == SentencePieceKind::unused) has_unused_ = true;
    if (kind == SentencePieceKind::user_defined) user_defined.push_back({text, id});
    if (stands_in_texts(kind)) in_texts.push_back({text, id});
  }
  constexpr float unknown_penalty = 10;
  unknown_score_ = smallest - unknown_penalty;
  has_user_defined_ = !user_defined.empty();
  user_defined_ = Trie(std::move(user_defined));
  trie_ = Trie(std::move(in_texts));
}

void SentencePieceProgram::check_bytes(const std::string& name) const {
  for (std::size_t byte = 0; byte < bytes_->size(); ++byte) {
    const TokenId id = (*bytes_)[byte];
    if (id != none && kind(id) == SentencePieceKind::byte) continue;
    reject(name, "byte pieces", "256, for byte_fallback", std::to_string(byte) + " has none");
  }
}

TokenId SentencePieceProgram::find(std::string_view piece) const {
  const auto id = pieces_.find(piece);
  return id && stands_in_texts(kind(*id)) ? *id : unk_id_;
}

std::size_t SentencePieceProgram::user_defined(std::string_view text) const {
  if (!has_user_defined_) return 0;
  std::size_t longest = 0;
  Trie::Node node = user_defined_.root();
  for (std::size_t at = 0; at < text.size() && user_defined_.step(node, text[at]);) {
    ++at;
    if (node.id() != none) longest = at;
  }
  return longest;
}

SentencePieceProgram::Prefix SentencePieceProgram::normalize_prefix(std::string_view text) const {
  if (const std::size_t size = user_defined(text); size > 0) return {text.substr(0, size), size};
  if (charsmap_.begins_rule(text[0])) {
    if (const auto rule = charsmap_.find_longest(text)) return {rule->text, rule->bytes};
  }
  const auto size = static_cast<std::size_t>(decode_utf8(text).length);
  return {text.substr(0, size), size};
}

void SentencePieceProgram::normalize(std::string_view text, ModelScratch& scratch) const {
  std::string& out = scratch.normalized;
  std::vector<std::uint32_t>& origins = scratch.origins;
  out.clear();
  origins.clear();
  std::size_t done = 0;
  const auto append = [&](std::string_view more) {
    check_normalized_size(out.size() + more.size());
    out += more;
    origins.insert(origins.end(), more.size(), static_cast<std::uint32_t>(done));
  };
  if (remove_extra_whitespace_) {
    while (done < text.size()) {
      const Prefix prefix = normalize_prefix(text.substr(done));
      if (prefix.text != " ") break;
      done += prefix.bytes;
    }
  }
  if (done < text.size()) {
    if (!whitespace_is_suffix_ && add_dummy_prefix_) append(blank_);
    bool is_behind_blank = remove_extra_whitespace_;
    while (done < text.size()) {
      auto [more, bytes] = normalize_prefix(text.substr(done));
      while (is_behind_blank && more.starts_with(' ')) more.remove_prefix(1);
      if (!more.empty()) is_behind_blank = remove_extra_whitespace_ && more.ends_with(' ');
      for (const char& c : more) append(c == ' ' ? blank_ : std::string_view(&c, 1));
      done += bytes;
    }
    if (remove_extra_whitespace_) {
      while (out.ends_with(blank_)) {
        out.resize(out.size() - blank_.size());
        done = origins[out.size()];
        origins.resize(out.size());
      }
    }
    if (whitespace_is_suffix_ && add_dummy_prefix_) append(blank_);
  }
  origins.push_back(static_cast<std::uint32_t>(done));
}

std::string SentencePieceProgram::join(const std::vector<std::string>& pieces) const {
  std::string text;
  std::string bytes;  // of byte pieces that wait for the end of a character
  bool is_at_begin = true;
  for (const std::string& piece : pieces) {
    const TokenId id = pieces_.find(piece).value_or(unk_id_);
    if (kind(id) == SentencePieceKind::byte) {
      bytes += byte_of_piece(piece);
      continue;
    }
    append_piece_bytes(bytes, text);
    bytes.clear();
    if (!text.empty()) is_at_begin = false;
    if (kind(id) == SentencePieceKind::control) continue;
    std::string_view rest = piece;
    bool has_blank = false;
    if (is_at_begin && (add_dummy_prefix_ || remove_extra_whitespace_) &&
        rest.starts_with(blank_mark)) {
      rest.remove_prefix(blank_mark.size());
      has_blank = !remove_extra_whitespace_;  // else all blanks at the begin go
    }
    if (kind(id) == SentencePieceKind::unknown) {
      text += pieces_.token(id) == piece ? unk_surface_ : piece;
    } else {
      text += with_blanks(rest);
    }
    if (has_blank) is_at_begin = false;
  }
  append_piece_bytes(bytes, text);
  return text;
}

std::string join_pieces(const SentencePieceDecoder& decoder,
                        const std::vector<std::string>& tokens) {
  std::string text;
  std::string part;                 // since the last token that stands apart
  std::vector<std::string> pieces;  // since the last special token
  bool is_first = true;
  bool has_part = false;
  const auto append = [&](std::string_view more) {
    if (!is_first) text += ' ';
    text += more;
    is_first = false;
  };
  const auto end_pieces = [&] {
    part += decoder.program->join(pieces);
    pieces.clear();
  };
  // A part that is empty leaves no blank, but the last one does.
  const auto end_part = [&](bool is_last) {
    end_pieces();
    if (decoder.has_blanks_for_marks) part = with_blanks(part);
    const std::string_view stripped = python_strip(part);
    if (!stripped.empty() || (is_last && has_part)) append(stripped);
    part.clear();
    has_part = false;
  };
  for (const std::string& token : tokens) {
    if (decoder.apart.contains(token)) {
      end_part(false);
      append(token);
      continue;
    }
    has_part = true;
    if (decoder.special.contains(token)) {
      end_pieces();
      part += token + decoder.behind_special;
    } else {
      pieces.push_back(token);
    }
  }
  end_part(true);
  return text;
}

SentencePieceModel::SentencePieceModel(std::shared_ptr<const SentencePieceProgram> program,
                                       TokenId unk_id, LanguageCode code)
    : program_(std::move(program)), unk_id_(unk_id), code_(code) {}

void SentencePieceModel::tokenize(std::string_view text, const Vocabulary& vocabulary,
                                  ModelScratch& scratch, std::vector<Piece>& out) const {
  if (!added_.may_stand_in(text)) {
    tokenize_part(text, vocabulary, scratch, out);
    scratch.shrink();
    return;
  }
  for (const auto& [ranges, id] : added_.split(text)) {
    if (id != none) {
      out.push_back({.id = id, .bytes = {ranges.front().begin, ranges.back().end}});
      continue;
    }
    const std::size_t first = out.size();
    tokenize_part(join_ranges(text, ranges), vocabulary, scratch, out);
    for (std::size_t i = first; i < out.size(); ++i) {
      Range& bytes = out[i].bytes;
      bytes = {place_of(bytes.begin, ranges, End::begin), place_of(bytes.end, ranges, End::end)};
    }
  }
  scratch.shrink();
}

void SentencePieceModel::tokenize_part(std::string_view text, const Vocabulary& vocabulary,
                                       ModelScratch& scratch, std::vector<Piece>& out) const {
  // An added token counts also where it was not found as one.
  const auto id_of = [&](std::string_view piece) {
    const auto id = added_.find(piece);
    return id ? *id : vocabulary.find(piece).value_or(unk_id_);
  };
  Index begin = 0;
  if (code_ == LanguageCode::first && text.starts_with(">>")) {
    if (const std::size_t end = text.find("<<"); end != std::string_view::npos) {
      begin = static_cast<Index>(end) + 2;
      out.push_back({.id = id_of(text.substr(0, end + 2)), .bytes = {0, begin}});
    }
  }
  std::size_t at = out.size();
  program_->cut(text.substr(static_cast<std::size_t>(begin)), scratch, out);
  const auto origin = [&](Index byte) {
    return begin + static_cast<Index>(scratch.origins[static_cast<std::size_t>(byte)]);
  };
  for (; at < out.size(); ++at) {
    Piece& piece = out[at];
    piece.id = id_of(program_->spelling(piece, scratch));
    piece.is_own_spelling = false;
    piece.bytes = {origin(piece.bytes.begin), origin(piece.bytes.end)};
  }
}

}  // namespace attend
