// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Builds files of PyTorch: the pickle of a state dict and the zip archive around it, byte for byte
// as torch.save of PyTorch 2 writes them, and the pieces of which wrong ones are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/tensor.h"

namespace attend::test {

/// An integer as it lies in a file.
template <class T>
std::string little_endian(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// How an archive is written: as PyTorch does (aligned, sizes behind the data, end records of 64
/// bits) or as Python's zipfile does.
enum class ZipStyle : std::uint8_t { torch, python };

using ZipMember = std::pair<std::string, std::string>;  // name, content
[[nodiscard]] std::string zip_bytes(const std::vector<ZipMember>& members,
                                    ZipStyle style = ZipStyle::torch);

/// Opcodes of protocol 2 without a memo, to be put together by hand.
namespace pickled {
[[nodiscard]] std::string text(std::string_view value);
[[nodiscard]] std::string integer(std::int64_t value);
[[nodiscard]] std::string global(std::string_view module, std::string_view name);
[[nodiscard]] std::string tuple(const std::vector<std::string>& values);
[[nodiscard]] std::string integers(const std::vector<std::int64_t>& values);
/// Keys are texts.
[[nodiscard]] std::string dict(const std::vector<std::pair<std::string, std::string>>& items);
[[nodiscard]] std::string ordered_dict();
[[nodiscard]] std::string call(const std::string& function, const std::vector<std::string>& values);
[[nodiscard]] std::string storage(std::string_view type, std::string_view key, std::int64_t count);
/// Layout of a tensor; the storage is a pickled one.
struct Layout {
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};
[[nodiscard]] std::string tensor(const std::string& storage, const Layout& layout);
/// A whole pickle.
[[nodiscard]] std::string file(const std::string& value);
}  // namespace pickled

/// An archive with this data.pkl, these storages by key, and what else belongs to one.
[[nodiscard]] std::string torch_archive(const std::string& pickle,
                                        const std::map<std::string, std::string>& storages = {},
                                        ZipStyle style = ZipStyle::torch);

/// A state dict as torch.save writes it. Tensors of the same bytes pointer share their storage.
[[nodiscard]] std::string torch_file(const std::vector<std::pair<std::string, TensorRef>>& tensors);

}  // namespace attend::test
