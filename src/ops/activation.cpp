// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Activation names and the element-wise entry point.
#include "attend/ops/activation.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "kernels/registry.h"

namespace attend {
namespace {

struct NamedActivation {
  std::string_view name;
  Activation activation;
};

// Source: transformers 4.57 activations.py (ACT2FN).
constexpr NamedActivation names[] = {
    {"gelu", Activation::gelu},
    {"gelu_10", Activation::gelu_10},
    // Differs from gelu_new in the 11th digit of a constant.
    {"gelu_fast", Activation::gelu_tanh},
    {"gelu_new", Activation::gelu_tanh},
    {"gelu_python", Activation::gelu},
    {"gelu_pytorch_tanh", Activation::gelu_tanh},
    {"gelu_python_tanh", Activation::gelu_tanh},
    {"gelu_accurate", Activation::gelu_tanh},
    {"laplace", Activation::laplace},
    {"leaky_relu", Activation::leaky_relu},
    {"linear", Activation::none},
    {"mish", Activation::mish},
    {"prelu", Activation::prelu},
    {"quick_gelu", Activation::quick_gelu},
    {"relu", Activation::relu},
    {"relu2", Activation::relu2},
    {"relu6", Activation::relu6},
    {"sigmoid", Activation::sigmoid},
    {"silu", Activation::silu},
    {"swish", Activation::silu},
    {"tanh", Activation::tanh},
    {"xielu", Activation::xielu},
};

}  // namespace

std::optional<Activation> find_activation(std::string_view name) noexcept {
  const auto* found = std::ranges::find(names, name, &NamedActivation::name);
  if (found == std::end(names)) return std::nullopt;
  return found->activation;
}

namespace ops {

void activate(const ActivationFunction& activation, std::span<float> x) {
  kernels::active_table().activate(activation, x.data(), static_cast<std::ptrdiff_t>(x.size()));
}

}  // namespace ops
}  // namespace attend
