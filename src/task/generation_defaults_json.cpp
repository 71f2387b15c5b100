// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a task begins with: its own defaults, those of a folder, and those that the folder has for
// the task.
#include <charconv>

#include "attend/model/architecture.h"
#include "attend/task/generator.h"
#include "checkpoint/checked_json.h"
#include "task/generation_fields.h"
#include "task/generation_fields_json.h"

namespace attend {
namespace {

constexpr Index usual_max_length = 20;

// What the reference takes for unset: values that are the defaults of GenerationConfig.
GenerationConfig without_defaults(GenerationConfig config) {
  const GenerationConfig defaults = default_generation_config();
  for_each_field([&](std::string_view, auto field) {
    if (config.*field == defaults.*field) (config.*field).reset();
  });
  return config;
}

GenerationConfig of_class(const std::filesystem::path& folder) {
  const ModelConfig config = read_config(folder);
  // read_config() has refused a model_type that is not in the registry.
  const ClassTokens& tokens = find_architecture(config.model_type)->class_tokens;
  GenerationConfig out;
  out.bos_token_id = tokens.bos;
  if (tokens.eos) out.eos_token_id = std::vector<TokenId>{*tokens.eos};
  if (tokens.forced_eos) out.forced_eos_token_id = std::vector<TokenId>{*tokens.forced_eos};
  out.pad_token_id = config.pad_token_id;
  if (config.decoder_start_token_id != no_token) {
    out.decoder_start_token_id = config.decoder_start_token_id;
  }
  return out;
}

GenerationConfig with_task_defaults(const GenerationConfig& folder, const GenerationConfig& task) {
  const GenerationConfig own = without_defaults(folder);
  GenerationConfig out = merged(without_defaults(task), own);
  if (out.max_new_tokens == task.max_new_tokens &&
      own.max_length.value_or(usual_max_length) != usual_max_length) {
    out.max_new_tokens.reset();
  }
  if (out.temperature == 0.0) out.do_sample = false;
  return out;
}

// generate() fills what is unset once more from a folder whose file says 4.50 or nothing: then
// values of the task that are defaults of GenerationConfig do not count.
bool fills_again(const std::filesystem::path& folder) {
  const auto file = folder / "generation_config.json";
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return true;
  const JsonDocument document = read_json(file, generation_json_options());
  const auto version = document.root().find("transformers_version");
  if (!version) return true;
  const std::string text = version->string();
  int major = 0;
  int minor = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, major);
  if (read.ec == std::errc() && read.ptr != end) std::from_chars(read.ptr + 1, end, minor);
  return major > 4 || (major == 4 && minor >= 50);
}

}  // namespace

GenerationDefaults read_generation_defaults(const std::filesystem::path& folder,
                                            std::string_view task,
                                            const GenerationConfig& task_defaults) {
  const GenerationConfig own = read_generation_config(folder, of_class(folder));
  if (task.empty()) return {.config = own};
  GenerationDefaults out{.config = with_task_defaults(own, task_defaults)};
  const JsonDocument document = read_json(folder / "config.json", generation_json_options());
  const JsonField root = document.root();
  const auto read_prefix = [&](const JsonField& from) {
    const auto prefix = from.get("prefix");
    if (prefix) out.prefix = prefix->is_null() ? std::string() : std::string(prefix->string());
  };
  read_prefix(root);
  const auto tasks = root.find("task_specific_params");
  if (const auto params = tasks ? tasks->find(task) : std::nullopt) {
    out.config = merged(without_outputs(read_generation_fields(*params)), out.config);
    read_prefix(*params);
  }
  if (fills_again(folder)) {
    out.config = merged(without_defaults(out.config), without_defaults(own));
  }
  return out;
}

}  // namespace attend
