// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Layers with random weights from a checkpoint of their own, and their parts as plain loops in
// double precision.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "attend/checkpoint/weights.h"
#include "attend/core/parallel.h"
#include "attend/model/loader.h"
#include "checkpoint/safetensors_bytes.h"
#include "support/paths.h"

namespace attend::test {

using Values = std::vector<float>;
using Row = std::vector<double>;
using Rows = std::vector<Row>;

inline double silu(double x) { return x / (1 + std::exp(-x)); }

class StoredLayers {
 public:
  /// Names are ours and the file's.
  void add(const std::string& name, const Shape& shape) {
    const Values& values = values_[name] = random_values(shape.count());
    set_.add(name, shape, values);
  }
  void add_linear(const std::string& name, Index out, Index in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void add_norm(const std::string& name, Index width) {
    add(name + ".weight", {width});
    add(name + ".bias", {width});
  }

  /// Calls f with a loader of what was added; everything must be asked for. Layers may be used as
  /// long as this lives.
  template <class F>
  auto load(const F& f) {
    write_safetensors(folder_.path() / "model.safetensors", set_.refs());
    renames_.clear();
    for (const auto& [name, values] : values_) renames_.push_back({name, name});
    checkpoint_ = Checkpoint::open(folder_.path());
    Weights weights(checkpoint_, {.renames = renames_, .prefixes = prefixes});
    WeightTally tally;
    auto layer = f(Loader{weights, pool, tally});
    weights.finish();
    return layer;
  }

  Values random_values(Index count) {
    std::normal_distribution<float> normal;
    Values values(static_cast<std::size_t>(count));
    for (float& value : values) value = normal(random_);
    return values;
  }

  [[nodiscard]] double at(const std::string& name, Index i) const {
    return static_cast<double>(values_.at(name)[static_cast<std::size_t>(i)]);
  }

  // ---- The definitions

  [[nodiscard]] Row linear(const std::string& name, const Row& x) const {
    const auto in = static_cast<Index>(x.size());
    Row y;
    for (Index row = 0; row < static_cast<Index>(values_.at(name + ".bias").size()); ++row) {
      double sum = at(name + ".bias", row);
      for (Index col = 0; col < in; ++col) {
        sum += at(name + ".weight", row * in + col) * x[static_cast<std::size_t>(col)];
      }
      y.push_back(sum);
    }
    return y;
  }
  [[nodiscard]] Row norm(const std::string& name, Row x, double eps) const {
    double mean = 0;
    double variance = 0;
    const auto count = static_cast<double>(x.size());
    for (const double value : x) mean += value / count;
    for (const double value : x) variance += (value - mean) * (value - mean) / count;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto at_i = static_cast<Index>(i);
      x[i] = (x[i] - mean) / std::sqrt(variance + eps) * at(name + ".weight", at_i) +
             at(name + ".bias", at_i);
    }
    return x;
  }

  ThreadPool pool{1};

 private:
  static constexpr std::string_view prefixes[] = {""};

  std::mt19937 random_{7};
  TensorSet set_;
  std::map<std::string, Values> values_;
  std::vector<Rename> renames_;
  TemporaryFolder folder_;
  std::shared_ptr<const Checkpoint> checkpoint_;
};

inline Rows rows_of(const Values& values, Index width) {
  Rows rows;
  for (auto at = values.begin(); at != values.end(); at += width) rows.emplace_back(at, at + width);
  return rows;
}

inline void expect_rows(const Values& found, const Rows& expected) {
  std::size_t i = 0;
  for (const Row& row : expected) {
    for (const double value : row) {
      ASSERT_LT(i, found.size());
      EXPECT_NEAR(static_cast<double>(found[i++]), value, 2e-5 * std::max(1.0, std::abs(value)));
    }
  }
  EXPECT_EQ(i, found.size());
}

}  // namespace attend::test
