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

constexpr std::size_t least_page = 4096;  // of memory, on all systems

constexpr std::size_t most_bytes = std::size_t{1} << 61U;

// Where no memory ever is: whoever touches what a counting workspace hands out dies of it at once.
constexpr std::uintptr_t nowhere = std::uintptr_t{1} << 62U;

}  // namespace

void Workspace::add_block(std::size_t bytes) {
  Block block{nullptr, bytes, {}};
  switch (mode_) {
    case WorkspaceMode::memory:
      block.memory = Tensor(DType::u8, Shape{static_cast<Index>(bytes)}, Fill::none);
      block.begin = block.memory.bytes();
      // Every page is taken now, not when a later pass happens to reach it: what a workspace holds
      // is what it takes, as was foretold.
      for (std::size_t i = 0; i < bytes; i += least_page) block.begin[i] = std::byte{0};
      block.begin[bytes - 1] = std::byte{0};  // blocks do not begin where a page does
      break;
    case WorkspaceMode::counting:
      block.begin = reinterpret_cast<std::byte*>(nowhere + capacity());
      break;
  }
  blocks_.push_back(std::move(block));
  peak_ = std::max(peak_, capacity());
}

std::byte* Workspace::bytes(std::size_t count) {
  const std::size_t held = capacity();
  if (count > most_bytes || held > most_bytes / 2) {
    fail(ErrorKind::resource_limit, {.where = "Workspace",
                                     .what = std::to_string(count) + " bytes",
                                     .hint = "use a smaller batch"});
  }
  const std::size_t rounded =
      (count + Tensor::alignment - 1) / Tensor::alignment * Tensor::alignment;
  while (block_ < blocks_.size() && blocks_[block_].size - used_ < rounded) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const std::size_t room = limit_ - std::min(limit_, held);
    if (room < rounded) {
      fail(ErrorKind::resource_limit,
           {.where = "Workspace",
            .what = "memory of a pass",
            .expected = "at most " + std::to_string(limit_) + " bytes",
            .found = "a need for " + std::to_string(held + rounded) + " or more",
            .hint = "use a smaller batch or shorter texts, or a larger Workspace::set_limit()"});
    }
    add_block(std::min(room, std::max({rounded, smallest_block, held})));
  }
  std::byte* out = blocks_[block_].begin + used_;
  used_ += rounded;
  taken_ += rounded;
  most_taken_ = std::max(most_taken_, taken_);
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
    : workspace_(workspace),
      block_(workspace.block_),
      used_(workspace.used_),
      taken_(workspace.taken_) {}

Workspace::Scope::~Scope() {
  workspace_.block_ = block_;
  workspace_.used_ = used_;
  workspace_.taken_ = taken_;
  if (block_ != 0 || used_ != 0 || workspace_.blocks_.size() <= 1) return;
  // The outermost scope ends and the pass needed several blocks: replace them by one, so that the
  // next pass of this size allocates nothing. They go first, so that the peak does not double.
  workspace_.blocks_.clear();
  try {
    workspace_.add_block(workspace_.most_taken_);
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
  for (const auto& block : blocks_) total += block.size;
  return total;
}

}  // namespace attend
