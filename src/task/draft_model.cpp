// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A text goes on in the cache from where it is the same as the last time.
#include "attend/task/draft_model.h"

#include <algorithm>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "attend/ops/select.h"

namespace attend {

DraftModel::DraftModel(const Model& model, Index tokens, Index texts, ThreadPool& pool)
    : model_(model),
      tokens_(tokens),
      most_texts_(static_cast<std::size_t>(texts)),
      workspace_(pool),
      cache_(model.make_cache()) {
  if (tokens < 1 || texts < 1) {
    fail(ErrorKind::config_error, {.where = "DraftModel",
                                   .what = tokens < 1 ? "tokens to guess" : "texts that are kept",
                                   .expected = "at least 1",
                                   .found = std::to_string(std::min(tokens, texts))});
  }
  if (model.has_decoder() || !scores_vocabulary(model.head())) {
    fail(ErrorKind::unsupported, {.where = "DraftModel",
                                  .what = "the model",
                                  .expected = "a decoder alone, with the vocabulary's head",
                                  .found = "another"});
  }
}

// The text that begins as `ids` does, if what it has behind that is no more than a guess of its
// own; else a copy of it, whose pages are its own from there on, in the place of the oldest.
DraftModel::Text& DraftModel::text_for(std::span<const TokenId> ids) {
  std::size_t best = texts_.size();
  std::size_t most = 0;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const auto& known = texts_[i].ids;
    const std::size_t count = std::min(known.size(), ids.size());
    const auto end = known.begin() + static_cast<std::ptrdiff_t>(count);
    const auto same = static_cast<std::size_t>(
        std::mismatch(known.begin(), end, ids.begin()).first - known.begin());
    if (same <= most) continue;
    best = i;
    most = same;
  }
  const bool is_own =
      most > 0 && texts_[best].ids.size() - most <= static_cast<std::size_t>(tokens_);
  if (is_own) {
    std::rotate(texts_.begin() + static_cast<std::ptrdiff_t>(best),
                texts_.begin() + static_cast<std::ptrdiff_t>(best) + 1, texts_.end());
    return texts_.back();
  }
  Text text;
  if (most > 0) {
    text = {.sequence = cache_.fork(texts_[best].sequence), .ids = texts_[best].ids};
  } else {
    text.sequence = cache_.add();
  }
  if (texts_.size() == most_texts_) {
    cache_.remove(texts_.front().sequence);
    texts_.erase(texts_.begin());
  }
  return texts_.emplace_back(std::move(text));
}

void DraftModel::guess(std::span<const TokenId> ids, std::vector<TokenId>& guess) {
  const auto is_known = [&](TokenId id) { return id >= 0 && id < model_.config().vocab_size; };
  if (ids.empty() || !std::all_of(ids.begin(), ids.end(), is_known)) return;
  Text& text = text_for(ids);
  const auto limit = model_.max_tokens();
  std::vector<TokenId> all(ids.begin(), ids.end());
  for (Index i = 0; i < tokens_; ++i) {
    if (limit && static_cast<Index>(all.size()) > *limit) return;
    guess.push_back(next(text, all));
    all.push_back(guess.back());
  }
}

TokenId DraftModel::next(Text& text, std::span<const TokenId> ids) {
  // The last token is read anew, be it known: its logits are wanted.
  const auto known = std::span(text.ids).first(std::min(text.ids.size(), ids.size() - 1));
  const auto same = std::mismatch(known.begin(), known.end(), ids.begin()).first - known.begin();
  text.ids.resize(static_cast<std::size_t>(same));
  cache_.truncate(text.sequence, same);
  const auto fresh = ids.subspan(static_cast<std::size_t>(same));
  batch_.ids.assign(fresh.begin(), fresh.end());
  batch_.type_ids.assign(fresh.size(), 0);
  batch_.starts = {0, static_cast<Index>(fresh.size())};
  const Workspace::Scope scope(workspace_);
  const auto states = model_.step({batch_, {&text.sequence, 1}, cache_}, workspace_);
  text.ids.insert(text.ids.end(), fresh.begin(), fresh.end());
  const Index last = states.rows - 1;
  return static_cast<TokenId>(ops::argmax(model_.logits(states, {&last, 1}, workspace_).row(0)));
}

}  // namespace attend
