// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Finds the cuts of every token and sorts them.
#include "tokenizer/rebuilt_merges.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/limits.h"

namespace attend {
namespace {

// A token cut into two, with where.
struct TokenCut {
  TokenId left = 0;
  TokenId right = 0;
  std::size_t at = 0;  // bytes of the left part
};

class CutFinder {
 public:
  explicit CutFinder(const Vocabulary& parts) : parts_(parts) {}

  // All cuts between bytes that `may_cut` allows, by the ids of the left part, then the right one.
  template <class MayCut>
  const std::vector<TokenCut>& find(std::string_view token, MayCut&& may_cut) {
    cuts_.clear();
    // All look-ups of a token are on their way before the first is waited for.
    lefts_.clear();
    Vocabulary::Hash hash = parts_.start();
    for (std::size_t at = 1; at < token.size(); ++at) {
      hash = Vocabulary::extend(hash, token[at - 1]);
      if (!may_cut(token[at])) continue;
      parts_.prefetch(hash);
      lefts_.push_back({hash, at});
    }
    rights_.clear();
    for (const auto& [left_hash, at] : lefts_) {
      const auto left = parts_.find(left_hash, token.substr(0, at), {});
      if (!left) continue;
      spend(token.size());
      const Vocabulary::Hash right_hash = Vocabulary::extend(parts_.start(), token.substr(at));
      parts_.prefetch(right_hash);
      rights_.push_back({right_hash, at});
      cuts_.push_back({*left, 0, at});
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rights_.size(); ++i) {
      const auto& [right_hash, at] = rights_[i];
      const auto right = parts_.find(right_hash, token.substr(at), {});
      if (!right) continue;
      cuts_[kept++] = {cuts_[i].left, *right, at};
      count();
    }
    cuts_.resize(kept);
    std::sort(cuts_.begin(), cuts_.end(), [](const TokenCut& a, const TokenCut& b) {
      return std::pair(a.left, a.right) < std::pair(b.left, b.right);
    });
    return cuts_;
  }

 private:
  // Every left part costs a look at the rest of the token, every cut some memory.
  void spend(std::size_t bytes) {
    spent_ += bytes;
    if (spent_ > limits::rebuilt_merge_bytes) {
      reject("bytes to look at for merges", limits::rebuilt_merge_bytes);
    }
  }
  void count() {
    if (++count_ > limits::rebuilt_merges) reject("number of merges", limits::rebuilt_merges);
  }
  [[noreturn]] static void reject(const char* what, std::size_t limit) {
    fail(ErrorKind::resource_limit,
         {.where = "Tokenizer::load",
          .what = what,
          .expected = "at most " + std::to_string(limit),
          .found = "more",
          .hint = "a tokenizer.json, which lists its merges, needs no such search"});
  }

  const Vocabulary& parts_;
  std::vector<TokenCut> cuts_;
  struct Part {
    Vocabulary::Hash hash;
    std::size_t at;  // where the token is cut
  };
  std::vector<Part> lefts_;
  std::vector<Part> rights_;
  std::size_t spent_ = 0;
  std::size_t count_ = 0;
};

// Of a token that is there twice the last score counts, at the place of the first.
std::vector<ScoredToken> unique_tokens(std::span<const ScoredToken> tokens) {
  Vocabulary index;
  index.reserve(tokens.size());
  std::vector<ScoredToken> unique;
  unique.reserve(tokens.size());
  for (const ScoredToken& token : tokens) {
    if (index.add(token.text, static_cast<TokenId>(unique.size()))) {
      unique.push_back(token);
    } else {
      unique[static_cast<std::size_t>(*index.find(token.text))].score = token.score;
    }
  }
  return unique;
}

}  // namespace

std::vector<Merge> merges_of_scores(std::span<const ScoredToken> tokens, const Vocabulary& parts) {
  struct Ranked {
    double score;
    Index left_length;  // code points
    Index right_length;
    Merge merge;
  };
  std::vector<Ranked> ranked;
  CutFinder finder(parts);
  const auto starts_code_point = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  };
  for (const ScoredToken& token : unique_tokens(tokens)) {
    for (const TokenCut& cut : finder.find(token.text, starts_code_point)) {
      const Merge merge{token.text.substr(0, cut.at), token.text.substr(cut.at)};
      ranked.push_back(
          {token.score, count_code_points(merge.left), count_code_points(merge.right), merge});
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return std::tie(a.score, a.left_length, a.right_length) >
           std::tie(b.score, b.left_length, b.right_length);
  });
  std::vector<Merge> merges;
  merges.reserve(ranked.size());
  for (const Ranked& one : ranked) merges.push_back(one.merge);
  return merges;
}

std::vector<IdMerge> merges_of_ranks(std::span<const RankedToken> tokens, TokenId first_id) {
  Vocabulary ranks;
  ranks.reserve(tokens.size());
  for (const RankedToken& token : tokens) {
    if (!ranks.token(token.rank) && ranks.add(token.bytes, token.rank)) continue;
    fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                      .what = "rank " + std::to_string(token.rank),
                                      .expected = "a token and a rank that no other one has",
                                      .found = quote(token.bytes),
                                      .hint = "remove one of the two"});
  }
  std::vector<IdMerge> merges;
  CutFinder finder(ranks);
  const auto anywhere = [](char) { return true; };
  for (const RankedToken& token : tokens) {
    for (const TokenCut& cut : finder.find(token.bytes, anywhere)) {
      merges.push_back({first_id + cut.left, first_id + cut.right, first_id + token.rank});
    }
  }
  const auto by_rank = [](const IdMerge& a, const IdMerge& b) { return a.both < b.both; };
  if (!std::is_sorted(merges.begin(), merges.end(), by_rank)) {  // nearly every file is
    std::stable_sort(merges.begin(), merges.end(), by_rank);
  }
  return merges;
}

}  // namespace attend
