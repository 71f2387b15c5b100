// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// modules.json, sentence_bert_config.json and prompts. What would give other results here than in
// the reference is an error.
#include <algorithm>
#include <array>
#include <limits>
#include <system_error>

#include "task/sentence_json.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_modules = 64;  // each passes over every vector

// A module's folder lies in the model's folder.
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

void check_string(const JsonField& config, std::string_view key, std::string_view expected) {
  const auto value = config.find(key);
  if (value && (!value->is_string() || value->string() != expected)) {
    value->reject(ErrorKind::unsupported, quote(expected));
  }
}

// What the module does with texts: nothing else than a forward pass over their tokens.
void check_text_modality(const JsonField& config, const TransformerOutput& output) {
  const auto modalities = config.find("modality_config");
  if (!modalities) return;
  if (const auto message = modalities->find("message")) {
    message->reject(ErrorKind::unsupported, "texts without a chat template");
  }
  const auto text = modalities->find("text");
  if (!text) modalities->reject(ErrorKind::unsupported, "a way to read \"text\"");
  check_string(*text, "method", "forward");
  check_string(*text, "method_output_name", output.model_output);
}

// Arguments without an influence on results, or none beyond what is read elsewhere.
constexpr std::array<std::string_view, 12> harmless{
    "trust_remote_code", "revision",    "token",
    "local_files_only",  "cache_dir",   "use_fast",
    "use_cache",         "torch_dtype", "dtype",
    "padding_side",      "padding",     "attn_implementation"};

void check_arguments(const JsonField& config, std::string_view key, TransformerModule& module) {
  const auto arguments = config.find(key);
  if (!arguments) return;
  for (const auto& [name, value] : arguments->members()) {
    if (std::find(harmless.begin(), harmless.end(), name) != harmless.end()) continue;
    if (name != "model_max_length") value.reject(ErrorKind::unsupported, "no such argument");
    module.max_seq_length =
        static_cast<Index>(value.integer(1, std::numeric_limits<std::int64_t>::max()));
  }
}

void read_transformer_config(const JsonField& config, const TransformerOutput& output,
                             TransformerModule& module) {
  check_string(config, "transformer_task", output.task);
  check_string(config, "module_output_name", output.module_output);
  check_text_modality(config, output);
  if (const auto length = config.find("max_seq_length")) {
    module.max_seq_length =
        static_cast<Index>(length->integer(1, std::numeric_limits<std::int64_t>::max()));
  }
  if (const auto lower = config.find("do_lower_case")) module.do_lower_case = lower->boolean();
  // model_args say how the model runs (types, kernels), not what it is.
  for (const std::string_view key :
       {"tokenizer_args", "processor_kwargs", "config_args", "config_kwargs"}) {
    check_arguments(config, key, module);
  }
  const auto processing = config.find("processing_kwargs");
  if (!processing) return;
  for (const std::string_view key : {"text", "common"}) {
    const auto part = processing->find(key);
    if (part && part->size() > 0) part->reject(ErrorKind::unsupported, "no such arguments");
  }
}

}  // namespace

bool has_file(const fs::path& file) {
  std::error_code ignored;  // reading reports what is wrong with it
  return fs::exists(file, ignored);
}

SentenceFolder::SentenceFolder(const fs::path& folder, std::string_view saved_class) {
  const fs::path modules = folder / "modules.json";
  if (!has_file(modules)) return;
  if (const fs::path file = folder / "config_sentence_transformers.json"; has_file(file)) {
    config_.emplace(read_json(file, sentence_json));
    const auto type = config_->root().find("model_type");
    if ((type ? type->string() : JsonString("SentenceTransformer")) != saved_class) {
      config_.reset();
      return;
    }
  } else if (saved_class != "SentenceTransformer") {
    return;
  }
  modules_.emplace(read_json(modules, sentence_json));
}

std::optional<JsonField> SentenceFolder::config() const noexcept {
  if (!config_) return std::nullopt;
  return config_->root();
}

std::vector<ModuleEntry> read_entries(const fs::path& folder, const JsonField& list) {
  if (list.size() > most_modules) {
    list.reject(ErrorKind::resource_limit, "at most " + std::to_string(most_modules) + " modules");
  }
  std::vector<ModuleEntry> entries;
  for (const JsonField& module : list.elements()) {
    const JsonField type = module.at("type");
    entries.push_back({type, class_name(type), module_folder(folder, module.at("path"))});
  }
  return entries;
}

TransformerModule read_transformer(const fs::path& folder, const TransformerOutput& output) {
  TransformerModule module{.folder = folder};
  // The files of older versions carry the kind of model in their names.
  for (const char* name : {"sentence_bert_config.json", "sentence_roberta_config.json",
                           "sentence_distilbert_config.json", "sentence_camembert_config.json",
                           "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
                           "sentence_xlnet_config.json"}) {
    const fs::path file = folder / name;
    if (!has_file(file)) continue;
    const JsonDocument document = read_json(file, sentence_json);
    read_transformer_config(document.root(), output, module);
    break;
  }
  return module;
}

void read_prompts(const JsonField& config, Prompts& prompts) {
  if (const auto texts = config.find("prompts")) {
    for (const auto& [name, text] : texts->members()) {
      prompts.texts[std::string(name)] = text.is_null() ? std::string() : text.string();
    }
  }
  if (const auto name = config.find("default_prompt_name")) {
    if (!prompts.texts.contains(name->string())) name->reject("one of the prompts");
    prompts.default_name = name->string();
  }
}

}  // namespace attend
