// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The arena: a list of blocks while it grows, one block once its size is known.
#include "attend/core/workspace.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "attend/core/error.h"

namespace attend {
namespace {

constexpr std::size_t smallest_block = std::size_t{1} << 16U;

std::size_t block_size(const Tensor& block) { return block.ref().size_bytes(); }

Tensor new_block(std::size_t bytes) { return Tensor(DType::u8, Shape{static_cast<Index>(bytes)}); }

}  // namespace

std::byte* Workspace::bytes(std::size_t count) {
  if (count > static_cast<std::size_t>(std::numeric_limits<Index>::max()) - Tensor::alignment) {
    fail(ErrorKind::resource_limit, {.where = "Workspace",
                                     .what = std::to_string(count) + " bytes",
                                     .hint = "use a smaller batch"});
  }
  const std::size_t rounded =
      (count + Tensor::alignment - 1) / Tensor::alignment * Tensor::alignment;
  while (block_ < blocks_.size() && block_size(blocks_[block_]) - used_ < rounded) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    blocks_.push_back(new_block(std::max({rounded, smallest_block, capacity()})));
  }
  std::byte* out = blocks_[block_].bytes() + used_;
  used_ += rounded;
  return out;
}

MatrixView<float> Workspace::matrix(Index rows, Index cols) {
  const auto count = checked_product(rows, cols);
  const auto size = count ? checked_product(*count, sizeof(float)) : std::nullopt;
  if (!size) {
    fail(ErrorKind::resource_limit,
         {.where = "Workspace",
          .what = "a matrix of " + std::to_string(rows) + " x " + std::to_string(cols),
          .hint = "use a smaller batch"});
  }
  return {reinterpret_cast<float*>(bytes(static_cast<std::size_t>(*size))), rows, cols};
}

Workspace::Scope::Scope(Workspace& workspace) noexcept
    : workspace_(workspace), block_(workspace.block_), used_(workspace.used_) {}

Workspace::Scope::~Scope() {
  workspace_.block_ = block_;
  workspace_.used_ = used_;
  if (block_ != 0 || used_ != 0 || workspace_.blocks_.size() <= 1) return;
  // The outermost scope ends and the pass needed several blocks: replace them by one, so that the
  // next pass of this size allocates nothing. They go first, so that the peak does not double.
  const std::size_t total = workspace_.capacity();
  workspace_.blocks_.clear();
  try {
    workspace_.blocks_.push_back(new_block(total));
  } catch (...) {
    return;  // the next pass asks again, block by block
  }
}

void Workspace::throw_if_stopped() const {
  if (stop_.stop_requested()) {
    fail(ErrorKind::cancelled, {.where = "forward", .what = "the caller asked to stop"});
  }
}

std::size_t Workspace::capacity() const noexcept {
  std::size_t total = 0;
  for (const auto& block : blocks_) total += block_size(block);
  return total;
}

}  // namespace attend
