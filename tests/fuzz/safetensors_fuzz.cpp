// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: the bytes of a safetensors file. Every tensor that the reader hands out must be
// readable to its last byte.
#include <cstddef>
#include <span>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attend::test::tolerate_errors([&] {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto file = attend::Safetensors::parse(bytes, "fuzz.safetensors");
    std::vector<float> row;
    for (const auto& [name, tensor] : file.tensors()) {
      row.resize(static_cast<std::size_t>(tensor.shape.count()));
      attend::to_float(tensor.dtype, tensor.bytes, row);
    }
  });
  return 0;
}
