// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Finds delimiters and joins what lies between them, by the behaviours of tokenizers 0.22.
#include "attend/text/pre_tokenizer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"

namespace attend {
namespace {

using Pieces = std::vector<TextRange>;

struct Match {
  TextRange range;
  bool is_delimiter;
};
using Matches = std::vector<Match>;

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

void match(CharacterClass set, std::string_view text, Index base, Matches& out) {
  match_code_points(text, base, out, [set](char32_t c) { return belongs(set, c); });
}

void match(char32_t delimiter, std::string_view text, Index base, Matches& out) {
  match_code_points(text, base, out, [delimiter](char32_t c) { return c == delimiter; });
}

void match(const std::string& delimiter, std::string_view text, Index base, Matches& out) {
  std::size_t after = 0;
  if (!delimiter.empty()) {
    for (std::size_t at = text.find(delimiter); at != std::string_view::npos;
         at = text.find(delimiter, after)) {
      add_between(base + static_cast<Index>(after), base + static_cast<Index>(at), out);
      after = at + delimiter.size();
      out.push_back({{base + static_cast<Index>(at), base + static_cast<Index>(after)}, true});
    }
  }
  add_between(base + static_cast<Index>(after), base + static_cast<Index>(text.size()), out);
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
      for (const Match& match : matches) out.push_back(match.range);
      return;
    case SplitBehavior::merged_with_previous: join_with_previous(matches, out); return;
    case SplitBehavior::merged_with_next: join_with_next(matches, out); return;
    case SplitBehavior::contiguous: join_runs(matches, out); return;
  }
}

void apply(const Split& split, const NormalizedText& text, const Pieces& pieces, Pieces& out) {
  Matches matches;
  for (const TextRange piece : pieces) {
    matches.clear();
    std::visit(
        [&](const auto& delimiter) { match(delimiter, text.text(piece), piece.begin, matches); },
        split.delimiter);
    if (split.invert) {
      for (Match& match : matches) match.is_delimiter = !match.is_delimiter;
    }
    add_pieces(matches, split.behavior, out);
  }
}

void apply(const SplitWordsAndSymbols&, const NormalizedText& text, const Pieces& pieces,
           Pieces& out) {
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

}  // namespace

std::vector<PreTokenizerStep> bert_pre_tokenizer() {
  return {Split{CharacterClass::white_space, SplitBehavior::removed},
          Split{CharacterClass::punctuation, SplitBehavior::isolated}};
}

PreTokenizer::PreTokenizer(std::vector<PreTokenizerStep> steps) : steps_(std::move(steps)) {}

void PreTokenizer::operator()(NormalizedText& text, std::vector<TextRange>& pieces) const {
  Pieces out;
  for (const PreTokenizerStep& step : steps_) {
    out.clear();
    std::visit([&](const auto& known) { apply(known, text, pieces, out); }, step);
    pieces.swap(out);
  }
}

}  // namespace attend
