// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pooling with and without the prompt; weights and order of the modules behind it.
#include "task/sentence_steps.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "attend/checkpoint/weights.h"
#include "attend/core/error.h"
#include "attend/ops/linear.h"
#include "attend/ops/normalize.h"
#include "model/check_finite.h"

namespace attend {
namespace {

/// One sequence without its first rows, and where its vector goes. Shapes: x [rows, m], y [1, m].
struct Part {
  MatrixView<const float> x;
  Index skipped = 0;
  MatrixView<float> y;
};

/// Rows weigh by their places in the whole sequence: weighted_mean of the rows that are left counts
/// them from 1, so what the prompt's rows would have added to every weight is a share of the mean.
void pool_weighted(const Part& part, Workspace& workspace) {
  const Workspace::Scope scope(workspace);
  const auto& [x, skipped, y] = part;
  const MatrixView<const float> left = x.row_range(skipped, x.rows - skipped);
  const MatrixView<float> mean = workspace.matrix(1, x.cols);
  const std::array<Index, 2> starts{0, left.rows};
  ops::pool(Pooling::mean, left, starts, mean);
  ops::pool(Pooling::weighted_mean, left, starts, y);
  const auto rows = static_cast<float>(left.rows);
  const float own = rows * (rows + 1) / 2;
  const float shift = rows * static_cast<float>(skipped);
  for (Index j = 0; j < x.cols; ++j) {
    y(0, j) = (own * y(0, j) + shift * mean(0, j)) / (own + shift);
  }
}

void pool_part(Pooling kind, const Part& part, Workspace& workspace) {
  const Index rows = part.x.rows - part.skipped;
  if (rows < 1 && kind != Pooling::cls) {
    const std::span<float> row = part.y.row(0);
    std::fill(row.begin(), row.end(), 0.0F);
    return;
  }
  if (kind == Pooling::weighted_mean) return pool_weighted(part, workspace);
  const MatrixView<const float> left = rows < 1 ? part.x : part.x.row_range(part.skipped, rows);
  const std::array<Index, 2> starts{0, left.rows};
  ops::pool(kind, left, starts, part.y);
}

/// The weights of one module.
Weights open(const std::filesystem::path& folder, const NameTable& names,
             const ModelOptions& options) {
  auto checkpoint = Checkpoint::open(folder, {.mode = options.load_mode});
  if (options.check_finite) check_finite(*checkpoint);
  return Weights(std::move(checkpoint), names);
}

constexpr std::array<std::string_view, 1> no_prefix{""};

/// Throws when a module takes vectors of another size than come to it.
void check_size(std::string_view key, Index dimension, Index found,
                const std::filesystem::path& folder) {
  if (found == dimension) return;
  fail(ErrorKind::config_error, {.where = std::string(where_embed),
                                 .what = std::string(key),
                                 .expected = std::to_string(dimension),
                                 .found = std::to_string(found),
                                 .file = (folder / "config.json").string()});
}

}  // namespace

MatrixView<float> pool_rows(const PoolingModule& pooling, const PooledRows& rows,
                            Workspace& workspace) {
  const auto& [hidden, batch, prompt_tokens] = rows;
  const auto poolings = static_cast<Index>(pooling.poolings.size());
  const MatrixView<float> out = workspace.matrix(batch.size(), poolings * hidden.cols);
  for (Index p = 0; p < poolings; ++p) {
    const Pooling kind = pooling.poolings[static_cast<std::size_t>(p)];
    const MatrixView<float> part = out.col_range(p * hidden.cols, hidden.cols);
    if (prompt_tokens == 0) {
      ops::pool(kind, hidden, batch.starts, part);
      continue;
    }
    for (Index i = 0; i < batch.size(); ++i) {
      const Index begin = batch.starts[static_cast<std::size_t>(i)];
      const Index count = batch.starts[static_cast<std::size_t>(i) + 1] - begin;
      pool_part(kind, {hidden.row_range(begin, count), prompt_tokens, part.row_range(i, 1)},
                workspace);
    }
  }
  return out;
}

auto VectorSteps::load(const DenseModule& module, const ModelOptions& options) -> Dense {
  constexpr std::array<Rename, 1> renames{Rename{"linear", "linear"}};
  Weights weights =
      open(module.folder, {.renames = renames, .prefixes = no_prefix, .ignored = {}}, options);
  const StoredWeight weight =
      weights.matrix("linear.weight", module.out_features, module.in_features);
  std::vector<float> bias;
  if (module.has_bias) bias = weights.vector("linear.bias", module.out_features);
  weights.finish(options.extra_tensors);
  ThreadPool& pool = options.pool != nullptr ? *options.pool : default_pool();
  return {PackedLinear({&weight, 1}, std::move(bias), pool), module.activation};
}

auto VectorSteps::load(const LayerNormModule& module, const ModelOptions& options) -> LayerNorm {
  constexpr std::array<Rename, 1> renames{Rename{"norm", "norm"}};
  Weights weights =
      open(module.folder, {.renames = renames, .prefixes = no_prefix, .ignored = {}}, options);
  LayerNorm norm{.gain = weights.vector("norm.weight", module.dimension),
                 .bias = weights.vector("norm.bias", module.dimension)};
  weights.finish(options.extra_tensors);
  return norm;
}

VectorSteps::VectorSteps(const std::vector<VectorModule>& modules, Index dimension,
                         const ModelOptions& options)
    : dimension_(dimension) {
  for (const VectorModule& module : modules) {
    if (const auto* dense = std::get_if<DenseModule>(&module)) {
      check_size("in_features of a Dense module", dimension_, dense->in_features, dense->folder);
      steps_.emplace_back(load(*dense, options));
      dimension_ = dense->out_features;
    } else if (const auto* norm = std::get_if<LayerNormModule>(&module)) {
      check_size("dimension of a LayerNorm module", dimension_, norm->dimension, norm->folder);
      steps_.emplace_back(load(*norm, options));
    } else {
      steps_.emplace_back(NormalizeModule{});
    }
  }
}

MatrixView<float> VectorSteps::operator()(MatrixView<float> x, Workspace& workspace) const {
  constexpr float torch_eps = 1e-5F;  // the default of torch.nn.LayerNorm, which the module keeps
  for (const Step& step : steps_) {
    if (const auto* dense = std::get_if<Dense>(&step)) {
      const MatrixView<float> y = workspace.matrix(x.rows, dense->linear.out_features());
      ops::linear({x, dense->linear}, y, workspace, {.activation = dense->activation});
      x = y;
    } else if (const auto* norm = std::get_if<LayerNorm>(&step)) {
      ops::layer_norm(x, {norm->gain, norm->bias, torch_eps}, x, workspace);
    } else {
      ops::l2_normalize(x);
    }
  }
  return x;
}

}  // namespace attend
