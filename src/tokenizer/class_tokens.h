// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The special tokens of tokenizer classes and the forms in which their constructors take them, by
// role: bos, eos, unk, sep, pad, cls, mask.
#pragma once

#include <string_view>

#include "tokenizer/tokenizer_class.h"

namespace attend::class_tokens {

using Contents = ByRole<std::string_view>;
inline constexpr Contents none_of_its_own = {};
inline constexpr Contents bert_tokens = {"", "", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"};
inline constexpr Contents roberta_tokens = {"<s>",   "</s>", "<unk>", "</s>",
                                            "<pad>", "<s>",  "<mask>"};
inline constexpr Contents mbart50_tokens = {"", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"};
inline constexpr Contents maskless_tokens = {"<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", ""};
inline constexpr Contents mpnet_tokens = {"<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"};
inline constexpr Contents xlnet_tokens = {"<s>",   "</s>",  "<unk>", "<sep>",
                                          "<pad>", "<cls>", "<mask>"};
inline constexpr Contents albert_tokens = {"[CLS]", "[SEP]", "<unk>", "[SEP]",
                                           "<pad>", "[CLS]", "[MASK]"};
inline constexpr Contents deberta_tokens = {"[CLS]", "[SEP]", "[UNK]", "[SEP]",
                                            "[PAD]", "[CLS]", "[MASK]"};
inline constexpr Contents fnet_tokens = {"", "", "<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]"};
inline constexpr Contents big_bird_tokens = {"<s>",   "</s>",  "<unk>", "[SEP]",
                                             "<pad>", "[CLS]", "[MASK]"};
inline constexpr Contents t5_tokens = {"", "</s>", "<unk>", "", "<pad>", "", ""};
inline constexpr Contents udop_tokens = {"", "</s>", "<unk>", "</s>", "<pad>", "", ""};
inline constexpr Contents reformer_tokens = {"", "</s>", "<unk>", "", "", "", ""};
inline constexpr Contents pegasus_tokens = {"", "</s>", "<unk>", "", "<pad>", "", "<mask_2>"};
inline constexpr Contents llama_tokens = {"<s>", "</s>", "<unk>", "", "", "", ""};
inline constexpr Contents bloom_tokens = {"<s>", "</s>", "<unk>", "", "<pad>", "", ""};
inline constexpr Contents m2m100_tokens = {"<s>", "</s>", "<unk>", "</s>", "<pad>", "", ""};
inline constexpr Contents gemma_tokens = {"<bos>", "<eos>", "<unk>", "", "<pad>", "", ""};
inline constexpr Contents cohere_tokens = {
    "<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>", "<UNK>", "", "", "", ""};
inline constexpr std::string_view end_of_text = "<|endoftext|>";
inline constexpr Contents gpt2_tokens = {end_of_text, end_of_text, end_of_text, "", "", "", ""};
inline constexpr Contents qwen2_tokens = {"", end_of_text, end_of_text, "", end_of_text, "", ""};
inline constexpr Contents clip_tokens = {"<|startoftext|>", end_of_text, end_of_text, "",
                                         end_of_text,       "",          ""};
inline constexpr Contents openai_gpt_tokens = {"", "", "<unk>", "", "", "", ""};

using enum TokenForm;
using Forms = ByRole<TokenForm>;
inline constexpr Forms names = {};
inline constexpr Forms names_raw_mask = {name, name, name, name, name, name, raw_lstrip};
inline constexpr Forms names_normalized_mask = {
    name, name, name, name, name, name, normalized_lstrip};
inline constexpr Forms raw_all = {raw, raw, raw, raw, raw, raw, raw_lstrip};
inline constexpr Forms raw_but_normalized_mask = {raw, raw, raw, raw, raw, raw, normalized_lstrip};
inline constexpr Forms normalized_all = {normalized, normalized, normalized,       normalized,
                                         normalized, normalized, normalized_lstrip};
inline constexpr Forms normalized_but_raw_mask = {normalized, normalized, normalized, normalized,
                                                  normalized, normalized, raw_lstrip};
inline constexpr Forms raw_sep_cls_mask = {name, name, name, raw, name, raw, raw_lstrip};
inline constexpr Forms raw_but_sep_cls = {raw, raw, raw, name, raw, name, normalized_lstrip};
// Roles that a class does not know stay names.
inline constexpr Forms raw_ends = {raw, raw, raw, name, raw, name, name};
inline constexpr Forms raw_ends_but_pad = {raw, raw, raw, name, name, name, name};
inline constexpr Forms raw_but_bos = {name, raw, raw, raw, raw, name, name};
inline constexpr Forms raw_eos_unk_pad = {name, raw, raw, name, raw, name, name};
inline constexpr Forms raw_but_bos_eos = {name, name, raw, raw, raw, raw, raw};
inline constexpr Forms normalized_ends = {normalized, normalized, normalized, name,
                                          normalized, name,       name};
inline constexpr Forms normalized_ends_but_pad = {normalized, normalized, normalized, name,
                                                  name,       name,       name};
inline constexpr Forms normalized_unk = {name, name, normalized, name, name, name, name};

}  // namespace attend::class_tokens
