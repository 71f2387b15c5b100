// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a folder that CrossEncoder saved says beside its config.json, as data.
#pragma once

#include <filesystem>
#include <string>

#include "task/sentence_files.h"

namespace attend {

struct CrossEncoderFiles {
  TransformerModule transformer;
  Prompts prompts;
  std::string activation;  ///< the path of a class, or empty
};

/// Reads modules.json and what it names, where versions from 5.4 on wrote them; all others have a
/// config.json alone. Throws: as read_sentence_modules(); unsupported for modules behind the
/// transformer.
/// Source: sentence-transformers 5.7 cross_encoder/model.py.
[[nodiscard]] CrossEncoderFiles read_cross_encoder(const std::filesystem::path& folder);

}  // namespace attend
