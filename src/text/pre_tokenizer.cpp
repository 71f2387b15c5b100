// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Finds delimiters and joins what lies between them, by the behaviours of tokenizers 0.22.
#include "attend/text/pre_tokenizer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "attend/text/byte_alphabet.h"
#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"
#include "text/matches.h"
#include "text/plain_ascii.h"

namespace attend {
namespace {

using Pieces = std::vector<TextRange>;

using Matches = std::vector<TextMatch>;

bool belongs(CharacterClass set, char32_t c) noexcept {
  switch (set) {
    case CharacterClass::white_space: return is_white_space(c);
    case CharacterClass::punctuation: return is_punctuation(c);
    case CharacterClass::numeric: return is_numeric(c);
  }
  return false;
}

void add_between(Index begin, Index end, Matches& out) {
  if (begin < end) out.push_back({{begin, end}, false});
}

// Every code point that `test` accepts is a match of its own.
template <class Test>
void match_code_points(std::string_view text, Index base, Matches& out, Test&& test) {
  std::size_t after = 0;  // of the last match
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text.substr(at));
    const std::size_t next = at + static_cast<std::size_t>(c.length);
    if (test(c.value)) {
      add_between(base + static_cast<Index>(after), base + static_cast<Index>(at), out);
      out.push_back({{base + static_cast<Index>(at), base + static_cast<Index>(next)}, true});
      after = next;
    }
    at = next;
  }
  add_between(base + static_cast<Index>(after), base + static_cast<Index>(text.size()), out);
}

void match(CharacterClass set, std::string_view text, Index base, TextScratch& scratch) {
  match_code_points(text, base, scratch.matches, [set](char32_t c) { return belongs(set, c); });
}

void match(char32_t delimiter, std::string_view text, Index base, TextScratch& scratch) {
  match_code_points(text, base, scratch.matches,
                    [delimiter](char32_t c) { return c == delimiter; });
}

// Strings and patterns. An empty match is a delimiter of no length.
template <class Pattern>
void match(const Pattern& delimiter, std::string_view text, Index base, TextScratch& scratch) {
  Matches& out = scratch.matches;
  Index after = 0;  // the last match
  for_each_match(delimiter, text, scratch.budget, [&](std::size_t first, std::size_t last) {
    const auto begin = static_cast<Index>(first);
    const auto end = static_cast<Index>(last);
    add_between(base + after, base + begin, out);
    out.push_back({{base + begin, base + end}, true});
    after = end;
  });
  add_between(base + after, base + static_cast<Index>(text.size()), out);
}

// In order of the text; `is_delimiter` of the one before the first counts as false.
void join_with_previous(const Matches& matches, Pieces& out) {
  const std::size_t first = out.size();
  bool previous = false;
  for (const auto& [range, is_delimiter] : matches) {
    if (is_delimiter && !previous && out.size() > first) {
      out.back().end = range.end;
    } else {
      out.push_back(range);
    }
    previous = is_delimiter;
  }
}

void join_with_next(const Matches& matches, Pieces& out) {
  const auto first = static_cast<Index>(out.size());
  bool previous = false;
  for (auto match = matches.rbegin(); match != matches.rend(); ++match) {
    if (match->is_delimiter && !previous && static_cast<Index>(out.size()) > first) {
      out.back().begin = match->range.begin;
    } else {
      out.push_back(match->range);
    }
    previous = match->is_delimiter;
  }
  std::reverse(out.begin() + first, out.end());
}

void join_runs(const Matches& matches, Pieces& out) {
  const std::size_t first = out.size();
  bool previous = false;
  for (const auto& [range, is_delimiter] : matches) {
    if (is_delimiter == previous && out.size() > first) {
      out.back().end = range.end;
    } else {
      out.push_back(range);
    }
    previous = is_delimiter;
  }
}

void add_pieces(const Matches& matches, SplitBehavior behavior, Pieces& out) {
  switch (behavior) {
    case SplitBehavior::removed:
      for (const auto& [range, is_delimiter] : matches) {
        if (!is_delimiter) out.push_back(range);
      }
      return;
    case SplitBehavior::isolated:
      for (const TextMatch& match : matches) out.push_back(match.range);
      return;
    case SplitBehavior::merged_with_previous: join_with_previous(matches, out); return;
    case SplitBehavior::merged_with_next: join_with_next(matches, out); return;
    case SplitBehavior::contiguous: join_runs(matches, out); return;
  }
}

// A Split whose kind of delimiter is known.
template <class Delimiter>
struct SplitAt {
  const Delimiter& delimiter;
  SplitBehavior behavior;
  bool invert = false;
};

template <class Delimiter>
void apply(const SplitAt<Delimiter>& split, NormalizedText& text, const Pieces& pieces,
           Pieces& out) {
  Matches& matches = text.scratch().matches;
  for (const TextRange piece : pieces) {
    matches.clear();
    match(split.delimiter, text.text(piece), piece.begin, text.scratch());
    if (split.invert) {
      for (TextMatch& match : matches) match.is_delimiter = !match.is_delimiter;
    }
    add_pieces(matches, split.behavior, out);
  }
  std::erase_if(out, [](const TextRange& piece) { return piece.size() == 0; });
}

void apply(const Split& split, NormalizedText& text, const Pieces& pieces, Pieces& out) {
  std::visit(
      [&]<class Delimiter>(const Delimiter& delimiter) {
        apply(SplitAt<Delimiter>{delimiter, split.behavior, split.invert}, text, pieces, out);
      },
      split.delimiter);
}

void apply(const SplitWordsAndSymbols&, NormalizedText& text, const Pieces& pieces, Pieces& out) {
  enum class Kind { blank, word, symbol };
  for (const TextRange piece : pieces) {
    const std::string_view bytes = text.text(piece);
    Kind previous = Kind::blank;
    for (std::size_t at = 0; at < bytes.size();) {
      const CodePoint c = decode_utf8(bytes.substr(at));
      const Kind kind = is_word(c.value)          ? Kind::word
                        : is_white_space(c.value) ? Kind::blank
                                                  : Kind::symbol;
      const Index begin = piece.begin + static_cast<Index>(at);
      if (kind != Kind::blank) {
        if (kind == previous) {
          out.back().end = begin + c.length;
        } else {
          out.push_back({begin, begin + c.length});
        }
      }
      previous = kind;
      at += static_cast<std::size_t>(c.length);
    }
  }
}

// A new text made of pieces of the old one; what lies between them goes.
class Rewriter {
 public:
  explicit Rewriter(NormalizedText& text) : text_(text), edits_(text.scratch().edits) {
    edits_.clear();
    edits_.reserve(text.text().size());
  }

  /// Begins the piece that the old one becomes; all of its code points are put or passed over.
  void begin(TextRange old) {
    skip(text_.text({old_end_, old.begin}));
    old_end_ = old.end;
    begin_ = size_;
  }
  void put(char32_t c, int change) {
    edits_.push_back({c, change});
    size_ += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  }
  [[nodiscard]] TextRange end() const noexcept { return {begin_, size_}; }
  void finish() { text_.rewrite(edits_); }

 private:
  void skip(std::string_view gap) {
    for (Index left = count_code_points(gap); left > 0; --left) {
      edits_.push_back({Edit::nothing, -1});
    }
  }

  NormalizedText& text_;
  std::vector<Edit>& edits_;
  Index old_end_ = 0;
  Index begin_ = 0;
  Index size_ = 0;
};

// Puts each piece with a blank before it where `wants_blank` says so; each code point, the blank
// too, goes through `map`. The blank stands for what the first code point of the piece stands for.
template <class WantsBlank, class Map>
void prepend_blank(NormalizedText& text, Pieces& pieces, WantsBlank&& wants_blank, Map&& map) {
  Rewriter rewriter(text);
  for (TextRange& piece : pieces) {
    const std::string_view old = text.text(piece);
    bool is_prefixed = wants_blank(piece);
    rewriter.begin(piece);
    if (is_prefixed) rewriter.put(map(U' '), 0);
    for (std::size_t at = 0; at < old.size();) {
      const CodePoint c = decode_utf8(old.substr(at));
      rewriter.put(map(c.value), is_prefixed ? 1 : 0);
      is_prefixed = false;
      at += static_cast<std::size_t>(c.length);
    }
    piece = rewriter.end();
  }
  rewriter.finish();
}

// Source: pre_tokenizers::ByteLevel.
const Regex& words_of_gpt2() {
  static const Regex regex(
      R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)");
  return regex;
}

void bytes_to_alphabet(NormalizedText& text, Pieces& pieces) {
  const bool changes = std::any_of(pieces.begin(), pieces.end(), [&](TextRange piece) {
    const std::string_view bytes = text.text(piece);
    return !std::all_of(bytes.begin(), bytes.end(), is_plain_ascii);
  });
  if (!changes) return;
  Rewriter rewriter(text);
  for (TextRange& piece : pieces) {
    rewriter.begin(piece);
    for (const char c : text.text(piece)) {
      const auto byte = static_cast<std::uint8_t>(c);
      rewriter.put(character_of_byte(byte), continues_utf8(c) ? 1 : 0);
    }
    piece = rewriter.end();
  }
  rewriter.finish();
}

void apply(const ByteLevelSplit& step, NormalizedText& text, Pieces& pieces, Pieces& out) {
  const auto lacks_blank = [&](TextRange piece) { return text.text(piece)[0] != ' '; };
  if (step.add_prefix_space && std::any_of(pieces.begin(), pieces.end(), lacks_blank)) {
    prepend_blank(text, pieces, lacks_blank, [](char32_t c) { return c; });
  }
  if (step.use_regex) {
    apply(SplitAt<Regex>{words_of_gpt2(), SplitBehavior::isolated}, text, pieces, out);
  } else {
    out = pieces;
  }
  bytes_to_alphabet(text, out);
}

void apply(const MetaspaceSplit& step, NormalizedText& text, Pieces& pieces, Pieces& out) {
  const auto map = [&](char32_t c) { return c == U' ' ? step.replacement : c; };
  const auto wants_blank = [&](TextRange piece) {
    if (map(decode_utf8(text.text(piece)).value) == step.replacement) return false;
    switch (step.prepend_scheme) {
      case PrependScheme::always: return true;
      case PrependScheme::first: return text.source(piece).begin == 0;
      case PrependScheme::never: return false;
    }
    return false;
  };
  prepend_blank(text, pieces, wants_blank, map);
  if (!step.split) {
    out = pieces;
    return;
  }
  apply(SplitAt<char32_t>{step.replacement, SplitBehavior::merged_with_next}, text, pieces, out);
}

void apply(const SplitScripts&, NormalizedText& text, Pieces& pieces, Pieces& out) {
  for (const TextRange piece : pieces) {
    const std::string_view bytes = text.text(piece);
    std::uint8_t last = 0;  // what joins leaves it
    for (std::size_t at = 0; at < bytes.size();) {
      const CodePoint c = decode_utf8(bytes.substr(at));
      const std::uint8_t current = script(c.value);
      const Index begin = piece.begin + static_cast<Index>(at);
      // The reference loses what stands before the first character of a script.
      if (current != 0 && current != last) out.push_back({begin, begin});
      if (current != 0) last = current;
      if (last != 0) out.back().end = begin + c.length;
      at += static_cast<std::size_t>(c.length);
    }
  }
}

void apply(const SplitFixedLength& step, NormalizedText& text, Pieces& pieces, Pieces& out) {
  for (const TextRange piece : pieces) {
    const std::string_view bytes = text.text(piece);
    TextRange part{piece.begin, piece.begin};
    Index count = 0;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t length = code_point_length(bytes, at);
      at += length;
      part.end += static_cast<Index>(length);
      if (++count < step.length && at < bytes.size()) continue;
      out.push_back(part);
      part.begin = part.end;
      count = 0;
    }
  }
}

}  // namespace

std::vector<PreTokenizerStep> bert_pre_tokenizer() {
  return {Split{CharacterClass::white_space, SplitBehavior::removed},
          Split{CharacterClass::punctuation, SplitBehavior::isolated}};
}

PreTokenizer::PreTokenizer(std::vector<PreTokenizerStep> steps) : steps_(std::move(steps)) {}

void PreTokenizer::operator()(NormalizedText& text, std::vector<TextRange>& pieces) const {
  Pieces& out = text.scratch().pieces;
  for (const PreTokenizerStep& step : steps_) {
    out.clear();
    std::visit([&](const auto& known) { apply(known, text, pieces, out); }, step);
    pieces.swap(out);
  }
}

}  // namespace attend
