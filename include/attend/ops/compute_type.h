// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the products of a model with its weights are computed in, and what a decoder keeps between
// its steps.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "attend/core/dtype.h"
#include "attend/core/export.h"

namespace attend {

/// f32 is exact: the stored weights, widened. The others round the weights once, at load, and the
/// rows that are multiplied by them; sums, norms and activations stay f32. A row's result never
/// depends on the batch around it, whatever the type.
enum class ComputeType : std::uint8_t {
  f32,
  bf16,  ///< weights and rows bfloat16, sums f32
  int8,  ///< weights with one scale an output, rows with one scale a row, sums exact
  int4,  ///< weights with one scale for 32 inputs of an output, rows as for int8
};

/// What keys and values of the tokens before are kept as.
enum class KvType : std::uint8_t {
  computed,  ///< what they are multiplied as: f32, or bf16 where kernels multiply it as such
  int8,      ///< integers, each key and each value of a head with a scale: little more than a
             ///< quarter of f32. Results are near those of `computed`, not the same.
};

inline constexpr std::array compute_types{ComputeType::f32, ComputeType::bf16, ComputeType::int8,
                                          ComputeType::int4};

/// "f32", "bf16", "int8", "int4".
[[nodiscard]] ATTEND_EXPORT std::string_view name(ComputeType type) noexcept;
/// What is multiplied: int8 for both types of integers.
[[nodiscard]] ATTEND_EXPORT DType operands(ComputeType type) noexcept;
/// The type of that name, or nothing.
[[nodiscard]] ATTEND_EXPORT std::optional<ComputeType> find_compute_type(
    std::string_view name) noexcept;
/// "computed", "int8".
[[nodiscard]] ATTEND_EXPORT std::string_view name(KvType type) noexcept;
/// The type of that name, or nothing.
[[nodiscard]] ATTEND_EXPORT std::optional<KvType> find_kv_type(std::string_view name) noexcept;

}  // namespace attend
