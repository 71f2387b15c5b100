// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Builds safetensors bytes, right or wrong, from a header's text.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/tensor.h"

namespace attend::test {

/// Eight bytes of length, then what follows.
inline std::string with_length(std::uint64_t length, std::string_view rest) {
  std::string out(8, '\0');
  std::memcpy(out.data(), &length, 8);
  return out.append(rest);
}

/// A file of this header and so many zero bytes of data.
inline std::string safetensors(std::string_view header, std::size_t data = 0) {
  return with_length(header.size(), std::string(header) + std::string(data, '\0'));
}

/// The header's entry of one tensor.
inline std::string entry(std::string_view name, std::string_view dtype, std::string_view shape,
                         std::string_view offsets) {
  return '"' + std::string(name) + R"(": {"dtype": ")" + std::string(dtype) + R"(", "shape": )" +
         std::string(shape) + R"(, "data_offsets": )" + std::string(offsets) + "}";
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// Tensors that own their bytes, as write_safetensors takes them.
class TensorSet {
 public:
  void add(const std::string& name, DType dtype, Shape shape) {
    owned_.emplace_back(dtype, shape);
    refs_[name] = owned_.back().ref();
  }
  void add(const std::string& name, Shape shape, const std::vector<float>& values) {
    owned_.emplace_back(DType::f32, shape);
    std::memcpy(owned_.back().bytes(), values.data(), values.size() * sizeof(float));
    refs_[name] = owned_.back().ref();
  }
  [[nodiscard]] std::byte* bytes(std::size_t i) { return owned_[i].bytes(); }
  [[nodiscard]] const std::map<std::string, TensorRef, std::less<>>& refs() const { return refs_; }

 private:
  std::vector<Tensor> owned_;  // moving a Tensor does not move its bytes
  std::map<std::string, TensorRef, std::less<>> refs_;
};

}  // namespace attend::test
