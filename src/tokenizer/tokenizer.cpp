// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The way of a text through the parts: added tokens, normalizer, pre-tokenizer, model, truncation,
// template; and back through the decoder.
#include "attend/tokenizer/tokenizer.h"

#include <utility>

#include "attend/core/error.h"
#include "attend/core/parallel.h"
#include "core/limits.h"
#include "tokenizer/parts.h"
#include "tokenizer/text_encoder.h"
#include "tokenizer/trim_offsets.h"
#include "tokenizer/windows.h"

namespace attend {
namespace {

constexpr std::string_view where_encode = "Tokenizer::encode";

void complete(Encoding& encoding, Sequence sequence) {
  encoding.type_ids.assign(encoding.ids.size(), 0);
  encoding.sequence_ids.assign(encoding.ids.size(), sequence == Sequence::first ? 0 : 1);
  encoding.special_tokens_mask.assign(encoding.ids.size(), 0);
}

// The reference refuses such a stride as soon as truncation is switched on.
void check_stride(const Truncation& truncation, Index template_tokens) {
  const Index room = truncation.max_length - template_tokens;
  if (room < 0 || truncation.stride <= room) return;
  fail(ErrorKind::config_error, {.where = std::string(where_encode),
                                 .what = "stride " + std::to_string(truncation.stride),
                                 .expected = "less than max_length without template tokens",
                                 .found = std::to_string(room)});
}

// Calls f(begin, end) for runs of texts that are worth a thread's while, over threads.
template <class Bytes, class F>
void for_each_run(std::size_t count, Bytes&& bytes_of, F&& f) {
  constexpr std::size_t worth_a_thread = 1 << 14;  // bytes; some milliseconds of work
  std::vector<std::size_t> ends;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bytes += bytes_of(i) + 1;
    if (bytes < worth_a_thread && i + 1 < count) continue;
    ends.push_back(i + 1);
    bytes = 0;
  }
  default_pool().parallel_for(static_cast<Index>(ends.size()), [&](Index chunk) {
    const auto index = static_cast<std::size_t>(chunk);
    f(index == 0 ? 0 : ends[index - 1], ends[index]);
  });
}

// A text, or its words, and what became of it so far.
struct Tokenized {
  SourceTexts source;
  Encoding encoding;
};

// The tokens of a text take a multiple of its bytes: nothing else bounds them.
void check_size(const SourceTexts& source) {
  std::size_t bytes = 0;
  for (const std::string_view text : source.texts) bytes += text.size();
  if (bytes <= limits::text_bytes) return;
  fail(ErrorKind::resource_limit, {.where = std::string(where_encode),
                                   .what = "bytes of a text",
                                   .expected = "at most " + std::to_string(limits::text_bytes),
                                   .found = std::to_string(bytes),
                                   .hint = "encode it in parts"});
}

Tokenized tokenize(const Route& route, const SourceTexts& source, Sequence sequence) {
  check_size(source);
  Tokenized out{.source = source, .encoding = {}};
  const EncoderMemories::Lease memory(route.memories);
  TextEncoder encoder(route.parts, route.chunking, *memory, out.encoding, TextEncoder::Wanted::all);
  for (std::size_t i = 0; i < source.texts.size(); ++i) {
    if (source.are_words) encoder.set_word(static_cast<std::int32_t>(i));
    encoder.encode(source.texts[i]);
  }
  complete(out.encoding, sequence);
  return out;
}

std::vector<Encoding> finish(const Route& route, Tokenized first, std::optional<Tokenized> second,
                             const EncodeOptions& options, Overflow overflow) {
  const auto use = options.add_special_tokens ? Template::SpecialTokenUse::add
                                              : Template::SpecialTokenUse::leave_out;
  Windows windows;
  if (options.truncation) {
    check_stride(*options.truncation, route.around.single_tokens());
    const Index around = second ? route.around.pair_tokens() : route.around.single_tokens();
    const Index added = options.add_special_tokens ? around : 0;
    std::optional<Encoding> pair;
    if (second) pair = std::move(second->encoding);
    windows = cut_windows(std::move(first.encoding), std::move(pair), *options.truncation, added,
                          overflow);
  } else {
    windows.first.push_back(std::move(first.encoding));
    if (second) windows.second.emplace().push_back(std::move(second->encoding));
  }
  for (Encoding& window : windows.first) trim_offsets(route.parts, first.source, window);
  if (second) {
    for (Encoding& window : *windows.second) trim_offsets(route.parts, second->source, window);
  }
  std::vector<Encoding> out;
  const auto slowest = route.around.second_comes_first() ? Slowest::second : Slowest::first;
  for (const TruncatedPair& window : combine(std::move(windows), slowest)) {
    out.push_back(route.around.apply(window, use));
  }
  return out;
}

std::vector<Encoding> encode_source(const Route& route, const SourceTexts& first,
                                    const std::optional<SourceTexts>& second,
                                    const EncodeOptions& options, Overflow overflow) {
  std::optional<Tokenized> pair;
  if (second) pair = tokenize(route, *second, Sequence::second);
  return finish(route, tokenize(route, first, Sequence::first), std::move(pair), options, overflow);
}

}  // namespace

Route Tokenizer::Implementation::route(TextSide side) const {
  if (side == TextSide::target && target_side) return target_side->route(TextSide::source);
  const auto with = [this](const Template& around) {
    return Route{*this, chunking, memories, around};
  };
  if (side == TextSide::source || !languages) return with(processor.around);
  if (!languages->target) {
    fail(ErrorKind::config_error,
         {.where = std::string(where_encode),
          .what = "language of a target text",
          .expected = "tgt_lang in tokenizer_config.json, or with_languages()"});
  }
  return with(languages->target_around);
}

Tokenizer::Tokenizer(std::unique_ptr<const Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  return std::move(encode_source(implementation_->route(options.side), {{&text, 1}}, std::nullopt,
                                 options, Overflow::drop)
                       .front());
}

Encoding Tokenizer::encode_pair(std::string_view text, std::string_view pair,
                                const EncodeOptions& options) const {
  return std::move(encode_source(implementation_->route(options.side), {{&text, 1}},
                                 SourceTexts{{&pair, 1}}, options, Overflow::drop)
                       .front());
}

std::vector<Encoding> Tokenizer::encode(std::span<const std::string_view> texts,
                                        const EncodeOptions& options) const {
  std::vector<Encoding> out(texts.size());
  for_each_run(
      texts.size(), [&](std::size_t i) { return texts[i].size(); },
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) out[i] = encode(texts[i], options);
      });
  return out;
}

std::vector<Encoding> Tokenizer::encode_pairs(std::span<const TextPair> pairs,
                                              const EncodeOptions& options) const {
  const Route route = implementation_->route(options.side);
  std::vector<Encoding> out(pairs.size());
  for_each_run(
      pairs.size(), [&](std::size_t i) { return pairs[i].text.size() + pairs[i].pair.size(); },
      [&](std::size_t begin, std::size_t end) {
        Tokenized first;
        for (std::size_t i = begin; i < end; ++i) {
          const auto& [text, pair] = pairs[i];
          if (i == begin || text != pairs[i - 1].text) {
            first = tokenize(route, {{&text, 1}}, Sequence::first);
          }
          out[i] = std::move(finish(route, first, tokenize(route, {{&pair, 1}}, Sequence::second),
                                    options, Overflow::drop)
                                 .front());
        }
      });
  return out;
}

std::vector<Encoding> Tokenizer::encode_windows(std::string_view text,
                                                const EncodeOptions& options) const {
  return encode_source(implementation_->route(options.side), {{&text, 1}}, std::nullopt, options,
                       Overflow::keep);
}

std::vector<Encoding> Tokenizer::encode_pair_windows(std::string_view text, std::string_view pair,
                                                     const EncodeOptions& options) const {
  return encode_source(implementation_->route(options.side), {{&text, 1}}, SourceTexts{{&pair, 1}},
                       options, Overflow::keep);
}

std::vector<Encoding> Tokenizer::encode_words(std::span<const std::string_view> words,
                                              const EncodeOptions& options) const {
  return encode_source(implementation_->route(options.side), {words, true}, std::nullopt, options,
                       Overflow::keep);
}

std::vector<Encoding> Tokenizer::encode_words_pair(std::span<const std::string_view> words,
                                                   std::span<const std::string_view> pair,
                                                   const EncodeOptions& options) const {
  return encode_source(implementation_->route(options.side), {words, true}, SourceTexts{pair, true},
                       options, Overflow::keep);
}

std::string Tokenizer::decode(std::span<const TokenId> ids, const DecodeOptions& options) const {
  std::vector<std::string_view> tokens;
  tokens.reserve(ids.size());
  for (const TokenId id : ids) {
    const std::string_view token = token_of(id);
    if (options.skip_special_tokens && implementation_->added_tokens.is_special(token)) continue;
    tokens.push_back(token);
  }
  std::string text = join(tokens);
  const bool clean_up = options.clean_up_tokenization_spaces.value_or(
      implementation_->settings.clean_up_tokenization_spaces);
  return clean_up ? clean_up_tokenization(std::move(text)) : text;
}

std::string Tokenizer::join(std::span<const std::string_view> tokens) const {
  return attend::decode(implementation_->decoder, tokens);
}

std::vector<std::string_view> Tokenizer::tokens(const Encoding& encoding) const {
  std::vector<std::string_view> out;
  out.reserve(encoding.ids.size());
  for (const TokenId id : encoding.ids) out.push_back(token_of(id));
  for (const MatchedText& matched : encoding.matched_texts) {
    out[static_cast<std::size_t>(matched.token)] = matched.text;
  }
  return out;
}

Index Tokenizer::vocabulary_size() const noexcept {
  const auto& added = implementation_->added_tokens.tokens();
  const Index added_end = added.empty() ? 0 : added.rbegin()->first + 1;
  return std::max(implementation_->vocabulary.id_end(), added_end);
}

std::optional<TokenId> Tokenizer::id_of(std::string_view token) const {
  if (const auto id = implementation_->added_tokens.find(token)) return id;
  return implementation_->vocabulary.find(token);
}

std::string_view Tokenizer::token_of(TokenId id) const {
  if (const AddedToken* added = implementation_->added_tokens.token(id)) return added->content;
  if (const auto token = implementation_->vocabulary.token(id)) return *token;
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer",
                                    .what = "token id " + std::to_string(id),
                                    .expected = "an id of the vocabulary, which ends before " +
                                                std::to_string(vocabulary_size())});
}

bool Tokenizer::is_special(TokenId id) const noexcept {
  const AddedToken* added = implementation_->added_tokens.token(id);
  return added != nullptr && implementation_->added_tokens.is_special(added->content);
}

Index Tokenizer::template_tokens() const noexcept {
  return implementation_->processor.around.single_tokens();
}

Index Tokenizer::pair_template_tokens() const noexcept {
  return implementation_->processor.around.pair_tokens();
}

const SpecialTokens& Tokenizer::special_tokens() const noexcept {
  return implementation_->special_tokens;
}

const TokenizerSettings& Tokenizer::settings() const noexcept { return implementation_->settings; }

}  // namespace attend
