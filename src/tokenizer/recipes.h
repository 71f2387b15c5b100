// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Recipes: how slow files become a tokenizer, a function for each way. A tokenizer class names the
// one that is its own.
// Source: convert_slow_tokenizer.py and models/*/tokenization_*.py of transformers 4.57.
#pragma once

#include <filesystem>

#include "tokenizer/conversion.h"
#include "tokenizer/slow_files.h"

namespace attend {

// WordPiece, from vocab.txt.
[[nodiscard]] SlowTokenizer bert_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer funnel_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer mpnet_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer splinter_recipe(const Conversion& in);

// BPE, from vocab.json and merges.txt.
[[nodiscard]] SlowTokenizer gpt2_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer roberta_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer blenderbot_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer deberta_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer qwen2_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer clip_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer openai_gpt_recipe(const Conversion& in);

// Unigram or BPE, from a model file of SentencePiece.
[[nodiscard]] SlowTokenizer albert_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer fnet_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer xlnet_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer rembert_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer big_bird_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer deberta_v2_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer barthez_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer camembert_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer xlm_roberta_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer xglm_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer mbart_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer mbart50_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer nllb_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer seamless_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer t5_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer udop_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer reformer_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer pegasus_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer llama_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer code_llama_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer gemma_recipe(const Conversion& in);

// Model files of SentencePiece, cut as its own library does, with ids from vocab.json.
[[nodiscard]] SlowTokenizer marian_recipe(const Conversion& in);
[[nodiscard]] SlowTokenizer m2m100_recipe(const Conversion& in);

/// Ranks of tiktoken, from tekken.json.
[[nodiscard]] SlowTokenizer tekken_recipe(const Conversion& in);

/// A file of ranks that has been read.
struct RanksFile {
  std::filesystem::path path;
  FileText content;
};
/// Ranks of tiktoken in a file of any class that has no other one.
[[nodiscard]] SlowTokenizer tiktoken_recipe(const Conversion& in, const RanksFile& file);

}  // namespace attend
