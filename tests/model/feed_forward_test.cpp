// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every form of a feed-forward against loops in double precision.
#include "attend/model/feed_forward.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "checkpoint/safetensors_bytes.h"
#include "support/paths.h"

namespace attend {
namespace {

constexpr Index width = 5;
constexpr Index ffn_width = 7;
constexpr Index rows = 3;

constexpr Rename renames[] = {
    {"layer.{i}.ffn.up", "{i}.up"},
    {"layer.{i}.ffn.gate", "{i}.gate"},
    {"layer.{i}.ffn.down", "{i}.down"},
};
constexpr std::string_view prefixes[] = {""};

using Values = std::vector<float>;

Values operator+(Values a, const Values& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// A weight [out, in] with its bias, or without.
struct Matrix {
  Index out = 0;
  Index in = 0;
  Values weight;
  Values bias;

  std::vector<double> operator()(const std::vector<double>& x) const {
    std::vector<double> y;
    for (Index row = 0; row < out; ++row) {
      double sum = bias.empty() ? 0 : static_cast<double>(bias[static_cast<std::size_t>(row)]);
      for (Index col = 0; col < in; ++col) {
        sum += static_cast<double>(weight[static_cast<std::size_t>(row * in + col)]) *
               x[static_cast<std::size_t>(col)];
      }
      y.push_back(sum);
    }
    return y;
  }
};

/// One below the other.
Matrix stacked(const Matrix& a, const Matrix& b) {
  return {a.out + b.out, a.in, a.weight + b.weight, a.bias + b.bias};
}

class FeedForwardTest : public testing::Test {
 protected:
  Matrix random_matrix(Index out, Index in, Bias bias) {
    return {out, in, random_values(out * in), bias == Bias::with ? random_values(out) : Values{}};
  }
  Values random_values(Index count) {
    std::normal_distribution<float> normal;
    Values values(static_cast<std::size_t>(count));
    for (float& value : values) value = normal(random_);
    return values;
  }
  void store(const std::string& name, const Matrix& matrix) {
    set_.add(name + ".weight", {matrix.out, matrix.in}, matrix.weight);
    if (!matrix.bias.empty()) set_.add(name + ".bias", {matrix.out}, matrix.bias);
  }

  /// Compares a feed-forward of what was stored with its definition.
  void expect_definition(const BlockOptions& options) {
    const test::TemporaryFolder folder;
    write_safetensors(folder.path() / "model.safetensors", set_.refs());
    Weights weights(Checkpoint::open(folder.path()), {.renames = renames, .prefixes = prefixes});
    ThreadPool pool(1);
    WeightTally tally;
    const FeedForward feed_forward({weights, pool, tally}, "layer.0.ffn", options);
    weights.finish();
    Workspace workspace(pool);
    Values y = random_values(rows * width);
    Values x = random_values(rows * width);
    const Values before = x;
    const MatrixView<float> sum(x.data(), rows, width);
    feed_forward({y.data(), rows, width}, {sum, sum}, workspace);
    for (Index row = 0; row < rows; ++row) {
      const auto begin = y.begin() + row * width;
      std::vector<double> hidden = up_(std::vector<double>(begin, begin + width));
      std::vector<double> open =
          gate_.out == 0 ? std::vector<double>{} : gate_(std::vector<double>(begin, begin + width));
      for (std::size_t i = 0; i < hidden.size(); ++i) {
        double& through = gate_.out == 0 ? hidden[i] : open[i];
        through /= 1 + std::exp(-through);  // silu
        if (gate_.out != 0) hidden[i] *= through;
      }
      const auto added = down_(hidden);
      for (Index col = 0; col < width; ++col) {
        const auto at = static_cast<std::size_t>(row * width + col);
        EXPECT_NEAR(static_cast<double>(x[at]),
                    static_cast<double>(before[at]) + added[static_cast<std::size_t>(col)], 2e-5);
      }
    }
  }

  Matrix up_;
  Matrix gate_;  // of no rows: there is none
  Matrix down_;
  test::TensorSet set_;

 private:
  std::mt19937 random_{7};
};

constexpr Bias biases[] = {Bias::with, Bias::without};

TEST_F(FeedForwardTest, PlainOnesAreTheirDefinition) {
  for (const Bias up : biases) {
    for (const Bias down : biases) {
      set_ = {};
      store("0.up", up_ = random_matrix(ffn_width, width, up));
      store("0.down", down_ = random_matrix(width, ffn_width, down));
      expect_definition({.width = width,
                         .ffn_width = ffn_width,
                         .ffn_up_bias = up,
                         .ffn_down_bias = down,
                         .activation = Activation::silu});
    }
  }
}

TEST_F(FeedForwardTest, GatesAreFoundWhereverTheyAreStored) {
  for (const GateWeights place : {GateWeights::first, GateWeights::last, GateWeights::apart}) {
    for (const Bias bias : biases) {
      SCOPED_TRACE(static_cast<int>(place));
      set_ = {};
      up_ = random_matrix(ffn_width, width, bias);
      gate_ = random_matrix(ffn_width, width, bias);
      store("0.down", down_ = random_matrix(width, ffn_width, Bias::with));
      switch (place) {
        case GateWeights::first: store("0.up", stacked(gate_, up_)); break;
        case GateWeights::last: store("0.up", stacked(up_, gate_)); break;
        case GateWeights::apart:
          store("0.up", up_);
          store("0.gate", gate_);
          break;
      }
      expect_definition({.width = width,
                         .ffn_width = ffn_width,
                         .ffn = FeedForwardKind::gated,
                         .gate = place,
                         .ffn_up_bias = bias,
                         .activation = Activation::silu});
    }
  }
}

}  // namespace
}  // namespace attend
