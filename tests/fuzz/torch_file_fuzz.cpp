// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: the bytes of a file of PyTorch. Every tensor that the reader hands out must be
// readable to its last byte. What is no zip archive is taken for the pickle of one, because few
// changes of an archive leave it one.
#include <cstddef>
#include <span>
#include <vector>

#include "attend/checkpoint/torch_file.h"
#include "fuzz/fuzz.h"
#include "support/torch_bytes.h"

namespace {

void read(std::span<const std::byte> bytes) {
  attend::test::tolerate_errors([&] {
    const auto file = attend::TorchFile::parse(bytes, "fuzz.bin");
    std::vector<float> row;
    for (const auto& [name, tensor] : file.tensors()) {
      row.resize(static_cast<std::size_t>(tensor.shape.count()));
      attend::to_float(tensor.dtype, tensor.bytes, row);
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = attend::test::as_text(data, size);
  if (text.starts_with("PK")) {
    read(std::as_bytes(std::span(data, size)));
    return 0;
  }
  const std::string storage(24, '\1');
  const std::string archive =
      attend::test::torch_archive(std::string(text), {{"0", storage}, {"1", storage}});
  read(std::as_bytes(std::span(archive)));
  return 0;
}
