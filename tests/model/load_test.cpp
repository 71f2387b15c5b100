// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Folders as they are found: other types, shards, tied weights, tensors missing or too many.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "attend/model/architecture.h"
#include "attend/model/model.h"
#include "support/cost.h"
#include "support/edited_model.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/paths.h"

namespace attend {
namespace {

using test::EditedModel;
using test::EditedTensor;
using test::golden;

std::vector<float> copy(MatrixView<const float> view) {
  std::vector<float> out;
  for (Index i = 0; i < view.rows; ++i) {
    out.insert(out.end(), view.row(i).begin(), view.row(i).end());
  }
  return out;
}

/// What the model makes of one short batch: logits, or hidden states where there is no head.
std::vector<float> run(const Model& model) {
  // Both end with the token that BART's classifier stands on.
  const Batch batch{
      .ids = {1, 250, 2, 3, 299, 12, 2}, .type_ids = {0, 0, 0, 0, 0, 0, 0}, .starts = {0, 3, 7}};
  Workspace workspace;
  return copy(!model.has_logits() ? model.hidden_states(batch, workspace)
                                  : model.logits(batch, workspace));
}
std::vector<float> run(const std::filesystem::path& folder, const ModelOptions& options = {}) {
  return run(load_model(folder, options));
}

/// Loading fails at once and in little memory, with a message that has these parts.
void expect_load_error(const std::filesystem::path& folder, ErrorKind kind,
                       std::initializer_list<std::string_view> parts,
                       const ModelOptions& options = {}) {
  const test::CostLimit limit;
  test::expect_error(kind, parts, [&] { (void)load_model(folder, options); });
}

// Stores a tensor as bfloat16 by cutting off the lower half of each value.
void cut_to_bf16(EditedTensor& tensor) {
  const auto values = tensor.values();
  tensor.dtype = DType::bf16;
  tensor.bytes.resize(values.size() * 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &values[i], sizeof bits);
    const auto half = static_cast<std::uint16_t>(bits >> 16U);
    std::memcpy(tensor.bytes.data() + 2 * i, &half, sizeof half);
  }
}

// Stores a matrix as int8 with one scale a row, as compressed-tensors does.
void quantize(EditedModel& model, const std::string& name) {
  EditedTensor& tensor = model.tensors.at(name);
  const auto values = tensor.values();
  const auto rows = static_cast<std::size_t>(tensor.shape[0]);
  const std::size_t cols = values.size() / rows;
  std::vector<float> scales(rows);
  tensor.dtype = DType::i8;
  tensor.bytes.resize(values.size());
  for (std::size_t i = 0; i < rows; ++i) {
    float largest = 1e-6F;
    for (std::size_t j = 0; j < cols; ++j) {
      largest = std::max(largest, std::abs(values[i * cols + j]));
    }
    scales[i] = largest / 127.0F;
    for (std::size_t j = 0; j < cols; ++j) {
      const auto stored = static_cast<std::int8_t>(std::lround(values[i * cols + j] / scales[i]));
      tensor.bytes[i * cols + j] = static_cast<std::byte>(stored);
    }
  }
  EditedTensor& scale = model.tensors[name + "_scale"];
  scale.shape = Shape{tensor.shape[0], 1};
  scale.set_values(scales);
}

// The values of an int8 matrix as floats.
void dequantize(EditedModel& model, const std::string& name) {
  EditedTensor& tensor = model.tensors.at(name);
  auto values = tensor.values();
  const auto scales = model.tensors.at(name + "_scale").values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] *= scales[i / (values.size() / scales.size())];
  }
  tensor.set_values(values);
  model.tensors.erase(name + "_scale");
}

std::vector<std::string> matrices(const EditedModel& model) {
  std::vector<std::string> out;
  for (const auto& [name, tensor] : model.tensors) {
    // A bias is one, whatever its rank; a Conv1D of GPT-2 has no rows with a scale.
    const bool is_by_columns = name.find(".c_") != std::string::npos;
    if (tensor.shape.rank() == 2 && name != "final_logits_bias" && !is_by_columns) {
      out.push_back(name);
    }
  }
  return out;
}

class LoadEveryFolder : public testing::TestWithParam<std::string> {};

TEST_P(LoadEveryFolder, HalfPrecisionIsItsWidenedForm) {
  EditedModel stored(golden(GetParam()));
  // Folders that come in F16 stay so; the others become BF16.
  for (auto& [name, tensor] : stored.tensors) {
    if (tensor.dtype == DType::f32) cut_to_bf16(tensor);
  }
  const auto found = run(stored.save());
  for (auto& [name, tensor] : stored.tensors) tensor.set_values(tensor.values());
  EXPECT_EQ(run(stored.save()), found);
}

TEST_P(LoadEveryFolder, Int8WithScalesIsItsWidenedForm) {
  EditedModel stored(golden(GetParam()));
  const auto names = matrices(stored);
  for (const std::string& name : names) quantize(stored, name);
  const auto found = run(stored.save());
  EXPECT_NE(found, run(golden(GetParam())));
  for (const std::string& name : names) dequantize(stored, name);
  EXPECT_EQ(run(stored.save()), found);
}

TEST_P(LoadEveryFolder, ShardsAreOneCheckpoint) {
  EditedModel stored(golden(GetParam()));
  EXPECT_EQ(run(stored.save_sharded(3)), run(golden(GetParam())));
}

TEST_P(LoadEveryFolder, FilesOfPyTorchAreTheSame) {
  const auto expected = run(golden(GetParam()));
  EXPECT_EQ(run(EditedModel(golden(GetParam())).save_torch()), expected);
  EXPECT_EQ(run(EditedModel(golden(GetParam())).save_torch_sharded(3)), expected);
}

TEST_P(LoadEveryFolder, BytesReadAreBytesMapped) {
  EXPECT_EQ(run(golden(GetParam()), {.load_mode = LoadMode::read}), run(golden(GetParam())));
}

// The name of today for a LayerNorm parameter of a checkpoint that came from TensorFlow.
std::string name_of_today(std::string name) {
  if (name.find("LayerNorm") == std::string::npos) return name;
  if (name.ends_with(".gamma")) return name.replace(name.size() - 5, 5, "weight");
  if (name.ends_with(".beta")) return name.replace(name.size() - 4, 4, "bias");
  return name;
}

// Whether the first layer has the same tensor: rows of the tables of names stand for all layers.
bool is_of_later_layer(const std::string& name, const std::map<std::string, EditedTensor>& all) {
  static const std::regex later(R"(\.[1-9][0-9]*\.)");
  const std::string first = std::regex_replace(name, later, ".0.");
  return first != name && all.contains(first);
}

// Names that folders of the same architecture have, which come before this one.
std::set<std::string> names_of_earlier_folders(const std::string& folder) {
  const auto model_type = [](const std::string& of) { return read_config(golden(of)).model_type; };
  const std::string family = folder.substr(0, folder.find('-'));  // spares reading all the others
  const std::string type = model_type(folder);
  std::set<std::string> names;
  for (const std::string& other : test::golden_folders()) {
    if (other == folder) break;
    if (!other.starts_with(family) || model_type(other) != type) continue;
    for (const auto& [name, tensor] : EditedModel(golden(other)).tensors) names.insert(name);
  }
  return names;
}

// Every tensor of the file in turn: without it, and with a row too many. A name is tried in the
// first folder of its architecture that has it.
TEST_P(LoadEveryFolder, EveryTensorMustBeThereAndFit) {
  EditedModel stored(golden(GetParam()));
  const Model model = load_model(stored.save());
  const HeadKind head = model.head();
  const bool is_untied = model.has_decoder() && !model.config().tie_word_embeddings;
  const bool has_sinusoids = find_architecture(model.config().model_type)
                                 ->options(model.config())
                                 .embedding.sinusoids.has_value();
  const bool is_absolute = model.config().position_embedding == PositionEmbedding::absolute;
  const auto names = stored.tensors;
  const auto tried = names_of_earlier_folders(GetParam());
  for (const auto& [name, tensor] : names) {
    SCOPED_TRACE(name);
    const std::string_view whole = name;
    const auto begins_with = [whole](const char* part) { return whole.starts_with(part); };
    const bool is_head_of_pretraining =
        head == HeadKind::none &&
        (begins_with("cls.") || begins_with("predictions.") || begins_with("sop_classifier."));
    const bool is_optional =
        is_head_of_pretraining || (name.find("pooler.") != std::string::npos &&
                                   head == HeadKind::none && name.ends_with("weight"));
    const bool is_unused = (is_untied && name.ends_with("shared.weight")) ||
                           (!is_absolute && name.ends_with("position_embeddings.weight"));
    if (is_optional || is_unused || name == "final_logits_bias") continue;
    if (tried.contains(name) || is_of_later_layer(name, names)) continue;
    stored.tensors.erase(name);
    const bool may_be_computed = name.ends_with("embed_positions.weight") && has_sinusoids;
    if (!may_be_computed) {
      expect_load_error(stored.save(), ErrorKind::weight_missing,
                        {name_of_today(name), "model.safetensors"});
    }
    EditedTensor longer = tensor;
    const Index rows = tensor.shape.rank() == 0 ? 2 : tensor.shape[0] + 1;
    longer.shape = tensor.shape.rank() <= 1 ? Shape{rows} : Shape{rows, tensor.shape[1]};
    longer.bytes.resize(static_cast<std::size_t>(longer.shape.count()) * size_of(longer.dtype));
    stored.tensors[name] = longer;
    expect_load_error(stored.save(), ErrorKind::weight_shape, {name, "model.safetensors"});
    stored.tensors[name] = tensor;
  }
  EXPECT_EQ(run(stored.save()), run(golden(GetParam())));
}

TEST_P(LoadEveryFolder, UnknownTensorsAreNamed) {
  EditedModel stored(golden(GetParam()));
  EditedTensor& extra = stored.tensors["encoder.surprise.weight"];
  extra.shape = Shape{1};
  extra.set_values({1});
  const auto& folder = stored.save();
  expect_load_error(folder, ErrorKind::weight_shape,
                    {"encoder.surprise.weight", "model.safetensors"});
  test::expect_error(ErrorKind::weight_shape,
                     {"ModelOptions::extra_tensors", "--ignore-extra-tensors"},
                     [&] { return load_model(folder); });
  EXPECT_EQ(run(load_model(folder, {.extra_tensors = ExtraTensors::ignore})),
            run(load_model(golden(GetParam()))));
}

INSTANTIATE_TEST_SUITE_P(Folders, LoadEveryFolder, testing::ValuesIn(test::golden_folders()),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(Load, AHeadThatTheCheckpointLacksIsNamed) {
  const auto expect = [](const char* folder, HeadKind head, const char* tensor) {
    expect_load_error(golden(folder), ErrorKind::weight_missing, {tensor, "model.safetensors"},
                      {.head = head});
  };
  expect("bert-feature-extraction", HeadKind::sequence_classification, "classifier.weight");
  expect("bert-feature-extraction", HeadKind::token_classification, "classifier.weight");
  expect("bert-feature-extraction", HeadKind::question_answering, "qa_outputs.weight");
  expect("bert-feature-extraction", HeadKind::masked_lm, "cls.predictions.transform.dense.weight");
  expect("distilbert-feature-extraction", HeadKind::sequence_classification,
         "pre_classifier.weight");
  expect("distilbert-feature-extraction", HeadKind::masked_lm, "vocab_transform.weight");
  // The classifier of transformers' sequence classification stands on the pooler.
  expect("bert-token-classification", HeadKind::sequence_classification,
         "bert.pooler.dense.weight");
}

TEST(Load, HeadsOfOtherTasksMayBeLeftOver) {
  for (const std::string& folder : test::golden_folders()) {
    const HeadKind head = test::headless(folder);
    EXPECT_EQ(load_model(golden(folder), {.head = head}).head(), head) << folder;
  }
}

TEST(Load, OldBuffersMayBeLeftOver) {
  EditedModel stored(golden("bert-question-answering"));
  EditedTensor& positions = stored.tensors["bert.embeddings.position_ids"];
  positions = {DType::i64, Shape{1, 88}, std::vector<std::byte>(88 * 8)};
  EXPECT_EQ(run(stored.save()), run(golden("bert-question-answering")));
}

TEST(Load, AnUnknownClassNeedsItsHeadNamed) {
  EditedModel stored(golden("bert-token-classification"));
  stored.set_config("architectures", R"(["BertForAudioClassification"])");
  expect_load_error(stored.save(), ErrorKind::unsupported,
                    {"BertForAudioClassification", "config.json"});
  EXPECT_EQ(run(stored.save(), {.head = HeadKind::token_classification}),
            run(golden("bert-token-classification")));
  stored.set_config("architectures", "[]");
  EXPECT_EQ(load_model(stored.save()).head(), HeadKind::none);
}

TEST(Load, AModelTypeThatIsNotKnownIsNamedWithThoseThatAre) {
  EditedModel stored(golden("bert-token-classification"));
  stored.set_config("model_type", R"("unheard_of")");
  expect_load_error(stored.save(), ErrorKind::unsupported, {"unheard_of", "config.json"});
  expect_load_error(stored.save(), ErrorKind::unsupported, {"distilbert", "config.json"});
}

TEST(Load, AFolderWithoutAConfigIsToldFromAModel) {
  const test::TemporaryFolder folder;
  expect_load_error(
      folder.path(), ErrorKind::file_not_found,
      {"config.json", folder.path().string(), "name the folder that has config.json"});
}

TEST(Load, ASizeOfTheConfigThatIsNotTheFilesIsAnError) {
  for (const auto& [key, value, kind] :
       {std::tuple{"hidden_size", "64", ErrorKind::weight_shape},
        std::tuple{"vocab_size", "301", ErrorKind::weight_shape},
        std::tuple{"max_position_embeddings", "512", ErrorKind::weight_shape},
        std::tuple{"type_vocab_size", "3", ErrorKind::weight_shape},
        std::tuple{"intermediate_size", "48", ErrorKind::weight_shape},
        std::tuple{"num_hidden_layers", "3", ErrorKind::weight_missing},
        std::tuple{"num_hidden_layers", "1", ErrorKind::weight_shape},  // one is left over
        std::tuple{"num_hidden_layers", "1000", ErrorKind::weight_missing}}) {
    EditedModel stored(golden("bert-token-classification"));
    stored.set_config(key, value);
    expect_load_error(stored.save(), kind, {"expected", "model.safetensors"});
  }
}

// transformers ties the vocabulary's weight to the embeddings unless the config says otherwise,
// whatever the file has beside them.
TEST(Load, TiedWeightsAreTheEmbeddings) {
  for (const auto& [folder, name, embeddings] :
       {std::tuple{"bert-fill-mask", "cls.predictions.decoder.weight",
                   "bert.embeddings.word_embeddings.weight"},
        std::tuple{"distilbert-fill-mask", "vocab_projector.weight",
                   "distilbert.embeddings.word_embeddings.weight"}}) {
    const auto expected = run(golden(folder));
    EditedModel stored(golden(folder));
    stored.tensors[name] = stored.tensors.at(embeddings);
    auto values = stored.tensors[name].values();
    EXPECT_EQ(run(stored.save()), expected) << folder;
    for (float& value : values) value *= 0.5F;
    stored.tensors[name].set_values(values);
    EXPECT_EQ(run(stored.save()), expected) << folder;
    stored.set_config("tie_word_embeddings", "false");
    EXPECT_NE(run(stored.save()), expected) << folder;
    stored.tensors.erase(name);
    expect_load_error(stored.save(), ErrorKind::weight_missing, {name, "model.safetensors"});
  }
}

// The bias of a head for masked words has two names. transformers 4.57 takes that of the decoder in
// the families whose _tie_weights() does so, and never in the others.
TEST(Load, TheBiasOfTheDecoderCountsWhereTransformersTakesIt) {
  struct Family {
    std::string folder;
    std::string stem;
    bool takes_decoder;
  };
  for (const Family& family : {Family{"roberta-fill-mask", "lm_head.", true},
                               Family{"xlm-roberta-fill-mask", "lm_head.", true},
                               Family{"camembert-fill-mask", "lm_head.", true},
                               Family{"data2vec-text-fill-mask", "lm_head.", true},
                               Family{"roberta-prelayernorm-fill-mask", "lm_head.", true},
                               Family{"albert-fill-mask", "predictions.", true},
                               Family{"bert-fill-mask", "cls.predictions.", false},
                               Family{"ernie-fill-mask", "cls.predictions.", false},
                               Family{"mpnet-fill-mask", "lm_head.", false},
                               Family{"deberta-fill-mask", "cls.predictions.", false},
                               Family{"deberta-v2-fill-mask", "cls.predictions.", false}}) {
    SCOPED_TRACE(family.folder);
    EditedModel stored(golden(family.folder));
    const std::string own = family.stem + "bias";
    const std::string decoder = family.stem + "decoder.bias";
    const EditedTensor bias = stored.tensors.at(own);
    const auto recorded = run(stored.save());
    stored.tensors[decoder] = bias;
    stored.tensors[own].set_values(std::vector<float>(bias.values().size()));
    EXPECT_EQ(run(stored.save()) == recorded, family.takes_decoder);
    stored.tensors.erase(own);
    if (family.takes_decoder) {
      EXPECT_EQ(run(stored.save()), recorded);
      stored.tensors.erase(decoder);
    }
    expect_load_error(stored.save(), ErrorKind::weight_missing,
                      {'"' + own + '"', "model.safetensors"});
  }
}

// The tables that transformers 4.57 takes of BART: of the same file, by the config.
TEST(Load, StacksShareATableUnlessTheConfigUntiesThem) {
  const char* encoder = "encoder.embed_tokens.weight";
  const char* decoder = "decoder.embed_tokens.weight";
  EditedModel stored(golden("bart-feature-extraction-untied"));
  const auto tensors = stored.tensors;
  stored.set_config("tie_word_embeddings", "true");
  const auto tied = run(stored.save());
  EXPECT_NE(tied, run(golden("bart-feature-extraction-untied")));
  stored.tensors.erase(encoder);
  stored.tensors[decoder] = stored.tensors.at("shared.weight");
  EXPECT_EQ(run(stored.save()), tied);
  stored.tensors.erase("shared.weight");
  EXPECT_EQ(run(stored.save()), tied);
  stored.tensors[encoder] = tensors.at(encoder);
  EXPECT_EQ(run(stored.save()), tied);  // the decoder's counts, then
  stored.tensors.erase(decoder);
  expect_load_error(stored.save(), ErrorKind::weight_missing,
                    {"shared.weight", "model.safetensors"});

  stored.tensors = tensors;
  stored.set_config("tie_word_embeddings", "false");
  stored.tensors.erase("shared.weight");
  EXPECT_EQ(run(stored.save()), run(golden("bart-feature-extraction-untied")));
}

// Null is false in Python.
TEST(Load, TyingMayBeNull) {
  EditedModel stored(golden("bart-feature-extraction-untied"));
  stored.set_config("tie_word_embeddings", "null");
  EXPECT_EQ(run(stored.save()), run(golden("bart-feature-extraction-untied")));
}

TEST(Load, TheLogitsBiasOfBartMayBeAbsent) {
  EditedModel stored(golden("bart-fill-mask"));
  EditedTensor& bias = stored.tensors.at("final_logits_bias");
  const auto recorded = run(stored.save());
  bias.set_values(std::vector<float>(static_cast<std::size_t>(bias.shape.count())));
  const auto without = run(stored.save());
  EXPECT_NE(without, recorded);
  bias.shape = Shape{bias.shape.count()};
  expect_load_error(stored.save(), ErrorKind::weight_shape,
                    {"final_logits_bias", "model.safetensors"});
  stored.tensors.erase("final_logits_bias");
  EXPECT_EQ(run(stored.save()), without);
}

TEST(Load, TypesOfTasksThatTheConfigLeavesUnusedMayBeThere) {
  EditedModel stored(golden("ernie-feature-extraction-tasks"));
  const auto recorded = run(stored.save());
  stored.set_config("use_task_id", "false");
  EXPECT_NE(run(stored.save()), recorded);
}

TEST(Load, GroupsOfAConvolutionMustDivideItsWidth) {
  EditedModel stored(golden("deberta-v2-feature-extraction-convolution-groups"));
  stored.set_config("conv_groups", "5");
  expect_load_error(stored.save(), ErrorKind::config_error,
                    {"conv_groups", "a divisor of 32", "config.json"});
  stored.set_config("conv_groups", "8");
  expect_load_error(stored.save(), ErrorKind::weight_shape,
                    {"conv.conv.weight", "model.safetensors"});
}

// Activations learn numbers where transformers keeps them: each is read by its name.
TEST(Load, WhatAnActivationLearnedCounts) {
  for (const char* folder : {"bert-fill-mask-prelu", "distilbert-fill-mask-xielu"}) {
    EditedModel stored(golden(folder));
    const auto recorded = run(stored.save());
    const auto tensors = stored.tensors;
    for (const auto& [name, tensor] : tensors) {
      const bool is_learned =
          name.find("act_fn") != std::string::npos || name.find("activation") != std::string::npos;
      if (!is_learned || name.ends_with(".eps")) continue;  // which few values reach
      stored.tensors.at(name).set_values({-0.75F});
      EXPECT_NE(run(stored.save()), recorded) << name;
      stored.tensors.at(name) = tensor;
    }
  }
}

TEST(Load, AHeadThatAnArchitectureLacksIsRefused) {
  test::expect_error(ErrorKind::unsupported, {"head multiple_choice", "bart"}, [] {
    return load_model(golden("bart-fill-mask"), {.head = HeadKind::multiple_choice});
  });
}

// Of other tokens they would depend on padding; what is no summary fails in transformers, too.
TEST(Load, SummariesOfOtherTokensThanTheFirstAreRefused) {
  EditedModel stored(golden("electra-multiple-choice"));
  using Row = std::pair<const char*, const char*>;  // the value, and how messages print it
  for (const auto& [value, printed] :
       {Row{R"("mean")", R"("mean")"}, Row{R"("FIRST")", R"("FIRST")"},
        Row{R"("first|last")", R"("first|last")"}, Row{"null", "null"}, Row{"5", "5"},
        Row{"[]", "an array of 0"}, Row{R"(["first"])", "an array of 1"}}) {
    SCOPED_TRACE(value);
    stored.set_config("summary_type", value);
    const auto& folder = stored.save();
    const std::string found = std::string("found ") + printed;
    test::expect_error(ErrorKind::unsupported,
                       {"/summary_type", R"(expected "first")", found, "config.json", "padding"},
                       [&] { return load_model(folder); });
    EXPECT_NO_THROW((void)load_model(folder, {.head = HeadKind::none}));
  }
  stored.set_config("summary_type", R"("first")");
  EXPECT_EQ(run(stored.save()), run(golden("electra-multiple-choice")));
}

// Nothing, as Python has it, is no activation.
TEST(Load, AnEmptyActivationOfASummaryIsNone) {
  EditedModel stored(golden("electra-multiple-choice-plain"));
  stored.set_config("summary_activation", R"("")");
  EXPECT_EQ(run(stored.save()), run(golden("electra-multiple-choice-plain")));
}

// The reference runs out of its list of layers.
TEST(Load, GroupsOfMoreBlocksThanLayersAreRefused) {
  EditedModel stored(golden("albert-feature-extraction"));
  const auto refuses = [&](const char* groups, const char* blocks, const char* layers,
                           const std::string& key) {
    stored.set_config("num_hidden_groups", groups);
    stored.set_config("inner_group_num", blocks);
    stored.set_config("num_hidden_layers", layers);
    const auto& folder = stored.save();
    test::expect_error(ErrorKind::config_error, {"/" + key, "num_hidden_layers", "config.json"},
                       [&] { return load_model(folder); });
  };
  refuses("3", "1", "2", "num_hidden_groups");
  refuses("1", "3", "2", "inner_group_num");
  refuses("2", "2", "3", "inner_group_num");
}

TEST(Load, AMaskedHeadOfAPretrainingCheckpoint) {
  // The same file as a BertForPreTraining and as a BertForMaskedLM.
  EditedModel stored(golden("bert-feature-extraction-prefixed"));
  stored.set_config("architectures", R"(["BertForMaskedLM"])");
  EXPECT_EQ(run(stored.save()),
            run(golden("bert-feature-extraction-prefixed"), {.head = HeadKind::masked_lm}));
}

// Blocks give their scratch memory back, so the number of layers does not matter.
TEST(Load, MoreLayersNeedNoMoreMemory) {
  const auto capacity = [](const std::filesystem::path& folder) {
    std::vector<Encoding> encodings(40);
    for (Encoding& encoding : encodings) encoding.ids.assign(88, 5);
    Workspace workspace;
    {
      const Workspace::Scope scope(workspace);
      (void)load_model(folder).hidden_states(make_batch(encodings), workspace);
    }
    return workspace.capacity();
  };
  EditedModel stored(golden("bert-feature-extraction"));
  const auto tensors = stored.tensors;
  for (const auto& [name, tensor] : tensors) {
    const std::string from = "encoder.layer.1.";
    if (!name.starts_with(from)) continue;
    for (int layer = 2; layer < 9; ++layer) {
      stored.tensors["encoder.layer." + std::to_string(layer) + "." + name.substr(from.size())] =
          tensor;
    }
  }
  stored.set_config("num_hidden_layers", "9");
  EXPECT_EQ(capacity(stored.save()), capacity(golden("bert-feature-extraction")));
}

TEST(Load, BundledModels) {
  int loaded = 0;
  for (const auto& [name, head] :
       {std::pair{"sentiment", HeadKind::sequence_classification},
        std::pair{"ner", HeadKind::token_classification},
        std::pair{"zero-shot", HeadKind::sequence_classification},
        std::pair{"embeddings", HeadKind::none}, std::pair{"qa", HeadKind::question_answering}}) {
    const auto folder = test::shared(std::string("models/") + name);
    if (!folder) continue;
    const Model model = load_model(*folder);
    EXPECT_EQ(model.head(), head) << name;
    for (const float value : run(model)) ASSERT_TRUE(std::isfinite(value)) << name;
    ++loaded;
  }
  if (loaded == 0) GTEST_SKIP() << "the shared models are not here (ATTEND_SHARED, ../shared)";
}

TEST(Load, ChecksThatWeightsAreFiniteWhenAsked) {
  const ModelOptions checked{.check_finite = true};
  const std::string first = "embeddings.LayerNorm.bias";
  const std::string last = "encoder.layer.1.output.dense.weight";
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    EditedModel stored(golden("bert-feature-extraction"));
    (void)load_model(stored.save(), checked);
    for (const std::string& name : {last, first}) {  // the first one by name is reported
      auto values = stored.tensors.at(name).values();
      values.back() = bad;
      stored.tensors.at(name).set_values(values);
      (void)load_model(stored.save());
      expect_load_error(stored.save(), ErrorKind::weight_value,
                        {'"' + name + '"', "model.safetensors"}, checked);
    }
    cut_to_bf16(stored.tensors.at(first));
    expect_load_error(stored.save(), ErrorKind::weight_value,
                      {'"' + first + '"', "model.safetensors"}, checked);
  }
}

TEST(Load, ChecksThatScalesAreFinite) {
  const std::string name = "encoder.layer.1.output.dense.weight";
  EditedModel stored(golden("bert-feature-extraction"));
  quantize(stored, name);
  (void)load_model(stored.save_sharded(2), {.check_finite = true});
  auto scales = stored.tensors.at(name + "_scale").values();
  scales.front() = INFINITY;
  stored.tensors.at(name + "_scale").set_values(scales);
  const auto& folder = stored.save_sharded(2);
  expect_load_error(folder, ErrorKind::weight_value, {name + "_scale", "(model-"},
                    {.check_finite = true});
}

}  // namespace
}  // namespace attend
