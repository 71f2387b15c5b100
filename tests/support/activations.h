// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every activation, and its formula in double precision.
#pragma once

#include <algorithm>
#include <cmath>

#include "attend/ops/activation.h"

namespace attend::test {

inline constexpr Activation every_activation[] = {
    Activation::none,       Activation::gelu,    Activation::gelu_tanh, Activation::gelu_10,
    Activation::quick_gelu, Activation::relu,    Activation::relu2,     Activation::relu6,
    Activation::leaky_relu, Activation::silu,    Activation::mish,      Activation::tanh,
    Activation::sigmoid,    Activation::laplace, Activation::prelu,     Activation::xielu};

/// Source: transformers 4.57 activations.py.
inline double activate(const ActivationFunction& activation, double x) {
  switch (activation.kind) {
    case Activation::none: return x;
    case Activation::gelu: return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::gelu_tanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::gelu_10: return std::clamp(activate(Activation::gelu, x), -10.0, 10.0);
    case Activation::quick_gelu: return x / (1 + std::exp(-1.702 * x));
    case Activation::relu: return std::max(x, 0.0);
    case Activation::relu2: return std::max(x, 0.0) * std::max(x, 0.0);
    case Activation::relu6: return std::clamp(x, 0.0, 6.0);
    case Activation::leaky_relu: return x < 0 ? 0.01 * x : x;
    case Activation::silu: return x / (1 + std::exp(-x));
    case Activation::mish: return x * std::tanh(std::log1p(std::exp(x)));
    case Activation::tanh: return std::tanh(x);
    case Activation::sigmoid: return 1 / (1 + std::exp(-x));
    case Activation::laplace: return 0.5 * std::erfc(-(x - 0.707107) / (0.282095 * std::sqrt(2.0)));
    case Activation::prelu: return x > 0 ? x : double{activation.slope} * x;
    case Activation::xielu: {
      const double line = double{activation.linear} * x;
      if (x > 0) return double{activation.positive} * x * x + line;
      const double low = std::min(x, double{activation.largest});
      return double{activation.negative} * (std::expm1(low) - x) + line;
    }
  }
  return 0;
}

}  // namespace attend::test
