// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes safetensors files: to a temporary name, flushed to the disk, then renamed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "attend/core/error.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

using Entry = std::pair<const std::string, TensorRef>;
constexpr std::string_view where = "write_safetensors";

[[noreturn]] void fail_system(const fs::path& file, const std::error_code& error) {
  const int code = error.value();
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG || code == EMFILE;
  fail(code == ENOENT ? ErrorKind::file_not_found
       : full         ? ErrorKind::resource_limit
                      : ErrorKind::access_denied,
       {.where = std::string(where),
        .what = "cannot write: " + error.message(),
        .file = file.string()});
}

/// The file that a path stands for, behind any symbolic links, whether it is there yet or not: a
/// rename to the path itself would replace the link.
/// Throws: access_denied where a folder, a device, a pipe or the like stands there.
fs::path written_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status found = fs::status(path, error);
  if (fs::exists(found) && !fs::is_regular_file(found)) {
    fail(ErrorKind::access_denied,
         {.where = std::string(where),
          .what = "the file to write",
          .expected = "a regular file or none",
          .found = fs::is_directory(found) ? "a folder" : "a device, a pipe or a socket",
          .file = path.string()});
  }
  // Links in a circle, a folder that may not be searched.
  if (error && found.type() != fs::file_type::not_found) fail_system(path, error);
  fs::path file = path;
  constexpr int max_links = 64;  // which end, as status() found, unless somebody changes them now
  for (int i = 0; i < max_links && fs::is_symlink(fs::symlink_status(file, error)); ++i) {
    const fs::path target = fs::read_symlink(file, error);
    if (error) fail_system(path, error);
    file = file.parent_path() / target;
  }
  return file;
}

// A file under a temporary name, which goes away unless it was committed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : target_(target) {
    static std::atomic<unsigned> counter{0};  // threads of one process write the same file, too
    temporary_ = target;
    temporary_ += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail_errno();
  }
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!committed_) ::unlink(temporary_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(const void* bytes, std::size_t size) {
    const auto* from = static_cast<const char*>(bytes);
    while (size > 0) {
      const ssize_t done = ::write(descriptor_, from, size);
      if (done < 0) {
        if (errno == EINTR) continue;
        fail_errno();
      }
      from += done;
      size -= static_cast<std::size_t>(done);
    }
  }

  void commit() {
    if (::fsync(descriptor_) != 0) fail_errno();
    const int closed = ::close(descriptor_);
    descriptor_ = -1;
    if (closed != 0 || ::rename(temporary_.c_str(), target_.c_str()) != 0) fail_errno();
    committed_ = true;
  }

 private:
  [[noreturn]] void fail_errno() const {
    fail_system(target_, std::error_code(errno, std::generic_category()));
  }

  fs::path target_;
  fs::path temporary_;
  int descriptor_ = -1;
  bool committed_ = false;
};

std::string make_header(const std::vector<const Entry*>& order,
                        const std::map<std::string, std::string, std::less<>>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  // emplace_back, not operator[]: a look-up in an ordered object is linear.
  auto& members = header.get_ref<nlohmann::ordered_json::object_t&>();
  if (!metadata.empty()) members.emplace_back("__metadata__", metadata);
  std::size_t offset = 0;
  for (const Entry* entry : order) {
    const auto& [name, tensor] = *entry;
    const auto extents = tensor.shape.extents();
    members.emplace_back(
        name, nlohmann::ordered_json{{"dtype", attend::name(tensor.dtype)},
                                     {"shape", std::vector<Index>(extents.begin(), extents.end())},
                                     {"data_offsets", {offset, offset + tensor.size_bytes()}}});
    offset += tensor.size_bytes();
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the data begins aligned
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& file,
                       const std::map<std::string, TensorRef, std::less<>>& tensors,
                       const std::map<std::string, std::string, std::less<>>& metadata) {
  std::vector<const Entry*> order;
  order.reserve(tensors.size());
  for (const auto& entry : tensors) order.push_back(&entry);
  // The widest types first, then by name, as the reference orders them: every tensor is aligned.
  std::stable_sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return size_of(a->second.dtype) > size_of(b->second.dtype);
  });
  const std::string header = make_header(order, metadata);
  const std::uint64_t length = header.size();
  TemporaryFile out(written_file(file));
  out.write(&length, sizeof length);
  out.write(header.data(), header.size());
  for (const Entry* entry : order) out.write(entry->second.bytes, entry->second.size_bytes());
  out.commit();
}

}  // namespace attend
