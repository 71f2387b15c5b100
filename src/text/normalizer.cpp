// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The steps of normalization. Each turns the text into edits; texts of plain ASCII are changed in
// place where a step cannot do more than that.
#include "attend/text/normalizer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "attend/text/utf8.h"

namespace attend {
namespace {

using Edits = std::vector<Edit>;

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
  Edits edits;
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
  Edits edits;
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
  Edits edits;
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
  Edits edits;
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
  Edits edits;
  UnicodeNormalizer normalizer(form);
  for_each_code_point(text.text(), [&](char32_t c) { normalizer.push(c, edits); });
  normalizer.finish(edits);
  text.rewrite(edits);
}

void apply(const StripBlanks& strip, NormalizedText& text) {
  Edits edits;
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

void apply(const ReplaceText& replace, NormalizedText& text) {
  std::vector<Edit> content;
  for_each_code_point(replace.content, [&](char32_t c) { content.push_back({c, 1}); });
  const auto pattern_size = static_cast<int>(count_code_points(replace.pattern));
  const std::string_view old = text.text();
  Edits edits;
  const auto keep = [&](std::string_view part) {
    for_each_code_point(part, [&](char32_t c) { edits.push_back({c, 0}); });
  };
  std::size_t at = 0;
  bool any = false;
  for (std::size_t next = old.find(replace.pattern); next != std::string_view::npos;
       next = old.find(replace.pattern, at)) {
    any = true;
    keep(old.substr(at, next - at));
    edits.push_back({Edit::nothing, -pattern_size});
    edits.insert(edits.end(), content.begin(), content.end());
    at = next + replace.pattern.size();
    if (!replace.pattern.empty()) continue;
    if (at == old.size()) break;
    const auto length = static_cast<std::size_t>(decode_utf8(old.substr(at)).length);
    keep(old.substr(at, length));  // an empty match does not move on by itself
    at += length;
  }
  if (!any) return;
  keep(old.substr(at));
  text.rewrite(edits);
}

void apply(const PrependText& prepend, NormalizedText& text) {
  if (text.text().empty() || prepend.text.empty()) return;
  Edits edits;
  for_each_code_point(prepend.text, [&](char32_t c) {
    edits.push_back({c, edits.empty() ? 0 : 1});
  });
  const std::size_t prefix = edits.size();
  for_each_code_point(text.text(), [&](char32_t c) {
    edits.push_back({c, edits.size() == prefix});
  });
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
