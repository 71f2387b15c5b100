// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The fields of a GenerationConfig, each with its name.
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>

#include "attend/task/generation.h"
#include "attend/task/generation_config.h"

namespace attend {

/// Calls visit(name, pointer to the member) for each.
template <class Visit>
void for_each_field(const Visit& visit) {
  using C = GenerationConfig;
  visit("max_length", &C::max_length);
  visit("max_new_tokens", &C::max_new_tokens);
  visit("min_length", &C::min_length);
  visit("min_new_tokens", &C::min_new_tokens);
  visit("early_stopping", &C::early_stopping);
  visit("max_time", &C::max_time);
  visit("stop_strings", &C::stop_strings);

  visit("do_sample", &C::do_sample);
  visit("num_beams", &C::num_beams);
  visit("num_beam_groups", &C::num_beam_groups);
  visit("diversity_penalty", &C::diversity_penalty);
  visit("penalty_alpha", &C::penalty_alpha);
  visit("length_penalty", &C::length_penalty);
  visit("num_return_sequences", &C::num_return_sequences);

  visit("temperature", &C::temperature);
  visit("top_k", &C::top_k);
  visit("top_p", &C::top_p);
  visit("min_p", &C::min_p);
  visit("typical_p", &C::typical_p);
  visit("epsilon_cutoff", &C::epsilon_cutoff);
  visit("eta_cutoff", &C::eta_cutoff);

  visit("guidance_scale", &C::guidance_scale);
  visit("sequence_bias", &C::sequence_bias);
  visit("repetition_penalty", &C::repetition_penalty);
  visit("encoder_repetition_penalty", &C::encoder_repetition_penalty);
  visit("no_repeat_ngram_size", &C::no_repeat_ngram_size);
  visit("encoder_no_repeat_ngram_size", &C::encoder_no_repeat_ngram_size);
  visit("bad_words_ids", &C::bad_words_ids);
  visit("forced_bos_token_id", &C::forced_bos_token_id);
  visit("forced_eos_token_id", &C::forced_eos_token_id);
  visit("remove_invalid_values", &C::remove_invalid_values);
  visit("exponential_decay_length_penalty", &C::exponential_decay_length_penalty);
  visit("suppress_tokens", &C::suppress_tokens);
  visit("begin_suppress_tokens", &C::begin_suppress_tokens);
  visit("watermarking_config", &C::watermarking_config);
  visit("renormalize_logits", &C::renormalize_logits);

  visit("pad_token_id", &C::pad_token_id);
  visit("bos_token_id", &C::bos_token_id);
  visit("eos_token_id", &C::eos_token_id);
  visit("decoder_start_token_id", &C::decoder_start_token_id);

  visit("prompt_lookup_num_tokens", &C::prompt_lookup_num_tokens);
  visit("max_matching_ngram_size", &C::max_matching_ngram_size);

  visit("output_scores", &C::output_scores);
  visit("output_logits", &C::output_logits);
  visit("output_hidden_states", &C::output_hidden_states);
  visit("output_attentions", &C::output_attentions);
}

/// What of the model's inner life is handed out, too.
[[nodiscard]] inline bool outputs_states(const GenerationConfig& config) {
  return config.output_hidden_states.value_or(false) || config.output_attentions.value_or(false);
}

/// Calls visit(name, pointer to the member) for each request for more than texts.
template <class Visit>
void for_each_output(const Visit& visit) {
  for_each_field([&](std::string_view name, auto field) {
    if constexpr (std::is_same_v<decltype(field), std::optional<bool> GenerationConfig::*>) {
      if (name.starts_with("output_")) visit(name, field);
    }
  });
}

/// Without them: those are the caller's alone.
[[nodiscard]] inline GenerationConfig without_outputs(GenerationConfig config) {
  for_each_output([&](std::string_view, auto field) { (config.*field).reset(); });
  return config;
}

/// Without the lists that LogitsTables and StopStrings keep once for all prompts of a call.
[[nodiscard]] inline GenerationConfig without_lists(GenerationConfig config) {
  config.stop_strings.reset();
  config.sequence_bias.reset();
  config.bad_words_ids.reset();
  config.suppress_tokens.reset();
  config.begin_suppress_tokens.reset();
  return config;
}

/// For tasks that hand out texts alone: `config` is that of a call. Throws: unsupported.
void refuse_outputs(const GenerationConfig& config, std::string_view where);

/// What a call says, and its model where the call says nothing.
[[nodiscard]] inline GenerationConfig config_of(const GenerationOptions& options) {
  return merged(options.config, without(options.model_config, options.unset));
}

/// The same with every default, as resolve() has them. Throws: as resolve().
[[nodiscard]] inline GenerationConfig resolved(const GenerationOptions& options,
                                               const GenerationInput& input) {
  return resolve(options.config, without(options.model_config, options.unset), input);
}

}  // namespace attend
