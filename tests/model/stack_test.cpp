// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Stacks whose layers share groups of blocks against loops in double precision.
#include "attend/model/stack.h"

#include <gtest/gtest.h>

#include "model/stored_layers.h"

namespace attend {
namespace {

using test::Row;
using test::Rows;
using test::StoredLayers;
using test::Values;

constexpr Index width = 6;
constexpr Index heads = 2;
constexpr Index head_size = width / heads;
constexpr Index ffn_width = 5;
constexpr float eps = 1e-5F;
constexpr float score_scale = 0.5F;

void add_block(StoredLayers& stored, const std::string& name) {
  for (const char* part : {".attn.q", ".attn.k", ".attn.v", ".attn.out"}) {
    stored.add_linear(name + part, width, width);
  }
  stored.add_norm(name + ".attn.norm", width);
  stored.add_linear(name + ".ffn.up", ffn_width, width);
  stored.add_linear(name + ".ffn.down", width, ffn_width);
  stored.add_norm(name + ".ffn.norm", width);
}

/// Of one sequence. Shapes: q, k and v [t, m] -> [t, m].
Rows attention(const Rows& q, const Rows& k, const Rows& v) {
  Rows out;
  for (const Row& query : q) {
    Row row(width);
    for (std::size_t first = 0; first < width; first += head_size) {
      Row weights;
      double total = 0;
      for (const Row& key : k) {
        double score = 0;
        for (std::size_t i = first; i < first + head_size; ++i) score += query[i] * key[i];
        weights.push_back(std::exp(score * static_cast<double>(score_scale)));
        total += weights.back();
      }
      for (std::size_t t = 0; t < v.size(); ++t) {
        for (std::size_t i = first; i < first + head_size; ++i) {
          row[i] += weights[t] / total * v[t][i];
        }
      }
    }
    out.push_back(row);
  }
  return out;
}

Row sum(Row a, const Row& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

Rows run_block(const StoredLayers& stored, const std::string& name, Rows x) {
  Rows q;
  Rows k;
  Rows v;
  for (const Row& row : x) {
    q.push_back(stored.linear(name + ".attn.q", row));
    k.push_back(stored.linear(name + ".attn.k", row));
    v.push_back(stored.linear(name + ".attn.v", row));
  }
  const Rows seen = attention(q, k, v);
  for (std::size_t t = 0; t < x.size(); ++t) {
    x[t] = stored.norm(name + ".attn.norm", sum(x[t], stored.linear(name + ".attn.out", seen[t])),
                       static_cast<double>(eps));
    Row hidden = stored.linear(name + ".ffn.up", x[t]);
    for (double& value : hidden) value = test::silu(value);
    x[t] = stored.norm(name + ".ffn.norm", sum(x[t], stored.linear(name + ".ffn.down", hidden)),
                       static_cast<double>(eps));
  }
  return x;
}

TEST(StackTest, ALayerRunsAllBlocksOfItsGroup) {
  const std::vector<TokenId> ids{3, 0, 4, 1};
  const std::vector<std::int32_t> zeros(ids.size());
  const std::vector<Index> layers{0, 1, 1};
  for (const Index blocks : {1, 2, 3}) {
    SCOPED_TRACE(blocks);
    StoredLayers stored;
    stored.add("embed.token.weight", {5, width});
    stored.add_norm("embed.norm", width);
    StackOptions options;
    options.embedding = {
        .width = width, .table_width = width, .vocabulary = 5, .norm = NormOptions{.eps = eps}};
    options.layers = layers;
    options.blocks_a_group = blocks;
    for (Index group = 0; group < 2; ++group) {
      for (Index block = 0; block < blocks; ++block) {
        add_block(stored, "layer." + std::to_string(group) + "." + std::to_string(block));
        options.blocks.push_back({.width = width,
                                  .heads = heads,
                                  .head_size = head_size,
                                  .ffn_width = ffn_width,
                                  .norm = {.eps = eps},
                                  .score_scale = score_scale,
                                  .activation = Activation::silu});
      }
    }
    const auto stack =
        stored.load([&](const Loader& from) { return std::make_unique<Stack>(from, "", options); });
    Rows expected;
    for (const TokenId id : ids) {
      Row row;
      for (Index col = 0; col < width; ++col) {
        row.push_back(stored.at("embed.token.weight", id * width + col));
      }
      expected.push_back(stored.norm("embed.norm", row, static_cast<double>(eps)));
    }
    for (const Index group : layers) {
      for (Index block = 0; block < blocks; ++block) {
        const std::string name = "layer." + std::to_string(group) + "." + std::to_string(block);
        expected = run_block(stored, name, expected);
      }
    }
    const std::vector<Index> starts{0, static_cast<Index>(ids.size())};
    Workspace workspace(stored.pool);
    Values x(ids.size() * static_cast<std::size_t>(width));
    (*stack)({.tokens = {ids, zeros, zeros}, .starts = starts, .columns = {}},
             {x.data(), starts.back(), width}, workspace);
    test::expect_rows(x, expected);
  }
}

}  // namespace
}  // namespace attend
