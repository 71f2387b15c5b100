// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions, embeddings and heads against loops in double precision.
#include <gtest/gtest.h>

#include "attend/model/convolution.h"
#include "attend/model/embeddings.h"
#include "attend/model/head.h"
#include "attend/model/score_bias.h"
#include "model/stored_layers.h"
#include "support/error_of.h"

namespace attend {
namespace {

using test::Row;
using test::Rows;
using test::StoredLayers;
using test::Values;

constexpr float eps = 1e-5F;

/// x = norm(x + silu(convolution(y))) of weights [m, m / groups, kernel].
Rows convolved(const StoredLayers& stored, const ConvolutionOptions& options, const Rows& y,
               const std::vector<Index>& starts) {
  const auto width = static_cast<Index>(y.front().size());
  const Index size = width / options.groups;
  Rows out;
  for (std::size_t sequence = 0; sequence + 1 < starts.size(); ++sequence) {
    for (Index t = starts[sequence]; t < starts[sequence + 1]; ++t) {
      Row row;
      for (Index o = 0; o < width; ++o) {
        double sum = stored.at("conv.bias", o);
        for (Index k = 0; k < options.kernel; ++k) {
          const Index neighbour = t + k - options.kernel / 2;
          if (neighbour < starts[sequence] || neighbour >= starts[sequence + 1]) continue;
          for (Index i = 0; i < size; ++i) {
            sum += stored.at("conv.weight", (o * size + i) * options.kernel + k) *
                   y[static_cast<std::size_t>(neighbour)]
                    [static_cast<std::size_t>(o / size * size + i)];
          }
        }
        row.push_back(test::silu(sum));
      }
      out.push_back(row);
    }
  }
  return out;
}

TEST(LayersTest, ConvolutionsSeeTheInputsOfTheirGroup) {
  constexpr Index width = 12;
  const std::vector<Index> starts{0, 5, 6, 8};
  for (const Index groups : {1, 2, 3, 12}) {
    for (const Index kernel : {1, 3, 5}) {
      SCOPED_TRACE(std::to_string(groups) + " groups, kernel " + std::to_string(kernel));
      const ConvolutionOptions options{
          .kernel = kernel, .groups = groups, .activation = Activation::silu, .norm = {.eps = eps}};
      StoredLayers stored;
      stored.add("conv.weight", {width, width / groups, kernel});
      stored.add("conv.bias", {width});
      stored.add_norm("conv.norm", width);
      const auto convolution = stored.load(
          [&](const Loader& from) { return Convolution(from, "conv", width, options); });
      Values y = stored.random_values(starts.back() * width);
      Values x = stored.random_values(starts.back() * width);
      Rows expected = convolved(stored, options, test::rows_of(y, width), starts);
      const Rows before = test::rows_of(x, width);
      for (std::size_t row = 0; row < expected.size(); ++row) {
        for (std::size_t col = 0; col < expected[row].size(); ++col) {
          expected[row][col] += before[row][col];
        }
        expected[row] = stored.norm("conv.norm", expected[row], static_cast<double>(eps));
      }
      Workspace workspace(stored.pool);
      const auto unfolded = convolution.unfold({y.data(), starts.back(), width},
                                               {.starts = starts, .columns = {}}, workspace);
      convolution(unfolded, {x.data(), starts.back(), width}, workspace);
      test::expect_rows(x, expected);
    }
  }
}

TEST(LayersTest, EmbeddingsAddTheFirstTypeOfTasks) {
  constexpr Index width = 6;
  const std::vector<TokenId> ids{3, 0, 4, 4};
  const std::vector<std::int32_t> types{0, 1, 1, 0};
  const std::vector<std::int32_t> positions{0, 1, 2, 0};
  for (const Index tasks : {0, 1, 4}) {
    SCOPED_TRACE(tasks);
    StoredLayers stored;
    stored.add("embed.token.weight", {5, width});
    stored.add("embed.type.weight", {2, width});
    stored.add("embed.position.weight", {3, width});
    if (tasks > 0) stored.add("embed.task.weight", {tasks, width});
    stored.add_norm("embed.norm", width);
    const EmbeddingOptions options{.width = width,
                                   .table_width = width,
                                   .vocabulary = 5,
                                   .positions = 3,
                                   .types = 2,
                                   .tasks = tasks,
                                   .norm = NormOptions{.eps = eps}};
    const auto embeddings =
        stored.load([&](const Loader& from) { return Embeddings(from, "", options); });
    Rows expected;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      Row row;
      for (Index col = 0; col < width; ++col) {
        row.push_back(stored.at("embed.token.weight", ids[i] * width + col) +
                      stored.at("embed.type.weight", types[i] * width + col) +
                      stored.at("embed.position.weight", positions[i] * width + col) +
                      (tasks > 0 ? stored.at("embed.task.weight", col) : 0));
      }
      expected.push_back(stored.norm("embed.norm", row, static_cast<double>(eps)));
    }
    Workspace workspace(stored.pool);
    Values y(ids.size() * static_cast<std::size_t>(width));
    embeddings({ids, types, positions}, {y.data(), static_cast<Index>(ids.size()), width},
               workspace);
    test::expect_rows(y, expected);
  }
}

/// Positions as the reference computes them; `last` is the frequency of the last sine, where that
/// is fixed, and `zero` has none.
Row sinusoids(Index width, std::int32_t position, const SinusoidOptions& options) {
  using Frequencies = SinusoidOptions::Frequencies;
  const bool by_column = options.frequencies == Frequencies::by_column;
  const Index sines = by_column ? (width + 1) / 2 : width / 2;
  Row row(static_cast<std::size_t>(width));
  if (position == options.zero) return row;
  for (Index i = 0; i < sines; ++i) {
    const double exponent = by_column ? 2 * static_cast<double>(i) / static_cast<double>(width)
                                      : static_cast<double>(i) / static_cast<double>(sines - 1);
    const double angle = position * std::pow(10000.0, -exponent);
    row[static_cast<std::size_t>(i)] = std::sin(angle);
    if (sines + i < width) row[static_cast<std::size_t>(sines + i)] = std::cos(angle);
  }
  if (!by_column && width % 2 != 0) row.back() = 0;
  return row;
}

TEST(LayersTest, PositionsMayBeComputed) {
  const std::vector<TokenId> ids{3, 0, 4, 4};
  const std::vector<std::int32_t> zeros(ids.size());
  const std::vector<std::int32_t> positions{0, 1, 7, 20};
  using Frequencies = SinusoidOptions::Frequencies;
  for (const Frequencies frequencies : {Frequencies::by_column, Frequencies::from_one_to_last}) {
    for (const Index width : {4, 5, 6, 31, 64}) {
      for (const std::optional<std::int32_t> zero : {std::optional<std::int32_t>(), {7}}) {
        SCOPED_TRACE(width);
        StoredLayers stored;
        stored.add("embed.token.weight", {5, width});
        const SinusoidOptions sinusoid{.frequencies = frequencies, .zero = zero};
        const EmbeddingOptions options{
            .width = width, .table_width = width, .vocabulary = 5, .sinusoids = sinusoid};
        const auto embeddings =
            stored.load([&](const Loader& from) { return Embeddings(from, "", options); });
        Rows expected;
        for (std::size_t i = 0; i < ids.size(); ++i) {
          Row row = sinusoids(width, positions[i], sinusoid);
          for (Index col = 0; col < width; ++col) {
            row[static_cast<std::size_t>(col)] +=
                stored.at("embed.token.weight", ids[i] * width + col);
          }
          expected.push_back(row);
        }
        Workspace workspace(stored.pool);
        Values y(ids.size() * static_cast<std::size_t>(width));
        embeddings({ids, zeros, positions}, {y.data(), static_cast<Index>(ids.size()), width},
                   workspace);
        test::expect_rows(y, expected);
      }
    }
  }
}

TEST(LayersTest, ATableTakesThePlaceOfComputedPositionsWhereThereIsOne) {
  constexpr Index width = 4;
  const std::vector<TokenId> ids{1, 0};
  const std::vector<std::int32_t> zeros(ids.size());
  const std::vector<std::int32_t> positions{2, 0};
  StoredLayers stored;
  stored.add("embed.token.weight", {2, width});
  stored.add("embed.position.weight", {3, width});
  const EmbeddingOptions options{
      .width = width,
      .table_width = width,
      .vocabulary = 2,
      .positions = 3,
      .sinusoids = SinusoidOptions{.table = SinusoidOptions::Table::optional}};
  const auto embeddings =
      stored.load([&](const Loader& from) { return Embeddings(from, "", options); });
  Rows expected;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Row row;
    for (Index col = 0; col < width; ++col) {
      row.push_back(stored.at("embed.token.weight", ids[i] * width + col) +
                    stored.at("embed.position.weight", positions[i] * width + col));
    }
    expected.push_back(row);
  }
  Workspace workspace(stored.pool);
  Values y(ids.size() * static_cast<std::size_t>(width));
  embeddings({ids, zeros, positions}, {y.data(), 2, width}, workspace);
  test::expect_rows(y, expected);
}

/// The bucket of a key so many tokens before, or after, its query.
Index bucket_of(const BucketBias& options, Index distance) {
  const bool both = options.sides == BucketBias::Sides::both;
  const Index side = both ? options.buckets / 2 : options.buckets;
  const Index single = side / 2;
  const Index size = both ? std::abs(distance) : std::max<Index>(0, -distance);
  Index bucket = size;
  if (size >= single) {
    const double share =
        std::log(static_cast<double>(size) / static_cast<double>(single)) /
        std::log(static_cast<double>(options.max_distance) / static_cast<double>(single));
    const auto further = static_cast<Index>(share * static_cast<double>(side - single));
    bucket = std::min(side - 1, single + further);
  }
  return both && distance > 0 ? side + bucket : bucket;
}

TEST(LayersTest, BucketsOfDistancesAreOnBothSidesOrBehind) {
  constexpr Index heads = 3;
  using Sides = BucketBias::Sides;
  for (const Sides sides : {Sides::both, Sides::behind}) {
    for (const auto& [buckets, last] :
         {std::pair<Index, Index>{32, 100}, {7, 23}, {6, 50}, {33, 300}, {4, 3}}) {
      SCOPED_TRACE(std::to_string(buckets) + " up to " + std::to_string(last));
      const BucketBias options{
          .buckets = buckets, .rows = buckets, .max_distance = last, .sides = sides};
      StoredLayers stored;
      stored.add("bias.table.weight", {buckets, heads});
      StackOptions stack;
      stack.blocks.push_back({.heads = heads});
      stack.score_bias = options;
      const auto bias = stored.load(
          [&](const Loader& from) { return std::make_unique<ScoreBias>(from, "", stack); });
      const auto table = bias->distance_bias().table;
      ASSERT_EQ(table.cols, 2 * last + 1);
      for (Index distance = -last; distance <= last; ++distance) {
        const Index bucket = bucket_of(options, distance);
        for (Index head = 0; head < heads; ++head) {
          EXPECT_EQ(static_cast<double>(table(head, last + distance)),
                    stored.at("bias.table.weight", bucket * heads + head))
              << distance;
        }
      }
    }
  }
}

TEST(LayersTest, BucketsThatCannotBeAreRefused) {
  const auto load = [](const BucketBias& options, Index heads) {
    StoredLayers stored;
    stored.add("bias.table.weight", {options.rows, heads});
    StackOptions stack;
    stack.blocks.push_back({.heads = heads});
    stack.score_bias = options;
    return stored.load([&](const Loader& from) { return ScoreBias(from, "", stack); });
  };
  const auto refuse = [&](const BucketBias& options, Index heads, ErrorKind kind) {
    test::expect_error(kind, {"config.json"}, [&] { (void)load(options, heads); });
  };
  using Sides = BucketBias::Sides;
  refuse({.buckets = 3, .rows = 3, .max_distance = 9}, 1, ErrorKind::config_error);
  refuse({.buckets = 1, .rows = 1, .max_distance = 9, .sides = Sides::behind}, 1,
         ErrorKind::config_error);
  refuse({.buckets = 8, .rows = 8, .max_distance = 2}, 1, ErrorKind::config_error);
  refuse({.buckets = 8, .rows = 8, .max_distance = 4, .sides = Sides::behind}, 1,
         ErrorKind::config_error);
  refuse({.buckets = 8, .rows = 8, .max_distance = 65536}, 200, ErrorKind::resource_limit);
}

TEST(LayersTest, HeadsMayScaleWhatTheyProject) {
  constexpr Index width = 5;
  constexpr Index classes = 3;
  constexpr float scale = 0.25F;
  StoredLayers stored;
  stored.add_linear("out", classes, width);
  ModelConfig config;
  config.hidden_size = width;
  const HeadOptions options{
      .out_scale = scale, .out = "out", .out_bias = "out", .classes = classes};
  const auto head = stored.load([&](const Loader& from) { return Head(from, options, config); });
  Values x = stored.random_values(2 * width);
  const Values before = x;
  Rows expected;
  for (Row row : test::rows_of(x, width)) {
    for (double& value : row) value *= static_cast<double>(scale);
    expected.push_back(stored.linear("out", row));
  }
  Workspace workspace(stored.pool);
  Values y(static_cast<std::size_t>(2 * classes));
  head({x.data(), 2, width}, {y.data(), 2, classes}, workspace);
  test::expect_rows(y, expected);
  EXPECT_EQ(x, before);
}

TEST(LayersTest, HeadsMayHaveAnActivationWithoutADense) {
  constexpr Index width = 6;
  constexpr Index classes = 3;
  constexpr Index rows = 4;
  for (const bool has_dense : {false, true}) {
    for (const Activation activation : {Activation::none, Activation::silu}) {
      StoredLayers stored;
      if (has_dense) stored.add_linear("dense", width, width);
      stored.add_linear("out", classes, width);
      ModelConfig config;
      config.hidden_size = width;
      const HeadOptions options{.dense = has_dense ? "dense" : "",
                                .activation = activation,
                                .out = "out",
                                .out_bias = "out",
                                .classes = classes};
      const auto head =
          stored.load([&](const Loader& from) { return Head(from, options, config); });
      EXPECT_EQ(head.has_dense(), has_dense);
      Values x = stored.random_values(rows * width);
      const Values before = x;
      Rows expected;
      for (Row row : test::rows_of(x, width)) {
        if (has_dense) row = stored.linear("dense", row);
        if (activation == Activation::silu) {
          for (double& value : row) value = test::silu(value);
        }
        expected.push_back(stored.linear("out", row));
      }
      Workspace workspace(stored.pool);
      Values y(static_cast<std::size_t>(rows * classes));
      head({x.data(), rows, width}, {y.data(), rows, classes}, workspace);
      test::expect_rows(y, expected);
      EXPECT_EQ(x, before);
    }
  }
}

}  // namespace
}  // namespace attend
