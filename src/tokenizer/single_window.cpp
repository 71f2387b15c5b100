// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts are encoded between the tokens of the layout; what truncation takes away is erased from
// there. The same as cut_windows() and put_together(), which make all windows.
#include "tokenizer/single_window.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "tokenizer/encoding_fields.h"
#include "tokenizer/python_truncation.h"
#include "tokenizer/text_encoder.h"
#include "tokenizer/trim_offsets.h"
#include "tokenizer/typed_tokens.h"
#include "tokenizer/windows.h"

namespace attend {
namespace {

constexpr Index no_limit = std::numeric_limits<Index>::max();

// Leaves the first tokens only.
void shorten(const EncodingTarget& target, std::size_t tokens) {
  for_each_field(target.fields, [&](auto field) { (target.encoding.*field).resize(tokens); });
  auto& texts = target.encoding.matched_texts;
  while (!texts.empty() && texts.back().token >= static_cast<Index>(tokens)) texts.pop_back();
}

TextForm form_of(const EncoderInput& input) noexcept {
  return input.pair ? TextForm::pair : TextForm::single;
}

// One call of append_window().
class WindowWriter {
 public:
  WindowWriter(const EncodeCall& call, const EncoderInput& input, EncoderMemory& memory,
               Encoding& out)
      : route_(call.route),
        input_(input),
        options_(call.options),
        fields_(call.options.fields),
        memory_(memory),
        out_(out),
        layout_(call.layout(form_of(input))),
        begin_(out.ids.size()) {
    if (!options_.truncation) return;
    added_ = call.added_tokens(form_of(input));
    room_ = options_.truncation->max_length - added_;
  }

  void write() {
    try {
      write_texts(can_stop() ? enough() : KeptTokens{no_limit, no_limit});
      if (needs_rest()) {
        undo();
        write_texts({no_limit, no_limit});
      }
      if (options_.truncation) truncate();
      trim();
    } catch (...) {
      undo();
      throw;
    }
  }

 private:
  void undo() { shorten({out_, fields_}, begin_); }

  // --- How many tokens are enough to know the window. One more than fit tells that there are more.

  // Where a text is not cut into chunks, what comes later can be an error.
  [[nodiscard]] bool can_stop() const noexcept {
    return options_.truncation && options_.truncation->side == Side::right && room_ >= 0 &&
           route_.chunking.cuts() && cuts_windows();
  }
  [[nodiscard]] KeptTokens enough() const noexcept {
    KeptTokens out{room_ + 1, room_ + 1};
    if (!input_.pair) return out;
    switch (options_.truncation->strategy) {
      case TruncationStrategy::longest_first: break;
      case TruncationStrategy::only_first: out.second = no_limit; break;
      case TruncationStrategy::only_second: out.first = no_limit; break;
    }
    return out;
  }
  // Of two texts that are both too long the longer one keeps an odd token, and an error says how
  // long the text is that cannot be cut enough.
  [[nodiscard]] bool needs_rest() const noexcept {
    if (!input_.pair || room_ == 0 || !can_stop()) return false;
    switch (options_.truncation->strategy) {
      case TruncationStrategy::longest_first:
        return room_ % 2 == 1 && first_.size() > room_ && second_.size() > room_;
      case TruncationStrategy::only_first: return first_.size() > room_ && second_.size() >= room_;
      case TruncationStrategy::only_second: return second_.size() > room_ && first_.size() >= room_;
    }
    return false;
  }

  // --- Writing ---

  void write_texts(KeptTokens enough) {
    for (const LayoutPart& part : layout_) {
      write_tokens(part.before);
      if (part.text) {
        const bool is_first = part.text->sequence == Sequence::first;
        Range& text = is_first ? first_ : second_;
        text = write_text(is_first ? input_.text : *input_.pair,
                          is_first ? enough.first : enough.second);
        complete(*part.text, text);
      }
      write_tokens(part.after);
    }
  }

  Range write_text(std::string_view text, Index enough) {
    const Index begin = out_.size();
    TextEncoder encoder(route_.parts, route_.chunking, memory_, {out_, fields_});
    encoder.set_enough(enough);
    encoder.encode(text);
    return {begin, out_.size()};
  }

  void write_tokens(const std::vector<LayoutToken>& tokens) {
    const bool all = fields_ == EncodingFields::all;
    for (const LayoutToken& token : tokens) {
      if (all && !token.token.empty()) out_.matched_texts.push_back({out_.size(), token.token});
      out_.ids.push_back(token.id);
      out_.type_ids.push_back(token.type_ids.first);
      if (all) out_.special_tokens_mask.push_back(token.special_tokens_mask);
    }
    if (!all) return;
    out_.offsets.resize(out_.ids.size());
    out_.word_ids.resize(out_.ids.size(), none);
    out_.sequence_ids.resize(out_.ids.size(), none);
  }

  void complete(const LayoutText& text, Range tokens) {
    out_.type_ids.resize(out_.ids.size(), text.type_ids.first);
    if (fields_ == EncodingFields::ids) return;
    out_.sequence_ids.resize(out_.ids.size(), text.sequence == Sequence::first ? 0 : 1);
    out_.special_tokens_mask.resize(out_.ids.size(), 0);
    mark_typed_tokens(route_.parts, options_, tokens, out_);
  }

  // --- Cutting ---

  [[nodiscard]] bool cuts_windows() const noexcept { return route_.parts.settings.cuts_windows; }

  [[nodiscard]] KeptTokens kept_of_texts() const {
    const Truncation& truncation = *options_.truncation;
    const auto second = input_.pair ? std::optional(second_.size()) : std::nullopt;
    if (!cuts_windows()) return kept_by_python(first_.size(), second, truncation, added_);
    check_stride_of_template(truncation, route_.processor.added_tokens(TextForm::single));
    const KeptTokens kept = kept_tokens(first_.size(), second, truncation, added_);
    check_stride(first_.size(), kept.first, truncation);
    if (second) check_stride(*second, kept.second, truncation);
    return kept;
  }

  void truncate() {
    const KeptTokens kept = kept_of_texts();
    cut(first_, kept.first, second_);
    cut(second_, kept.second, first_);
  }

  // Erases tokens of one text; the other one moves if it stands behind them.
  void cut(Range& text, Index kept, Range& other) {
    const Index dropped = text.size() - kept;
    if (dropped == 0) return;
    const bool at_end = options_.truncation->side == Side::right;
    const Index begin = at_end ? text.begin + kept : text.begin;
    erase({out_, fields_}, {begin, begin + dropped});
    text.end -= dropped;
    if (other.begin > text.begin) other = {other.begin - dropped, other.end - dropped};
  }

  void trim() {
    if (fields_ == EncodingFields::ids) return;
    for (const LayoutPart& part : layout_) {
      if (!part.text) continue;
      const bool is_first = part.text->sequence == Sequence::first;
      const SourceTexts source{{is_first ? &input_.text : &*input_.pair, 1}};
      trim_offsets(route_.parts, {*part.text, is_first ? first_ : second_, source}, out_);
    }
  }

  const Route& route_;
  const EncoderInput& input_;
  const EncodeOptions& options_;
  EncodingFields fields_;
  EncoderMemory& memory_;
  Encoding& out_;
  const Layout& layout_;
  std::size_t begin_;  // in out_
  Index added_ = 0;    // tokens around the texts
  Index room_ = 0;     // for the texts
  Range first_;        // where the texts' tokens are
  Range second_;
};

}  // namespace

bool puts_texts_once(const EncodeCall& call, const EncoderInput& input) {
  int first = 0;
  int second = 0;
  for (const LayoutPart& part : call.layout(form_of(input))) {
    if (part.text) ++(part.text->sequence == Sequence::first ? first : second);
  }
  return first == 1 && (!input.pair || second == 1);
}

void append_window(const EncodeCall& call, const EncoderInput& input, EncoderMemory& memory,
                   Encoding& out) {
  WindowWriter(call, input, memory, out).write();
}

}  // namespace attend
