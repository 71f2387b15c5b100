// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The weight of a convolution as those of products.
#include "attend/model/convolution.h"

#include <array>
#include <string>
#include <vector>

#include "attend/core/error.h"

namespace attend {
namespace {

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

// A product a group, packed from where its rows are stored: they are as large as all else together.
std::vector<Linear> load_products(const Loader& from, const std::string& name, Index width,
                                  const ConvolutionOptions& options) {
  check(options, width);
  const Index size = width / options.groups;
  StoredWeight whole = from.weights.tensor(name + ".weight", {width, size, options.kernel});
  whole.kernel = options.kernel;
  const std::vector<float> bias = from.weights.vector(name + ".bias", width);
  std::vector<Linear> products;
  for (Index group = 0; group < options.groups; ++group) {
    const std::array rows{whole.row_range(group * size, size)};
    const auto first = bias.begin() + group * size;
    products.emplace_back(from.pack(options.groups == 1 ? name : name + '.' + std::to_string(group),
                                    rows, {first, first + size}));
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
