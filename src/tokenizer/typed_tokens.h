// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Special tokens that somebody typed into a text. In the reference only Marian's class, which is
// one of Python, counts them in the special-tokens mask.
#pragma once

#include "tokenizer/parts.h"

namespace attend {

/// Marks them in the mask of these tokens, where the tokenizer does so.
inline void mark_typed_tokens(const TokenizerParts& parts, const EncodeOptions& options,
                              Range tokens, Encoding& encoding) {
  if (!parts.marks_typed_tokens || !options.add_special_tokens) return;
  for (Index i = tokens.begin; i < tokens.end; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const TokenId id = encoding.ids[at];
    const AddedToken* const token = parts.added_tokens.token(id);
    const bool is_special = token != nullptr && token->special;
    encoding.special_tokens_mask[at] = is_special && id != parts.special_tokens.unk ? 1 : 0;
  }
}

}  // namespace attend
