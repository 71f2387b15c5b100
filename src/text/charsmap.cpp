// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: Normalizer::DecodePrecompiledCharsMap of SentencePiece for the form, spm_precompiled for
// the look-up. Every value of the trie is checked once, every step while it is taken.
#include "attend/text/charsmap.h"

#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"

namespace attend {
namespace {

constexpr std::string_view where_charsmap = "Charsmap::parse";
constexpr std::size_t unit_bytes = 4;

std::uint32_t little_endian(std::string_view bytes) noexcept {
  std::uint32_t out = 0;
  for (std::size_t i = unit_bytes; i-- > 0;) {
    out = out << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return out;
}

[[noreturn]] void refuse(std::string what, std::string expected, std::string found) {
  fail(ErrorKind::tokenizer_error,
       {.where = std::string(where_charsmap),
        .what = std::move(what),
        .expected = std::move(expected),
        .found = std::move(found),
        .hint = "is it damaged? SentencePiece models and tokenizer.json hold the same bytes"});
}

}  // namespace

Charsmap Charsmap::parse(std::string blob) {
  Charsmap out;
  if (blob.empty()) return out;
  const std::string_view bytes = blob;
  if (bytes.size() < unit_bytes) {
    refuse("charsmap", "the size of its trie in 4 bytes", std::to_string(bytes.size()) + " bytes");
  }
  const std::size_t trie_bytes = little_endian(bytes);
  const std::size_t rest = bytes.size() - unit_bytes;
  if (trie_bytes == 0 || trie_bytes % unit_bytes != 0 || trie_bytes > rest) {
    refuse("trie of the charsmap",
           "a multiple of 4 bytes from 4 to the " + std::to_string(rest) + " that follow",
           std::to_string(trie_bytes) + " bytes");
  }
  out.blob_ = std::move(blob);
  out.units_.reserve(trie_bytes / unit_bytes);
  const std::string_view trie = std::string_view(out.blob_).substr(unit_bytes, trie_bytes);
  for (std::size_t at = 0; at < trie.size(); at += unit_bytes) {
    out.units_.emplace_back(little_endian(trie.substr(at)));
  }
  out.check_units();
  for (std::size_t byte = 1; byte < 256; ++byte) {
    const std::size_t at = out.units_[0].offset() ^ byte;
    out.begins_rule_[byte] = at < out.units_.size() && out.units_[at].label() == byte;
  }
  return out;
}

std::string_view Charsmap::texts() const noexcept {
  return std::string_view(blob_).substr(unit_bytes + units_.size() * unit_bytes);
}

void Charsmap::check_units() const {
  const std::string_view all = texts();
  if (const std::size_t bad = first_invalid_utf8(all); bad != all.size()) {
    refuse("texts of the charsmap", "well-formed UTF-8", quote(all.substr(bad, 4)));
  }
  const auto starts_text = [&](std::size_t at) {
    return at <= all.size() &&
           (at == all.size() || (static_cast<unsigned char>(all[at]) & 0xC0U) != 0x80U);
  };
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const Unit unit = units_[i];
    if (unit.is_value() || !unit.has_value()) continue;
    const std::size_t at = i ^ unit.offset();
    if (at < units_.size() && units_[at].is_value() && starts_text(units_[at].value())) continue;
    refuse("unit " + std::to_string(i) + " of the trie of the charsmap",
           "a value that is the place of a text, at most " + std::to_string(all.size()),
           at < units_.size() ? std::to_string(units_[at].value()) : "one beyond the trie");
  }
}

template <class F>
void Charsmap::for_each_rule(std::string_view text, F&& f) const noexcept {
  if (units_.empty()) return;
  std::size_t at = units_[0].offset();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t byte = static_cast<unsigned char>(text[i]);
    at ^= byte;
    if (byte == 0 || at >= units_.size() || units_[at].label() != byte) return;
    const Unit unit = units_[at];
    at ^= unit.offset();
    if (unit.has_value() && !f(i + 1, units_[at].value())) return;
  }
}

std::optional<std::string_view> Charsmap::find(std::string_view text) const noexcept {
  std::optional<std::string_view> found;
  for_each_rule(text, [&](std::size_t, std::size_t place) {
    const std::string_view from = texts().substr(place);
    found = from.substr(0, from.find('\0'));
    return false;
  });
  return found;
}

std::optional<Charsmap::Rule> Charsmap::find_longest(std::string_view text) const noexcept {
  std::optional<Rule> found;
  for_each_rule(text, [&](std::size_t bytes, std::size_t place) {
    found = Rule{texts().substr(place), bytes};
    return true;
  });
  if (found) found->text = found->text.substr(0, found->text.find('\0'));
  return found;
}

}  // namespace attend
