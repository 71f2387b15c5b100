// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a forward by names takes and gives; the recorded tensors are compared in tests/cli.
#include "attend/model/forward.h"

#include <gtest/gtest.h>

#include "support/error_of.h"
#include "support/golden.h"
#include "support/paths.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

NamedTensors run(const Model& model, const fs::path& file, Workspace& workspace,
                 const OutputFilter& wanted = {}) {
  const Safetensors input = Safetensors::open(file);
  return forward(model, {input.tensors(), input.name()}, workspace, wanted);
}

std::vector<std::string> names(const NamedTensors& tensors) {
  std::vector<std::string> out;
  for (const auto& [name, tensor] : tensors) out.push_back(name);
  return out;
}

TEST(Forward, EveryOutputHasTheFormThatIsPromised) {
  for (const char* folder :
       {"bert-feature-extraction", "bert-sequence-classification", "bert-token-classification",
        "bert-question-answering", "bert-fill-mask", "deberta-sequence-classification"}) {
    SCOPED_TRACE(folder);
    const Model model = load_model(test::golden(folder));
    const std::vector<std::int64_t> ids{2, 5, 3, 2, 6, 3};
    const TensorRef tensor{DType::i64, {2, 3}, reinterpret_cast<const std::byte*>(ids.data())};
    Workspace workspace;
    const NamedTensors outputs = forward(model, {{{"input_ids", tensor}}, "test"}, workspace);
    EXPECT_EQ(outputs.count("pooler_output"), model.has_pooler() ? 1U : 0U);
    EXPECT_EQ(outputs.count("logits") + outputs.count("start_logits"),
              !model.has_logits() ? 0U : 1U);
    for (const auto& [name, output] : outputs) {
      const auto form = output_form(model, name);
      ASSERT_TRUE(form) << name;
      EXPECT_EQ(output.shape(), form->shape({.sequences = 2, .tokens = 3, .decoder_tokens = 3}))
          << name;
    }
  }
}

TEST(Forward, NamesHaveOneSpelling) {
  const Model model = load_model(test::golden("bert-fill-mask"));
  EXPECT_TRUE(output_form(model, "hidden_states.0"));
  EXPECT_TRUE(output_form(model, "hidden_states.2"));
  for (const char* name : {"hidden_states.3", "hidden_states.", "hidden_states.01",
                           "hidden_states.-1", "hidden_states.+1", "hidden_states.1x",
                           "hidden_states.99999999999999999999", "hidden_states", "start_logits",
                           "end_logits", "pooler_output", "input_ids", "Logits", ""}) {
    EXPECT_FALSE(output_form(model, name)) << name;
  }
}

TEST(Forward, OnlyWhatIsWantedIsMade) {
  const Model model = load_model(test::golden("bert-question-answering"));
  const std::vector<std::int64_t> ids{2, 5, 3};
  const TensorRef tensor{DType::i64, {1, 3}, reinterpret_cast<const std::byte*>(ids.data())};
  Workspace workspace;
  const auto made = [&](std::vector<std::string> wanted) {
    return names(
        forward(model, {{{"input_ids", tensor}}, "test"}, workspace, [&](std::string_view name) {
          return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
        }));
  };
  for (const std::vector<std::string>& wanted :
       std::vector<std::vector<std::string>>{{"end_logits"}, {"hidden_states.1"}, {}}) {
    EXPECT_EQ(made(wanted), wanted);
  }
  EXPECT_EQ(made({"logits"}), std::vector<std::string>());
}

/// A file with one tensor beside input_ids.
struct BadInput {
  std::string name;
  TensorRef tensor;
  std::string complaint;
};

TEST(ForwardInputs, TensorsThatCannotBeMeantAreNamed) {
  const Model model = load_model(test::golden("bert-feature-extraction"));
  const std::vector<std::int64_t> ids{2, 5, 3};
  const std::vector<std::int64_t> beyond{2, std::int64_t{1} << 40, 3};
  const auto ref = [](const std::vector<std::int64_t>& values, Shape shape) {
    return TensorRef{DType::i64, shape, reinterpret_cast<const std::byte*>(values.data())};
  };
  const TensorRef good = ref(ids, {1, 3});
  const std::vector<BadInput> table{
      {"decoder_input_ids", good, "\"decoder_input_ids\": expected none: the model has no decoder"},
      {"decoder_ids", good, "unknown tensor \"decoder_ids\""},
      {"attention_mask", ref(ids, {3}),
       "expected I64 [sequences, tokens], at least one of each, found I64 [3]"},
      {"attention_mask", {DType::f32, {1, 3}, good.bytes}, "found F32 [1, 3]"},
      {"position_ids", ref(beyond, {1, 3}), "found 1099511627776"},
      {"attention_mask", good, "a value of tensor \"attention_mask\": expected 0 to 1, found 2"},
      {"token_type_ids", ref(ids, {3, 1}), "[3, 1]"},
      {"attention_mask", ref(ids, {0, 3}), "\"attention_mask\": expected I64"},
  };
  const test::TemporaryFolder folder;
  Workspace workspace;
  for (const BadInput& bad : table) {
    SCOPED_TRACE(bad.complaint);
    const fs::path file = folder.path() / "in.safetensors";
    write_safetensors(file, {{"input_ids", good}, {bad.name, bad.tensor}});
    test::expect_error(ErrorKind::config_error, {bad.complaint},
                       [&] { return run(model, file, workspace); });
  }
  const fs::path file = folder.path() / "empty.safetensors";
  for (const Shape& shape : {Shape{0, 5}, Shape{2, 0}}) {
    write_safetensors(file, {{"input_ids", ref(ids, shape)}});
    test::expect_error(ErrorKind::config_error,
                       {"\"input_ids\"", "at least one of each, found I64 " + shape.to_string()},
                       [&] { return run(model, file, workspace); });
  }
  write_safetensors(file, {{"position_ids", good}});
  test::expect_error(ErrorKind::config_error, {"\"input_ids\" is missing"},
                     [&] { return run(model, file, workspace); });
}

TEST(ForwardInputs, ADecodersTextsMustFit) {
  const Model model = load_model(test::golden("bart-summarization"));
  const Model classifier = load_model(test::golden("bart-sequence-classification-nli"));
  const std::vector<std::int64_t> ids{2, 5, 1, 0, 1, 1};
  const auto ref = [&](Shape shape) {
    return TensorRef{DType::i64, shape, reinterpret_cast<const std::byte*>(ids.data())};
  };
  Workspace workspace;
  using Tensors = std::map<std::string, TensorRef, std::less<>>;
  const auto refuse = [&](const Model& by, const Tensors& tensors, const std::string& complaint) {
    test::expect_error(ErrorKind::config_error, {complaint}, [&] {
      (void)forward(by, {tensors, "test"}, workspace);
    });
  };
  const TensorRef mask = TensorRef{DType::i64, {1, 2}, ref({1, 2}).bytes + 3 * 8};
  refuse(model, {{"input_ids", ref({1, 3})}, {"decoder_attention_mask", mask}},
         "\"decoder_input_ids\" beside it");
  refuse(model, {{"input_ids", ref({1, 3})}, {"decoder_input_ids", ref({2, 3})}},
         "of 2 sequences: expected as many");
  refuse(model,
         {{"input_ids", ref({1, 3})},
          {"decoder_input_ids", ref({1, 3})},
          {"decoder_attention_mask", mask}},
         "attention mask");
  refuse(classifier, {{"input_ids", ref({1, 3})}, {"decoder_input_ids", ref({1, 3})}},
         "the head stands on the end token");
  const auto outputs = forward(model,
                               {{{"input_ids", ref({1, 3})},
                                 {"decoder_input_ids", ref({1, 2})},
                                 {"decoder_attention_mask", mask}},
                                "test"},
                               workspace);
  EXPECT_EQ(outputs.at("logits").shape(), (Shape{1, 2, 341}));
  EXPECT_EQ(outputs.at("encoder_last_hidden_state").shape(), (Shape{1, 3, 32}));
  EXPECT_EQ(outputs.at("last_hidden_state").shape(), (Shape{1, 2, 32}));
}

TEST(ForwardInputs, TokenTypesAreRefusedByAModelWithoutThem) {
  const Model model = load_model(test::golden("distilbert-feature-extraction"));
  const std::vector<std::int64_t> ids{2, 5, 3};
  const TensorRef tensor{DType::i64, {1, 3}, reinterpret_cast<const std::byte*>(ids.data())};
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "in.safetensors";
  Workspace workspace;
  write_safetensors(file, {{"input_ids", tensor}, {"position_ids", tensor}});
  EXPECT_NO_THROW(static_cast<void>(run(model, file, workspace)));
  write_safetensors(file, {{"input_ids", tensor}, {"token_type_ids", tensor}});
  test::expect_error(ErrorKind::config_error, {"\"token_type_ids\"", "distilbert", file.string()},
                     [&] { return run(model, file, workspace); });
}

}  // namespace
}  // namespace attend
