// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the steps on texts that are not there yet: what they do depends on no token, so that it is
// done once, and a text goes through as many of them as through one.
#include "attend/tokenizer/processor.h"

#include <utility>

#include "attend/core/error.h"
#include "core/limits.h"

namespace attend {
namespace {

template <class F>
void for_each_token(LayoutPart& part, F&& f) {
  for (LayoutToken& token : part.before) f(token);
  for (LayoutToken& token : part.after) f(token);
}

// Of the first window only: the reference does not reach those behind it.
void set_type_id(LayoutPart& part, std::int32_t type_id) {
  for_each_token(part, [&](LayoutToken& token) { token.type_ids.first = type_id; });
  if (part.text) part.text->type_ids.first = type_id;
}

std::vector<LayoutToken> laid_out(const TemplateToken& piece) {
  std::vector<LayoutToken> out;
  for (const auto& [id, token] : piece.tokens) {
    out.push_back({id, token, {piece.type_id, piece.type_id}});
  }
  return out;
}

std::size_t size_of(const LayoutPart& part) noexcept {
  return 1 + part.before.size() + part.after.size() + (part.text ? part.text->trims.size() : 0);
}

std::size_t size_of(const Layout& parts) noexcept {
  std::size_t size = 0;
  for (const LayoutPart& part : parts) size += size_of(part);
  return size;
}

// Every piece is a part of its own, until there are too many. Nothing, where the reference aborts.
std::optional<Layout> put_pieces(const Template& around, SpecialTokenUse use, const Layout& texts) {
  if (texts.size() != 1 && texts.size() != 2) return std::nullopt;
  Layout out;
  std::size_t size = 0;
  for (const TemplatePiece& piece : texts.size() == 1 ? around.single() : around.pair()) {
    if (!out.empty()) size += size_of(out.back());
    if (size > limits::layout_size) break;
    if (const auto* token = std::get_if<TemplateToken>(&piece)) {
      if (use == SpecialTokenUse::add) out.push_back({laid_out(*token), std::nullopt, {}});
      continue;
    }
    const auto& sequence = std::get<TemplateSequence>(piece);
    const std::size_t text = sequence.sequence == Sequence::first ? 0 : 1;
    if (text >= texts.size()) return std::nullopt;
    set_type_id(out.emplace_back(texts[text]), sequence.type_id);
  }
  return out;
}

// What a part begins and ends with. All that it had is one text to these processors, special or
// not.
void put_around(const TemplateToken* start, const TemplateToken& end, LayoutPart& part) {
  for_each_token(part, [](LayoutToken& token) { token.special_tokens_mask = 0; });
  const auto append = [](std::vector<LayoutToken> tokens, std::vector<LayoutToken>& out) {
    out.insert(out.end(), std::make_move_iterator(tokens.begin()),
               std::make_move_iterator(tokens.end()));
  };
  if (start != nullptr) {
    std::vector<LayoutToken> before = laid_out(*start);
    append(std::move(part.before), before);
    part.before = std::move(before);
  }
  append(laid_out(end), part.text ? part.after : part.before);
}

void put_bert(const Template& around, Layout& parts) {
  const auto& cls = std::get<TemplateToken>(around.single().front());
  const TemplateToken sep{std::get<TemplateToken>(around.single().back()).tokens, 0};
  const TemplateToken further_sep{sep.tokens, 1};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    put_around(i == 0 ? &cls : nullptr, i == 0 ? sep : further_sep, parts[i]);
  }
}

void put_roberta(const Template& around, SpecialTokenUse use, Layout& parts) {
  for (LayoutPart& part : parts) set_type_id(part, 0);
  if (use == SpecialTokenUse::leave_out) return;
  const auto& cls = std::get<TemplateToken>(around.single().front());
  const auto& sep = std::get<TemplateToken>(around.single().back());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    put_around(i == 0 ? &cls : &sep, sep, parts[i]);
    for_each_token(parts[i], [](LayoutToken& token) { token.type_ids.overflow = 0; });
    if (parts[i].text) parts[i].text->type_ids.overflow = 0;
  }
}

void trim(const TrimOffsets& how, Layout& parts) {
  for (LayoutPart& part : parts) {
    if (part.text) part.text->trims.push_back({how, part.before.empty()});
  }
}

std::optional<Layout> put(const Template& around, SpecialTokenUse use, Layout parts) {
  switch (around.kind()) {
    case TemplateKind::pieces: return put_pieces(around, use, parts);
    case TemplateKind::bert:
      if (use == SpecialTokenUse::add) put_bert(around, parts);
      break;
    case TemplateKind::roberta: put_roberta(around, use, parts); break;
  }
  return parts;
}

Layout texts_of(TextForm form) {
  Layout texts;
  texts.push_back({{}, LayoutText{Sequence::first, {0, 0}, {}}, {}});
  if (form == TextForm::pair) texts.push_back({{}, LayoutText{Sequence::second, {1, 1}, {}}, {}});
  return texts;
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

}  // namespace

Processor::Processor() : Processor(std::vector<ProcessorStep>{}) {}

Processor::Processor(Template around)
    : Processor(std::vector<ProcessorStep>{ProcessorStep(std::move(around))}) {}

Processor::Processor(std::vector<ProcessorStep> steps) : steps_(std::move(steps)) {
  for (const TextForm form : {TextForm::single, TextForm::pair}) {
    const auto at = static_cast<std::size_t>(form);
    for (const SpecialTokenUse use : {SpecialTokenUse::add, SpecialTokenUse::leave_out}) {
      outcomes_[at][static_cast<std::size_t>(use)] = run(form, use);
    }
    for (const ProcessorStep& step : steps_) {
      const auto* around = std::get_if<Template>(&step);
      if (around == nullptr) continue;
      added_tokens_[at] +=
          count_tokens(form == TextForm::single ? around->single() : around->pair());
    }
  }
}

Processor::Outcome Processor::run(TextForm form, SpecialTokenUse use) const {
  Outcome out{texts_of(form)};
  for (const ProcessorStep& step : steps_) {
    if (const auto* around = std::get_if<Template>(&step)) {
      out.layout = put(*around, use, *std::move(out.layout));
      if (!out.layout) return out;
    } else {
      trim(std::get<TrimOffsets>(step), *out.layout);
    }
    if (size_of(*out.layout) > limits::layout_size) return {std::nullopt, true};
  }
  return out;
}

bool Processor::fits() const noexcept {
  for (const auto& of_form : outcomes_) {
    for (const Outcome& outcome : of_form) {
      if (outcome.is_too_large) return false;
    }
  }
  return true;
}

const Layout& Processor::layout(TextForm form, SpecialTokenUse use) const {
  const Outcome& outcome = outcomes_[static_cast<std::size_t>(form)][static_cast<std::size_t>(use)];
  if (outcome.layout) return *outcome.layout;
  const bool is_pair = form == TextForm::pair;
  fail(ErrorKind::tokenizer_error,
       {.where = "Tokenizer::encode",
        .what = "TemplateProcessing, for " + std::string(is_pair ? "a pair" : "one text"),
        .expected = "the texts that its pieces name",
        .found = outcome.is_too_large ? "too many tokens" : "another number of parts",
        .hint = "a TemplateProcessing behind another one does not work in tokenizers 0.22 either"});
}

Index Processor::added_tokens(TextForm form) const noexcept {
  return added_tokens_[static_cast<std::size_t>(form)];
}

}  // namespace attend
