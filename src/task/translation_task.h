// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The translations that a folder has settings for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace attend {

/// The tasks in config.json's task_specific_params whose names begin with "translation", in its
/// order: of T5 "translation_en_to_de" and others. Throws: as reading config.json.
[[nodiscard]] std::vector<std::string> translations_of(const std::filesystem::path& folder);

/// The first of them, or "translation". Source: pipeline() of transformers 4.57.
/// Throws: as reading config.json.
[[nodiscard]] std::string default_translation(const std::filesystem::path& folder);

}  // namespace attend
