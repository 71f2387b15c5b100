// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The golden folders: tiny models with what transformers answers for them, tensor by tensor.
// Their form is described in tests/golden/README.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/checkpoint/safetensors.h"
#include "attend/model/model.h"

namespace attend::test {

/// Names of the folders in tests/golden, sorted.
[[nodiscard]] std::vector<std::string> golden_folders();
[[nodiscard]] std::filesystem::path golden(std::string_view folder);

/// The kind that loads a golden folder's model without its head; files of an encoder alone have no
/// decoder.
[[nodiscard]] HeadKind headless(std::string_view folder);

/// Inputs of one recorded forward pass, [n, s]; parts that were not given are empty.
struct GoldenInput {
  Index rows = 0;
  Index cols = 0;
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> attention_mask;
  std::vector<std::int32_t> type_ids;
  std::vector<std::int32_t> positions;
  /// What a decoder reads, [n, decoder_cols]; empty where it reads the same texts.
  Index decoder_cols = 0;
  std::vector<std::int32_t> decoder_ids;
  std::vector<std::int32_t> decoder_mask;

  [[nodiscard]] PaddedInput padded() const;
  [[nodiscard]] PaddedInput decoder() const;
};

/// Recorded tensors of one folder.
class GoldenTensors {
 public:
  explicit GoldenTensors(std::string_view folder, std::string_view file = "tensors.safetensors");

  [[nodiscard]] std::string metadata(std::string_view key) const;
  /// "single", "pair", "right", "left" ...: those that were recorded.
  [[nodiscard]] std::vector<std::string> forwards() const;
  /// A file of them alone: scores of a generation may stand beside.
  void write_forwards(const std::filesystem::path& file) const;
  [[nodiscard]] GoldenInput input(const std::string& forward) const;
  /// Names of the recorded outputs, without the forward's name.
  [[nodiscard]] std::vector<std::string> outputs(const std::string& forward) const;
  [[nodiscard]] std::vector<float> output(const std::string& forward,
                                          const std::string& name) const;

 private:
  [[nodiscard]] std::vector<std::int32_t> integers(const std::string& name) const;
  Safetensors file_;
};

}  // namespace attend::test
