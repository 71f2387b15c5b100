// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// generation_config.json, and what config.json has of it.
// Source: transformers 4.57 GenerationConfig.from_pretrained() and from_model_config(), and
// _prepare_generation_config() for which of both counts.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "attend/core/error.h"
#include "attend/task/generation_config.h"
#include "checkpoint/checked_json.h"
#include "core/limits.h"
#include "task/generation_fields.h"
#include "task/generation_fields_json.h"

namespace attend {
namespace {

constexpr std::int64_t min_id = std::numeric_limits<TokenId>::min();
constexpr std::int64_t max_id = std::numeric_limits<TokenId>::max();

TokenId id_of(const JsonField& field) {
  return static_cast<TokenId>(field.integer(min_id, max_id));
}

std::vector<TokenId> ids_of(const JsonField& field) {
  std::vector<TokenId> ids;
  field.visit_elements([&](const JsonField& id) { ids.push_back(id_of(id)); });
  return ids;
}

void read(const JsonField& field, std::optional<bool>& value) { value = field.boolean(); }
void read(const JsonField& field, std::optional<double>& value) { value = field.number(); }
void read(const JsonField& field, std::optional<TokenId>& value) { value = id_of(field); }

void read(const JsonField& field, std::optional<Index>& value) {
  // Some files have 256.0; Python counts with it just so.
  const double number = field.number();
  constexpr double limit = 9e15;  // below, every integer is a double
  if (!field.is_integer() && (number != std::floor(number) || std::abs(number) > limit)) {
    field.reject("an integer");
  }
  value = field.is_integer() ? field.integer(std::numeric_limits<std::int64_t>::min(),
                                             std::numeric_limits<std::int64_t>::max())
                             : static_cast<Index>(number);
}

// One id or a list of them.
void read(const JsonField& field, std::optional<std::vector<TokenId>>& value) {
  value = field.is_array() ? ids_of(field) : std::vector<TokenId>{id_of(field)};
}

void read(const JsonField& field, std::optional<std::vector<std::string>>& value) {
  value.emplace();
  if (field.is_string()) return value->push_back(field.string());
  field.visit_elements([&](const JsonField& text) { value->push_back(text.string()); });
}

void read(const JsonField& field, std::optional<std::vector<std::vector<TokenId>>>& value) {
  value.emplace();
  field.visit_elements([&](const JsonField& word) { value->push_back(ids_of(word)); });
}

void read(const JsonField& field, std::optional<EarlyStopping>& value) {
  if (field.is_bool()) {
    value = field.boolean() ? EarlyStopping::yes : EarlyStopping::no;
  } else if (field.is_string() && field.string() == "never") {
    value = EarlyStopping::never;
  } else {
    field.reject(R"(true, false or "never")");
  }
}

void read(const JsonField& field, std::optional<std::vector<SequenceBias>>& value) {
  value.emplace();
  field.visit_elements([&](const JsonField& pair) {
    const auto parts = pair.elements();
    if (parts.size() != 2) pair.reject("a list of token ids and a bias");
    SequenceBias bias{.ids = ids_of(parts[0]), .bias = parts[1].number()};
    for (const TokenId id : bias.ids) {
      // Lists, unlike dictionaries of Python, may not have id 0 in the reference.
      if (id <= 0) parts[0].reject("token ids above 0");
    }
    value->push_back(std::move(bias));
  });
}

void read(const JsonField& field, std::optional<LengthDecay>& value) {
  const auto parts = field.elements();
  if (parts.size() != 2) field.reject("a list of a length and a factor");
  value = LengthDecay{.start = parts[0].integer(min_id, max_id), .factor = parts[1].number()};
}

void read(const JsonField& field, std::optional<WatermarkingConfig>& value) {
  WatermarkingConfig watermark;
  field.visit_members([&](std::string_view key, const JsonField& member) {
    if (key == "greenlist_ratio") {
      watermark.greenlist_ratio = member.number();
    } else if (key == "bias") {
      watermark.bias = member.number();
    } else if (key == "hashing_key") {
      watermark.hashing_key = member.integer(0, std::numeric_limits<std::uint32_t>::max());
    } else if (key == "context_width") {
      watermark.context_width = member.integer(1, limits::generated_tokens);
    } else if (key == "seeding_scheme") {
      if (member.string() != "lefthash" && member.string() != "selfhash") {
        member.reject(R"("lefthash" or "selfhash")");
      }
      watermark.seeding_scheme =
          member.string() == "selfhash" ? WatermarkSeeding::selfhash : WatermarkSeeding::lefthash;
    } else {
      member.reject(ErrorKind::unsupported, "an option of WatermarkingConfig");
    }
  });
  value = watermark;
}

// What would change results and is not done here; top_h is of transformers 5.
void reject_unsupported(const JsonField& root) {
  constexpr std::array<std::string_view, 6> keys{"constraints",          "force_words_ids",
                                                 "dola_layers",          "token_healing",
                                                 "assistant_early_exit", "top_h"};
  for (const std::string_view key : keys) {
    const auto field = root.find(key);
    if (!field || (field->is_bool() && !field->boolean())) continue;
    field->reject(ErrorKind::unsupported, "null");
  }
}

}  // namespace

bool read_generation_field(std::string_view name, const JsonField& value,
                           GenerationConfig& config) {
  bool found = false;
  for_each_field([&](std::string_view known, auto field) {
    if (known != name) return;
    read(value, config.*field);
    found = true;
  });
  return found;
}

GenerationConfig read_generation_fields(const JsonField& root) {
  GenerationConfig config;
  // None leaves the step out; of all fields only this one does something where it is absent.
  if (const auto top_k = root.get("top_k"); top_k && top_k->is_null()) config.top_k = 0;
  reject_unsupported(root);
  for_each_field([&](std::string_view name, auto field) {
    if (const auto member = root.find(name)) read(*member, config.*field);
  });
  return config;
}

JsonOptions generation_json_options() {
  return {.where = "read_generation_config",
          .max_bytes = limits::config_bytes,
          .max_values = limits::config_values};
}

namespace {

// Of a class's defaults those that the file says nothing of, not even null.
GenerationConfig defaults_for(const JsonField& root, GenerationConfig class_defaults) {
  for_each_field([&](std::string_view name, auto field) {
    if (root.get(name)) (class_defaults.*field).reset();
  });
  return class_defaults;
}

// Older composite models keep what their decoder generates with in its own part.
GenerationConfig read_model_config(const JsonField& root) {
  GenerationConfig config = read_generation_fields(root);
  for (const std::string_view key : {"decoder", "generator", "text_config"}) {
    const auto part = root.find(key);
    if (part && part->is_object()) return merged(config, read_generation_fields(*part));
  }
  return config;
}

// Whether the model's config has more than special tokens to say about generation.
// What its class has by itself is unsaid.
// Source: PretrainedConfig._get_non_default_generation_parameters().
bool says_anything(const GenerationConfig& config, const GenerationConfig& class_defaults) {
  constexpr std::array<std::string_view, 24> keys{"max_length",
                                                  "min_length",
                                                  "do_sample",
                                                  "early_stopping",
                                                  "num_beams",
                                                  "temperature",
                                                  "top_k",
                                                  "top_p",
                                                  "typical_p",
                                                  "repetition_penalty",
                                                  "length_penalty",
                                                  "no_repeat_ngram_size",
                                                  "bad_words_ids",
                                                  "num_beam_groups",
                                                  "encoder_no_repeat_ngram_size",
                                                  "num_return_sequences",
                                                  "output_scores",
                                                  "forced_bos_token_id",
                                                  "forced_eos_token_id",
                                                  "suppress_tokens",
                                                  "exponential_decay_length_penalty",
                                                  "diversity_penalty",
                                                  "begin_suppress_tokens",
                                                  "remove_invalid_values"};
  const GenerationConfig defaults = default_generation_config();
  bool found = false;
  for_each_field([&](std::string_view name, auto field) {
    const bool counts = std::find(keys.begin(), keys.end(), name) != keys.end();
    found = found || (counts && config.*field && config.*field != defaults.*field &&
                      config.*field != class_defaults.*field);
  });
  return found;
}

}  // namespace

GenerationConfig parse_generation_config(std::string_view json, std::string_view name) {
  const JsonDocument document = parse_json(json, std::string(name), generation_json_options());
  return read_generation_fields(document.root());
}

GenerationConfig read_generation_config(const std::filesystem::path& folder,
                                        const GenerationConfig& class_defaults) {
  const auto model_file = folder / "config.json";
  const auto own_file = folder / "generation_config.json";
  // With the defaults of the class, and whether the file itself says anything.
  const auto of_model = [&] {
    const JsonDocument document = read_json(model_file, generation_json_options());
    const GenerationConfig config = read_model_config(document.root());
    return std::pair(merged(config, defaults_for(document.root(), class_defaults)),
                     says_anything(config, class_defaults));
  };
  std::error_code error;
  if (!std::filesystem::exists(own_file, error)) return without_outputs(of_model().first);
  const JsonDocument document = read_json(own_file, generation_json_options());
  const auto made_from_model = document.root().find("_from_model_config");
  if (made_from_model && made_from_model->boolean() && std::filesystem::exists(model_file, error)) {
    if (const auto [config, counts] = of_model(); counts) return without_outputs(config);
  }
  return without_outputs(read_generation_fields(document.root()));
}

}  // namespace attend
