// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What one forward pass may change: scratch memory, the threads it may use, and whether it was
// asked to stop. Models are immutable; every caller brings a Workspace of its own.
#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/parallel.h"
#include "attend/core/tensor.h"

namespace attend {

/// A bump arena for activations. Memory is kept between passes: after the first pass of the
/// largest size nothing is allocated any more.
///
/// Threads: one thread at a time; chunks of a parallel_for write to matrices made before it.
class ATTEND_EXPORT Workspace {
 public:
  explicit Workspace(ThreadPool& pool = default_pool()) : pool_(&pool) {}

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
  };

  [[nodiscard]] ThreadPool& pool() const noexcept { return *pool_; }

  /// Forward passes check this once a layer and throw Error of kind cancelled when it asks to stop.
  void set_stop_token(std::stop_token token) noexcept { stop_ = std::move(token); }
  void throw_if_stopped() const;

  /// Bytes held, for reports and tests.
  [[nodiscard]] std::size_t capacity() const noexcept;

 private:
  ThreadPool* pool_;
  std::stop_token stop_;
  std::vector<Tensor> blocks_;
  std::size_t block_ = 0;  // index of the block in use
  std::size_t used_ = 0;   // bytes taken from it
};

}  // namespace attend
