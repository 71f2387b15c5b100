// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every place and order of norms, key heads and norms of queries and keys, against loops in double
// precision.
#include "attend/model/block.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "model/stored_layers.h"

namespace attend {
namespace {

using test::Row;
using test::Rows;
using test::StoredLayers;
using test::Values;

constexpr Index width = 6;
constexpr float eps = 1e-5F;

class Definition {
 public:
  Definition(StoredLayers& stored, const BlockOptions& options)
      : stored_(stored), options_(options) {
    const Index queries = options.query_width();
    const Index keys = options.key_width();
    stored.add_linear("layer.0.attn.q", queries, width);
    stored.add_linear("layer.0.attn.k", keys, width);
    stored.add_linear("layer.0.attn.v", keys, width);
    stored.add_linear("layer.0.attn.out", width, queries);
    stored.add_linear("layer.0.ffn.up", options.ffn_width, width);
    stored.add_linear("layer.0.ffn.down", width, options.ffn_width);
    for (const char* part : {"attn", "ffn"}) {
      const bool is_shared = options.order == BlockOrder::with_one_norm;
      if (is_shared && part == std::string("ffn")) continue;
      const std::string name = std::string("layer.0.") + part;
      if (options.norm_place != NormPlace::after) add_norm(name + ".norm", width);
      if (has_out_norm()) add_norm(name + ".out_norm", width);
    }
    if (!options.query_key_norm) return;
    for (const char* part : {"q_norm", "k_norm"}) {
      const bool is_query = part == std::string("q_norm");
      const std::string name = std::string("layer.0.attn.") + part;
      const Index columns = is_query ? queries : keys;
      switch (options.query_key_norm->span) {
        case QueryKeyNorm::Span::head: add_norm(name, options.head_size); break;
        case QueryKeyNorm::Span::row: add_norm(name, columns); break;
        case QueryKeyNorm::Span::own_head:
          for (Index head = 0; head < columns / options.head_size; ++head) {
            add_norm(name + "." + std::to_string(head), options.head_size);
          }
      }
    }
  }

  [[nodiscard]] Rows operator()(const Rows& x) const {
    if (options_.order == BlockOrder::in_turn) {
      const Rows y = sublayer("attn", x, [this](const Rows& rows) { return attention(rows); });
      return sublayer("ffn", y, [this](const Rows& rows) { return feed_forward(rows); });
    }
    const Rows normed = norm("layer.0.attn.norm", x);
    const bool is_shared = options_.order == BlockOrder::with_one_norm;
    return sum(sum(x, attention(normed)),
               feed_forward(is_shared ? normed : norm("layer.0.ffn.norm", x)));
  }

 private:
  [[nodiscard]] bool has_out_norm() const {
    return options_.norm_place == NormPlace::after || options_.norm_place == NormPlace::around;
  }
  void add_norm(const std::string& name, Index columns) {
    stored_.add(name + ".weight", {columns});
    if (options_.norm.kind == NormKind::layer) stored_.add(name + ".bias", {columns});
  }
  [[nodiscard]] Row norm(const std::string& name, Row row) const {
    if (options_.norm.kind == NormKind::layer) return stored_.norm(name, row, double{eps});
    double squares = 0;
    for (const double value : row) squares += value * value / static_cast<double>(row.size());
    const bool is_above = options_.norm.gain == NormOptions::Gain::above_one;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const double gain = stored_.at(name + ".weight", static_cast<Index>(i)) + (is_above ? 1 : 0);
      row[i] *= gain / std::sqrt(squares + double{eps});
    }
    return row;
  }
  [[nodiscard]] Rows norm(const std::string& name, Rows rows) const {
    for (Row& row : rows) row = norm(name, row);
    return rows;
  }
  static Rows sum(Rows a, const Rows& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < a[i].size(); ++j) a[i][j] += b[i][j];
    }
    return a;
  }
  template <class F>
  [[nodiscard]] Rows sublayer(const std::string& part, const Rows& x, const F& f) const {
    const std::string name = "layer.0." + part;
    switch (options_.norm_place) {
      case NormPlace::after_residual: return norm(name + ".norm", sum(x, f(x)));
      case NormPlace::before: return sum(x, f(norm(name + ".norm", x)));
      case NormPlace::after: return sum(x, norm(name + ".out_norm", f(x)));
      case NormPlace::around: return sum(x, norm(name + ".out_norm", f(norm(name + ".norm", x))));
    }
    return {};
  }

  [[nodiscard]] Rows projected(const std::string& name, const Rows& rows) const {
    Rows out;
    for (const Row& row : rows) out.push_back(stored_.linear(name, row));
    return out;
  }
  [[nodiscard]] Rows feed_forward(const Rows& rows) const {
    Rows wide = projected("layer.0.ffn.up", rows);
    for (Row& row : wide) {
      for (double& value : row) value = test::silu(value);
    }
    return projected("layer.0.ffn.down", wide);
  }
  [[nodiscard]] Rows heads_normed(const std::string& name, Rows rows) const {
    if (!options_.query_key_norm) return rows;
    const auto size = static_cast<std::size_t>(options_.head_size);
    for (Row& row : rows) {
      if (options_.query_key_norm->span == QueryKeyNorm::Span::row) {
        row = norm(name, row);
        continue;
      }
      const bool is_own = options_.query_key_norm->span == QueryKeyNorm::Span::own_head;
      for (std::size_t begin = 0; begin < row.size(); begin += size) {
        const auto at = row.begin() + static_cast<Index>(begin);
        const Row head = norm(is_own ? name + "." + std::to_string(begin / size) : name,
                              Row(at, at + options_.head_size));
        std::copy(head.begin(), head.end(), at);
      }
    }
    return rows;
  }
  // One causal sequence.
  [[nodiscard]] Rows attention(const Rows& rows) const {
    const Rows q = heads_normed("layer.0.attn.q_norm", projected("layer.0.attn.q", rows));
    const Rows k = heads_normed("layer.0.attn.k_norm", projected("layer.0.attn.k", rows));
    const Rows v = projected("layer.0.attn.v", rows);
    const auto size = static_cast<std::size_t>(options_.head_size);
    const std::size_t group = q.front().size() / k.front().size();
    Rows mixed;
    for (std::size_t t = 0; t < rows.size(); ++t) {
      Row out(q.front().size());
      for (std::size_t head = 0; head < out.size() / size; ++head) {
        const std::size_t from = head / group * size;
        Row weights;
        double total = 0;
        for (std::size_t s = 0; s <= t; ++s) {
          double score = 0;
          for (std::size_t d = 0; d < size; ++d) score += q[t][head * size + d] * k[s][from + d];
          weights.push_back(std::exp(score * double{options_.score_scale}));
          total += weights.back();
        }
        for (std::size_t s = 0; s <= t; ++s) {
          for (std::size_t d = 0; d < size; ++d) {
            out[head * size + d] += weights[s] / total * v[s][from + d];
          }
        }
      }
      mixed.push_back(out);
    }
    return projected("layer.0.attn.out", mixed);
  }

  StoredLayers& stored_;
  const BlockOptions& options_;
};

BlockOptions options() {
  return {.width = width,
          .heads = 4,
          .key_heads = 2,
          .head_size = 3,
          .ffn_width = 5,
          .norm = {.eps = eps},
          .score_scale = 0.4F,
          .mask = {.ahead = 0},
          .activation = Activation::silu};
}

void expect_definition(const BlockOptions& options) {
  constexpr Index tokens = 7;
  StoredLayers stored;
  const Definition definition(stored, options);
  const StackOptions stack{.embedding = {}, .blocks = {options}, .layers = {0}};
  const auto block = stored.load([&](const Loader& from) {
    return Block(from, "layer.0", options, ScoreBias(from, "", stack));
  });
  Values x = stored.random_values(tokens * width);
  const Rows expected = definition(test::rows_of(x, width));
  Workspace workspace(stored.pool);
  const std::vector<Index> starts{0, tokens};
  block({.starts = starts, .columns = {}}, {x.data(), tokens, width}, workspace);
  test::expect_rows(x, expected);
}

TEST(BlockTest, NormsStandWhereTheOptionsSay) {
  for (const NormPlace place :
       {NormPlace::after_residual, NormPlace::before, NormPlace::after, NormPlace::around}) {
    for (const NormKind kind : {NormKind::layer, NormKind::rms}) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(place) << static_cast<int>(kind));
      BlockOptions block = options();
      block.norm_place = place;
      block.norm.kind = kind;
      expect_definition(block);
      if (kind == NormKind::layer) continue;
      block.norm.gain = NormOptions::Gain::above_one;
      expect_definition(block);
    }
  }
}

TEST(BlockTest, SublayersMayStandSideBySide) {
  for (const BlockOrder order : {BlockOrder::side_by_side, BlockOrder::with_one_norm}) {
    SCOPED_TRACE(static_cast<int>(order));
    BlockOptions block = options();
    block.norm_place = NormPlace::before;
    block.order = order;
    expect_definition(block);
  }
}

TEST(BlockTest, QueriesAndKeysMayHaveNorms) {
  for (const auto span :
       {QueryKeyNorm::Span::head, QueryKeyNorm::Span::own_head, QueryKeyNorm::Span::row}) {
    for (const NormKind kind : {NormKind::layer, NormKind::rms}) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(span) << static_cast<int>(kind));
      BlockOptions block = options();
      block.norm.kind = kind;
      block.query_key_norm = QueryKeyNorm{.span = span, .norm = block.norm};
      expect_definition(block);
    }
  }
}

}  // namespace
}  // namespace attend
