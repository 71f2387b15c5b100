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
    {"BertTokenizer", "bert", true, bert_tokens},
    {"DistilBertTokenizer", "distilbert", false, bert_tokens},
    {"ElectraTokenizer", "electra", true, bert_tokens},
    {"MobileBertTokenizer", "mobilebert", true, bert_tokens},
    {"ConvBertTokenizer", "convbert", true, bert_tokens},
    {"SqueezeBertTokenizer", "squeezebert", true, bert_tokens},
    {"LxmertTokenizer", "lxmert", true, bert_tokens},
    {"LayoutLMTokenizer", "layoutlm", true, bert_tokens},
}};

}  // namespace

const TokenizerClass* find_tokenizer_class(std::string_view name) noexcept {
  const auto* found = std::find_if(classes.begin(), classes.end(),
                                   [&](const TokenizerClass& c) { return c.name == name; });
  return found == classes.end() ? nullptr : found;
}

const TokenizerClass* find_class_of_model(std::string_view model_type) noexcept {
  const auto* found = std::find_if(classes.begin(), classes.end(), [&](const TokenizerClass& c) {
    return c.model_type == model_type;
  });
  return found == classes.end() ? nullptr : found;
}

}  // namespace attend
