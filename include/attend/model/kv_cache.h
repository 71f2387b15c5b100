// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Keys and values of the tokens that a decoder has seen, so that it computes those of new tokens
// only: in pages of 32 tokens, which sequences share until one of them writes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/core/export.h"
#include "attend/core/workspace.h"
#include "attend/ops/attention.h"

namespace attend {

/// What the layers of a decoder keep, in the order in which they run.
struct KvLayers {
  std::vector<KvLayout> own;     ///< of the tokens before
  std::vector<KvLayout> memory;  ///< of the other stack's rows; empty without cross attention
  bool by_distance = false;      ///< whether masks or biases count columns
};

/// Where the layers of a decoder find the keys and values of a batch: in pages that hold all
/// layers. The layouts have their places in them.
struct KvRows {
  std::span<const KvLayout> own_layouts;     ///< [layers]
  std::span<const KvPages> own;              ///< [n], the batch's tokens counted already
  std::span<const KvLayout> memory_layouts;  ///< [layers], or empty
  std::span<const KvPages> memories;         ///< [k], each for neighbouring sequences
  std::span<const Index> memory_starts;      ///< [k + 1], the rows of the batch that see each
};

/// The sequences that one caller has in the making, of one model (Model::make_cache()). A sequence
/// is a number that add() or fork() gave, until remove(). Forks and reordered sequences share
/// pages, and the memory that an encoder made; only a page that is not full is copied, when one of
/// those that share it goes on.
///
/// Pages come from blocks that grow with demand and stay for later sequences: once that is over,
/// nothing is allocated. What throws leaves all sequences as they were.
///
/// All throw: config_error, a sequence that does not exist.
/// Threads: one thread at a time; any number of caches may be used with one model.
class ATTEND_EXPORT KvCache {
 public:
  explicit KvCache(const KvLayers& layers);
  KvCache(KvCache&&) noexcept;
  KvCache& operator=(KvCache&&) noexcept;
  ~KvCache();

  /// A new sequence, without tokens.
  [[nodiscard]] Index add();
  /// A new sequence of the same tokens and memory.
  [[nodiscard]] Index fork(Index sequence);
  void remove(Index sequence);
  /// Forgets all but the first `tokens`. Throws: config_error (more than there are).
  void truncate(Index sequence, Index tokens);
  /// Each of `sequences` becomes what its parent was before the call, as beams do; a parent may
  /// have any number of children. Throws: config_error (a sequence twice; other numbers of both).
  void reorder(std::span<const Index> sequences, std::span<const Index> parents);

  /// Sequences that exist.
  [[nodiscard]] Index size() const noexcept;
  /// Tokens that a sequence has.
  [[nodiscard]] Index tokens(Index sequence) const;
  /// Rows of its memory, which Model::encode() made; 0: it has none.
  [[nodiscard]] Index memory_tokens(Index sequence) const;

  /// From now on pages take at most so many bytes: a step that needs more throws resource_limit
  /// before anything is changed. What is held already stays.
  void set_limit(std::uint64_t bytes) noexcept;
  /// Bytes held, in use or not.
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept;
  /// Bytes of a page of 32 tokens of a sequence, or of 32 rows of a memory, all layers.
  [[nodiscard]] Index page_bytes() const noexcept;
  [[nodiscard]] static constexpr Index pages_of(Index tokens) noexcept {
    return (tokens + KvLayout::page_tokens - 1) / KvLayout::page_tokens;
  }
  /// What a new cache holds when sequences of so many tokens, and memories, are in it and share
  /// nothing.
  [[nodiscard]] std::uint64_t bytes_for(std::span<const Index> tokens,
                                        std::span<const Index> memory) const;

  /// With their places in pages.
  [[nodiscard]] const KvLayers& layers() const noexcept;

 private:
  friend class KvStep;
  friend class KvMemories;
  struct State;
  std::unique_ptr<State> state_;
};

/// Tokens on their way into sequences of a cache: places are taken when it is made, and given back
/// with it unless they were committed. Copied parts live in the workspace's present Scope.
class ATTEND_EXPORT KvStep {
 public:
  /// Positions and columns go on from those in the cache, where the batch has none. Shapes:
  /// sequences [n], each once. Requires: the batch was checked. Throws: config_error (sequences
  /// that do not fit the batch or have no memory, columns that do not go on), resource_limit.
  KvStep(KvCache& cache, std::span<const Index> sequences, const Batch& batch,
         const PositionRule& rule, Workspace& workspace);
  ~KvStep();
  KvStep(const KvStep&) = delete;
  KvStep& operator=(const KvStep&) = delete;

  [[nodiscard]] const KvRows& rows() const noexcept { return rows_; }
  /// Shapes: [t].
  [[nodiscard]] std::span<const std::int32_t> positions() const noexcept { return positions_; }
  void commit() noexcept;

  /// Takes of the workspace what a step takes, unless columns have holes; returns the positions.
  static std::span<const std::int32_t> count(const Batch& batch, bool has_memory,
                                             Workspace& workspace);

 private:
  KvStep(KvCache& cache, std::span<const Index> sequences, const Batch& batch);
  void check(const Batch& batch) const;
  void number(const Batch& batch, const PositionRule& rule, std::span<std::int32_t> positions);
  void list_rows(Workspace& workspace);
  void list_memories(Workspace& workspace);

  KvCache::State& cache_;
  std::span<const Index> sequences_;
  std::span<const Index> starts_;
  Index begun_ = 0;  // sequences that are marked
  bool committed_ = false;
  KvRows rows_;
  std::span<const std::int32_t> positions_;
};

/// Memories on their way into a cache, the same way.
class ATTEND_EXPORT KvMemories {
 public:
  /// Shapes: sequences [n], each once, without tokens; starts [n + 1], of the rows of the memory.
  /// Throws: config_error, resource_limit.
  KvMemories(KvCache& cache, std::span<const Index> sequences, std::span<const Index> starts,
             Workspace& workspace);
  ~KvMemories();
  KvMemories(const KvMemories&) = delete;
  KvMemories& operator=(const KvMemories&) = delete;

  /// `memories` has one for each sequence, and rows are those of the memory.
  [[nodiscard]] const KvRows& rows() const noexcept { return rows_; }
  void commit() noexcept;

  /// Takes of the workspace what the memories of so many sequences take.
  static void count(Index sequences, Workspace& workspace);

 private:
  KvMemories(KvCache& cache, std::span<const Index> sequences, std::span<Index> made);

  KvCache::State& cache_;
  std::span<const Index> sequences_;
  std::span<Index> made_;  // one a sequence
  Index count_ = 0;        // that are made
  KvRows rows_;
};

}  // namespace attend
