// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Chance that is the same on every machine.
#include "attend/task/random.h"

#include <algorithm>
#include <cmath>

#include "attend/core/error.h"

namespace attend {
namespace {

std::uint64_t product(std::uint32_t a, std::uint32_t b) { return std::uint64_t{a} * b; }
std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32U); }
std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }

// In four lanes, always the same, so that adding does not wait for adding.
double sum(std::span<const float> weights) {
  std::array<double, 4> lanes{};
  std::size_t i = 0;
  for (; i + lanes.size() <= weights.size(); i += lanes.size()) {
    for (std::size_t j = 0; j < lanes.size(); ++j) lanes[j] += static_cast<double>(weights[i + j]);
  }
  for (std::size_t j = 0; i < weights.size(); ++i, ++j) lanes[j] += static_cast<double>(weights[i]);
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

// The first index at which the running sum exceeds the target; rounding may leave none, then the
// last with a weight.
std::size_t find(std::span<const float> weights, double target) {
  double running = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] > 0)) continue;
    running += static_cast<double>(weights[i]);
    last = i;
    if (running > target) return i;
  }
  return last;
}

void check_total(double total) {
  if (total > 0 && std::isfinite(total)) return;
  fail(ErrorKind::weight_value,
       {.where = "generate",
        .what = "probabilities of the next token",
        .expected = "numbers with a positive sum",
        .found = std::isnan(total) ? "NaN"
                 : total > 0       ? "infinity"
                                   : "none above 0",
        .file = {},
        .hint = "remove_invalid_values replaces NaN and infinity in logits"});
}

// Sums of blocks: a draw looks at one block and at the sums of those before it.
constexpr std::size_t block = 1024;

template <class T>
std::span<T> block_of(std::span<T> weights, std::size_t b) {
  const std::size_t begin = b * block;
  return weights.subspan(begin, std::min(block, weights.size() - begin));
}

std::size_t blocks_of(std::span<const float> weights) {
  return (weights.size() + block - 1) / block;
}

// The block in which the running sum exceeds the target, from which those before it are taken.
template <class SumOf>
std::size_t find_block(std::size_t blocks, double& target, const SumOf& sum_of) {
  std::size_t chosen = 0;
  double before = 0;
  double running = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    const double here = sum_of(b);
    if (here > 0) {
      chosen = b;
      before = running;
    }
    running += here;
    if (running > target) break;
  }
  target -= before;
  return chosen;
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) noexcept {
  constexpr int rounds = 10;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t a = product(0xD2511F53U, counter[0]);
    const std::uint64_t b = product(0xCD9E8D57U, counter[2]);
    counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

double Random::uniform() noexcept {
  const auto words =
      philox({low(taken_), high(taken_), low(stream_), high(stream_)}, {low(seed_), high(seed_)});
  ++taken_;
  constexpr double step = 0x1p-53;
  const std::uint64_t bits = (std::uint64_t{words[0]} << 32U | words[1]) >> 11U;
  return static_cast<double>(bits) * step;
}

Index draw(std::span<const float> weights, Random& random) {
  const std::size_t blocks = blocks_of(weights);
  const auto sum_of = [&](std::size_t b) { return sum(block_of(weights, b)); };
  double total = 0;
  for (std::size_t b = 0; b < blocks; ++b) total += sum_of(b);
  check_total(total);
  double target = random.uniform() * total;
  const std::size_t chosen = find_block(blocks, target, sum_of);
  return static_cast<Index>(chosen * block + find(block_of(weights, chosen), target));
}

void draw_distinct(std::span<float> weights, Index count, Random& random, DistinctDraw& result) {
  std::vector<Index>& out = result.drawn;
  std::vector<double>& sums = result.sums;
  out.clear();
  sums.resize(blocks_of(weights));
  for (std::size_t b = 0; b < sums.size(); ++b) sums[b] = sum(block_of(weights, b));
  for (Index i = 0; i < count; ++i) {
    double total = 0;
    for (const double s : sums) total += s;
    if (i == 0) check_total(total);
    if (!(total > 0)) break;
    double target = random.uniform() * total;
    const auto sum_of = [&](std::size_t b) { return sums[b]; };
    const std::size_t chosen = find_block(sums.size(), target, sum_of);
    const auto values = block_of(weights, chosen);
    const std::size_t at = find(values, target);
    values[at] = 0;
    sums[chosen] = sum(values);
    out.push_back(static_cast<Index>(chosen * block + at));
  }
  for (Index i = 0; static_cast<Index>(out.size()) < count; ++i) {
    if (std::find(out.begin(), out.end(), i) == out.end()) out.push_back(i);
  }
}

}  // namespace attend
