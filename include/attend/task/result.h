// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What tasks return, and how a call on many items runs.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "attend/core/error.h"
#include "attend/core/parallel.h"
#include "attend/core/shape.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// A label and how sure the model is of it.
struct LabelScore {
  std::string label;
  float score = 0;  ///< a probability, or a logit where no function was applied
};

/// A result or the Error that took its place: one bad item does not stop the others.
template <class T>
class Outcome {
 public:
  Outcome(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Outcome(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  /// The result. Throws: the Error that stands in its place.
  [[nodiscard]] const T& value() const& { return check(), std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return check(), std::get<0>(std::move(state_)); }
  /// Requires: !ok().
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  void check() const {
    if (!ok()) throw std::get<1>(state_);
  }
  std::variant<T, Error> state_;
};

/// How a call on many items runs. None of it changes a result.
struct RunOptions {
  Index batch_size = 32;                                        ///< sequences that run together
  std::function<void(Index done, Index total)> progress = {};  ///< called from the calling thread
  std::stop_token stop = {};      ///< a request to stop ends the call with Error of kind cancelled
  ThreadPool* pool = nullptr;     ///< default_pool() when null
  /// Generation: bytes of the keys and values of all texts in the making. Prompts wait for others to
  /// end, and one that alone needs more is an Error of kind resource_limit. 0: half of the memory
  /// that the machine, or the control group of the process, has; for that none waits.
  std::uint64_t max_cache_bytes = 0;
};

}  // namespace attend
