// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What every architecture of the registry must have; a new one is tested by being in it.
#include "attend/model/architecture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "support/golden.h"

namespace attend {
namespace {

constexpr HeadKind kinds[] = {HeadKind::none, HeadKind::sequence_classification,
                              HeadKind::token_classification, HeadKind::question_answering,
                              HeadKind::masked_lm};

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
  return config;
}

// Our names that the options make the layers ask for.
std::set<std::string> required_slots(const Architecture& architecture) {
  const ModelConfig config = default_config(architecture);
  std::set<std::string> slots{"embed.token", "embed.position", "embed.norm"};
  if (architecture.options(config).embedding.types > 0) slots.insert("embed.type");
  for (const char* part :
       {"attn.q", "attn.k", "attn.v", "attn.out", "attn.norm", "ffn.up", "ffn.down", "ffn.norm"}) {
    slots.insert(std::string("layer.{i}.") + part);
  }
  for (const HeadKind kind : kinds) {
    const HeadOptions head = architecture.head(kind, config);
    for (const auto part : {head.dense, head.norm, head.out, head.out_bias}) {
      if (!part.empty()) slots.insert(std::string(part));
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
    const bool by_layer = rename.ours.find("{i}") != std::string_view::npos;
    EXPECT_EQ(rename.theirs.find("{i}") != std::string_view::npos, by_layer) << rename.ours;
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

TEST_P(Architectures, HaveHeadsOfTheRightWidth) {
  const ModelConfig config = default_config(*GetParam());
  EXPECT_TRUE(GetParam()->head(HeadKind::none, config).out.empty());
  EXPECT_EQ(GetParam()->head(HeadKind::sequence_classification, config).classes, 3);
  EXPECT_EQ(GetParam()->head(HeadKind::token_classification, config).classes, 3);
  EXPECT_EQ(GetParam()->head(HeadKind::question_answering, config).classes, 2);
  EXPECT_EQ(GetParam()->head(HeadKind::masked_lm, config).classes, config.vocab_size);
  EXPECT_EQ(GetParam()->head(HeadKind::sequence_classification, config).rows, HeadRows::first);
  EXPECT_EQ(GetParam()->head(HeadKind::token_classification, config).rows, HeadRows::every);
}

TEST_P(Architectures, HaveAGoldenFolderOfEveryHead) {
  for (const char* task : {"feature-extraction", "sequence-classification", "token-classification",
                           "question-answering", "fill-mask"}) {
    const std::string folder = std::string(GetParam()->model_types.front()) + "-" + task;
    EXPECT_TRUE(std::filesystem::exists(test::golden(folder) / "tensors.safetensors")) << folder;
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, Architectures, testing::ValuesIn(architectures()),
                         [](const auto& test) {
                           return std::string(test.param->model_types.front());
                         });

TEST(Architecture, UnknownModelTypesAreNotFound) {
  EXPECT_EQ(find_architecture(""), nullptr);
  EXPECT_EQ(find_architecture("bert2"), nullptr);
  EXPECT_EQ(find_architecture("BERT"), nullptr);
}

TEST(Architecture, ClassNamesTellTheHead) {
  EXPECT_EQ(head_of_class("BertForSequenceClassification"), HeadKind::sequence_classification);
  EXPECT_EQ(head_of_class("DistilBertForTokenClassification"), HeadKind::token_classification);
  EXPECT_EQ(head_of_class("BertForQuestionAnswering"), HeadKind::question_answering);
  EXPECT_EQ(head_of_class("DistilBertForMaskedLM"), HeadKind::masked_lm);
  EXPECT_EQ(head_of_class("BertForPreTraining"), HeadKind::none);
  EXPECT_EQ(head_of_class("BertModel"), HeadKind::none);
  EXPECT_EQ(head_of_class("BertForMultipleChoice"), std::nullopt);
  EXPECT_EQ(head_of_class(""), std::nullopt);
}

}  // namespace
}  // namespace attend
