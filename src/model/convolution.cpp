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

void check(Index width, const ConvolutionOptions& options) {
  if (options.kernel % 2 == 1 && width % options.groups == 0) return;
  fail(ErrorKind::config_error,
       {.where = "load_model",
        .what = "convolution",
        .expected = "an odd conv_kernel_size, and conv_groups that divide " + std::to_string(width),
        .found = std::to_string(options.kernel) + " and " + std::to_string(options.groups),
        .file = "config.json"});
}

// Weight [m, m / groups, kernel] as [m, kernel * m]: an output sees the inputs of its group only.
Linear load_product(const Loader& from, const std::string& name, Index width,
                    const ConvolutionOptions& options) {
  check(width, options);
  const Index inputs = width / options.groups;
  const std::vector<float> stored =
      from.weights.values(name + ".weight", {width, inputs, options.kernel});
  Tensor dense(DType::f32, Shape{width, options.kernel * width});
  const auto out = dense.values<float>();
  for (Index row = 0; row < width; ++row) {
    const Index first = row / inputs * inputs;
    for (Index input = 0; input < inputs; ++input) {
      for (Index k = 0; k < options.kernel; ++k) {
        out[static_cast<std::size_t>((row * options.kernel + k) * width + first + input)] =
            stored[static_cast<std::size_t>((row * inputs + input) * options.kernel + k)];
      }
    }
  }
  return Linear(PackedLinear(std::array{StoredWeight{dense.ref()}},
                             from.weights.vector(name + ".bias", width), from.pool));
}

}  // namespace

Convolution::Convolution(const Loader& from, const std::string& name, Index width,
                         const ConvolutionOptions& options)
    : kernel_(options.kernel),
      activation_(options.activation),
      product_(load_product(from, name, width, options)),
      norm_(from, name + ".norm", width, options.norm) {}

}  // namespace attend
