// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows to sequences of a cache, and a step to batches of a bounded size.
#include "task/cached_model.h"

#include <algorithm>

namespace attend {
namespace {

void clear(Batch& batch) {
  batch.ids.clear();
  batch.type_ids.clear();
  batch.starts.resize(1);
}

void add(Batch& batch, std::span<const TokenId> ids) {
  batch.ids.insert(batch.ids.end(), ids.begin(), ids.end());
  batch.type_ids.resize(batch.ids.size());
  batch.starts.push_back(static_cast<Index>(batch.ids.size()));
}

void copy(std::span<const float> from, std::span<float> to) {
  std::copy(from.begin(), from.end(), to.begin());
}

Index count_of(const RowStep& row) { return static_cast<Index>(row.tokens.size()); }

template <class Rows, class Count>
Index sum(const Rows& rows, Count count) {
  Index out = 0;
  for (const auto& row : rows) out += count(row);
  return out;
}

}  // namespace

CachedModel::CachedModel(const Model& model, std::span<const GenerationPrompt> prompts,
                         Workspace& workspace, Hidden hidden)
    : model_(model),
      prompts_(prompts),
      workspace_(workspace),
      keeps_hidden_(hidden),
      cache_(model.make_cache()) {}

Index CachedModel::vocabulary() const {
  const ModelConfig& config = model_.config();
  return config.decoder_vocab_size > 0 ? config.decoder_vocab_size : config.vocab_size;
}

MatrixView<float> CachedModel::step(std::span<const RowStep> rows) {
  results_.reset();
  inherit(rows);
  add_texts(rows);
  results_.emplace(workspace_);
  if (sum(rows, count_of) <= part_tokens) {
    step_at_once(rows);
    return logits_;
  }
  const Index wanted = sum(rows, [](const RowStep& row) { return row.wanted; });
  logits_ = workspace_.matrix(wanted, vocabulary());
  hidden_ = {};
  if (keeps_hidden_ == Hidden::kept) {
    hidden_ = workspace_.matrix(sum(rows, count_of), model_.config().last_size());
  }
  logits_done_ = 0;
  hidden_done_ = 0;
  for (Progress at; at.row < static_cast<Index>(rows.size());) {
    next_part(rows, at);
    run_part();
  }
  return logits_;
}

// The first child of a row takes its sequence over, others get a copy, and rows without children
// are gone.
void CachedModel::inherit(std::span<const RowStep> rows) {
  has_heir_.assign(sequences_.size(), false);
  for (const RowStep& row : rows) {
    if (row.parent) has_heir_[static_cast<std::size_t>(*row.parent)] = true;
  }
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    if (!has_heir_[i]) cache_.remove(sequences_[i]);
  }
  next_.assign(rows.size(), -1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].parent) continue;
    const auto parent = static_cast<std::size_t>(*rows[i].parent);
    next_[i] = has_heir_[parent] ? sequences_[parent] : cache_.fork(sequences_[parent]);
    has_heir_[parent] = false;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].parent) cache_.truncate(next_[i], rows[i].length);
  }
  std::swap(sequences_, next_);
}

// Rows of one text have one memory.
void CachedModel::add_texts(std::span<const RowStep> rows) {
  first_rows_.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].parent) continue;
    const bool is_first = first_rows_.empty() ||
                          rows[static_cast<std::size_t>(first_rows_.back())].text != rows[i].text;
    if (is_first || !model_.has_decoder()) sequences_[i] = cache_.add();
    if (is_first) first_rows_.push_back(static_cast<Index>(i));
  }
  if (!model_.has_decoder() || first_rows_.empty()) return;
  encode(rows, first_rows_);
  std::size_t last = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].parent) continue;
    if (sequences_[i] >= 0) {
      last = i;
    } else {
      sequences_[i] = cache_.fork(sequences_[last]);
    }
  }
}

void CachedModel::encode(std::span<const RowStep> rows, std::span<const Index> first_rows) {
  for (std::size_t i = 0; i < first_rows.size();) {
    clear(batch_);
    part_sequences_.clear();
    for (; i < first_rows.size(); ++i) {
      const auto row = static_cast<std::size_t>(first_rows[i]);
      const auto ids = prompts_[static_cast<std::size_t>(rows[row].text)].encoder_ids;
      const bool fits = batch_.tokens() + static_cast<Index>(ids.size()) <= part_tokens;
      if (!fits && batch_.size() > 0) break;
      add(batch_, ids);
      part_sequences_.push_back(sequences_[row]);
    }
    const Workspace::Scope scope(workspace_);
    (void)model_.encode({batch_, part_sequences_, cache_}, workspace_);
  }
}

void CachedModel::next_part(std::span<const RowStep> rows, Progress& at) {
  clear(batch_);
  part_sequences_.clear();
  wanted_.clear();
  for (Index left = part_tokens; left > 0 && at.row < static_cast<Index>(rows.size());) {
    const auto i = static_cast<std::size_t>(at.row);
    const RowStep& row = rows[i];
    const Index count = std::min(left, count_of(row) - at.done);
    const Index first_wanted = std::max<Index>(0, count_of(row) - row.wanted - at.done);
    for (Index j = first_wanted; j < count; ++j) wanted_.push_back(batch_.tokens() + j);
    add(batch_,
        row.tokens.subspan(static_cast<std::size_t>(at.done), static_cast<std::size_t>(count)));
    part_sequences_.push_back(sequences_[i]);
    left -= count;
    at.done += count;
    if (at.done < count_of(row)) return;
    at = {.row = at.row + 1, .done = 0};
  }
}

// Of one part nothing is copied: its results are those of the step.
void CachedModel::step_at_once(std::span<const RowStep> rows) {
  Progress at;
  next_part(rows, at);
  const auto states = model_.step({batch_, part_sequences_, cache_}, workspace_);
  hidden_ = keeps_hidden_ == Hidden::kept ? states : MatrixView<float>();
  logits_ = model_.logits(states, wanted_, workspace_);
}

void CachedModel::run_part() {
  const Workspace::Scope scope(workspace_);
  const auto states = model_.step({batch_, part_sequences_, cache_}, workspace_);
  if (keeps_hidden_ == Hidden::kept) {
    const auto out = hidden_.row_range(hidden_done_, states.rows);
    for (Index i = 0; i < states.rows; ++i) copy(states.row(i), out.row(i));
    hidden_done_ += states.rows;
  }
  if (wanted_.empty()) return;
  const auto logits = model_.logits(states, wanted_, workspace_);
  const auto out = logits_.row_range(logits_done_, logits.rows);
  for (Index i = 0; i < logits.rows; ++i) copy(logits.row(i), out.row(i));
  logits_done_ += logits.rows;
}

}  // namespace attend
