// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The JSON files of a sentence-transformers folder. A module that is not known here is an error:
// leaving it out would give other vectors.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/limits.h"
#include "task/sentence_json.h"
#include "task/sentence_modules.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t max_size = 1 << 20;  // values of a vector
constexpr std::size_t most_poolings = 64;   // each makes the vector longer

struct PoolingName {
  std::string_view name;  // in pooling_mode
  std::string_view flag;  // the boolean of older files
  Pooling pooling;
};

// In the order in which poolings that older files switch on stand side by side.
constexpr std::array pooling_names{
    PoolingName{"cls", "pooling_mode_cls_token", Pooling::cls},
    PoolingName{"max", "pooling_mode_max_tokens", Pooling::max},
    PoolingName{"mean", "pooling_mode_mean_tokens", Pooling::mean},
    PoolingName{"mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens",
                Pooling::mean_sqrt_len},
    PoolingName{"weightedmean", "pooling_mode_weightedmean_tokens", Pooling::weighted_mean},
    PoolingName{"lasttoken", "pooling_mode_lasttoken", Pooling::last_token},
};

Pooling pooling_named(const JsonField& field) {
  std::string known;
  for (const PoolingName& entry : pooling_names) {
    if (entry.name == field.string()) return entry.pooling;
    known += (known.empty() ? "one of " : ", ") + std::string(entry.name);
  }
  field.reject(known);
}

std::vector<Pooling> read_poolings(const JsonField& config) {
  std::vector<Pooling> poolings;
  if (const auto mode = config.find("pooling_mode")) {
    if (mode->is_string()) return {pooling_named(*mode)};
    for (const JsonField& element : mode->elements()) poolings.push_back(pooling_named(element));
    if (poolings.empty()) mode->reject("at least one pooling");
    if (poolings.size() > most_poolings) mode->reject(ErrorKind::resource_limit, "fewer poolings");
    return poolings;
  }
  for (const PoolingName& entry : pooling_names) {
    const auto flag = config.find(entry.flag);
    if (flag && flag->boolean()) poolings.push_back(entry.pooling);
  }
  if (poolings.empty()) poolings.push_back(Pooling::mean);
  return poolings;
}

Index read_size(const JsonField& size) { return static_cast<Index>(size.integer(1, max_size)); }

PoolingModule read_pooling(const fs::path& folder) {
  const JsonDocument document = read_json(folder / "config.json", sentence_json);
  const JsonField config = document.root();
  PoolingModule module{.folder = folder, .poolings = read_poolings(config)};
  for (const std::string_view key : {"word_embedding_dimension", "embedding_dimension"}) {
    if (const auto size = config.find(key)) module.dimension = read_size(*size);
  }
  if (const auto field = config.find("include_prompt")) module.include_prompt = field->boolean();
  return module;
}

DenseModule read_dense(const fs::path& folder) {
  const JsonDocument document = read_json(folder / "config.json", sentence_json);
  const JsonField config = document.root();
  DenseModule module{.folder = folder,
                     .in_features = read_size(config.at("in_features")),
                     .out_features = read_size(config.at("out_features"))};
  if (const auto bias = config.find("bias")) module.has_bias = bias->boolean();
  if (const auto name = config.get("activation_function")) {
    // Quirk of the reference, which is not followed: it takes Tanh for what it must not run.
    const auto activation = find_torch_activation(name->string());
    if (!activation) name->reject(ErrorKind::unsupported, std::string(torch_activations));
    module.activation = *activation;
  }
  for (const std::string_view key : {"module_input_name", "module_output_name"}) {
    const auto name = config.find(key);
    if (name && name->string() != "sentence_embedding") {
      name->reject(ErrorKind::unsupported, "\"sentence_embedding\"");
    }
  }
  return module;
}

LayerNormModule read_layer_norm(const fs::path& folder) {
  const JsonDocument document = read_json(folder / "config.json", sentence_json);
  return {.folder = folder, .dimension = read_size(document.root().at("dimension"))};
}

void read_modules(const fs::path& folder, const JsonField& list, SentenceModules& modules) {
  constexpr TransformerOutput hidden_states{.task = "feature-extraction",
                                            .model_output = "last_hidden_state",
                                            .module_output = "token_embeddings"};
  enum class Stage { transformer, pooling, after } stage = Stage::transformer;
  for (const ModuleEntry& module : read_entries(folder, list)) {
    const std::string_view name = module.class_name;
    if (stage == Stage::transformer && name == "Transformer") {
      modules.transformer = read_transformer(module.folder, hidden_states);
      stage = Stage::pooling;
    } else if (stage == Stage::pooling && name == "Pooling") {
      modules.pooling = read_pooling(module.folder);
      stage = Stage::after;
    } else if (stage == Stage::after && name == "Dense") {
      modules.after.emplace_back(read_dense(module.folder));
    } else if (stage == Stage::after && name == "LayerNorm") {
      modules.after.emplace_back(read_layer_norm(module.folder));
    } else if (stage == Stage::after && name == "Normalize") {
      modules.after.emplace_back(NormalizeModule{});
    } else if (stage != Stage::after || name != "Dropout") {  // which does nothing outside training
      module.type.reject(ErrorKind::unsupported,
                         "sentence_transformers' Transformer, then Pooling, then any of Dense, "
                         "LayerNorm, Normalize, Dropout");
    }
  }
  if (stage != Stage::after) list.reject(ErrorKind::unsupported, "a Transformer and a Pooling");
}

void read_settings(const JsonField& config, SentenceModules& modules) {
  read_prompts(config, modules.prompts);
  if (const auto size = config.find("truncate_dim")) modules.truncate_dim = read_size(*size);
  if (const auto field = config.find("similarity_fn_name")) {
    const auto similarity = find_similarity(field->string());
    if (!similarity) field->reject("one of cosine, dot, euclidean, manhattan");
    modules.similarity = *similarity;
  }
}

/// The pooling that the reference gives a folder without modules.
Pooling default_pooling(const fs::path& folder) {
  const fs::path file = folder / "config.json";
  if (!has_file(file)) return Pooling::mean;  // the model's loader says that it is missing
  const JsonDocument document = read_json(
      file,
      {.where = "load", .max_bytes = limits::config_bytes, .max_values = limits::config_values});
  const JsonField config = document.root();
  const auto classes = config.find("architectures");
  const auto names = classes ? classes->elements() : std::vector<JsonField>();
  const auto causal = config.find("is_causal");
  const bool is_causal_model = !names.empty() && names.front().string().ends_with("ForCausalLM") &&
                               (!causal || causal->boolean());
  return is_causal_model ? Pooling::last_token : Pooling::mean;
}

}  // namespace

SentenceModules read_sentence_modules(const fs::path& folder) {
  SentenceModules modules;
  const SentenceFolder files(folder, "SentenceTransformer");
  if (!files.has_modules()) {
    modules.transformer.folder = folder;
    modules.pooling.poolings = {default_pooling(folder)};
    return modules;
  }
  read_modules(folder, files.modules(), modules);
  if (const auto config = files.config()) read_settings(*config, modules);
  return modules;
}

}  // namespace attend
