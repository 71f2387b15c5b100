// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What constructors of tokenizer classes change in a tokenizer, from whichever files it comes. They
// run when all tokens are added.
// Source: models/*/tokenization_*_fast.py of transformers 4.57.
#pragma once

#include "tokenizer/conversion.h"

namespace attend {

/// The options that BERT's family sets, whatever tokenizer.json says: do_lower_case is true unless
/// a file says otherwise.
[[nodiscard]] BertNormalizerOptions bert_options(const TokenizerConfig& config,
                                                 BertNormalizerOptions options);

void adjust_bert(const Conversion& in, TokenizerFile& file);
/// MPNet, Splinter, LayoutLMv2: ideographs are as tokenizer.json says.
void adjust_bert_but_chinese(const Conversion& in, TokenizerFile& file);
/// RoBERTa and its family: how offsets are trimmed.
void adjust_trims(const Conversion& in, TokenizerFile& file);
/// Llama, Gemma: bos before a text unless a file says otherwise, eos if it says so.
void adjust_llama(const Conversion& in, TokenizerFile& file);
/// Code Llama: besides, pairs are what stands before and behind a gap.
void adjust_code_llama(const Conversion& in, TokenizerFile& file);
/// GPT-NeoX: the same, but bos only if a file says so.
void adjust_gpt_neox(const Conversion& in, TokenizerFile& file);
void adjust_cohere(const Conversion& in, TokenizerFile& file);
void adjust_bloom(const Conversion& in, TokenizerFile& file);
void adjust_clip(const Conversion& in, TokenizerFile& file);
/// The language's token around a text; and the target side's.
void adjust_mbart(const Conversion& in, TokenizerFile& file);
void adjust_mbart50(const Conversion& in, TokenizerFile& file);
void adjust_nllb(const Conversion& in, TokenizerFile& file);
void adjust_seamless(const Conversion& in, TokenizerFile& file);
void adjust_m2m100(const Conversion& in, TokenizerFile& file);
void adjust_marian(const Conversion& in, TokenizerFile& file);

/// What every class does: add_prefix_space of the files counts for a ByteLevel that stands alone.
void adjust_prefix_space(const Conversion& in, TokenizerFile& file);

}  // namespace attend
