// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The JSON files of a sentence-transformers folder. A module that is not known here is an error:
// leaving it out would give other vectors.
#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>

#include "checkpoint/checked_json.h"
#include "core/limits.h"
#include "task/sentence_modules.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr JsonOptions json_options{.where = "embed",
                                   .max_bytes = limits::module_bytes,
                                   .max_values = limits::module_values};
constexpr std::int64_t max_size = 1 << 20;  // of vectors and of texts, in values and tokens

bool has_file(const fs::path& file) {
  std::error_code ignored;  // reading reports what is wrong with it
  return fs::exists(file, ignored);
}

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
    return poolings;
  }
  for (const PoolingName& entry : pooling_names) {
    const auto flag = config.find(entry.flag);
    if (flag && flag->boolean()) poolings.push_back(entry.pooling);
  }
  if (poolings.empty()) poolings.push_back(Pooling::mean);
  return poolings;
}

PoolingModule read_pooling(const fs::path& folder) {
  const JsonDocument document = read_json(folder / "config.json", json_options);
  const JsonField config = document.root();
  PoolingModule module{.poolings = read_poolings(config)};
  if (const auto field = config.find("include_prompt")) {
    module.include_prompt = field->boolean();
    const bool weighted =
        std::count(module.poolings.begin(), module.poolings.end(), Pooling::weighted_mean) > 0;
    if (!module.include_prompt && weighted) {
      field->reject(ErrorKind::unsupported, "true beside weightedmean pooling");
    }
  }
  return module;
}

// "torch.nn.modules.activation.Tanh"
Activation read_activation(const JsonField& field) {
  constexpr std::array<std::pair<std::string_view, Activation>, 6> known{{
      {"Identity", Activation::none},
      {"Tanh", Activation::tanh},
      {"ReLU", Activation::relu},
      {"GELU", Activation::gelu},
      {"SiLU", Activation::silu},
      {"Sigmoid", Activation::sigmoid},
  }};
  const std::string_view name = field.string();
  if (name.starts_with("torch.nn.modules.")) {
    for (const auto& [class_name, activation] : known) {
      if (name.substr(name.rfind('.') + 1) == class_name) return activation;
    }
  }
  field.reject(ErrorKind::unsupported,
               "torch.nn's Identity, Tanh, ReLU, GELU, SiLU or Sigmoid, with its full name");
}

DenseModule read_dense(const fs::path& folder) {
  const JsonDocument document = read_json(folder / "config.json", json_options);
  const JsonField config = document.root();
  DenseModule module{.folder = folder};
  module.in_features = static_cast<Index>(config.at("in_features").integer(1, max_size));
  module.out_features = static_cast<Index>(config.at("out_features").integer(1, max_size));
  if (const auto bias = config.find("bias")) module.has_bias = bias->boolean();
  if (const auto name = config.find("activation_function")) {
    module.activation = read_activation(*name);
  }
  for (const std::string_view key : {"module_input_name", "module_output_name"}) {
    const auto name = config.find(key);
    if (name && name->string() != "sentence_embedding") {
      name->reject(ErrorKind::unsupported, "\"sentence_embedding\"");
    }
  }
  return module;
}

void read_transformer(const fs::path& folder, SentenceModules& modules) {
  modules.transformer = folder;
  // The files of older versions carry the kind of model in their names.
  for (const char* name : {"sentence_bert_config.json", "sentence_roberta_config.json",
                           "sentence_distilbert_config.json", "sentence_camembert_config.json",
                           "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
                           "sentence_xlnet_config.json"}) {
    const fs::path file = folder / name;
    if (!has_file(file)) continue;
    const JsonDocument document = read_json(file, json_options);
    const JsonField config = document.root();
    if (const auto length = config.find("max_seq_length")) {
      modules.max_seq_length =
          static_cast<Index>(length->integer(1, std::numeric_limits<std::int64_t>::max()));
    }
    if (const auto lower = config.find("do_lower_case")) modules.do_lower_case = lower->boolean();
    return;
  }
}

// A module's folder lies in the model's folder: modules.json may come from anywhere.
fs::path module_folder(const fs::path& folder, const JsonField& path) {
  const fs::path relative(path.string());
  const bool leaves =
      relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (leaves) path.reject(ErrorKind::access_denied, "a folder inside the model's folder");
  return relative.empty() ? folder : folder / relative;
}

// "sentence_transformers.models.Pooling", or the longer paths of newer versions.
std::string_view class_name(const JsonField& type) {
  const std::string_view name = type.string();
  if (!name.starts_with("sentence_transformers.")) return {};
  return name.substr(name.rfind('.') + 1);
}

void read_modules(const fs::path& folder, const JsonField& list, SentenceModules& modules) {
  enum class Stage { transformer, pooling, after } stage = Stage::transformer;
  for (const JsonField& module : list.elements()) {
    const JsonField type = module.at("type");
    const std::string_view name = class_name(type);
    const fs::path path = module_folder(folder, module.at("path"));
    if (stage == Stage::transformer && name == "Transformer") {
      read_transformer(path, modules);
      stage = Stage::pooling;
    } else if (stage == Stage::pooling && name == "Pooling") {
      modules.pooling = read_pooling(path);
      stage = Stage::after;
    } else if (stage == Stage::after && name == "Dense") {
      modules.after.emplace_back(read_dense(path));
    } else if (stage == Stage::after && name == "Normalize") {
      modules.after.emplace_back(NormalizeModule{});
    } else if (name != "Dropout") {  // which does nothing outside training
      type.reject(ErrorKind::unsupported,
                  "sentence_transformers' Transformer, then Pooling, then any of Dense, Normalize");
    }
  }
  if (stage != Stage::after) list.reject(ErrorKind::unsupported, "a Transformer and a Pooling");
}

void read_prompts(const JsonField& config, SentenceModules& modules) {
  if (const auto prompts = config.find("prompts")) {
    for (const auto& [name, text] : prompts->members()) {
      modules.prompts[std::string(name)] = text.is_null() ? std::string() : text.string();
    }
  }
  if (const auto name = config.find("default_prompt_name")) {
    if (!modules.prompts.contains(name->string())) name->reject("one of the prompts");
    modules.default_prompt_name = name->string();
  }
  if (const auto size = config.find("truncate_dim")) {
    modules.truncate_dim = static_cast<Index>(size->integer(1, max_size));
  }
}

}  // namespace

SentenceModules read_sentence_modules(const fs::path& folder) {
  SentenceModules modules;
  modules.transformer = folder;
  if (const fs::path file = folder / "modules.json"; has_file(file)) {
    const JsonDocument document = read_json(file, json_options);
    read_modules(folder, document.root(), modules);
  }
  if (const fs::path file = folder / "config_sentence_transformers.json"; has_file(file)) {
    const JsonDocument document = read_json(file, json_options);
    read_prompts(document.root(), modules);
  }
  return modules;
}

}  // namespace attend
