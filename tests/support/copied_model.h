// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A copy of a golden folder that a test may change and write to.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "support/edited_model.h"
#include "support/golden.h"
#include "support/paths.h"

namespace attend::test {

class CopiedModel {
 public:
  explicit CopiedModel(std::string_view name) {
    std::filesystem::copy(golden(name), folder_.path(), std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  [[nodiscard]] std::filesystem::path file(std::string_view name) const {
    return folder_.path() / name;
  }

  /// Calls change(tensors by name) and writes what it leaves of the weights.
  template <class F>
  void change(const F& change) const {
    EditedModel edited(folder_.path());
    change(edited.tensors);
    std::filesystem::copy(edited.save() / "model.safetensors", folder_.path(),
                          std::filesystem::copy_options::overwrite_existing);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace attend::test
