// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows to sequences of a cache, and a step to batches of a bounded size.
#include "task/cached_model.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "attend/model/architecture.h"

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

// Whether keys that are kept were turned by other angles than those of a longer text.
bool turns_by_length(const ModelConfig& config) {
  return std::holds_alternative<NtkScaling>(config.rope_scaling) ||
         std::holds_alternative<LongScaling>(config.rope_scaling);
}

Index tokens_before_anew(const ModelConfig& config) {
  const auto* scaling = std::get_if<LongScaling>(&config.rope_scaling);
  const bool anew = find_architecture(config.model_type)->reads_grown_texts_anew;
  return scaling != nullptr && anew ? scaling->trained : 0;
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
                         Workspace& workspace, const CachedModelOptions& options)
    : model_(model),
      prompts_(prompts),
      workspace_(workspace),
      keeps_hidden_(options.last_hidden == CachedModelOptions::LastHidden::kept),
      cuts_rows_(!turns_by_length(model.config())),
      anew_behind_(tokens_before_anew(model.config())),
      recorder_(options.states, model),
      max_cache_bytes_(options.max_cache_bytes),
      cache_(make_cache()) {
  if (recorder_.is_on()) cuts_rows_ = false;  // one part, one set of states
}

Index CachedModel::vocabulary() const {
  const ModelConfig& config = model_.config();
  return config.decoder_vocab_size > 0 ? config.decoder_vocab_size : config.vocab_size;
}

KvCache CachedModel::make_cache() const {
  KvCache cache = model_.make_cache();
  cache.set_limit(max_cache_bytes_);
  return cache;
}

// What a step that failed has left of rows is nobody's.
void CachedModel::begin_anew() {
  sequences_.clear();
  cache_ = make_cache();
}

MatrixView<float> CachedModel::step(std::span<const RowStep> rows) {
  results_.reset();
  if (!is_whole_) begin_anew();
  is_whole_ = false;
  inherit(rows);
  add_texts(rows);
  if (anew_behind_ > 0) keep_texts(rows);
  cut(rows);
  results_.emplace(workspace_);
  if (recorder_.is_on()) states_.assign(rows.size(), {});
  const bool reads_anew =
      std::any_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) { return piece.anew; });
  if (!reads_anew && sum(rows, count_of) <= part_tokens) {
    step_at_once();
    is_whole_ = true;
    return logits_;
  }
  const Index wanted = sum(rows, [](const RowStep& row) { return row.wanted; });
  logits_ = workspace_.matrix(wanted, vocabulary());
  hidden_ = {};
  if (keeps_hidden_) {
    hidden_ = workspace_.matrix(sum(rows, count_of), model_.config().last_size());
  }
  logits_done_ = 0;
  hidden_done_ = 0;
  for (Progress at; at.piece < pieces_.size();) {
    next_part(at);
    run_part();
  }
  is_whole_ = true;
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
    if (!has_heir_[i] && sequences_[i] >= 0) cache_.remove(std::exchange(sequences_[i], -1));
  }
  next_.assign(rows.size(), -1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].parent) continue;
    const auto parent = static_cast<std::size_t>(*rows[i].parent);
    next_[i] = has_heir_[parent] ? sequences_[parent] : fork(sequences_[parent]);
    has_heir_[parent] = false;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].parent) cache_.truncate(next_[i], rows[i].length);
  }
  std::swap(sequences_, next_);
}

Index CachedModel::fork(Index sequence) {
  const Index out = cache_.fork(sequence);
  if (anew_behind_ > 0) {
    auto& text = text_of(out);  // there may be more of them from here on
    text = text_of(sequence);
  }
  return out;
}

std::vector<TokenId>& CachedModel::text_of(Index sequence) {
  const auto at = static_cast<std::size_t>(sequence);
  if (at >= texts_.size()) texts_.resize(at + 1);
  return texts_[at];
}

// Whole texts up to the step at which they become long ones, and of those what may be left of them
// when a guess was wrong.
void CachedModel::keep_texts(std::span<const RowStep> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Index before = rows[i].parent ? rows[i].length : 0;
    auto& text = text_of(sequences_[i]);
    const auto kept = static_cast<std::size_t>(std::min(before, anew_behind_));
    text.resize(std::min(text.size(), kept));
    if (before > anew_behind_) continue;
    text.insert(text.end(), rows[i].tokens.begin(), rows[i].tokens.end());
  }
}

// The step at which a text becomes a long one reads all of it anew, behind what guesses have in
// front of that place. Source: Phi3ForCausalLM.prepare_inputs_for_generation() of
// transformers 4.57, whose mask for that step is wrong: in eager attention, and where a window
// counts, tokens see those behind them there. Its lengths count padding on the left: here such a
// text is read anew at the length at which it would be without.
void CachedModel::cut(std::span<const RowStep> rows) {
  pieces_.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RowStep& row = rows[i];
    const Index count = count_of(row);
    const Index before = row.parent ? row.length : 0;
    const bool becomes_long = before > 0 && before <= anew_behind_ && before + count > anew_behind_;
    if (anew_behind_ == 0 || !becomes_long) {
      pieces_.push_back({.row = i, .tokens = row.tokens, .own = count, .wanted = row.wanted});
      continue;
    }
    const Index within = anew_behind_ - before;
    const Index beyond = count - within;
    if (within > 0) {
      pieces_.push_back({.row = i,
                         .tokens = row.tokens.first(static_cast<std::size_t>(within)),
                         .own = within,
                         .wanted = std::max<Index>(0, row.wanted - beyond)});
    }
    pieces_.push_back({.row = i,
                       .tokens = text_of(sequences_[i]),
                       .own = beyond,
                       .wanted = std::min(row.wanted, beyond),
                       .anew = true});
  }
}

// Rows of one text have one memory.
void CachedModel::add_texts(std::span<const RowStep> rows) {
  first_rows_.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].parent) continue;
    recorder_.begin_text();  // one prompt runs at a time where anything is recorded
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
      sequences_[i] = fork(sequences_[last]);
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
    encoder_states_ = {.tokens = batch_.tokens(), .keys = batch_.tokens()};
    RowStates* const states = &encoder_states_;
    const auto observer = recorder_.observer(StackKind::encoder, {&states, 1}, batch_.starts);
    const Workspace::Scope scope(workspace_);
    (void)model_.encode({batch_, part_sequences_, cache_}, workspace_, observer);
  }
}

void CachedModel::next_part(Progress& at) {
  clear(batch_);
  part_sequences_.clear();
  part_states_.clear();
  wanted_.clear();
  own_.clear();
  for (Index left = part_tokens; left > 0 && at.piece < pieces_.size();) {
    const Piece& piece = pieces_[at.piece];
    const auto size = static_cast<Index>(piece.tokens.size());
    if (piece.anew) {
      if (batch_.size() > 0) return;  // the same sequence may be in it
      cache_.truncate(sequences_[piece.row], 0);
    }
    const Index count = cuts_rows_ ? std::min(left, size - at.done) : size;
    const auto note = [&](Index last, std::vector<Index>& rows) {
      for (Index j = std::max<Index>(0, size - last - at.done); j < count; ++j) {
        rows.push_back(batch_.tokens() + j);
      }
    };
    note(piece.wanted, wanted_);
    if (keeps_hidden_) note(piece.own, own_);
    add(batch_,
        piece.tokens.subspan(static_cast<std::size_t>(at.done), static_cast<std::size_t>(count)));
    part_sequences_.push_back(sequences_[piece.row]);
    if (recorder_.is_on()) {
      const Index sequence = sequences_[piece.row];
      states_[piece.row] = {.tokens = count,
                            .keys = cache_.tokens(sequence) + count,
                            .memory_keys = cache_.memory_tokens(sequence)};
      part_states_.push_back(&states_[piece.row]);
    }
    left -= count;
    at.done += count;
    if (at.done < size) return;
    at = {.piece = at.piece + 1, .done = 0};
  }
}

MatrixView<float> CachedModel::states_of_part() {
  const StackKind stack = model_.has_decoder() ? StackKind::decoder : StackKind::encoder;
  const auto observer = recorder_.observer(stack, part_states_, batch_.starts);
  return model_.step({batch_, part_sequences_, cache_}, workspace_, observer);
}

// Of one part nothing is copied: its results are those of the step.
void CachedModel::step_at_once() {
  Progress at;
  next_part(at);
  const auto states = states_of_part();
  hidden_ = keeps_hidden_ ? states : MatrixView<float>();
  logits_ = model_.logits(states, wanted_, workspace_);
}

void CachedModel::run_part() {
  const Workspace::Scope scope(workspace_);
  const auto states = states_of_part();
  for (const Index row : own_) copy(states.row(row), hidden_.row(hidden_done_++));
  if (wanted_.empty()) return;
  const auto logits = model_.logits(states, wanted_, workspace_);
  const auto out = logits_.row_range(logits_done_, logits.rows);
  for (Index i = 0; i < logits.rows; ++i) copy(logits.row(i), out.row(i));
  logits_done_ += logits.rows;
}

}  // namespace attend
