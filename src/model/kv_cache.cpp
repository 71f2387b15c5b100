// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A sequence is a list of pages and a count of tokens. What is behind the count does not exist, so
// a step that fails has only to give back pages.
#include "attend/model/kv_cache.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "model/page_pool.h"

namespace attend {
namespace {

[[noreturn]] void fail_cache(std::string what, std::string expected, std::string found) {
  fail(ErrorKind::config_error, {.where = "KvCache",
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .found = std::move(found)});
}

template <class T>
std::span<T> new_span(Index count, Workspace& workspace) {
  const auto size = static_cast<std::size_t>(count);
  T* const data = reinterpret_cast<T*>(workspace.bytes(size * sizeof(T)));
  if (!workspace.is_counting()) std::uninitialized_value_construct_n(data, size);
  return {data, size};
}

struct Place {
  PagePool::Head& page;
  std::size_t at;

  [[nodiscard]] std::int32_t& next_position() const { return page.next_position[at]; }
  [[nodiscard]] std::int32_t& column() const { return page.columns[at]; }
};

}  // namespace

struct KvCache::State {
  struct Pages {
    std::vector<std::byte*> pages;  // as many as the tokens need, or more during a step
    Index tokens = 0;

    [[nodiscard]] Place place(Index token) const {
      return {PagePool::head(pages[static_cast<std::size_t>(token / KvLayout::page_tokens)]),
              static_cast<std::size_t>(token % KvLayout::page_tokens)};
    }

    // Takes what `count` more tokens need, and a page of their own to begin with.
    void extend(Index count, PagePool& from) {
      const auto needed = static_cast<std::size_t>(KvCache::pages_of(tokens + count));
      if (needed > pages.capacity()) pages.reserve(std::max(needed, 2 * pages.capacity()));
      if (tokens % KvLayout::page_tokens != 0) from.make_own(pages.back());
      while (pages.size() < needed) pages.push_back(from.take());
    }

    // Gives back what the first `count` tokens do not need.
    void cut(Index count, PagePool& to) noexcept {
      tokens = count;
      for (const auto kept = static_cast<std::size_t>(KvCache::pages_of(count));
           pages.size() > kept;) {
        to.release(pages.back());
        pages.pop_back();
      }
    }
  };
  struct Sequence : Pages {
    Index memory = -1;
    bool exists = false;
    bool in_use = false;  // by a call that is to name it once
  };
  struct Memory : Pages {
    Index references = 0;
  };

  explicit State(const KvLayers& of) : layers(of), pool(layers.own, layers.memory) {}

  KvLayers layers;  // with their places in pages
  PagePool pool;    // of tokens and memories alike: what one gives back the other may take
  std::vector<Sequence> sequences;
  std::vector<Memory> memories;
  std::vector<Sequence> parents;  // of reorder()
  Index size = 0;

  [[nodiscard]] Sequence& at(Index sequence) {
    const bool exists = sequence >= 0 && sequence < static_cast<Index>(sequences.size()) &&
                        sequences[static_cast<std::size_t>(sequence)].exists;
    if (!exists) {
      fail_cache("sequence " + std::to_string(sequence), "one that was added", "no such sequence");
    }
    return sequences[static_cast<std::size_t>(sequence)];
  }
  [[nodiscard]] Memory& memory_of(const Sequence& sequence) {
    return memories[static_cast<std::size_t>(sequence.memory)];
  }

  // Marks a sequence for a call that may not name it twice.
  Sequence& use(Index sequence) {
    Sequence& out = at(sequence);
    if (out.in_use) fail_cache("sequence " + std::to_string(sequence), "each once", "twice");
    out.in_use = true;
    return out;
  }
  void end_use(std::span<const Index> used) noexcept {
    for (const Index i : used) sequences[static_cast<std::size_t>(i)].in_use = false;
  }

  [[nodiscard]] Index new_memory() {
    const auto found = std::find_if(memories.begin(), memories.end(),
                                    [](const Memory& memory) { return memory.references == 0; });
    const Index out = found - memories.begin();
    if (found == memories.end()) memories.emplace_back();
    memories[static_cast<std::size_t>(out)].references = 1;
    return out;
  }
  void drop_memory(Index memory) noexcept {
    if (memory < 0) return;
    Memory& of = memories[static_cast<std::size_t>(memory)];
    if (--of.references == 0) of.cut(0, pool);
  }

  void share(const Sequence& of) noexcept {
    for (std::byte* page : of.pages) PagePool::share(page);
    if (of.memory >= 0) ++memory_of(of).references;
  }
  void clear(Sequence& sequence) noexcept {
    sequence.cut(0, pool);
    drop_memory(std::exchange(sequence.memory, -1));
  }
};

KvCache::KvCache(const KvLayers& layers) : state_(std::make_unique<State>(layers)) {}
KvCache::KvCache(KvCache&&) noexcept = default;
KvCache& KvCache::operator=(KvCache&&) noexcept = default;
KvCache::~KvCache() = default;

Index KvCache::add() {
  auto& sequences = state_->sequences;
  const auto found =
      std::find_if(sequences.begin(), sequences.end(), [](const auto& s) { return !s.exists; });
  const Index out = found - sequences.begin();
  if (found == sequences.end()) sequences.emplace_back();
  sequences[static_cast<std::size_t>(out)].exists = true;
  ++state_->size;
  return out;
}

Index KvCache::fork(Index sequence) {
  (void)state_->at(sequence);
  const Index out = add();
  try {
    reorder({&out, 1}, {&sequence, 1});
  } catch (...) {
    remove(out);
    throw;
  }
  return out;
}

void KvCache::remove(Index sequence) {
  State::Sequence& of = state_->at(sequence);
  state_->clear(of);
  of.exists = false;
  --state_->size;
}

void KvCache::truncate(Index sequence, Index tokens) {
  State::Sequence& of = state_->at(sequence);
  if (tokens < 0 || tokens > of.tokens) {
    fail_cache("tokens to keep of sequence " + std::to_string(sequence),
               "0 to " + std::to_string(of.tokens), std::to_string(tokens));
  }
  of.cut(tokens, state_->pool);
}

void KvCache::reorder(std::span<const Index> sequences, std::span<const Index> parents) {
  State& state = *state_;
  if (sequences.size() != parents.size()) {
    fail_cache("parents", std::to_string(sequences.size()), std::to_string(parents.size()));
  }
  if (state.parents.size() < parents.size()) state.parents.resize(parents.size());
  std::size_t used = 0;
  try {
    for (const Index sequence : sequences) {
      (void)state.use(sequence);
      ++used;
    }
    for (std::size_t i = 0; i < parents.size(); ++i) state.parents[i] = state.at(parents[i]);
  } catch (...) {
    state.end_use(sequences.first(used));
    throw;
  }
  for (std::size_t i = 0; i < parents.size(); ++i) state.share(state.parents[i]);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    State::Sequence& of = state.at(sequences[i]);
    state.clear(of);
    std::swap(of, state.parents[i]);
  }
  state.end_use(sequences);
}

Index KvCache::size() const noexcept { return state_->size; }
Index KvCache::tokens(Index sequence) const { return state_->at(sequence).tokens; }

Index KvCache::memory_tokens(Index sequence) const {
  const State::Sequence& of = state_->at(sequence);
  return of.memory < 0 ? 0 : state_->memory_of(of).tokens;
}

void KvCache::set_limit(std::uint64_t bytes) noexcept { state_->pool.set_limit(bytes); }
std::uint64_t KvCache::memory_bytes() const noexcept { return state_->pool.held_bytes(); }
Index KvCache::page_bytes() const noexcept { return state_->pool.page_bytes(); }

std::uint64_t KvCache::bytes_for(std::span<const Index> tokens,
                                 std::span<const Index> memory) const {
  const auto pages = [](std::span<const Index> counts) {
    Index sum = 0;
    for (const Index count : counts) sum += pages_of(count);
    return sum;
  };
  return state_->pool.bytes_for(pages(tokens) + pages(memory));
}

const KvLayers& KvCache::layers() const noexcept { return state_->layers; }

KvStep::KvStep(KvCache& cache, std::span<const Index> sequences, const Batch& batch)
    : cache_(*cache.state_), sequences_(sequences), starts_(batch.starts) {}

// What was begun is given back by the destructor if the rest of it throws.
KvStep::KvStep(KvCache& cache, std::span<const Index> sequences, const Batch& batch,
               const PositionRule& rule, Workspace& workspace)
    : KvStep(cache, sequences, batch) {
  check(batch);
  const auto positions = new_span<std::int32_t>(batch.tokens(), workspace);
  positions_ = positions;
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    auto& sequence = cache_.use(sequences_[i]);
    ++begun_;
    sequence.extend(starts_[i + 1] - starts_[i], cache_.pool);
  }
  number(batch, rule, positions);
  list_rows(workspace);
  if (!cache_.layers.memory.empty()) list_memories(workspace);
}

KvStep::~KvStep() {
  const auto used = sequences_.first(static_cast<std::size_t>(begun_));
  for (std::size_t i = 0; i < used.size(); ++i) {
    auto& sequence = cache_.sequences[static_cast<std::size_t>(used[i])];
    const Index added = committed_ ? starts_[i + 1] - starts_[i] : 0;
    sequence.cut(sequence.tokens + added, cache_.pool);
  }
  cache_.end_use(used);
}

void KvStep::commit() noexcept { committed_ = true; }

std::span<const std::int32_t> KvStep::count(const Batch& batch, bool has_memory,
                                            Workspace& workspace) {
  const auto positions = new_span<std::int32_t>(batch.tokens(), workspace);
  (void)new_span<KvPages>(batch.size(), workspace);
  if (has_memory) {
    (void)new_span<KvPages>(batch.size(), workspace);
    (void)new_span<Index>(batch.size() + 1, workspace);
  }
  return positions;
}

void KvStep::check(const Batch& batch) const {
  if (static_cast<Index>(sequences_.size()) != batch.size()) {
    fail_cache("sequences of a step", std::to_string(batch.size()) + ", one for each of the batch",
               std::to_string(sequences_.size()));
  }
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    const auto& sequence = cache_.at(sequences_[i]);
    const auto name = [&] { return "sequence " + std::to_string(sequences_[i]); };
    if (!cache_.layers.memory.empty() && sequence.memory < 0) {
      fail_cache(name(), "a memory, from Model::encode()", "none");
    }
    const Index last = sequence.tokens == 0 ? -1 : sequence.place(sequence.tokens - 1).column();
    const auto row = static_cast<std::size_t>(starts_[i]);
    if (!batch.columns.empty() && batch.columns[row] <= last) {
      fail_cache("columns of " + name(), "more than " + std::to_string(last),
                 std::to_string(batch.columns[row]));
    }
    const Index count = starts_[i + 1] - starts_[i];
    if (last + count > std::numeric_limits<std::int32_t>::max()) {
      fail_cache("columns of " + name(), "fewer than 2^31", std::to_string(last + count + 1));
    }
  }
}

void KvStep::number(const Batch& batch, const PositionRule& rule,
                    std::span<std::int32_t> positions) {
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    const auto& sequence = cache_.at(sequences_[i]);
    std::int32_t next = rule.first;
    std::int32_t column = -1;
    if (sequence.tokens > 0) {
      next = sequence.place(sequence.tokens - 1).next_position();
      column = sequence.place(sequence.tokens - 1).column();
    }
    for (Index row = starts_[i]; row < starts_[i + 1]; ++row) {
      const auto at = static_cast<std::size_t>(row);
      const bool is_skipped = rule.skipped == batch.ids[at];
      positions[at] = !batch.positions.empty() ? batch.positions[at]
                      : is_skipped             ? rule.first - 1
                                               : next;
      // The largest number is no position of any model, so it need not be followed.
      constexpr std::int32_t largest = std::numeric_limits<std::int32_t>::max();
      if (!is_skipped) next = std::min(positions[at], largest - 1) + 1;
      column = batch.columns.empty() ? column + 1 : batch.columns[at];
      const Place place = sequence.place(sequence.tokens + row - starts_[i]);
      place.next_position() = next;
      place.column() = column;
    }
  }
}

void KvStep::list_rows(Workspace& workspace) {
  const auto own = new_span<KvPages>(static_cast<Index>(sequences_.size()), workspace);
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    const auto& sequence = cache_.at(sequences_[i]);
    const Index tokens = sequence.tokens + starts_[i + 1] - starts_[i];
    own[i] = {.pages = sequence.pages, .tokens = tokens};
    // Distances are those of numbers, unless there are holes.
    if (!cache_.layers.by_distance || tokens == 0) continue;
    if (sequence.place(tokens - 1).column() - sequence.place(0).column() == tokens - 1) continue;
    const auto columns = new_span<std::int32_t>(tokens, workspace);
    for (Index token = 0; token < tokens; ++token) {
      columns[static_cast<std::size_t>(token)] = sequence.place(token).column();
    }
    own[i].columns = columns;
  }
  rows_.own_layouts = cache_.layers.own;
  rows_.own = own;
}

void KvStep::list_memories(Workspace& workspace) {
  const auto count = static_cast<Index>(sequences_.size());
  const auto memories = new_span<KvPages>(count, workspace);
  const auto starts = new_span<Index>(count + 1, workspace);
  std::size_t listed = 0;
  Index last = -1;
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    const auto& sequence = cache_.at(sequences_[i]);
    if (sequence.memory != last) {
      const auto& memory = cache_.memory_of(sequence);
      memories[listed++] = {.pages = memory.pages, .tokens = memory.tokens};
      last = sequence.memory;
    }
    starts[listed] = starts_[i + 1];
  }
  rows_.memory_layouts = cache_.layers.memory;
  rows_.memories = memories.first(listed);
  rows_.memory_starts = starts.first(listed + 1);
}

KvMemories::KvMemories(KvCache& cache, std::span<const Index> sequences, std::span<Index> made)
    : cache_(*cache.state_), sequences_(sequences), made_(made) {}

KvMemories::KvMemories(KvCache& cache, std::span<const Index> sequences,
                       std::span<const Index> starts, Workspace& workspace)
    : KvMemories(cache, sequences,
                 new_span<Index>(static_cast<Index>(sequences.size()), workspace)) {
  if (sequences.size() + 1 != starts.size()) {
    fail_cache("sequences to encode for", std::to_string(starts.size() - 1),
               std::to_string(sequences.size()));
  }
  const auto memories = new_span<KvPages>(static_cast<Index>(sequences.size()), workspace);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const auto& sequence = cache_.use(sequences[i]);
    made_[i] = -1;
    ++count_;
    if (sequence.tokens != 0) {
      fail_cache("sequence " + std::to_string(sequences[i]), "no tokens before its memory is there",
                 std::to_string(sequence.tokens));
    }
    made_[i] = cache_.new_memory();
    auto& memory = cache_.memories[static_cast<std::size_t>(made_[i])];
    memory.extend(starts[i + 1] - starts[i], cache_.pool);
    memory.tokens = starts[i + 1] - starts[i];
    memories[i] = {.pages = memory.pages, .tokens = memory.tokens};
  }
  rows_.memory_layouts = cache_.layers.memory;
  rows_.memories = memories;
  rows_.memory_starts = starts;
}

void KvMemories::count(Index sequences, Workspace& workspace) {
  (void)new_span<Index>(sequences, workspace);
  (void)new_span<KvPages>(sequences, workspace);
}

KvMemories::~KvMemories() {
  const auto used = static_cast<std::size_t>(count_);
  for (std::size_t i = 0; i < used; ++i) cache_.drop_memory(made_[i]);
  cache_.end_use(sequences_.first(used));
}

void KvMemories::commit() noexcept {
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    std::swap(cache_.sequences[static_cast<std::size_t>(sequences_[i])].memory, made_[i]);
  }
}

}  // namespace attend
