// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The two sides of a file of packed weights: what is noted to be written, and what is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "attend/checkpoint/checkpoint.h"
#include "attend/checkpoint/safetensors.h"
#include "attend/checkpoint/weights.h"
#include "attend/core/error.h"
#include "attend/core/stored_weight.h"
#include "attend/model/model.h"
#include "attend/ops/linear.h"

namespace attend {

/// Stands before the names of a head's weights.
inline constexpr std::string_view packed_head = "head:";
/// Stands before our names of the second stack's weights.
inline constexpr std::string_view packed_decoder = "decoder.";

// What metadata says of every such file.
inline constexpr std::string_view packed_format = "attend packed weights";
inline constexpr std::string_view packed_version = "3";
/// Of this machine: "little" or "big".
[[nodiscard]] std::string_view packed_byte_order();
/// Whether metadata says so, of any version.
[[nodiscard]] bool is_packed_file(const Safetensors& file);

/// Throws: access_denied unless weights of the model in `folder` that are packed for `compute` may
/// go to `file`: where there is nothing, or packed weights to replace, no part of the checkpoint or
/// of the folder's other files, and not the place of another type.
void check_pack_target(const std::filesystem::path& file, const std::filesystem::path& folder,
                       ComputeType compute);

/// What a Loader packed.
class PackedRecord {
 public:
  /// Notes where the values are; whoever holds the weight keeps it as long as the record.
  void add(const std::string& name, const PackedLinear& weight,
           std::span<const StoredWeight> parts);
  [[nodiscard]] const std::map<std::string, TensorRef, std::less<>>& tensors() const noexcept {
    return tensors_;
  }
  void write(const std::filesystem::path& file, ComputeType compute, std::string_view head);

 private:
  void add_tensor(const std::string& name, const TensorRef& tensor);

  std::map<std::string, TensorRef, std::less<>> tensors_;
  std::map<std::string, std::string, std::less<>> metadata_;
};

/// A file of packed weights, and the model that it is to belong to.
struct PackedSource {
  std::filesystem::path file;
  std::filesystem::path folder;
  bool is_named = false;  ///< by ModelOptions::packed_file
  LoadMode mode = LoadMode::map;
  ComputeType compute = ComputeType::f32;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
};

/// What a Loader takes instead of packing. Every failure names the file, and says how to mend it.
class PackedFile {
 public:
  /// Throws: as Safetensors::open(); invalid_format (of another kind or for another type),
  /// unsupported (of another version or byte order).
  explicit PackedFile(const PackedSource& source);

  /// Of the head that was packed: name(HeadKind).
  [[nodiscard]] const std::string& head() const noexcept { return head_; }
  /// Throws: weight_missing, weight_shape (anything but what `plan` says), invalid_format (not
  /// aligned).
  [[nodiscard]] PackedLinear::Values take(const std::string& name, const PackedLinear& plan);
  /// Throws: weight_value when the values were made of other weights.
  void check_source(const std::string& name, std::span<const StoredWeight> parts) const;
  /// Throws: weight_value when a tensor is not what was packed anew.
  void compare(const PackedRecord& anew) const;
  /// Call when everything was taken, but for what begins so and a model does without. Throws:
  /// weight_shape naming what is left.
  void finish(std::span<const std::string_view> without) const;

  [[nodiscard]] std::uint64_t bytes() const noexcept { return file_.file()->bytes().size(); }

 private:
  [[nodiscard]] TensorRef take_tensor(const std::string& name, const TensorRef& expected);
  [[noreturn]] void fail_packed(ErrorKind kind, ErrorDetail detail) const;

  Safetensors file_;
  std::string remedy_;
  std::string head_;
  std::set<std::string, std::less<>> taken_;
};

/// The packed weights that a model is to be made of, if there are any. Throws: config_error (a file
/// that the other options leave alone); as PackedFile().
[[nodiscard]] std::optional<PackedFile> open_packed(const std::filesystem::path& folder,
                                                    const ModelOptions& options, LoadMode mode);

}  // namespace attend
