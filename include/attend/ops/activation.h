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

/// Activation functions. Source: transformers 4.57 activations.py (ACT2FN), without those that have
/// learned parameters.
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
};

/// The activation that a config names, or nothing for a name that is not known here; "prelu" and
/// "xielu" have learned parameters and are not.
[[nodiscard]] ATTEND_EXPORT std::optional<Activation> find_activation(
    std::string_view name) noexcept;

namespace ops {

/// Applies the function in place. Throws: config_error, at the first use of kernels, when
/// ATTEND_ISA names none that this CPU can run (so does every operation that uses kernels).
ATTEND_EXPORT void activate(Activation activation, std::span<float> x);

}  // namespace ops
}  // namespace attend
