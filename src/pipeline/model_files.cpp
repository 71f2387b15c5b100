// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where models lie on a machine. Every place that was looked at is remembered, so that the error
// says what to do.
#include "attend/pipeline/model_files.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>

#include "attend/core/error.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view where_model_files = "find_model";
constexpr std::array<std::string_view, 6> bundled_names{"sentiment",  "ner",     "zero-shot",
                                                        "embeddings", "stories", "pronunciation"};

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_model(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "config.json", ignored);
}

/// An environment variable that is set to something.
std::optional<fs::path> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return fs::path(value);
}

/// Letters, digits, '.', '_', '-' in parts between slashes, none of which leads elsewhere.
bool is_plain_name(std::string_view name, std::ptrdiff_t max_slashes) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
  if (name.empty() || name.size() > 256 || name.front() == '/' || name.back() == '/') return false;
  if (name.find_first_not_of(allowed) != std::string_view::npos) return false;
  if (std::count(name.begin(), name.end(), '/') > max_slashes) return false;
  const fs::path path(name);
  return std::none_of(path.begin(), path.end(), [](const fs::path& part) {
    return part.empty() || part == "." || part == "..";
  });
}

/// A path as messages print it: in full unless it is very long.
std::string printed(const fs::path& path) {
  const std::string text = path.string();
  return text.size() <= 1024 ? printable(text) : quote(text);
}

/// The places that were looked at, and the one way out when none has the model.
class FolderSearch {
 public:
  explicit FolderSearch(std::string_view name) : name_(name) {}

  /// Whether a model lies here.
  bool at(const fs::path& folder) {
    tried_ += (tried_.empty() ? "" : ", ") + printed(folder);
    return is_model(folder);
  }

  [[noreturn]] void fail_not_found() const {
    fail(ErrorKind::file_not_found,
         {.where = std::string(where_model_files),
          .what = "model " + quote(name_),
          .expected = "a folder with a config.json",
          .found = "none in " + tried_,
          .hint = std::string(name_.find('/') == std::string_view::npos
                                  ? "in the cache an owner is in front, as in "
                                    "facebook/bart-large-cnn; "
                                  : "") +
                  "name the folder of a model, or set ATTEND_MODELS to the folder of its folder; "
                  "nothing is downloaded"});
  }

 private:
  std::string_view name_;
  std::string tried_;
};

/// A path from the environment; "~" and "~/x" are below the home folder, as a shell that saw no
/// quotes would have had it.
std::optional<fs::path> environment_folder(const char* name) {
  const auto folder = environment(name);
  if (!folder || *folder->begin() != "~") return folder;
  const auto home = environment("HOME");
  return home ? *home / folder->lexically_relative("~") : folder;
}

/// Source: huggingface_hub 0.36 constants.py.
std::optional<fs::path> hub_cache() {
  for (const char* variable : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (auto folder = environment_folder(variable)) return folder;
  }
  if (const auto home = environment_folder("HF_HOME")) return *home / "hub";
  if (const auto cache = environment_folder("XDG_CACHE_HOME"))
    return *cache / "huggingface" / "hub";
  if (const auto home = environment("HOME")) return *home / ".cache" / "huggingface" / "hub";
  return std::nullopt;
}

/// The commit that a branch or tag of a cached model stands for, else the revision itself.
std::string commit_of(const fs::path& repository, const std::string& revision) {
  std::ifstream file(repository / "refs" / revision);
  std::string commit(64, '\0');  // a commit has 40 digits
  file.read(commit.data(), static_cast<std::streamsize>(commit.size()));
  commit.resize(static_cast<std::size_t>(file.gcount()));
  while (!commit.empty() && (commit.back() == '\n' || commit.back() == '\r')) commit.pop_back();
  return is_plain_name(commit, 0) ? commit : revision;
}

std::optional<fs::path> find_cached(std::string_view name, const std::string& revision,
                                    FolderSearch& search) {
  const auto cache = hub_cache();
  if (!cache) return std::nullopt;
  std::string folder = "models--" + std::string(name);
  if (const auto slash = folder.find('/'); slash != std::string::npos) {
    folder.replace(slash, 1, "--");
  }
  const fs::path repository = *cache / folder;
  const fs::path snapshot = repository / "snapshots" / commit_of(repository, revision);
  if (search.at(snapshot)) return snapshot;
  return std::nullopt;
}

std::optional<fs::path> find_bundled(std::string_view name, FolderSearch& search) {
  for (const fs::path& folder : bundled_model_folders()) {
    if (search.at(folder / name)) return folder / name;
  }
  return std::nullopt;
}

/// The file that this code was linked into: the shared library, or the program.
std::optional<fs::path> own_file() {
  Dl_info info{};
  const auto* address = reinterpret_cast<const void*>(&bundled_model_folders);
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return std::nullopt;
  std::error_code error;
  fs::path file = fs::canonical(info.dli_fname, error);
  if (error) return std::nullopt;
  return file;
}

std::optional<fs::path> program_file() {
  std::error_code error;
  fs::path file = fs::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  return file;
}

}  // namespace

std::vector<fs::path> bundled_model_folders() {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& folder) {
    if (std::find(folders.begin(), folders.end(), folder) == folders.end()) {
      folders.push_back(folder);
    }
  };
  if (const auto models = environment("ATTEND_MODELS")) add(*models);
  // An installed prefix may have been moved: PREFIX/bin, PREFIX/lib or PREFIX/lib/x86_64-linux-gnu.
  for (const auto& file : {own_file(), program_file()}) {
    if (!file) continue;
    for (const fs::path& up : {fs::path(".."), fs::path("..") / ".."}) {
      add((file->parent_path() / up / "share" / "attend" / "models").lexically_normal());
    }
  }
  add(ATTEND_SOURCE_MODELS);     // the build tree
  add(ATTEND_INSTALLED_MODELS);  // a static library, in a program that lies anywhere
  return folders;
}

fs::path find_bundled_model(std::string_view name) {
  FolderSearch search(name);
  if (is_plain_name(name, 0)) {
    if (auto folder = find_bundled(name, search)) return *folder;
  }
  search.fail_not_found();
}

fs::path find_model(std::string_view name, std::string_view revision) {
  const std::string wanted(revision.empty() ? "main" : revision);
  if (!is_plain_name(wanted, 8)) {
    fail(ErrorKind::config_error, {.where = std::string(where_model_files),
                                   .what = "revision",
                                   .expected = "a branch, a tag or a commit",
                                   .found = quote(revision)});
  }
  if (is_folder(name)) {
    if (revision.empty()) return name;
    fail(ErrorKind::config_error,
         {.where = std::string(where_model_files),
          .what = "revision " + quote(revision),
          .expected = "none for a folder; the Hugging Face cache has revisions",
          .found = "the folder " + quote(name)});
  }
  FolderSearch search(name);
  (void)search.at(name);  // for the message
  if (is_plain_name(name, 1)) {
    if (const auto models = environment("ATTEND_MODELS"); models && revision.empty()) {
      if (search.at(*models / name)) return *models / name;
    }
    if (auto folder = find_cached(name, wanted, search)) return *folder;
    const bool bundled =
        std::find(bundled_names.begin(), bundled_names.end(), name) != bundled_names.end();
    if (bundled && revision.empty()) {
      if (auto folder = find_bundled(name, search)) return *folder;
    }
  }
  search.fail_not_found();
}

}  // namespace attend
