// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The weight of a convolution as that of a product.
#include "attend/model/convolution.h"

#include <array>
#include <vector>

#include "attend/core/error.h"

namespace attend {
namespace {

// Weight [m, m, kernel] as [m, kernel * m].
Tensor turned(std::span<const float> stored, Index width, Index kernel) {
  Tensor weight(DType::f32, Shape{width, kernel * width});
  const auto out = weight.values<float>();
  for (Index row = 0; row < width; ++row) {
    for (Index input = 0; input < width; ++input) {
      for (Index k = 0; k < kernel; ++k) {
        out[static_cast<std::size_t>((row * kernel + k) * width + input)] =
            stored[static_cast<std::size_t>((row * width + input) * kernel + k)];
      }
    }
  }
  return weight;
}

Linear load_product(const Loader& from, const std::string& name, Index width, Index kernel) {
  if (kernel % 2 == 0) {
    fail(ErrorKind::config_error, {.where = "load_model",
                                   .what = "conv_kernel_size",
                                   .expected = "an odd number",
                                   .found = std::to_string(kernel),
                                   .file = "config.json"});
  }
  const std::vector<float> stored = from.weights.values(name + ".weight", {width, width, kernel});
  std::vector<float> bias = from.weights.vector(name + ".bias", width);
  if (from.is_plan()) {
    const TensorRef planned{DType::f32, Shape{width, kernel * width}, nullptr};
    return Linear(from.pack(name, std::array{StoredWeight{planned}}, std::move(bias)));
  }
  const Tensor weight = turned(stored, width, kernel);
  return Linear(from.pack(name, std::array{StoredWeight{weight.ref()}}, std::move(bias)));
}

}  // namespace

Convolution::Convolution(const Loader& from, const std::string& name, Index width,
                         const ConvolutionOptions& options)
    : kernel_(options.kernel),
      activation_(options.activation),
      product_(load_product(from, name, width, options.kernel)),
      norm_(from, name + ".norm", width, options.norm) {}

}  // namespace attend
