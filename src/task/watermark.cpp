// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The watermark of transformers. Its generator is torch's on the CPU: the Mersenne Twister of the
// standard library, seeded with the lower 32 bits, and a permutation by swaps from the front.
#include "attend/task/watermark.h"

#include <algorithm>
#include <random>
#include <utility>

#include "attend/ops/select.h"

namespace attend {
namespace {

constexpr std::size_t table_size = 1'000'003;

// The first `count` places of torch.randperm(values.size()). Later swaps do not touch them.
template <class T>
void permute(std::vector<T>& values, std::size_t count, std::uint32_t seed) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i);
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < count && i + 1 < values.size(); ++i) {
    std::swap(values[i], values[i + random() % (values.size() - i)]);
  }
}

// What manual_seed() makes of a number of Python modulo 2^64 - 1.
std::uint32_t seed_of(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  return static_cast<std::uint32_t>(number < 0 ? bits - 1 : bits);
}

}  // namespace

Watermark::Watermark(const WatermarkingConfig& config, Index vocabulary)
    : config_(config),
      vocabulary_(static_cast<std::size_t>(vocabulary)),
      favoured_(
          static_cast<std::size_t>(static_cast<double>(vocabulary) * config.greenlist_ratio)) {
  if (config.seeding_scheme != WatermarkSeeding::selfhash) return;
  table_.resize(table_size);
  permute(table_, table_size, seed_of(config.hashing_key));
}

void Watermark::favour(std::uint32_t seed, LogitsScratch& scratch) const {
  scratch.ids.resize(vocabulary_);
  permute(scratch.ids, favoured_, seed);
  scratch.ids.resize(favoured_);
}

std::int64_t Watermark::hash_of(TokenId id) const {
  return std::int64_t{table_[static_cast<std::size_t>(id) % table_size]} + 1;
}

// The least of all products of the context, which ends with the token itself. They wrap around.
std::uint32_t Watermark::self_seed(std::span<const TokenId> ids, TokenId next) const {
  const auto last = static_cast<std::uint64_t>(hash_of(next));
  const auto product = [&](TokenId id) {
    const auto key = static_cast<std::uint64_t>(config_.hashing_key);
    return static_cast<std::int64_t>(key * static_cast<std::uint64_t>(hash_of(id)) * last);
  };
  std::int64_t least = product(next);
  for (const TokenId id : ids.last(static_cast<std::size_t>(config_.context_width - 1))) {
    least = std::min(least, product(id));
  }
  return seed_of(least);
}

void Watermark::apply_self(std::span<float> logits, std::span<const TokenId> ids,
                           LogitsScratch& scratch) const {
  constexpr Index tried = 40;  // of the likeliest tokens, by the reference
  ops::top_k(logits, tried, scratch.order);
  for (const Index next : scratch.order) {
    const auto token = static_cast<TokenId>(next);
    favour(self_seed(ids, token), scratch);
    if (std::find(scratch.ids.begin(), scratch.ids.end(), token) != scratch.ids.end()) {
      logits[static_cast<std::size_t>(next)] += static_cast<float>(config_.bias);
    }
  }
}

void Watermark::apply(std::span<float> logits, std::span<const TokenId> ids,
                      LogitsScratch& scratch) const {
  if (static_cast<Index>(ids.size()) < config_.context_width) return;
  if (config_.seeding_scheme == WatermarkSeeding::selfhash) {
    return apply_self(logits, ids, scratch);
  }
  favour(seed_of(config_.hashing_key * std::int64_t{ids.back()}), scratch);
  for (const TokenId id : scratch.ids) {
    logits[static_cast<std::size_t>(id)] += static_cast<float>(config_.bias);
  }
}

}  // namespace attend
