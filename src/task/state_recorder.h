// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Keeps what a model passes through in a step, for those who asked for it.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "attend/model/model.h"
#include "attend/model/observer.h"
#include "attend/task/generation.h"

namespace attend {

class StateRecorder {
 public:
  struct Wanted {
    bool hidden_states = false;
    bool attentions = false;
    std::uint64_t max_bytes = 0;  ///< of all that is recorded
  };
  /// The model must outlive it.
  StateRecorder(const Wanted& wanted, const Model& model)
      : wanted_(wanted), model_(model), left_(wanted.max_bytes) {}

  [[nodiscard]] bool is_on() const noexcept { return wanted_.hidden_states || wanted_.attentions; }

  /// What a pass of this stack goes through is copied into these rows, one a sequence of the batch,
  /// which know how many tokens and keys they have. All must outlive the observer.
  /// Throws: resource_limit, before anything is computed.
  [[nodiscard]] PassObserver observer(StackKind stack, std::span<RowStates* const> rows,
                                      std::span<const Index> starts);

  /// Room is counted for a text from here on, and given back.
  void begin_text() noexcept { taken_ = 0; }
  void drop_text() noexcept { left_ += std::exchange(taken_, 0); }

 private:
  void take_room(StackKind stack, std::span<RowStates* const> rows);

  Wanted wanted_;
  const Model& model_;
  std::uint64_t left_;
  std::uint64_t taken_ = 0;  // by the text
};

}  // namespace attend
