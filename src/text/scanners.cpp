// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Each scanner tries the alternatives of its pattern in order; the comments say how what Oniguruma
// finds by stepping back is known at once.
#include "text/scanners.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"
#include "text/regex_classes.h"

namespace attend {
namespace regex_classes {  // in which the scanners read
namespace {

// Beyond the end of the text; not one of the classes, so that a negated set can name it.
constexpr Classes end_of_text = 256;
static_assert((end_of_text & 0xFFU) == 0);
static_assert(std::endian::native == std::endian::little, "words are read as they lie");

struct Symbol {
  Classes classes;
  std::uint8_t length;
  [[nodiscard]] bool is(Classes set) const noexcept { return (classes & set) != 0; }
  /// In the set [^...], which no end of the text is.
  [[nodiscard]] bool is_not(Classes set) const noexcept { return !is(set | end_of_text); }
};

// Reads code points without asking whether the UTF-8 is well formed, but never beyond the text.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text), planes_(planes().data()) {}

  [[nodiscard]] Symbol operator[](std::size_t at) const noexcept {
    if (at >= text_.size()) return {end_of_text, 0};
    const unsigned char lead = byte(at);
    return lead < 0x80 ? Symbol{planes_[lead], 1} : beyond_ascii(at, lead);
  }
  /// The end of the longest run of code points in a set that begins at `at`.
  template <Classes set>
  [[nodiscard]] std::size_t run(std::size_t at) const noexcept {
    if constexpr ((set & lower) != 0) at = after_ascii<(set & upper) != 0>(at);
    return run_while(at, [](Symbol symbol) { return symbol.is(set); });
  }
  /// The same for the set [^...].
  template <Classes set>
  [[nodiscard]] std::size_t run_not(std::size_t at) const noexcept {
    return run_while(at, [](Symbol symbol) { return symbol.is_not(set); });
  }
  /// The same for a few characters of ASCII.
  [[nodiscard]] std::size_t run_of(std::string_view bytes, std::size_t at) const noexcept {
    while (at < text_.size() && bytes.find(text_[at]) != bytes.npos) ++at;
    return at;
  }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  [[nodiscard]] unsigned char byte(std::size_t at) const noexcept {
    return static_cast<unsigned char>(text_[at]);
  }
  [[nodiscard]] Symbol beyond_ascii(std::size_t at, unsigned char lead) const noexcept {
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text_.size() - at < length) return {0, 1};
    char32_t c = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) c = c << 6U | (byte(at + i) & 0x3FU);
    return {c < planes_end ? Classes{planes_[c]} : of(c), static_cast<std::uint8_t>(length)};
  }
  // Behind the lower-case letters, or all letters, of ASCII, as long as eight bytes are left. They
  // are looked at together because a loop over a word's bytes guesses its end wrong nearly always.
  template <bool with_upper>
  [[nodiscard]] std::size_t after_ascii(std::size_t at) const noexcept {
    constexpr auto eight = [](std::uint64_t byte) { return byte * 0x0101010101010101U; };
    while (text_.size() - at >= 8) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, text_.data() + at, sizeof bytes);
      // The high bit of each byte tells what is asked of it; no sum carries into the next one.
      const std::uint64_t low = (with_upper ? bytes | eight(0x20) : bytes) & eight(0x7F);
      const std::uint64_t from_a = low + eight(0x80 - 'a');
      const std::uint64_t beyond_z = low + eight(0x7F - 'z');
      const std::uint64_t others = (~from_a | beyond_z | bytes) & eight(0x80);
      if (others != 0) return at + static_cast<std::size_t>(std::countr_zero(others)) / 8;
      at += 8;
    }
    return at;
  }
  template <class Test>
  [[nodiscard]] std::size_t run_while(std::size_t at, Test&& test) const noexcept {
    for (;;) {
      const Symbol symbol = (*this)[at];
      if (!test(symbol)) return at;
      at += symbol.length;
    }
  }

  std::string_view text_;
  const std::uint8_t* planes_;
};

enum class Case { sensitive, any };

// Bytes of 's|'t|'re|'ve|'m|'ll|'d at `at`, 0 when it is not there. In any case U+017F is an s.
template <Case letters>
std::size_t contraction(const Reader& reader, std::size_t at) noexcept {
  const std::string_view text = reader.text();
  if (at >= text.size() || text[at] != '\'') return 0;
  const auto letter_at = [&](std::size_t i) {
    const char c = at + i < text.size() ? text[at + i] : '\0';
    return letters == Case::any && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  };
  switch (letter_at(1)) {
    case 's':
    case 't':
    case 'm':
    case 'd': return 2;
    case 'r':
    case 'v': return letter_at(2) == 'e' ? 3 : 0;
    case 'l': return letter_at(2) == 'l' ? 3 : 0;
    default: return letters == Case::any && text.substr(at + 1, 2) == "\u017F" ? 3 : 0;
  }
}

// \s+(?!\S)|\s+: a run of blanks leaves its last one to what follows, unless it is the only one or
// nothing follows.
std::size_t blanks(const Reader& reader, std::size_t at, std::size_t end) noexcept {
  if (end == reader.text().size()) return end;
  std::size_t last = end - 1;
  while (last > at && continues_utf8(reader.text()[last])) --last;
  return last > at ? last : end;
}

std::size_t blanks(const Reader& reader, std::size_t at) noexcept {
  return blanks(reader, at, reader.run<blank>(at));
}

// \s*[\r\n]+|\s+(?!\S)|\s+: a run of blanks with line ends in it ends behind the last of these.
std::size_t blanks_and_lines(const Reader& reader, std::size_t at) noexcept {
  const std::size_t end = reader.run<blank>(at);
  for (std::size_t i = end; i > at; --i) {
    if (reader.text()[i - 1] == '\n' || reader.text()[i - 1] == '\r') return i;
  }
  return blanks(reader, at, end);
}

// \p{N}{1,max} behind a first one that ends at `at`.
template <int max>
std::size_t numbers(const Reader& reader, std::size_t at) noexcept {
  for (int count = 1; count < max; ++count) {
    const Symbol next = reader[at];
    if (!next.is(number)) break;
    at += next.length;
  }
  return at;
}

constexpr int unlimited = std::numeric_limits<int>::max();

// The part of ` ?[^..]` that takes a blank: where what follows it begins.
std::size_t after_space(const Reader& reader, std::size_t at) noexcept {
  return reader.text()[at] == ' ' ? at + 1 : at;
}

// GPT-2:
// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t match_gpt2(const Reader& reader, std::size_t at) noexcept {
  if (const std::size_t length = contraction<Case::sensitive>(reader, at)) return at + length;
  const std::size_t begin = after_space(reader, at);
  const Symbol first = reader[begin];
  const std::size_t next = begin + first.length;
  if (first.is(letter)) return reader.run<letter>(next);
  if (first.is(number)) return reader.run<number>(next);
  if (first.is_not(blank)) return reader.run_not<blank | letter | number>(next);
  return blanks(reader, at);
}

// GPT-4, Llama 3, and with other sets of letters and counts of numbers Qwen 2 and Qwen 3.5:
// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
// \s*[\r\n]+|\s+(?!\S)|\s+
template <Classes letters, int max_numbers>
std::size_t match_gpt4(const Reader& reader, std::size_t at) noexcept {
  if (const std::size_t length = contraction<Case::any>(reader, at)) return at + length;
  const Symbol first = reader[at];
  const std::size_t next = at + first.length;
  if (first.is(letters)) return reader.run<letters>(next);
  if (first.is(number)) return numbers<max_numbers>(reader, next);
  const Symbol second = reader[next];
  if (second.is(letters) && !first.is(line_end)) return reader.run<letters>(next + second.length);
  constexpr Classes taken = blank | letters | number;
  if (reader[after_space(reader, at)].is_not(taken)) {
    return reader.run_of("\r\n", reader.run_not<taken>(next));
  }
  return blanks_and_lines(reader, at);
}

// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+ or, when it is not there,
// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*
struct CasedWord {
  std::size_t end;
  bool ends_low;  // it is the first of the two
};

CasedWord cased_word(const Reader& reader, std::size_t at) noexcept {
  constexpr Classes caseless = other_letter | mark;
  std::size_t end = at;
  std::size_t after_caseless = at;
  for (;;) {
    const Symbol symbol = reader[end];
    if (!symbol.is(upper | caseless)) break;
    end += symbol.length;
    if (symbol.is(caseless)) after_caseless = end;
  }
  if (reader[end].is(lower)) return {reader.run<lower | caseless>(end), true};
  // Without a lower-case letter the second set is left with what the first one gives back: the last
  // that is in both.
  if (after_caseless > at) return {after_caseless, true};
  return {end, false};
}

// The same behind [^\r\n\p{L}\p{N}]?, or `at` when there is none.
std::size_t prefixed_cased_word(const Reader& reader, std::size_t at) noexcept {
  const Symbol first = reader[at];
  if (first.is(line_end | number)) return at;
  if (first.is(letter)) return cased_word(reader, at).end;
  const std::size_t next = at + first.length;
  const CasedWord word = cased_word(reader, next);
  if (word.ends_low) return word.end;
  // A mark alone ends low, which comes before a word that does not.
  if (first.is(mark)) return next;
  return word.end > next ? word.end : at;
}

// GPT-4o, Llama 4; and Tekken of Mistral without contractions, numbers one by one:
// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|..|'d)?|
// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|..|'d)?|
// \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
template <bool with_contractions, int max_numbers>
std::size_t match_gpt4o(const Reader& reader, std::size_t at) noexcept {
  if (const std::size_t word = prefixed_cased_word(reader, at); word > at) {
    return with_contractions ? word + contraction<Case::any>(reader, word) : word;
  }
  const Symbol first = reader[at];
  const std::size_t next = at + first.length;
  if (first.is(number)) return numbers<max_numbers>(reader, next);
  constexpr Classes taken = blank | letter | number;
  if (reader[after_space(reader, at)].is_not(taken)) {
    return reader.run_of("\r\n/", reader.run_not<taken>(next));
  }
  return blanks_and_lines(reader, at);
}

// DeepSeek-V3, first step: \p{N}{1,3}
std::size_t match_numbers(const Reader& reader, std::size_t at) noexcept {
  const Symbol first = reader[at];
  return first.is(number) ? numbers<3>(reader, at + first.length) : at;
}

// DeepSeek-V3, second step: [一-龥぀-ゟ゠-ヿ]+
std::size_t match_chinese_and_kana(const Reader& reader, std::size_t at) noexcept {
  const std::string_view text = reader.text();
  while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0xE3) {
    const auto [c, length] = decode_utf8(text.substr(at));
    if (!((c >= 0x4E00 && c <= 0x9FA5) || (c >= 0x3040 && c <= 0x30FF))) break;
    at += static_cast<std::size_t>(length);
  }
  return at;
}

std::size_t ascii_letters(const Reader& reader, std::size_t at) noexcept {
  while (reader[at].is(letter) && reader[at].length == 1) ++at;
  return at;
}

// DeepSeek-V3, third step:
// [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
//  ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t match_deepseek(const Reader& reader, std::size_t at) noexcept {
  const Symbol first = reader[at];
  const std::size_t next = at + first.length;
  const Symbol second = reader[next];
  if (first.is(symbol) && first.length == 1 && second.is(letter) && second.length == 1) {
    return ascii_letters(reader, next);
  }
  constexpr Classes letters = letter | mark;
  if (first.is(letters)) return reader.run<letters>(next);
  if (second.is(letters) && !first.is(line_end | symbol)) return reader.run<letters>(next);
  if (reader[after_space(reader, at)].is(symbol)) {
    return reader.run_of("\r\n", reader.run<symbol>(next));
  }
  return first.is(blank) ? blanks_and_lines(reader, at) : at;
}

// CLIP: 's|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
std::size_t match_clip(const Reader& reader, std::size_t at) noexcept {
  if (const std::size_t length = contraction<Case::sensitive>(reader, at)) return at + length;
  const Symbol first = reader[at];
  const std::size_t next = at + first.length;
  if (first.is(letter)) return reader.run<letter>(next);
  if (first.is(number)) return next;
  return first.is(blank) ? at : reader.run_not<blank | letter | number>(next);
}

// The same behind <\|startoftext\|>|<\|endoftext\|>|
std::size_t match_clip_with_ends(const Reader& reader, std::size_t at) noexcept {
  const std::string_view text = reader.text();
  for (const std::string_view end : {"<|startoftext|>", "<|endoftext|>"}) {
    if (text.substr(at, end.size()) == end) return at + end.size();
  }
  return match_clip(reader, at);
}

// What CLIP makes one blank of: \s+
std::size_t match_blanks(const Reader& reader, std::size_t at) noexcept {
  return reader.run<blank>(at);
}

template <std::size_t (*match)(const Reader&, std::size_t) noexcept>
std::optional<TextRange> find(std::string_view text, std::size_t from) noexcept {
  const Reader reader(text);
  for (std::size_t at = from; at < text.size(); at += reader[at].length) {
    const std::size_t end = match(reader, at);
    if (end > at) return TextRange{static_cast<Index>(at), static_cast<Index>(end)};
  }
  return std::nullopt;
}

struct Known {
  std::string_view pattern;
  Scanner scanner;
  WhiteSpaceIn white_space;
};

// Spellings that Oniguruma cannot tell apart share a scanner: nothing comes of ?+ and ++ here,
// since what is behind them never begins with what they hold.
constexpr std::array known_patterns = {
    Known{R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
          find<match_gpt2>, WhiteSpaceIn::begin},
    Known{R"('s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
          find<match_gpt2>, WhiteSpaceIn::begin},
    Known{R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
          find<match_gpt2>, WhiteSpaceIn::begin},
    Known{R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)",
          find<match_gpt2>, WhiteSpaceIn::begin},
    // GPT-4, Llama 3
    Known{R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
          R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
          find<match_gpt4<letter, 3>>, WhiteSpaceIn::begin_and_after_symbols},
    Known{R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3})"
          R"(| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
          find<match_gpt4<letter, 3>>, WhiteSpaceIn::begin_and_after_symbols},
    // Qwen 2 and 3
    Known{R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})"
          R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
          find<match_gpt4<letter, 1>>, WhiteSpaceIn::begin_and_after_symbols},
    Known{R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N})"
          R"(| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
          find<match_gpt4<letter, 1>>, WhiteSpaceIn::begin_and_after_symbols},
    // MiniCPM 5, which splits off three numbers at a time before
    Known{R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+)"
          R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
          find<match_gpt4<letter, unlimited>>, WhiteSpaceIn::begin_and_after_symbols},
    // Qwen 3.5
    Known{R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N})"
          R"(| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
          find<match_gpt4<letter | mark, 1>>, WhiteSpaceIn::begin_and_after_symbols},
    // GPT-4o, Llama 4
    Known{R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
          R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
          R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
          R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
          R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
          find<match_gpt4o<true, 3>>, WhiteSpaceIn::begin_and_after_symbols},
    // Tekken
    Known{R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
          R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
          R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
          find<match_gpt4o<false, 1>>, WhiteSpaceIn::begin_and_after_symbols},
    // DeepSeek-V3; its files hold the line ends themselves
    Known{R"(\p{N}{1,3})", find<match_numbers>, WhiteSpaceIn::no_match},
    Known{"[一-龥぀-ゟ゠-ヿ]+", find<match_chinese_and_kana>, WhiteSpaceIn::no_match},
    Known{R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^)"
          "\r\n"
          R"(\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[)"
          "\r\n"
          R"(]*|\s*[)"
          "\r\n"
          R"(]+|\s+(?!\S)|\s+)",
          find<match_deepseek>, WhiteSpaceIn::begin_and_after_symbols},
    Known{R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
          R"(| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
          find<match_deepseek>, WhiteSpaceIn::begin_and_after_symbols},
    // CLIP
    Known{R"(\s+)", find<match_blanks>, WhiteSpaceIn::begin},
    Known{R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)", find<match_clip>,
          WhiteSpaceIn::no_match},
    Known{R"(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}])"
          R"(|[^\s\p{L}\p{N}]+)",
          find<match_clip_with_ends>, WhiteSpaceIn::no_match},
};

const Known* find_known(std::string_view pattern) noexcept {
  for (const Known& known : known_patterns) {
    if (known.pattern == pattern) return &known;
  }
  return nullptr;
}

}  // namespace
}  // namespace regex_classes

Scanner find_scanner(std::string_view pattern) noexcept {
  const auto* known = regex_classes::find_known(pattern);
  return known == nullptr ? nullptr : known->scanner;
}

std::optional<WhiteSpaceIn> find_white_space_in(std::string_view pattern) noexcept {
  const auto* known = regex_classes::find_known(pattern);
  return known == nullptr ? std::nullopt : std::optional(known->white_space);
}

}  // namespace attend
