// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The tokenizer classes whose behaviour is known.
#include <algorithm>

#include "tokenizer/tokenizer_config.h"

namespace attend {
namespace {

// In the order of SpecialRole: bos, eos, unk, sep, pad, cls, mask.
constexpr std::array<std::string_view, special_roles> bert_tokens = {
    "", "", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"};

// Source: models/*/tokenization_*_fast.py and models/auto/tokenization_auto.py of
// transformers 4.57. All of these read vocab.txt and are BERT's but for the inputs that they hand
// out.
constexpr std::array<TokenizerClass, 8> classes = {{
    {"BertTokenizer", true, bert_tokens},
    {"DistilBertTokenizer", false, bert_tokens},
    {"ElectraTokenizer", true, bert_tokens},
    {"MobileBertTokenizer", true, bert_tokens},
    {"ConvBertTokenizer", true, bert_tokens},
    {"SqueezeBertTokenizer", true, bert_tokens},
    {"LxmertTokenizer", true, bert_tokens},
    {"LayoutLMTokenizer", true, bert_tokens},
}};

}  // namespace

const TokenizerClass* find_tokenizer_class(std::string_view name) noexcept {
  const auto* found = std::find_if(classes.begin(), classes.end(),
                                   [&](const TokenizerClass& c) { return c.name == name; });
  return found == classes.end() ? nullptr : found;
}

const TokenizerClass* find_class_of_model(std::string_view type) noexcept {
  constexpr std::string_view suffix = "Tokenizer";
  const auto same = [](char of_class, char of_type) {
    return (of_class >= 'A' && of_class <= 'Z' ? of_class + ('a' - 'A') : of_class) == of_type;
  };
  const auto* found = std::find_if(classes.begin(), classes.end(), [&](const TokenizerClass& c) {
    const std::string_view stem = c.name.substr(0, c.name.size() - suffix.size());
    return std::equal(stem.begin(), stem.end(), type.begin(), type.end(), same);
  });
  return found == classes.end() ? nullptr : found;
}

}  // namespace attend
