// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Summarization: what a text says, in fewer words.
#pragma once

#include "attend/task/text2text_generation.h"

namespace attend {

/// Shortens texts. The reference warns of a max_length that is below min_length or above the tokens
/// of the text; here as there both are no errors.
class ATTEND_EXPORT Summarization : public Text2TextGeneration {
 public:
  explicit Summarization(Generator generator);
  /// Throws: as Text2TextGeneration::load().
  [[nodiscard]] static Summarization load(const std::filesystem::path& folder,
                                          const ModelOptions& options = {});
};

}  // namespace attend
