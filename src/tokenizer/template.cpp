// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The pieces of the templates that have names.
#include "attend/tokenizer/template.h"

#include <utility>

namespace attend {

Template::Template()
    : Template({TemplateSequence{Sequence::first, 0}},
               {TemplateSequence{Sequence::first, 0}, TemplateSequence{Sequence::second, 1}}) {}

Template::Template(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair)
    : single_(std::move(single)), pair_(std::move(pair)) {}

Template bert_template(TemplateToken::Token cls, TemplateToken::Token sep) {
  const TemplateToken start{{std::move(cls)}, 0};
  const TemplateToken end{{std::move(sep)}, 0};
  const TemplateToken pair_end{end.tokens, 1};
  const TemplateSequence first{Sequence::first, 0};
  const TemplateSequence second{Sequence::second, 1};
  Template out({start, first, end}, {start, first, end, second, pair_end});
  out.kind_ = TemplateKind::bert;
  return out;
}

Template roberta_template(TemplateToken::Token cls, TemplateToken::Token sep) {
  const TemplateToken start{{std::move(cls)}, 0};
  const TemplateToken end{{std::move(sep)}, 0};
  const TemplateSequence first{Sequence::first, 0};
  const TemplateSequence second{Sequence::second, 0};
  Template out({start, first, end}, {start, first, end, end, second, end});
  out.kind_ = TemplateKind::roberta;
  return out;
}

}  // namespace attend
