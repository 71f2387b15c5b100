// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The text before the gap gets a blank from outside, which offsets must not count.
#include "tokenizer/infilling.h"

#include <algorithm>
#include <limits>

#include "attend/core/error.h"
#include "tokenizer/encoding_fields.h"

namespace attend {
namespace {

// Moves what is counted in one of the two texts.
void move_offsets(Encoding& encoding, std::int32_t sequence, Index bytes) {
  for (std::size_t i = 0; i < encoding.offsets.size(); ++i) {
    if (encoding.sequence_ids[i] != sequence) continue;
    Range& offsets = encoding.offsets[i];
    offsets = {std::max<Index>(offsets.begin + bytes, 0), std::max<Index>(offsets.end + bytes, 0)};
  }
}

}  // namespace

// Special tokens at the ends, when none are wanted; those around the gap stay.
void GapEncoder::drop_ends(EncodingFields fields, Encoding& encoding) const {
  const Index size = encoding.size();
  erase({encoding, fields}, {size - Index{infilling_.has_eos}, size});
  erase({encoding, fields}, {0, Index{infilling_.has_bos}});
}

std::string_view GapEncoder::without_last(std::string_view text) const {
  const std::string& token = infilling_.fill_token;
  if (token.empty() || !text.ends_with(token)) return text;
  return text.substr(0, text.size() - token.size());
}

std::optional<std::vector<Encoding>> GapEncoder::encode(std::string_view text,
                                                        const EncodeOptions& options) const {
  const std::string& token = infilling_.fill_token;
  const std::size_t at = token.empty() ? std::string_view::npos : text.find(token);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view behind = text.substr(at + token.size());
  if (behind.find(token) != std::string_view::npos) {
    fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::encode",
                                      .what = "a text with " + quote(token),
                                      .expected = "one of them",
                                      .found = "more",
                                      .hint = "fill the gaps one at a time"});
  }
  if (behind.empty()) return std::nullopt;
  std::vector<Encoding> out = encode_pair(text.substr(0, at), behind, options);
  for (Encoding& encoding : out) move_offsets(encoding, 1, static_cast<Index>(at + token.size()));
  return out;
}

std::vector<Encoding> GapEncoder::encode_pair(std::string_view text, std::string_view pair,
                                              const EncodeOptions& options) const {
  if (!inside_) {
    fail(ErrorKind::tokenizer_error,
         {.where = "Tokenizer::encode_pair",
          .what = "a pair is what stands around a gap, but the tokenizer lacks a token for that",
          .hint = "set prefix_token, middle_token and suffix_token in tokenizer_config.json"});
  }
  EncodeOptions all = options;
  all.add_special_tokens = true;
  // Those at the ends take no room when they are dropped.
  if (all.truncation && !options.add_special_tokens) {
    Index& room = all.truncation->max_length;
    const Index ends = Index{infilling_.has_bos} + Index{infilling_.has_eos};
    room = std::min(room, std::numeric_limits<Index>::max() - ends) + ends;
  }
  std::vector<Encoding> out = inside_->encode_pair_windows(" " + std::string(text), pair, all);
  for (Encoding& encoding : out) {
    move_offsets(encoding, 0, -1);
    if (!options.add_special_tokens) drop_ends(options.fields, encoding);
  }
  return out;
}

}  // namespace attend
