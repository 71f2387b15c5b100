// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The two sides of a file of packed weights: what is noted to be written, and what is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "attend/checkpoint/safetensors.h"
#include "attend/core/error.h"
#include "attend/core/stored_weight.h"
#include "attend/ops/linear.h"

namespace attend {

/// Stands before the names of a head's weights.
inline constexpr std::string_view packed_head = "head:";

/// What a Loader packed.
class PackedRecord {
 public:
  /// Notes where the values are; whoever holds the weight keeps it until write().
  void add(const std::string& name, const PackedLinear& weight,
           std::span<const StoredWeight> parts);
  void write(const std::filesystem::path& file, ComputeType compute, std::string_view head);

 private:
  void add_tensor(const std::string& name, const TensorRef& tensor);

  std::map<std::string, TensorRef, std::less<>> tensors_;
  std::map<std::string, std::string, std::less<>> metadata_;
};

/// What a Loader takes instead of packing. Every failure names the file, and says how to mend it.
class PackedFile {
 public:
  /// Throws: as Safetensors::open(); invalid_format (of another kind or for another type),
  /// unsupported (of another version).
  PackedFile(const std::filesystem::path& file, LoadMode mode, ComputeType compute);

  /// Of the head that was packed: name(HeadKind).
  [[nodiscard]] const std::string& head() const noexcept { return head_; }
  /// Throws: weight_missing, weight_shape (anything but what `plan` says), invalid_format (not
  /// aligned); weight_value (made of other weights), unless the parts have no values.
  [[nodiscard]] PackedLinear::Values take(const std::string& name, const PackedLinear& plan,
                                          std::span<const StoredWeight> parts);
  /// Call when everything was taken, but perhaps a head. Throws: weight_shape naming what is left.
  void finish(bool with_head) const;

  [[nodiscard]] std::uint64_t bytes() const noexcept { return file_.file()->bytes().size(); }

 private:
  [[nodiscard]] TensorRef take_tensor(const std::string& name, const TensorRef& expected);
  [[noreturn]] void fail_packed(ErrorKind kind, ErrorDetail detail) const;

  Safetensors file_;
  std::string head_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace attend
