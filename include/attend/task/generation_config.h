// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What generation may be asked for, with the names and defaults of transformers, and in which order
// a model's files and a call decide.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// When a beam search is over although a longer text might still be better.
enum class EarlyStopping : std::uint8_t {
  no,     ///< when the best running beam, at its present length, is worse than all finished ones
  yes,    ///< as soon as num_beams are finished
  never,  ///< when no running beam can win any more, not even at max_length
};

/// A bias for the last token of a sequence wherever the ones before it stand.
struct SequenceBias {
  std::vector<TokenId> ids;
  double bias = 0;

  bool operator==(const SequenceBias&) const = default;
};

/// The end of text becomes likelier by the power of `factor`, from `start` new tokens on.
struct LengthDecay {
  Index start = 0;
  double factor = 1;

  bool operator==(const LengthDecay&) const = default;
};

/// Which tokens seed the list of those that a watermark favours.
enum class WatermarkSeeding : std::uint8_t { lefthash, selfhash };

/// Source: Kirchenbauer et al. 2023, "A Watermark for Large Language Models".
struct WatermarkingConfig {
  double greenlist_ratio = 0.25;
  double bias = 2.0;
  std::int64_t hashing_key = 15485863;
  WatermarkSeeding seeding_scheme = WatermarkSeeding::lefthash;
  Index context_width = 1;

  bool operator==(const WatermarkingConfig&) const = default;
};

/// How the search goes; generation_mode() says which.
enum class GenerationMode : std::uint8_t {
  greedy_search,
  sample,
  beam_search,
  beam_sample,
  group_beam_search,
  contrastive_search,
  assisted_generation,
};

/// Every field is what GenerationConfig of transformers 4.57 calls so; an unset one has what the
/// model says, or else the default given here ("none": the step is left out). What is about memory
/// and Python alone (use_cache, low_memory, cache_implementation, return_dict_in_generate ...) has
/// no field, because it changes no result.
struct GenerationConfig {
  // Length, in tokens of the text so far: the prompt counts, the input of an encoder does not.
  std::optional<Index> max_length = {};      ///< 20, which means 20 new ones unless a call says so
  std::optional<Index> max_new_tokens = {};  ///< none; takes the place of max_length
  std::optional<Index> min_length = {};      ///< 0
  std::optional<Index> min_new_tokens = {};  ///< none; takes the place of min_length
  std::optional<EarlyStopping> early_stopping = {};           ///< no
  std::optional<double> max_time = {};                        ///< seconds; none
  std::optional<std::vector<std::string>> stop_strings = {};  ///< none

  // Strategy.
  std::optional<bool> do_sample = {};              ///< false
  std::optional<Index> num_beams = {};             ///< 1
  std::optional<Index> num_beam_groups = {};       ///< 1
  std::optional<double> diversity_penalty = {};    ///< 0; of groups
  std::optional<double> penalty_alpha = {};        ///< none; contrastive search
  std::optional<double> length_penalty = {};       ///< 1; of beams
  std::optional<Index> num_return_sequences = {};  ///< 1

  // Logits, in sampling only.
  std::optional<double> temperature = {};     ///< 1
  std::optional<Index> top_k = {};            ///< 50; 0: all
  std::optional<double> top_p = {};           ///< 1
  std::optional<double> min_p = {};           ///< none
  std::optional<double> typical_p = {};       ///< 1
  std::optional<double> epsilon_cutoff = {};  ///< 0
  std::optional<double> eta_cutoff = {};      ///< 0

  // Logits, always.
  std::optional<double> guidance_scale = {};                            ///< none
  std::optional<std::vector<SequenceBias>> sequence_bias = {};          ///< none
  std::optional<double> repetition_penalty = {};                        ///< 1
  std::optional<double> encoder_repetition_penalty = {};                ///< 1
  std::optional<Index> no_repeat_ngram_size = {};                       ///< 0
  std::optional<Index> encoder_no_repeat_ngram_size = {};               ///< 0
  std::optional<std::vector<std::vector<TokenId>>> bad_words_ids = {};  ///< none
  std::optional<TokenId> forced_bos_token_id = {};                      ///< none
  std::optional<std::vector<TokenId>> forced_eos_token_id = {};         ///< none
  std::optional<bool> remove_invalid_values = {};                       ///< false
  std::optional<LengthDecay> exponential_decay_length_penalty = {};     ///< none
  std::optional<std::vector<TokenId>> suppress_tokens = {};             ///< none
  std::optional<std::vector<TokenId>> begin_suppress_tokens = {};       ///< none
  std::optional<WatermarkingConfig> watermarking_config = {};           ///< none
  std::optional<bool> renormalize_logits = {};                          ///< false

  // Special tokens.
  std::optional<TokenId> pad_token_id = {};               ///< the first of eos_token_id
  std::optional<TokenId> bos_token_id = {};               ///< none
  std::optional<std::vector<TokenId>> eos_token_id = {};  ///< none: only lengths end a text
  std::optional<TokenId> decoder_start_token_id = {};     ///< bos_token_id

  // Assisted generation.
  std::optional<Index> prompt_lookup_num_tokens = {};  ///< none
  std::optional<Index> max_matching_ngram_size = {};   ///< 2

  // Results: a call has to ask for them, files of models do not count.
  std::optional<bool> output_scores = {};  ///< false; what the processors leave, [rows, v] a step
  std::optional<bool> output_logits = {};  ///< false; what the model says
  std::optional<bool> output_hidden_states = {};  ///< false; of every layer
  std::optional<bool> output_attentions = {};     ///< false; softmax of the scores of every head

  bool operator==(const GenerationConfig&) const = default;
};

/// The defaults named above.
[[nodiscard]] ATTEND_EXPORT GenerationConfig default_generation_config();

/// `over` where it has something, `base` elsewhere.
[[nodiscard]] ATTEND_EXPORT GenerationConfig merged(GenerationConfig over,
                                                    const GenerationConfig& base);

/// Without the fields of these names; others are passed over.
[[nodiscard]] ATTEND_EXPORT GenerationConfig without(GenerationConfig config,
                                                     std::span<const std::string> names);

/// What the model's folder says: generation_config.json, or without one the same keys of
/// config.json, whose nested decoder, generator or text_config adds what it lacks. As transformers
/// does it, config.json decides, too, where generation_config.json says that it was made from it
/// (_from_model_config) and config.json still has something to say.
/// `class_defaults` is what the model's class gives to config.json's missing keys.
/// Throws: invalid_format, config_error (names the key), unsupported (constrained beams, DoLa,
/// token healing, early exit and top_h); as reading config.json.
[[nodiscard]] ATTEND_EXPORT GenerationConfig read_generation_config(
    const std::filesystem::path& folder, const GenerationConfig& class_defaults = {});
/// The same of one JSON text. `name` is for messages.
[[nodiscard]] ATTEND_EXPORT GenerationConfig parse_generation_config(std::string_view json,
                                                                     std::string_view name);

/// What a call has to do with.
struct GenerationInput {
  Index prompt_length = 0;  ///< tokens: those of the decoder
  Index vocabulary = 0;     ///< logits of a row; 0: not known, ids are not checked against it
  Index max_positions = 0;  ///< max_position_embeddings; 0: none. Bounds the default length
  bool is_encoder_decoder = false;
  Index encoder_vocabulary = 0;     ///< ids that an encoder takes; 0: `vocabulary`
  Index encoder_tokens = 0;         ///< that it takes of a text; 0: no limit
  bool has_position_limit = false;  ///< the model has no more positions than max_positions
};

/// The call over the model's config over the defaults, its lengths as max_length and min_length,
/// special tokens filled in, checked. The maximum is cut to the positions of a model that has no
/// more; transformers fails when it gets there. One that only the model's config asks for is cut to
/// 131,072 new tokens, and to eight times max_positions.
/// Throws: config_error that names the field, its range and its value; input_too_long when the
/// prompt fills the positions. Values that the mode does not use are not looked at, as in
/// transformers: unused_options() names them.
[[nodiscard]] ATTEND_EXPORT GenerationConfig resolve(const GenerationConfig& call,
                                                     const GenerationConfig& model,
                                                     const GenerationInput& input);

/// Source: GenerationConfig.get_generation_mode().
[[nodiscard]] ATTEND_EXPORT GenerationMode generation_mode(const GenerationConfig& config);

/// Fields that differ from their defaults and have no effect in the config's mode: what
/// transformers warns of.
[[nodiscard]] ATTEND_EXPORT std::vector<std::string_view> unused_options(
    const GenerationConfig& config);

}  // namespace attend
