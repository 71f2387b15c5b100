// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What one forward pass may change: scratch memory, the threads it may use, and whether it was
// asked to stop. Models are immutable; every caller brings a Workspace of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stop_token>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/parallel.h"
#include "attend/core/tensor.h"

namespace attend {

/// Whether a workspace has memory, or only counts what a pass would take of it.
enum class WorkspaceMode : std::uint8_t { memory, counting };

/// A bump arena for activations. Memory is kept between passes: after the first pass of the
/// largest size nothing is allocated any more.
///
/// One that counts hands out addresses of nothing. The operations take from it what they would take
/// from any other and then return, so that a pass tells exactly what memory it needs.
///
/// Threads: one thread at a time; chunks of a parallel_for write to matrices made before it.
class ATTEND_EXPORT Workspace {
 public:
  explicit Workspace(ThreadPool& pool = default_pool(), WorkspaceMode mode = WorkspaceMode::memory)
      : pool_(&pool), mode_(mode) {}

  /// An uninitialised matrix, 64-byte aligned, valid until the enclosing Scope ends.
  /// Shapes: [rows, cols]. Throws: resource_limit.
  [[nodiscard]] MatrixView<float> matrix(Index rows, Index cols);

  /// Uninitialised bytes, 64-byte aligned, valid until the enclosing Scope ends.
  [[nodiscard]] std::byte* bytes(std::size_t count);

  /// Gives back, at its end, all that was taken since its beginning.
  class ATTEND_EXPORT Scope {
   public:
    explicit Scope(Workspace& workspace) noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Workspace& workspace_;
    std::size_t block_;
    std::size_t used_;
    std::size_t taken_;
  };

  /// From now on it holds at most so many bytes; a pass that needs more throws resource_limit
  /// before they are allocated, and gives back what it took. A pass of a shape needs what
  /// MemoryEstimate says; what is held already stays.
  void set_limit(std::size_t bytes) noexcept { limit_ = bytes; }
  [[nodiscard]] bool is_counting() const noexcept { return mode_ == WorkspaceMode::counting; }

  [[nodiscard]] ThreadPool& pool() const noexcept { return *pool_; }

  /// Forward passes check this once a layer and throw Error of kind cancelled when it asks to stop.
  void set_stop_token(std::stop_token token) noexcept { stop_ = std::move(token); }
  void throw_if_stopped() const;

  /// Bytes held, for reports and tests.
  [[nodiscard]] std::size_t capacity() const noexcept;
  /// The most bytes that were held at once: while it grows it holds more than it keeps.
  [[nodiscard]] std::size_t peak() const noexcept { return peak_; }

 private:
  struct Block {
    std::byte* begin;
    std::size_t size;
    Tensor memory;  // none where it only counts
  };
  void add_block(std::size_t bytes);

  ThreadPool* pool_;
  std::stop_token stop_;
  WorkspaceMode mode_;
  std::size_t limit_ = std::numeric_limits<std::size_t>::max();
  std::vector<Block> blocks_;
  std::size_t block_ = 0;       // index of the block in use
  std::size_t used_ = 0;        // bytes taken from it
  std::size_t taken_ = 0;       // bytes taken from all blocks
  std::size_t most_taken_ = 0;  // what one block would have to hold
  std::size_t peak_ = 0;
};

}  // namespace attend
