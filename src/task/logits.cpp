// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Processors of logits: those that look at the text so far and those that change all alike.
#include "attend/task/logits.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attend/ops/select.h"
#include "attend/ops/softmax.h"
#include "core/infinity.h"

namespace attend {
namespace {

bool is_of(std::span<const float> logits, TokenId id) {
  return id >= 0 && static_cast<std::size_t>(id) < logits.size();
}

float& at(std::span<float> logits, TokenId id) { return logits[static_cast<std::size_t>(id)]; }

// Whether the token stands before `i` in the list, too.
bool stands_before(std::span<const TokenId> tokens, std::size_t i) {
  const auto end = tokens.begin() + static_cast<std::ptrdiff_t>(i);
  return std::find(tokens.begin(), end, tokens[i]) != end;
}

}  // namespace

void log_softmax(std::span<float> logits, LogitsScratch& scratch) {
  if (logits.empty()) return;
  const auto likeliest = static_cast<std::size_t>(ops::argmax(logits));
  const float maximum = logits[likeliest];
  scratch.values.assign(logits.begin(), logits.end());
  ops::softmax(scratch.values);
  // It has exp(0) over the sum.
  const auto log_sum =
      static_cast<float>(-std::log(static_cast<double>(scratch.values[likeliest])));
  for (float& x : logits) x = (x - maximum) - log_sum;
}

void guide(std::span<float> logits, std::span<const float> unconditional, double scale) {
  const auto factor = static_cast<float>(scale);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    logits[i] = factor * (logits[i] - unconditional[i]) + unconditional[i];
  }
}

void penalize_repetition(std::span<float> logits, std::span<const TokenId> ids, double penalty,
                         LogitsScratch& scratch) {
  const auto factor = static_cast<float>(penalty);
  // All are read before any is written, so an id that stands twice counts once.
  scratch.values.resize(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!is_of(logits, ids[i])) continue;
    const float x = at(logits, ids[i]);
    scratch.values[i] = x < 0 ? x * factor : x / factor;
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (is_of(logits, ids[i])) at(logits, ids[i]) = scratch.values[i];
  }
}

void forbid_ngrams(std::span<float> logits, std::span<const TokenId> source,
                   std::span<const TokenId> ids, Index n) {
  const auto context = static_cast<std::size_t>(n - 1);
  if (ids.size() < context) return;
  const auto last = ids.last(context);
  for (std::size_t i = 0; i + context < source.size(); ++i) {
    if (!is_of(logits, source[i + context])) continue;
    if (std::equal(last.begin(), last.end(), source.begin() + static_cast<std::ptrdiff_t>(i))) {
      at(logits, source[i + context]) = -infinity;
    }
  }
}

void forbid_tokens(std::span<float> logits, std::span<const TokenId> tokens) {
  for (const TokenId token : tokens) {
    if (is_of(logits, token)) at(logits, token) = -infinity;
  }
}

void allow_only(std::span<float> logits, std::span<const TokenId> tokens, LogitsScratch& scratch) {
  scratch.values.resize(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) scratch.values[i] = at(logits, tokens[i]);
  for (float& x : logits) x += -infinity;  // NaN of NaN and of infinity, as in the reference
  for (std::size_t i = 0; i < tokens.size(); ++i) at(logits, tokens[i]) = scratch.values[i];
}

void force_tokens(std::span<float> logits, std::span<const TokenId> tokens) {
  std::fill(logits.begin(), logits.end(), -infinity);
  for (const TokenId token : tokens) {
    if (is_of(logits, token)) at(logits, token) = 0;
  }
}

void remove_invalid_values(std::span<float> logits) {
  constexpr float largest = std::numeric_limits<float>::max();
  for (float& x : logits) {
    if (std::isnan(x)) {
      x = 0;
    } else {
      x = std::clamp(x, -largest, largest);
    }
  }
}

void decay_length(std::span<float> logits, std::span<const TokenId> eos, double factor,
                  Index steps) {
  const auto share = static_cast<float>(std::pow(factor, static_cast<double>(steps)) - 1);
  for (std::size_t i = 0; i < eos.size(); ++i) {
    if (!is_of(logits, eos[i]) || stands_before(eos, i)) continue;
    float& x = at(logits, eos[i]);
    // What is forbidden and becomes likelier is NaN in the reference, whose argmax takes it for the
    // largest: the text ends all the same.
    x = x == -infinity && share >= 0 ? infinity : x + std::abs(x) * share;
  }
}

void penalize_chosen(std::span<float> logits, std::span<const TokenId> chosen, double penalty) {
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (!is_of(logits, chosen[i]) || stands_before(chosen, i)) continue;
    const auto times = std::count(chosen.begin(), chosen.end(), chosen[i]);
    at(logits, chosen[i]) -= static_cast<float>(penalty) * static_cast<float>(times);
  }
}

void apply_temperature(std::span<float> logits, double temperature) {
  const auto divisor = static_cast<float>(temperature);
  for (float& x : logits) x /= divisor;
}

}  // namespace attend
