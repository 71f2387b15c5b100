// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Opens a model folder's weights. Names of shards come from a file, so they are data of a
// stranger: they must stay inside the folder, or inside the cache that the folder is part of.
#include "attend/checkpoint/checkpoint.h"

#include <algorithm>
#include <map>
#include <utility>

#include "attend/core/error.h"
#include "checkpoint/checked_json.h"
#include "core/limits.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view where = "open checkpoint";
constexpr const char* single_name = "model.safetensors";
constexpr const char* index_name = "model.safetensors.index.json";

ErrorKind kind_of(const std::error_code& error) {
  return error == std::errc::permission_denied ? ErrorKind::access_denied
                                               : ErrorKind::file_not_found;
}

[[noreturn]] void fail_folder(const fs::path& folder, const std::error_code& error) {
  fail(kind_of(error), {.where = std::string(where),
                        .what = "model folder",
                        .expected = "a folder",
                        .found = error ? error.message() : "a file",
                        .file = folder.string()});
}

// Whether the folder has an entry of this name; a link that leads nowhere is one, because that is
// an error of its own and not a missing file.
bool has_entry(const fs::path& folder, const char* name) {
  std::error_code error;
  const fs::file_type type = fs::symlink_status(folder / name, error).type();
  if (type == fs::file_type::none) fail_folder(folder, error);  // it may not be looked into
  return type != fs::file_type::not_found;
}

// The folder that shards may not leave. A snapshot of the Hugging Face cache is a folder of links
// to ../../blobs, so there it is the whole folder of that repository.
fs::path allowed_root(const fs::path& folder) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error) fail_folder(folder, error);
  const fs::path repository = real.parent_path().parent_path();
  const bool cached = real.parent_path().filename() == "snapshots" &&
                      repository.filename().string().starts_with("models--");
  return cached ? repository : real;
}

bool is_inside(const fs::path& file, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first == root.end();
}

fs::path find_shard(const fs::path& folder, const fs::path& root, const JsonField& field) {
  const std::string& name = field.string();
  const fs::path relative(name);
  const bool drive = name.size() > 1 && name[1] == ':';
  if (name.empty() || name.find('\0') != std::string::npos) field.reject("the name of a file");
  if (relative.is_absolute() || drive || name.find('\\') != std::string::npos ||
      std::find(relative.begin(), relative.end(), "..") != relative.end()) {
    field.reject(ErrorKind::access_denied, "the name of a file in this folder");
  }
  std::error_code error;
  const fs::path real = fs::canonical(folder / relative, error);
  if (error) {
    field.reject(kind_of(error), "a file that is there", "download every file of the model");
  }
  if (!is_inside(real, root)) {
    field.reject(ErrorKind::access_denied, "a file in this folder, not a link that leads out of it",
                 "copy the file into the folder");
  }
  return folder / relative;
}

[[noreturn]] void fail_missing(const fs::path& folder) {
  std::error_code ignored;
  const bool pickle = fs::exists(folder / "pytorch_model.bin", ignored) ||
                      fs::exists(folder / "pytorch_model.bin.index.json", ignored);
  fail(pickle ? ErrorKind::unsupported : ErrorKind::file_not_found,
       {.where = std::string(where),
        .what = "weights",
        .expected = std::string(single_name) + " or " + index_name,
        .found = pickle ? "pytorch_model.bin only" : "neither",
        .file = folder.string(),
        .hint = pickle ? "convert it with save_pretrained(..., safe_serialization=True)" : ""});
}

}  // namespace

std::shared_ptr<const Checkpoint> Checkpoint::open(const fs::path& folder,
                                                   const SafetensorsOptions& options) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) fail_folder(folder, error);
  std::shared_ptr<Checkpoint> out(new Checkpoint);
  if (has_entry(folder, single_name)) {
    out->name_ = single_name;
    out->files_.push_back(Safetensors::open(folder / single_name, options));
    return out;
  }
  if (!has_entry(folder, index_name)) fail_missing(folder);
  out->name_ = index_name;
  out->open_shards(folder, options);
  return out;
}

void Checkpoint::open_shards(const fs::path& folder, const SafetensorsOptions& options) {
  const JsonDocument index = read_json(
      folder / index_name, {.where = where,
                            .field_error = ErrorKind::invalid_format,
                            .max_bytes = std::min(options.max_header_bytes, limits::index_bytes),
                            .max_values = options.max_tensors + 1000,
                            .duplicate_keys = DuplicateKeys::reject});
  const JsonField map = index.root().at("weight_map");
  std::map<std::string_view, std::vector<std::pair<std::string_view, JsonField>>> shards;
  for (const auto& [tensor, shard] : map.members()) {
    shards[shard.string()].emplace_back(tensor, shard);
  }
  if (shards.empty()) map.reject("a shard for every tensor");
  if (shards.size() > limits::index_files) {
    map.reject(ErrorKind::resource_limit,
               "at most " + std::to_string(limits::index_files) + " files");
  }
  const fs::path root = allowed_root(folder);
  for (const auto& [name, mapped] : shards) {
    const JsonField& field = mapped.front().second;
    files_.push_back(Safetensors::open(find_shard(folder, root, field), options));
    for (const auto& [tensor, shard] : mapped) {
      if (!files_.back().find(tensor)) shard.reject("a shard that has this tensor");
    }
  }
  std::map<std::string_view, std::string_view> owners;  // file by tensor
  for (const Safetensors& file : files_) {
    for (const auto& [name, tensor] : file.tensors()) {
      const auto [owner, added] = owners.emplace(name, file.name());
      if (added) continue;
      fail(ErrorKind::invalid_format, {.where = std::string(where),
                                       .what = "tensor " + quoted(std::string_view(name)),
                                       .expected = "it in one shard",
                                       .found = "it in " + std::string(owner->second) + " too",
                                       .file = file.name()});
    }
  }
}

std::optional<Checkpoint::Entry> Checkpoint::find(std::string_view name) const {
  for (const Safetensors& file : files_) {
    if (const auto tensor = file.find(name)) {
      return Entry{*tensor, fs::path(file.name()).filename().string()};
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> Checkpoint::names() const {
  std::vector<std::string_view> out;
  for (const Safetensors& file : files_) {
    for (const auto& [name, tensor] : file.tensors()) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace attend
