// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The weight of a convolution as those of products.
#include "attend/model/convolution.h"

#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"

namespace attend {
namespace {

// Weight [outputs, inputs, kernel] of one group as [outputs, kernel * inputs].
Tensor turned(std::span<const float> stored, const LinearShape& shape, Index kernel) {
  const Index inputs = shape.in / kernel;
  Tensor weight(DType::f32, Shape{shape.out, shape.in});
  const auto out = weight.values<float>();
  for (Index row = 0; row < shape.out; ++row) {
    for (Index input = 0; input < inputs; ++input) {
      for (Index k = 0; k < kernel; ++k) {
        out[static_cast<std::size_t>((row * kernel + k) * inputs + input)] =
            stored[static_cast<std::size_t>((row * inputs + input) * kernel + k)];
      }
    }
  }
  return weight;
}

void check(const ConvolutionOptions& options, Index width) {
  if (options.kernel % 2 == 0) {
    fail(ErrorKind::config_error, {.where = "load_model",
                                   .what = "conv_kernel_size",
                                   .expected = "an odd number",
                                   .found = std::to_string(options.kernel),
                                   .file = "config.json"});
  }
  if (width % options.groups != 0) {
    fail(ErrorKind::config_error, {.where = "load_model",
                                   .what = "conv_groups",
                                   .expected = "a divisor of " + std::to_string(width),
                                   .found = std::to_string(options.groups),
                                   .file = "config.json"});
  }
}

struct Group {
  std::string name;
  std::span<const float> weight;  // [outputs, inputs, kernel]
  std::vector<float> bias;
};

Linear load_group(const Loader& from, Group group, Index kernel) {
  const auto outputs = static_cast<Index>(group.bias.size());
  const LinearShape shape{.out = outputs, .in = static_cast<Index>(group.weight.size()) / outputs};
  if (from.is_plan()) {
    const TensorRef planned{DType::f32, Shape{shape.out, shape.in}, nullptr};
    return Linear(from.pack(group.name, std::array{StoredWeight{planned}}, std::move(group.bias)));
  }
  const Tensor weight = turned(group.weight, shape, kernel);
  return Linear(
      from.pack(group.name, std::array{StoredWeight{weight.ref()}}, std::move(group.bias)));
}

std::vector<Linear> load_products(const Loader& from, const std::string& name, Index width,
                                  const ConvolutionOptions& options) {
  check(options, width);
  const Index size = width / options.groups;
  const std::vector<float> stored =
      from.weights.values(name + ".weight", {width, size, options.kernel});
  const std::vector<float> bias = from.weights.vector(name + ".bias", width);
  std::vector<Linear> products;
  for (Index group = 0; group < options.groups; ++group) {
    const auto first = bias.begin() + group * size;
    const auto count = static_cast<std::size_t>(size * size * options.kernel);
    products.push_back(load_group(
        from,
        {.name = options.groups == 1 ? name : name + '.' + std::to_string(group),
         .weight = std::span(stored).subspan(static_cast<std::size_t>(group) * count, count),
         .bias = {first, first + size}},
        options.kernel));
  }
  return products;
}

}  // namespace

Convolution::Convolution(const Loader& from, const std::string& name, Index width,
                         const ConvolutionOptions& options)
    : kernel_(options.kernel),
      activation_(options.activation),
      products_(load_products(from, name, width, options)),
      norm_(from, name + ".norm", width, options.norm) {}

}  // namespace attend
