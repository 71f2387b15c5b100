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
#include "tokenizer/encoding_fields.h"
#include "tokenizer/windows.h"

namespace attend {
namespace {

// A window of one of the texts.
struct Part {
  const Encoding& encoding;
  bool is_overflow = false;
};

void put(const TemplateSequence& piece, const Part& window, OverflowTypeIds overflow,
         Encoding& out) {
  const bool is_first = piece.sequence == Sequence::first;
  const bool is_reached = !window.is_overflow || overflow == OverflowTypeIds::of_pieces;
  const Encoding& part = window.encoding;
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

void put(const TemplateToken& piece, Encoding& out) {
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
void check_repeated(std::size_t texts, Index tokens) {
  if (texts <= 2 || tokens <= limits::window_tokens) return;
  fail(ErrorKind::resource_limit, {.where = "Tokenizer::encode",
                                   .what = "tokens of a template that repeats its texts",
                                   .expected = "at most " + std::to_string(limits::window_tokens),
                                   .found = std::to_string(tokens),
                                   .hint = "encode the text in parts"});
}

// Which of its two lists of pieces a template is used by.
enum class Form : std::uint8_t { single, pair };

template <class Text>
Form form_of(const std::optional<Text>& second) noexcept {
  return second ? Form::pair : Form::single;
}

// The pieces that are there: a single text has no second one, even if its list says so.
template <class F>
void for_each_piece(const Template& around, Form form, F&& f) {
  const bool is_pair = form == Form::pair;
  for (const TemplatePiece& piece : is_pair ? around.pair() : around.single()) {
    const auto* sequence = std::get_if<TemplateSequence>(&piece);
    if (sequence != nullptr && sequence->sequence == Sequence::second && !is_pair) continue;
    f(piece);
  }
}

// One window of all, where part_of(piece, i) is the window of a text for its piece, the i-th that
// is one of a text.
template <class PartOf>
Encoding put_together(const Template& around, Form form, Template::SpecialTokenUse use,
                      const PartOf& part_of) {
  const bool adds = use == Template::SpecialTokenUse::add;
  const auto overflow = adds ? around.overflow() : OverflowTypeIds::of_text;
  std::size_t texts = 0;
  Index tokens = 0;
  for_each_piece(around, form, [&](const TemplatePiece& piece) {
    const auto* sequence = std::get_if<TemplateSequence>(&piece);
    if (sequence != nullptr) tokens += part_of(*sequence, texts++).encoding.size();
  });
  check_repeated(texts, tokens);
  Encoding out;
  std::size_t text = 0;
  for_each_piece(around, form, [&](const TemplatePiece& piece) {
    if (const auto* sequence = std::get_if<TemplateSequence>(&piece)) {
      put(*sequence, part_of(*sequence, text++), overflow, out);
    } else if (adds) {
      put(std::get<TemplateToken>(piece), out);
    }
  });
  return out;
}

// The windows of a text, once for each time that a template has the text.
using Texts = std::vector<const std::vector<Encoding>*>;

Texts texts_of(const Template& around, const Windows& windows) {
  Texts texts;
  for_each_piece(around, form_of(windows.second), [&](const TemplatePiece& piece) {
    const auto* sequence = std::get_if<TemplateSequence>(&piece);
    if (sequence == nullptr) return;
    const bool is_first = sequence->sequence == Sequence::first;
    texts.push_back(is_first ? &windows.first : &*windows.second);
  });
  return texts;
}

}  // namespace

Template::Template()
    : Template({TemplateSequence{Sequence::first, 0}},
               {TemplateSequence{Sequence::first, 0}, TemplateSequence{Sequence::second, 1}}) {}

Template::Template(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair)
    : single_(std::move(single)), pair_(std::move(pair)) {}

Encoding Template::apply(const TruncatedPair& window, SpecialTokenUse use) const {
  return put_together(*this, form_of(window.second), use, [&](const TemplateSequence& piece, auto) {
    return piece.sequence == Sequence::first ? Part{window.first, window.first_is_overflow}
                                             : Part{*window.second, window.second_is_overflow};
  });
}

std::vector<Encoding> apply_all(const Template& around, const Windows& windows,
                                Template::SpecialTokenUse use) {
  const Texts texts = texts_of(around, windows);
  std::vector<Encoding> out;
  for (const std::vector<std::size_t>& choice : window_choices(texts)) {
    out.push_back(put_together(around, form_of(windows.second), use,
                               [&](const TemplateSequence&, std::size_t text) {
                                 return Part{(*texts[text])[choice[text]], choice[text] > 0};
                               }));
  }
  return out;
}

Index Template::single_tokens() const noexcept { return count_tokens(single_); }
Index Template::pair_tokens() const noexcept { return count_tokens(pair_); }

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
