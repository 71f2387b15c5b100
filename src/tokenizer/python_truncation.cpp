// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Lengths are counted first, tokens taken after.
#include "tokenizer/python_truncation.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "attend/core/error.h"
#include "tokenizer/encoding_fields.h"

namespace attend {
namespace {

Index minus(Index size, Index excess) { return std::max<Index>(size - excess, 0); }

// The longer text loses tokens until both are equal, then each loses half of the rest. Of an odd
// rest the second one loses more.
KeptTokens cut_both(KeptTokens sizes, Index excess) {
  const Index alone = std::min(std::abs(sizes.first - sizes.second), excess);
  const Index half = (excess - alone) / 2;
  const Index from_first = half + (sizes.first > sizes.second ? alone : 0);
  return {minus(sizes.first, from_first), minus(sizes.second, excess - from_first)};
}

Encoding kept_part(const Encoding& text, Index kept, Side side) {
  return slice(text, side == Side::right ? Range{0, kept} : Range{text.size() - kept, text.size()});
}

Encoding overflow_part(const Encoding& text, Index kept, const Truncation& truncation) {
  const Index size = text.size() - kept + std::min(truncation.stride, kept);
  Encoding out = slice(text, truncation.side == Side::right ? Range{text.size() - size, text.size()}
                                                            : Range{0, size});
  out.type_ids.assign(out.ids.size(), 0);  // which are left out where ids alone are wanted
  return out;
}

}  // namespace

KeptTokens kept_by_python(Index first, std::optional<Index> second, const Truncation& truncation,
                          Index template_tokens) {
  check_numbers(truncation);
  const KeptTokens all{first, second.value_or(0)};
  const Index excess = all.first + all.second + template_tokens - truncation.max_length;
  if (truncation.max_length == 0 || excess <= 0) return all;  // Python takes 0 for no limit
  switch (truncation.strategy) {
    case TruncationStrategy::longest_first:
      if (second) return cut_both(all, excess);
      break;
    case TruncationStrategy::only_first: break;
    case TruncationStrategy::only_second:
      return all.second > excess ? KeptTokens{all.first, all.second - excess} : all;
  }
  return all.first > excess ? KeptTokens{all.first - excess, all.second} : all;
}

PythonCut cut_as_python(EncodedTexts texts, const Truncation& truncation, Index template_tokens,
                        Overflow overflow) {
  const bool has_none = texts.second && truncation.strategy == TruncationStrategy::longest_first;
  if (has_none && overflow == Overflow::keep) {
    fail(ErrorKind::config_error, {.where = "truncate",
                                   .what = "what overflows of a pair under longest_first",
                                   .expected = "only_first or only_second",
                                   .hint = "or ask for no overflow: longest_first has none here"});
  }
  const auto second_size = texts.second ? std::optional(texts.second->size()) : std::nullopt;
  const KeptTokens kept =
      kept_by_python(texts.first.size(), second_size, truncation, template_tokens);
  PythonCut out;
  const auto cut = [&](Encoding& text, Index size) {
    if (size == text.size()) return;
    if (!has_none && overflow != Overflow::drop) {
      out.overflow = overflow_part(text, size, truncation);
    }
    text = kept_part(text, size, truncation.side);
  };
  cut(texts.first, kept.first);
  if (texts.second) cut(*texts.second, kept.second);
  out.kept = std::move(texts);
  return out;
}

}  // namespace attend
