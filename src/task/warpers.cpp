// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Warpers of logits: which tokens may be drawn at all. None of them sorts a whole vocabulary: what
// an earlier one removed is not looked at, and an order is made only as far as it is needed.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "attend/ops/select.h"
#include "attend/ops/softmax.h"
#include "attend/task/logits.h"
#include "core/infinity.h"

namespace attend {
namespace {

// Integers in the order of floats, NaN behind them all.
std::uint32_t ordered(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value + 0.0F);  // of both zeros the same
  constexpr std::uint32_t sign = 0x80000000U;
  const std::uint32_t turned = bits ^ ((0U - (bits >> 31U)) | sign);  // no branch: signs are random
  return std::isnan(value) ? std::numeric_limits<std::uint32_t>::max() : turned;
}

std::uint64_t key(float value, std::size_t place) {
  return std::uint64_t{ordered(value)} << 32U | place;
}

std::uint64_t falling_key(float value, std::size_t place) {
  return std::uint64_t{~ordered(value)} << 32U | place;
}

std::size_t place(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

// The tokens that are left, scratch.ids, and their probabilities, scratch.values.
void find_candidates(std::span<const float> logits, LogitsScratch& scratch) {
  scratch.ids.resize(logits.size());
  scratch.values.resize(logits.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    scratch.ids[count] = static_cast<TokenId>(i);
    scratch.values[count] = logits[i];
    count += static_cast<std::size_t>(logits[i] != -infinity);
  }
  scratch.ids.resize(count);
  scratch.values.resize(count);
  if (count > 0) ops::softmax(scratch.values);
}

float& logit_of(std::span<float> logits, const LogitsScratch& scratch, std::size_t candidate) {
  return logits[static_cast<std::size_t>(scratch.ids[candidate])];
}

// The last key, in ascending order, of those that are kept: at least `keep`, and as long as
// is_enough() says no to the mass of all before. mass(c) is that of candidate c. Buckets of
// neighbouring keys are passed over as a whole; only the one in which the end lies is sorted.
template <class Mass, class IsEnough>
std::uint64_t last_kept(LogitsScratch& scratch, Index keep, const Mass& mass,
                        const IsEnough& is_enough) {
  auto& keys = scratch.keys;
  auto& buckets = scratch.buckets;
  constexpr std::size_t few = 1024;
  const unsigned shift = keys.size() <= few ? 63 : 52;
  buckets.assign(std::size_t{1} << (64 - shift), {});
  for (const std::uint64_t key : keys) {
    auto& bucket = buckets[key >> shift];
    bucket.mass += mass(place(key));
    ++bucket.count;
  }
  double before = 0;
  Index count = 0;
  std::size_t end = 0;
  for (; end < buckets.size() && !is_enough(before + buckets[end].mass); ++end) {
    before += buckets[end].mass;
    count += buckets[end].count;
  }
  if (end == buckets.size()) return std::numeric_limits<std::uint64_t>::max();
  auto middle = std::partition(keys.begin(), keys.end(),
                               [&](std::uint64_t key) { return key >> shift == end; });
  std::sort(keys.begin(), middle);
  auto last = keys.begin();
  for (auto next = keys.begin(); next != middle && !is_enough(before); ++next, ++count) {
    before += mass(place(*next));
    last = next;
  }
  if (count >= keep) return *last;
  if (keep >= static_cast<Index>(keys.size())) return std::numeric_limits<std::uint64_t>::max();
  std::nth_element(keys.begin(), keys.begin() + keep - 1, keys.end());
  return keys[static_cast<std::size_t>(keep) - 1];
}

// -log of the probabilities, of which the largest logit has the largest.
struct Surprise {
  float maximum = -infinity;
  float of_maximum = 0;
  double expected = 0;  // the entropy, in nats

  Surprise(std::span<const float> logits, const LogitsScratch& scratch) {
    const auto likeliest = static_cast<std::size_t>(ops::argmax(scratch.values));
    maximum = logits[static_cast<std::size_t>(scratch.ids[likeliest])];
    of_maximum = static_cast<float>(-std::log(static_cast<double>(scratch.values[likeliest])));
    for (std::size_t c = 0; c < scratch.ids.size(); ++c) {
      const float p = scratch.values[c];
      expected += static_cast<double>(p) *
                  static_cast<double>(of(logits[static_cast<std::size_t>(scratch.ids[c])]));
    }
  }
  [[nodiscard]] float of(float logit) const { return of_maximum - (logit - maximum); }
};

// The value that the `keep` largest logits reach; NaN is the largest.
float least_kept(std::span<const float> logits, Index keep, LogitsScratch& scratch) {
  if (keep == 1) return logits[static_cast<std::size_t>(ops::argmax(logits))];
  ops::top_k(logits, keep, scratch.order);
  return logits[static_cast<std::size_t>(scratch.order.back())];
}

void keep_probable(std::span<float> logits, float least, Index keep, LogitsScratch& scratch) {
  const float kept = least_kept(logits, keep, scratch);
  for (std::size_t c = 0; c < scratch.ids.size(); ++c) {
    float& x = logit_of(logits, scratch, c);
    if (scratch.values[c] < least && x < kept) x = -infinity;
  }
}

}  // namespace

void keep_top_k(std::span<float> logits, Index k, LogitsScratch& scratch) {
  if (logits.empty()) return;
  constexpr Index many = 256;  // from which on buckets are faster than a heap
  if (k < many) {
    const float kept = least_kept(logits, k, scratch);
    for (float& x : logits) x = x < kept ? -infinity : x;
    return;
  }
  scratch.keys.resize(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) scratch.keys[i] = falling_key(logits[i], i);
  const auto last = last_kept(
      scratch, 1, [](std::size_t) { return 1.0; },
      [k](double before) { return before >= static_cast<double>(k); });
  for (float& x : logits) {
    x = falling_key(x, 0) >> 32U > last >> 32U ? -infinity : x;
  }
}

void keep_top_p(std::span<float> logits, double p, Index keep, LogitsScratch& scratch) {
  find_candidates(logits, scratch);
  if (scratch.ids.empty()) return;
  // Largest first, and of equal ones the lowest id.
  scratch.keys.resize(scratch.ids.size());
  double total = 0;
  for (std::size_t c = 0; c < scratch.ids.size(); ++c) {
    scratch.keys[c] = falling_key(logit_of(logits, scratch, c), c);
    total += static_cast<double>(scratch.values[c]);
  }
  // The reference sums from the least likely on.
  const auto limit = static_cast<float>(1.0 - p);
  const auto last = last_kept(
      scratch, keep, [&](std::size_t c) { return static_cast<double>(scratch.values[c]); },
      [=](double before) { return static_cast<float>(total - before) <= limit; });
  for (std::size_t c = 0; c < scratch.ids.size(); ++c) {
    float& x = logit_of(logits, scratch, c);
    x = falling_key(x, c) > last ? -infinity : x;
  }
}

void keep_min_p(std::span<float> logits, double min_p, Index keep, LogitsScratch& scratch) {
  find_candidates(logits, scratch);
  if (scratch.ids.empty()) return;
  const float largest = scratch.values[static_cast<std::size_t>(ops::argmax(scratch.values))];
  const float least = static_cast<float>(min_p) * largest;
  ops::top_k(scratch.values, keep, scratch.order);
  for (const Index c : scratch.order) scratch.values[static_cast<std::size_t>(c)] = infinity;
  for (std::size_t c = 0; c < scratch.ids.size(); ++c) {
    if (scratch.values[c] < least) logit_of(logits, scratch, c) = -infinity;
  }
}

void keep_typical(std::span<float> logits, double mass, Index keep, LogitsScratch& scratch) {
  find_candidates(logits, scratch);
  if (scratch.ids.empty()) return;
  const Surprise surprise(logits, scratch);
  if (std::isnan(surprise.expected)) return;
  const auto expected = static_cast<float>(surprise.expected);
  scratch.keys.resize(scratch.ids.size());
  for (std::size_t c = 0; c < scratch.ids.size(); ++c) {
    const float distance = std::abs(surprise.of(logit_of(logits, scratch, c)) - expected);
    scratch.keys[c] = key(distance, c);
  }
  // What is as far away as the last one is kept, too.
  const auto enough = static_cast<float>(mass);
  const auto last = last_kept(
      scratch, keep, [&](std::size_t c) { return static_cast<double>(scratch.values[c]); },
      [=](double before) { return !(static_cast<float>(before) < enough); });
  for (std::size_t c = 0; c < scratch.ids.size(); ++c) {
    float& x = logit_of(logits, scratch, c);
    const std::uint32_t distance = ordered(std::abs(surprise.of(x) - expected));
    x = distance > last >> 32U ? -infinity : x;
  }
}

void keep_epsilon(std::span<float> logits, double epsilon, Index keep, LogitsScratch& scratch) {
  find_candidates(logits, scratch);
  if (!scratch.ids.empty()) {
    keep_probable(logits, static_cast<float>(epsilon), keep, scratch);
  }
}

void keep_eta(std::span<float> logits, double epsilon, Index keep, LogitsScratch& scratch) {
  find_candidates(logits, scratch);
  if (scratch.ids.empty()) return;
  const auto entropy = static_cast<float>(Surprise(logits, scratch).expected);
  const auto single = static_cast<float>(epsilon);
  const float eta = std::min(single, std::sqrt(single) * std::exp(-entropy));
  keep_probable(logits, eta, keep, scratch);
}

}  // namespace attend
