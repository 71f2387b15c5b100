// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Names of compute types, and what they multiply.
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

DType operands(ComputeType type) noexcept {
  switch (type) {
    case ComputeType::f32: return DType::f32;
    case ComputeType::bf16: return DType::bf16;
    case ComputeType::int8:
    case ComputeType::int4: return DType::i8;
  }
  return DType::f32;
}

std::optional<ComputeType> find_compute_type(std::string_view wanted) noexcept {
  for (const ComputeType type : compute_types) {
    if (name(type) == wanted) return type;
  }
  return std::nullopt;
}

std::string_view name(KvType type) noexcept {
  return type == KvType::int8 ? "int8" : "computed";
}

std::optional<KvType> find_kv_type(std::string_view wanted) noexcept {
  for (const KvType type : {KvType::computed, KvType::int8}) {
    if (name(type) == wanted) return type;
  }
  return std::nullopt;
}

}  // namespace attend
