// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Frequencies, each in the arithmetic of its reference: what rounding leaves of them grows with the
// position.
#include "attend/model/sinusoids.h"

#include <cmath>
#include <string>

#include "attend/core/error.h"

namespace attend {
namespace {

constexpr double base = 10000;

// Source: transformers 4.57 modeling_marian.py (MarianSinusoidalPositionalEmbedding).
std::vector<double> by_column(Index width) {
  std::vector<double> out;
  for (Index column = 0; column < width; column += 2) {
    out.push_back(1 / std::pow(base, static_cast<double>(column) / static_cast<double>(width)));
  }
  return out;
}

// Source: transformers 4.57 modeling_m2m_100.py (M2M100SinusoidalPositionalEmbedding).
std::vector<double> from_one_to_last(Index width) {
  const Index count = width / 2;
  if (count < 2) {
    fail(ErrorKind::config_error, {.where = "load_model",
                                   .what = "width of the model",
                                   .expected = "at least 4, for positions that are computed",
                                   .found = std::to_string(width),
                                   .file = "config.json"});
  }
  const auto step = static_cast<float>(-std::log(base) / static_cast<double>(count - 1));
  std::vector<double> out;
  for (Index i = 0; i < count; ++i) {
    const float exponent = static_cast<float>(i) * step;
    out.push_back(static_cast<double>(static_cast<float>(std::exp(static_cast<double>(exponent)))));
  }
  return out;
}

}  // namespace

SinusoidalPositions::SinusoidalPositions(const Loader& from, Index width,
                                         const SinusoidOptions& options)
    : precision_(AnglePrecision::f64), zero_(options.zero) {
  switch (options.frequencies) {
    case SinusoidOptions::Frequencies::by_column: frequencies_ = by_column(width); break;
    case SinusoidOptions::Frequencies::from_one_to_last:
      frequencies_ = from_one_to_last(width);
      precision_ = AnglePrecision::f32;
      break;
  }
  from.count(sizeof(double) * frequencies_.size());
}

}  // namespace attend
