// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What every architecture of the registry must have; a new one is tested by being in it.
#include "attend/model/architecture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "support/golden.h"

namespace attend {
namespace {

/// Fills a field of a FurtherKey with its default, or with another value.
struct FurtherDefault {
  ModelConfig& config;
  bool other = false;

  void operator()(const SizeKey& key) const {
    const Index value = key.otherwise == nullptr ? key.value : config.*key.otherwise;
    config.*key.field = other ? 3 : value;
  }
  void operator()(const CountKey& key) const { config.*key.field = other ? 2 : key.value; }
  void operator()(const FlagKey& key) const {
    if (key.absent == WhenAbsent::set || other) config.*key.field = key.value != other;
  }
  void operator()(const NumberKey& key) const { config.*key.field = key.value; }
  void operator()(const ActivationKey& key) const {
    if (key.absent == WhenAbsent::keep && !other) return;
    config.*key.field = other ? Activation::prelu : key.value;
  }
  void operator()(const FeedForwardKey& key) const {
    config.*key.activation = Activation::relu;
    config.*key.is_gated = key.value.starts_with("gated") != other;
  }
  void operator()(const TextKey& key) const { config.*key.field = key.value; }
  void operator()(const TokenKey& key) const { config.*key.field = key.value; }
  void operator()(const PositionKey& key) const {
    config.*key.field = other ? PositionEmbedding::relative_key_query : PositionEmbedding::absolute;
  }
  void operator()(const NtkKey& key) const { config.*key.field = other ? 2.0F : 1.0F; }
  void operator()(const WordsKey& key) const {
    if (!other) return;
    (config.*key.field).assign(key.known.begin(), key.known.end());
    if (key.is_by_layer) each_layer(key.field, std::string(key.known.front()));
  }
  void operator()(const KeyHeadsKey& key) const { config.key_heads = other ? 3 : key.value; }
  void operator()(const ShareKey& key) const { config.*key.field = key.value; }
  void operator()(const FlagsKey& key) const {
    if (other) each_layer(key.field, false);
  }
  void operator()(const RepeatedWordsKey& key) const {
    if (other) each_layer(key.field, std::string(key.known.front()));
  }
  void operator()(const RopeScalingKey& /*key*/) const {
    if (other) config.rope_scaling = NtkScaling{.factor = 2, .trained = 3};
  }

  template <class T>
  void each_layer(std::vector<T> ModelConfig::*field, T value) const {
    (config.*field).assign(static_cast<std::size_t>(config.layers), value);
  }
};

bool is_learned(Activation activation) {
  return activation == Activation::prelu || activation == Activation::xielu;
}

// A config as the defaults of the transformers class give it.
ModelConfig default_config(const Architecture& architecture) {
  const ConfigKeys& keys = architecture.keys;
  ModelConfig config;
  config.hidden_size = keys.hidden_size.value;
  config.layers = keys.layers.value;
  config.heads = keys.heads.value;
  config.intermediate_size = keys.intermediate_size.value;
  config.vocab_size = keys.vocab_size.value;
  config.max_positions = keys.max_positions.value;
  config.type_vocab_size = keys.type_vocab_size.value;
  config.norm_eps = keys.norm_eps.value;
  config.activation = keys.activation.value;
  config.labels = {"LABEL_0", "LABEL_1", "LABEL_2"};
  config.pad_token_id = keys.pad_token_id.value;
  for (const FurtherKey& key : architecture.further_keys) {
    std::visit(FurtherDefault{config}, key.into);
  }
  return config;
}

// The default, and every change of one key of its own beside all of them.
std::vector<ModelConfig> configs(const Architecture& architecture) {
  std::vector<ModelConfig> out{default_config(architecture)};
  ModelConfig all = out.front();
  for (const FurtherKey& key : architecture.further_keys) {
    std::visit(FurtherDefault{all, true}, key.into);
  }
  all.type_vocab_size = 2;
  if (!architecture.keys.activation.key.empty()) all.activation = Activation::prelu;
  out.push_back(all);
  out.push_back(out.front());
  out.back().tie_word_embeddings = false;
  for (const FurtherKey& key : architecture.further_keys) {
    out.push_back(all);
    std::visit(FurtherDefault{out.back()}, key.into);
    out.push_back(out.front());
    std::visit(FurtherDefault{out.back(), true}, key.into);
  }
  return out;
}

// `layer` is what the names of the block begin with.
void add_block_slots(const std::string& layer, const BlockOptions& block,
                     std::set<std::string>& slots) {
  if (block.cross == BlockOptions::CrossAttention::present) {
    for (const char* part : {"cross.q", "cross.k", "cross.v", "cross.out", "cross.norm"}) {
      slots.insert(layer + part);
    }
  }
  if (is_learned(block.activation)) slots.insert(layer + "ffn.activation");
  for (const char* part : {"attn.out", "ffn.up", "ffn.down"}) slots.insert(layer + part);
  const bool has_out =
      block.norm_place == NormPlace::after || block.norm_place == NormPlace::around;
  for (const char* part : {"attn", "ffn"}) {
    if (part == std::string("ffn") && block.order == BlockOrder::with_one_norm) continue;
    if (block.norm_place != NormPlace::after) slots.insert(layer + part + ".norm");
    if (has_out) slots.insert(layer + part + ".out_norm");
  }
  if (block.ffn == FeedForwardKind::gated && block.gate == GateWeights::apart) {
    slots.insert(layer + "ffn.gate");
  }
  if (block.query_key_norm) {
    const bool is_own = block.query_key_norm->span == QueryKeyNorm::Span::own_head;
    for (const char* part : {"attn.q_norm", "attn.k_norm"}) {
      slots.insert(layer + part + (is_own ? ".{j}" : ""));
    }
  }
  switch (block.qkv) {
    case QkvWeights::apart:
      for (const char* part : {"attn.q", "attn.k", "attn.v"}) slots.insert(layer + part);
      break;
    case QkvWeights::stacked: slots.insert(layer + "attn.qkv"); break;
    case QkvWeights::stacked_by_head: slots.insert(layer + "attn.qkv"); break;
    case QkvWeights::stacked_by_head_bias_apart:
      for (const char* part : {"attn.qkv", "attn.q.bias", "attn.v.bias"}) {
        slots.insert(layer + part);
      }
  }
}

void add_bias_slots(const std::string& prefix, const ScoreBiasOptions& bias,
                    std::set<std::string>& slots) {
  if (std::holds_alternative<BucketBias>(bias)) slots.insert(prefix + "bias.table");
  const auto* distances = std::get_if<DisentangledBias>(&bias);
  if (distances == nullptr) return;
  slots.insert("bias.relative");
  if (distances->table_norm) slots.insert("bias.relative_norm");
  if (distances->projections == DisentangledBias::Projections::shared) return;
  if (distances->parts != DisentangledBias::Parts::position_to_content) {
    slots.insert("layer.{i}.attn.relative_k");
  }
  if (distances->parts != DisentangledBias::Parts::content_to_position) {
    slots.insert("layer.{i}.attn.relative_q");
  }
}

void add_stack_slots(const std::string& prefix, const StackOptions& options,
                     std::set<std::string>& slots) {
  slots.insert(std::string(options.embedding.tokens));
  if (options.embedding.norm) slots.insert(prefix + "embed.norm");
  if (options.embedding.positions > 0) slots.insert(prefix + "embed.position");
  if (options.embedding.tasks > 0) slots.insert(prefix + "embed.task");
  if (options.embedding.projection != ProjectionPlace::none) slots.insert(prefix + "embed.project");
  if (options.final_norm) slots.insert(prefix + "final.norm");
  if (options.output_width > 0) slots.insert(prefix + "final.project");
  if (options.convolution) slots.insert({"convolution", "convolution.norm"});
  add_bias_slots(prefix, options.score_bias, slots);
  const std::string layer = prefix + (options.blocks_a_group ? "layer.{i}.{j}." : "layer.{i}.");
  for (const BlockOptions& block : options.blocks) add_block_slots(layer, block, slots);
  if (std::holds_alternative<RelativeBias>(options.score_bias)) {
    slots.insert(layer + "attn.distance");
  }
}

// Our names that the options make the layers ask for.
std::set<std::string> required_slots(const Architecture& architecture) {
  std::set<std::string> slots;
  for (const ModelConfig& config : configs(architecture)) {
    const StackOptions options = architecture.options(config);
    add_stack_slots("", options, slots);
    if (options.embedding.types > 0 && !architecture.keys.type_vocab_size.key.empty()) {
      slots.insert("embed.type");
    }
    if (architecture.decoder_options != nullptr) {
      add_stack_slots("decoder.", architecture.decoder_options(config), slots);
    }
    for (const HeadKind kind : head_kinds) {
      const auto head = architecture.head(kind, config);
      if (!head) continue;
      if (head->out_weight == HeadOptions::OutWeight::token_embedding) {
        slots.insert(std::string(head->tokens));
      }
      for (const auto part : {head->dense, head->norm, head->out, head->out_bias}) {
        if (!part.empty()) slots.insert(std::string(part));
      }
      if (is_learned(head->activation) && !head->activation_name.empty()) {
        slots.insert(std::string(head->activation_name));
      }
      if (head->bias_form == HeadOptions::OutBias::optional_row && !head->out_bias.empty()) {
        // A tensor, not a layer, as its name has no ".bias" in the file.
        slots.erase(std::string(head->out_bias));
        slots.insert(std::string(head->out_bias) + ".bias");
      }
    }
  }
  return slots;
}

class Architectures : public testing::TestWithParam<const Architecture*> {};

TEST_P(Architectures, AreFoundByEachModelType) {
  ASSERT_FALSE(GetParam()->model_types.empty());
  for (const auto type : GetParam()->model_types) EXPECT_EQ(find_architecture(type), GetParam());
}

TEST_P(Architectures, NameEverySlotOnceAndNoOther) {
  std::multiset<std::string> ours;
  std::multiset<std::string> theirs;
  for (const Rename& rename : GetParam()->names.renames) {
    ours.emplace(rename.ours);
    theirs.emplace(rename.theirs);
    for (const char* index : {"{i}", "{j}"}) {
      const bool has_index = rename.ours.find(index) != std::string_view::npos;
      EXPECT_EQ(rename.theirs.find(index) != std::string_view::npos, has_index) << rename.ours;
    }
  }
  const std::set<std::string> slots = required_slots(*GetParam());
  EXPECT_TRUE(std::equal(slots.begin(), slots.end(), ours.begin(), ours.end()))
      << "the options ask for " << testing::PrintToString(slots) << ", the table has "
      << testing::PrintToString(ours);
  for (const std::string& name : theirs) EXPECT_EQ(theirs.count(name), 1U) << name;
}

TEST_P(Architectures, MayLeaveOverEveryHead) {
  // Else a checkpoint of one task could not be loaded for another, or as a base model.
  const NameTable& names = GetParam()->names;
  for (const Rename& rename : names.renames) {
    if (!rename.theirs.starts_with('/')) continue;
    const auto covers = [&](std::string_view pattern) {
      return pattern.ends_with('*') && (std::string(rename.theirs.substr(1)) + ".")
                                           .starts_with(pattern.substr(0, pattern.size() - 1));
    };
    EXPECT_TRUE(std::any_of(names.ignored.begin(), names.ignored.end(), covers)) << rename.theirs;
  }
}

// Whether there is a class of that head for such models, in transformers or in their published
// code.
bool has_head(std::string_view type, HeadKind kind) {
  using Types = std::set<std::string_view>;
  static const Types only_generate{"m2m_100", "marian", "pegasus"};
  if (only_generate.contains(type)) return kind == HeadKind::conditional_generation;
  static const Types t5{"mt5", "t5"};
  if (t5.contains(type)) {
    return kind != HeadKind::masked_lm && kind != HeadKind::causal_lm &&
           kind != HeadKind::multiple_choice && kind != HeadKind::next_sentence_prediction &&
           kind != HeadKind::replaced_token_detection;
  }
  static const Types decoders{"bloom",   "gemma",    "gemma2",   "gemma3_text", "gpt2",
                              "gpt_neo", "gpt_neox", "gptj",     "llama",       "mistral",
                              "olmo2",   "opt",      "phi",      "phi3",        "qwen2",
                              "qwen3",   "smollm3",  "stablelm", "starcoder2"};
  static const std::map<HeadKind, Types> without{
      {HeadKind::sequence_classification, {"olmo2"}},
      {HeadKind::token_classification,
       {"bart", "gemma3_text", "gptj", "mbart", "nomic_bert", "olmo2", "opt"}},
      {HeadKind::question_answering,
       {"gemma", "gemma2", "gemma3_text", "nomic_bert", "olmo2", "phi", "phi3", "stablelm",
        "starcoder2"}},
      {HeadKind::multiple_choice, {"bart", "deberta", "mbart", "nomic_bert"}}};
  static const std::map<HeadKind, Types> only{
      {HeadKind::causal_lm,
       {"bert", "camembert", "data2vec-text", "electra", "ernie", "roberta", "roberta-prelayernorm",
        "xlm-roberta"}},
      {HeadKind::next_sentence_prediction, {"albert", "bert", "ernie"}},
      {HeadKind::replaced_token_detection, {"electra"}},
      {HeadKind::conditional_generation, {"bart", "mbart"}},
      {HeadKind::encoder, {}}};
  if (decoders.contains(type)) {
    if (kind == HeadKind::masked_lm || kind == HeadKind::multiple_choice) return false;
    if (kind == HeadKind::causal_lm) return true;
  }
  if (const auto types = only.find(kind); types != only.end()) return types->second.contains(type);
  const auto types = without.find(kind);
  return types == without.end() || !types->second.contains(type);
}

TEST_P(Architectures, HaveHeadsOfTheRightWidth) {
  const ModelConfig config = default_config(*GetParam());
  const std::string_view type = GetParam()->model_types.front();
  const auto base = GetParam()->head(HeadKind::none, config);
  ASSERT_TRUE(base);
  EXPECT_TRUE(base->out.empty());
  const std::map<HeadKind, Index> classes{
      {HeadKind::sequence_classification, 3},
      {HeadKind::token_classification, 3},
      {HeadKind::question_answering, 2},
      {HeadKind::masked_lm, config.vocab_size},
      {HeadKind::causal_lm, config.vocab_size},
      {HeadKind::multiple_choice, 1},
      {HeadKind::replaced_token_detection, 1},
      {HeadKind::conditional_generation, config.vocab_size},
      {HeadKind::encoder, 0},
      // ALBERT has a class for each label where BERT has two.
      {HeadKind::next_sentence_prediction, type == "albert" ? 3 : 2}};
  EXPECT_EQ(classes.size() + 1, head_kinds.size());
  const std::set<HeadKind> by_sequence{HeadKind::sequence_classification, HeadKind::multiple_choice,
                                       HeadKind::next_sentence_prediction};
  for (const auto& [kind, count] : classes) {
    SCOPED_TRACE(name(kind));
    const auto head = GetParam()->head(kind, config);
    ASSERT_EQ(head.has_value(), has_head(type, kind));
    if (!head) continue;
    EXPECT_EQ(head->classes, count);
    EXPECT_EQ(head->rows == HeadRows::every, !by_sequence.contains(kind));
  }
}

// The recorded heads; those that no folder has share all but their names with one that is there.
TEST_P(Architectures, HaveGoldenFolders) {
  for (const std::string_view type : GetParam()->model_types) {
    const auto folders = test::golden_folders();
    const auto count = std::count_if(folders.begin(), folders.end(), [&](const std::string& name) {
      return name.starts_with(std::string(type) + "-") &&
             std::filesystem::exists(test::golden(name) / "tensors.safetensors");
    });
    EXPECT_GE(count, 1) << type;
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, Architectures, testing::ValuesIn(architectures()),
                         [](const auto& test) {
                           std::string name(test.param->model_types.front());
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Architecture, UnknownModelTypesAreNotFound) {
  EXPECT_EQ(find_architecture(""), nullptr);
  EXPECT_EQ(find_architecture("bert2"), nullptr);
  EXPECT_EQ(find_architecture("BERT"), nullptr);
}

TEST(Architecture, HeadsHaveNames) {
  std::set<std::string_view> names;
  for (const HeadKind kind : head_kinds) {
    EXPECT_EQ(find_head_kind(name(kind)), kind);
    EXPECT_TRUE(names.insert(name(kind)).second) << name(kind);
  }
  EXPECT_EQ(find_head_kind("unknown"), std::nullopt);
  EXPECT_EQ(find_head_kind(""), std::nullopt);
}

TEST(Architecture, ClassNamesTellTheHead) {
  EXPECT_EQ(head_of_class("BertForSequenceClassification"), HeadKind::sequence_classification);
  EXPECT_EQ(head_of_class("DistilBertForTokenClassification"), HeadKind::token_classification);
  EXPECT_EQ(head_of_class("BertForQuestionAnswering"), HeadKind::question_answering);
  EXPECT_EQ(head_of_class("DistilBertForMaskedLM"), HeadKind::masked_lm);
  EXPECT_EQ(head_of_class("BartForConditionalGeneration"), HeadKind::conditional_generation);
  EXPECT_EQ(head_of_class("MarianMTModel"), HeadKind::conditional_generation);
  EXPECT_EQ(head_of_class("MarianModel"), HeadKind::none);
  EXPECT_EQ(head_of_class("T5EncoderModel"), HeadKind::encoder);
  EXPECT_EQ(head_of_class("T5WithLMHeadModel"), HeadKind::conditional_generation);
  EXPECT_EQ(head_of_class("BertForPreTraining"), HeadKind::none);
  EXPECT_EQ(head_of_class("BertModel"), HeadKind::none);
  EXPECT_EQ(head_of_class("BertLMHeadModel"), HeadKind::causal_lm);
  EXPECT_EQ(head_of_class("RobertaForCausalLM"), HeadKind::causal_lm);
  EXPECT_EQ(head_of_class("AlbertForPreTraining"), HeadKind::none);
  EXPECT_EQ(head_of_class("ElectraForPreTraining"), HeadKind::replaced_token_detection);
  EXPECT_EQ(head_of_class("BertForMultipleChoice"), HeadKind::multiple_choice);
  EXPECT_EQ(head_of_class("ErnieForNextSentencePrediction"), HeadKind::next_sentence_prediction);
  EXPECT_EQ(head_of_class("BertForAudioClassification"), std::nullopt);
  EXPECT_EQ(head_of_class(""), std::nullopt);
}

}  // namespace
}  // namespace attend
