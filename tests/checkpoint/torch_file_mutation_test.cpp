// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every cut and thousands of changed bytes of sound files of PyTorch.
#include <gtest/gtest.h>

#include <random>

#include "checkpoint/bad_torch_bytes.h"
#include "support/paths.h"

namespace attend::test {
namespace {

TEST(TorchFileMutation, SoundBytesAreSound) {
  for (const std::string& bytes : {sound(), sound_python()}) {
    EXPECT_EQ(TorchFile::parse(as_bytes(bytes), "good.bin").tensors().size(), 1U);
  }
}

// The outcome of bytes that may be anything: an Error, or tensors that can be read to the last
// byte.
bool is_refused(std::string_view bytes) {
  // A copy without room behind it, so that a sanitizer sees what is read beyond the end.
  const std::vector<std::byte> exact(as_bytes(bytes).begin(), as_bytes(bytes).end());
  const auto error = error_of([&] {
    const auto file = TorchFile::parse(exact, "mutated.bin");
    std::vector<float> values;
    for (const auto& [name, tensor] : file.tensors()) {
      values.resize(static_cast<std::size_t>(tensor.shape.count()));
      to_float(tensor.dtype, tensor.bytes, values);
    }
    return 0;
  });
  if (error) {
    EXPECT_NE(error->kind(), ErrorKind::internal) << error->what();
  }
  return error.has_value();
}

std::vector<std::string> seeds() {
  const auto data = tests_folder() / "checkpoint/data";
  return {sound(), sound_python(), read_file(data / "protocol2.bin"),
          read_file(data / "protocol4.bin")};
}

TEST(TorchFileMutation, EveryCutIsRefused) {
  for (const std::string& bytes : seeds()) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_TRUE(is_refused(std::string_view(bytes).substr(0, size))) << size;
    }
  }
}

TEST(TorchFileMutation, EveryCutOfThePickleIsRefused) {
  const std::string pickle = pickled::file(
      pickled::dict({{"w.x", pickled::tensor(storage(), {.shape = {2, 3}, .strides = {3, 1}})}}));
  for (std::size_t size = 0; size < pickle.size(); ++size) {
    EXPECT_TRUE(is_refused(archive(pickle.substr(0, size)))) << size;
  }
}

TEST(TorchFileMutation, FlippedBytesAreResultsOrErrors) {
  std::mt19937_64 random(7);
  int refused = 0;
  int count = 0;
  for (const std::string& seed : seeds()) {
    for (int i = 0; i < 5000; ++i, ++count) {
      std::string bytes = seed;
      const std::size_t changes = 1 + random() % 3;
      for (std::size_t j = 0; j < changes; ++j) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      refused += is_refused(bytes) ? 1 : 0;
    }
  }
  EXPECT_GT(refused, count / 4);
  EXPECT_LT(refused, count);
}

}  // namespace
}  // namespace attend::test
