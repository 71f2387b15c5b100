// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// config.json to ModelConfig, by the keys of the architecture's table.
// Source: transformers 4.57 configuration_utils.py (PretrainedConfig).
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "attend/core/error.h"
#include "attend/model/architecture.h"
#include "attend/model/config.h"
#include "checkpoint/checked_json.h"
#include "core/limits.h"
#include "model/rope_json.h"

namespace attend {
namespace {

// Far above every published model, and low enough that no product of two of them overflows.
constexpr Index max_width = 65'536;
constexpr Index max_layers = 1'024;
constexpr Index max_intermediate = 1'048'576;
constexpr Index max_vocabulary = 16'777'216;
constexpr Index max_positions = 16'777'216;
constexpr Index max_labels = 1'048'576;

// The field of the first key of "a|b" that is there and not null; else of the last.
std::optional<JsonField> get_any(const JsonField& root, std::string_view keys) {
  const std::size_t end = keys.find('|');
  const auto field = root.get(keys.substr(0, end));
  if (end == std::string_view::npos || (field && !field->is_null())) return field;
  return get_any(root, keys.substr(end + 1));
}

// Missing keys have the default of the architecture, as in transformers; null is no size. Where the
// default is 0, the file may say so, too.
Index read_size(const JsonField& root, const ConfigKey<Index>& key, Index max) {
  if (key.key.empty()) return key.value;
  const auto field = get_any(root, key.key);
  return field ? field->integer(std::min<Index>(key.value, 1), max) : key.value;
}

Index read_type_vocab_size(const JsonField& root, const ConfigKey<Index>& key) {
  const auto field = key.key.empty() ? std::nullopt : root.get(key.key);
  return field ? field->integer(0, max_width) : key.value;  // 0: there is no table
}

float read_norm_eps(const JsonField& root, const ConfigKey<float>& key) {
  const auto field = key.key.empty() ? std::nullopt : root.get(key.key);
  if (!field) return key.value;
  const double value = field->number();
  if (value < 0 || value > 1) field->reject("a number in [0, 1]");
  return static_cast<float>(value);
}

Activation activation_of(const JsonField& field) {
  const auto activation = find_activation(field.string());
  if (!activation) {
    field.reject(ErrorKind::unsupported,
                 R"(an activation that is known here, such as "gelu", "gelu_new" or "relu")");
  }
  return *activation;
}

Activation read_activation(const JsonField& root, const ConfigKey<Activation>& key) {
  const auto field = key.key.empty() ? std::nullopt : root.get(key.key);
  return field ? activation_of(*field) : key.value;
}

// Where there is none by default, "none" may be a number that no token has, too: -1 of the first
// LLaMA, or vocab_size, as the decoders without a padding row allow it.
std::optional<TokenId> read_pad_token_id(const JsonField& root,
                                         const ConfigKey<std::optional<TokenId>>& key,
                                         Index vocab_size) {
  const auto field = root.get(key.key);
  if (!field) return key.value;
  if (field->is_null()) return std::nullopt;
  constexpr Index largest = std::numeric_limits<TokenId>::max();
  const Index id =
      field->integer(key.value ? 0 : -vocab_size, key.value ? vocab_size - 1 : largest);
  if (id < 0 || id >= vocab_size) return std::nullopt;
  return static_cast<TokenId>(id);
}

// The words of a text like "c2p|p2c", lower case and without blanks around them.
std::vector<std::string> words_between_bars(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == '|') {
      words.emplace_back();
    } else if (c != ' ') {
      words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return words;
}

void require(const JsonField& object, std::string_view key, std::string_view printed) {
  const JsonField field = object.at(key);
  if (field.printed() != printed) field.reject(ErrorKind::unsupported, std::string(printed));
}

void require_none(const JsonField& object, std::string_view key) {
  if (const auto field = object.find(key)) field->reject(ErrorKind::unsupported, "null");
}

/// Reads one FurtherKey into its field.
struct FurtherReader {
  const std::optional<JsonField> given;
  const bool is_null = given && given->is_null();
  const std::optional<JsonField> field = is_null ? std::nullopt : given;
  ModelConfig& config;

  void operator()(const SizeKey& key) const {
    const Index fallback = key.otherwise == nullptr ? key.value : config.*key.otherwise;
    const Index otherwise = is_null ? key.null_value.value_or(fallback) : fallback;
    const Index value = field ? field->integer(-max_positions, max_positions) : otherwise;
    config.*key.field = field && value < key.min ? fallback : value;
  }
  void operator()(const KeyHeadsKey& key) const {
    config.key_heads = field ? field->integer(1, config.heads) : is_null ? 0 : key.value;
    if (config.key_heads == 0 || config.heads % config.key_heads == 0) return;
    const std::string expected = "a divisor of the heads = " + std::to_string(config.heads);
    if (field) field->reject(expected);
    fail(ErrorKind::config_error, {.where = "read_config",
                                   .what = "the number of heads of keys",
                                   .expected = expected,
                                   .found = std::to_string(config.key_heads) + ", by default",
                                   .file = "config.json"});
  }
  void operator()(const ShareKey& key) const {
    config.*key.field = field ? field->number() : key.value;
    if (!field || (config.*key.field > 0 && config.*key.field <= 1)) return;
    field->reject("a number above 0 and at most 1");
  }
  void operator()(const FlagsKey& key) const {
    if (!field) return;
    for (const JsonField& flag : field->elements()) {
      (config.*key.field).push_back(flag.integer(0, 1) == 1);
    }
    check_count(*field, (config.*key.field).size());
  }
  void operator()(const RepeatedWordsKey& key) const {
    if (!field) return;
    std::vector<std::string>& words = config.*key.field;
    for (const JsonField& pair : field->elements()) {
      const auto parts = pair.elements();
      if (parts.size() != 2) pair.reject("a list of words and a number");
      const Index count = parts[1].integer(0, max_layers);
      for (Index i = 0; i < count; ++i) {
        for (const JsonField& word : parts[0].elements()) words.push_back(word.string());
        if (words.size() > static_cast<std::size_t>(max_layers)) check_count(*field, words.size());
      }
    }
    check_words(*field, words, key.known);
    check_count(*field, words.size());
  }
  void operator()(const RopeScalingKey& key) const {
    if (field) read_rope_scaling(*field, key.known, config);
  }
  void operator()(const CountKey& key) const {
    const bool is_used = key.is_used == nullptr || key.is_used(config);
    config.*key.field = given && is_used ? given->integer(1, key.max) : key.value;
  }
  void operator()(const FlagKey& key) const {
    if (!given && key.absent == WhenAbsent::keep) return;
    config.*key.field = field ? field->boolean() : key.value && !is_null;
  }
  void operator()(const NumberKey& key) const {
    config.*key.field = is_null ? key.null_value : key.value;
    if (!field) return;
    const auto value = static_cast<float>(field->number());
    if (!(value > 0) || std::isinf(value)) field->reject("a positive number");
    config.*key.field = value;
  }
  void operator()(const ActivationKey& key) const {
    if (!given && key.absent == WhenAbsent::keep) return;
    const bool is_empty = field && field->is_string() && field->string().empty();
    if (key.null_value && (is_null || is_empty)) {
      config.*key.field = *key.null_value;
    } else {
      config.*key.field = field ? activation_of(*field) : key.value;
    }
  }
  void operator()(const FeedForwardKey& key) const {
    const std::string text = given ? std::string(given->string()) : std::string(key.value);
    constexpr std::string_view gated = "gated-";
    config.*key.is_gated = text.starts_with(gated);
    const auto name = std::string_view(text).substr(config.*key.is_gated ? gated.size() : 0);
    const auto activation =
        text == "gated-gelu" ? std::optional(Activation::gelu_tanh) : find_activation(name);
    if (activation) {
      config.*key.activation = *activation;
    } else {
      given->reject(ErrorKind::unsupported,
                    R"(an activation that is known here, such as "relu" or "gated-gelu")");
    }
  }
  void operator()(const TextKey& key) const {
    config.*key.field = given ? given->printed() : std::string(key.value);
  }
  void operator()(const TokenKey& key) const {
    config.*key.field = is_null ? no_token : key.value;
    if (field) {
      config.*key.field = static_cast<TokenId>(field->integer(0, config.vocab_size - 1));
    }
  }
  void operator()(const PositionKey& key) const {
    if (is_null) config.*key.field = PositionEmbedding::none;
    if (!field) return;
    static constexpr std::pair<std::string_view, PositionEmbedding> known[] = {
        {"absolute", PositionEmbedding::absolute},
        {"relative_key", PositionEmbedding::relative_key},
        {"relative_key_query", PositionEmbedding::relative_key_query}};
    const JsonString text = field->string();
    for (const auto& [name, position] : known) {
      if (std::string_view(text) != name) continue;
      config.*key.field = position;
      return;
    }
    field->reject(ErrorKind::unsupported, R"("absolute", "relative_key" or "relative_key_query")");
  }
  void operator()(const NtkKey& key) const {
    config.*key.field = 1;
    if (!field) return;
    require(*field, "type", R"("ntk")");
    require_none(*field, "mixed_b");
    const JsonField factor = field->at("factor");
    const auto value = static_cast<float>(factor.number());
    if (!(value > 1) || std::isinf(value)) factor.reject("a number above 1");
    config.*key.field = value;
  }
  void operator()(const WordsKey& key) const {
    if (!field) return;
    std::vector<std::string>& words = config.*key.field;
    if (field->is_string()) {
      words = words_between_bars(field->string());
    } else {
      for (const JsonField& word : field->elements()) words.push_back(word.string());
    }
    check_words(*field, words, key.known);
    if (key.is_by_layer) check_count(*field, words.size());
  }

 private:
  static void check_words(const JsonField& from, const std::vector<std::string>& words,
                          std::span<const std::string_view> all) {
    for (const std::string& word : words) {
      if (std::find(all.begin(), all.end(), word) != all.end()) continue;
      std::string known;
      for (const std::string_view each : all) {
        known += (known.empty() ? "" : ", ") + quote(each);
      }
      from.reject(ErrorKind::unsupported, "words of " + known);
    }
  }
  // Of what there is for every layer.
  void check_count(const JsonField& from, std::size_t count) const {
    if (count == static_cast<std::size_t>(config.layers)) return;
    from.reject("one for each of the " + std::to_string(config.layers) + " layers");
  }
};

std::string read_string(const JsonField& root, std::string_view key) {
  const auto field = root.find(key);
  return field ? field->string() : std::string();
}

// Whether the table stands for a class that auto_map names: "author/repository--module.Class".
bool stands_for(const Architecture& architecture, const JsonField& class_name) {
  if (!class_name.is_string()) return false;
  const JsonString text = class_name.string();
  const std::string_view name = std::string_view(text).substr(text.rfind('.') + 1);
  const auto& known = architecture.code_classes;
  return std::any_of(known.begin(), known.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

void check_code(const JsonField& root, const Architecture* architecture) {
  const auto code = root.find("auto_map");
  if (!code) return;
  const auto members = code->members();
  const auto is_known = [&](const auto& member) {
    return stands_for(*architecture, member.second);
  };
  if (architecture != nullptr && !architecture->code_classes.empty() &&
      std::all_of(members.begin(), members.end(), is_known)) {
    return;
  }
  code->reject(ErrorKind::unsupported, "a model without Python code of its own",
               "code of a model folder is never run");
}

const Architecture& read_architecture(const JsonField& root) {
  const JsonField model_type = root.at("model_type");
  const Architecture* architecture = find_architecture(model_type.string());
  check_code(root, architecture);
  if (architecture != nullptr) return *architecture;
  std::string known;
  for (const Architecture* each : architectures()) {
    for (const std::string_view name : each->model_types) {
      if (!known.empty()) known += ", ";
      known += name;
    }
  }
  model_type.reject(ErrorKind::unsupported, "one of " + known);
}

// Keys whose other values would change the mathematics.
void check_known_values(const JsonField& root, const Architecture& architecture) {
  for (const auto& [key, value, parts] : architecture.known_values) {
    if (const auto count = root.find(parts); !parts.empty() && (!count || count->number() <= 1)) {
      continue;
    }
    const auto field = root.get(key);
    const bool is_null_for_false = field && field->is_null() && value == "false";
    if (field && !is_null_for_false && field->printed() != value) {
      field->reject(ErrorKind::unsupported, std::string(value));
    }
  }
  const auto pruned = root.find("pruned_heads");
  if (pruned && !pruned->members().empty())
    pruned->reject(ErrorKind::unsupported, "no heads pruned");
}

// One form of quantisation is read: int8 weights with one scale a row (see StoredWeight).
void check_quantization(const JsonField& root) {
  const auto quantization = root.find("quantization_config");
  if (!quantization) return;
  require(*quantization, "quant_method", R"("compressed-tensors")");
  require(*quantization, "format", R"("int-quantized")");
  if (quantization->find("quantization_status")) {
    require(*quantization, "quantization_status", R"("compressed")");
  }
  require_none(*quantization, "kv_cache_scheme");
  for (const auto& [name, group] : quantization->at("config_groups").members()) {
    require_none(group, "input_activations");
    require_none(group, "output_activations");
    const JsonField weights = group.at("weights");
    require(weights, "num_bits", "8");
    require(weights, "type", R"("int")");
    require(weights, "symmetric", "true");
    require(weights, "strategy", R"("channel")");
    require_none(weights, "group_size");
    require_none(weights, "block_structure");
    require_none(weights, "actorder");
  }
}

// A decoder of transformers has all queries at the last place where places are relative: its caches
// are for one token after the other.
void check_decoder(const ModelConfig& config, const std::string& file) {
  const bool is_relative = config.position_embedding == PositionEmbedding::relative_key ||
                           config.position_embedding == PositionEmbedding::relative_key_query;
  if (!config.is_decoder || !is_relative) return;
  fail(ErrorKind::unsupported, {.where = "read_config",
                                .what = "/is_decoder",
                                .expected = "false beside relative positions",
                                .found = "true",
                                .file = file});
}

// id2label as transformers reads it: its size is the number of classes whatever num_labels says.
std::vector<std::string> read_labels(const JsonField& root, Index count_otherwise) {
  const auto table = root.find("id2label");
  if (!table) {
    const auto field = root.find("num_labels");
    const Index count = field ? field->integer(1, max_labels) : count_otherwise;
    std::vector<std::string> labels;
    for (Index i = 0; i < count; ++i) labels.push_back("LABEL_" + std::to_string(i));
    return labels;
  }
  const auto members = table->members();
  if (members.size() > static_cast<std::size_t>(max_labels)) {
    table->reject("at most " + std::to_string(max_labels) + " labels");
  }
  std::vector<std::string> labels(members.size());
  std::vector<bool> named(members.size());
  for (const auto& [key, label] : members) {
    std::size_t id = 0;
    const char* end = key.data() + key.size();
    const auto parsed = std::from_chars(key.data(), end, id);
    if (parsed.ec != std::errc() || parsed.ptr != end || id >= labels.size() || named[id]) {
      label.reject("the ids 0 to " + std::to_string(members.size() - 1) + " as keys, each once");
    }
    named[id] = true;
    labels[id] = label.is_integer() ? label.printed() : label.string();
  }
  return labels;
}

// label2id is taken as it is: transformers does not compare it with id2label, and entries that are
// no ids are of no use to anybody. Without it, or without id2label, it follows from the labels.
std::vector<std::pair<std::string, Index>> read_label_ids(const JsonField& root,
                                                          const std::vector<std::string>& labels) {
  std::vector<std::pair<std::string, Index>> out;
  const auto table = root.find("label2id");
  const auto members = table ? table->members() : decltype(table->members())();
  if (table && root.find("id2label")) {
    for (const auto& [label, id] : members) {
      if (id.is_integer()) {
        out.emplace_back(label, id.integer(std::numeric_limits<Index>::min(),
                                           std::numeric_limits<Index>::max()));
      }
    }
    return out;
  }
  for (const auto& label : labels) out.emplace_back(label, static_cast<Index>(out.size()));
  return out;
}

std::string read_problem_type(const JsonField& root) {
  const auto field = root.find("problem_type");
  if (!field) return {};
  const std::string& type = field->string();
  if (type != "regression" && type != "single_label_classification" &&
      type != "multi_label_classification") {
    field->reject(R"("regression", "single_label_classification" or "multi_label_classification")");
  }
  return type;
}

// The class that sentence-transformers' CrossEncoder applies to logits; versions before 4 wrote it
// under a key of its own.
std::string read_cross_encoder_activation(const JsonField& root) {
  const auto section = root.find("sentence_transformers");
  std::string name = section ? read_string(*section, "activation_fn") : std::string();
  return name.empty() ? read_string(root, "sbert_ce_default_activation_function") : name;
}

void read_tasks(const JsonField& root, const Architecture& architecture, ModelConfig& config) {
  if (const auto names = root.find("architectures")) {
    for (const JsonField& name : names->elements()) config.architectures.push_back(name.string());
  }
  config.labels = read_labels(root, architecture.labels);
  config.label_ids = read_label_ids(root, config.labels);
  config.problem_type = read_problem_type(root);
  config.function_to_apply = read_string(root, "function_to_apply");
  if (const auto all = root.find("return_all_scores")) config.return_all_scores = all->boolean();
  config.cross_encoder_activation = read_cross_encoder_activation(root);
}

}  // namespace

ModelConfig read_config(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "config.json";
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown) && !unknown) {
    fail(ErrorKind::file_not_found,
         {.where = "read_config",
          .what = "config.json",
          .expected = "one in the folder of a model",
          .found = "none",
          .file = file.string(),
          .hint = "name the folder that has config.json beside the weights, as it is on the Hub"});
  }
  const JsonDocument document = read_json(file, {.where = "read_config",
                                                 .max_bytes = limits::config_bytes,
                                                 .max_values = limits::config_values});
  const JsonField root = document.root();
  const Architecture& architecture = read_architecture(root);
  check_known_values(root, architecture);
  check_rope_keys(root, architecture.further_keys);
  check_quantization(root);

  const ConfigKeys& keys = architecture.keys;
  ModelConfig config;
  config.model_type = root.at("model_type").string();
  config.hidden_size = read_size(root, keys.hidden_size, max_width);
  config.layers = read_size(root, keys.layers, max_layers);
  config.heads = read_size(root, keys.heads, max_width);
  config.intermediate_size = read_size(root, keys.intermediate_size, max_intermediate);
  config.vocab_size = read_size(root, keys.vocab_size, max_vocabulary);
  config.max_positions = read_size(root, keys.max_positions, max_positions);
  config.type_vocab_size = read_type_vocab_size(root, keys.type_vocab_size);
  config.norm_eps = read_norm_eps(root, keys.norm_eps);
  config.activation = read_activation(root, keys.activation);
  config.pad_token_id = read_pad_token_id(root, keys.pad_token_id, config.vocab_size);
  // Null is false in Python, here and in every flag below.
  if (const auto tied = root.get("tie_word_embeddings")) {
    config.tie_word_embeddings = !tied->is_null() && tied->boolean();
  }
  for (const auto& [key, into] : architecture.further_keys) {
    std::visit(FurtherReader{.given = root.get(key), .config = config}, into);
  }
  check_decoder(config, document.file());
  for (const Index heads : {config.heads, config.decoder_heads}) {
    if (heads == 0 || config.own_head_size > 0 || config.hidden_size % heads == 0) continue;
    fail(ErrorKind::config_error, {.where = "read_config",
                                   .what = "/" + std::string(keys.heads.key),
                                   .expected = "a divisor of " + std::string(keys.hidden_size.key) +
                                               " = " + std::to_string(config.hidden_size),
                                   .found = std::to_string(heads),
                                   .file = document.file()});
  }
  read_tasks(root, architecture, config);
  return config;
}

}  // namespace attend
