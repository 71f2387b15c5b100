// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Models against their own selftests: recorded by transformers, recorded here, changed afterwards.
#include "attend/model/selftest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <set>

#include "attend/checkpoint/safetensors.h"
#include "support/edited_model.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/kernel_tables.h"
#include "support/paths.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
using test::EditedModel;
using test::golden;

/// Ids that every golden model has, of three lengths.
std::vector<SelftestInput> some_inputs() {
  Encoding one;
  one.ids = {2, 7, 250, 30, 3};
  Encoding two;
  two.ids = {2, 99, 3};
  Encoding three;
  three.ids = {2, 41, 5, 66, 120, 211, 3};
  return {{"batch", {one, two, three}}, {"single", {three}}};
}

/// Writes a selftest of the folder's model beside it.
void record(const fs::path& folder, std::optional<double> tolerance = {}) {
  record_selftest(load_model(folder), some_inputs(), folder / selftest_file_name,
                  {.tolerance = tolerance});
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class SelftestOfEveryFolder : public testing::TestWithParam<std::string> {};

TEST_P(SelftestOfEveryFolder, TheGoldenTensorsAreOne) {
  const test::GoldenTensors recorded(GetParam());
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "tensors.safetensors";
  recorded.write_forwards(file);
  const auto report = replay_selftest(load_model(golden(GetParam())), file);
  EXPECT_NO_THROW(report.check("test"));
  const auto forwards = recorded.forwards();
  ASSERT_EQ(report.forwards.size(), forwards.size());
  for (const SelftestForward& forward : report.forwards) {
    EXPECT_EQ(static_cast<std::size_t>(forward.outputs), recorded.outputs(forward.name).size());
  }
}

TEST_P(SelftestOfEveryFolder, WhatIsRecordedIsReproducedToTheBit) {
  EditedModel stored(golden(GetParam()));
  const fs::path folder = stored.save();
  record(folder);
  const auto report = replay_selftest(load_model(folder, {.verify = true}),
                                      folder / selftest_file_name, {.match = SelftestMatch::bits});
  EXPECT_NO_THROW(report.check("test"));
  ASSERT_EQ(report.forwards.size(), 2U);
  for (const SelftestForward& forward : report.forwards) {
    EXPECT_FALSE(forward.largest) << forward.largest->tensor;
    EXPECT_GE(forward.outputs, load_model(folder).config().layers + 2);
  }
  EXPECT_TRUE(report.recorded_by.starts_with("attend ")) << report.recorded_by;
}

// The bits of one table, within the tolerance on every other.
TEST_P(SelftestOfEveryFolder, EveryKernelTableReproducesEveryOther) {
  EditedModel stored(golden(GetParam()));
  const fs::path folder = stored.save();
  // Models of random weights may be worse conditioned than what the tolerance is meant for.
  const double noise = std::stod(test::GoldenTensors(GetParam()).metadata("float64_difference"));
  const double tolerance = std::max(1e-5, 4 * noise);
  const auto tables = test::usable_tables();
  for (const auto* recorder : tables) {
    {
      const kernels::ForcedTable forced(*recorder);
      record(folder, tolerance);
    }
    for (const auto* player : tables) {
      SCOPED_TRACE(std::string(recorder->name) + " on " + player->name);
      const kernels::ForcedTable forced(*player);
      EXPECT_NO_THROW((void)load_model(folder, {.verify = true}));
      const auto report = replay_selftest(load_model(folder), folder / selftest_file_name);
      EXPECT_NE(report.recorded_by.find(recorder->name), std::string::npos);
      for (const SelftestForward& forward : report.forwards) {
        EXPECT_FALSE(recorder == player && forward.largest) << forward.name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, SelftestOfEveryFolder, testing::ValuesIn(test::golden_folders()),
                         name_of);

/// The sign of one value.
void flip(test::EditedTensor& tensor, std::size_t at) {
  auto values = tensor.values();
  values.at(at) = -values.at(at);
  tensor.set_values(values);
}

TEST(Selftest, OneFlippedWeightIsFoundWhereItActs) {
  EditedModel stored(golden("bert-sequence-classification"));
  record(stored.save());
  struct Row {
    std::string weight;
    std::size_t at;
    std::string tensor;  ///< the first output that it changes
  };
  const std::string layers = "bert.encoder.layer.";
  const std::vector<Row> table{
      {"bert.embeddings.word_embeddings.weight", std::size_t{250} * 32 + 3, "hidden_states.0"},
      {"bert.embeddings.position_embeddings.weight", 1, "hidden_states.0"},
      {"bert.embeddings.token_type_embeddings.weight", 1, "hidden_states.0"},
      {"bert.embeddings.LayerNorm.weight", 5, "hidden_states.0"},
      {layers + "0.attention.self.query.weight", 9, "hidden_states.1"},
      {layers + "0.attention.self.value.bias", 2, "hidden_states.1"},
      {layers + "0.output.dense.weight", 31, "hidden_states.1"},
      {layers + "1.attention.output.LayerNorm.bias", 0, "hidden_states.2"},
      {layers + "1.intermediate.dense.bias", 4, "hidden_states.2"},
      {"bert.pooler.dense.weight", 7, "pooler_output"},
      {"classifier.weight", 1, "logits"},
      {"classifier.bias", 0, "logits"},
  };
  for (const Row& row : table) {
    SCOPED_TRACE(row.weight);
    const auto before = stored.tensors.at(row.weight);
    flip(stored.tensors.at(row.weight), row.at);
    const fs::path folder = stored.save();
    EXPECT_NO_THROW((void)load_model(folder));
    test::expect_error(ErrorKind::weight_value,
                       {"[load_model] tensor \"batch." + row.tensor + "\" at [", "expected ",
                        " within 1e-05, relative above 1, found ", "selftest.safetensors",
                        "(attend 0.1.0, ", "verify --record"},
                       [&] { return load_model(folder, {.verify = true}); });
    stored.tensors.at(row.weight) = before;
  }
  EXPECT_NO_THROW((void)load_model(stored.save(), {.verify = true}));
}

// As the header says.
TEST(Selftest, WeightsThatNoInputReachesAreNotCovered) {
  EditedModel stored(golden("bert-sequence-classification"));
  record(stored.save());
  flip(stored.tensors.at("bert.embeddings.word_embeddings.weight"), std::size_t{251} * 32 + 3);
  EXPECT_NO_THROW((void)load_model(stored.save(), {.verify = true}));
}

TEST(Selftest, TheReportNamesTheLargestDifferenceAndTheFirstThatIsTooLarge) {
  EditedModel stored(golden("bert-sequence-classification"));
  record(stored.save());
  flip(stored.tensors.at("classifier.weight"), 1);
  const fs::path folder = stored.save();
  const auto report = replay_selftest(load_model(folder), folder / selftest_file_name);
  ASSERT_EQ(report.forwards.size(), 2U);
  const SelftestForward& single = report.forwards.at(1);
  EXPECT_EQ(single.name, "single");
  ASSERT_TRUE(single.largest && single.failure);
  EXPECT_EQ(single.largest->tensor, "single.logits");
  EXPECT_EQ(single.failure->tensor, "single.logits");
  ASSERT_EQ(single.largest->place.size(), 2U);
  const auto expected = static_cast<double>(single.largest->expected);
  EXPECT_DOUBLE_EQ(single.largest->difference,
                   std::abs(static_cast<double>(single.largest->found) - expected) /
                       std::max(1.0, std::abs(expected)));
}

TEST(Selftest, BitsAreStricterThanTheTolerance) {
  const Model model = load_model(golden("bert-fill-mask"));
  const fs::path file = golden("bert-fill-mask") / "tensors.safetensors";
  EXPECT_NO_THROW(replay_selftest(model, file).check("test"));
  const auto report = replay_selftest(model, file, {.match = SelftestMatch::bits});
  test::expect_error(ErrorKind::weight_value, {"[test] ", " to the bit, found ", "may round"},
                     [&] { return report.check("test"), 0; });
}

TEST(Selftest, AnotherHeadIsComparedAsFarAsItGoes) {
  EditedModel stored(golden("bert-sequence-classification"));
  const fs::path folder = stored.save();
  record(folder);
  EXPECT_NO_THROW((void)load_model(folder, {.head = HeadKind::none, .verify = true}));
  const fs::path file = folder / selftest_file_name;
  const auto outputs = [&](HeadKind head) {
    return replay_selftest(load_model(folder, {.head = head}), file).forwards.front().outputs;
  };
  EXPECT_EQ(outputs(HeadKind::sequence_classification), 6);  // 3 states, last, pooler, logits
  EXPECT_EQ(outputs(HeadKind::none), 5);
  // Logits of this name are another head's, with other values.
  EXPECT_EQ(outputs(HeadKind::token_classification), 4);
}

TEST(Selftest, AModelThatMakesNoNumbersFails) {
  EditedModel stored(golden("bert-token-classification"));
  record(stored.save());
  auto values = stored.tensors.at("classifier.bias").values();
  values.front() = NAN;
  stored.tensors.at("classifier.bias").set_values(values);
  const fs::path folder = stored.save();
  const auto report = replay_selftest(load_model(folder), folder / selftest_file_name);
  EXPECT_TRUE(std::isinf(report.forwards.front().largest->difference));
  test::expect_error(ErrorKind::weight_value, {"\"batch.logits\" at [0, 0, 0]", "found nan"},
                     [&] { return load_model(folder, {.verify = true}); });
}

// ---- recording

TEST(RecordSelftest, AFailureLeavesTheOldFileAndNothingElse) {
  EditedModel stored(golden("bert-token-classification"));
  record(stored.save());
  auto values = stored.tensors.at("classifier.bias").values();
  values.front() = INFINITY;
  stored.tensors.at("classifier.bias").set_values(values);
  const fs::path folder = stored.save();
  const std::string before = test::read_file(folder / selftest_file_name);
  test::expect_error(ErrorKind::weight_value, {"\"batch.logits\"", "check_finite"},
                     [&] { return record(folder), 0; });
  EXPECT_EQ(test::read_file(folder / selftest_file_name), before);
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files.insert(entry.path().filename().string());
  }
  EXPECT_EQ(files,
            (std::set<std::string>{"config.json", "model.safetensors", "selftest.safetensors"}));
}

TEST(RecordSelftest, ReplacesAFileAndSaysWhereItCannotWrite) {
  const Model model = load_model(golden("bert-token-classification"));
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "selftest.safetensors";
  test::write_file(file, "something else");
  record_selftest(model, some_inputs(), file);
  EXPECT_NO_THROW(replay_selftest(model, file).check("test"));
  fs::create_directory(folder.path() / "taken");
  test::expect_error(ErrorKind::access_denied, {"a folder"}, [&] {
    return record_selftest(model, some_inputs(), folder.path() / "taken"), 0;
  });
  test::expect_error(ErrorKind::file_not_found, {"nowhere"}, [&] {
    return record_selftest(model, some_inputs(), folder.path() / "nowhere" / "file"), 0;
  });
}

TEST(RecordSelftest, TheToleranceIsWrittenAndKept) {
  EditedModel stored(golden("bert-token-classification"));
  const fs::path folder = stored.save();
  const fs::path file = folder / selftest_file_name;
  const Model model = load_model(folder);
  for (const double tolerance : {1e-9, 2.5e-4, 0.01}) {
    record_selftest(model, some_inputs(), file, {.tolerance = tolerance});
    EXPECT_EQ(replay_selftest(model, file).tolerance, tolerance);
  }
  auto values = stored.tensors.at("classifier.bias").values();
  values.front() += 0.005F;
  stored.tensors.at("classifier.bias").set_values(values);
  EXPECT_NO_THROW((void)load_model(stored.save(), {.verify = true}));
  values.front() += 0.5F;
  stored.tensors.at("classifier.bias").set_values(values);
  test::expect_error(ErrorKind::weight_value, {"within 0.01"},
                     [&] { return load_model(stored.save(), {.verify = true}); });
}

TEST(RecordSelftest, DeepModelsGetMoreRoom) {
  EditedModel stored(golden("albert-sequence-classification"));  // its layers share their weights
  const auto tolerance = [&](const char* layers) {
    stored.set_config("num_hidden_layers", layers);
    const fs::path folder = stored.save();
    record(folder);
    return replay_selftest(load_model(folder), folder / selftest_file_name).tolerance;
  };
  EXPECT_EQ(tolerance("5"), 1e-5);
  EXPECT_DOUBLE_EQ(tolerance("24"), 4.8e-5);
}

TEST(RecordSelftest, CallsThatCannotBeMeantAreRefused) {
  const Model model = load_model(golden("bert-token-classification"));
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "selftest.safetensors";
  const auto expect = [&](ErrorKind kind, std::string_view part,
                          const std::vector<SelftestInput>& inputs, double tolerance = 1e-5) {
    test::expect_error(kind, {"[record_selftest]", part}, [&] {
      return record_selftest(model, inputs, file, {.tolerance = tolerance}), 0;
    });
  };
  Encoding text;
  text.ids = {2, 3};
  expect(ErrorKind::config_error, "inputs: expected at least one", {});
  expect(ErrorKind::config_error, "input \"\"", {{"", {text}}});
  expect(ErrorKind::config_error, "input \"a.b\"", {{"a.b", {text}}});
  expect(ErrorKind::config_error, "found one that was there", {{"a", {text}}, {"a", {text}}});
  expect(ErrorKind::config_error, "found none", {{"a", {}}});
  expect(ErrorKind::config_error, "found an empty one", {{"a", {text, Encoding()}}});
  for (const double tolerance : {0.0, -1.0, 0.011, static_cast<double>(NAN)}) {
    expect(ErrorKind::config_error, "tolerance", {{"a", {text}}}, tolerance);
  }
  text.ids.assign(4097, 5);
  expect(ErrorKind::resource_limit, "at most 4096, found 4097", {{"a", {text}}});
  text.ids.assign(1, 5);
  std::vector<SelftestInput> many;
  for (int i = 0; i < 65; ++i) many.push_back({std::to_string(i), {text}});
  expect(ErrorKind::resource_limit, "forwards of a selftest: expected at most 64, found 65", many);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace attend
