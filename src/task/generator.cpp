// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a model and its tokenizer add to the loop of generation.
#include "attend/task/generator.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "attend/core/workspace.h"
#include "attend/model/architecture.h"
#include "core/control_groups.h"
#include "task/cached_model.h"
#include "task/generation_fields.h"
#include "task/out_of_memory.h"

namespace attend {
namespace {

GenerationInput input_of(const Model& model) {
  const auto limit = model.max_tokens();
  return {.max_positions = limit.value_or(model.config().max_positions),
          .is_encoder_decoder = model.has_decoder(),
          .encoder_vocabulary = model.config().vocab_size,
          .encoder_tokens = limit.value_or(0),
          .has_position_limit = limit.has_value()};
}

CachedModelOptions kept_for(const GenerationOptions& options, const RunOptions& run) {
  using LastHidden = CachedModelOptions::LastHidden;
  const GenerationConfig config = config_of(options);
  CachedModelOptions out{.states = {.hidden_states = config.output_hidden_states.value_or(false),
                                    .attentions = config.output_attentions.value_or(false),
                                    .max_bytes = options.max_output_bytes}};
  if (generation_mode(config) == GenerationMode::contrastive_search) {
    out.last_hidden = LastHidden::kept;  // by which it chooses
  }
  // Files may ask for texts without end: those end with an Error, and not the process.
  out.max_cache_bytes = run.max_cache_bytes > 0 ? run.max_cache_bytes : memory_limit() / 2;
  return out;
}

// Prompts wait for others, so that a limit refuses none that would run alone.
Index pages_within(std::uint64_t bytes, const KvCache& cache) {
  const std::uint64_t pages = bytes / static_cast<std::uint64_t>(cache.page_bytes());
  return static_cast<Index>(std::clamp<std::uint64_t>(pages, 1, INT32_MAX));
}

HeadKind own_head(const ModelConfig& config) {
  if (config.architectures.empty()) return HeadKind::none;
  return head_of_class(config.architectures.front()).value_or(HeadKind::none);
}

HeadKind generating_head_of(HeadKind own) {
  return own == HeadKind::conditional_generation ? own : HeadKind::causal_lm;
}

void check_scores(const Model& model) {
  if (scores_vocabulary(model.head())) return;
  fail(ErrorKind::unsupported, {.where = "generate",
                                .what = "the model's head",
                                .expected = "one that scores the vocabulary",
                                .found = std::string(name(model.head()))});
}

}  // namespace

HeadKind generating_head(const std::filesystem::path& folder) {
  return generating_head_of(own_head(read_config(folder)));
}

bool generates(const std::filesystem::path& folder) {
  const ModelConfig config = read_config(folder);
  const HeadKind own = own_head(config);
  if (own != HeadKind::none && !scores_vocabulary(own)) return false;
  const Architecture& architecture = *find_architecture(config.model_type);  // read_config() has it
  const HeadKind head = generating_head_of(own);
  if (!architecture.head(head, config)) return false;
  if (head == HeadKind::conditional_generation) return architecture.decoder_options != nullptr;
  const std::vector<BlockOptions> blocks = architecture.options(config).blocks;
  return std::all_of(blocks.begin(), blocks.end(),
                     [](const BlockOptions& block) { return block.mask.ahead == 0; });
}

std::vector<Outcome<Generation>> generate_each(const Model& model,
                                               std::span<const GenerationPrompt> prompts,
                                               GenerationOptions options,
                                               const RunOptions& run) try {
  check_scores(model);
  if (run.batch_size < 1) {
    fail(ErrorKind::config_error, {.where = "generate",
                                   .what = "batch_size",
                                   .expected = "at least 1",
                                   .found = std::to_string(run.batch_size)});
  }
  options.input = input_of(model);
  options.max_prompts = run.batch_size;
  options.cancellation = run.stop;
  options.progress = run.progress;
  Workspace workspace(run.pool != nullptr ? *run.pool : default_pool());
  workspace.set_stop_token(run.stop);
  CachedModel rows(model, prompts, workspace, kept_for(options, run));
  if (run.max_cache_bytes > 0) {
    const Index pages = pages_within(run.max_cache_bytes, rows.cache());
    options.page_budget = options.page_budget > 0 ? std::min(options.page_budget, pages) : pages;
  }
  return generate_each(rows, prompts, options);
} catch (const std::bad_alloc&) {
  throw out_of_memory();
}

Generator::Generator(TaskModel model, GenerationDefaults defaults)
    : model_(std::move(model)), defaults_(std::move(defaults)) {
  const bool has_encoder = model_.model != nullptr && model_.model->has_decoder();
  model_.check(has_encoder ? HeadKind::conditional_generation : HeadKind::causal_lm, "generate");
  if (!defaults_.config.pad_token_id) {
    defaults_.config.pad_token_id = model_.tokenizer->special_tokens().pad;
  }
}

std::vector<Outcome<Generation>> Generator::operator()(std::span<const GenerationPrompt> prompts,
                                                       GenerationOptions options,
                                                       const RunOptions& run) const {
  options.model_config = defaults_.config;
  const auto& own = options.config.stop_strings;
  if (own || defaults_.config.stop_strings) {
    options.stopping.texts = token_texts(*model_.tokenizer);
  }
  return generate_each(*model_.model, prompts, std::move(options), run);
}

std::string Generator::decode(std::span<const TokenId> ids, const DecodeOptions& options) const {
  const Tokenizer& tokenizer = *model_.tokenizer;
  std::vector<TokenId> known(ids.begin(), ids.end());
  std::erase_if(known, [&](TokenId id) { return !tokenizer.known_token(id); });
  return tokenizer.decode(known, options);
}

}  // namespace attend
