// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes safetensors files: to a temporary name, flushed to the disk, then renamed.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "checkpoint/temporary_file.h"

namespace attend {
namespace {

using Entry = std::pair<const std::string, TensorRef>;
constexpr std::string_view where_write_safetensors = "write_safetensors";
constexpr std::size_t line = Tensor::alignment;

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
  // So that the data begins aligned: at a cache line, which is more than the reference does.
  constexpr std::size_t before = sizeof(std::uint64_t);
  text.resize((before + text.size() + line - 1) / line * line - before, ' ');
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
  TemporaryFile out(file, where_write_safetensors);
  out.write(&length, sizeof length);
  out.write(header.data(), header.size());
  for (const Entry* entry : order) out.write(entry->second.bytes, entry->second.size_bytes());
  out.flush();
  out.commit();
}

}  // namespace attend
