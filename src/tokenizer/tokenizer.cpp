// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The way of a text through the parts: added tokens, normalizer, pre-tokenizer, model, truncation,
// template; and back through the decoder.
#include "attend/tokenizer/tokenizer.h"

#include <algorithm>
#include <utility>

#include "attend/core/error.h"
#include "attend/core/parallel.h"
#include "core/limits.h"
#include "tokenizer/encoding_fields.h"
#include "tokenizer/parts.h"
#include "tokenizer/put_together.h"
#include "tokenizer/python_truncation.h"
#include "tokenizer/single_window.h"
#include "tokenizer/text_encoder.h"
#include "tokenizer/trim_offsets.h"
#include "tokenizer/typed_tokens.h"
#include "tokenizer/windows.h"

namespace attend {
namespace {

void complete(const EncodeCall& call, Sequence sequence, Encoding& encoding) {
  encoding.type_ids.assign(encoding.ids.size(), 0);
  encoding.sequence_ids.assign(encoding.ids.size(), sequence == Sequence::first ? 0 : 1);
  encoding.special_tokens_mask.assign(encoding.ids.size(), 0);
  mark_typed_tokens(call.route.parts, call.options, {0, encoding.size()}, encoding);
}

// Runs of texts that are worth a thread's while: writes where each of them ends.
template <class Bytes>
void cut_into_runs(std::size_t count, Bytes&& bytes_of, std::vector<std::size_t>& ends) {
  constexpr std::size_t worth_a_thread = 1 << 14;  // bytes; some tenths of a millisecond of work
  constexpr std::size_t runs_a_thread = 8;         // some are slower than others
  std::size_t all = 0;
  for (std::size_t i = 0; i < count; ++i) all += bytes_of(i) + 1;
  const auto threads = static_cast<std::size_t>(default_pool().threads());
  const std::size_t enough = std::max(worth_a_thread, all / (threads * runs_a_thread) + 1);
  ends.clear();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bytes += bytes_of(i) + 1;
    if (bytes < enough && i + 1 < count) continue;
    ends.push_back(i + 1);
    bytes = 0;
  }
}

// Calls f(run, begin, end) for each, over threads.
template <class F>
void for_each_run(const std::vector<std::size_t>& ends, F&& f) {
  default_pool().parallel_for(static_cast<Index>(ends.size()), [&](Index run) {
    const auto index = static_cast<std::size_t>(run);
    f(index, index == 0 ? 0 : ends[index - 1], ends[index]);
  });
}

// A text, or its words, and what became of it so far.
struct Tokenized {
  SourceTexts source;
  Encoding encoding;
};

// The tokens of a text take a multiple of its bytes: nothing else bounds them.
void check_text_size(std::size_t bytes) {
  if (bytes <= limits::text_bytes) return;
  fail(ErrorKind::resource_limit, {.where = "Tokenizer::encode",
                                   .what = "bytes of a text",
                                   .expected = "at most " + std::to_string(limits::text_bytes),
                                   .found = std::to_string(bytes),
                                   .hint = "encode it in parts"});
}

Tokenized tokenize(const EncodeCall& call, const SourceTexts& source, Sequence sequence) {
  std::size_t bytes = 0;
  for (const std::string_view text : source.texts) bytes += text.size();
  check_text_size(bytes);
  Tokenized out{.source = source, .encoding = {}};
  const Route& route = call.route;
  const Memories<EncoderMemory>::Lease memory(route.memories.texts);
  TextEncoder encoder(route.parts, route.chunking, *memory, {out.encoding, call.options.fields});
  for (std::size_t i = 0; i < source.texts.size(); ++i) {
    if (source.are_words) encoder.set_word(static_cast<std::int32_t>(i));
    encoder.encode(source.texts[i]);
  }
  if (call.options.fields == EncodingFields::all) complete(call, sequence, out.encoding);
  return out;
}

Windows one_window(EncodedTexts texts) {
  Windows windows;
  windows.first.push_back(std::move(texts.first));
  if (texts.second) windows.second.emplace().push_back(*std::move(texts.second));
  return windows;
}

// Of texts that Python cuts, the tokens that are in no window.
struct Cut {
  Windows windows;
  std::optional<Encoding> beside = {};
};

Cut cut(const EncodeCall& call, EncodedTexts texts, Overflow overflow) {
  const auto& [route, options] = call;
  if (!options.truncation) return {one_window(std::move(texts))};
  const Index added = call.added_tokens(texts.second ? TextForm::pair : TextForm::single);
  if (!route.parts.settings.cuts_windows) {
    PythonCut left = cut_as_python(std::move(texts), *options.truncation, added, overflow);
    return {one_window(std::move(left.kept)), std::move(left.overflow)};
  }
  check_stride_of_template(*options.truncation, route.processor.added_tokens(TextForm::single));
  return {cut_windows(std::move(texts), *options.truncation, added, overflow)};
}

std::vector<Encoding> finish(const EncodeCall& call, Tokenized first,
                             std::optional<Tokenized> second, Overflow overflow) {
  const bool has_all = call.options.fields == EncodingFields::all;
  const Layout& layout = call.layout(second ? TextForm::pair : TextForm::single);
  std::optional<Encoding> pair;
  if (second) pair = std::move(second->encoding);
  auto [windows, beside] = cut(call, {std::move(first.encoding), std::move(pair)}, overflow);
  std::vector<Encoding> out =
      put_together(layout, windows, [&](const LayoutText& text, Range tokens, Encoding& window) {
        if (!has_all) return;
        const bool is_first = text.sequence == Sequence::first;
        trim_offsets(call.route.parts, {text, tokens, is_first ? first.source : second->source},
                     window);
      });
  if (beside) out.push_back(*std::move(beside));
  if (!has_all) {
    for (Encoding& window : out) keep_ids(window);
  }
  return out;
}

std::vector<Encoding> encode_source(const EncodeCall& call, const SourceTexts& first,
                                    const std::optional<SourceTexts>& second, Overflow overflow) {
  std::optional<Tokenized> pair;
  if (second) pair = tokenize(call, *second, Sequence::second);
  return finish(call, tokenize(call, first, Sequence::first), std::move(pair), overflow);
}

// Appends the window of encode().
void append_one(const EncodeCall& call, const EncoderInput& input, EncoderMemory& memory,
                Encoding& out) {
  if (puts_texts_once(call, input)) {
    check_text_size(input.text.size());
    if (input.pair) check_text_size(input.pair->size());
    append_window(call, input, memory, out);
    return;
  }
  std::optional<SourceTexts> pair;
  if (input.pair) pair = SourceTexts{{&*input.pair, 1}};
  append_all(out, encode_source(call, {{&input.text, 1}}, pair, Overflow::drop).front());
}

void clear(PackedIds& rows) {
  rows.ids.clear();
  rows.type_ids.clear();
  rows.starts.assign(1, 0);
}

void encode_one_into(const EncodeCall& call, const EncoderInput& input, Encoding& out) {
  const Memories<EncoderMemory>::Lease memory(call.route.memories.texts);
  append_one(call, input, *memory, out);
}

// A copy takes no more memory than it needs, and takes it at once.
Encoding encode_one(const EncodeCall& call, const EncoderInput& input, EncoderMemory& memory) {
  clear(memory.encoding);
  append_one(call, input, memory, memory.encoding);
  return memory.encoding;
}

Encoding encode_one(const EncodeCall& call, const EncoderInput& input) {
  const Memories<EncoderMemory>::Lease memory(call.route.memories.texts);
  return encode_one(call, input, *memory);
}

// Appends the rows of inputs [begin, end).
template <class Input>
void append_rows(const EncodeCall& call, Range inputs, Input&& input_of, PackedIds& out) {
  const Memories<EncoderMemory>::Lease memory(call.route.memories.texts);
  Encoding& rows = memory->encoding;
  clear(rows);
  rows.ids.swap(out.ids);
  rows.type_ids.swap(out.type_ids);
  try {
    for (Index i = inputs.begin; i < inputs.end; ++i) {
      append_one(call, input_of(static_cast<std::size_t>(i)), *memory, rows);
      out.starts.push_back(rows.size());
    }
  } catch (...) {
    clear(out);
    throw;
  }
  rows.ids.swap(out.ids);
  rows.type_ids.swap(out.type_ids);
}

template <class Input>
void encode_rows(const EncodeCall& asked, std::size_t count, Input&& input_of, PackedIds& out) {
  EncodeOptions options = asked.options;
  options.fields = EncodingFields::ids;
  const EncodeCall call{asked.route, options};
  const Memories<BatchMemory>::Lease memory(call.route.memories.batches);
  const auto bytes_of = [&](std::size_t i) {
    const EncoderInput input = input_of(i);
    return input.text.size() + input.pair.value_or("").size();
  };
  cut_into_runs(count, bytes_of, memory->ends);
  if (memory->ends.size() < 2 || default_pool().threads() == 1) {
    append_rows(call, {0, static_cast<Index>(count)}, input_of, out);
    return;
  }
  if (memory->runs.size() < memory->ends.size()) memory->runs.resize(memory->ends.size());
  for_each_run(memory->ends, [&](std::size_t run, std::size_t begin, std::size_t end) {
    clear(memory->runs[run]);
    append_rows(call, {static_cast<Index>(begin), static_cast<Index>(end)}, input_of,
                memory->runs[run]);
  });
  for (std::size_t run = 0; run < memory->ends.size(); ++run) {
    const PackedIds& rows = memory->runs[run];
    const Index base = out.tokens();
    append_all(out.ids, rows.ids);
    append_all(out.type_ids, rows.type_ids);
    for (std::size_t i = 1; i < rows.starts.size(); ++i)
      out.starts.push_back(base + rows.starts[i]);
  }
}

}  // namespace

const GapEncoder* Tokenizer::Implementation::gaps_of(const EncodeOptions& options) const noexcept {
  return gaps && options.fills_gaps ? &*gaps : nullptr;
}

Tokenizer::Tokenizer(std::unique_ptr<const Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  if (const GapEncoder* gaps = implementation_->gaps_of(options)) {
    if (auto windows = gaps->encode(text, options)) return std::move(windows->front());
    text = gaps->without_last(text);
  }
  return encode_one(implementation_->call(options), {text});
}

Encoding Tokenizer::encode_pair(std::string_view text, std::string_view pair,
                                const EncodeOptions& options) const {
  if (const GapEncoder* gaps = implementation_->gaps_of(options); gaps && !pair.empty()) {
    return std::move(gaps->encode_pair(text, pair, options).front());
  }
  return encode_one(implementation_->call(options), {text, pair});
}

void Tokenizer::encode_into(std::string_view text, Encoding& out,
                            const EncodeOptions& options) const {
  clear(out);
  if (const GapEncoder* gaps = implementation_->gaps_of(options)) {
    if (auto windows = gaps->encode(text, options)) {
      out = std::move(windows->front());
      return;
    }
    text = gaps->without_last(text);
  }
  encode_one_into(implementation_->call(options), {text}, out);
}

void Tokenizer::encode_pair_into(std::string_view text, std::string_view pair, Encoding& out,
                                 const EncodeOptions& options) const {
  clear(out);
  if (const GapEncoder* gaps = implementation_->gaps_of(options); gaps && !pair.empty()) {
    out = std::move(gaps->encode_pair(text, pair, options).front());
    return;
  }
  encode_one_into(implementation_->call(options), {text, pair}, out);
}

void Tokenizer::encode_into(std::span<const std::string_view> texts, PackedIds& out,
                            const EncodeOptions& options) const {
  clear(out);
  const auto input_of = [&](std::size_t i) { return EncoderInput{texts[i]}; };
  encode_rows(implementation_->call(options), texts.size(), input_of, out);
}

void Tokenizer::encode_pairs_into(std::span<const TextPair> pairs, PackedIds& out,
                                  const EncodeOptions& options) const {
  clear(out);
  const auto input_of = [&](std::size_t i) { return EncoderInput{pairs[i].text, pairs[i].pair}; };
  encode_rows(implementation_->call(options), pairs.size(), input_of, out);
}

std::vector<Encoding> Tokenizer::encode(std::span<const std::string_view> texts,
                                        const EncodeOptions& options) const {
  const EncodeCall call = implementation_->call(options);
  std::vector<Encoding> out(texts.size());
  std::vector<std::size_t> ends;
  cut_into_runs(
      texts.size(), [&](std::size_t i) { return texts[i].size(); }, ends);
  for_each_run(ends, [&](std::size_t, std::size_t begin, std::size_t end) {
    const Memories<EncoderMemory>::Lease memory(call.route.memories.texts);
    for (std::size_t i = begin; i < end; ++i) {
      out[i] = encode_one(call, {texts[i]}, *memory);
    }
  });
  return out;
}

std::vector<Encoding> Tokenizer::encode_pairs(std::span<const TextPair> pairs,
                                              const EncodeOptions& options) const {
  const EncodeCall call = implementation_->call(options);
  std::vector<Encoding> out(pairs.size());
  std::vector<std::size_t> ends;
  cut_into_runs(
      pairs.size(), [&](std::size_t i) { return pairs[i].text.size() + pairs[i].pair.size(); },
      ends);
  for_each_run(ends, [&](std::size_t, std::size_t begin, std::size_t end) {
    Tokenized first;
    for (std::size_t i = begin; i < end; ++i) {
      const auto& [text, pair] = pairs[i];
      if (i == begin || text != pairs[i - 1].text) {
        first = tokenize(call, {{&text, 1}}, Sequence::first);
      }
      Tokenized second = tokenize(call, {{&pair, 1}}, Sequence::second);
      out[i] = std::move(finish(call, first, std::move(second), Overflow::drop).front());
    }
  });
  return out;
}

std::vector<Encoding> Tokenizer::encode_windows(std::string_view text,
                                                const EncodeOptions& options) const {
  if (const GapEncoder* gaps = implementation_->gaps_of(options)) {
    if (auto windows = gaps->encode(text, options)) return std::move(*windows);
    text = gaps->without_last(text);
  }
  return encode_source(implementation_->call(options), {{&text, 1}}, std::nullopt, Overflow::keep);
}

std::vector<Encoding> Tokenizer::encode_pair_windows(std::string_view text, std::string_view pair,
                                                     const EncodeOptions& options) const {
  if (const GapEncoder* gaps = implementation_->gaps_of(options); gaps && !pair.empty()) {
    return gaps->encode_pair(text, pair, options);
  }
  return encode_source(implementation_->call(options), {{&text, 1}}, SourceTexts{{&pair, 1}},
                       Overflow::keep);
}

std::vector<Encoding> Tokenizer::encode_words(std::span<const std::string_view> words,
                                              const EncodeOptions& options) const {
  return encode_source(implementation_->call(options), {words, true}, std::nullopt, Overflow::keep);
}

std::vector<Encoding> Tokenizer::encode_words_pair(std::span<const std::string_view> words,
                                                   std::span<const std::string_view> pair,
                                                   const EncodeOptions& options) const {
  return encode_source(implementation_->call(options), {words, true}, SourceTexts{pair, true},
                       Overflow::keep_where_given);
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
  auto matched = encoding.matched_texts.begin();
  for (const TokenId id : encoding.ids) {
    const bool is_matched =
        matched != encoding.matched_texts.end() && matched->token == static_cast<Index>(out.size());
    out.push_back(is_matched ? std::string_view((matched++)->text)
                             : known_token(id).value_or(std::string_view()));
  }
  return out;
}

Index Tokenizer::vocabulary_size() const noexcept {
  const auto& added = implementation_->added_tokens.tokens();
  const Index added_end = added.empty() ? 0 : added.rbegin()->first + 1;
  const Index decoded_end = implementation_->decoded_vocabulary().id_end();
  return std::max({implementation_->vocabulary.id_end(), decoded_end, added_end});
}

std::optional<TokenId> Tokenizer::id_of(std::string_view token) const {
  if (const auto id = implementation_->added_tokens.find(token)) return id;
  return implementation_->vocabulary.find(token);
}

std::optional<std::string_view> Tokenizer::known_token(TokenId id) const noexcept {
  if (const AddedToken* added = implementation_->added_tokens.token(id)) return added->content;
  if (const auto token = implementation_->decoded_vocabulary().token(id)) return *token;
  // An id that only texts of the source side have.
  const auto& python = implementation_->python;
  if (python && python->has_target_vocabulary && implementation_->vocabulary.token(id)) {
    return python->roles[static_cast<std::size_t>(SpecialRole::unk)];
  }
  return std::nullopt;
}

std::string_view Tokenizer::token_of(TokenId id) const {
  if (const auto token = known_token(id)) return *token;
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer",
                                    .what = "token id " + std::to_string(id),
                                    .expected = "an id of the vocabulary, which ends before " +
                                                std::to_string(vocabulary_size()),
                                    .hint = "is the id of another tokenizer?"});
}

bool Tokenizer::is_special(TokenId id) const noexcept {
  const AddedToken* added = implementation_->added_tokens.token(id);
  return added != nullptr && implementation_->added_tokens.is_special(added->content);
}

Index Tokenizer::template_tokens() const noexcept {
  return implementation_->processor.added_tokens(TextForm::single);
}

Index Tokenizer::pair_template_tokens() const noexcept {
  return implementation_->processor.added_tokens(TextForm::pair);
}

const SpecialTokens& Tokenizer::special_tokens() const noexcept {
  return implementation_->special_tokens;
}

const TokenizerSettings& Tokenizer::settings() const noexcept { return implementation_->settings; }

}  // namespace attend
