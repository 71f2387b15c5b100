// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The JSON files of a cross-encoder's folder.
#include "task/cross_encoder_files.h"
#include "task/sentence_json.h"

namespace attend {

CrossEncoderFiles read_cross_encoder(const std::filesystem::path& folder) {
  constexpr TransformerOutput scores{
      .task = "sequence-classification", .model_output = "logits", .module_output = "scores"};
  CrossEncoderFiles files;
  files.transformer.folder = folder;
  const SentenceFolder saved(folder, "CrossEncoder");
  if (!saved.has_modules()) return files;
  bool found = false;
  for (const ModuleEntry& module : read_entries(folder, saved.modules())) {
    if (found || module.class_name != "Transformer") {
      module.type.reject(ErrorKind::unsupported, "sentence_transformers' Transformer alone");
    }
    files.transformer = read_transformer(module.folder, scores);
    found = true;
  }
  if (!found) saved.modules().reject(ErrorKind::unsupported, "a Transformer");
  if (const auto config = saved.config()) {
    read_prompts(*config, files.prompts);
    if (const auto path = config->find("activation_fn")) files.activation = path->string();
  }
  return files;
}

}  // namespace attend
