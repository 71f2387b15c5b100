// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Truncation as the tasks' options ask for it, and the check that the result fits.
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

}  // namespace

void check_fits(const TaskModel& model, const Encoding& encoding, std::string_view where,
                std::string_view hint) {
  const auto limit = model.model->max_tokens();
  if (!limit || encoding.size() <= *limit) return;
  fail(ErrorKind::input_too_long, {.where = std::string(where),
                                   .what = "text",
                                   .expected = "at most " + std::to_string(*limit) + " tokens",
                                   .found = std::to_string(encoding.size()),
                                   .hint = std::string(hint)});
}

std::optional<Index> token_limit(const TaskModel& model, std::optional<Index> asked) {
  if (!asked) return model.max_length();
  return std::min(*asked, model.model->max_tokens().value_or(*asked));
}

Encoding encode_input(const TaskModel& model, const TextInput& input, const InputEncoding& how) {
  const EncodeOptions encode{.add_special_tokens = how.options.add_special_tokens,
                             .language = how.language,
                             .truncation = truncation_of(model, how.options, how.where),
                             .fields = how.fields};
  Encoding encoding = input.pair ? model.tokenizer->encode_pair(input.text, *input.pair, encode)
                                 : model.tokenizer->encode(input.text, encode);
  check_fits(model, encoding, how.where, how.hint);
  return encoding;
}

}  // namespace attend
