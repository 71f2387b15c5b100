// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Defaults, order and checks of what generation may be asked for.
// Source: transformers 4.57 generation/configuration_utils.py and, for the lengths and the special
// tokens, generation/utils.py (_prepare_generated_length, _validate_generated_length,
// _prepare_special_tokens); num_beam_groups as in 4.55, the last version that has it.
#include "attend/task/generation_config.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "attend/core/error.h"
#include "core/limits.h"
#include "task/generation_fields.h"

namespace attend {
namespace {

constexpr Index default_max_length = 20;

std::string printed(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string printed(Index value) { return std::to_string(value); }

[[noreturn]] void reject_field(std::string_view field, std::string expected, std::string found,
                               std::string hint = {}) {
  fail(ErrorKind::config_error, {.where = "generate",
                                 .what = std::string(field),
                                 .expected = std::move(expected),
                                 .found = std::move(found),
                                 .file = {},
                                 .hint = std::move(hint)});
}

void check_count(std::string_view field, std::optional<Index> value, Index min, Index max) {
  if (!value || (*value >= min && *value <= max)) return;
  reject_field(field, "an integer in [" + printed(min) + ", " + printed(max) + "]",
               printed(*value));
}

// Whether the value lies in the interval; an open end is left out. NaN lies in none.
struct Interval {
  double min;
  double max;
  bool min_open = false;
  bool max_open = false;

  [[nodiscard]] bool holds(double x) const {
    return (min_open ? x > min : x >= min) && (max_open ? x < max : x <= max);
  }
  [[nodiscard]] std::string text() const {
    if (max == std::numeric_limits<double>::infinity()) {
      return std::string(min_open ? "a finite number above " : "a finite number of at least ") +
             printed(min);
    }
    return std::string("a number in ") + (min_open ? '(' : '[') + printed(min) + ", " +
           printed(max) + (max_open ? ')' : ']');
  }
};

constexpr Interval positive{0, std::numeric_limits<double>::infinity(), true, true};
// Scores that are divided by less are no numbers any more.
constexpr double least_temperature = 1e-30;
constexpr Interval part{0, 1, true, false};
constexpr Interval zero_or_part{0, 1, false, false};
constexpr Interval cutoff{0, 1, false, true};

void check_number(std::string_view field, std::optional<double> value, const Interval& range,
                  std::string_view hint = {}) {
  if (value && !range.holds(*value)) {
    reject_field(field, range.text(), printed(*value), std::string(hint));
  }
}

void check_finite(std::string_view field, std::optional<double> value) {
  if (value && !std::isfinite(*value)) reject_field(field, "a finite number", printed(*value));
}

void check_id(std::string_view field, std::optional<TokenId> id, const GenerationInput& input) {
  if (!id) return;
  if (*id >= 0 && (input.vocabulary == 0 || *id < input.vocabulary)) return;
  reject_field(field,
               "a token id" + (input.vocabulary == 0 ? "" : " below " + printed(input.vocabulary)),
               printed(Index{*id}));
}

void check_ids(std::string_view field, std::span<const TokenId> ids, const GenerationInput& input) {
  for (const TokenId id : ids) check_id(field, id, input);
}

void check_beams(const GenerationConfig& c) {
  check_count("num_beams", c.num_beams, 1, limits::beams);
  check_count("num_return_sequences", c.num_return_sequences, 1, limits::beams);
  const Index sequences = c.num_return_sequences.value_or(1);
  const Index beams = c.num_beams.value_or(1);
  if (beams == 1) {
    if (sequences > 1 && !c.do_sample.value_or(false)) {
      reject_field("num_return_sequences", "1 without sampling or beams", printed(sequences),
                   "set do_sample or num_beams");
    }
    return;
  }
  if (sequences > beams) {
    reject_field("num_return_sequences", "at most num_beams, " + printed(beams),
                 printed(sequences));
  }
  check_finite("length_penalty", c.length_penalty);
  check_count("num_beam_groups", c.num_beam_groups, 1, beams);
  const Index groups = c.num_beam_groups.value_or(1);
  if (groups == 1) return;
  if (c.do_sample.value_or(false)) {
    reject_field("do_sample", "false with num_beam_groups above 1", "true");
  }
  if (beams % groups != 0) {
    reject_field("num_beam_groups", "a divisor of num_beams, " + printed(beams), printed(groups));
  }
  check_number("diversity_penalty", c.diversity_penalty.value_or(0), positive,
               "without it all groups would find the same texts");
}

void check_sampling(const GenerationConfig& c) {
  if (!c.do_sample.value_or(false)) return;
  check_number("temperature", c.temperature, positive,
               "do_sample = false gives the likeliest token every time");
  if (c.temperature && *c.temperature < least_temperature) {
    reject_field("temperature", "at least " + printed(least_temperature), printed(*c.temperature));
  }
  check_count("top_k", c.top_k, 0, std::numeric_limits<Index>::max());
  check_number("top_p", c.top_p, zero_or_part);
  check_number("min_p", c.min_p, zero_or_part);
  check_number("typical_p", c.typical_p, part);
  check_number("epsilon_cutoff", c.epsilon_cutoff, cutoff);
  check_number("eta_cutoff", c.eta_cutoff, cutoff);
}

void check_bad_words(const GenerationConfig& c, const GenerationInput& input) {
  if (!c.bad_words_ids) return;
  if (c.bad_words_ids->empty()) reject_field("bad_words_ids", "at least one word", "none");
  for (const auto& word : *c.bad_words_ids) {
    if (word.empty()) reject_field("bad_words_ids", "words of at least one token", "an empty one");
    check_ids("bad_words_ids", word, input);
  }
}

void check_sequence_bias(const GenerationConfig& c, const GenerationInput& input) {
  if (!c.sequence_bias) return;
  if (c.sequence_bias->empty()) reject_field("sequence_bias", "at least one sequence", "none");
  for (const SequenceBias& bias : *c.sequence_bias) {
    if (bias.ids.empty())
      reject_field("sequence_bias", "sequences of at least one token", "an empty one");
    check_ids("sequence_bias", bias.ids, input);
    if (std::isnan(bias.bias)) reject_field("sequence_bias", "a bias that is a number", "NaN");
  }
}

void check_watermark(const GenerationConfig& c) {
  if (!c.watermarking_config) return;
  const WatermarkingConfig& w = *c.watermarking_config;
  check_number("watermarking_config.greenlist_ratio", w.greenlist_ratio,
               Interval{0, 1, true, true});
  check_finite("watermarking_config.bias", w.bias);
  check_count("watermarking_config.context_width", w.context_width, 1, limits::generated_tokens);
  // So that its product with a token id fits 64 bits.
  check_count("watermarking_config.hashing_key", w.hashing_key, 0,
              std::numeric_limits<std::uint32_t>::max());
}

void check_processors(const GenerationConfig& c, const GenerationInput& input) {
  check_finite("guidance_scale", c.guidance_scale);
  check_sequence_bias(c, input);
  check_number("repetition_penalty", c.repetition_penalty, positive);
  check_number("encoder_repetition_penalty", c.encoder_repetition_penalty, positive);
  check_count("no_repeat_ngram_size", c.no_repeat_ngram_size, 0, limits::generated_tokens);
  check_count("encoder_no_repeat_ngram_size", c.encoder_no_repeat_ngram_size, 0,
              limits::generated_tokens);
  check_bad_words(c, input);
  check_id("forced_bos_token_id", c.forced_bos_token_id, input);
  if (c.forced_eos_token_id) {
    check_count("number of forced_eos_token_id", static_cast<Index>(c.forced_eos_token_id->size()),
                0, limits::end_tokens);
    check_ids("forced_eos_token_id", *c.forced_eos_token_id, input);
  }
  if (const auto& decay = c.exponential_decay_length_penalty) {
    if (!c.eos_token_id) {
      reject_field("exponential_decay_length_penalty", "an eos_token_id to go with it", "none");
    }
    check_count("exponential_decay_length_penalty", decay->start, -limits::generated_tokens,
                limits::generated_tokens);
    check_number("exponential_decay_length_penalty", decay->factor, positive);
  }
  check_watermark(c);
}

void check_stops(const GenerationConfig& c) {
  check_number("max_time", c.max_time, Interval{0, std::numeric_limits<double>::infinity()});
  if (!c.stop_strings) return;
  check_count("number of stop_strings", static_cast<Index>(c.stop_strings->size()), 0,
              static_cast<Index>(limits::stop_strings));
  for (const std::string& stop : *c.stop_strings) {
    if (stop.empty()) reject_field("stop_strings", "strings that are not empty", "an empty one");
  }
}

void check_states(const GenerationConfig& c) {
  const GenerationMode mode = generation_mode(c);
  const bool is_one_text = mode != GenerationMode::sample || c.num_return_sequences == 1;
  if (!outputs_states(c) || (mode != GenerationMode::contrastive_search && is_one_text)) return;
  fail(ErrorKind::unsupported, {.where = "generate",
                                .what = "output_hidden_states and output_attentions",
                                .expected = "one text that is drawn, or beams",
                                .found = is_one_text ? "contrastive search" : "several texts"});
}

void check_modes(const GenerationConfig& c) {
  check_states(c);
  check_count("prompt_lookup_num_tokens", c.prompt_lookup_num_tokens, 1, limits::guessed_tokens);
  check_count("max_matching_ngram_size", c.max_matching_ngram_size, 1, limits::generated_tokens);
  switch (generation_mode(c)) {
    case GenerationMode::assisted_generation:
      if (*c.num_return_sequences != 1) {
        reject_field("num_return_sequences", "1 in assisted generation",
                     printed(*c.num_return_sequences));
      }
      break;
    case GenerationMode::contrastive_search:
      check_number("penalty_alpha", c.penalty_alpha, part);
      check_count("top_k", c.top_k, 2, limits::beams);
      break;
    case GenerationMode::greedy_search:
    case GenerationMode::sample:
    case GenerationMode::beam_search:
    case GenerationMode::beam_sample:
    case GenerationMode::group_beam_search: break;
  }
}

// New tokens of texts whose length a model's files decide. They may ask for a text without end,
// and models without a limit of positions would write it: there is no sense in it far beyond what
// they were trained for.
Index most_unasked(const GenerationInput& input) {
  constexpr Index times_trained = 8;
  if (input.max_positions == 0) return limits::unasked_tokens;
  return std::min(limits::unasked_tokens, times_trained * input.max_positions);
}

// The lengths of the whole text. A max_length of 20 that no call asked for means 20 new tokens.
void resolve_lengths(GenerationConfig& c, const GenerationConfig& call,
                     const GenerationInput& input) {
  check_count("max_new_tokens", c.max_new_tokens, 1, limits::generated_tokens);
  check_count("max_length", c.max_length, 1, limits::generated_tokens);
  check_count("min_new_tokens", c.min_new_tokens, 0, limits::generated_tokens);
  check_count("min_length", c.min_length, 0, limits::generated_tokens);
  if (c.max_new_tokens) {
    c.max_length = *c.max_new_tokens + input.prompt_length;
  } else if (!call.max_length && *c.max_length == default_max_length) {
    c.max_length = *c.max_length + input.prompt_length;
    if (input.max_positions > 0) c.max_length = std::min(*c.max_length, input.max_positions);
  }
  if (!call.max_new_tokens && !call.max_length) {
    c.max_length = std::min(*c.max_length, input.prompt_length + most_unasked(input));
  }
  if (c.min_new_tokens) c.min_length = *c.min_new_tokens + input.prompt_length;
  if (input.has_position_limit) {
    if (input.prompt_length >= input.max_positions) {
      fail(ErrorKind::input_too_long,
           {.where = "generate",
            .what = "prompt",
            .expected = "fewer than " + printed(input.max_positions) + " tokens",
            .found = printed(input.prompt_length),
            .file = {},
            .hint = "the model has no positions for more; cut the prompt"});
    }
    c.max_length = std::min(*c.max_length, input.max_positions);
  }
  if (input.prompt_length >= *c.max_length) {
    reject_field("max_length",
                 "more than the " + printed(input.prompt_length) + " tokens of the prompt",
                 printed(*c.max_length), "max_new_tokens counts new tokens only");
  }
}

void resolve_tokens(GenerationConfig& c, const GenerationInput& input) {
  if (c.eos_token_id && c.eos_token_id->empty()) c.eos_token_id.reset();
  if (c.eos_token_id) {
    // Every step of every beam looks at each of them.
    check_count("number of eos_token_id", static_cast<Index>(c.eos_token_id->size()), 1,
                limits::end_tokens);
  }
  if (!c.pad_token_id && c.eos_token_id) c.pad_token_id = c.eos_token_id->front();
  if (!input.is_encoder_decoder) return;
  if (!c.decoder_start_token_id) c.decoder_start_token_id = c.bos_token_id;
  if (!c.decoder_start_token_id) {
    reject_field("decoder_start_token_id", "an id, or one of bos_token_id", "none");
  }
  check_id("decoder_start_token_id", c.decoder_start_token_id, input);
}

}  // namespace

GenerationConfig default_generation_config() {
  GenerationConfig c;
  c.max_length = default_max_length;
  c.min_length = 0;
  c.early_stopping = EarlyStopping::no;
  c.do_sample = false;
  c.num_beams = 1;
  c.num_beam_groups = 1;
  c.diversity_penalty = 0;
  c.length_penalty = 1;
  c.num_return_sequences = 1;
  c.temperature = 1;
  c.top_k = 50;
  c.top_p = 1;
  c.typical_p = 1;
  c.epsilon_cutoff = 0;
  c.eta_cutoff = 0;
  c.repetition_penalty = 1;
  c.encoder_repetition_penalty = 1;
  c.no_repeat_ngram_size = 0;
  c.encoder_no_repeat_ngram_size = 0;
  c.remove_invalid_values = false;
  c.renormalize_logits = false;
  c.max_matching_ngram_size = 2;
  c.output_scores = false;
  c.output_logits = false;
  c.output_hidden_states = false;
  c.output_attentions = false;
  return c;
}

GenerationConfig merged(GenerationConfig over, const GenerationConfig& base) {
  for_each_field([&](std::string_view, auto field) {
    if (!(over.*field)) over.*field = base.*field;
  });
  return over;
}

GenerationConfig without(GenerationConfig config, std::span<const std::string> names) {
  for_each_field([&](std::string_view name, auto field) {
    if (std::find(names.begin(), names.end(), name) != names.end()) (config.*field).reset();
  });
  return config;
}

void refuse_outputs(const GenerationConfig& config, std::string_view where) {
  for_each_output([&](std::string_view name, auto field) {
    if (!(config.*field).value_or(false)) return;
    fail(ErrorKind::unsupported, {.where = std::string(where),
                                  .what = std::string(name),
                                  .expected = "false: a task hands out texts",
                                  .found = "true",
                                  .hint = "generate_each() and `attend run generate` have it"});
  });
}

GenerationConfig resolve(const GenerationConfig& call, const GenerationConfig& model,
                         const GenerationInput& input) {
  GenerationConfig c = merged(merged(call, model), default_generation_config());
  resolve_tokens(c, input);
  resolve_lengths(c, call, input);
  check_beams(c);
  check_sampling(c);
  check_processors(c, input);
  check_stops(c);
  check_modes(c);
  return c;
}

GenerationMode generation_mode(const GenerationConfig& c) {
  const bool sample = c.do_sample.value_or(false);
  if (c.num_beams.value_or(1) > 1) {
    if (c.num_beam_groups.value_or(1) > 1) return GenerationMode::group_beam_search;
    return sample ? GenerationMode::beam_sample : GenerationMode::beam_search;
  }
  const bool contrastive = !sample && c.top_k.value_or(50) > 1 && c.penalty_alpha.value_or(0) > 0;
  if (contrastive) return GenerationMode::contrastive_search;
  if (c.prompt_lookup_num_tokens) return GenerationMode::assisted_generation;
  return sample ? GenerationMode::sample : GenerationMode::greedy_search;
}

std::vector<std::string_view> unused_options(const GenerationConfig& c) {
  std::vector<std::string_view> unused;
  const auto note = [&](std::string_view name, bool differs) {
    if (differs) unused.push_back(name);
  };
  const GenerationMode mode = generation_mode(c);
  if (!c.do_sample.value_or(false)) {
    note("temperature", c.temperature.value_or(1) != 1);
    note("top_p", c.top_p.value_or(1) != 1);
    note("min_p", c.min_p.has_value());
    note("typical_p", c.typical_p.value_or(1) != 1);
    note("top_k", c.top_k.value_or(50) != 50 && mode != GenerationMode::contrastive_search);
    note("epsilon_cutoff", c.epsilon_cutoff.value_or(0) != 0);
    note("eta_cutoff", c.eta_cutoff.value_or(0) != 0);
  }
  if (c.num_beams.value_or(1) == 1) {
    note("early_stopping", c.early_stopping.value_or(EarlyStopping::no) != EarlyStopping::no);
    note("length_penalty", c.length_penalty.value_or(1) != 1);
    note("num_beam_groups", c.num_beam_groups.value_or(1) != 1);
    note("diversity_penalty", c.diversity_penalty.value_or(0) != 0);
  }
  note("penalty_alpha", c.penalty_alpha && mode != GenerationMode::contrastive_search);
  note("prompt_lookup_num_tokens",
       c.prompt_lookup_num_tokens && mode != GenerationMode::assisted_generation);
  return unused;
}

}  // namespace attend
