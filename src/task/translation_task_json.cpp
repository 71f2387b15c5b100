// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Keys are looked at in the order of the file.
#include "checkpoint/checked_json.h"
#include "core/limits.h"
#include "task/translation_task.h"

namespace attend {

constexpr std::string_view translation = "translation";

std::vector<std::string> translations_of(const std::filesystem::path& folder) {
  const JsonDocument document = read_json(folder / "config.json",
                                          {.where = "translation",
                                           .max_bytes = limits::config_bytes,
                                           .max_values = limits::config_values});
  std::vector<std::string> found;
  if (const auto tasks = document.root().find("task_specific_params")) {
    for (const auto& [task, settings] : tasks->members()) {
      if (task.starts_with(translation)) found.emplace_back(task);
    }
  }
  return found;
}

std::string default_translation(const std::filesystem::path& folder) {
  const auto found = translations_of(folder);
  return found.empty() ? std::string(translation) : found.front();
}

}  // namespace attend
