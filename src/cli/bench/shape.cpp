// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Shapes from words, and ids from shapes.
#include "cli/bench/shape.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

#include "attend/core/error.h"
#include "core/limits.h"

namespace attend::cli::bench {
namespace {

constexpr Index largest_count = 1'000'000;

/// Nothing, unless `text` is a number from 1 to `most`.
std::optional<Index> number_of(std::string_view text, Index most) {
  Index value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < 1 || value > most) return std::nullopt;
  return value;
}

struct Pair {
  Index first;
  Index second;
};

/// "8x128" around 'x'; nothing where it is not two such numbers.
std::optional<Pair> pair_of(std::string_view text, char between) {
  const std::size_t at = text.find(between);
  if (at == std::string_view::npos) return std::nullopt;
  const auto first = number_of(text.substr(0, at), largest_count);
  const auto second = number_of(text.substr(at + 1), largest_count);
  if (!first || !second) return std::nullopt;
  return Pair{*first, *second};
}

/// What follows the prefix; nothing where the text does not begin with it.
std::optional<std::string_view> after(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

std::optional<TokenShape> token_shape(std::string_view text) {
  if (const auto rows = after("ragged", text)) {
    const auto count = number_of(*rows, largest_count);
    if (!count) return std::nullopt;
    TokenShape shape;
    Index tokens = 0;
    for (Index row = 0; row < *count; ++row) {
      shape.lengths.push_back(1 + 29 * row % 64);
      tokens += shape.lengths.back();
    }
    if (tokens > limits::padded_tokens) return std::nullopt;
    return shape;
  }
  const auto size = pair_of(text, 'x');
  if (!size || size->first * size->second > limits::padded_tokens) return std::nullopt;
  return TokenShape{std::vector<Index>(static_cast<std::size_t>(size->first), size->second)};
}

/// "4x128+64", "8x128+32/4".
std::optional<GenerationShape> generation_shape(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus == std::string_view::npos) return std::nullopt;
  auto prompts = token_shape(text.substr(0, plus));
  const std::string_view rest = text.substr(plus + 1);
  const std::size_t slash = rest.find('/');
  const auto new_tokens = number_of(rest.substr(0, slash), largest_count);
  auto beams = std::optional<Index>(1);
  if (slash != std::string_view::npos) beams = number_of(rest.substr(slash + 1), limits::beams);
  if (!prompts || !new_tokens || !beams) return std::nullopt;
  return GenerationShape{std::move(*prompts), *new_tokens, *beams};
}

}  // namespace

Shape read_shape(const std::string& text) {
  if (const auto rest = after("gen:", text)) {
    if (auto shape = generation_shape(*rest)) return std::move(*shape);
  } else if (const auto prompts = after("prefill:", text)) {
    if (auto shape = token_shape(*prompts)) return GenerationShape{.prompts = std::move(*shape)};
  } else if (const auto counts = after("texts:", text)) {
    if (const auto both = pair_of(*counts, '/')) return TextShape{both->first, both->second};
  } else if (auto tokens = token_shape(text)) {
    return std::move(*tokens);
  }
  fail(
      ErrorKind::config_error,
      {.where = "bench",
       .what = "--shape",
       .expected = "ROWSxLENGTH or raggedROWS of at most " + std::to_string(limits::padded_tokens) +
                   " tokens, gen:ROWSxLENGTH+NEW/BEAMS, prefill:ROWSxLENGTH, or texts:COUNT/BATCH",
       .found = quote(text),
       .hint = "such as 8x128, ragged32, gen:4x128+64, texts:512/32"});
}

Batch token_batch(const TokenShape& shape, std::int64_t round, Index vocabulary) {
  constexpr Index reserved = 1000;  // ids at either end, where special tokens are
  const bool has_more = vocabulary > 2 * reserved;
  const std::int64_t first_id = has_more ? reserved : 0;
  const std::int64_t count = has_more ? vocabulary - 2 * reserved : vocabulary;
  Batch batch;
  std::int64_t row = 0;
  for (const Index length : shape.lengths) {
    for (std::int64_t position = 0; position < length; ++position) {
      const std::int64_t place = 7919 * position + 104729 * row + 15485863 * round;
      batch.ids.push_back(static_cast<TokenId>(first_id + place % count));
    }
    batch.starts.push_back(batch.starts.back() + length);
    ++row;
  }
  batch.type_ids.assign(batch.ids.size(), 0);
  return batch;
}

}  // namespace attend::cli::bench
