// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// "[CLS] A [SEP] B [SEP]" as data: which special tokens one post-processor puts around a text or a
// pair, and the type ids of everything.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

struct TemplateSequence {
  Sequence sequence = Sequence::first;
  std::int32_t type_id = 0;
};

/// Special tokens, usually one. `token` is the string that the template gives for it, empty where
/// it is the vocabulary's.
struct TemplateToken {
  struct Token {
    TokenId id = 0;
    std::string token;
  };
  std::vector<Token> tokens;
  std::int32_t type_id = 0;
};

using TemplatePiece = std::variant<TemplateSequence, TemplateToken>;

/// Which post-processor of tokenizers a template is of. They make the same of a text alone; how
/// they treat overlapping windows, and what other post-processors made before, is in processor.cpp.
enum class TemplateKind : std::uint8_t { pieces, bert, roberta };

/// What is put around a text and around a pair.
class ATTEND_EXPORT Template {
 public:
  /// The two texts and nothing else, type ids 0 and 1.
  Template();
  Template(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair);

  [[nodiscard]] const std::vector<TemplatePiece>& single() const noexcept { return single_; }
  [[nodiscard]] const std::vector<TemplatePiece>& pair() const noexcept { return pair_; }
  [[nodiscard]] TemplateKind kind() const noexcept { return kind_; }

 private:
  std::vector<TemplatePiece> single_;
  std::vector<TemplatePiece> pair_;
  TemplateKind kind_ = TemplateKind::pieces;

  friend ATTEND_EXPORT Template bert_template(TemplateToken::Token cls, TemplateToken::Token sep);
  friend ATTEND_EXPORT Template roberta_template(TemplateToken::Token cls,
                                                 TemplateToken::Token sep);
};

/// "[CLS] A [SEP]" and "[CLS] A:0 [SEP]:0 B:1 [SEP]:1".
[[nodiscard]] ATTEND_EXPORT Template bert_template(TemplateToken::Token cls,
                                                   TemplateToken::Token sep);
/// "<s> A </s>" and "<s> A </s></s> B </s>", all type ids 0.
[[nodiscard]] ATTEND_EXPORT Template roberta_template(TemplateToken::Token cls,
                                                      TemplateToken::Token sep);

}  // namespace attend
