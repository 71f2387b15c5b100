// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Processors of logits in their order.
// Source: transformers 4.57 generation/utils.py (_get_logits_processor).
#include "attend/task/logits_processors.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "attend/core/error.h"

namespace attend {
namespace {

[[noreturn]] void reject_call(std::string what, std::string expected, std::string found) {
  fail(ErrorKind::config_error, {.where = "generate",
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .found = std::move(found),
                                 .file = {},
                                 .hint = {}});
}

// Words of one token that ends the text are left out, as in the reference.
std::vector<SequenceBias> bad_words_of(const GenerationConfig& config) {
  std::vector<TokenId> eos = config.eos_token_id.value_or(std::vector<TokenId>());
  std::sort(eos.begin(), eos.end());
  std::vector<SequenceBias> words;
  for (const auto& ids : *config.bad_words_ids) {
    const bool is_eos = ids.size() == 1 && std::binary_search(eos.begin(), eos.end(), ids.front());
    if (!is_eos) words.push_back({ids, -std::numeric_limits<double>::infinity()});
  }
  return words;
}

// Tokens that warpers leave: in beams one that does not end the text, too.
Index kept_by_warpers(const GenerationConfig& config) {
  if (config.num_beams.value_or(1) == 1) return 1;
  return config.eos_token_id ? static_cast<Index>(config.eos_token_id->size()) + 1 : 2;
}

Index begin_suppress_at(const GenerationConfig& config, Index prompt_length) {
  return prompt_length > 1 || !config.forced_bos_token_id ? prompt_length : prompt_length + 1;
}

}  // namespace

SequenceBiases::SequenceBiases(std::span<const SequenceBias> biases) {
  std::map<std::vector<TokenId>, std::size_t> places;
  for (const SequenceBias& bias : biases) {
    const auto [place, is_new] = places.emplace(bias.ids, biases_.size());
    if (is_new) {
      biases_.push_back(bias);
    } else {
      biases_[place->second].bias = bias.bias;
    }
  }
  std::stable_sort(biases_.begin(), biases_.end(), [](const auto& a, const auto& b) {
    if (a.ids.back() != b.ids.back()) return a.ids.back() < b.ids.back();
    return a.ids.size() == 1 && b.ids.size() != 1;
  });
}

void SequenceBiases::apply(std::span<float> logits, std::span<const TokenId> ids) const {
  const auto holds = [&](const SequenceBias& bias) {
    const std::size_t before = bias.ids.size() - 1;
    if (before == 0) return true;
    if (bias.ids.size() > ids.size()) return false;
    const auto last = ids.last(before);
    return std::equal(last.begin(), last.end(), bias.ids.begin());
  };
  // Those of a token are summed before it gets them, which rounds as the reference does.
  for (std::size_t i = 0; i < biases_.size();) {
    const TokenId token = biases_[i].ids.back();
    float sum = 0;
    for (; i < biases_.size() && biases_[i].ids.back() == token; ++i) {
      if (holds(biases_[i])) sum += static_cast<float>(biases_[i].bias);
    }
    if (static_cast<std::size_t>(token) < logits.size()) {
      logits[static_cast<std::size_t>(token)] += sum;
    }
  }
}

LogitsTables::LogitsTables(const GenerationConfig& config, Index vocabulary) {
  if (config.sequence_bias) sequence_bias = SequenceBiases(*config.sequence_bias);
  if (config.bad_words_ids) bad_words = SequenceBiases(bad_words_of(config));
  if (config.suppress_tokens) suppressed = *config.suppress_tokens;
  if (config.begin_suppress_tokens) suppressed_at_begin = *config.begin_suppress_tokens;
  if (config.watermarking_config) watermark.emplace(*config.watermarking_config, vocabulary);
}

LogitsProcessors::LogitsProcessors(GenerationConfig config, const LogitsSetup& setup,
                                   LogitsCallbacks callbacks)
    : config_(std::move(config)),
      prompt_length_(setup.prompt_length),
      begin_suppress_at_(begin_suppress_at(config_, setup.prompt_length)),
      keep_(kept_by_warpers(config_)),
      encoder_ids_(setup.encoder_ids.begin(), setup.encoder_ids.end()),
      tables_(setup.tables ? setup.tables
                           : std::make_shared<const LogitsTables>(config_, setup.vocabulary)),
      callbacks_(std::move(callbacks)) {}

void LogitsProcessors::apply(const LogitsRow& row, LogitsScratch& scratch) const {
  const GenerationConfig& c = config_;
  apply_guidance(row, scratch);
  tables_->sequence_bias.apply(row.logits, row.ids);
  if (c.diversity_penalty.value_or(0) > 0) {
    penalize_chosen(row.logits, row.chosen, *c.diversity_penalty);
  }
  apply_penalties(row, scratch);
  tables_->bad_words.apply(row.logits, row.ids);
  apply_lengths(row);
  apply_allowed(row, scratch);
  apply_suppression(row);
  for (const auto& process : callbacks_.processors) process(row);
  if (c.do_sample.value_or(false)) apply_warpers(row.logits, scratch);
  if (tables_->watermark) tables_->watermark->apply(row.logits, row.ids, scratch);
  if (c.renormalize_logits.value_or(false)) log_softmax(row.logits, scratch);
}

void LogitsProcessors::apply_guidance(const LogitsRow& row, LogitsScratch& scratch) const {
  if (config_.guidance_scale.value_or(1) == 1) return;
  if (row.unconditional.size() != row.logits.size()) {
    reject_call("guidance_scale", "logits without the prompt", "none");
  }
  log_softmax(row.logits, scratch);
  log_softmax(row.unconditional, scratch);
  guide(row.logits, row.unconditional, *config_.guidance_scale);
}

// The reference repeats an encoder's texts for no beam and no sequence, so that the first row has
// the penalty and the others have none; here all have it.
void LogitsProcessors::apply_penalties(const LogitsRow& row, LogitsScratch& scratch) const {
  const GenerationConfig& c = config_;
  if (const double penalty = c.encoder_repetition_penalty.value_or(1); penalty != 1) {
    penalize_repetition(row.logits, encoder_ids_, 1 / penalty, scratch);
  }
  if (const double penalty = c.repetition_penalty.value_or(1); penalty != 1) {
    penalize_repetition(row.logits, row.ids, penalty, scratch);
  }
  if (const Index n = c.no_repeat_ngram_size.value_or(0); n > 0) {
    forbid_ngrams(row.logits, row.ids, row.ids, n);
  }
  if (const Index n = c.encoder_no_repeat_ngram_size.value_or(0); n > 0) {
    forbid_ngrams(row.logits, encoder_ids_, row.ids, n);
  }
}

// min_new_tokens is part of min_length by now.
void LogitsProcessors::apply_lengths(const LogitsRow& row) const {
  const auto length = static_cast<Index>(row.ids.size());
  if (config_.eos_token_id && length < config_.min_length.value_or(0)) {
    forbid_tokens(row.logits, *config_.eos_token_id);
  }
}

void LogitsProcessors::apply_allowed(const LogitsRow& row, LogitsScratch& scratch) const {
  const auto length = static_cast<Index>(row.ids.size());
  if (callbacks_.prefix_allowed_tokens) {
    scratch.ids.clear();
    callbacks_.prefix_allowed_tokens(row.prompt, row.ids, scratch.ids);
    if (scratch.ids.empty()) reject_call("prefix_allowed_tokens", "at least one token", "none");
    for (const TokenId id : scratch.ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= row.logits.size()) {
        reject_call("prefix_allowed_tokens", "token ids below " + std::to_string(row.logits.size()),
                    std::to_string(id));
      }
    }
    allow_only(row.logits, scratch.ids, scratch);
  }
  if (config_.forced_bos_token_id && length == 1) {
    force_tokens(row.logits, {&*config_.forced_bos_token_id, 1});
  }
  if (config_.forced_eos_token_id && length == config_.max_length.value_or(0) - 1) {
    force_tokens(row.logits, *config_.forced_eos_token_id);
  }
}

void LogitsProcessors::apply_suppression(const LogitsRow& row) const {
  const auto length = static_cast<Index>(row.ids.size());
  if (config_.remove_invalid_values.value_or(false)) remove_invalid_values(row.logits);
  if (const auto& decay = config_.exponential_decay_length_penalty) {
    const Index steps = length - (decay->start + prompt_length_);
    if (steps > 0) decay_length(row.logits, *config_.eos_token_id, decay->factor, steps);
  }
  forbid_tokens(row.logits, tables_->suppressed);
  if (length == begin_suppress_at_) forbid_tokens(row.logits, tables_->suppressed_at_begin);
}

void LogitsProcessors::apply_warpers(std::span<float> logits, LogitsScratch& scratch) const {
  const GenerationConfig& c = config_;
  if (const double t = c.temperature.value_or(1); t != 1) apply_temperature(logits, t);
  if (const Index k = c.top_k.value_or(0); k != 0) {
    keep_top_k(logits, std::max(k, keep_), scratch);
  }
  if (const double p = c.top_p.value_or(1); p < 1) keep_top_p(logits, p, keep_, scratch);
  if (c.min_p) keep_min_p(logits, *c.min_p, keep_, scratch);
  if (const double p = c.typical_p.value_or(1); p < 1) keep_typical(logits, p, keep_, scratch);
  if (const double e = c.epsilon_cutoff.value_or(0); e > 0) {
    keep_epsilon(logits, e, keep_, scratch);
  }
  if (const double e = c.eta_cutoff.value_or(0); e > 0) keep_eta(logits, e, keep_, scratch);
}

}  // namespace attend
