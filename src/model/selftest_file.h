// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// selftest.safetensors as data of a stranger: its groups of tensors, checked before a model runs.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "attend/model/forward.h"
#include "attend/model/model.h"

namespace attend {

/// Names of metadata.
namespace selftest_keys {
inline constexpr const char* tolerance = "tolerance";
inline constexpr const char* noise = "float64_difference";
inline constexpr const char* head = "head";
inline constexpr const char* model_class = "model_class";
inline constexpr const char* version = "attend_version";
inline constexpr const char* kernels = "kernels";
}  // namespace selftest_keys

/// One forward. Inputs have one shape, and those of a decoder another; outputs have the shape and
/// type that the model will give them and are finite.
struct SelftestGroup {
  std::string name;
  ForwardInput input;
  std::vector<std::pair<std::string, TensorRef>> outputs;  ///< as the model computes them

  [[nodiscard]] ForwardShape shape() const {
    const Shape& ids = input.tensors.at("input_ids").shape;
    const auto decoder = input.tensors.find("decoder_input_ids");
    return {.sequences = ids[0],
            .tokens = ids[1],
            .decoder_tokens = (decoder == input.tensors.end() ? ids : decoder->second.shape)[1]};
  }
};

/// A selftest that is ready to be replayed on one model. The groups are views of the file.
struct SelftestFile {
  Safetensors tensors;
  double tolerance;
  std::string recorded_by;
  std::vector<SelftestGroup> groups;
};

/// Throws: as replay_selftest(), save what the model says.
[[nodiscard]] SelftestFile read_selftest(const Model& model, const std::filesystem::path& file,
                                         LoadMode mode);

/// Throws: resource_limit, when a selftest may not have so many forwards or tokens.
void check_selftest_size(std::size_t forwards, Index tokens, std::string_view where,
                         const std::string& file);

}  // namespace attend
