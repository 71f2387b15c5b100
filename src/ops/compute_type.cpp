// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Names of compute types.
#include "attend/ops/compute_type.h"

namespace attend {

std::string_view name(ComputeType type) noexcept {
  switch (type) {
    case ComputeType::f32: return "f32";
    case ComputeType::bf16: return "bf16";
    case ComputeType::int8: return "int8";
    case ComputeType::int4: return "int4";
  }
  return {};
}

std::optional<ComputeType> find_compute_type(std::string_view wanted) noexcept {
  for (const ComputeType type : compute_types) {
    if (name(type) == wanted) return type;
  }
  return std::nullopt;
}

}  // namespace attend
