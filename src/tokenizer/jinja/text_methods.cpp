// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Methods of texts that cut, find, join and fill. Source: str of CPython 3.11.
#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "attend/text/utf8.h"
#include "text/python_text.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/text_buffer.h"

namespace attend::jinja {
namespace {

constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();

template <Sides sides>
Value stripped(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "strip", {"chars"});
  const std::string_view set = given.text_or_none(0);
  // The set is sorted, as numbers of four bytes.
  constexpr std::size_t character_bytes = 4;
  runtime.meter.step(set.size() / 2);
  runtime.meter.check_room(character_bytes * set.size());
  runtime.meter.touch(text.view().size());
  const std::string_view kept =
      given.at(0).is_none() ? strip(text.view(), sides) : strip(text.view(), set, sides);
  return runtime.text_like(text, std::string(kept));
}

/// A list of a text's parts, which are counted one by one.
class PartList {
 public:
  PartList(Runtime& runtime, const Value& text) : runtime_(runtime), text_(text) {}

  void add(std::string_view part) {
    if (parts_.size() == parts_.capacity()) {
      runtime_.meter.check_room(2 * parts_.size() * sizeof(Value));
    }
    parts_.push_back(runtime_.text_like(text_, std::string(part)));
  }
  void reverse() { std::reverse(parts_.begin(), parts_.end()); }
  [[nodiscard]] Value take() { return runtime_.list(std::move(parts_)); }

 private:
  Runtime& runtime_;
  const Value& text_;
  Items parts_;
};

// Takes the first word of `rest`, and the blanks before it. Empty: there is none.
std::string_view take_word(std::string_view& rest) {
  rest = strip(rest, Sides::left);
  std::size_t end = 0;
  while (end < rest.size()) {
    const CodePoint c = decode_utf8(rest.substr(end));
    if (is_python_space(c.value)) break;
    end += static_cast<std::size_t>(c.length);
  }
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

void split_at_blanks(std::string_view text, std::int64_t most, PartList& out) {
  std::string_view rest = text;
  for (std::int64_t i = 0; i < most; ++i) {
    const std::string_view word = take_word(rest);
    if (word.empty()) return;
    out.add(word);
  }
  rest = strip(rest, Sides::left);
  if (!rest.empty()) out.add(rest);
}

void rsplit_at_blanks(std::string_view text, std::int64_t most, PartList& out) {
  std::int64_t words = 0;
  for (std::string_view rest = text; !take_word(rest).empty();) ++words;
  std::string_view rest = text;
  // What is left of the last ones is one part, with the blanks at its start.
  const std::int64_t joined = words - std::min(most, words);
  for (std::int64_t i = 0; i < joined; ++i) static_cast<void>(take_word(rest));
  if (joined > 0) out.add(text.substr(0, text.size() - rest.size()));
  for (std::int64_t i = joined; i < words; ++i) out.add(take_word(rest));
}

void split_at(std::string_view text, std::string_view separator, std::int64_t most, PartList& out) {
  std::size_t begin = 0;
  for (; most > 0; --most) {
    const std::size_t at = find_text(text, separator, begin);
    if (at == std::string_view::npos) break;
    out.add(text.substr(begin, at - begin));
    begin = at + separator.size();
  }
  out.add(text.substr(begin));
}

// The same from the right, where other places may match.
void rsplit_at(std::string_view text, std::string_view separator, std::int64_t most,
               PartList& out) {
  const std::string mirrored(text.rbegin(), text.rend());
  const std::string mirrored_separator(separator.rbegin(), separator.rend());
  std::size_t end = text.size();
  for (; most > 0; --most) {
    const std::size_t at = find_text(mirrored, mirrored_separator, text.size() - end);
    if (at == std::string_view::npos) break;
    const std::size_t behind = text.size() - at;
    out.add(text.substr(behind, end - behind));
    end = behind - separator.size();
  }
  out.add(text.substr(0, end));
  out.reverse();
}

template <bool from_right>
Value split(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, from_right ? "rsplit" : "split", {"sep", "maxsplit"});
  const std::int64_t asked = given.integer(1, -1);
  const std::int64_t most = asked < 0 ? no_end : asked;
  const std::string_view separator = given.text_or_none(0);
  if (!given.at(0).is_none() && separator.empty()) raise("empty separator");
  count_search(runtime.meter, text.view(), separator, from_right);
  PartList out(runtime, text);
  if (given.at(0).is_none()) {
    from_right ? rsplit_at_blanks(text.view(), most, out) : split_at_blanks(text.view(), most, out);
  } else if (from_right) {
    rsplit_at(text.view(), separator, most, out);
  } else {
    split_at(text.view(), separator, most, out);
  }
  return out.take();
}

Value lines_of(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "splitlines", {"keepends"});
  runtime.meter.touch(text.view().size());
  PartList out(runtime, text);
  split_lines(text.view(), given.flag(runtime, 0), [&](std::string_view line) { out.add(line); });
  return out.take();
}

Value join_items(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "join", {"iterable"}, 1);
  if (!is_iterable(given.at(0))) raise("can only join an iterable");
  const auto iterator = iterate(runtime, given.at(0));
  TextBuffer out(runtime.meter);
  bool is_first = true;
  for (Value item; iterator->next(runtime, item);) {
    if (!item.is_text()) {
      raise("sequence item: expected str instance, " + std::string(type_name(item)) + " found");
    }
    if (!is_first) out.add(text.view());
    is_first = false;
    out.add(item.view());
  }
  return runtime.text_like(text, out.take());
}

Value replace_part(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "replace", {"old", "to", "count"}, 2);
  const std::string_view from = given.text(0);
  const std::string_view to = given.text(1);
  const std::int64_t asked = given.integer(2, -1);
  std::int64_t left = asked < 0 ? no_end : asked;
  std::string_view rest = text.view();
  TextBuffer out(runtime.meter);
  count_search(runtime.meter, rest, from);
  if (from.empty()) {  // before every character, and at the end
    while (left-- > 0) {
      out.add(to);
      if (rest.empty()) break;
      const auto size = static_cast<std::size_t>(decode_utf8(rest).length);
      out.add(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    out.add(rest);
    return runtime.text_like(text, out.take());
  }
  std::size_t begin = 0;
  for (; left > 0; --left) {
    const std::size_t at = find_text(rest, from, begin);
    if (at == std::string_view::npos) break;
    out.add(rest.substr(begin, at - begin));
    out.add(to);
    begin = at + from.size();
  }
  out.add(rest.substr(begin));
  return runtime.text_like(text, out.take());
}

// The part [start, end) of a text that a search looks at, and where it begins in characters.
struct Window {
  std::string_view text;
  std::int64_t begin;
  bool is_inside;
};

Window window_of(Runtime& runtime, const Text& text, const Parameters& given) {
  if (!text.is_ascii() && (given.has(1) || given.has(2))) runtime.meter.touch(text.bytes.size());
  const auto size = static_cast<std::int64_t>(text.characters);
  const auto clamp = [&](std::size_t index, std::int64_t otherwise) {
    std::int64_t at = given.at(index).is_none() ? otherwise : given.integer(index, otherwise);
    if (at < 0) at = std::max<std::int64_t>(at + size, 0);
    return at;
  };
  const std::int64_t begin = clamp(1, 0);
  const std::int64_t end = std::min(clamp(2, size), size);
  if (begin > end) return {{}, begin, false};
  return {part_of(text, static_cast<std::size_t>(begin), static_cast<std::size_t>(end)), begin,
          true};
}

enum class Missing : bool { is_minus_one, is_error };

template <bool from_right, Missing missing>
Value find(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "find", {"sub", "start", "end"}, 1);
  const std::string_view needle = given.text(0);
  const Window window = window_of(runtime, text.text(), given);
  count_search(runtime.meter, window.text, needle, from_right);
  std::size_t at = std::string_view::npos;
  if (window.is_inside) {
    at = from_right ? rfind_text(window.text, needle) : find_text(window.text, needle);
  }
  if (at == std::string_view::npos) {
    if (missing == Missing::is_error) raise("substring not found");
    return Value(std::int64_t{-1});
  }
  return Value(window.begin + count_code_points(window.text.substr(0, at)));
}

Value count(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "count", {"sub", "start", "end"}, 1);
  const std::string_view needle = given.text(0);
  const Window window = window_of(runtime, text.text(), given);
  count_search(runtime.meter, window.text, needle);
  if (!window.is_inside) return Value(std::int64_t{0});
  if (needle.empty()) return Value(std::int64_t{count_code_points(window.text)} + 1);
  std::int64_t count = 0;
  for (std::size_t at = 0; (at = find_text(window.text, needle, at)) != std::string_view::npos;) {
    ++count;
    at += needle.size();
  }
  return Value(count);
}

template <bool at_end>
Value has_affix(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, at_end ? "endswith" : "startswith", {"prefix", "start", "end"},
                         1);
  const Window window = window_of(runtime, text.text(), given);
  const auto holds = [&](const Value& affix) {
    if (!affix.is_text()) {
      raise("startswith and endswith take a str or a tuple of str, not " +
            std::string(type_name(affix)));
    }
    runtime.meter.touch(std::min(affix.view().size(), window.text.size()));
    return window.is_inside &&
           (at_end ? window.text.ends_with(affix.view()) : window.text.starts_with(affix.view()));
  };
  if (!given.at(0).is(Type::tuple)) return Value(holds(given.at(0)));
  const Items& all = given.at(0).items();
  return Value(std::any_of(all.begin(), all.end(), holds));
}

template <bool at_end>
Value without_affix(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "removeprefix", {"prefix"}, 1);
  const std::string_view affix = given.text(0);
  std::string_view kept = text.view();
  runtime.meter.touch(std::min(affix.size(), kept.size()));
  if (at_end ? kept.ends_with(affix) : kept.starts_with(affix)) {
    kept = kept.substr(at_end ? 0 : affix.size(), kept.size() - affix.size());
  }
  return runtime.text_like(text, std::string(kept));
}

template <bool from_right>
Value partition(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "partition", {"sep"}, 1);
  const std::string_view separator = given.text(0);
  if (separator.empty()) raise("empty separator");
  const std::string_view all = text.view();
  count_search(runtime.meter, all, separator, from_right);
  const std::size_t at = from_right ? rfind_text(all, separator) : find_text(all, separator);
  const auto part = [&](std::string_view one) { return runtime.text_like(text, std::string(one)); };
  if (at == std::string_view::npos) {
    return from_right ? runtime.tuple({part({}), part({}), part(all)})
                      : runtime.tuple({part(all), part({}), part({})});
  }
  return runtime.tuple(
      {part(all.substr(0, at)), part(separator), part(all.substr(at + separator.size()))});
}

enum class Fill : std::uint8_t { left, right, both, zeros };

template <Fill fill>
Value filled(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "center", {"width", "fillchar"}, 1);
  const std::string_view filler = fill == Fill::zeros ? "0" : given.text(1, " ");
  runtime.meter.touch(filler.size());
  if (count_code_points(filler) != 1) {
    raise("The fill character must be exactly one character long");
  }
  const auto size = static_cast<std::int64_t>(text.text().characters);
  const std::int64_t width = given.integer(0, 0);
  if (width <= size) return text;
  const auto missing = static_cast<std::size_t>(width - size);
  if (missing > std::numeric_limits<std::size_t>::max() / 8) raise_limit("a text is too wide");
  runtime.meter.check_room(missing * filler.size());
  std::size_t left = fill == Fill::right ? 0 : missing;
  if (fill == Fill::both) {
    left = missing / 2 + (missing & static_cast<std::size_t>(width) & 1U);
  }
  std::string_view kept = text.view();
  TextBuffer out(runtime.meter);
  if (fill == Fill::zeros && (kept.starts_with('-') || kept.starts_with('+'))) {
    out.add(kept.substr(0, 1));
    kept.remove_prefix(1);
  }
  for (std::size_t i = 0; i < left; ++i) out.add(filler);
  out.add(kept);
  for (std::size_t i = left; i < missing; ++i) out.add(filler);
  return runtime.text_like(text, out.take());
}

Value format_by_braces(Runtime& runtime, const Value& text, Arguments& arguments) {
  return brace_format(runtime, text, arguments);
}

constexpr std::array<NamedFunction, 24> text_method_table{
    {{"strip", stripped<Sides::both>},
     {"lstrip", stripped<Sides::left>},
     {"rstrip", stripped<Sides::right>},
     {"split", split<false>},
     {"rsplit", split<true>},
     {"splitlines", lines_of},
     {"join", join_items},
     {"replace", replace_part},
     {"find", find<false, Missing::is_minus_one>},
     {"rfind", find<true, Missing::is_minus_one>},
     {"index", find<false, Missing::is_error>},
     {"rindex", find<true, Missing::is_error>},
     {"count", count},
     {"startswith", has_affix<false>},
     {"endswith", has_affix<true>},
     {"removeprefix", without_affix<false>},
     {"removesuffix", without_affix<true>},
     {"partition", partition<false>},
     {"rpartition", partition<true>},
     {"center", filled<Fill::both>},
     {"ljust", filled<Fill::right>},
     {"rjust", filled<Fill::left>},
     {"zfill", filled<Fill::zeros>},
     {"format", format_by_braces}}};

}  // namespace

std::span<const NamedFunction> text_methods() noexcept { return text_method_table; }

}  // namespace attend::jinja
