// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What plain "translation" means in a folder.
#pragma once

#include <filesystem>
#include <string>

namespace attend {

/// The first task in config.json's task_specific_params whose name begins with "translation" (of T5
/// "translation_en_to_de"), or "translation". Source: pipeline() of transformers 4.57.
/// Throws: as reading config.json.
[[nodiscard]] std::string default_translation(const std::filesystem::path& folder);

}  // namespace attend
