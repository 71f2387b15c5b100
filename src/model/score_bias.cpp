// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Buckets of distances, in the 32-bit arithmetic of the reference, whose rounding decides at their
// borders.
#include "attend/model/score_bias.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "attend/core/error.h"

namespace attend {
namespace {

Tensor widened(const StoredWeight& weight) {
  Tensor out(DType::f32, Shape{weight.rows(), weight.cols()});
  if (weight.values.bytes == nullptr) return out;  // of a plan
  const auto values = out.values<float>();
  const auto cols = static_cast<std::size_t>(weight.cols());
  for (Index row = 0; row < weight.rows(); ++row) {
    weight.read(row, 0, values.subspan(static_cast<std::size_t>(row) * cols, cols));
  }
  return out;
}

MatrixView<float> view(Tensor& tensor) {
  return {tensor.values<float>().data(), tensor.shape()[0], tensor.shape()[1]};
}
MatrixView<const float> view(const Tensor& tensor) {
  return {tensor.values<float>().data(), tensor.shape()[0], tensor.shape()[1]};
}

Index buckets_of_a_side(const BucketBias& options) {
  switch (options.sides) {
    case BucketBias::Sides::both: break;
    case BucketBias::Sides::behind: return options.buckets;
  }
  return options.buckets / 2;
}

// The bucket of a distance, key - query.
// Source: transformers 4.57 modeling_mpnet.py, modeling_t5.py (relative_position_bucket).
Index bucket_of(const BucketBias& options, Index distance) {
  const bool is_after = distance > 0;
  if (is_after && options.sides == BucketBias::Sides::behind) return 0;
  const Index each_side = buckets_of_a_side(options);
  const Index single = each_side / 2;  // distances with a bucket of their own
  const Index size = std::abs(distance);
  Index bucket = size;
  if (size >= single) {
    const float ratio = std::log(static_cast<float>(size) / static_cast<float>(single)) /
                        static_cast<float>(std::log(static_cast<double>(options.max_distance) /
                                                    static_cast<double>(single)));
    const auto further = static_cast<Index>(ratio * static_cast<float>(each_side - single));
    bucket = std::min(single + further, each_side - 1);
  }
  return is_after ? each_side + bucket : bucket;
}

// The reference divides by half of a side's buckets, and by the logarithm of how much further the
// last one is.
void check_buckets(const BucketBias& options, Index heads) {
  const Index single = buckets_of_a_side(options) / 2;
  if (single == 0 || options.max_distance <= single) {
    fail(ErrorKind::config_error, {.where = "load_model",
                                   .what = "buckets of distances",
                                   .expected = "at least 2 a side, the last of them further than "
                                               "half of their number",
                                   .found = std::to_string(options.buckets) + " up to " +
                                            std::to_string(options.max_distance),
                                   .file = "config.json"});
  }
  constexpr Index max_values = Index{1} << 24;
  if (heads > max_values / (2 * options.max_distance + 1)) {
    fail(ErrorKind::resource_limit,
         {.where = "load_model",
          .what = "biases by distance",
          .expected = "at most " + std::to_string(max_values) + " of all heads",
          .found = std::to_string(heads) + " heads, up to " + std::to_string(options.max_distance),
          .file = "config.json"});
  }
}

Tensor bias_by_distance(const StoredWeight& stored, const BucketBias& options) {
  const Tensor table = widened(stored);
  const Index heads = stored.cols();
  const auto buckets = view(table);
  Tensor out(DType::f32, Shape{heads, 2 * options.max_distance + 1});
  const auto values = view(out);
  for (Index column = 0; column < values.cols; ++column) {
    const Index bucket = bucket_of(options, column - options.max_distance);
    for (Index head = 0; head < heads; ++head) values(head, column) = buckets(bucket, head);
  }
  return out;
}

// Where the reference puts the distance query - key: itself up to half of the buckets, then by its
// logarithm.
// Source: transformers 4.57 modeling_deberta_v2.py (make_log_bucket_position).
Index log_bucket(const DisentangledBias& options, Index distance) {
  if (options.log_distance == 0) return distance;
  const Index half = options.reach / 2;
  const Index size = std::abs(distance);
  if (size <= half) return distance;
  const float ratio = std::log(static_cast<float>(size) / static_cast<float>(half)) /
                      std::log(static_cast<float>(static_cast<double>(options.log_distance - 1) /
                                                  static_cast<double>(half)));
  const auto bucket = static_cast<Index>(std::ceil(ratio * static_cast<float>(half - 1))) + half;
  return distance < 0 ? -bucket : bucket;
}

void check_buckets(const DisentangledBias& options) {
  if (options.log_distance == 0) return;
  if (options.reach >= 4 && options.log_distance - 1 > options.reach / 2) return;
  fail(ErrorKind::config_error,
       {.where = "load_model",
        .what = "position_buckets",
        .expected = "at least 4, and less than twice max_relative_positions",
        .found = std::to_string(options.reach) + " of " + std::to_string(options.log_distance),
        .file = "config.json"});
}

// Rows of the table by distance (key - query), as DisentangledTables takes them: as far as rows
// differ, or as far as any sequence goes.
std::vector<std::int32_t> slots_of(const DisentangledBias& options) {
  constexpr Index longest = Index{1} << 20;
  const Index rows = 2 * options.reach;
  const auto slot = [&](Index distance) {
    return std::clamp<Index>(log_bucket(options, -distance) + options.reach, 0, rows - 1);
  };
  Index reach = 1;
  while (reach < longest && (slot(reach) > 0 || slot(-reach) < rows - 1)) ++reach;
  std::vector<std::int32_t> out;
  for (Index distance = -reach; distance <= reach; ++distance) {
    out.push_back(static_cast<std::int32_t>(slot(distance)));
  }
  return out;
}

// Shapes: embeddings [2 * reach + 1, d] by the distance query - key.
DisentangledTables relative_tables(const Loader& from, const std::string& name,
                                   const RelativeBias& bias, const BlockOptions& options) {
  const Index rows = 2 * bias.reach + 1;
  Tensor distances = widened(from.weights.matrix(name + ".weight", rows, options.head_size));
  if (bias.scale == RelativeBias::Scale::none) {
    // Attention scales all of a score.
    for (float& value : distances.values<float>()) value /= options.score_scale;
  }
  std::vector<std::int32_t> slots(static_cast<std::size_t>(rows));
  std::iota(slots.rbegin(), slots.rend(), 0);
  MatrixView<const float> table = view(std::as_const(distances));
  if (from.is_plan()) table.data = nullptr;
  const bool has_queries = bias.parts == RelativeBias::Parts::query_and_key;
  return DisentangledTables(table, has_queries ? table : MatrixView<const float>(), slots, 1);
}

// Embeddings of distances as the queries or keys of a layer. Shapes: [p, m] -> [p, m], or nothing
// in a plan.
Tensor projected(const Loader& from, const std::string& name, const Tensor& distances, Bias bias) {
  const auto x = view(distances);
  WeightTally passing;  // the projection goes when its work is done
  const Linear projection({from.weights, from.pool, passing}, name,
                          {.out = x.cols, .in = x.cols, .bias = bias});
  if (from.is_plan()) return {};
  Tensor out(DType::f32, distances.shape());
  Workspace workspace(from.pool);
  projection(x, view(out), workspace);
  return out;
}

// Powers of one base for as many heads as are a power of two; the others have those between, of
// twice as many. Source: transformers 4.57 models/bloom, build_alibi_tensor().
std::vector<float> slopes_of(Index heads) {
  const auto count = static_cast<std::size_t>(heads);
  const std::size_t whole = std::bit_floor(count);
  const auto base_of = [](std::size_t many) {
    return static_cast<float>(std::pow(2.0, -8.0 / static_cast<double>(many)));
  };
  std::vector<float> out;
  for (std::size_t i = 1; i <= whole; ++i) {
    out.push_back(std::pow(base_of(whole), static_cast<float>(i)));
  }
  for (std::size_t i = 1; out.size() < count; i += 2) {
    out.push_back(std::pow(base_of(2 * whole), static_cast<float>(i)));
  }
  return out;
}

}  // namespace

ScoreBias::ScoreBias(const Loader& from, const std::string& prefix, const StackOptions& options)
    : options_(options.score_bias) {
  if (const auto* buckets = std::get_if<BucketBias>(&options_)) {
    const Index heads = options.blocks.front().heads;
    check_buckets(*buckets, heads);
    by_distance_ = bias_by_distance(
        from.weights.matrix(prefix + "bias.table.weight", buckets->rows, heads), *buckets);
    from.count(by_distance_.ref().size_bytes());
  }
  if (std::holds_alternative<LinearBias>(options_)) {
    slopes_ = slopes_of(options.blocks.front().heads);
    from.count(sizeof(float) * slopes_.size());
  }
  const auto* distances = std::get_if<DisentangledBias>(&options_);
  if (distances == nullptr) return;
  check_buckets(*distances);
  const Index width = options.embedding.width;
  distances_ =
      widened(from.weights.matrix(prefix + "bias.relative.weight", 2 * distances->reach, width));
  slots_ = slots_of(*distances);
  from.count(distances_.ref().size_bytes() + sizeof(std::int32_t) * slots_.size());
  if (!distances->table_norm) return;
  const Norm norm(from, prefix + "bias.relative_norm", width, *distances->table_norm);
  if (from.is_plan()) return;
  Workspace workspace(from.pool);
  norm(view(distances_), workspace);
}

DistanceBias ScoreBias::distance_bias() const noexcept {
  if (!std::holds_alternative<BucketBias>(options_)) return {};
  return {view(by_distance_)};
}

DisentangledTables ScoreBias::disentangled(const Loader& from, const std::string& name,
                                           const BlockOptions& options) const {
  if (const auto* relative = std::get_if<RelativeBias>(&options_)) {
    DisentangledTables tables = relative_tables(from, name + ".distance", *relative, options);
    from.count(tables.size_bytes());
    return tables;
  }
  const auto* distances = std::get_if<DisentangledBias>(&options_);
  if (distances == nullptr) return {};
  using Parts = DisentangledBias::Parts;
  const bool is_shared = distances->projections == DisentangledBias::Projections::shared;
  Tensor keys;
  Tensor queries;
  if (distances->parts != Parts::position_to_content) {
    keys = projected(from, name + (is_shared ? ".k" : ".relative_k"), distances_,
                     is_shared ? options.qkv_bias : distances->key_bias);
  }
  if (distances->parts != Parts::content_to_position) {
    queries = projected(from, name + (is_shared ? ".q" : ".relative_q"), distances_,
                        is_shared ? options.qkv_bias : Bias::with);
  }
  const auto view_if = [&](bool present, const Tensor& tensor) {
    const Shape shape = distances_.shape();
    const auto* data = from.is_plan() || !present ? nullptr : tensor.values<float>().data();
    return present ? MatrixView<const float>(data, shape[0], shape[1]) : MatrixView<const float>();
  };
  DisentangledTables tables(view_if(distances->parts != Parts::position_to_content, keys),
                            view_if(distances->parts != Parts::content_to_position, queries),
                            slots_, options.heads);
  from.count(tables.size_bytes());
  return tables;
}

}  // namespace attend
