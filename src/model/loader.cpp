// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Counting, and giving back what was packed.
#include "attend/model/loader.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "attend/core/bfloat16.h"
#include "model/packed_file.h"

namespace attend {
namespace {

std::uint64_t stored_bytes(const StoredWeight& weight) { return weight.values.size_bytes(); }

float softplus(float value) {
  constexpr float linear_from = 20;  // of torch
  return rounded_to_bf16(value > linear_from ? value : std::log1p(std::exp(value)));
}

}  // namespace

PackedLinear Loader::pack(const std::string& name, std::span<const StoredWeight> parts,
                          std::vector<float> bias, LinearForm form) const {
  const std::string scoped = std::string(scope) + name;
  if (packed != nullptr) return take(scoped, parts, std::move(bias), form);
  const auto rest = panels.subspan(std::min<std::size_t>(tally.panels, panels.size()));
  PackedLinear weight(parts, std::move(bias), pool,
                      {.compute = compute, .form = form, .memory = rest});
  tally.panels += weight.values().panels.size_bytes() + Tensor::alignment;
  if (record != nullptr) record->add(scoped, weight, parts);
  MemoryEstimate& memory = tally.memory;
  memory.packed += weight.size_bytes();
  std::uint64_t source = 0;
  for (const StoredWeight& part : parts) {
    source += stored_bytes(part);
    weights.release(part);
  }
  memory.loading = std::max(memory.loading, memory.packed + source);
  return weight;
}

// Of the parts only samples are read.
PackedLinear Loader::take(const std::string& name, std::span<const StoredWeight> parts,
                          std::vector<float> bias, LinearForm form) const {
  std::vector<StoredWeight> planned(parts.begin(), parts.end());
  for (StoredWeight& part : planned) part.values.bytes = nullptr;
  PackedLinear taken(planned, std::move(bias), pool, {.compute = compute, .form = form});
  const PackedLinear::Values values = packed->take(name, taken);
  if (!is_plan()) packed->check_source(name, parts);
  for (const StoredWeight& part : parts) weights.release(part);
  taken.adopt(values);
  MemoryEstimate& memory = tally.memory;
  memory.packed += taken.size_bytes();
  memory.stored += values.size_bytes();
  memory.loading = std::max(memory.loading, memory.packed);
  return taken;
}

std::vector<float> Loader::vector(std::string_view name, Index size) const {
  std::vector<float> values = weights.vector(name, size);
  count(sizeof(float) * values.size());
  return values;
}

ActivationFunction Loader::activation(const std::string& name, Activation kind) const {
  ActivationFunction function = kind;
  if (kind == Activation::prelu) function.slope = weights.vector(name + ".weight", 1).front();
  if (kind == Activation::xielu) {
    const auto value = [&](const char* part, const Shape& shape) {
      return rounded_to_bf16(weights.values(name + part, shape).front());
    };
    function.linear = value(".beta", {});
    function.positive = softplus(value(".alpha_p", {1}));
    function.negative = rounded_to_bf16(function.linear + softplus(value(".alpha_n", {1})));
    function.largest = value(".eps", {});
  }
  return function;
}

StoredWeight Loader::table(const std::string& name, Index rows, Index cols) const {
  StoredWeight table = weights.matrix(name, rows, cols);
  if (std::find(tally.tables.begin(), tally.tables.end(), name) == tally.tables.end()) {
    tally.tables.push_back(name);
    tally.memory.stored += stored_bytes(table);
  }
  return table;
}

}  // namespace attend
