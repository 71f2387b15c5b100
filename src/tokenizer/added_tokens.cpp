// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which added tokens there are, and where they stand in a text: leftmost first, then longest.
#include "attend/tokenizer/added_tokens.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "core/limits.h"
#include "core/utf8_sequence.h"

namespace attend {
namespace {

// The last code point of a text that is not empty.
CodePoint decode_last(std::string_view text) noexcept {
  return decode_utf8(text.substr(last_code_point(text)));
}

bool touches_word(std::string_view before, std::string_view behind) noexcept {
  return (!before.empty() && is_word(decode_last(before).value)) ||
         (!behind.empty() && is_word(decode_utf8(behind).value));
}

std::size_t blanks_at_end(std::string_view text) noexcept {
  std::size_t size = 0;
  while (size < text.size()) {
    const CodePoint c = decode_last(text.substr(0, text.size() - size));
    if (!is_white_space(c.value)) break;
    size += static_cast<std::size_t>(c.length);
  }
  return size;
}

std::size_t blanks_at_start(std::string_view text) noexcept {
  std::size_t size = 0;
  while (size < text.size()) {
    const CodePoint c = decode_utf8(text.substr(size));
    if (!is_white_space(c.value)) break;
    size += static_cast<std::size_t>(c.length);
  }
  return size;
}

std::size_t next_code_point(std::string_view text, std::size_t at) noexcept {
  do ++at;
  while (at < text.size() && continues_utf8(text[at]));
  return at;
}

constexpr std::string_view where_added_tokens = "AddedTokens::add";

void check_length(const std::string& content) {
  if (content.size() <= AddedTokens::max_bytes) return;
  fail(ErrorKind::resource_limit,
       {.where = std::string(where_added_tokens),
        .what = "length of added token " + quote(content),
        .expected = "at most " + std::to_string(AddedTokens::max_bytes) + " bytes",
        .found = std::to_string(content.size()),
        .hint = "shorten it, or add its parts as several tokens"});
}

// Canonical and compatibility forms make about a dozen bytes of one; only a rule that is an attack
// makes more.
void check_normalized(const std::string& content) {
  constexpr std::size_t limit = 16 * AddedTokens::max_bytes;
  if (content.size() <= limit) return;
  fail(ErrorKind::resource_limit, {.where = std::string(where_added_tokens),
                                   .what = "length of an added token that is normalized",
                                   .expected = "at most " + std::to_string(limit) + " bytes",
                                   .found = std::to_string(content.size()),
                                   .hint = "a rule of the normalizer makes it so long"});
}

}  // namespace

void AddedTokens::Matcher::add(std::string content, TokenId id) {
  check_normalized(content);
  bytes_ += content.size();
  if (bytes_ > limits::added_tokens_bytes) {
    fail(ErrorKind::resource_limit,
         {.where = std::string(where_added_tokens),
          .what = "bytes of all added tokens",
          .expected = "at most " + std::to_string(limits::added_tokens_bytes),
          .found = "more",
          .hint = "remove added tokens, or put them into the vocabulary"});
  }
  if (!content.empty()) {
    patterns_.push_back({std::move(content), id});
  } else if (!of_nothing_) {
    of_nothing_ = id;
  }
}

void AddedTokens::Matcher::prepare() {
  const auto less = [](const Pattern& a, const Pattern& b) { return a.content < b.content; };
  std::stable_sort(patterns_.begin(), patterns_.end(), less);
  const auto same = [](const Pattern& a, const Pattern& b) { return a.content == b.content; };
  patterns_.erase(std::unique(patterns_.begin(), patterns_.end(), same), patterns_.end());
  from_behind_.prepare(patterns_);
  std::size_t pattern = 0;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    first_byte_[byte] = static_cast<std::uint32_t>(pattern);
    begins_[byte] = pattern < patterns_.size() &&
                    static_cast<unsigned char>(patterns_[pattern].content[0]) == byte;
    while (pattern < patterns_.size() &&
           static_cast<unsigned char>(patterns_[pattern].content[0]) == byte) {
      ++pattern;
    }
  }
  first_byte_[256] = static_cast<std::uint32_t>(pattern);
  if (!patterns_.empty() && patterns_.front().content[0] == patterns_.back().content[0]) {
    only_start_ = patterns_.front().content[0];
  }
}

std::size_t AddedTokens::Matcher::next_start(std::string_view text, std::size_t at) const noexcept {
  if (of_nothing_) return at;
  if (only_start_) return std::min(text.find(*only_start_, at), text.size());
  while (at < text.size() && !begins_[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

const AddedTokens::Pattern* AddedTokens::Matcher::longest_at(std::string_view text,
                                                             std::size_t& steps) const noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  auto low = patterns_.begin() + first_byte_[first];
  auto high = patterns_.begin() + first_byte_[first + 1U];
  const Pattern* best = nullptr;
  for (std::size_t size = 1; low != high; ++size) {
    ++steps;
    if (low->content.size() == size) best = &*low++;
    if (size == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[size]);
    const auto byte_of = [size](const Pattern& pattern) {
      return static_cast<unsigned char>(pattern.content[size]);
    };
    low = std::partition_point(low, high, [&](const Pattern& p) { return byte_of(p) < byte; });
    high = std::partition_point(low, high, [&](const Pattern& p) { return byte_of(p) == byte; });
  }
  return best;
}

void AddedTokens::FromBehind::prepare(const std::vector<Pattern>& patterns) {
  const auto reversed_less = [&](std::uint32_t a, std::uint32_t b) {
    const std::string& x = patterns[a].content;
    const std::string& y = patterns[b].content;
    return std::lexicographical_compare(x.rbegin(), x.rend(), y.rbegin(), y.rend());
  };
  std::vector<std::uint32_t> order(patterns.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), reversed_less);
  // The patterns that end with what a node is, so many bytes.
  struct Ending {
    std::uint32_t begin, end, bytes;
  };
  std::vector<Ending> endings{{0, static_cast<std::uint32_t>(order.size()), 0}};
  nodes_.assign(1, {});
  for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
    nodes_[node].first_child = static_cast<std::uint32_t>(nodes_.size());
    std::uint32_t at = endings[node].begin;  // clang 14 lets no lambda have bindings
    const std::uint32_t end = endings[node].end;
    const std::uint32_t bytes = endings[node].bytes;
    const auto content = [&](std::uint32_t i) -> const std::string& {
      return patterns[order[i]].content;
    };
    const bool is_pattern = at < end && content(at).size() == bytes;
    nodes_[node].longest = is_pattern ? order[at++] + 1 : nodes_[nodes_[node].shorter].longest;
    while (at < end) {
      const auto byte_of = [&](std::uint32_t i) {
        return content(i)[content(i).size() - 1 - bytes];
      };
      const std::uint32_t first = at;
      while (at < end && byte_of(at) == byte_of(first)) ++at;
      const char byte = byte_of(first);
      std::uint32_t shorter = 0;
      for (std::uint32_t of = node; of != 0 && shorter == 0;) {
        of = nodes_[of].shorter;
        shorter = child(of, byte);
      }
      nodes_.push_back({.shorter = shorter, .first_byte = byte});
      endings.push_back({first, at, bytes + 1});
    }
    longest_ = std::max<std::size_t>(longest_, bytes);
  }
}

std::uint32_t AddedTokens::FromBehind::child(std::uint32_t node, char byte) const noexcept {
  const auto first = nodes_.begin() + nodes_[node].first_child;
  const auto end =
      node + 1 < nodes_.size() ? nodes_.begin() + nodes_[node + 1].first_child : nodes_.end();
  const auto found =
      std::partition_point(first, end, [byte](const Node& one) { return one.first_byte < byte; });
  if (found == end || found->first_byte != byte) return 0;
  return static_cast<std::uint32_t>(found - nodes_.begin());
}

void AddedTokens::FromBehind::find(std::string_view text, std::size_t begin,
                                   std::span<std::uint32_t> longest) const noexcept {
  // A pattern at the last place may reach so far.
  std::size_t at = std::min(text.size(), begin + longest.size() + longest_);
  for (std::uint32_t node = 0; at-- > begin;) {
    std::uint32_t next = child(node, text[at]);
    while (next == 0 && node != 0) {
      node = nodes_[node].shorter;
      next = child(node, text[at]);
    }
    node = next;
    if (at - begin < longest.size()) longest[at - begin] = nodes_[node].longest;
  }
}

// The longest patterns of one text. As few bytes are looked at twice, it goes from place to place;
// where that is too much it looks at a block at once, so that no text costs more than a few passes.
class AddedTokens::Search {
 public:
  Search(const Matcher& matcher, std::string_view text) noexcept : matcher_(matcher), text_(text) {}

  /// `at` never becomes less.
  const Pattern* longest_at(std::size_t at) noexcept {
    if (at >= block_end_) {
      if (steps_ <= longest_.size() + 4 * at) return matcher_.longest_at(text_.substr(at), steps_);
      block_begin_ = at;
      block_end_ = at + longest_.size();
      matcher_.from_behind().find(text_, at, longest_);
    }
    const std::uint32_t found = longest_[at - block_begin_];
    return found == 0 ? nullptr : &matcher_.patterns()[found - 1];
  }

 private:
  const Matcher& matcher_;
  std::string_view text_;
  std::size_t steps_ = 0;
  std::size_t block_begin_ = 0;
  std::size_t block_end_ = 0;
  std::array<std::uint32_t, 4096> longest_;
};

TokenId AddedTokens::next_id(const Vocabulary& vocabulary) const {
  const auto size = static_cast<TokenId>(vocabulary.size());
  if (by_id_.empty() || by_id_.rbegin()->first < size) return size;
  return by_id_.rbegin()->first + 1;
}

Index AddedTokens::add(std::span<const AddedToken> tokens, const Vocabulary& vocabulary) {
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) {
      fail(ErrorKind::tokenizer_error,
           {.where = std::string(where_added_tokens),
            .what = "an added token is empty",
            .hint = "leave it out, or give it the text that it stands for"});
    }
    check_length(token.content);
    if (token.special && special_contents_.insert(token.content).second) special_.push_back(token);
  }
  Index added = 0;
  std::vector<AddedToken> replaced;
  for (const AddedToken& token : tokens) added += Index{add_one(token, vocabulary, replaced)};
  return added;
}

bool AddedTokens::add_one(const AddedToken& token, const Vocabulary& vocabulary,
                          std::vector<AddedToken>& replaced) {
  std::optional<TokenId> id = find(token.content);
  if (!id) id = vocabulary.find(token.content);
  if (id) {
    const AddedToken* const known = this->token(*id);
    if (known != nullptr && *known == token) return false;
    // The reference looks a token up among those that were there when the call began, too.
    if (std::find(replaced.begin(), replaced.end(), token) != replaced.end()) return false;
    if (known != nullptr) replaced.push_back(*known);
  } else {
    id = next_id(vocabulary);
    if (*id > Vocabulary::max_id) {
      fail(ErrorKind::resource_limit,
           {.where = std::string(where_added_tokens),
            .what = "too many added tokens",
            .hint = "give the last one an id below " + std::to_string(Vocabulary::max_id)});
    }
  }
  ids_[token.content] = *id;
  by_id_[*id] = token;
  if (!special_contents_.contains(token.content)) plain_.push_back(token);
  return true;
}

void AddedTokens::add_at(const AddedToken& token, TokenId id) {
  check_length(token.content);
  if (id > Vocabulary::max_id) {
    fail(ErrorKind::resource_limit, {.where = std::string(where_added_tokens),
                                     .what = "id of added token " + quote(token.content),
                                     .expected = "at most " + std::to_string(Vocabulary::max_id),
                                     .found = std::to_string(id),
                                     .hint = "number added tokens on from the vocabulary"});
  }
  ids_[token.content] = id;
  by_id_[id] = token;
  if (token.special) special_contents_.insert(token.content);
}

void AddedTokens::set_special(const std::function<bool(std::string_view)>& is_special) {
  special_contents_.clear();
  for (auto& [id, token] : by_id_) token.special = is_special(token.content);
  for (const auto& [content, id] : ids_) {
    if (is_special(content)) special_contents_.insert(content);
  }
}

void AddedTokens::prepare(const Normalizer& normalizer) {
  raw_ = {};
  normalized_ = {};
  NormalizedText content;  // one for all, because they share what patterns may cost
  for (const auto* list : {&special_, &plain_}) {
    for (const AddedToken& token : *list) {
      const TokenId id = ids_.at(token.content);
      if (token.normalized) {
        content.assign(token.content, 0);
        content.scratch().budget.add(token.content.size());
        normalizer(content);
        normalized_.add(content.text(), id);
      } else {
        raw_.add(token.content, id);
      }
    }
  }
  raw_.prepare();
  normalized_.prepare();
}

void AddedTokens::split_raw(std::string_view text, std::vector<AddedTokenPart>& out) const {
  split(text, raw_, out);
}

void AddedTokens::split_normalized(std::string_view text, std::vector<AddedTokenPart>& out) const {
  split(text, normalized_, out);
}

void AddedTokens::split(std::string_view text, const Matcher& matcher,
                        std::vector<AddedTokenPart>& out) const {
  const auto add_part = [&](std::size_t begin, std::size_t end, TokenId id) {
    if (begin < end) out.push_back({{static_cast<Index>(begin), static_cast<Index>(end)}, id});
  };
  Search search(matcher, text);
  std::size_t done = 0;  // up to here the parts are known
  std::optional<std::size_t> last_end;
  for (std::size_t at = 0; !matcher.empty();) {
    at = matcher.next_start(text, at);
    const Pattern* const match = at < text.size() ? search.longest_at(at) : nullptr;
    // Nothing is found where no pattern is, but not where the last match ends.
    const bool finds_nothing = match == nullptr && matcher.of_nothing() && last_end != at;
    if (match == nullptr && !finds_nothing) {
      if (at == text.size()) break;
      at = next_code_point(text, at);
      continue;
    }
    std::size_t begin = at;
    std::size_t end = finds_nothing ? at : at + match->content.size();
    const TokenId id = finds_nothing ? *matcher.of_nothing() : match->id;
    last_end = at = end;  // a match that is refused below is passed over all the same
    const AddedToken& token = by_id_.at(id);
    if (!special_in_text_ && special_contents_.contains(token.content)) continue;
    if (token.single_word && touches_word(text.substr(0, begin), text.substr(end))) continue;
    if (token.lstrip) {
      // Blanks that the last match took are gone, also where the content begins with some.
      begin = begin > done ? begin - blanks_at_end(text.substr(done, begin - done)) : done;
    }
    if (token.rstrip) end += blanks_at_start(text.substr(end));
    add_part(done, begin, none);
    add_part(begin, end, id);
    done = end;
  }
  add_part(done, text.size(), none);
}

std::optional<TokenId> AddedTokens::find(std::string_view content) const {
  const auto found = ids_.find(content);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::map<TokenId, AddedToken> AddedTokens::tokens_to_save() const {
  std::map<TokenId, AddedToken> out = by_id_;
  for (const AddedToken& first : special_) {
    const auto id = find(first.content);
    AddedToken* const token = id ? &out.at(*id) : nullptr;
    if (token == nullptr || token->content != first.content) continue;
    token->normalized = first.normalized;
    token->special = true;
  }
  return out;
}

const AddedToken* AddedTokens::token(TokenId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

bool AddedTokens::is_special(std::string_view content) const {
  return special_contents_.contains(content);
}

}  // namespace attend
