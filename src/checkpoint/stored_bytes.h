// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Little-endian integers at any place of a file's bytes. Whoever reads asks first whether they are
// there.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace attend {

static_assert(std::endian::native == std::endian::little, "integers are read as they lie");

/// A file's bytes.
class StoredBytes {
 public:
  explicit StoredBytes(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  /// Whether `count` bytes lie at `at`; no sum that could wrap.
  [[nodiscard]] bool has(std::uint64_t at, std::uint64_t count) const noexcept {
    return at <= bytes_.size() && count <= bytes_.size() - at;
  }

  /// Requires has(at, sizeof(T)).
  template <class T>
  [[nodiscard]] T load(std::uint64_t at) const noexcept {
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }

  /// Requires has(at, count).
  [[nodiscard]] std::span<const std::byte> slice(std::uint64_t at,
                                                 std::uint64_t count) const noexcept {
    return bytes_.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count));
  }
  [[nodiscard]] std::string_view text(std::uint64_t at, std::uint64_t count) const noexcept {
    return {reinterpret_cast<const char*>(bytes_.data()) + at, static_cast<std::size_t>(count)};
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace attend
