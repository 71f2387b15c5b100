// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Components as JSON text that tokenizers 0.22 reads: "null" for one that does nothing.
#pragma once

#include <string>
#include <string_view>

#include "tokenizer/parts.h"

namespace attend {

/// Throw: unsupported, when no component of the reference does what a step does.
[[nodiscard]] std::string write_normalizer(const Normalizer& normalizer);
[[nodiscard]] std::string write_pre_tokenizer(const PreTokenizer& pre_tokenizer);
[[nodiscard]] std::string write_post_processor(const Processor& processor,
                                               const Vocabulary& vocabulary);
[[nodiscard]] std::string write_decoder(const Decoder& decoder);
/// Throws: unsupported, naming what tokenizer.json cannot hold.
[[noreturn]] void refuse_to_write(std::string_view what);

}  // namespace attend
