// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: step_decode_stream in tokenizer/mod.rs of tokenizers 0.22.
#include "attend/tokenizer/stream_decoder.h"

#include <span>
#include <utility>

#include "attend/core/error.h"

namespace attend {
namespace {

// What half a character is decoded to.
constexpr std::string_view replacement = "\xEF\xBF\xBD";

[[noreturn]] void fail_changed(std::string_view known, std::string_view found) {
  fail(ErrorKind::tokenizer_error,
       {.where = "StreamDecoder",
        .what = "decoded text",
        .expected = "one that begins with the text so far, " + quote(known),
        .found = quote(found),
        .hint = "this tokenizer's decoder changes text by what follows; decode all ids at once"});
}

}  // namespace

std::string StreamDecoder::decoded(std::size_t begin, std::size_t end) const {
  return tokenizer_->join(std::span(tokens_).subspan(begin, end - begin));
}

void StreamDecoder::keep_from(std::size_t begin, std::size_t known) {
  tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(begin));
  known_ = known - begin;
  prefix_ = decoded(0, known_);
}

std::string StreamDecoder::push(TokenId id) {
  const std::string_view token = tokenizer_->token_of(id);
  if (options_.skip_special_tokens && tokenizer_->is_special(id)) return {};
  if (prefix_.empty() && !tokens_.empty()) {
    std::string text = decoded(0, tokens_.size());
    if (!text.ends_with(replacement)) {
      prefix_ = std::move(text);
      known_ = tokens_.size();
    }
  }
  tokens_.push_back(token);
  std::string text = decoded(0, tokens_.size());
  if (text.size() > prefix_.size() && !text.ends_with(replacement)) {
    if (!text.starts_with(prefix_)) fail_changed(prefix_, text);
    text.erase(0, prefix_.size());
    keep_from(known_, tokens_.size());
    return text;
  }
  return tokens_.size() - known_ < max_held ? std::string{} : give_up(text);
}

// The last ids may still become a character, or be the context of what follows. What stands before
// them is settled if it stays as it is when they follow; nothing is, where the decoder makes other
// text of a part than of the whole, and then the part has to do.
std::string StreamDecoder::give_up(std::string_view all) {
  constexpr std::size_t context = 8;
  const std::size_t count = tokens_.size();
  for (std::size_t settled = count - context; settled > count - 2 * context; --settled) {
    const std::size_t begin = settled - context;
    std::string text = decoded(0, settled);
    if (all.starts_with(text) && text.starts_with(prefix_) &&
        decoded(begin, count).starts_with(decoded(begin, settled))) {
      text.erase(0, prefix_.size());
      keep_from(begin, settled);
      return text;
    }
  }
  const std::size_t settled = count - context;
  std::string text = decoded(known_, settled);
  keep_from(settled - context, settled);
  return text;
}

std::string StreamDecoder::finish() {
  std::string text = decoded(0, tokens_.size());
  // A run of bytes that is cut off is no text as a whole, where its beginning was.
  if (text.starts_with(prefix_)) {
    text.erase(0, prefix_.size());
  } else {
    text = decoded(known_, tokens_.size());
  }
  tokens_.clear();
  known_ = 0;
  prefix_.clear();
  return text;
}

}  // namespace attend
