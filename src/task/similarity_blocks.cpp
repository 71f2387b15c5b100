// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A block of entries becomes the weight of a linear layer, and the queries its rows: a product at
// the speed of the model's own. Distances are summed directly, because |a|^2 - 2ab + |b|^2 loses
// what lies near.
#include "task/similarity_blocks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "attend/core/error.h"
#include "attend/ops/linear.h"

namespace attend {
namespace {

constexpr Index block_queries = 256;
constexpr Index most_block_entries = 4096;
constexpr Index least_block_entries = 64;
constexpr Index block_values = Index{1} << 20;  // 4 MB of entries, which stay in a cache

StoredWeight as_weight(MatrixView<const float> entries) {
  return {TensorRef{DType::f32, Shape{entries.rows, entries.cols},
                    reinterpret_cast<const std::byte*>(entries.data)}};
}

/// Shapes: queries [q, m], entries [e, m] -> y [q, e].
struct Block {
  MatrixView<const float> queries;
  MatrixView<const float> entries;
  MatrixView<float> y;
};

constexpr Index chunk_entries = 64;  // that one thread takes at once

void multiply(const Block& block, const StoredWeight& entries, Workspace& workspace) {
  const PackedLinear packed({&entries, 1}, {}, workspace.pool());
  ops::linear({block.queries, packed}, block.y, workspace);
}

/// The same divided by the lengths of the entries. Requires: queries of length 1.
void multiply_unit(const Block& block, Workspace& workspace) {
  const Index count = block.entries.rows;
  const MatrixView<float> scales = workspace.matrix(1, count);
  workspace.pool().parallel_for((count + chunk_entries - 1) / chunk_entries, [&](Index c) {
    const Index end = std::min(count, (c + 1) * chunk_entries);
    for (Index i = c * chunk_entries; i < end; ++i) {
      scales(0, i) = static_cast<float>(inverse_length(block.entries.row(i)));
    }
  });
  StoredWeight weight = as_weight(block.entries);
  weight.row_scales =
      TensorRef{DType::f32, Shape{count}, reinterpret_cast<const std::byte*>(scales.data)};
  multiply(block, weight, workspace);
}

void measure(Similarity kind, const Block& block, ThreadPool& pool) {
  const Index count = block.entries.rows;
  const Index chunks = (count + chunk_entries - 1) / chunk_entries;
  pool.parallel_for(block.queries.rows * chunks, [&](Index c) {
    const Index query = c / chunks;
    const Index begin = (c % chunks) * chunk_entries;
    for (Index i = begin; i < std::min(count, begin + chunk_entries); ++i) {
      block.y(query, i) = similarity(kind, block.queries.row(query), block.entries.row(i));
    }
  });
}

void score(Similarity kind, const Block& block, Workspace& workspace) {
  switch (kind) {
    case Similarity::cosine: return multiply_unit(block, workspace);
    case Similarity::dot: return multiply(block, as_weight(block.entries), workspace);
    case Similarity::euclidean:
    case Similarity::manhattan: return measure(kind, block, workspace.pool());
  }
}

/// Rows [begin, begin + count) with length 1.
MatrixView<const float> unit_rows(const VectorRows& vectors, Index begin, Index count,
                                  Workspace& workspace) {
  const MatrixView<float> unit = workspace.matrix(count, vectors.cols());
  for (Index i = 0; i < count; ++i) {
    const std::span<const float> row = vectors.row(begin + i);
    const double scale = inverse_length(row);
    std::transform(row.begin(), row.end(), unit.row(i).begin(), [&](float value) {
      return static_cast<float>(static_cast<double>(value) * scale);
    });
  }
  return unit;
}

}  // namespace

void check_sizes(Index a, Index b, std::string_view where) {
  if (a == b) return;
  fail(ErrorKind::config_error,
       {.where = std::string(where),
        .what = "vectors",
        .expected = "equal sizes",
        .found = std::to_string(a) + " and " + std::to_string(b) + " values"});
}

double inverse_length(std::span<const float> x) {
  const double length = std::sqrt(sum_of(x, x, [](double a, double b) { return a * b; }));
  return 1 / (length < 1e-12 ? 1e-12 : length);  // not max(), which would hide a NaN
}

VectorRows::VectorRows(std::span<const Embedding> list, std::string_view where) : list_(list) {
  if (list.empty()) return;
  matrix_.rows = static_cast<Index>(list.size());
  matrix_.cols = static_cast<Index>(list.front().size());
  for (const Embedding& vector : list) {
    check_sizes(matrix_.cols, static_cast<Index>(vector.size()), where);
  }
}

MatrixView<const float> VectorRows::block(Index begin, Index count, Workspace& workspace) const {
  if (list_.empty() && matrix_.stride == matrix_.cols) return matrix_.row_range(begin, count);
  const MatrixView<float> copy = workspace.matrix(count, cols());
  for (Index i = 0; i < count; ++i) {
    const std::span<const float> source = row(begin + i);
    std::copy(source.begin(), source.end(), copy.row(i).begin());
  }
  return copy;
}

void for_score_blocks(const VectorRows& queries, const VectorRows& entries,
                      const SimilarityOptions& options,
                      const std::function<void(const ScoreBlock&, ThreadPool&)>& take) {
  if (queries.rows() == 0 || entries.rows() == 0) return;
  check_sizes(queries.cols(), entries.cols(), "similarity");
  ThreadPool& pool = options.pool != nullptr ? *options.pool : default_pool();
  Workspace workspace(pool);
  const Index step = std::clamp(block_values / std::max<Index>(1, entries.cols()),
                                least_block_entries, most_block_entries);
  for (Index query = 0; query < queries.rows(); query += block_queries) {
    const Workspace::Scope query_scope(workspace);
    const Index count = std::min(block_queries, queries.rows() - query);
    const auto rows = options.similarity == Similarity::cosine
                          ? unit_rows(queries, query, count, workspace)
                          : queries.block(query, count, workspace);
    for (Index entry = 0; entry < entries.rows(); entry += step) {
      const Workspace::Scope entry_scope(workspace);
      const Index size = std::min(step, entries.rows() - entry);
      const MatrixView<float> y = workspace.matrix(count, size);
      score(options.similarity, {rows, entries.block(entry, size, workspace), y}, workspace);
      take({query, entry, y}, pool);
    }
  }
}

}  // namespace attend
