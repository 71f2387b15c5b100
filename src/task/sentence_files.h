// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What embedders and cross-encoders have in common in their folders: a transformer, prompts, names
// of torch's activations.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "attend/core/shape.h"
#include "attend/ops/activation.h"

namespace attend {

/// The Transformer module.
struct TransformerModule {
  std::filesystem::path folder;  ///< of its config.json, weights and tokenizer
  std::optional<Index> max_seq_length;
  bool do_lower_case = false;
};

/// What stands before texts, by name.
struct Prompts {
  std::map<std::string, std::string> texts;
  std::optional<std::string> default_name;

  /// `prompt`, else the one that is named, else the default, else nothing.
  /// Throws: config_error that lists the names when there is none of this name.
  [[nodiscard]] std::string choose(const std::optional<std::string>& prompt,
                                   const std::optional<std::string>& name,
                                   std::string_view where) const;
};

/// The function of a class of torch.nn by its full name ("torch.nn.modules.activation.Tanh"), or
/// nothing for those that are not known here.
[[nodiscard]] std::optional<Activation> find_torch_activation(std::string_view path) noexcept;
/// What is known, for messages.
inline constexpr std::string_view torch_activations =
    "the full name of torch.nn's Identity, Tanh, ReLU, GELU, SiLU or Sigmoid";

}  // namespace attend
