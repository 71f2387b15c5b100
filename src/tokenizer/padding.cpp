// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: utils/padding.rs and `Encoding::pad` of tokenizers 0.22.
#include "attend/tokenizer/padding.h"

#include <algorithm>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "attend/tokenizer/tokenizer.h"
#include "core/limits.h"

namespace attend {
namespace {

constexpr std::string_view where_padding = "Tokenizer::pad";

// Padding with everything decided.
struct Plan {
  Index length;
  Side side;
  TokenId pad_id;
  std::int32_t pad_type_id;
};

Index length_of(const std::vector<Encoding>& encodings, const Padding& padding) {
  Index longest = 0;
  for (const Encoding& encoding : encodings) longest = std::max(longest, encoding.size());
  const Index length = padding.length.value_or(longest);
  if (length < 0 || padding.pad_to_multiple_of < 1) {
    fail(ErrorKind::config_error,
         {.where = std::string(where_padding),
          .what = "length " + std::to_string(length) + ", a multiple of " +
                  std::to_string(padding.pad_to_multiple_of),
          .expected = "a length that is not negative, a multiple of at least 1",
          .hint = "leave the length out to pad to the longest text"});
  }
  const auto count = static_cast<Index>(encodings.size());
  const Index groups =
      length / padding.pad_to_multiple_of + Index{length % padding.pad_to_multiple_of != 0};
  const auto rounded = checked_product(groups, padding.pad_to_multiple_of);
  const auto all = rounded ? checked_product(std::max(*rounded, longest), count) : std::nullopt;
  if (!all || *all > limits::padded_tokens) {
    fail(ErrorKind::resource_limit, {.where = std::string(where_padding),
                                     .what = "tokens of " + std::to_string(count) +
                                             " encodings of length " + std::to_string(length),
                                     .expected = "at most " + std::to_string(limits::padded_tokens),
                                     .hint = "pad fewer encodings at a time"});
  }
  return *rounded;
}

template <class T>
void pad_values(std::vector<T>& values, const Plan& plan, T value) {
  const std::size_t missing = static_cast<std::size_t>(plan.length) - values.size();
  values.insert(plan.side == Side::left ? values.begin() : values.end(), missing, value);
}

PaddedEncoding padded(Encoding encoding, const Plan& plan) {
  PaddedEncoding out{.encoding = std::move(encoding), .attention_mask = {}};
  Encoding& e = out.encoding;
  out.attention_mask.assign(e.ids.size(), 1);
  const Index missing = plan.length - e.size();
  if (missing <= 0) return out;
  const bool has_ids_alone = e.offsets.size() < e.ids.size();
  pad_values(e.ids, plan, plan.pad_id);
  pad_values(e.type_ids, plan, plan.pad_type_id);
  if (!has_ids_alone) {
    pad_values(e.offsets, plan, Range{});
    pad_values(e.word_ids, plan, none);
    pad_values(e.sequence_ids, plan, none);
    pad_values(e.special_tokens_mask, plan, std::uint8_t{1});
  }
  pad_values(out.attention_mask, plan, std::uint8_t{0});
  if (plan.side == Side::left) {
    for (MatchedText& text : e.matched_texts) text.token += missing;
  }
  return out;
}

}  // namespace

std::vector<PaddedEncoding> Tokenizer::pad(std::vector<Encoding> encodings,
                                           const Padding& padding) const {
  const std::optional<TokenId> pad_id = padding.pad_id ? padding.pad_id : special_tokens().pad;
  if (!pad_id) {
    fail(ErrorKind::config_error, {.where = std::string(where_padding),
                                   .what = "a tokenizer without a pad token",
                                   .hint = "set Padding::pad_id, such as to the id of eos"});
  }
  const Plan plan{.length = length_of(encodings, padding),
                  .side = padding.side.value_or(settings().padding_side),
                  .pad_id = *pad_id,
                  .pad_type_id = padding.pad_type_id.value_or(settings().pad_type_id)};
  std::vector<PaddedEncoding> out;
  out.reserve(encodings.size());
  for (Encoding& encoding : encodings) out.push_back(padded(std::move(encoding), plan));
  return out;
}

}  // namespace attend
