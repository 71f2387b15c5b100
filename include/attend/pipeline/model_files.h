// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Finds the folder of a model on this machine: a folder, a name below ATTEND_MODELS, the Hugging
// Face cache, the bundled defaults. Never the network.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"

namespace attend {

/// The folder of a model. Looks, in this order, for
///   1. the folder `name` itself;
///   2. `name` below the folder that the environment variable ATTEND_MODELS names;
///   3. `name` ("org/model" or "model") in the Hugging Face cache, whose place is HF_HUB_CACHE,
///      HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub or ~/.cache/huggingface/hub;
///   4. a bundled model of that name: "sentiment", "ner", "zero-shot", "embeddings",
///      "stories", "pronunciation".
/// `revision` is a branch, tag or commit of a model in that cache; "main" when empty.
/// Throws: file_not_found that lists where it looked; config_error for a revision that cannot be
/// one, or one of a folder.
[[nodiscard]] ATTEND_EXPORT std::filesystem::path find_model(std::string_view name,
                                                             std::string_view revision = {});

/// The folder of a bundled model: below ATTEND_MODELS, the build tree or the installed library.
/// Throws: file_not_found that lists where it looked.
[[nodiscard]] ATTEND_EXPORT std::filesystem::path find_bundled_model(std::string_view name);

/// Folders that may hold bundled models, whether they exist or not, in the order of search.
[[nodiscard]] ATTEND_EXPORT std::vector<std::filesystem::path> bundled_model_folders();

}  // namespace attend
