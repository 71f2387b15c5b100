// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Truncation as the tasks' options ask for it, and texts that were split into words beforehand.
#include "task/encode_input.h"

#include <algorithm>
#include <string>
#include <utility>

#include "attend/core/error.h"

namespace attend {
namespace {

std::optional<Truncation> truncation_of(const TaskModel& model, const TokenizeOptions& options,
                                        std::string_view where) {
  if (!options.truncation && !options.max_length) return std::nullopt;
  const std::optional<Index> max_length =
      options.max_length ? options.max_length : model.max_length();
  if (!max_length) return std::nullopt;
  if (*max_length < 1) {
    fail(ErrorKind::config_error, {.where = std::string(where),
                                   .what = "max_length",
                                   .expected = "at least 1 token",
                                   .found = std::to_string(*max_length)});
  }
  return Truncation{
      .max_length = *max_length,
      .strategy = options.truncation.value_or(TruncationStrategy::longest_first),
      .side = options.truncation_side.value_or(model.tokenizer->settings().truncation_side)};
}

void append(Encoding& to, const Encoding& from, std::size_t i) {
  to.ids.push_back(from.ids[i]);
  to.type_ids.push_back(from.type_ids[i]);
  to.offsets.push_back(from.offsets[i]);
  to.word_ids.push_back(from.word_ids[i]);
  to.sequence_ids.push_back(from.sequence_ids[i]);
  to.special_tokens_mask.push_back(from.special_tokens_mask[i]);
}

void append(Encoding& to, const Encoding& from, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) append(to, from, i);
}

/// What the template puts around one text.
struct Frame {
  Encoding encoding;         // template tokens around the tokens of some word
  std::size_t prefix = 0;    // template tokens before them
  std::size_t suffix = 0;    // the first template token after them
  std::int32_t type_id = 0;  // of the text between
};

Frame frame_around(const Tokenizer& tokenizer, std::span<const std::string_view> words) {
  Frame frame;
  for (const std::string_view word : words) {
    frame.encoding = tokenizer.encode(word);
    const std::vector<std::uint8_t>& mask = frame.encoding.special_tokens_mask;
    const auto first = std::find(mask.begin(), mask.end(), 0);
    if (first == mask.end()) continue;
    frame.prefix = static_cast<std::size_t>(first - mask.begin());
    frame.suffix =
        static_cast<std::size_t>(std::find(mask.rbegin(), mask.rend(), 0).base() - mask.begin());
    frame.type_id = frame.encoding.type_ids[frame.prefix];
    return frame;
  }
  // No word has a token: then it does not matter where they would stand.
  frame.encoding = tokenizer.encode("");
  frame.prefix = frame.suffix = frame.encoding.ids.size();
  return frame;
}

}  // namespace

void check_fits(const TaskModel& model, const Encoding& encoding, std::string_view where,
                std::string_view hint) {
  const Index limit = model.model->config().max_positions;
  if (limit == 0 || encoding.size() <= limit) return;
  fail(ErrorKind::input_too_long, {.where = std::string(where),
                                   .what = "text",
                                   .expected = "at most " + std::to_string(limit) + " tokens",
                                   .found = std::to_string(encoding.size()),
                                   .hint = std::string(hint)});
}

Encoding encode_input(const TaskModel& model, const TextInput& input,
                      const TokenizeOptions& options, std::string_view where) {
  const EncodeOptions encode{.add_special_tokens = options.add_special_tokens,
                             .truncation = truncation_of(model, options, where)};
  Encoding encoding = input.pair ? model.tokenizer->encode_pair(input.text, *input.pair, encode)
                                 : model.tokenizer->encode(input.text, encode);
  check_fits(model, encoding, where, "set the option `truncation` to cut it");
  return encoding;
}

std::vector<Encoding> encode_words(const Tokenizer& tokenizer,
                                   std::span<const std::string_view> words,
                                   const std::optional<Truncation>& truncation) {
  const Frame frame = frame_around(tokenizer, words);
  Encoding text;
  for (std::size_t word = 0; word < words.size(); ++word) {
    const Encoding tokens = tokenizer.encode(words[word], {.add_special_tokens = false});
    const std::size_t before = text.ids.size();
    append(text, tokens, 0, tokens.ids.size());
    std::fill(text.word_ids.begin() + static_cast<std::ptrdiff_t>(before), text.word_ids.end(),
              static_cast<std::int32_t>(word));
  }
  std::fill(text.type_ids.begin(), text.type_ids.end(), frame.type_id);

  std::vector<TruncatedPair> cut;
  if (truncation) {
    cut = truncate(std::move(text), std::nullopt, *truncation, tokenizer.template_tokens(false));
  } else {
    cut.push_back({std::move(text), std::nullopt});
  }
  std::vector<Encoding> windows;
  windows.reserve(cut.size());
  for (const TruncatedPair& part : cut) {
    Encoding window;
    append(window, frame.encoding, 0, frame.prefix);
    append(window, part.first, 0, part.first.ids.size());
    append(window, frame.encoding, frame.suffix, frame.encoding.ids.size());
    windows.push_back(std::move(window));
  }
  return windows;
}

}  // namespace attend
