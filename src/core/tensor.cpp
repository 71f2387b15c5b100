// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Allocation of tensors.
#include "attend/core/tensor.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "attend/core/error.h"

namespace attend {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20U;

// From here on memory is a map of its own: its pages are zero when they are first written to, by
// whichever thread does so, and huge ones take a fraction of the time and of the TLB. Sanitizers
// watch the bounds of what `new` gives, so they get that.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t smallest_map = std::numeric_limits<std::size_t>::max();
#else
constexpr std::size_t smallest_map = 2 * huge_page;
#endif

// A map that begins at a huge page, or null.
std::byte* map(std::size_t bytes) noexcept {
  const std::size_t reserved = bytes + huge_page;
  void* memory =
      ::mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<std::byte*>(memory);
  const std::size_t before =
      (huge_page - reinterpret_cast<std::uintptr_t>(begin) % huge_page) % huge_page;
  if (before > 0) ::munmap(begin, before);
  ::munmap(begin + before + bytes, huge_page - before);
  ::madvise(begin + before, bytes, MADV_HUGEPAGE);  // a wish
  return begin + before;
}

}  // namespace

Tensor::Memory Tensor::allocate(std::size_t bytes, Fill fill) noexcept {
  if (bytes >= smallest_map) {
    static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    bytes = (bytes + page - 1) / page * page;
    return Memory(map(bytes), Release(bytes));
  }
  void* memory = ::operator new (bytes, std::align_val_t{alignment}, std::nothrow);
  if (memory != nullptr && fill == Fill::zero) std::memset(memory, 0, bytes);
  return Memory(static_cast<std::byte*>(memory));
}

void Tensor::Release::operator()(std::byte* bytes) const noexcept {
  if (mapped_ != 0) {
    ::munmap(bytes, mapped_);
  } else {
    ::operator delete (bytes, std::align_val_t{alignment});
  }
}

Tensor::Tensor(DType dtype, Shape shape, Fill fill) : dtype_(dtype), shape_(shape) {
  const auto bytes = checked_product(shape.count(), static_cast<Index>(size_of(dtype)));
  constexpr Index most = std::numeric_limits<Index>::max() - static_cast<Index>(2 * huge_page);
  if (bytes && *bytes < most) {
    bytes_ = allocate(static_cast<std::size_t>(*bytes) + alignment, fill);  // room to read past rows
  }
  if (bytes_ == nullptr) {
    fail(ErrorKind::resource_limit,
         {.where = "Tensor",
          .what = "memory for a tensor of shape " + shape.to_string() + " and type " +
                  std::string(name(dtype)),
          .hint = "use a smaller model or a smaller batch, or free memory"});
  }
}

Tensor Tensor::clone() const {
  if (bytes_ == nullptr) return {};
  Tensor copy(dtype_, shape_, Fill::none);
  std::memcpy(copy.bytes(), bytes(), ref().size_bytes());
  return copy;
}

}  // namespace attend
