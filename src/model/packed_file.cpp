// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The checks of what a file says against what packing would have made.
#include "model/packed_file.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "attend/core/error.h"
#include "attend/model/packed_file.h"
#include "checkpoint/tensor_name.h"
#include "model/packed_fingerprint.h"

namespace attend {
namespace {

std::string_view find(const Safetensors& file, std::string_view key) {
  const auto found = file.metadata().find(key);
  return found == file.metadata().end() ? std::string_view() : std::string_view(found->second);
}

// A path as one word of a shell.
std::string shell_word(const std::filesystem::path& path) {
  const std::string text = path.string();
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+,:@").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The command that makes the file anew.
std::string command_of(const PackedSource& source) {
  std::string out = "attend pack --model " + shell_word(source.folder) + " --dtype " +
                    std::string(name(source.compute));
  if (source.is_named) out += " --output " + shell_word(source.file);
  if (source.extra_tensors == ExtraTensors::ignore) out += " --ignore-extra-tensors";
  return out;
}

std::string way_without(const PackedSource& source) {
  return source.is_named
             ? "leave --packed and ModelOptions::packed_file out to load the model without it"
             : "--no-packed and ModelOptions::packed load the model without it";
}

std::string remedy_of(const PackedSource& source) {
  return "pack the model again (`" + command_of(source) +
         " --force`, pack_model()) or delete the file; " + way_without(source);
}

// Where no packed weights are: what packing may not replace has to go first, unless it is something
// else that was named by mistake.
std::string remedy_of_other(const PackedSource& source) {
  if (source.is_named) return "name a file that `attend pack` made; " + way_without(source);
  return "delete the file, and make another with `" + command_of(source) + "`; " +
         way_without(source);
}

// Packing anew would break it for those that load the type which it has.
std::string remedy_of_type(const PackedSource& source) {
  if (!source.is_named) return remedy_of(source);
  return "name a file for this type, or load the model with the type that this one is for; " +
         way_without(source);
}

// What an error of the reader lacks is what to do.
Safetensors open_file(const PackedSource& source) {
  try {
    return Safetensors::open(source.file, {.mode = source.mode});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid_format && error.kind() != ErrorKind::unsupported) throw;
    ErrorDetail detail = error.detail();
    detail.hint = remedy_of_other(source);
    throw Error(error.kind(), std::move(detail));
  }
}

}  // namespace

std::string packed_file_name(ComputeType compute) {
  return "attend." + std::string(name(compute)) + ".packed";
}

std::optional<PackedFile> open_packed(const std::filesystem::path& folder,
                                      const ModelOptions& options, LoadMode mode) {
  PackedSource source{.file = options.packed_file,
                      .folder = folder,
                      .is_named = !options.packed_file.empty(),
                      .mode = mode,
                      .compute = options.compute,
                      .extra_tensors = options.extra_tensors};
  const bool is_wanted = options.packed != PackedWeights::never && !options.check_finite;
  if (source.is_named) {
    if (is_wanted) return PackedFile(source);
    fail(ErrorKind::config_error, {.where = "load_model",
                                   .what = "ModelOptions::packed_file",
                                   .expected = "no file with PackedWeights::never or check_finite",
                                   .found = quote(options.packed_file.string())});
  }
  if (!is_wanted) return std::nullopt;
  // A link that leads nowhere is an error, as it is where weights are looked for.
  source.file = folder / packed_file_name(options.compute);
  std::error_code ignored;
  const auto type = std::filesystem::symlink_status(source.file, ignored).type();
  if (type == std::filesystem::file_type::not_found) return std::nullopt;
  return PackedFile(source);
}

PackedFile::PackedFile(const PackedSource& source)
    : file_(open_file(source)),
      remedy_(is_packed_file(file_) ? remedy_of(source) : remedy_of_other(source)) {
  const auto require = [&](std::string_view key, std::string_view expected, ErrorKind kind) {
    const std::string_view found = find(file_, key);
    if (found == expected) return;
    fail_packed(
        kind,
        {.what = "metadata " + quote(key), .expected = quote(expected), .found = quote(found)});
  };
  require("format", packed_format, ErrorKind::invalid_format);
  require("version", packed_version, ErrorKind::unsupported);
  if (find(file_, "byte_order") != packed_byte_order()) {
    fail_packed(ErrorKind::unsupported,
                {.what = "byte order of the machine that packed the weights",
                 .expected = quote(packed_byte_order()) + ", that of this one",
                 .found = quote(find(file_, "byte_order"))});
  }
  const std::string remedy = std::exchange(remedy_, remedy_of_type(source));
  require("compute", name(source.compute), ErrorKind::invalid_format);
  remedy_ = remedy;
  head_ = find(file_, "head");
}

void PackedFile::fail_packed(ErrorKind kind, ErrorDetail detail) const {
  detail.where = "load_model";
  detail.file = file_.name();
  detail.hint = remedy_;
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

PackedLinear::Values PackedFile::take(const std::string& name, const PackedLinear& plan) {
  const PackedLinear::Values wanted = plan.values();
  return {take_tensor(name + ".panels", wanted.panels),
          take_tensor(name + ".scales", wanted.scales), take_tensor(name + ".sums", wanted.sums)};
}

void PackedFile::check_source(const std::string& name, std::span<const StoredWeight> parts) const {
  const std::string expected = fingerprint_of(parts);
  const std::string_view found = find(file_, name + ".panels");
  if (found == expected) return;
  fail_packed(ErrorKind::weight_value, {.what = "fingerprint of the weights that " +
                                                tensor_called(name + ".panels") + " was made of",
                                        .expected = expected + ", that of the checkpoint",
                                        .found = quote(found)});
}

void PackedFile::compare(const PackedRecord& anew) const {
  // Structure and fingerprints were compared when a model was loaded from the file.
  for (const auto& [name, expected] : anew.tensors()) {
    const auto found = file_.find(name);
    const bool is_same = found && found->dtype == expected.dtype &&
                         found->shape == expected.shape &&
                         std::memcmp(found->bytes, expected.bytes, expected.size_bytes()) == 0;
    if (is_same) continue;
    fail_packed(ErrorKind::weight_value, {.what = tensor_called(name),
                                          .expected = "the bytes that packing makes",
                                          .found = found ? "others" : "no such tensor"});
  }
}

void PackedFile::finish(std::span<const std::string_view> without) const {
  for (const auto& [name, tensor] : file_.tensors()) {
    const auto begins = [&whole = name](std::string_view part) { return whole.starts_with(part); };
    if (taken_.contains(name) || std::any_of(without.begin(), without.end(), begins)) continue;
    fail_packed(ErrorKind::weight_shape, {.what = "tensors that this model does not have",
                                          .expected = "none",
                                          .found = quote(std::string_view(name))});
  }
}

}  // namespace attend
