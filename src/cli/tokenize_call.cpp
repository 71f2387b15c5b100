// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Strategies for padding and truncation are found as _get_padding_truncation_strategies does it.
#include "cli/tokenize_call.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "attend/core/error.h"

namespace attend::cli {
namespace {

std::optional<Index> max_length(const Tokenizer& tokenizer, const TokenizeCall& call) {
  return call.tokenizer.max_length ? call.tokenizer.max_length
                                   : tokenizer.settings().model_max_length;
}

EncodeOptions encode_options(const Tokenizer& tokenizer, const TokenizeCall& call, TextSide side) {
  EncodeOptions options{.add_special_tokens = call.tokenizer.add_special_tokens,
                        .side = side,
                        .fills_gaps = !call.is_list};
  const auto strategy = call.tokenizer.effective_truncation();
  const auto limit = max_length(tokenizer, call);
  if (!strategy || !limit) return options;
  const bool pads = call.tokenizer.padding != PaddingStrategy::none;
  if (pads && *limit % call.pad_to_multiple_of.value_or(1) != 0) {
    fail(ErrorKind::config_error,
         {.where = "run",
          .what = "parameter \"pad_to_multiple_of\"",
          .expected = "a divisor of " + std::to_string(*limit) + ", where texts are cut",
          .found = std::to_string(*call.pad_to_multiple_of)});
  }
  options.truncation = Truncation{
      .max_length = *limit,
      .strategy = *strategy,
      .side = call.tokenizer.truncation_side.value_or(tokenizer.settings().truncation_side),
      .stride = call.stride};
  return options;
}

std::vector<Encoding> windows_of(const Tokenizer& tokenizer, const TokenizeCall& call,
                                 const CallTexts& texts, const EncodeOptions& options) {
  const auto one = [](Encoding encoding) {
    std::vector<Encoding> out;
    out.push_back(std::move(encoding));
    return out;
  };
  if (call.is_split_into_words) {
    const bool gives_none = !tokenizer.settings().cuts_windows && texts.pair &&
                            options.truncation &&
                            options.truncation->strategy == TruncationStrategy::longest_first;
    if (call.return_overflowing_tokens && gives_none) {
      fail(ErrorKind::config_error,
           {.where = "run",
            .what = "what overflows of a pair under longest_first",
            .expected = "only_first or only_second",
            .hint = "or ask for no overflow: longest_first has none here"});
    }
    auto windows = texts.pair ? tokenizer.encode_words_pair(texts.text, *texts.pair, options)
                              : tokenizer.encode_words(texts.text, options);
    if (!call.return_overflowing_tokens) windows.resize(1);
    return windows;
  }
  const std::string_view text = texts.text.front();
  if (texts.pair) {
    const std::string_view pair = texts.pair->front();
    return call.return_overflowing_tokens ? tokenizer.encode_pair_windows(text, pair, options)
                                          : one(tokenizer.encode_pair(text, pair, options));
  }
  return call.return_overflowing_tokens ? tokenizer.encode_windows(text, options)
                                        : one(tokenizer.encode(text, options));
}

Index length_without_truncation(const Tokenizer& tokenizer, const TokenizeCall& call,
                                const CallTexts& texts, EncodeOptions options) {
  options.truncation.reset();
  return windows_of(tokenizer, call, texts, options).front().size();
}

// Takes what overflows from the windows; `whole` is the length that truncation found.
CallOverflow take_overflow(const Tokenizer& tokenizer, const TokenizeCall& call, Index whole,
                           std::vector<Encoding>& windows) {
  const bool has_own_limit = call.tokenizer.effective_truncation() ||
                             call.tokenizer.padding == PaddingStrategy::max_length;
  const auto limit = has_own_limit ? max_length(tokenizer, call) : call.tokenizer.max_length;
  if (!limit) {
    fail(ErrorKind::config_error, {.where = "run",
                                   .what = "parameter \"return_overflowing_tokens\"",
                                   .expected = "max_length beside it",
                                   .hint = "what overflows is counted from there"});
  }
  CallOverflow out;
  if (windows.size() > 1) out.tokens = std::move(windows.back().ids);
  windows.resize(1);
  out.truncated = whole - *limit;
  return out;
}

// Nothing where nothing is padded. `longest` counts first windows only, as in the reference.
std::optional<Padding> padding_of(const Tokenizer& tokenizer, const TokenizeCall& call,
                                  Index longest) {
  const auto limit = max_length(tokenizer, call);
  switch (call.tokenizer.padding) {
    case PaddingStrategy::none: return std::nullopt;
    case PaddingStrategy::longest: break;
    case PaddingStrategy::max_length:
      if (!limit) return std::nullopt;
      longest = *limit;
      break;
  }
  if (!tokenizer.special_tokens().pad) {
    fail(ErrorKind::config_error, {.where = "run",
                                   .what = "parameter \"padding\"",
                                   .expected = "a tokenizer with a padding token",
                                   .hint = "name a pad_token in tokenizer_config.json"});
  }
  return Padding{.length = longest,
                 .pad_to_multiple_of = call.pad_to_multiple_of.value_or(1),
                 .side = call.padding_side};
}

// What the Python classes refuse and the fast ones take.
void check_python_call(const TokenizeCall& call, std::span<const CallTexts> samples) {
  for (const CallTexts& sample : samples) {
    if (!sample.text.empty() && (!sample.pair || !sample.pair->empty())) continue;
    fail(ErrorKind::config_error, {.where = "run",
                                   .what = "parameter \"is_split_into_words\"",
                                   .expected = "at least one word in each text",
                                   .found = "no word",
                                   .hint = "leave such texts out"});
  }
  if (!call.return_token_type_ids || call.tokenizer.add_special_tokens) return;
  fail(ErrorKind::config_error, {.where = "run",
                                 .what = "parameter \"return_token_type_ids\"",
                                 .expected = "add_special_tokens beside it",
                                 .hint = "this tokenizer's class has no type ids without them"});
}

// PreTrainedTokenizerBase.create_token_type_ids_from_sequences, which knows of cls and sep alone,
// whatever tokens the class puts around texts; and what padding makes of that.
std::vector<std::int32_t> python_type_ids(const Tokenizer& tokenizer, const TokenizeCall& call,
                                          const PaddedEncoding& row, bool is_pair) {
  const SpecialTokens& special = tokenizer.special_tokens();
  const auto& sequences = row.encoding.sequence_ids;
  const auto count = [&](std::int32_t sequence) {
    return static_cast<std::size_t>(std::count(sequences.begin(), sequences.end(), sequence));
  };
  const std::size_t sep = special.sep ? 1 : 0;
  std::vector<std::int32_t> out((special.cls ? 1 : 0) + count(0) + sep, 0);
  if (is_pair) out.insert(out.end(), count(1) + sep, 1);
  const auto& mask = row.attention_mask;
  const auto pads = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 0));
  const TokenizerSettings& settings = tokenizer.settings();
  const bool at_end = call.padding_side.value_or(settings.padding_side) == Side::right;
  out.insert(at_end ? out.end() : out.begin(), pads, settings.pad_type_id);
  return out;
}

}  // namespace

std::vector<CallRow> tokenize(const Tokenizer& tokenizer, const TokenizeCall& call,
                              std::span<const CallTexts> samples, TextSide side) {
  const EncodeOptions options = encode_options(tokenizer, call, side);
  const bool is_python = !tokenizer.settings().cuts_windows;
  if (is_python) check_python_call(call, samples);
  std::vector<Encoding> encodings;
  std::vector<std::size_t> sample_of;
  std::vector<std::optional<CallOverflow>> overflows;
  Index longest = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    auto windows = windows_of(tokenizer, call, samples[i], options);
    if (call.return_overflowing_tokens && is_python) {
      const Index whole = length_without_truncation(tokenizer, call, samples[i], options);
      overflows.push_back(take_overflow(tokenizer, call, whole, windows));
    } else {
      overflows.resize(overflows.size() + windows.size());
    }
    longest = std::max(longest, windows.front().size());
    sample_of.insert(sample_of.end(), windows.size(), i);
    std::move(windows.begin(), windows.end(), std::back_inserter(encodings));
  }
  std::vector<Index> lengths;
  for (const Encoding& encoding : encodings) lengths.push_back(encoding.size());
  auto padding = padding_of(tokenizer, call, longest);
  // Their pad() returns at once where it is given no ids.
  if (is_python && !call.is_list && encodings.front().ids.empty()) padding.reset();
  std::vector<PaddedEncoding> padded;
  if (padding) {
    padded = tokenizer.pad(std::move(encodings), *padding);
  } else {
    for (Encoding& encoding : encodings) {
      std::vector<std::uint8_t> mask(encoding.ids.size(), 1);
      padded.push_back({std::move(encoding), std::move(mask)});
    }
  }
  std::vector<CallRow> rows;
  for (std::size_t i = 0; i < padded.size(); ++i) {
    CallRow& row = rows.emplace_back(CallRow{std::move(padded[i]), sample_of[i]});
    row.overflow = std::move(overflows[i]);
    // The Python classes count the texts of a list before they pad it.
    row.length = is_python && call.is_list ? lengths[i] : row.padded.encoding.size();
    if (is_python) {
      const bool is_pair = samples[row.sample].pair.has_value();
      row.type_ids = python_type_ids(tokenizer, call, row.padded, is_pair);
    }
  }
  return rows;
}

}  // namespace attend::cli
