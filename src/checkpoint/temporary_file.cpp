// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files by the calls of POSIX, which can flush.
#include "checkpoint/temporary_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "attend/core/error.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_system(std::string_view where, const fs::path& file,
                              const std::error_code& error) {
  const int code = error.value();
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG || code == EMFILE;
  fail(code == ENOENT ? ErrorKind::file_not_found
       : full         ? ErrorKind::resource_limit
                      : ErrorKind::access_denied,
       {.where = std::string(where),
        .what = "cannot write: " + error.message(),
        .file = file.string()});
}

// The file that a path stands for, behind any symbolic links, whether it is there yet or not: a
// rename to the path itself would replace the link.
fs::path written_file(const fs::path& path, std::string_view where) {
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
  if (error && found.type() != fs::file_type::not_found) fail_system(where, path, error);
  fs::path file = path;
  constexpr int max_links = 64;  // which end, as status() found, unless somebody changes them now
  for (int i = 0; i < max_links && fs::is_symlink(fs::symlink_status(file, error)); ++i) {
    const fs::path target = fs::read_symlink(file, error);
    if (error) fail_system(where, path, error);
    file = file.parent_path() / target;
  }
  return file;
}

}  // namespace

TemporaryFile::TemporaryFile(const fs::path& target, std::string_view where)
    : where_(where), target_(written_file(target, where)) {
  static std::atomic<unsigned> counter{0};  // threads of one process write the same file, too
  const std::string prefix = ".tmp-" + std::to_string(::getpid()) + "-";
  // Killed writers leave theirs, and processes of other containers have the same numbers.
  constexpr int most_tries = 10'000;
  for (int i = 0; i < most_tries && descriptor_ < 0; ++i) {
    temporary_ = target_;
    temporary_ += prefix + std::to_string(counter++);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) break;
  }
  if (descriptor_ < 0) fail_errno(temporary_);
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!committed_) ::unlink(temporary_.c_str());
}

void TemporaryFile::write(const void* bytes, std::size_t size) {
  const auto* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t done = ::write(descriptor_, from, size);
    if (done < 0) {
      if (errno == EINTR) continue;
      fail_errno(temporary_);
    }
    from += done;
    size -= static_cast<std::size_t>(done);
  }
}

void TemporaryFile::flush() {
  if (::fsync(descriptor_) != 0) fail_errno(temporary_);
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0) fail_errno(temporary_);
}

void TemporaryFile::commit() {
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_errno(target_);
  committed_ = true;
}

void TemporaryFile::fail_errno(const fs::path& file) const {
  fail_system(where_, file, std::error_code(errno, std::generic_category()));
}

}  // namespace attend
