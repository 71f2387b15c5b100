// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Loading a model that generates, and timing its calls.
#include "cli/bench/generation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "attend/core/error.h"
#include "attend/model/config.h"
#include "attend/task/generator.h"

namespace attend::cli::bench {
namespace {

GenerationConfig special_tokens(const std::filesystem::path& folder) {
  const GenerationConfig all = read_generation_defaults(folder).config;
  GenerationConfig tokens;
  tokens.bos_token_id = all.bos_token_id;
  tokens.eos_token_id = all.eos_token_id;
  tokens.pad_token_id = all.pad_token_id;
  tokens.decoder_start_token_id = all.decoder_start_token_id;
  return tokens;
}

// Weights that are read for a head which is not there would only be said to miss tensors.
void check_generates(const std::filesystem::path& folder) {
  if (generates(folder)) return;
  const ModelConfig config = read_config(folder);
  fail(ErrorKind::config_error,
       {.where = "bench",
        .what = "the model",
        .expected = "one that generates, as --generate and shapes of gen: and prefill: want it",
        .found =
            quote(config.architectures.empty() ? config.model_type : config.architectures.front()),
        .file = (folder / "config.json").string(),
        .hint = "this one takes shapes such as 8x128 and ragged32"});
}

Model load(const std::filesystem::path& folder, ModelOptions options) {
  check_generates(folder);
  options.head = generating_head(folder);
  return load_model(folder, options);
}

std::vector<GenerationPrompt> prompts_of(const Batch& batch, const Model& model) {
  std::vector<GenerationPrompt> prompts(static_cast<std::size_t>(batch.size()));
  for (std::size_t row = 0; row < prompts.size(); ++row) {
    const auto begin = static_cast<std::size_t>(batch.starts[row]);
    const auto end = static_cast<std::size_t>(batch.starts[row + 1]);
    (model.has_decoder() ? prompts[row].encoder_ids : prompts[row].ids) =
        std::span(batch.ids).subspan(begin, end - begin);
  }
  return prompts;
}

bool takes(const Model& model, const GenerationShape& shape) {
  const Index limit = model.max_tokens().value_or(model.config().max_positions);
  if (limit == 0) return true;
  const auto& lengths = shape.prompts.lengths;
  const Index longest = *std::max_element(lengths.begin(), lengths.end());
  return model.has_decoder() ? std::max(longest, 1 + shape.new_tokens) <= limit
                             : longest + shape.new_tokens <= limit;
}

std::span<const std::string_view> usual_names(const Model& model) {
  static constexpr std::array<std::string_view, 6> of_decoders{
      "prefill:1x128", "prefill:1x512", "gen:1x8+64", "gen:4x8+64", "gen:1x900+64", "gen:4x900+64"};
  static constexpr std::array<std::string_view, 4> of_both{"gen:1x128+32", "gen:1x128+32/4",
                                                           "gen:8x128+32", "gen:8x128+32/4"};
  if (model.has_decoder()) return of_both;
  return of_decoders;
}

}  // namespace

GeneratingModel::GeneratingModel(const std::filesystem::path& folder, ModelOptions options,
                                 ThreadPool& pool)
    : model_(load(folder, std::move(options))), tokens_(special_tokens(folder)), pool_(pool) {}

Round GeneratingModel::run(const GenerationShape& shape, std::int64_t number) const {
  const Batch batch = token_batch(shape.prompts, number, model_.config().vocab_size);
  const auto prompts = prompts_of(batch, model_);
  GenerationOptions options{.config = tokens_};
  options.config.max_new_tokens = shape.new_tokens;
  options.config.min_new_tokens = shape.new_tokens;
  options.config.num_beams = shape.beams;
  std::optional<double> first;
  const auto begin = Clock::now();
  options.stopping.criterion = [&](std::span<const TokenId>) {  // sees new tokens but the last
    if (!first) first = milliseconds_since(begin);
    return false;
  };
  const auto found =
      generate_each(model_, prompts, options, {.batch_size = batch.size(), .pool = &pool_});
  const double all = milliseconds_since(begin);
  Round round{.milliseconds = all, .first_milliseconds = first.value_or(all)};
  for (std::size_t row = 0; row < found.size(); ++row) {
    const Generation& generation = found[row].value();
    const auto& ids = generation.sequences.front().ids;
    for (auto at = static_cast<std::size_t>(generation.prompt_length); at < ids.size(); ++at) {
      round.sum += static_cast<double>(ids[at]);
      if (row == 0) round.output.push_back(static_cast<float>(ids[at]));
    }
  }
  return round;
}

std::vector<NamedShape> GeneratingModel::usual_shapes() const {
  std::vector<NamedShape> shapes;
  const auto add = [&](std::string_view name) {
    NamedShape named = named_shape(std::string(name));
    if (takes(model_, std::get<GenerationShape>(named.shape))) shapes.push_back(std::move(named));
  };
  for (const std::string_view name : usual_names(model_)) add(name);
  if (shapes.empty()) add(least_name);
  return shapes;
}

}  // namespace attend::cli::bench
