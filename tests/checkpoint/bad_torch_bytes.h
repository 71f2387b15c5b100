// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files of PyTorch around one piece that is wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attend/checkpoint/torch_file.h"
#include "checkpoint/bad_bytes.h"
#include "checkpoint/safetensors_bytes.h"
#include "support/torch_bytes.h"

namespace attend::test {

constexpr auto invalid = ErrorKind::invalid_format;
constexpr auto unsupported = ErrorKind::unsupported;
constexpr auto limit = ErrorKind::resource_limit;

inline const std::string zeros(24, '\0');  // the storage "0": six floats

// An archive around this pickle.
inline std::string archive(const std::string& pickle) {
  return torch_archive(pickle, {{"0", zeros}});
}
inline std::string value(const std::string& opcodes) { return archive(pickled::file(opcodes)); }
inline std::string raw(std::string_view pickle) { return archive(std::string(pickle)); }
inline std::string entry(const std::string& opcodes) {
  return value(pickled::dict({{"w.x", opcodes}}));
}

inline std::string storage() { return pickled::storage("FloatStorage", "0", 6); }
inline std::string layout(const pickled::Layout& layout) {
  return entry(pickled::tensor(storage(), layout));
}
inline std::string stored(const std::string& storage) {
  return entry(pickled::tensor(storage, {.shape = {6}, .strides = {1}}));
}
// A tensor with these arguments.
inline std::string rebuilt(const std::vector<std::string>& arguments) {
  return entry(pickled::call(pickled::global("torch._utils", "_rebuild_tensor_v2"), arguments));
}
inline std::string sound() { return layout({.shape = {2, 3}, .strides = {3, 1}}); }

// The same in Python's style, which is shorter.
inline std::string sound_python() {
  const std::string tensor = pickled::tensor(storage(), {.shape = {2, 3}, .strides = {3, 1}});
  return torch_archive(pickled::file(pickled::dict({{"w.x", tensor}})), {{"0", zeros}},
                       ZipStyle::python);
}
inline std::string global(std::string_view module, std::string_view name) {
  return value(pickled::global(module, name));
}

inline void expect_refused(const BadBytes& row) {
  expect_refused(row, "bad.bin", [](const std::string& bytes) {
    return TorchFile::parse(as_bytes(bytes), "bad.bin");
  });
}

}  // namespace attend::test
