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
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "attend/core/error.h"

namespace attend {
namespace {

using Entry = std::pair<const std::string, TensorRef>;

// A file under a temporary name, which goes away unless it was committed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target) : target_(target) {
    static std::atomic<unsigned> counter{0};  // threads of one process write the same file, too
    temporary_ = target;
    temporary_ += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail_system();
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
        fail_system();
      }
      from += done;
      size -= static_cast<std::size_t>(done);
    }
  }

  void commit() {
    if (::fsync(descriptor_) != 0) fail_system();
    const int closed = ::close(descriptor_);
    descriptor_ = -1;
    if (closed != 0 || ::rename(temporary_.c_str(), target_.c_str()) != 0) fail_system();
    committed_ = true;
  }

 private:
  [[noreturn]] void fail_system() const {
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG || error == EMFILE;
    fail(error == ENOENT ? ErrorKind::file_not_found
         : full          ? ErrorKind::resource_limit
                         : ErrorKind::access_denied,
         {.where = "write_safetensors",
          .what = "cannot write: " + std::generic_category().message(error),
          .file = target_.string()});
  }

  std::filesystem::path target_;
  std::filesystem::path temporary_;
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
  TemporaryFile out(file);
  out.write(&length, sizeof length);
  out.write(header.data(), header.size());
  for (const Entry* entry : order) out.write(entry->second.bytes, entry->second.size_bytes());
  out.commit();
}

}  // namespace attend
