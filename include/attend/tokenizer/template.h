// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// "[CLS] A [SEP] B [SEP]" as data: which special tokens stand around a text or a pair, and the type
// ids of everything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/encoding.h"
#include "attend/tokenizer/truncation.h"

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

/// Type ids of a text's windows behind the first one. In tokenizers 0.22 TemplateProcessing does
/// not reach them: they stay 0 for a first text and 1 for a second, whatever the pieces say.
/// RobertaProcessing treats all windows alike, but only where it adds its tokens.
enum class OverflowTypeIds : std::uint8_t { of_text, of_pieces };

using TemplatePiece = std::variant<TemplateSequence, TemplateToken>;

/// What is put around a text and around a pair.
class ATTEND_EXPORT Template {
 public:
  /// The two texts and nothing else, type ids 0 and 1.
  Template();
  Template(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair);

  /// One window with its template tokens (none with SpecialTokenUse::leave_out).
  enum class SpecialTokenUse : std::uint8_t { add, leave_out };
  [[nodiscard]] Encoding apply(const TruncatedPair& window, SpecialTokenUse use) const;

  /// Number of special tokens around a text, and around a pair.
  [[nodiscard]] Index single_tokens() const noexcept;
  [[nodiscard]] Index pair_tokens() const noexcept;

  [[nodiscard]] const std::vector<TemplatePiece>& single() const noexcept { return single_; }
  [[nodiscard]] const std::vector<TemplatePiece>& pair() const noexcept { return pair_; }
  [[nodiscard]] OverflowTypeIds overflow() const noexcept { return overflow_; }

 private:
  std::vector<TemplatePiece> single_;
  std::vector<TemplatePiece> pair_;
  OverflowTypeIds overflow_ = OverflowTypeIds::of_text;

  friend ATTEND_EXPORT Template roberta_template(TemplateToken::Token cls,
                                                 TemplateToken::Token sep);
};

/// "[CLS] A [SEP]" and "[CLS] A:0 [SEP]:0 B:1 [SEP]:1".
[[nodiscard]] ATTEND_EXPORT Template bert_template(TemplateToken::Token cls,
                                                   TemplateToken::Token sep);
/// "<s> A </s>" and "<s> A </s></s> B </s>", all type ids 0, of overflow too.
[[nodiscard]] ATTEND_EXPORT Template roberta_template(TemplateToken::Token cls,
                                                      TemplateToken::Token sep);

}  // namespace attend
