// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What takes the time is the first look at a page of a mapped file, which brings its neighbours
// along: samples of large tensors lie further apart than that.
#include "model/packed_fingerprint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace attend {
namespace {

constexpr std::size_t sample = 64;
constexpr std::size_t every = std::size_t{256} << 10U;
constexpr std::size_t most_whole = std::size_t{1} << 20U;

// A step of FNV-1a (Fowler, Noll, Vo), but of eight bytes, and with the upper half folded into the
// lower, without which two changes of signs would cancel out. Nobody is to be kept from forging it:
// whoever writes the file may write any weights.
std::uint64_t mixed(std::uint64_t hash, std::uint64_t number) {
  hash = (hash ^ number) * 0x9E3779B97F4A7C15U;
  return hash ^ hash >> 32U;
}

class Hash {
 public:
  void add(std::uint64_t number) { value_ = mixed(value_, number); }
  void add(std::span<const std::byte> bytes) {
    // Four at once, because a step waits for the one before.
    std::array<std::uint64_t, 4> lanes{1, 2, 3, 4};
    std::array<std::uint64_t, 4> words{};
    for (; bytes.size() >= sizeof words; bytes = bytes.subspan(sizeof words)) {
      std::memcpy(words.data(), bytes.data(), sizeof words);
      for (std::size_t i = 0; i < words.size(); ++i) lanes[i] = mixed(lanes[i], words[i]);
    }
    for (const std::uint64_t lane : lanes) add(lane);
    for (const std::byte byte : bytes) add(std::to_integer<std::uint64_t>(byte));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

void add_tensor(const TensorRef& tensor, Hash& hash) {
  hash.add(static_cast<std::uint64_t>(tensor.dtype));
  for (const Index extent : tensor.shape.extents()) hash.add(static_cast<std::uint64_t>(extent));
  const std::span bytes(tensor.bytes, tensor.size_bytes());
  if (bytes.size() <= most_whole) return hash.add(bytes);
  for (std::size_t at = 0; at < bytes.size(); at += every) {
    hash.add(bytes.subspan(at, std::min(sample, bytes.size() - at)));
  }
  hash.add(bytes.last(sample));
}

}  // namespace

std::string fingerprint_of(std::span<const StoredWeight> parts) {
  Hash hash;
  for (const StoredWeight& part : parts) {
    add_tensor(part.values, hash);
    if (part.row_scales) add_tensor(*part.row_scales, hash);
  }
  std::array<char, 16> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), hash.value(), 16).ptr;
  return {digits.data(), end};
}

}  // namespace attend
