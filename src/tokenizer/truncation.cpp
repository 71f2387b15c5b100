// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Cuts encodings into windows.
#include "attend/tokenizer/truncation.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "attend/core/error.h"
#include "core/limits.h"
#include "tokenizer/encoding_fields.h"
#include "tokenizer/windows.h"

namespace attend {
namespace {

constexpr std::string_view where_truncation = "truncate";

// The memory of a window beside its tokens, in tokens.
constexpr Index tokens_worth_a_window = 32;

// A count that is only compared with the limit.
constexpr Index too_many = limits::window_tokens + 1;

Index product(Index a, Index b) {
  return std::min(checked_product(a, b).value_or(too_many), too_many);
}

void check_memory(Index tokens) {
  if (tokens <= limits::window_tokens) return;
  fail(ErrorKind::resource_limit, {.where = std::string(where_truncation),
                                   .what = "tokens of all overlapping windows",
                                   .expected = "at most " + std::to_string(limits::window_tokens),
                                   .found = "more",
                                   .hint = "a smaller stride, a larger max_length, or truncation "
                                           "of one text of the pair only, gives "
                                           "fewer windows"});
}

std::vector<Range> window_ranges(Index size, Index length, const Truncation& truncation,
                                 Overflow overflow) {
  std::vector<Range> ranges;
  const Index step = length - truncation.stride;
  const Index all = (size - length + step - 1) / step + 1;
  const Index count = overflow == Overflow::drop ? 1 : all;
  check_memory(product(count, length + tokens_worth_a_window));
  for (Index i = 0; i < count; ++i) {
    if (truncation.side == Side::right) {
      ranges.push_back({i * step, std::min(i * step + length, size)});
    } else {
      const Index end = size - i * step;
      ranges.push_back({std::max<Index>(end - length, 0), end});
    }
  }
  return ranges;
}

std::vector<Encoding> windows_of(Encoding encoding, Index length, const Truncation& truncation,
                                 Overflow overflow) {
  std::vector<Encoding> windows;
  if (length >= encoding.size()) {
    windows.push_back(std::move(encoding));
    return windows;
  }
  if (length == 0) {  // nothing remains; all of it is one overflow, as in the reference
    windows.emplace_back();
    if (overflow != Overflow::drop) windows.push_back(std::move(encoding));
    return windows;
  }
  check_stride(encoding.size(), length, truncation);
  for (const Range range : window_ranges(encoding.size(), length, truncation, overflow)) {
    windows.push_back(slice(encoding, range));
  }
  return windows;
}

// Tokens that remain of the two texts under longest_first: the shorter one is kept whole while that
// is possible, otherwise the room is halved and an odd token goes to the longer text.
KeptTokens longest_first(Index first, Index second, Index room) {
  const bool swap = first > second;
  Index shorter = std::min(first, second);
  Index longer = shorter > room ? shorter : std::max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = room / 2;
    longer = room - shorter;
  }
  return swap ? KeptTokens{longer, shorter} : KeptTokens{shorter, longer};
}

[[noreturn]] void fail_too_short(Index size, Index excess) {
  fail(ErrorKind::input_too_long,
       {.where = std::string(where_truncation),
        .what = "the text that truncation may shorten has " + std::to_string(size) + " tokens, " +
                std::to_string(excess) + " too many in all",
        .hint = "a larger max_length, or longest_first, can keep both texts"});
}

}  // namespace

void check_numbers(const Truncation& truncation) {
  if (truncation.max_length >= 0 && truncation.stride >= 0) return;
  fail(ErrorKind::config_error, {.where = std::string(where_truncation),
                                 .what = "max_length and stride",
                                 .expected = "no negative numbers",
                                 .hint = "a stride of 0 shares no tokens between windows"});
}

KeptTokens kept_tokens(Index first, std::optional<Index> second, const Truncation& truncation,
                       Index template_tokens) {
  check_numbers(truncation);
  const Index room = truncation.max_length - template_tokens;
  KeptTokens kept{first, second.value_or(0)};
  const Index excess = kept.first + kept.second - room;
  // No room even for the template: the reference's unsigned difference is huge, nothing is cut.
  if (room == 0) return {};
  if (room < 0 || excess <= 0) return kept;
  switch (truncation.strategy) {
    case TruncationStrategy::longest_first:
      if (!second) return {room, 0};
      return longest_first(kept.first, kept.second, room);
    case TruncationStrategy::only_first:
      if (kept.first <= excess) fail_too_short(kept.first, excess);
      kept.first -= excess;
      break;
    case TruncationStrategy::only_second:
      if (!second) {
        fail(ErrorKind::config_error, {.where = std::string(where_truncation),
                                       .what = "only_second",
                                       .expected = "a pair",
                                       .found = "one text",
                                       .hint = "only_first and longest_first shorten one text"});
      }
      if (kept.second <= excess) fail_too_short(kept.second, excess);
      kept.second -= excess;
      break;
  }
  return kept;
}

void check_stride_of_template(const Truncation& truncation, Index template_tokens) {
  const Index room = truncation.max_length - template_tokens;
  if (room < 0 || truncation.stride <= room) return;
  fail(ErrorKind::config_error, {.where = "Tokenizer::encode",
                                 .what = "stride " + std::to_string(truncation.stride),
                                 .expected = "less than max_length without template tokens",
                                 .found = std::to_string(room),
                                 .hint = "choose a smaller stride or a larger max_length"});
}

void check_stride(Index tokens, Index kept, const Truncation& truncation) {
  if (kept == 0 || kept >= tokens || truncation.stride < kept) return;
  fail(ErrorKind::config_error, {.where = std::string(where_truncation),
                                 .what = "stride " + std::to_string(truncation.stride),
                                 .expected = "less than the tokens that are left for a text",
                                 .found = std::to_string(kept),
                                 .hint = "choose a smaller stride or a larger max_length"});
}

Windows cut_windows(EncodedTexts texts, const Truncation& truncation, Index template_tokens,
                    Overflow overflow) {
  auto& [first, second] = texts;
  const auto second_size = second ? std::optional(second->size()) : std::nullopt;
  const KeptTokens kept = kept_tokens(first.size(), second_size, truncation, template_tokens);
  Windows out{windows_of(std::move(first), kept.first, truncation, overflow), std::nullopt};
  if (second) out.second = windows_of(*std::move(second), kept.second, truncation, overflow);
  return out;
}

std::vector<std::vector<std::size_t>> window_choices(
    std::span<const std::vector<Encoding>* const> texts, Index around) {
  Index count = 1;
  Index tokens = 0;
  for (const auto* windows : texts) {
    const auto own = static_cast<Index>(windows->size());
    Index own_tokens = product(own, tokens_worth_a_window);
    for (const Encoding& window : *windows) own_tokens += window.size();
    // What there is so far comes once for each of these windows, and these for each of those.
    tokens = std::min(product(tokens, own) + product(own_tokens, count), too_many);
    count = product(count, own);
  }
  if (count > 1) check_memory(std::min(tokens + product(around, count), too_many));
  std::vector<std::vector<std::size_t>> choices(1);
  for (const auto* windows : texts) {
    std::vector<std::vector<std::size_t>> longer;
    const auto add = [&](const std::vector<std::size_t>& choice, std::size_t window) {
      longer.push_back(choice);
      longer.back().push_back(window);
    };
    add(choices[0], 0);
    for (std::size_t i = 1; i < choices.size(); ++i) {
      for (std::size_t window = 0; window < windows->size(); ++window) add(choices[i], window);
    }
    for (std::size_t window = 1; window < windows->size(); ++window) add(choices[0], window);
    choices = std::move(longer);
  }
  return choices;
}

}  // namespace attend
