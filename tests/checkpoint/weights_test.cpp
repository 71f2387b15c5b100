// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Our names over checkpoints of all kinds, and messages that name tensor, shapes and file.
#include "attend/checkpoint/weights.h"

#include <gtest/gtest.h>

#include <chrono>

#include "checkpoint/safetensors_bytes.h"
#include "support/cost.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/sanitized.h"

namespace attend {
namespace {

using test::expect_error;

constexpr Rename renames[] = {
    {"embed.token", "embeddings.word"},
    {"layer.{i}.attn.q", "encoder.{i}.query"},
    {"layer.{i}.norm", "encoder.{i}.LayerNorm"},
    {"layer.{i}.{j}.up", "groups.{i}.layers.{j}.ffn"},
    {"head.out", "/classifier"},
    {"lm", "/cls.predictions"},
    {"two", "first.choice"},
    {"two", "second.choice"},
};
constexpr std::string_view prefixes[] = {"bert.", ""};
constexpr std::string_view ignored[] = {"embeddings.position_ids", "pooler.*", "old.weight"};
constexpr NameTable table{.renames = renames, .prefixes = prefixes, .ignored = ignored};

class WeightsTest : public testing::Test {
 protected:
  Weights open() {
    write_safetensors(folder_.path() / "model.safetensors", set.refs());
    return {Checkpoint::open(folder_.path()), table};
  }
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "model.safetensors"; }
  [[nodiscard]] std::shared_ptr<const Checkpoint> checkpoint(LoadMode mode = LoadMode::map) const {
    return Checkpoint::open(folder_.path(), {.mode = mode});
  }
  test::TensorSet set;

 private:
  test::TemporaryFolder folder_;
};

TEST_F(WeightsTest, FindsNamesWithAndWithoutPrefix) {
  for (const std::string prefix : {"bert.", ""}) {
    set = {};
    set.add(prefix + "embeddings.word.weight", {2, 3}, {1, 2, 3, 4, 5, 6});
    set.add(prefix + "encoder.12.query.bias", {2}, {7, 8});
    set.add("classifier.weight", {1, 2}, {9, 10});
    set.add("cls.predictions.bias", {1}, {11});
    Weights weights = open();
    EXPECT_TRUE(weights.has("embed.token.weight"));
    EXPECT_FALSE(weights.has("embed.token.bias"));
    EXPECT_FALSE(weights.has("layer.1.attn.q.bias"));
    const StoredWeight matrix = weights.matrix("embed.token.weight", 2, 3);
    std::vector<float> row(3);
    matrix.read(1, 0, row);
    EXPECT_EQ(row, (std::vector<float>{4, 5, 6}));
    EXPECT_EQ(weights.vector("layer.12.attn.q.bias", 2), (std::vector<float>{7, 8}));
    EXPECT_EQ(weights.matrix("head.out.weight", 1, 2).cols(), 2);
    EXPECT_EQ(weights.vector("lm.bias", 1)[0], 11);
    EXPECT_NO_THROW(weights.finish());
  }
}

TEST_F(WeightsTest, FindsBlocksOfALayer) {
  set.add("groups.3.layers.12.ffn.bias", {1}, {5});
  set.add("groups.31.layers.2.ffn.bias", {1}, {6});
  Weights weights = open();
  EXPECT_EQ(weights.vector("layer.3.12.up.bias", 1)[0], 5);
  EXPECT_EQ(weights.vector("layer.31.2.up.bias", 1)[0], 6);
  EXPECT_FALSE(weights.has("layer.3.2.up.bias"));
  for (const char* name : {"layer.3.up.bias", "layer.3..up.bias", "layer.3.x.up.bias"}) {
    expect_error(ErrorKind::internal, {name}, [&] { return weights.has(name); });
  }
}

TEST_F(WeightsTest, OfAPlanAreCheckedAndHaveNoValues) {
  set.add("embeddings.word.weight", {2, 3}, {1, 2, 3, 4, 5, 6});
  set.add("classifier.bias", {2}, {7, 8});
  (void)open();
  Weights weights(checkpoint(), table, WeightValues::absent);
  const StoredWeight matrix = weights.matrix("embed.token.weight", 2, 3);
  EXPECT_EQ(matrix.values.bytes, nullptr);
  EXPECT_EQ(matrix.row_range(1, 1).values.bytes, nullptr);
  EXPECT_EQ(matrix.values.shape, (Shape{2, 3}));
  EXPECT_EQ(weights.vector("head.out.bias", 2), (std::vector<float>{0, 0}));
  EXPECT_NO_THROW(weights.finish());
  expect_error(ErrorKind::weight_shape, {"embeddings.word.weight"},
               [&] { (void)weights.matrix("embed.token.weight", 3, 3); });
  expect_error(ErrorKind::weight_missing, {"classifier.weight"},
               [&] { (void)weights.matrix("head.out.weight", 3, 3); });
}

TEST_F(WeightsTest, ReleasedOnesAreReadAgain) {
  set.add("embeddings.word.weight", {2, 3}, {1, 2, 3, 4, 5, 6});
  (void)open();
  for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
    const auto opened = checkpoint(mode);
    Weights weights(opened, table);
    const StoredWeight matrix = weights.matrix("embed.token.weight", 2, 3);
    weights.release(matrix);
    opened->release();
    weights.release({{DType::f32, Shape{1}, reinterpret_cast<const std::byte*>(&mode)}});
    std::vector<float> row(3);
    matrix.read(1, 0, row);
    EXPECT_EQ(row, (std::vector<float>{4, 5, 6}));
    EXPECT_EQ(opened->file_bytes(), std::filesystem::file_size(file()));
    EXPECT_EQ(opened->copied_bytes(), 0U);
  }
}

TEST_F(WeightsTest, TriesEveryRowOfAName) {
  set.add("second.choice.weight", {1}, {1});
  EXPECT_EQ(open().vector("two.weight", 1)[0], 1);
}

TEST_F(WeightsTest, FindsOldLayerNormNames) {
  set.add("bert.encoder.0.LayerNorm.gamma", {2}, {1, 2});
  set.add("bert.encoder.0.LayerNorm.beta", {2}, {3, 4});
  Weights weights = open();
  EXPECT_TRUE(weights.has("layer.0.norm.weight"));
  EXPECT_EQ(weights.vector("layer.0.norm.weight", 2), (std::vector<float>{1, 2}));
  EXPECT_EQ(weights.vector("layer.0.norm.bias", 2), (std::vector<float>{3, 4}));
  EXPECT_NO_THROW(weights.finish());
}

TEST_F(WeightsTest, WidensEveryWeightType) {
  int layer = 0;
  for (const DType dtype : {DType::f64, DType::f32, DType::f16, DType::bf16}) {
    set.add("encoder." + std::to_string(layer++) + ".query.bias", dtype, {3});
  }
  Weights weights = open();
  while (layer-- > 0) {
    EXPECT_EQ(weights.vector("layer." + std::to_string(layer) + ".attn.q.bias", 3).size(), 3U);
  }
}

TEST_F(WeightsTest, ReadsInt8WithOneScaleARow) {
  for (const Shape& shape : {Shape{2, 1}, Shape{2}}) {
    set = {};
    set.add("encoder.0.query.weight", DType::i8, {2, 2});
    set.bytes(0)[3] = std::byte{0xFE};  // -2
    set.add("encoder.0.query.weight_scale", shape, {1, 0.5F});
    Weights weights = open();
    const StoredWeight weight = weights.matrix("layer.0.attn.q.weight", 2, 2);
    float value = 0;
    weight.read(1, 1, {&value, 1});
    EXPECT_EQ(value, -1);
    EXPECT_NO_THROW(weights.finish());
  }
}

TEST_F(WeightsTest, RefusesScalesThatDoNotFit) {
  set.add("encoder.0.query.weight", DType::i8, {2, 2});
  expect_error(ErrorKind::weight_missing, {"\"encoder.0.query.weight_scale\"", "[2, 1]"},
               [&] { return open().matrix("layer.0.attn.q.weight", 2, 2); });
  set.add("encoder.0.query.weight_scale", DType::f16, {1, 2});
  expect_error(ErrorKind::weight_shape, {"weight_scale", "expected [2, 1], found [1, 2]"},
               [&] { return open().matrix("layer.0.attn.q.weight", 2, 2); });
  set.add("encoder.0.query.weight_scale", DType::i8, {2, 1});
  expect_error(ErrorKind::unsupported, {"weight_scale", "I8"},
               [&] { return open().matrix("layer.0.attn.q.weight", 2, 2); });
}

TEST_F(WeightsTest, NamesTheNearestOfAMissingTensor) {
  set.add("bert.encoder.0.qeury.weight", {1}, {1});
  set.add("bert.encoder.0.key.weight", {1}, {1});
  set.add("bert.far.away", {1}, {1});
  set.add("bert.something.else.entirely", {1}, {1});
  expect_error(
      ErrorKind::weight_missing,
      {"[load_model]", "\"bert.encoder.0.query.weight\"", "expected [4, 4]",
       "the nearest names are \"bert.encoder.0.qeury.weight\", \"bert.encoder.0.key.weight\"",
       "(model.safetensors)"},
      [&] { return open().matrix("layer.0.attn.q.weight", 4, 4); });
}

TEST_F(WeightsTest, NamesBothShapes) {
  set.add("encoder.0.query.weight", DType::f32, {2, 3});
  set.add("encoder.0.query.bias", DType::f32, {1, 3});
  const auto matrix = [&] { return open().matrix("layer.0.attn.q.weight", 3, 2); };
  expect_error(ErrorKind::weight_shape,
               {"\"encoder.0.query.weight\"", "expected [3, 2], found [2, 3]", "model.safetensors",
                "another checkpoint"},
               matrix);
  expect_error(ErrorKind::weight_shape, {"expected [3], found [1, 3]"},
               [&] { return open().vector("layer.0.attn.q.bias", 3); });
}

TEST_F(WeightsTest, RefusesTypesThatAreNoWeights) {
  set.add("encoder.0.query.weight", DType::i64, {2, 2});
  set.add("encoder.0.query.bias", DType::i8, {2});
  expect_error(ErrorKind::unsupported, {"query.weight", "found I64"},
               [&] { return open().matrix("layer.0.attn.q.weight", 2, 2); });
  expect_error(ErrorKind::unsupported, {"query.bias", "found I8"},
               [&] { return open().vector("layer.0.attn.q.bias", 2); });
}

TEST_F(WeightsTest, ReportsWhatIsLeftOver) {
  const auto finish = [&] {
    open().finish();
    return 0;
  };
  set.add("bert.embeddings.position_ids", DType::i64, {1, 4});
  set.add("bert.pooler.dense.weight", DType::i8, {2, 2});
  set.add("bert.pooler.dense.weight_scale", DType::f16, {2, 1});
  set.add("pooler.dense.bias", DType::f32, {2});
  set.add("old.weight_scale", DType::f16, {2, 1});
  EXPECT_EQ(finish(), 0);
  set.add("bert.encoder.0.extra.weight", DType::f32, {2});
  set.add("bert.embeddings.position_ids2", DType::f32, {2});
  expect_error(
      ErrorKind::weight_shape,
      {"\"bert.embeddings.position_ids2\", \"bert.encoder.0.extra.weight\"", "model.safetensors"},
      finish);
  for (int i = 1; i < 20; ++i) set.add("bert.encoder." + std::to_string(i) + ".x", DType::f32, {1});
  expect_error(ErrorKind::weight_shape, {"and 16 more", "extra_tensors"}, finish);
  EXPECT_NO_THROW(open().finish(ExtraTensors::ignore));
}

TEST_F(WeightsTest, AnUnknownNameIsABug) {
  set.add("bert.x", DType::f32, {1});
  for (const char* name :
       {"no.such", "layer.x.attn.q.weight", "layer..attn.q.weight", "layer", ""}) {
    expect_error(ErrorKind::internal, {"table"}, [&] { return open().has(name); });
  }
}

TEST_F(WeightsTest, MissingNamesOfHugeCheckpointsCostLittle) {
  for (int i = 0; i < 20'000; ++i) {
    set.add("bert." + std::string(900, 'n') + std::to_string(i), DType::u8, {0});
  }
  Weights weights = open();
  const auto start = test::work_time();
  expect_error(ErrorKind::weight_missing, {"nearest"},
               [&] { return weights.vector("embed.token.weight", 1); });
  EXPECT_LT(test::work_time() - start, test::time_allowed);
}

TEST(SharedModels, EveryCheckpointOpens) {
  int opened = 0;
  for (const char* folder : {"golden", "models"}) {
    const auto path = test::shared(folder);
    if (!path) GTEST_SKIP() << "no shared " << folder;
    for (const auto& model : std::filesystem::directory_iterator(*path)) {
      if (!std::filesystem::exists(model.path() / "model.safetensors")) continue;
      EXPECT_FALSE(Checkpoint::open(model.path())->names().empty()) << model.path();
      ++opened;
    }
  }
  EXPECT_GE(opened, 40);
}

}  // namespace
}  // namespace attend
