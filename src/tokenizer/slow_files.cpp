// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text files, line by line, with the lines of Python: "\n", "\r\n" and "\r" end one.
#include "tokenizer/slow_files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

#include "attend/core/error.h"
#include "attend/text/base64.h"
#include "attend/text/utf8.h"
#include "checkpoint/checked_json.h"
#include "core/limits.h"
#include "text/python_text.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

void check_limit(const fs::path& file, const char* what, std::size_t found, std::size_t limit) {
  if (found <= limit) return;
  fail(ErrorKind::resource_limit, {.where = "Tokenizer::load",
                                   .what = what,
                                   .expected = "at most " + std::to_string(limit),
                                   .found = "more",
                                   .file = file.string(),
                                   .hint = "is this a vocabulary? published ones are far smaller"});
}

[[noreturn]] void reject_line(const fs::path& file, std::size_t line, std::string expected,
                              std::string_view found) {
  fail(ErrorKind::invalid_format, {.where = "Tokenizer::load",
                                   .what = "line " + std::to_string(line + 1),
                                   .expected = std::move(expected),
                                   .found = quote(found),
                                   .file = file.string(),
                                   .hint = "mend the line, or fetch the file anew"});
}

/// Lines without their ends; what follows the last end is a line, too, even when it is empty.
std::vector<std::string_view> split_lines(const fs::path& file, std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    lines.push_back(text.substr(at, end - at));
    check_limit(file, "bytes of a token", end - at, limits::token_bytes);
    check_limit(file, "number of tokens", lines.size(), limits::vocabulary_tokens + 1);
    if (end == text.size()) return lines;
    at = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
  }
}

}  // namespace

FileText::FileText(const fs::path& file, std::uint64_t limit)
    : file_(MappedFile::open(file, LoadMode::read, limit)) {}

std::string_view FileText::text() const noexcept {
  const auto bytes = file_.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void FileText::check_utf8(const fs::path& file) const {
  const std::size_t at = first_invalid_utf8(text());
  if (at == text().size()) return;
  fail(ErrorKind::invalid_format, {.where = "Tokenizer::load",
                                   .what = "byte " + std::to_string(at),
                                   .expected = "UTF-8 text",
                                   .found = quote(text().substr(at, 4)),
                                   .file = file.string(),
                                   .hint = foreign_content_hint(text())});
}

Vocabulary numbered_vocabulary(std::span<const std::string_view> tokens) {
  Vocabulary first;  // token -> index of its last place; seeded, so no file can make it slow
  first.reserve(tokens.size());
  std::vector<TokenId> last;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (first.add(tokens[i], static_cast<TokenId>(last.size()))) {
      last.push_back(id);
    } else {
      last[static_cast<std::size_t>(*first.find(tokens[i]))] = id;
    }
  }
  if (last.size() == tokens.size()) return first;  // none is there twice
  Vocabulary vocabulary;
  vocabulary.reserve(tokens.size());
  for (std::size_t i = 0; i < last.size(); ++i) {
    vocabulary.add(*first.token(static_cast<TokenId>(i)), last[i]);
  }
  return vocabulary;
}

Vocabulary read_vocabulary_lines(const fs::path& file) {
  const FileText content(file);
  content.check_utf8(file);
  std::vector<std::string_view> lines = split_lines(file, content.text());
  if (lines.back().empty()) lines.pop_back();
  if (lines.empty()) {
    fail(ErrorKind::invalid_format,
         {.where = "Tokenizer::load",
          .what = "number of tokens",
          .expected = "1 to " + std::to_string(limits::vocabulary_tokens),
          .found = "0",
          .file = file.string(),
          .hint = "is the download complete?"});
  }
  return numbered_vocabulary(lines);
}

Vocabulary read_vocabulary_object(const fs::path& file) {
  const JsonDocument document =
      read_json(file, {.where = "Tokenizer::load", .field_error = ErrorKind::tokenizer_error});
  return read_vocabulary(document.root());
}

MergeFile read_merges(const fs::path& file, MergeLines which) {
  MergeFile out{FileText(file), {}};
  out.text.check_utf8(file);
  const std::string_view text = out.text.text();
  const bool is_clip = which == MergeLines::clip;
  std::vector<std::string_view> lines = split_lines(file, is_clip ? python_strip(text) : text);
  constexpr std::size_t clip_merges = 49'152 - 256 - 2;  // CLIP's vocabulary less bytes and ends
  std::size_t begin = 1;
  std::size_t end = lines.size();
  switch (which) {
    case MergeLines::but_first_and_last: --end; break;
    case MergeLines::but_version: begin = lines[0].starts_with("#version:") ? 1 : 0; break;
    case MergeLines::clip: end = std::min(end, clip_merges + 1); break;
  }
  Vocabulary seen;
  std::string pair;
  for (std::size_t i = begin; i < end; ++i) {
    const std::vector<std::string_view> parts = python_split(lines[i]);
    if (parts.empty() && which == MergeLines::but_version) continue;
    if (parts.size() != 2) reject_line(file, i, "two tokens with a blank between them", lines[i]);
    pair.assign(parts[0]).append(" ").append(parts[1]);
    if (!seen.add(pair, static_cast<TokenId>(out.merges.size()))) continue;
    out.merges.push_back({parts[0], parts[1]});
  }
  return out;
}

bool looks_like_ranks(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return true;  // opening a pipe would wait for its writer
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return true;
  std::string head(limits::token_bytes, '\0');
  stream.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(stream.gcount()));
  const std::string_view line = std::string_view(head).substr(0, head.find_first_of("\r\n"));
  const std::size_t blank = line.find(' ');
  constexpr std::string_view digits = "0123456789";
  return blank != std::string_view::npos && blank + 1 < line.size() &&
         decode_base64(line.substr(0, blank)).has_value() &&
         line.find_first_not_of(digits, blank + 1) == std::string_view::npos;
}

std::vector<RankedToken> read_ranks(std::string_view text, const fs::path& file) {
  const std::vector<std::string_view> lines = split_lines(file, text);
  // Gaps cost memory that the file does not have to pay for.
  const auto max_rank = std::min(
      Vocabulary::max_id, (std::int64_t{1} << 20U) + 16 * static_cast<std::int64_t>(lines.size()));
  std::vector<RankedToken> tokens;
  tokens.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::size_t blank = std::min(lines[i].find(' '), lines[i].size());
    const std::string_view number = lines[i].substr(std::min(blank + 1, lines[i].size()));
    auto bytes = decode_base64(lines[i].substr(0, blank));
    TokenId rank = -1;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), rank);
    if (!bytes || bytes->empty() || error != std::errc() || end != number.data() + number.size() ||
        rank < 0 || rank > max_rank) {
      reject_line(file, i, "a token in base64, a blank and its rank", lines[i]);
    }
    tokens.push_back({std::move(*bytes), rank});
  }
  return tokens;
}

}  // namespace attend
