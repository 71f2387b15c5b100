// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The trie is walked as the reference walks its own: from every place where a token may begin, with
// what has begun earlier still going on.
#include "tokenizer/python_tokens.h"

#include <algorithm>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "text/python_text.h"

namespace attend {
namespace {

std::string_view sub(std::string_view text, TextRange range) {
  return text.substr(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.size()));
}

TextRange range_of(std::size_t begin, std::size_t end) {
  return {static_cast<Index>(begin), static_cast<Index>(end)};
}

// What begins at some place and may still become a token.
struct State {
  std::size_t start;
  Trie::Node node;
};

// Walks characters, not bytes: Python's text has no others.
class Walker {
 public:
  Walker(const Trie& trie, std::string_view text) : trie_(trie), text_(text) {}

  std::vector<TextRange> find() {
    for (std::size_t at = 0; at < text_.size(); at += size_at(at)) {
      if (at < skip_) continue;
      if (!goes_on(at)) states_.clear();
      if (at >= skip_) begin(at);
    }
    for (const State& state : states_) {
      if (!ends(state.node)) continue;
      found_.push_back(range_of(state.start, text_.size()));
      break;
    }
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::size_t size_at(std::size_t at) const {
    return static_cast<std::size_t>(decode_utf8(text_.substr(at)).length);
  }
  [[nodiscard]] static bool ends(const Trie::Node& node) { return node.id() != none; }
  bool step(Trie::Node& node, std::size_t at) const {
    Trie::Node next = node;
    for (const char byte : text_.substr(at, size_at(at))) {
      if (!trie_.step(next, byte)) return false;
    }
    node = next;
    return true;
  }

  void begin(std::size_t at) {
    Trie::Node node = trie_.root();
    if (step(node, at)) states_.push_back({at, node});
  }

  // Takes one more character. Returns false when a token was found instead.
  bool goes_on(std::size_t at) {
    const auto found = std::find_if(states_.begin(), states_.end(),
                                    [](const State& state) { return ends(state.node); });
    if (found != states_.end()) {
      for (auto state = states_.begin(); state != found; ++state) step(state->node, at);
      look_ahead(*found, at);
      return false;
    }
    states_.erase(std::remove_if(states_.begin(), states_.end(),
                                 [&](State& state) { return !step(state.node, at); }),
                  states_.end());
    return true;
  }

  // `found` is a token. What began earlier may become a longer one, and so may this. As the
  // reference has it, an earlier one has taken the character at `at` already, also where it could
  // not: then that character stands in a token that does not have it.
  void look_ahead(const State& found, std::size_t at) {
    TextRange best = range_of(found.start, at);
    for (const State& state : states_) {
      if (static_cast<Index>(state.start) > best.begin) break;
      const bool is_earlier = static_cast<Index>(state.start) < best.begin;
      std::size_t end = is_earlier ? at + size_at(at) : at;
      best.end = static_cast<Index>(end);
      Trie::Node node = state.node;
      const auto take = [&] {
        if (!ends(node)) return;
        best = range_of(state.start, end);
        skip_ = end;
      };
      take();
      while (end < text_.size() && step(node, end)) {
        end += size_at(end);
        take();
      }
    }
    found_.push_back(best);
  }

  const Trie& trie_;
  std::string_view text_;
  std::vector<State> states_;
  std::vector<TextRange> found_;
  std::size_t skip_ = 0;
};

// Python's strip() of one side.
void strip_right(std::string_view text, std::vector<TextRange>& ranges) {
  while (!ranges.empty()) {
    TextRange& last = ranges.back();
    last.end = last.begin + static_cast<Index>(python_rstrip(sub(text, last)).size());
    if (last.size() > 0) return;
    ranges.pop_back();
  }
}
void strip_left(std::string_view text, std::vector<TextRange>& ranges) {
  while (!ranges.empty()) {
    TextRange& first = ranges.front();
    first.begin = first.end - static_cast<Index>(python_lstrip(sub(text, first)).size());
    if (first.size() > 0) return;
    ranges.erase(ranges.begin());
  }
}

void append(std::vector<TextRange>& out, std::vector<TextRange>& more) {
  for (const TextRange range : more) {
    if (!out.empty() && out.back().end == range.begin) {
      out.back().end = range.end;
    } else {
      out.push_back(range);
    }
  }
  more.clear();
}

}  // namespace

std::string join_ranges(std::string_view text, const std::vector<TextRange>& ranges) {
  std::string out;
  for (const TextRange range : ranges) out += sub(text, range);
  return out;
}

void PythonTokens::update(const AddedTokens& tokens) {
  finds_ = tokens.finds_special_tokens();
  tokens_.clear();
  ids_ = tokens.ids();
  for (const auto& [content, id] : ids_) {
    tokens_.emplace(content, *tokens.token(id));
  }
  for (const auto& [id, token] : tokens.tokens()) in_trie_.insert(token.content);
  std::vector<Trie::Entry> entries;
  for (const std::string& content : in_trie_) entries.push_back({content, ids_.at(content)});
  trie_ = Trie(std::move(entries));
}

std::optional<TokenId> PythonTokens::find(std::string_view content) const {
  const auto found = ids_.find(content);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

bool PythonTokens::may_stand_in(std::string_view text) const noexcept {
  if (!finds_ || ids_.empty()) return false;
  return std::any_of(text.begin(), text.end(), [&](char byte) {
    Trie::Node node = trie_.root();
    return trie_.step(node, byte);
  });
}

PythonTokens::Ranges PythonTokens::cut(std::string_view text) const {
  Ranges out;
  std::size_t done = 0;
  const auto cut_to = [&](Index place) {
    const auto end = static_cast<std::size_t>(place);
    if (end <= done) return;  // the reference logs a bug when it is before
    out.push_back(range_of(done, end));
    done = end;
  };
  for (const TextRange token : Walker(trie_, text).find()) {
    cut_to(token.begin);
    cut_to(token.end);
  }
  cut_to(static_cast<Index>(text.size()));
  return out;
}

std::vector<PythonTokens::Part> PythonTokens::split(std::string_view text) const {
  std::vector<Part> parts;
  for (const TextRange range : cut(text)) parts.push_back({.ranges = {range}});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto found = tokens_.find(join_ranges(text, parts[i].ranges));
    if (found == tokens_.end()) continue;
    const AddedToken& token = found->second;
    Part* const left = i > 0 && !parts[i - 1].ranges.empty() ? &parts[i - 1] : nullptr;
    Part* const right =
        i + 1 < parts.size() && !parts[i + 1].ranges.empty() ? &parts[i + 1] : nullptr;
    // What stands beside the token is asked for as it was before blanks went.
    const bool touches_left = left != nullptr && !sub(text, left->ranges.back()).ends_with(' ');
    const bool touches_right =
        right != nullptr && !sub(text, right->ranges.front()).starts_with(' ');
    if (token.rstrip && right != nullptr) strip_left(text, right->ranges);
    if (token.lstrip && left != nullptr) strip_right(text, left->ranges);
    if (!token.single_word) continue;
    if (touches_left) {
      append(left->ranges, parts[i].ranges);
    } else if (touches_right) {
      append(parts[i].ranges, right->ranges);
      right->ranges.swap(parts[i].ranges);
    }
  }
  parts.erase(std::remove_if(parts.begin(), parts.end(),
                             [](const Part& part) { return part.ranges.empty(); }),
              parts.end());
  for (Part& part : parts) part.id = find(join_ranges(text, part.ranges)).value_or(none);
  return parts;
}

}  // namespace attend
