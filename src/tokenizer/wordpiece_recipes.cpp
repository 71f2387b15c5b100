// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BERT and its family: they differ in what stands around a text.
#include <algorithm>
#include <string>
#include <utility>

#include "tokenizer/class_adjustments.h"
#include "tokenizer/recipes.h"
#include "tokenizer/slow_files.h"

namespace attend {
namespace {

SlowTokenizer wordpiece(const Conversion& in, TemplateText around) {
  SlowTokenizer out{.file = {}, .around = around};
  TokenizerParts& parts = out.file.parts;
  parts.vocabulary = read_vocabulary_lines(in.folder / "vocab.txt");
  out.file.bert_normalizer = bert_options(in.config, BertNormalizerOptions{});
  parts.normalizer = Normalizer(bert_normalizer(*out.file.bert_normalizer));
  parts.pre_tokenizer = PreTokenizer(bert_pre_tokenizer());
  const SpecialTokenValue* const unknown = in.named.find(SpecialRole::unk);
  WordPieceOptions options{.unk_token = unknown != nullptr ? unknown->content : ""};
  parts.settings.continuing_subword_prefix = options.continuing_subword_prefix;
  parts.decoder.steps = {WordPieceDecoder{.prefix = options.continuing_subword_prefix}};
  parts.model = WordPiece(std::move(options), parts.vocabulary);
  return out;
}

}  // namespace

SlowTokenizer bert_recipe(const Conversion& in) {
  return wordpiece(in, {"cls A sep", "cls A sep B:1 sep:1"});
}

SlowTokenizer funnel_recipe(const Conversion& in) {
  return wordpiece(in, {"cls:2 A sep", "cls:2 A sep B:1 sep:1"});
}

SlowTokenizer mpnet_recipe(const Conversion& in) {
  SlowTokenizer out = wordpiece(in, {"cls A sep", "cls A sep sep B:1 sep:1"});
  out.prefers_vocabulary = true;
  return out;
}

// The Python class, which gives the ids, does not add the token for questions.
SlowTokenizer splinter_recipe(const Conversion& in) {
  SlowTokenizer out = wordpiece(in, {});
  const auto& added = in.config.added_tokens;
  const bool has_question = out.file.parts.vocabulary.find("[QUESTION]") ||
                            std::any_of(added.begin(), added.end(), [](const auto& entry) {
                              return entry.second.content == "[QUESTION]";
                            });
  const bool pads_right = in.config.padding_side.value_or(Side::right) == Side::right;
  out.around.single = "cls A sep";
  if (pads_right) {
    out.around.pair =
        has_question ? "cls A [QUESTION] . sep B:1 sep:1" : "cls A [QUESTION]=unk . sep B:1 sep:1";
  } else {
    out.around.pair =
        has_question ? "cls A sep B:1 [QUESTION] . sep:1" : "cls A sep B:1 [QUESTION]=unk . sep:1";
  }
  return out;
}

}  // namespace attend
