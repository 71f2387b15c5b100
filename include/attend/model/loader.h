// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where layers get their weights, and the count of what they take. Models and plans of models are
// made by the same code; only the weights of a plan have no values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/checkpoint/weights.h"
#include "attend/core/export.h"
#include "attend/core/parallel.h"
#include "attend/core/stored_weight.h"
#include "attend/model/memory.h"
#include "attend/ops/activation.h"
#include "attend/ops/linear.h"

namespace attend {

class PackedFile;
class PackedRecord;

/// What the layers of a model have taken so far.
struct WeightTally {
  MemoryEstimate memory;
  std::uint64_t panels = 0;         ///< bytes that the panels take together
  std::vector<std::string> tables;  ///< that are counted: stacks may share one
};

/// Every layer throws weight_missing and weight_shape when it is made.
struct Loader {
  Weights& weights;
  ThreadPool& pool;
  WeightTally& tally;
  ComputeType compute = ComputeType::f32;  ///< of the products with packed weights
  PackedFile* packed = nullptr;            ///< to take from instead of packing; or null
  PackedRecord* record = nullptr;          ///< to note what was packed; or null
  std::string_view scope = {};             ///< stands before names in both
  /// Where panels go, one weight after the other: as many bytes as a plan tallies. Empty: each has
  /// memory of its own.
  std::span<std::byte> panels = {};

  /// Whether a plan is made: nothing may be computed from weights.
  [[nodiscard]] bool is_plan() const noexcept { return weights.mode() == WeightValues::absent; }

  /// Packs weights, after which their place in the file is not needed any more. `name` is that of
  /// the layer: no two of a model have the same.
  [[nodiscard]] ATTEND_EXPORT PackedLinear pack(const std::string& name,
                                                std::span<const StoredWeight> parts,
                                                std::vector<float> bias,
                                                LinearForm form = LinearForm::plain) const;
  /// A vector that a layer keeps. Shapes: [size].
  [[nodiscard]] ATTEND_EXPORT std::vector<float> vector(std::string_view name, Index size) const;
  /// A matrix that a layer reads where it lies. Shapes: [rows, cols].
  [[nodiscard]] ATTEND_EXPORT StoredWeight table(const std::string& name, Index rows,
                                                 Index cols) const;
  /// The function with what the model has learned for it, under `name`, where it learns anything.
  [[nodiscard]] ATTEND_EXPORT ActivationFunction activation(const std::string& name,
                                                            Activation kind) const;
  /// Counts memory that a layer keeps besides.
  void count(std::uint64_t bytes) const noexcept { tally.memory.packed += bytes; }

 private:
  [[nodiscard]] PackedLinear take(const std::string& name, std::span<const StoredWeight> parts,
                                  std::vector<float> bias, LinearForm form) const;
};

}  // namespace attend
