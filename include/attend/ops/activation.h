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
  gelu,       ///< x * Phi(x) by erf (Hendrycks & Gimpel 2016)
  gelu_tanh,  ///< its tanh approximation: "gelu_new", "gelu_pytorch_tanh"
  relu,
  silu,  ///< x * sigmoid(x): "silu", "swish"
  tanh,
  sigmoid,
};

/// The activation that a config names, or nothing for a name that is not known here.
[[nodiscard]] ATTEND_EXPORT std::optional<Activation> find_activation(std::string_view name) noexcept;

namespace ops {

/// Applies the function in place. Throws: config_error, at the first use of kernels, when ATTEND_ISA
/// names none that this CPU can run (so does every operation that uses kernels).
ATTEND_EXPORT void activate(Activation activation, std::span<float> x);

}  // namespace ops
}  // namespace attend
