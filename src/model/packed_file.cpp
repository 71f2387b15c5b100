// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fingerprints, and the checks of what a file says against what packing would have made.
#include "model/packed_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "attend/core/error.h"
#include "attend/model/packed_file.h"

namespace attend {
namespace {

constexpr std::string_view where = "load_model";
constexpr std::string_view format = "attend packed weights";
constexpr std::string_view version = "1";
constexpr const char* remedy =
    "pack the model again (`attend pack --force`, pack_model()) or delete the file; "
    "ModelOptions::packed loads the model without it";

// FNV-1a (Fowler, Noll, Vo) in 64 bits: nobody is to be kept from forging it, whoever writes the
// file may write any weights.
class Fingerprint {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) {
      hash_ = (hash_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001B3U;
    }
  }
  void add(std::uint64_t number) { add(std::as_bytes(std::span(&number, 1))); }

  [[nodiscard]] std::string text() const {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash_, 16).ptr;
    return {digits.data(), end};
  }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325U;
};

void add_samples(const TensorRef& tensor, Fingerprint& print) {
  constexpr std::size_t sample = 64;
  constexpr std::size_t every = std::size_t{1} << 20U;
  print.add(static_cast<std::uint64_t>(tensor.dtype));
  for (const Index extent : tensor.shape.extents()) print.add(static_cast<std::uint64_t>(extent));
  const std::span bytes(tensor.bytes, tensor.size_bytes());
  for (std::size_t at = 0; at < bytes.size(); at += every) {
    print.add(bytes.subspan(at, std::min(sample, bytes.size() - at)));
  }
  print.add(bytes.last(std::min(sample, bytes.size())));
}

std::string fingerprint_of(std::span<const StoredWeight> parts) {
  Fingerprint print;
  for (const StoredWeight& part : parts) {
    add_samples(part.values, print);
    if (part.row_scales) add_samples(*part.row_scales, print);
  }
  return print.text();
}

std::string tensor_called(std::string_view name) { return "tensor " + quoted(name); }

// What an error of the reader lacks is what to do.
Safetensors open_file(const std::filesystem::path& file, LoadMode mode) {
  try {
    return Safetensors::open(file, {.mode = mode});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid_format && error.kind() != ErrorKind::unsupported) throw;
    ErrorDetail detail = error.detail();
    detail.hint = remedy;
    throw Error(error.kind(), std::move(detail));
  }
}

std::string_view find(const Safetensors& file, std::string_view key) {
  const auto found = file.metadata().find(key);
  return found == file.metadata().end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

std::string packed_file_name(ComputeType compute) {
  return "attend." + std::string(name(compute)) + ".packed";
}

// ---- writing

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

void PackedRecord::write(const std::filesystem::path& file, ComputeType compute,
                         std::string_view head) {
  metadata_["format"] = format;
  metadata_["version"] = version;
  metadata_["compute"] = name(compute);
  metadata_["head"] = head;
  write_safetensors(file, tensors_, metadata_);
}

// ---- reading

PackedFile::PackedFile(const std::filesystem::path& file, LoadMode mode, ComputeType compute)
    : file_(open_file(file, mode)) {
  const auto require = [&](std::string_view key, std::string_view expected, ErrorKind kind) {
    const std::string_view found = find(file_, key);
    if (found == expected) return;
    fail_packed(
        kind,
        {.what = "metadata " + quoted(key), .expected = quoted(expected), .found = quoted(found)});
  };
  require("format", format, ErrorKind::invalid_format);
  require("version", version, ErrorKind::unsupported);
  require("compute", name(compute), ErrorKind::invalid_format);
  head_ = find(file_, "head");
}

void PackedFile::fail_packed(ErrorKind kind, ErrorDetail detail) const {
  detail.where = where;
  detail.file = file_.name();
  detail.hint = remedy;
  fail(kind, std::move(detail));
}

TensorRef PackedFile::take_tensor(const std::string& name, const TensorRef& expected) {
  if (expected.shape.count() == 0) return {expected.dtype, expected.shape, nullptr};
  const auto found = file_.find(name);
  const auto printed = [](const TensorRef& tensor) {
    return std::string(attend::name(tensor.dtype)) + " " + tensor.shape.to_string();
  };
  if (!found) {
    fail_packed(
        ErrorKind::weight_missing,
        {.what = tensor_called(name), .expected = printed(expected), .found = "no such tensor"});
  }
  if (found->dtype != expected.dtype || found->shape != expected.shape) {
    fail_packed(
        ErrorKind::weight_shape,
        {.what = tensor_called(name), .expected = printed(expected), .found = printed(*found)});
  }
  const auto place = static_cast<std::size_t>(found->bytes - file_.file()->bytes().data());
  if (place % Tensor::alignment != 0) {
    fail_packed(ErrorKind::invalid_format,
                {.what = tensor_called(name) + ": place in the file",
                 .expected = "a multiple of " + std::to_string(Tensor::alignment),
                 .found = std::to_string(place)});
  }
  taken_.insert(name);
  return *found;
}

PackedLinear::Values PackedFile::take(const std::string& name, const PackedLinear& plan,
                                      std::span<const StoredWeight> parts) {
  const PackedLinear::Values wanted = plan.values();
  const PackedLinear::Values values{take_tensor(name + ".panels", wanted.panels),
                                    take_tensor(name + ".scales", wanted.scales),
                                    take_tensor(name + ".sums", wanted.sums)};
  const bool is_plan = std::any_of(parts.begin(), parts.end(), [](const StoredWeight& part) {
    return part.values.bytes == nullptr;
  });
  if (is_plan) return values;
  const std::string expected = fingerprint_of(parts);
  const std::string_view found = find(file_, name + ".panels");
  if (found == expected) return values;
  fail_packed(ErrorKind::weight_value, {.what = "fingerprint of the weights that " +
                                                tensor_called(name + ".panels") + " was made of",
                                        .expected = expected + ", that of the checkpoint",
                                        .found = quoted(found)});
}

void PackedFile::finish(bool with_head) const {
  for (const auto& [name, tensor] : file_.tensors()) {
    if (taken_.contains(name) || (!with_head && name.starts_with(packed_head))) continue;
    fail_packed(ErrorKind::weight_shape, {.what = "tensors that this model does not have",
                                          .expected = "none",
                                          .found = quoted(std::string_view(name))});
  }
}

}  // namespace attend
