// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which steps are local at a cut, and why.
#include "tokenizer/chunking.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "attend/text/utf8.h"
#include "text/grapheme.h"
#include "text/plain_ascii.h"
#include "text/scanners.h"
#include "tokenizer/parts.h"
#include "tokenizer/unknown_text.h"

namespace attend {
namespace {

constexpr std::string_view metaspace = "\u2581";

bool is_plain_text(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_plain_ascii);
}
// Whether it begins with what may stand behind a cut.
bool is_behind(std::string_view text) noexcept {
  return text.starts_with(' ') || text.starts_with('\n') || text.starts_with(metaspace);
}

// What stands behind a cut once some steps have been through.
enum class Behind : std::uint8_t {
  blank,
  line_feed,
  metaspace,
  blank_or_metaspace,
  word_begin,  // whatever it is, the pre-tokenizer has cut before it
};
using Answer = std::optional<Behind>;  // nothing: the step is not local
constexpr std::nullopt_t not_local = std::nullopt;

// --- Normalizer. `behind` says what a step makes of what stands behind a cut. ---

// These look at one code point at a time and leave plain ones plain.
Answer behind(const CleanText&, Behind now) {
  return now == Behind::line_feed ? Behind::blank : now;
}
Answer behind(const SpaceChinese&, Behind now) { return now; }
Answer behind(const DropNonspacingMarks&, Behind now) { return now; }
Answer behind(const DropMarks&, Behind now) { return now; }
Answer behind(const Lowercase&, Behind now) { return now; }
Answer behind(const CleanNmt&, Behind) { return Behind::blank; }

// All forms leave ASCII and the metaspace alone. These are starters, and what follows one of those
// that stand behind a cut never combines with it.
Answer behind(const UnicodeForm&, Behind now) { return now; }

// On the right, the plain character before the last cut is the farthest that it goes. The left is
// the first chunk's business, as is what is prepended: see without_beginning().
Answer behind(const StripBlanks&, Behind now) { return now; }
Answer behind(const PrependText&, Behind now) { return now; }

// A pattern that holds nothing of what stands behind a cut has no match across one. What holds
// plain characters becomes plain text, so that the left side ends in it.
Answer behind(const ReplaceText& replace, Behind now) {
  const std::string_view here = now == Behind::line_feed ? "\n" : " ";
  if (replace.pattern == here && now != Behind::metaspace) {
    if (replace.content == metaspace) return Behind::metaspace;
    return replace.content == " " && now != Behind::blank_or_metaspace ? Answer(Behind::blank)
                                                                       : not_local;
  }
  const std::string_view pattern = replace.pattern;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_behind(pattern.substr(i))) return not_local;
  }
  const bool holds_plain = std::any_of(pattern.begin(), pattern.end(), is_plain_ascii);
  if (pattern.empty() || (holds_plain && !is_plain_text(replace.content))) return not_local;
  return now;
}

// Of patterns that any text may match only these are known: runs of blanks, which begin at a cut or
// do not reach it.
Answer behind(const ReplaceRegex& replace, Behind now) {
  const bool is_run = replace.pattern.pattern() == " {2,}";
  const bool is_any = replace.pattern.pattern() == "\\s+";
  if ((!is_run && !is_any) || now == Behind::blank_or_metaspace) return not_local;
  if (now == Behind::metaspace || (now == Behind::line_feed && is_run)) return now;
  if (replace.content == " ") return Behind::blank;
  if (replace.content == metaspace) return is_run ? Behind::blank_or_metaspace : Behind::metaspace;
  return not_local;
}

// Whether plain characters before a cut stay as they are. Rules look at one grapheme cluster at a
// time, and a plain character before a blank or line feed is the end of one: of its own, or behind
// prepended characters, with which a short cluster has room for two of them.
bool keeps_plain(const Charsmap& rules) {
  const auto keeps = [&](std::string_view cluster) {
    if (!rules.begins_rule(cluster[0])) return true;
    const auto content = rules.find(cluster);
    return !content || content == cluster;
  };
  std::vector<std::string> before{""};
  for (const char32_t c : prepended_characters()) {
    std::string text;
    append_utf8(c, text);
    if (!rules.begins_rule(text[0])) continue;
    before.push_back(text);
    for (const char32_t next : prepended_characters()) {
      if (text.size() == 2 && next < 0x800) append_utf8(next, before.emplace_back(text));
    }
  }
  for (std::string& cluster : before) {
    cluster += '!';
    for (char& c = cluster.back(); c <= '~'; ++c) {
      if (!keeps(cluster)) return false;
    }
  }
  return true;
}

// A blank or line feed behind a cut is a cluster of its own, or a blank the first of one. What
// begins with a rule has its shortest rule applied, whatever follows.
Answer behind(const Precompiled& step, Behind now) {
  const Charsmap& rules = *step.charsmap;
  const auto becomes = [&](char c, char other) {
    if (!rules.begins_rule(c)) return c == other;
    const auto content = rules.find({&c, 1});
    return content && *content == std::string_view(&other, 1);
  };
  if (!keeps_plain(rules)) return not_local;
  switch (now) {
    case Behind::blank: return becomes(' ', ' ') ? Answer(now) : not_local;
    case Behind::line_feed:
      if (becomes('\n', ' ')) return Behind::blank;
      return becomes('\n', '\n') ? Answer(now) : not_local;
    case Behind::metaspace:
    case Behind::blank_or_metaspace:
    case Behind::word_begin: break;
  }
  return not_local;
}

// Nothing that follows would be in ASCII.
Answer behind(const BytesToAlphabet&, Behind) { return not_local; }

// --- Pre-tokenizer. Steps take pieces one by one, so behind a cut of theirs all are local. Until
// then a cut may lie in a piece, which the two sides give in two halves: a later step that surely
// cuts here makes up for that, if the steps before it did to the halves what they do to the piece.

Answer behind_split(CharacterClass set, Behind now) {
  if (set != CharacterClass::white_space) return now;  // it is neither punctuation nor numeric
  const bool is_white_space = now == Behind::blank || now == Behind::line_feed;
  return is_white_space ? Answer(Behind::word_begin) : not_local;
}

Answer behind_split(char32_t character, Behind now) {
  if (now == Behind::blank_or_metaspace) return not_local;
  const char32_t here = now == Behind::blank ? U' ' : now == Behind::line_feed ? U'\n' : U'\u2581';
  return character == here ? Behind::word_begin : now;
}

Answer behind_split(const std::string& text, Behind now) {
  if (text == " ") return behind_split(U' ', now);
  return is_plain_text(text) ? Answer(now) : not_local;
}

Answer behind_split(const Regex& regex, Behind now) {
  const auto known = find_white_space_in(regex.pattern());
  if (now != Behind::blank && now != Behind::line_feed) return not_local;
  if (known == WhiteSpaceIn::no_match) return now;
  const bool cuts = known == WhiteSpaceIn::begin ||
                    (known == WhiteSpaceIn::begin_and_after_symbols && now == Behind::blank);
  return cuts ? Answer(Behind::word_begin) : not_local;
}

// Whether words are the matches, and nothing but them.
bool keeps_matches(const Split& split) {
  return split.invert && split.behavior == SplitBehavior::removed;
}

Answer behind(const Split& split, Behind now) {
  if (const auto* regex = std::get_if<Regex>(&split.delimiter);
      regex != nullptr && keeps_matches(split)) {
    if (find_white_space_in(regex->pattern()) != WhiteSpaceIn::no_match) {
      return behind_split(*regex, now);
    }
    return now == Behind::metaspace || now == Behind::blank_or_metaspace
               ? not_local
               : Answer(Behind::word_begin);
  }
  // What is joined with a neighbour may be so across the cut: a run of matches of a pattern surely.
  const bool joins = split.behavior == SplitBehavior::merged_with_previous ||
                     split.behavior == SplitBehavior::merged_with_next ||
                     (split.behavior == SplitBehavior::contiguous &&
                      std::holds_alternative<Regex>(split.delimiter));
  if (split.invert || joins) return not_local;
  return std::visit([&](const auto& delimiter) { return behind_split(delimiter, now); },
                    split.delimiter);
}

Answer behind(const SplitWordsAndSymbols&, Behind now) {
  const bool is_white_space = now == Behind::blank || now == Behind::line_feed;
  return is_white_space ? Answer(Behind::word_begin) : not_local;
}

// Its pattern cuts before a run of white space, and its prefix is not wanted before a blank.
Answer behind(const ByteLevelSplit& step, Behind now) {
  if (!step.use_regex) return not_local;
  if (now == Behind::line_feed && !step.add_prefix_space) return Behind::word_begin;
  return now == Behind::blank ? Answer(Behind::word_begin) : not_local;
}

// No piece that begins with a blank gets a prefix, nor one that does not begin the text under
// `first`.
Answer behind(const MetaspaceSplit& step, Behind now) {
  if (step.replacement != U'\u2581') return not_local;
  if (now == Behind::line_feed) {
    return step.prepend_scheme == PrependScheme::always ? not_local : Answer(now);
  }
  return step.split ? Behind::word_begin : Behind::metaspace;
}

// What script a blank is of, or how long a piece is there, depends on what stands before.
Answer behind(const SplitScripts&, Behind) { return not_local; }
Answer behind(const SplitFixedLength&, Behind) { return not_local; }

// What stands behind a cut in the end.
Answer behind_steps(const TokenizerParts& parts, Answer now) {
  const auto take = [&](const auto& steps) {
    for (const auto& step : steps) {
      if (!now || now == Behind::word_begin) return;
      now = std::visit([&](const auto& known) { return behind(known, *now); }, step);
    }
  };
  take(parts.normalizer.steps());
  take(parts.pre_tokenizer.steps());
  return now;
}

// --- Models take words one by one. Only Bpe can be given words that go on behind cuts. ---

// An unknown word can be an error, and a text that is cut must fail as the whole does.
bool never_fails(const WordPiece& model, const Vocabulary& vocabulary) {
  return vocabulary.find(model.options().unk_token).has_value();
}
bool never_fails(const WordLevel& model, const Vocabulary& vocabulary) {
  return vocabulary.find(model.options().unk_token).has_value();
}
bool never_fails(const Unigram& model, const Vocabulary&) {
  return model.options().unk_id.has_value();
}
// SentencePiece takes its texts whole.
bool never_fails(const SentencePieceModel&, const Vocabulary&) { return false; }
bool never_fails(const Bpe& model, const Vocabulary& vocabulary) {
  return !model.options().unk_token || vocabulary.find(*model.options().unk_token).has_value();
}

template <class Model>
bool is_local(const Model&, const Vocabulary&, std::string_view) {
  return false;
}

// No merge joins what stands before a cut with `symbol`, which stands behind it, when no token
// holds anything else before a symbol; and unknown characters do not fuse across one that is known.
bool is_local(const Bpe& model, const Vocabulary& vocabulary, std::string_view symbol) {
  const BpeOptions& options = model.options();
  const bool is_byte = symbol.starts_with('<');
  if ((is_byte && !options.byte_fallback) || !options.unk_token || options.ignore_merges ||
      !options.continuing_subword_prefix.empty() || !options.end_of_word_suffix.empty() ||
      !vocabulary.find(symbol)) {
    return false;
  }
  for (TokenId id = 0; id < vocabulary.id_end(); ++id) {
    const std::string_view token = vocabulary.token(id).value_or("");
    for (std::size_t at = token.find(symbol, 1); at < token.size();
         at = token.find(symbol, at + 1)) {
      if (!token.substr(0, at).ends_with(symbol)) return false;
    }
  }
  return true;
}

bool is_local(const TokenizerParts& parts, Behind end) {
  const auto with = [&](std::string_view symbol) {
    return std::visit([&](const auto& model) { return is_local(model, parts.vocabulary, symbol); },
                      parts.model);
  };
  switch (end) {
    case Behind::word_begin: return true;
    case Behind::metaspace: return with(metaspace);
    case Behind::line_feed: return with(parts.vocabulary.find("\n") ? "\n" : "<0x0A>");
    case Behind::blank:
    case Behind::blank_or_metaspace: break;
  }
  return false;
}

// --- Added tokens that are looked for in normalized text ---

// It must not span a cut, nor look over one. What can be next to it at a cut is no word character,
// so single words are found alike.
bool is_local(std::string_view pattern, const AddedToken& token) {
  if (pattern.empty()) return false;  // no use: all are cut apart anyway
  if (token.rstrip || (token.single_word && is_behind(pattern))) return false;
  for (std::size_t i = 1; i < pattern.size(); ++i) {
    if (is_plain_ascii(pattern[i - 1]) && is_behind(pattern.substr(i))) return false;
  }
  return true;
}

// The same where a line feed stands before the cut.
bool is_local_after_line_feed(std::string_view pattern, const AddedToken& token) {
  if (token.lstrip) return false;
  for (std::size_t i = 1; i < pattern.size(); ++i) {
    if (pattern[i - 1] == '\n' && is_plain_ascii(pattern[i])) return false;
  }
  return true;
}

template <class Test>
bool all_of(const AddedTokens& tokens, Test&& test) {
  bool all = true;
  tokens.for_each_normalized([&](std::string_view pattern, const AddedToken& token) {
    all = all && test(pattern, token);
  });
  return all;
}

// --- Line feeds that are taken together with symbols before them ---

// Whether words are those of a pattern that does so, in a text whose plain characters are as they
// were. Such a pattern ends a match behind the line feeds whatever follows.
bool takes_line_feeds_after_symbols(const TokenizerParts& parts) {
  for (const NormalizerStep& step : parts.normalizer.steps()) {
    if (!std::holds_alternative<UnicodeForm>(step)) return false;
  }
  for (const PreTokenizerStep& step : parts.pre_tokenizer.steps()) {
    const auto* split = std::get_if<Split>(&step);
    if (split == nullptr) return false;
    const bool is_isolated = split->behavior == SplitBehavior::isolated && !split->invert;
    if (!is_isolated && !keeps_matches(*split)) return false;
    const auto* regex = std::get_if<Regex>(&split->delimiter);
    if (regex == nullptr) return false;
    const auto known = find_white_space_in(regex->pattern());
    if (known == WhiteSpaceIn::begin_and_after_symbols) return true;
    if (known != WhiteSpaceIn::no_match) return false;
  }
  return false;
}

// Without what belongs to the beginning of a text.
Normalizer without_beginning(const Normalizer& normalizer) {
  std::vector<NormalizerStep> steps;
  for (NormalizerStep step : normalizer.steps()) {
    if (std::holds_alternative<PrependText>(step)) continue;
    if (auto* strip = std::get_if<StripBlanks>(&step)) strip->left = false;
    steps.push_back(std::move(step));
  }
  return Normalizer(std::move(steps));
}

}  // namespace

Chunking::Chunking(const TokenizerParts& parts) {
  const bool is_safe = std::visit(
      [&](const auto& model) { return never_fails(model, parts.vocabulary); }, parts.model);
  const auto is_local_token = [](std::string_view pattern, const AddedToken& token) {
    return is_local(pattern, token);
  };
  const Answer blank = behind_steps(parts, Behind::blank);
  if (!is_safe || !blank || !is_local(parts, *blank)) return;
  if (!all_of(parts.added_tokens, is_local_token)) return;
  cuts_ = true;
  words_span_cuts_ = *blank != Behind::word_begin;
  inner_normalizer_ = without_beginning(parts.normalizer);
  wants_plain_begin_ = std::any_of(
      parts.normalizer.steps().begin(), parts.normalizer.steps().end(),
      [](const NormalizerStep& step) { return std::holds_alternative<Precompiled>(step); });

  const Answer line_feed = behind_steps(parts, Behind::line_feed);
  if (line_feed && is_local(parts, *line_feed) &&
      words_span_cuts_ == (*line_feed != Behind::word_begin)) {
    line_feeds_ = LineFeeds::before;
  } else if (takes_line_feeds_after_symbols(parts) &&
             all_of(parts.added_tokens, is_local_after_line_feed)) {
    line_feeds_ = LineFeeds::by_neighbor;
  }
}

// A charsmap that drops the beginning of a text shifts the offsets of all that follows. It does not
// drop what stands behind cuts, nor a plain character that is alone, which one before ASCII is.
// What has nothing else is one chunk.
bool Chunking::cuts(std::string_view text) const noexcept {
  if (!cuts_ || !wants_plain_begin_) return cuts_;
  const std::string_view blanks = line_feeds_ == LineFeeds::before ? " \n" : " ";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return true;
  return is_plain_ascii(text[begin]) &&
         (begin + 1 == text.size() || static_cast<signed char>(text[begin + 1]) >= 0);
}

std::size_t Chunking::cut_at_line_feed(std::string_view text, std::size_t at) const noexcept {
  const auto is_alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  switch (line_feeds_) {
    case LineFeeds::stay: return 0;
    case LineFeeds::before: return at;
    case LineFeeds::by_neighbor: break;
  }
  if (is_alphanumeric(text[at - 1])) return at;
  const std::size_t end = std::min(text.find_first_not_of('\n', at), text.size());
  // Some patterns take slashes together with line feeds.
  return end < text.size() && is_plain_ascii(text[end]) && text[end] != '/' ? end : 0;
}

}  // namespace attend
