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

namespace attend {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Integers in the order of floats, NaN behind them all.
std::uint32_t ordered(float value) {
  if (std::isnan(value)) return std::numeric_limits<std::uint32_t>::max();
  const auto bits = std::bit_cast<std::uint32_t>(value + 0.0F);  // of both zeros the same
  constexpr std::uint32_t sign = 0x80000000U;
  return (bits & sign) != 0 ? ~bits : bits | sign;
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

// Visits keys in ascending order until visit() says no; gives how many it said yes to. The rest
// stays behind them, in no order.
template <class Visit>
std::size_t visit_ascending(std::vector<std::uint64_t>& keys, const Visit& visit) {
  constexpr std::size_t first_chunk = 64;  // of usual settings one is enough
  std::size_t sorted = 0;
  for (std::size_t chunk = first_chunk; sorted < keys.size(); chunk *= 8) {
    const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(sorted);
    const std::size_t count = std::min(chunk, keys.size() - sorted);
    const auto end = begin + static_cast<std::ptrdiff_t>(count);
    if (end != keys.end()) std::nth_element(begin, end, keys.end());
    std::sort(begin, end);
    for (std::size_t last = sorted + count; sorted < last; ++sorted) {
      if (!visit(keys[sorted])) return sorted;
    }
  }
  return sorted;
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
      expected += double{p} * double{of(logits[static_cast<std::size_t>(scratch.ids[c])])};
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
  const float kept = least_kept(logits, k, scratch);
  for (float& x : logits) x = x < kept ? -infinity : x;
}

void keep_top_p(std::span<float> logits, double p, Index keep, LogitsScratch& scratch) {
  find_candidates(logits, scratch);
  // Largest first, and of equal ones the lowest id.
  scratch.keys.resize(scratch.ids.size());
  double mass = 0;  // of what the visited and those behind them have
  for (std::size_t c = 0; c < scratch.ids.size(); ++c) {
    scratch.keys[c] = falling_key(logit_of(logits, scratch, c), c);
    mass += double{scratch.values[c]};
  }
  const auto limit = static_cast<float>(1.0 - p);
  Index rank = 0;
  const std::size_t kept = visit_ascending(scratch.keys, [&](std::uint64_t next) {
    if (rank++ >= keep && static_cast<float>(mass) <= limit) return false;
    mass -= double{scratch.values[place(next)]};
    return true;
  });
  for (std::size_t i = kept; i < scratch.keys.size(); ++i) {
    logit_of(logits, scratch, place(scratch.keys[i])) = -infinity;
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
  double sum = 0;
  Index rank = 0;
  bool reached = false;
  std::uint32_t furthest = 0;  // what the mass ends with; what is as far away is kept, too
  const std::size_t kept = visit_ascending(scratch.keys, [&](std::uint64_t next) {
    const auto distance = static_cast<std::uint32_t>(next >> 32U);
    if (rank++ >= keep && reached && distance > furthest) return false;
    if (reached) return true;
    furthest = distance;
    sum += double{scratch.values[place(next)]};
    reached = !(static_cast<float>(sum) < static_cast<float>(mass));
    return true;
  });
  for (std::size_t i = kept; i < scratch.keys.size(); ++i) {
    logit_of(logits, scratch, place(scratch.keys[i])) = -infinity;
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
