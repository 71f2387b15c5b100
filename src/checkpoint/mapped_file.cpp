// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Opens, checks and maps (or reads) a regular file.
#include "attend/checkpoint/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "attend/core/error.h"
#include "attend/core/tensor.h"

namespace attend {
namespace {

constexpr std::align_val_t alignment{Tensor::alignment};  // maps have more

struct Descriptor {
  int value;
  explicit Descriptor(int value_) : value(value_) {}
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

[[noreturn]] void fail_system(const std::filesystem::path& file, int error) {
  ErrorKind kind = ErrorKind::access_denied;
  if (error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG) {
    kind = ErrorKind::file_not_found;
  } else if (error == EMFILE || error == ENFILE || error == ENOMEM) {
    kind = ErrorKind::resource_limit;
  }
  fail(kind, {.where = "open file",
              .what = "cannot read: " + std::generic_category().message(error),
              .file = file.string()});
}

// Bytes of an open regular file.
std::size_t checked_size(int descriptor, const std::filesystem::path& file) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail_system(file, errno);
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorKind::invalid_format,
         {.where = "open file",
          .what = "type of the file",
          .expected = "a regular file",
          .found = S_ISDIR(status.st_mode) ? "a folder" : "a device, pipe or socket",
          .file = file.string()});
  }
  return static_cast<std::size_t>(status.st_size);
}

void read_all(int descriptor, const std::filesystem::path& file, std::span<std::byte> out) {
  for (std::size_t done = 0; done < out.size();) {
    const ssize_t got =
        ::pread(descriptor, out.data() + done, out.size() - done, static_cast<off_t>(done));
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (got == 0) {
      fail(ErrorKind::invalid_format, {.where = "open file",
                                       .what = "bytes of the file",
                                       .expected = std::to_string(out.size()),
                                       .found = std::to_string(done),
                                       .file = file.string(),
                                       .hint = "it shrank while it was read"});
    } else if (errno != EINTR) {
      fail_system(file, errno);
    }
  }
}

}  // namespace

MappedFile MappedFile::open(const std::filesystem::path& file, LoadMode mode,
                            std::uint64_t max_bytes) {
  // O_NONBLOCK: opening a FIFO that nobody writes to would hang; regular files do not care.
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.value < 0) fail_system(file, errno);
  const std::size_t size = checked_size(descriptor.value, file);
  if (size > max_bytes) {
    fail(ErrorKind::resource_limit, {.where = "open file",
                                     .what = "bytes of the file",
                                     .expected = "at most " + std::to_string(max_bytes),
                                     .found = std::to_string(size),
                                     .file = file.string()});
  }
  MappedFile out;
  out.mode_ = mode;
  if (size == 0) return out;
  if (mode == LoadMode::map) {
    void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.value, 0);
    if (memory == MAP_FAILED) fail_system(file, errno);
    out.bytes_ = {static_cast<const std::byte*>(memory), size};
    // Again, after the map: what is mapped beyond the file's end kills the process when touched.
    if (checked_size(descriptor.value, file) < size) fail_system(file, EIO);
    return out;
  }
  auto* memory = static_cast<std::byte*>(::operator new(size, alignment, std::nothrow));
  if (memory == nullptr) fail_system(file, ENOMEM);
  out.bytes_ = {memory, size};  // owned from here on
  read_all(descriptor.value, file, {memory, size});
  return out;
}

void MappedFile::release(std::span<const std::byte> bytes) const noexcept {
  if (mode_ != LoadMode::map || bytes_.empty() || bytes.empty()) return;
  const auto address = [](const std::byte* at) { return reinterpret_cast<std::uintptr_t>(at); };
  const std::uintptr_t file = address(bytes_.data());
  const std::uintptr_t begin = address(bytes.data());
  if (begin < file || begin - file >= bytes_.size()) return;
  // Whole pages: neighbours that share one are read again, too. Nobody writes to them, so nothing
  // is lost.
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = begin / page * page;
  ::madvise(reinterpret_cast<void*>(first), begin - first + bytes.size(), MADV_DONTNEED);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), mode_(other.mode_) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(mode_, other.mode_);
  return *this;
}

MappedFile::~MappedFile() {
  if (bytes_.empty()) return;
  auto* memory = const_cast<std::byte*>(bytes_.data());
  if (mode_ == LoadMode::map) {
    ::munmap(memory, bytes_.size());
  } else {
    ::operator delete(memory, alignment);
  }
}

}  // namespace attend
