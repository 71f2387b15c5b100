// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Puts a window together by its template.
#include "attend/tokenizer/template.h"

#include <algorithm>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "core/limits.h"

namespace attend {
namespace {

template <class T>
void append(std::vector<T>& out, const std::vector<T>& part) {
  out.insert(out.end(), part.begin(), part.end());
}

void append(const TemplateSequence& piece, const TruncatedPair& window, OverflowTypeIds overflow,
            Encoding& out) {
  const bool is_first = piece.sequence == Sequence::first;
  if (!is_first && !window.second) return;
  const bool is_overflow = is_first ? window.first_is_overflow : window.second_is_overflow;
  const bool is_reached = !is_overflow || overflow == OverflowTypeIds::of_pieces;
  const Encoding& part = is_first ? window.first : *window.second;
  const Index before = out.size();
  append(out.ids, part.ids);
  append(out.offsets, part.offsets);
  append(out.word_ids, part.word_ids);
  append(out.special_tokens_mask, part.special_tokens_mask);
  out.type_ids.resize(out.ids.size(), is_reached ? piece.type_id : is_first ? 0 : 1);
  out.sequence_ids.resize(out.ids.size(), is_first ? 0 : 1);
  for (const MatchedText& text : part.matched_texts) {
    out.matched_texts.push_back({before + text.token, text.text});
  }
}

void append(const TemplateToken& piece, Encoding& out) {
  for (const auto& [id, token] : piece.tokens) {
    if (!token.empty()) out.matched_texts.push_back({out.size(), token});
    out.ids.push_back(id);
  }
  out.type_ids.resize(out.ids.size(), piece.type_id);
  out.offsets.resize(out.ids.size());
  out.word_ids.resize(out.ids.size(), none);
  out.sequence_ids.resize(out.ids.size(), none);
  out.special_tokens_mask.resize(out.ids.size(), 1);
}

Index count_tokens(const std::vector<TemplatePiece>& pieces) noexcept {
  Index count = 0;
  for (const TemplatePiece& piece : pieces) {
    if (const auto* token = std::get_if<TemplateToken>(&piece)) {
      count += static_cast<Index>(token->tokens.size());
    }
  }
  return count;
}

// Templates from files may have a text a thousand times.
void check_repeated(const std::vector<TemplatePiece>& pieces, const TruncatedPair& window) {
  Index texts = 0;
  Index tokens = 0;
  for (const TemplatePiece& piece : pieces) {
    const auto* sequence = std::get_if<TemplateSequence>(&piece);
    if (sequence == nullptr) continue;
    ++texts;
    const bool is_first = sequence->sequence == Sequence::first;
    tokens += is_first ? window.first.size() : window.second ? window.second->size() : 0;
  }
  if (texts <= 2 || tokens <= limits::window_tokens) return;
  fail(ErrorKind::resource_limit, {.where = "Tokenizer::encode",
                                   .what = "tokens of a template that repeats its texts",
                                   .expected = "at most " + std::to_string(limits::window_tokens),
                                   .found = std::to_string(tokens),
                                   .hint = "encode the text in parts"});
}

}  // namespace

Template::Template()
    : Template({TemplateSequence{Sequence::first, 0}},
               {TemplateSequence{Sequence::first, 0}, TemplateSequence{Sequence::second, 1}}) {}

Template::Template(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair)
    : single_(std::move(single)), pair_(std::move(pair)) {}

Encoding Template::apply(const TruncatedPair& window, SpecialTokenUse use) const {
  check_repeated(window.second ? pair_ : single_, window);
  Encoding out;
  const auto overflow = use == SpecialTokenUse::add ? overflow_ : OverflowTypeIds::of_text;
  for (const TemplatePiece& piece : window.second ? pair_ : single_) {
    if (const auto* sequence = std::get_if<TemplateSequence>(&piece)) {
      append(*sequence, window, overflow, out);
    } else if (use == SpecialTokenUse::add) {
      append(std::get<TemplateToken>(piece), out);
    }
  }
  return out;
}

Index Template::single_tokens() const noexcept { return count_tokens(single_); }
Index Template::pair_tokens() const noexcept { return count_tokens(pair_); }

bool Template::second_comes_first() const noexcept {
  for (const TemplatePiece& piece : pair_) {
    if (const auto* sequence = std::get_if<TemplateSequence>(&piece)) {
      return sequence->sequence == Sequence::second;
    }
  }
  return false;
}

Template bert_template(TemplateToken::Token cls, TemplateToken::Token sep) {
  const TemplateToken start{{std::move(cls)}, 0};
  const TemplateToken end{{std::move(sep)}, 0};
  const TemplateToken pair_end{end.tokens, 1};
  const TemplateSequence first{Sequence::first, 0};
  const TemplateSequence second{Sequence::second, 1};
  return {{start, first, end}, {start, first, end, second, pair_end}};
}

Template roberta_template(TemplateToken::Token cls, TemplateToken::Token sep) {
  const TemplateToken start{{std::move(cls)}, 0};
  const TemplateToken end{{std::move(sep)}, 0};
  const TemplateSequence first{Sequence::first, 0};
  const TemplateSequence second{Sequence::second, 0};
  Template out({start, first, end}, {start, first, end, end, second, end});
  out.overflow_ = OverflowTypeIds::of_pieces;
  return out;
}

}  // namespace attend
