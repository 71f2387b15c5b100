// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Element-wise functions, by the names of transformers' ACT2FN.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "attend/core/export.h"

namespace attend {

/// Activation functions. Source: transformers 4.57 activations.py (ACT2FN).
enum class Activation : std::uint8_t {
  none,
  gelu,        ///< x * Phi(x) by erf (Hendrycks & Gimpel 2016)
  gelu_tanh,   ///< its tanh approximation: "gelu_new", "gelu_pytorch_tanh", "gelu_fast"
  gelu_10,     ///< gelu, at most 10 (Wu et al. 2020)
  quick_gelu,  ///< x * sigmoid(1.702 x)
  relu,
  relu2,       ///< relu(x)^2 (So et al. 2021)
  relu6,       ///< relu, at most 6
  leaky_relu,  ///< x, or x / 100 where negative
  silu,        ///< x * sigmoid(x): "silu", "swish" (Elfwing et al. 2017)
  mish,        ///< x * tanh(log(1 + exp(x))) (Misra 2019)
  tanh,
  sigmoid,
  laplace,  ///< (1 + erf((x - 0.707107) / (0.282095 sqrt 2))) / 2 (Ma et al. 2022)
  prelu,    ///< x, or a learned multiple of it where negative (He et al. 2015)
  xielu,    ///< see ActivationFunction (Huang & Schlag 2024)
};

/// An activation with the numbers that a model learns for it; without any, those that transformers
/// begins with, which stay where a model has the function outside of its layers.
struct ActivationFunction {
  Activation kind = Activation::none;
  float slope = 0.25F;  ///< prelu: of negative x
  // xielu: positive x^2 + linear x above 0; else negative (exp(min(x, largest)) - 1 - x) + linear
  // x. These are bfloat16 in transformers, whatever the other weights are.
  float positive = 0.80078125F;
  float negative = 0.80078125F;
  float linear = 0.5F;
  float largest = -0x1.0cp-20F;

  constexpr ActivationFunction() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): most functions have no numbers.
  constexpr ActivationFunction(Activation function) : kind(function) {}
};

/// The activation that a config names, or nothing for a name that is not known here.
[[nodiscard]] ATTEND_EXPORT std::optional<Activation> find_activation(
    std::string_view name) noexcept;

namespace ops {

/// Applies the function in place. Throws: config_error, at the first use of kernels, when
/// ATTEND_ISA names none that this CPU can run (so does every operation that uses kernels).
ATTEND_EXPORT void activate(const ActivationFunction& activation, std::span<float> x);

}  // namespace ops
}  // namespace attend
