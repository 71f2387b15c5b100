// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the steps on texts that are not there yet: what they do depends on no token, so that it is
// done once, and a text goes through as many of them as through one.
#include "attend/tokenizer/processor.h"

#include <string>
#include <utility>

#include "attend/core/error.h"
#include "core/limits.h"
#include "tokenizer/layout_size.h"

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

// A template of the post-processor, and which one, counted from 1, for messages.
struct TemplateStep {
  const Template& around;
  std::size_t number;
  SpecialTokenUse use;
};

[[noreturn]] void fail_parts(const TemplateStep& step, std::size_t parts) {
  fail(ErrorKind::tokenizer_error,
       {.where = "Tokenizer::encode",
        .what = "TemplateProcessing, template " + std::to_string(step.number) +
                " of the post-processor",
        .expected = "one or two parts from the templates before it",
        .found = std::to_string(parts) + " parts",
        .hint = "tokenizers 0.22 aborts, too; only RobertaProcessing, BertProcessing and ByteLevel "
                "come behind any template"});
}

[[noreturn]] void fail_second_text(const TemplateStep& step, std::size_t piece) {
  fail(ErrorKind::tokenizer_error,
       {.where = "Tokenizer::encode",
        .what = "piece " + std::to_string(piece) + " of the single form of template " +
                std::to_string(step.number) + " of the post-processor, for one text",
        .expected = "the text A",
        .found = "B, the second of a pair",
        .hint = "encode a pair, or correct \"single\" in tokenizer.json; tokenizers 0.22 aborts, "
                "too"});
}

// Every piece is a part of its own, until there are too many.
Layout put_pieces(const TemplateStep& step, const Layout& texts) {
  if (texts.size() != 1 && texts.size() != 2) fail_parts(step, texts.size());
  const auto& pieces = texts.size() == 1 ? step.around.single() : step.around.pair();
  Layout out;
  std::size_t size = 0;
  for (std::size_t i = 0; i < pieces.size() && size <= limits::layout_size; ++i) {
    if (const auto* token = std::get_if<TemplateToken>(&pieces[i])) {
      if (step.use == SpecialTokenUse::leave_out) continue;
      out.push_back({laid_out(*token), std::nullopt, {}});
    } else {
      const auto& sequence = std::get<TemplateSequence>(pieces[i]);
      const std::size_t text = sequence.sequence == Sequence::first ? 0 : 1;
      if (text >= texts.size()) fail_second_text(step, i + 1);
      set_type_id(out.emplace_back(texts[text]), sequence.type_id);
    }
    size += layout_size(out.back());
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

Layout put(const TemplateStep& step, Layout parts) {
  switch (step.around.kind()) {
    case TemplateKind::pieces: return put_pieces(step, parts);
    case TemplateKind::bert:
      if (step.use == SpecialTokenUse::add) put_bert(step.around, parts);
      break;
    case TemplateKind::roberta: put_roberta(step.around, step.use, parts); break;
  }
  return parts;
}

void check_size(const Layout& parts, TextForm form) {
  const std::size_t size = layout_size(parts);
  if (size <= limits::layout_size) return;
  fail(ErrorKind::resource_limit,
       {.where = "Tokenizer::encode",
        .what = "tokens that the post-processor puts around " +
                std::string(form == TextForm::pair ? "a pair" : "one text"),
        .expected = "at most " + std::to_string(limits::layout_size) +
                    ", where one with a long string counts as several",
        .found = std::to_string(size) + " or more",
        .hint = "fewer templates, or fewer tokens in them"});
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
      Outcome& outcome = outcomes_[at][static_cast<std::size_t>(use)];
      try {
        outcome = run(form, use);
      } catch (const Error& error) {
        outcome = error;  // of that form and use alone: the others may do
      }
    }
    for (const ProcessorStep& step : steps_) {
      const auto* around = std::get_if<Template>(&step);
      if (around == nullptr) continue;
      added_tokens_[at] +=
          count_tokens(form == TextForm::single ? around->single() : around->pair());
    }
  }
}

Layout Processor::run(TextForm form, SpecialTokenUse use) const {
  Layout out = texts_of(form);
  std::size_t templates = 0;
  for (const ProcessorStep& step : steps_) {
    if (const auto* around = std::get_if<Template>(&step)) {
      out = put({*around, ++templates, use}, std::move(out));
    } else {
      trim(std::get<TrimOffsets>(step), out);
    }
    check_size(out, form);
  }
  return out;
}

bool Processor::fits() const noexcept {
  for (const auto& of_form : outcomes_) {
    for (const Outcome& outcome : of_form) {
      const auto* error = std::get_if<Error>(&outcome);
      if (error != nullptr && error->kind() == ErrorKind::resource_limit) return false;
    }
  }
  return true;
}

const Layout& Processor::layout(TextForm form, SpecialTokenUse use) const {
  const Outcome& outcome = outcomes_[static_cast<std::size_t>(form)][static_cast<std::size_t>(use)];
  if (const auto* layout = std::get_if<Layout>(&outcome)) return *layout;
  throw std::get<Error>(outcome);
}

Index Processor::added_tokens(TextForm form) const noexcept {
  return added_tokens_[static_cast<std::size_t>(form)];
}

}  // namespace attend
