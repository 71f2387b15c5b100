// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Writing packed weights, and over what: never over anything but packed weights.
#include <bit>
#include <system_error>
#include <utility>

#include "attend/core/error.h"
#include "attend/model/packed_file.h"
#include "checkpoint/tensor_name.h"
#include "model/packed_file.h"
#include "model/packed_fingerprint.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_target(const fs::path& file, ErrorDetail detail) {
  detail.where = "pack_model";
  detail.what = "the file to write";
  detail.file = file.string();
  if (detail.hint.empty()) detail.hint = "name another file, or remove this one first";
  fail(ErrorKind::access_denied, std::move(detail));
}

bool holds_packed_weights(const fs::path& file) {
  try {
    return is_packed_file(Safetensors::open(file));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::access_denied) throw;
    return false;
  }
}

}  // namespace

std::string_view packed_byte_order() {
  return std::endian::native == std::endian::little ? "little" : "big";
}

bool is_packed_file(const Safetensors& file) {
  const auto found = file.metadata().find("format");
  return found != file.metadata().end() && found->second == packed_format;
}

void check_pack_target(const fs::path& file, const fs::path& folder, ComputeType compute) {
  // Even where there is none: it would be taken for the model's weights, before others of them.
  if (const auto name = Checkpoint::part_of(folder, file)) {
    fail_target(file, {.expected = "a file that is no part of the checkpoint",
                       .found = "its " + *name,
                       .hint = "name another file"});
  }
  std::error_code error;
  const fs::file_status found = fs::status(file, error);
  // write_safetensors() knows those that are not regular.
  if (fs::exists(found) && fs::is_regular_file(found) && !holds_packed_weights(file)) {
    fail_target(file, {.expected = "none yet, or one of packed weights to replace",
                       .found = "a file of another kind"});
  }
  // Tokenizers, selftests and weights of other forms have names, too.
  const bool is_inside = fs::equivalent(fs::absolute(file).parent_path(), folder, error);
  if (is_inside && file.extension() != ".packed") {
    fail_target(file, {.expected = "in the model's folder, a name that ends in .packed",
                       .found = quote(file.filename().string()),
                       .hint = "name another file"});
  }
  for (const ComputeType other : compute_types) {
    if (other == compute || file.filename() != packed_file_name(other)) continue;
    fail_target(file, {.expected = "any name but that of weights for another type",
                       .found = "where loading looks for " + std::string(name(other)),
                       .hint = "name another file"});
  }
}

void PackedRecord::add(const std::string& name, const PackedLinear& weight,
                       std::span<const StoredWeight> parts) {
  const PackedLinear::Values values = weight.values();
  metadata_.emplace(name + ".panels", fingerprint_of(parts));
  add_tensor(name + ".panels", values.panels);
  if (values.scales.bytes != nullptr) add_tensor(name + ".scales", values.scales);
  if (values.sums.bytes != nullptr) add_tensor(name + ".sums", values.sums);
}

void PackedRecord::add_tensor(const std::string& name, const TensorRef& tensor) {
  if (tensors_.emplace(name, tensor).second) return;
  fail(ErrorKind::internal, {.where = "pack_model",
                             .what = tensor_called(name),
                             .expected = "one weight of this name",
                             .found = "two"});
}

void PackedRecord::write(const fs::path& file, ComputeType compute, std::string_view head) {
  metadata_["format"] = packed_format;
  metadata_["version"] = packed_version;
  metadata_["byte_order"] = packed_byte_order();
  metadata_["compute"] = name(compute);
  metadata_["head"] = head;
  write_safetensors(file, tensors_, metadata_);
}

}  // namespace attend
