// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Opens a model folder's weights. Names of shards come from a file, so they are data of a
// stranger: they must stay inside the folder, or inside the cache that the folder is part of.
#include "attend/checkpoint/checkpoint.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "attend/core/error.h"
#include "checkpoint/checked_json.h"
#include "checkpoint/tensor_name.h"
#include "core/limits.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view where_checkpoint = "open checkpoint";
// In the order of transformers 4.57.
constexpr std::array names_looked_for{"model.safetensors", "model.safetensors.index.json",
                                      "pytorch_model.bin", "pytorch_model.bin.index.json"};

ErrorKind kind_of(const std::error_code& error) {
  return error == std::errc::permission_denied ? ErrorKind::access_denied
                                               : ErrorKind::file_not_found;
}

[[noreturn]] void fail_folder(const fs::path& folder, const std::error_code& error) {
  fail(kind_of(error), {.where = std::string(where_checkpoint),
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
  std::string names;
  for (const char* name : names_looked_for)
    names += (names.empty() ? "" : ", ") + std::string(name);
  fail(ErrorKind::file_not_found, {.where = std::string(where_checkpoint),
                                   .what = "weights",
                                   .expected = "one of " + names,
                                   .found = "none of them",
                                   .file = folder.string()});
}

// What the two kinds of files have in common.
template <class File>
const std::map<std::string, TensorRef, std::less<>>& tensors_of(const File& file) {
  return std::visit(
      [](const auto& one) -> const auto& { return one.tensors(); }, file);
}
template <class File>
const std::string& name_of(const File& file) {
  return std::visit(
      [](const auto& one) -> const auto& { return one.name(); }, file);
}

template <class File>
const MappedFile& mapped(const File& file) {
  return std::visit(
      [](const auto& one) -> const auto& { return *one.file(); }, file);
}

// Where a file would be written, behind links that need not lead anywhere yet.
fs::path behind_links(fs::path file) {
  std::error_code error;
  constexpr int max_links = 64;
  for (int i = 0; i < max_links && fs::is_symlink(fs::symlink_status(file, error)); ++i) {
    const fs::path target = fs::read_symlink(file, error);
    if (error) break;
    file = file.parent_path() / target;
  }
  return file;
}

}  // namespace

std::shared_ptr<const Checkpoint> Checkpoint::open(const fs::path& folder,
                                                   const SafetensorsOptions& options) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) fail_folder(folder, error);
  std::shared_ptr<Checkpoint> out(new Checkpoint);
  const auto* found = std::find_if(names_looked_for.begin(), names_looked_for.end(),
                                   [&](const char* name) { return has_entry(folder, name); });
  if (found == names_looked_for.end()) fail_missing(folder);
  out->name_ = *found;
  if (out->name_.ends_with(".index.json")) {
    out->open_shards(folder, options);
  } else {
    out->files_.push_back(open_file(folder / out->name_, options));
  }
  return out;
}

// As in transformers, the name alone says what a file is.
Checkpoint::File Checkpoint::open_file(const fs::path& file, const SafetensorsOptions& options) {
  if (file.extension() == ".safetensors") return Safetensors::open(file, options);
  return TorchFile::open(file, {.mode = options.mode, .max_tensors = options.max_tensors});
}

void Checkpoint::open_shards(const fs::path& folder, const SafetensorsOptions& options) {
  const JsonDocument index = read_json(
      folder / name_, {.where = where_checkpoint,
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
    files_.push_back(open_file(find_shard(folder, root, field), options));
    const auto& tensors = tensors_of(files_.back());
    for (const auto& [tensor, shard] : mapped) {
      if (!tensors.contains(tensor)) shard.reject("a shard that has this tensor");
    }
  }
  std::map<std::string_view, std::string_view> owners;  // file by tensor
  for (const File& file : files_) {
    for (const auto& [name, tensor] : tensors_of(file)) {
      const auto [owner, added] = owners.emplace(name, name_of(file));
      if (added) continue;
      fail(ErrorKind::invalid_format, {.where = std::string(where_checkpoint),
                                       .what = tensor_called(name),
                                       .expected = "it in one shard",
                                       .found = "it in " + std::string(owner->second) + " too",
                                       .file = name_of(file)});
    }
  }
}

std::optional<std::string> Checkpoint::part_of(const fs::path& folder, const fs::path& file) {
  const auto checkpoint = open(folder);
  std::error_code error;
  for (const File& part : checkpoint->files_) {
    if (fs::equivalent(name_of(part), file, error)) return fs::path(name_of(part)).filename();
  }
  const fs::path target = behind_links(file);
  const fs::path parent = target.parent_path();
  const bool is_here = fs::equivalent(folder, parent.empty() ? fs::path(".") : parent, error);
  const auto name = target.filename().string();
  const auto* known = std::find(names_looked_for.begin(), names_looked_for.end(), name);
  if (!is_here || known == names_looked_for.end()) return std::nullopt;
  return name;
}

std::optional<Checkpoint::Entry> Checkpoint::find(std::string_view name) const {
  for (const File& file : files_) {
    const auto& tensors = tensors_of(file);
    if (const auto found = tensors.find(name); found != tensors.end()) {
      return Entry{found->second, fs::path(name_of(file)).filename().string()};
    }
  }
  return std::nullopt;
}

std::uint64_t Checkpoint::file_bytes() const noexcept {
  std::uint64_t bytes = 0;
  for (const File& file : files_) bytes += mapped(file).bytes().size();
  return bytes;
}

std::uint64_t Checkpoint::copied_bytes() const noexcept {
  std::uint64_t bytes = 0;
  for (const File& file : files_) {
    const auto* torch = std::get_if<TorchFile>(&file);
    if (torch == nullptr) continue;
    for (const Tensor& copy : torch->copies()) bytes += copy.ref().size_bytes();
  }
  return bytes;
}

void Checkpoint::release(std::span<const std::byte> bytes) const noexcept {
  for (const File& file : files_) mapped(file).release(bytes);
}

void Checkpoint::release() const noexcept {
  for (const File& file : files_) mapped(file).release(mapped(file).bytes());
}

std::vector<std::string_view> Checkpoint::names() const {
  std::vector<std::string_view> out;
  for (const File& file : files_) {
    for (const auto& [name, tensor] : tensors_of(file)) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace attend
