// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The steps of normalization. Each turns the text into edits; texts of plain ASCII are changed in
// place where a step cannot do more than that.
#include "attend/text/normalizer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "attend/text/byte_alphabet.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"
#include "text/grapheme.h"
#include "text/matches.h"
#include "text/plain_ascii.h"

namespace attend {
namespace {

using Edits = std::vector<Edit>;

// Where a step writes its edits.
Edits& new_edits(NormalizedText& text) {
  Edits& edits = text.scratch().edits;
  edits.clear();
  return edits;
}

// Calls f(code point) for each of a valid text.
template <class F>
void for_each_code_point(std::string_view text, F&& f) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text.substr(at));
    f(c.value);
    at += static_cast<std::size_t>(c.length);
  }
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

// Drops the code points that `keep` refuses.
template <class Keep>
void filter(NormalizedText& text, Keep&& keep) {
  Edits& edits = new_edits(text);
  bool any = false;
  for_each_code_point(text.text(), [&](char32_t c) {
    if (keep(c)) {
      edits.push_back({c, 0});
    } else {
      edits.push_back({Edit::nothing, -1});
      any = true;
    }
  });
  if (any) text.rewrite(edits);
}

// Replaces each code point by another one.
template <class F>
void map(NormalizedText& text, F&& f) {
  Edits& edits = new_edits(text);
  bool any = false;
  for_each_code_point(text.text(), [&](char32_t c) {
    const char32_t mapped = f(c);
    any = any || mapped != c;
    edits.push_back({mapped, 0});
  });
  if (any) text.rewrite(edits);
}

template <class F>
void map_ascii(NormalizedText& text, F&& f) {
  for (std::size_t i = 0; i < text.text().size(); ++i) text.set_ascii(i, f(text.text()[i]));
}

bool is_printable_or_blank(char c) noexcept {
  return (c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r';
}

void apply(const CleanText&, NormalizedText& text) {
  const std::string& bytes = text.text();
  if (std::all_of(bytes.begin(), bytes.end(), is_printable_or_blank)) {  // then it is ASCII, too
    map_ascii(text, [](char c) { return c < 0x20 ? ' ' : c; });
    return;
  }
  filter(text, [](char32_t c) { return !is_dropped_by_bert(c); });
  map(text, [](char32_t c) { return is_white_space(c) ? U' ' : c; });
}

void apply(const SpaceChinese&, NormalizedText& text) {
  if (is_ascii(text.text())) return;
  Edits& edits = new_edits(text);
  bool any = false;
  for_each_code_point(text.text(), [&](char32_t c) {
    if (is_chinese(c)) {
      any = true;
      edits.insert(edits.end(), {{U' ', 0}, {c, 1}, {U' ', 1}});
    } else {
      edits.push_back({c, 0});
    }
  });
  if (any) text.rewrite(edits);
}

void apply(const DropNonspacingMarks&, NormalizedText& text) {
  if (is_ascii(text.text())) return;
  filter(text, [](char32_t c) { return !is_nonspacing_mark(c); });
}

void apply(const DropMarks&, NormalizedText& text) {
  if (is_ascii(text.text())) return;
  filter(text, [](char32_t c) { return !is_mark(c); });
}

void apply(const Lowercase&, NormalizedText& text) {
  if (is_ascii(text.text())) {
    map_ascii(text, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return;
  }
  Edits& edits = new_edits(text);
  bool any = false;
  for_each_code_point(text.text(), [&](char32_t c) {
    const char32_t lower = lowercase(c);
    any = any || lower != c;
    edits.push_back({lower, 0});
    if (c == 0x130) edits.push_back({0x307, 1});
  });
  if (any) text.rewrite(edits);
}

void apply(const CleanNmt&, NormalizedText& text) {
  const auto is_dropped = [](char32_t c) {
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
           c == 0x8F || c == 0x9F;
  };
  const auto is_blank = [](char32_t c) {
    return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
           (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
           c == 0xFEFF || c == 0xFFFD;
  };
  filter(text, [&](char32_t c) { return !is_dropped(c); });
  map(text, [&](char32_t c) { return is_blank(c) ? U' ' : c; });
}

void apply(const UnicodeForm& form, NormalizedText& text) {
  if (is_ascii(text.text())) return;
  Edits& edits = new_edits(text);
  UnicodeNormalizer& normalizer = text.scratch().unicode;
  normalizer.begin(form);
  for_each_code_point(text.text(), [&](char32_t c) { normalizer.push(c, edits); });
  normalizer.finish(edits);
  text.rewrite(edits);
}

void apply(const StripBlanks& strip, NormalizedText& text) {
  Edits& edits = new_edits(text);
  for_each_code_point(text.text(), [&](char32_t c) { edits.push_back({c, 0}); });
  const auto is_text = [](const Edit& edit) { return !is_white_space(edit.c); };
  const auto first = strip.left ? std::find_if(edits.begin(), edits.end(), is_text) : edits.begin();
  const auto last =
      strip.right ? std::find_if(edits.rbegin(), edits.rend(), is_text).base() : edits.end();
  if (first == edits.begin() && last == edits.end()) return;
  std::for_each(edits.begin(), first, [](Edit& edit) { edit = {Edit::nothing, -1}; });
  if (last > first) {
    edits.erase(last, edits.end());
  } else {
    edits.clear();
  }
  text.rewrite(edits);
}

void drop(std::size_t code_points, Edits& edits) {
  constexpr std::size_t most = 1U << 30U;  // that one edit can say
  for (; code_points > 0; code_points -= std::min(code_points, most)) {
    edits.push_back({Edit::nothing, -static_cast<int>(std::min(code_points, most))});
  }
}

template <class Pattern>
void replace(const Pattern& pattern, std::string_view content, NormalizedText& text) {
  const std::string_view old = text.text();
  Edits& edits = new_edits(text);
  std::size_t after = 0;  // the last match
  bool any = false;
  const auto keep_until = [&](std::size_t at) {
    for_each_code_point(old.substr(after, at - after), [&](char32_t c) {
      edits.push_back({c, 0});
    });
  };
  for_each_match(pattern, old, text.scratch().budget, [&](std::size_t begin, std::size_t end) {
    keep_until(begin);
    drop(static_cast<std::size_t>(count_code_points(old.substr(begin, end - begin))), edits);
    text.check_size(edits.size() + content.size());
    for_each_code_point(content, [&](char32_t c) { edits.push_back({c, 1}); });
    after = end;
    any = true;
  });
  if (!any) return;
  keep_until(old.size());
  text.rewrite(edits);
}

void apply(const ReplaceText& step, NormalizedText& text) {
  replace(step.pattern, step.content, text);
}

void apply(const ReplaceRegex& step, NormalizedText& text) {
  replace(step.pattern, step.content, text);
}

// The first code point of the prefix takes the place of the text's first, which is put in again. An
// empty prefix takes the alignment of that one away all the same, as in the reference.
void apply(const PrependText& prepend, NormalizedText& text) {
  if (text.text().empty()) return;
  Edits& edits = new_edits(text);
  for_each_code_point(prepend.text, [&](char32_t c) {
    edits.push_back({c, edits.empty() ? 0 : 1});
  });
  const CodePoint first = decode_utf8(text.text());
  edits.push_back({first.value, 1});
  if (prepend.text.empty()) edits.push_back({Edit::nothing, -1});
  const auto rest = std::string_view(text.text()).substr(static_cast<std::size_t>(first.length));
  for_each_code_point(rest, [&](char32_t c) { edits.push_back({c, 0}); });
  text.rewrite(edits);
}

// The code points of `content` in place of `replaced` ones. Where there are fewer, the code point
// before the gap stands for what is gone, even when it is not of the content; where there is none
// before it, the alignment of all that follows is off, as in the reference.
void add_replacement(std::string_view content, std::size_t replaced, Edits& edits) {
  const std::size_t first = edits.size();
  for_each_code_point(content, [&](char32_t c) { edits.push_back({c, 0}); });
  const std::size_t count = edits.size() - first;
  for (std::size_t i = replaced; i < count; ++i) edits[first + i].change = 1;
  if (count < replaced && !edits.empty()) {
    edits.back().change -= static_cast<int>(replaced - count);
  }
}

// Clusters beyond this are looked up code point by code point. Source: normalizers::Precompiled.
constexpr std::size_t max_cluster_bytes = 5;

void apply(const Precompiled& step, NormalizedText& text) {
  const Charsmap& rules = *step.charsmap;
  const std::string_view old = text.text();
  if (std::none_of(old.begin(), old.end(), [&](char c) { return rules.begins_rule(c); })) return;
  Edits& edits = new_edits(text);
  bool any = false;
  const auto replaces = [&](std::string_view part) {
    if (!rules.begins_rule(part[0])) return false;
    const auto content = rules.find(part);
    if (!content) return false;
    text.check_size(edits.size() + content->size());
    add_replacement(*content, static_cast<std::size_t>(count_code_points(part)), edits);
    any = true;
    return true;
  };
  for (std::size_t at = 0; at < old.size();) {
    const std::size_t end = grapheme_end(old, at);
    if (end - at <= max_cluster_bytes && replaces(old.substr(at, end - at))) at = end;
    while (at < end) {
      const CodePoint c = decode_utf8(old.substr(at));
      const auto length = static_cast<std::size_t>(c.length);
      if (!replaces(old.substr(at, length))) edits.push_back({c.value, 0});
      at += length;
    }
  }
  if (any) text.rewrite(edits);
}

void apply(const BytesToAlphabet&, NormalizedText& text) {
  const std::string_view old = text.text();
  if (std::all_of(old.begin(), old.end(), is_plain_ascii)) return;
  Edits& edits = new_edits(text);
  edits.reserve(old.size());
  for (const char c : old) {
    const auto byte = static_cast<std::uint8_t>(c);
    edits.push_back({character_of_byte(byte), continues_utf8(c) ? 1 : 0});
  }
  text.rewrite(edits);
}

}  // namespace

std::vector<NormalizerStep> bert_normalizer(const BertNormalizerOptions& options) {
  std::vector<NormalizerStep> steps;
  if (options.clean_text) steps.emplace_back(CleanText{});
  if (options.handle_chinese_chars) steps.emplace_back(SpaceChinese{});
  if (options.strip_accents) {
    steps.emplace_back(UnicodeForm::nfd);
    steps.emplace_back(DropNonspacingMarks{});
  }
  if (options.lowercase) steps.emplace_back(Lowercase{});
  return steps;
}

Normalizer::Normalizer(std::vector<NormalizerStep> steps) : steps_(std::move(steps)) {}

void Normalizer::operator()(NormalizedText& text) const {
  for (const NormalizerStep& step : steps_) {
    std::visit([&](const auto& known) { apply(known, text); }, step);
  }
}

}  // namespace attend
