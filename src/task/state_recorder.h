// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Keeps what a model passes through in a step, for those who asked for it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

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
  explicit StateRecorder(const Wanted& wanted) : wanted_(wanted), left_(wanted.max_bytes) {}

  [[nodiscard]] bool is_on() const noexcept { return wanted_.hidden_states || wanted_.attentions; }

  /// What was recorded goes into these rows, one a sequence of a batch with these starts. All must
  /// outlive the observer; it throws resource_limit.
  [[nodiscard]] PassObserver observer(std::span<RowStates* const> rows,
                                      std::span<const Index> starts);

 private:
  void record(std::vector<std::vector<float>>& to, MatrixView<const float> values);

  Wanted wanted_;
  std::uint64_t left_;
};

}  // namespace attend
