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
  runtime.meter.touch(text.view().size());
  const std::string_view kept =
      given.at(0).is_none() ? strip(text.view(), sides) : strip(text.view(), given.text(0), sides);
  return runtime.text_like(text, std::string(kept));
}

Value list_of(Runtime& runtime, const Value& text, const std::vector<std::string_view>& parts) {
  runtime.meter.check_room(parts.size() * (sizeof(Value) + sizeof(Text)));
  Items out;
  out.reserve(parts.size());
  for (const std::string_view part : parts)
    out.push_back(runtime.text_like(text, std::string(part)));
  return runtime.list(std::move(out));
}

std::vector<std::string_view> split_at_blanks(std::string_view text, std::int64_t most) {
  std::vector<std::string_view> out;
  for (;;) {
    text = strip(text, Sides::left);
    if (text.empty()) return out;
    if (static_cast<std::int64_t>(out.size()) == most) {
      out.push_back(strip(text, Sides::right));
      return out;
    }
    std::size_t end = 0;
    while (end < text.size()) {
      const CodePoint c = decode_utf8(text.substr(end));
      if (is_python_space(c.value)) break;
      end += static_cast<std::size_t>(c.length);
    }
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::vector<std::string_view> rsplit_at_blanks(std::string_view text, std::int64_t most) {
  const auto words = split_at_blanks(text, no_end);
  if (static_cast<std::int64_t>(words.size()) <= most) return words;
  const auto kept = static_cast<std::ptrdiff_t>(most);
  std::vector<std::string_view> out(words.end() - kept, words.end());
  // What is left of them is one part, with the blanks at its start gone, too.
  const std::string_view last = words[words.size() - static_cast<std::size_t>(most) - 1];
  const auto end = static_cast<std::size_t>(last.data() - text.data()) + last.size();
  out.insert(out.begin(), text.substr(0, end));
  return out;
}

// Where `separator` stands, from the left, none over another.
std::vector<std::size_t> places_of(std::string_view text, std::string_view separator) {
  std::vector<std::size_t> out;
  for (std::size_t at = 0; (at = find_text(text, separator, at)) != std::string_view::npos;) {
    out.push_back(at);
    at += separator.size();
  }
  return out;
}

// The same from the right.
std::vector<std::size_t> rplaces_of(std::string_view text, std::string_view separator) {
  const std::string mirrored(text.rbegin(), text.rend());
  const std::string mirrored_separator(separator.rbegin(), separator.rend());
  std::vector<std::size_t> out = places_of(mirrored, mirrored_separator);
  for (std::size_t& at : out) at = text.size() - at - separator.size();
  return out;
}

std::vector<std::string_view> cut(std::string_view text, const std::vector<std::size_t>& places,
                                  std::size_t separator) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (const std::size_t at : places) {
    out.push_back(text.substr(begin, at - begin));
    begin = at + separator;
  }
  out.push_back(text.substr(begin));
  return out;
}

template <bool from_right>
Value split(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, from_right ? "rsplit" : "split", {"sep", "maxsplit"});
  const std::int64_t asked = given.integer(1, -1);
  const std::int64_t most = asked < 0 ? no_end : asked;
  runtime.meter.touch(4 * text.view().size());
  if (given.at(0).is_none()) {
    return list_of(
        runtime, text,
        from_right ? rsplit_at_blanks(text.view(), most) : split_at_blanks(text.view(), most));
  }
  const std::string_view separator = given.text(0);
  if (separator.empty()) raise("empty separator");
  runtime.meter.check_room(text.view().size());
  auto places = from_right ? rplaces_of(text.view(), separator) : places_of(text.view(), separator);
  places.resize(std::min(places.size(), static_cast<std::size_t>(most)));
  std::sort(places.begin(), places.end());
  return list_of(runtime, text, cut(text.view(), places, separator.size()));
}

Value lines_of(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "splitlines", {"keepends"});
  return list_of(runtime, text, split_lines(text.view(), given.flag(runtime, 0)));
}

Value join(Runtime& runtime, const Value& text, Arguments& arguments) {
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

Value replace(Runtime& runtime, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, "replace", {"old", "to", "count"}, 2);
  const std::string_view from = given.text(0);
  const std::string_view to = given.text(1);
  const std::int64_t asked = given.integer(2, -1);
  std::int64_t left = asked < 0 ? no_end : asked;
  std::string_view rest = text.view();
  TextBuffer out(runtime.meter);
  runtime.meter.touch(2 * rest.size());
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
  for (const std::size_t at : places_of(rest, from)) {
    if (left-- <= 0) break;
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

Window window_of(const Text& text, const Parameters& given) {
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
  const Window window = window_of(text.text(), given);
  runtime.meter.touch(2 * text.view().size());
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
  const Window window = window_of(text.text(), given);
  runtime.meter.touch(2 * text.view().size());
  if (!window.is_inside) return Value(std::int64_t{0});
  if (needle.empty()) return Value(std::int64_t{count_code_points(window.text)} + 1);
  return Value(static_cast<std::int64_t>(places_of(window.text, needle).size()));
}

template <bool at_end>
Value has_affix(Runtime&, const Value& text, Arguments& arguments) {
  const Parameters given(arguments, at_end ? "endswith" : "startswith", {"prefix", "start", "end"},
                         1);
  const Window window = window_of(text.text(), given);
  const auto holds = [&](const Value& affix) {
    if (!affix.is_text()) {
      raise("startswith and endswith take a str or a tuple of str, not " +
            std::string(type_name(affix)));
    }
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
  runtime.meter.touch(2 * all.size());
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

Value format(Runtime& runtime, const Value& text, Arguments& arguments) {
  return brace_format(runtime, text, arguments);
}

constexpr std::array<NamedFunction, 24> table{{{"strip", stripped<Sides::both>},
                                               {"lstrip", stripped<Sides::left>},
                                               {"rstrip", stripped<Sides::right>},
                                               {"split", split<false>},
                                               {"rsplit", split<true>},
                                               {"splitlines", lines_of},
                                               {"join", join},
                                               {"replace", replace},
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
                                               {"format", format}}};

}  // namespace

std::span<const NamedFunction> text_methods() noexcept { return table; }

}  // namespace attend::jinja
