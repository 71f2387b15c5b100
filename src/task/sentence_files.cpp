// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Prompts and activations by their names.
#include "task/sentence_files.h"

#include <array>
#include <utility>

#include "attend/core/error.h"

namespace attend {

std::string Prompts::choose(const std::optional<std::string>& prompt,
                            const std::optional<std::string>& name, std::string_view where) const {
  if (prompt) return *prompt;
  const std::optional<std::string>& chosen = name ? name : default_name;
  if (!chosen) return {};
  if (const auto found = texts.find(*chosen); found != texts.end()) return found->second;
  std::string known;
  for (const auto& [key, text] : texts) {
    known += (known.empty() ? "one of " : ", ") + quote(key);
  }
  fail(ErrorKind::config_error,
       {.where = std::string(where),
        .what = "prompt_name",
        .expected = known.empty() ? "none, as the folder has no prompts" : known,
        .found = quote(*chosen)});
}

std::optional<Activation> find_torch_activation(std::string_view path) noexcept {
  constexpr std::array<std::pair<std::string_view, Activation>, 6> known{{
      {"Identity", Activation::none},
      {"Tanh", Activation::tanh},
      {"ReLU", Activation::relu},
      {"GELU", Activation::gelu},
      {"SiLU", Activation::silu},
      {"Sigmoid", Activation::sigmoid},
  }};
  if (!path.starts_with("torch.nn.")) return std::nullopt;
  const std::string_view wanted = path.substr(path.rfind('.') + 1);
  for (const auto& [name, activation] : known) {
    if (name == wanted) return activation;
  }
  return std::nullopt;
}

}  // namespace attend
