// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Copies the parts of each window one behind the other.
#include "tokenizer/put_together.h"

#include <string>

#include "attend/core/error.h"
#include "core/limits.h"
#include "tokenizer/encoding_fields.h"
#include "tokenizer/layout_size.h"

namespace attend {
namespace {

// The windows of a text, once for each time that a layout has the text.
using TextWindows = std::vector<const std::vector<Encoding>*>;

TextWindows texts_of(const Layout& layout, const Windows& windows) {
  TextWindows texts;
  for (const LayoutPart& part : layout) {
    if (!part.text) continue;
    const bool is_first = part.text->sequence == Sequence::first;
    texts.push_back(is_first ? &windows.first : &*windows.second);
  }
  return texts;
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

std::int32_t type_id(const LayoutTypeIds& ids, std::size_t window) noexcept {
  return window == 0 ? ids.first : ids.overflow;
}

void put(const std::vector<LayoutToken>& tokens, std::size_t window, Encoding& out) {
  for (const LayoutToken& token : tokens) {
    if (!token.token.empty()) out.matched_texts.push_back({out.size(), token.token});
    out.ids.push_back(token.id);
    out.type_ids.push_back(type_id(token.type_ids, window));
    out.special_tokens_mask.push_back(token.special_tokens_mask);
  }
  out.offsets.resize(out.ids.size());
  out.word_ids.resize(out.ids.size(), none);
  out.sequence_ids.resize(out.ids.size(), none);
}

Range put(const LayoutText& text, const Encoding& part, std::size_t window, Encoding& out) {
  const Index before = out.size();
  append_all(out.ids, part.ids);
  append_all(out.offsets, part.offsets);
  append_all(out.word_ids, part.word_ids);
  append_all(out.special_tokens_mask, part.special_tokens_mask);
  out.type_ids.resize(out.ids.size(), type_id(text.type_ids, window));
  out.sequence_ids.resize(out.ids.size(), text.sequence == Sequence::first ? 0 : 1);
  for (const MatchedText& matched : part.matched_texts) {
    out.matched_texts.push_back({before + matched.token, matched.text});
  }
  return {before, out.size()};
}

}  // namespace

std::vector<Encoding> put_together(const Layout& layout, const Windows& windows,
                                   const FinishText& finish) {
  const TextWindows texts = texts_of(layout, windows);
  const auto around = static_cast<Index>(layout_size(layout));
  std::vector<Encoding> out;
  for (const std::vector<std::size_t>& choice : window_choices(texts, around)) {
    Index tokens = around;
    for (std::size_t i = 0; i < choice.size(); ++i) tokens += (*texts[i])[choice[i]].size();
    check_repeated(choice.size(), tokens);
    Encoding& whole = out.emplace_back();
    std::size_t text = 0;
    for (const LayoutPart& part : layout) {
      const std::size_t window = part.text ? choice[text] : 0;
      put(part.before, window, whole);
      if (part.text) {
        const Encoding& own = (*texts[text])[window];
        finish(*part.text, put(*part.text, own, window, whole), whole);
        ++text;
      }
      put(part.after, window, whole);
    }
  }
  return out;
}

}  // namespace attend
