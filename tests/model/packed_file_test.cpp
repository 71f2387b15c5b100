// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files of packed weights: models that are loaded with them are the same to the bit, and a file
// that does not fit is refused.
#include "attend/model/packed_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>

#include "attend/checkpoint/safetensors.h"
#include "attend/model/model.h"
#include "support/compute_types.h"
#include "support/edited_model.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
using test::EditedModel;
using test::golden;

/// The bits of all that a model makes of a batch.
std::vector<std::uint32_t> run(const Model& model) {
  // Both end with the token that BART's classifier stands on.
  const Batch batch{
      .ids = {1, 250, 2, 3, 299, 12, 2}, .type_ids = {0, 0, 0, 0, 0, 0, 0}, .starts = {0, 3, 7}};
  std::vector<std::uint32_t> out;
  const auto append = [&](MatrixView<const float> rows) {
    for (Index i = 0; i < rows.rows; ++i) {
      for (const float value : rows.row(i)) out.push_back(std::bit_cast<std::uint32_t>(value));
    }
  };
  Workspace workspace;
  const auto hidden = model.hidden_states(batch, workspace);
  append(hidden);
  if (model.has_logits()) append(model.logits(hidden, batch, workspace));
  if (model.has_pooler()) append(model.pooler_output(hidden, batch, workspace));
  return out;
}
std::vector<std::uint32_t> run(const fs::path& folder, const ModelOptions& options) {
  return run(load_model(folder, options));
}

fs::path pack(const fs::path& folder, ComputeType compute) {
  fs::path file = folder / packed_file_name(compute);
  pack_model(folder, {.compute = compute}, file);
  return file;
}

/// How much of the model's weights came from a file of packed ones, by what is counted.
std::uint64_t taken(const fs::path& folder, const ModelOptions& options) {
  ModelOptions without = options;
  without.packed = PackedWeights::never;
  const auto found = load_model(folder, options).memory({1, 1});
  return found.stored - load_model(folder, without).memory({1, 1}).stored;
}

/// A copy of a golden folder that may be changed.
class CopiedModel {
 public:
  explicit CopiedModel(std::string_view name) {
    fs::copy(golden(name) / "config.json", folder_.path());
    for (const auto& entry : fs::directory_iterator(golden(name))) {
      const std::string file = entry.path().filename().string();
      if (file.starts_with("model")) fs::copy(entry.path(), folder_.path());  // or its shards
    }
  }
  [[nodiscard]] const fs::path& path() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

class PackEveryFolder : public testing::TestWithParam<std::string> {};

void expect_the_same_bits(const fs::path& folder, ModelOptions options) {
  const auto with = run(folder, options);
  EXPECT_GT(taken(folder, options), 0U) << "the file is not used";
  options.load_mode = LoadMode::read;
  EXPECT_EQ(run(folder, options), with);
  options.packed = PackedWeights::never;
  EXPECT_EQ(run(folder, options), with);
}

void expect_as_planned(const fs::path& folder, const ModelOptions& options) {
  const MemoryEstimate model = load_model(folder, options).memory({1, 8});
  const MemoryEstimate plan = estimate_memory(folder, {1, 8}, options);
  EXPECT_EQ(plan.packed, model.packed);
  EXPECT_EQ(plan.stored, model.stored);
  EXPECT_EQ(plan.loading, model.loading);
  EXPECT_EQ(plan.workspace, model.workspace);
  ModelOptions without = options;
  without.packed = PackedWeights::never;
  EXPECT_LT(plan.packed, estimate_memory(folder, {1, 8}, without).packed);
}

// One test, because writing a file waits for the disk.
TEST_P(PackEveryFolder, GivesTheSameBitsAndTakesTheMemoryThatWasForetold) {
  const CopiedModel model(GetParam());
  const HeadKind base = test::headless(GetParam());
  for (const ComputeType compute : compute_types) {
    SCOPED_TRACE(name(compute));
    pack(model.path(), compute);
    expect_the_same_bits(model.path(), {.compute = compute});
    // Another head comes from the checkpoint.
    expect_the_same_bits(model.path(),
                         {.head = base, .compute = compute, .extra_tensors = ExtraTensors::ignore});
    for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
      expect_as_planned(model.path(), {.load_mode = mode, .compute = compute});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, PackEveryFolder, testing::ValuesIn(test::golden_folders()),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// ---- forms of checkpoints

TEST(PackedFile, EveryFormOfACheckpointHasOne) {
  const auto expected = run(golden("bart-fill-mask"), {});
  using Save = fs::path (*)(EditedModel&);
  for (const Save save : {Save([](EditedModel& model) { return model.save(); }),
                          Save([](EditedModel& model) { return model.save_torch(); }),
                          Save([](EditedModel& model) { return model.save_sharded(3); }),
                          Save([](EditedModel& model) { return model.save_torch_sharded(3); })}) {
    EditedModel model(golden("bart-fill-mask"));
    const fs::path folder = save(model);
    const fs::path file = pack(folder, ComputeType::f32);
    EXPECT_EQ(run(folder, {}), expected);
    EXPECT_GT(taken(folder, {}), 0U);
    // The same weights in another form are the same weights.
    EXPECT_EQ(run(golden("bart-fill-mask"), {.packed_file = file}), expected);
  }
}

TEST(PackedFile, BundledModelsOfIntegersHaveOne) {
  for (const char* name : {"sentiment", "ner", "zero-shot", "embeddings"}) {
    const auto folder = test::tests_folder().parent_path() / "examples" / "models" / name;
    const test::TemporaryFolder other;
    for (const ComputeType compute : compute_types) {
      const fs::path file = other.path() / "packed";
      pack_model(folder, {.compute = compute}, file);
      const Model with = load_model(folder, {.compute = compute, .packed_file = file});
      const Model without = load_model(folder, {.compute = compute});
      const Batch batch{.ids = {101, 1037, 4251, 102}, .type_ids = {0, 0, 0, 0}, .starts = {0, 4}};
      Workspace workspace;
      const auto a = with.hidden_states(batch, workspace);
      const auto b = without.hidden_states(batch, workspace);
      for (Index i = 0; i < a.rows; ++i) {
        EXPECT_TRUE(std::equal(a.row(i).begin(), a.row(i).end(), b.row(i).begin()));
      }
      EXPECT_LT(with.memory({1, 1}).packed, without.memory({1, 1}).packed);
    }
  }
}

TEST(PackedFile, TheSameModelMakesTheSameFileAgain) {
  const CopiedModel model("bert-fill-mask");
  const fs::path file = pack(model.path(), ComputeType::int8);
  const std::string bytes = test::read_file(file);
  EXPECT_EQ(file.filename(), "attend.int8.packed");
  EXPECT_EQ(test::read_file(pack(model.path(), ComputeType::int8)), bytes);
  for (const auto& entry : fs::directory_iterator(model.path())) {
    EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
  }
}

TEST(PackedFile, OptionsAreKeptOrRefused) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path file = pack(model.path(), ComputeType::f32);
  fs::rename(file, model.path() / "elsewhere");
  EXPECT_EQ(taken(model.path(), {}), 0U);
  const fs::path elsewhere = model.path() / "elsewhere";
  EXPECT_LT(load_model(model.path(), {.packed_file = elsewhere}).memory({1, 1}).packed,
            load_model(model.path()).memory({1, 1}).packed);
  const auto refused = [&](const ModelOptions& options) {
    test::expect_error(ErrorKind::config_error, {"packed_file", "elsewhere"},
                       [&] { (void)load_model(model.path(), options); });
  };
  refused({.packed = PackedWeights::never, .packed_file = elsewhere});
  refused({.check_finite = true, .packed_file = elsewhere});
  test::expect_error(ErrorKind::file_not_found, {"nonesuch"}, [&] {
    (void)load_model(model.path(), {.packed_file = model.path() / "nonesuch"});
  });
  test::expect_error(ErrorKind::config_error, {"verify"}, [&] {
    pack_model(model.path(), {.verify = true}, file);
    return 0;
  });
  test::expect_error(ErrorKind::resource_limit, {"max_memory_bytes"}, [&] {
    pack_model(model.path(), {.max_memory_bytes = 1000}, file);
    return 0;
  });
  test::expect_error(ErrorKind::file_not_found, {"no/such"}, [&] {
    pack_model(model.path(), {}, model.path() / "no/such");
    return 0;
  });
  EXPECT_FALSE(fs::exists(file));
  fs::create_symlink("nowhere", file);
  test::expect_error(ErrorKind::file_not_found, {"attend.f32.packed"},
                     [&] { (void)load_model(model.path()); });
}

TEST(PackedFile, WhatIsCheckedForBeingFiniteComesFromTheCheckpoint) {
  const CopiedModel model("bert-feature-extraction");
  const fs::path file = pack(model.path(), ComputeType::f32);
  std::string bytes = test::read_file(file);
  std::fill(bytes.end() - 4096, bytes.end(), '\xFF');  // NaN
  test::write_file(file, bytes);
  const auto expected = run(golden("bert-feature-extraction"), {});
  EXPECT_NE(run(model.path(), {}), expected);  // values are data
  EXPECT_EQ(run(model.path(), {.check_finite = true}), expected);
}

// ---- what is refused

/// The tensors and the metadata of a file of packed weights.
struct Parts {
  std::map<std::string, TensorRef, std::less<>> tensors;
  std::map<std::string, std::string, std::less<>> metadata;
};

struct Row {
  const char* name;
  ErrorKind kind;
  std::vector<std::string_view> says;
  std::function<void(Parts&)> change;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

constexpr const char* panels = "layer.0.attn.qkv.panels";
constexpr const char* scales = "layer.0.attn.qkv.scales";

const std::vector<Row>& rows() {
  using enum ErrorKind;
  static const std::array<std::byte, 64> spare{};
  static const std::vector<Row> all{
      {"another_format",
       invalid_format,
       {"\"format\"", "found \"pt\""},
       [](Parts& file) { file.metadata["format"] = "pt"; }},
      {"no_metadata",
       invalid_format,
       {"\"format\"", "found \"\""},
       [](Parts& file) { file.metadata.clear(); }},
      {"another_version",
       unsupported,
       {"\"version\"", "expected \"3\"", "found \"2\""},
       [](Parts& file) { file.metadata["version"] = "2"; }},
      {"another_byte_order",
       unsupported,
       {"byte order of the machine that packed", "expected \"little\"", "found \"big\""},
       [](Parts& file) { file.metadata["byte_order"] = "big"; }},
      {"no_byte_order",
       unsupported,
       {"byte order of the machine that packed", "found \"\""},
       [](Parts& file) { file.metadata.erase("byte_order"); }},
      {"another_type",
       invalid_format,
       {"\"compute\"", "expected \"int8\"", "found \"bf16\""},
       [](Parts& file) { file.metadata["compute"] = "bf16"; }},
      {"panels_missing",
       weight_missing,
       {panels, "expected U8 [", "no such tensor"},
       [](Parts& file) { file.tensors.erase(panels); }},
      {"scales_missing",
       weight_missing,
       {scales, "expected F32 ["},
       [](Parts& file) { file.tensors.erase(scales); }},
      {"head_missing",
       weight_missing,
       {"head:head.out.panels"},
       [](Parts& file) { file.tensors.erase("head:head.out.panels"); }},
      {"one_too_many",
       weight_shape,
       {"this model does not have", "layer.9.attn.qkv.panels"},
       [](Parts& file) {
         file.tensors["layer.9.attn.qkv.panels"] = {DType::u8, Shape{64}, spare.data()};
       }},
      {"a_head_too_many",
       weight_shape,
       {"this model does not have", "head:lm.out.panels"},
       [](Parts& file) {
         file.tensors["head:lm.out.panels"] = {DType::u8, Shape{64}, spare.data()};
       }},
      {"sums_of_a_type_without",
       weight_shape,
       {"this model does not have", "head:head.out.sums"},
       [](Parts& file) {
         file.tensors["head:head.out.sums"] = {DType::f32, Shape{16}, spare.data()};
       }},
      {"panels_of_another_shape",
       weight_shape,
       {panels, "expected U8 ["},
       [](Parts& file) {
         TensorRef& tensor = file.tensors.at(panels);
         tensor.shape = Shape{tensor.shape[1], tensor.shape[0]};
       }},
      {"panels_cut",
       weight_shape,
       {panels, "expected U8 ["},
       [](Parts& file) {
         TensorRef& tensor = file.tensors.at(panels);
         tensor.shape = Shape{tensor.shape[0] - 1, tensor.shape[1]};
       }},
      {"panels_of_another_type",
       weight_shape,
       {panels, "found I8 ["},
       [](Parts& file) { file.tensors.at(panels).dtype = DType::i8; }},
      {"scales_cut",
       weight_shape,
       {scales, "expected F32 ["},
       [](Parts& file) {
         TensorRef& tensor = file.tensors.at(scales);
         tensor.shape = Shape{tensor.shape[0] - 32};
       }},
      {"misaligned",
       invalid_format,
       {"place in the file", "a multiple of 64"},
       [](Parts& file) {
         file.tensors["a"] = {DType::f32, Shape{1}, spare.data()};
       }},
      {"another_source",
       weight_value,
       {"fingerprint", panels, "found \"0\""},
       [](Parts& file) { file.metadata.at(panels) = "0"; }},
      {"no_source",
       weight_value,
       {"fingerprint", panels, "found \"\""},
       [](Parts& file) { file.metadata.erase(panels); }},
  };
  return all;
}

class RefusedPackedFile : public testing::TestWithParam<Row> {};

TEST_P(RefusedPackedFile, WithTheFileAndTheRemedy) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path file = pack(model.path(), ComputeType::int8);
  {
    const Safetensors stored = Safetensors::open(file, {.mode = LoadMode::read});
    Parts parts{stored.tensors(), stored.metadata()};
    write_safetensors(file, parts.tensors, parts.metadata);
    (void)load_model(model.path(), {.compute = ComputeType::int8});  // what was written is sound
    GetParam().change(parts);
    write_safetensors(file, parts.tensors, parts.metadata);
  }
  const auto error =
      test::error_of([&] { return load_model(model.path(), {.compute = ComputeType::int8}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(name(error->kind()), name(GetParam().kind)) << error->what();
  const std::string_view message = error->what();
  for (const std::string_view part : GetParam().says) {
    EXPECT_NE(message.find(part), std::string_view::npos) << part << " in " << message;
  }
  EXPECT_NE(message.find("attend.int8.packed"), std::string_view::npos) << message;
  EXPECT_NE(message.find("`attend pack --model " + model.path().string() + " --dtype int8"),
            std::string_view::npos)
      << message;
  // It is in nobody's way who does not want it.
  (void)load_model(model.path(), {.compute = ComputeType::int8, .packed = PackedWeights::never});
  (void)load_model(model.path(), {.compute = ComputeType::bf16});
}

INSTANTIATE_TEST_SUITE_P(Rows, RefusedPackedFile, testing::ValuesIn(rows()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(PackedFile, FilesThatWereCutOffAreRefused) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path file = pack(model.path(), ComputeType::int4);
  const std::string bytes = test::read_file(file);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{100}, bytes.size() / 2, bytes.size() - 1}) {
    test::write_file(file, bytes.substr(0, size));
    test::expect_error(ErrorKind::invalid_format,
                       {"attend.int4.packed", "delete the file", "attend pack --model "},
                       [&] { (void)load_model(model.path(), {.compute = ComputeType::int4}); });
  }
}

TEST(PackedFile, WeightsThatWereTrainedOnAreNoticed) {
  for (const char* folder : {"bert-sequence-classification", "deberta-v2-fill-mask",
                             "modernbert-sequence-classification"}) {
    const CopiedModel model(folder);
    const fs::path file = pack(model.path(), ComputeType::bf16);
    EditedModel edited(model.path());
    std::size_t noticed = 0;
    for (auto& [name, tensor] : edited.tensors) {
      const auto kept = tensor;
      auto values = tensor.values();
      for (float& value : values) value = value * 1.0009765625F + 1e-4F;
      tensor.set_values(values);
      const auto error = test::error_of([&] {
        return load_model(edited.save(), {.compute = ComputeType::bf16, .packed_file = file});
      });
      if (error) {
        EXPECT_EQ(error->kind(), ErrorKind::weight_value) << error->what();
        ++noticed;
      } else {
        // What is not in the file is as it is in the checkpoint.
        const ModelOptions with{.compute = ComputeType::bf16, .packed_file = file};
        EXPECT_EQ(run(edited.save(), with), run(edited.save(), {.compute = ComputeType::bf16}))
            << name;
      }
      tensor = kept;
    }
    EXPECT_GT(noticed, 5U);
  }
}

/// A model with a weight of several MiB, and that weight.
struct WideModel {
  static constexpr const char* name = "encoder.layer.0.intermediate.dense.weight";
  EditedModel model{golden("bert-feature-extraction")};

  WideModel() {
    constexpr Index width = 20000;
    model.set_config("intermediate_size", std::to_string(width));
    for (auto& [tensor_name, tensor] : model.tensors) {
      const bool is_up = tensor_name.find(".intermediate.dense.") != std::string::npos;
      const bool is_down = tensor_name.find(".output.dense.weight") != std::string::npos &&
                           tensor_name.find(".attention.") == std::string::npos;
      if (!is_up && !is_down) continue;
      if (is_up)
        tensor.shape = tensor.shape.rank() == 1 ? Shape{width} : Shape{width, tensor.shape[1]};
      if (is_down) tensor.shape = Shape{tensor.shape[0], width};
      std::vector<float> values(static_cast<std::size_t>(tensor.shape.count()));
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i % 251) / 1000.0F - 0.1F;
      }
      tensor.set_values(values);
    }
  }
};

TEST(PackedFile, EverySampleIsCompared) {
  WideModel wide;
  const fs::path file = pack(wide.model.save(), ComputeType::int8);
  const ModelOptions options{.compute = ComputeType::int8, .packed_file = file};
  auto& tensor = wide.model.tensors.at(WideModel::name);
  const std::size_t size = tensor.bytes.size();
  ASSERT_GT(size, std::size_t{2} << 20U);
  (void)load_model(wide.model.save(), options);
  const auto expect_noticed = [&](std::size_t at) {
    SCOPED_TRACE(at);
    ASSERT_LT(at, size);
    tensor.bytes[at] ^= std::byte{1};
    test::expect_error(ErrorKind::weight_value, {"layer.0.ffn.up.panels"},
                       [&] { (void)load_model(wide.model.save(), options); });
    tensor.bytes[at] ^= std::byte{1};
  };
  for (const std::size_t number : {0U, 1U, 2U, 3U, 4U, 7U, 8U, 9U}) {
    expect_noticed(number * 262144);
    expect_noticed(number * 262144 + 63);
  }
  expect_noticed(size - 64);
  expect_noticed(size - 1);
}

TEST(PackedFile, ASmallWeightIsComparedWhole) {
  const auto folder = test::tests_folder().parent_path() / "examples" / "models" / "sentiment";
  const test::TemporaryFolder other;
  const fs::path file = other.path() / "packed";
  pack_model(folder, {}, file);
  EditedModel edited(folder);
  auto& tensor = edited.tensors.at("classifier.weight");
  ASSERT_GT(tensor.bytes.size(), 128U);
  std::fill(tensor.bytes.begin() + 64, tensor.bytes.end() - 64, std::byte{0});
  test::expect_error(ErrorKind::weight_value, {"head:head.out.panels"},
                     [&] { (void)load_model(edited.save(), {.packed_file = file}); });
}

// Every bit of the middle of a small weight, and signs, which a product by words alone would lose.
TEST(PackedFile, ChangesDoNotCancelOut) {
  EditedModel model(golden("bert-sequence-classification"));
  const fs::path file = pack(model.save(), ComputeType::f32);
  auto& bytes = model.tensors.at("classifier.weight").bytes;
  const auto expect_noticed = [&](const std::vector<std::size_t>& places, std::byte bits) {
    for (const std::size_t at : places) bytes.at(at) ^= bits;
    test::expect_error(ErrorKind::weight_value, {"head:head.out.panels"},
                       [&] { (void)load_model(model.save(), {.packed_file = file}); });
    for (const std::size_t at : places) bytes.at(at) ^= bits;
  };
  for (int bit = 0; bit < 8; ++bit)
    expect_noticed({65}, std::byte(1U << static_cast<unsigned>(bit)));
  expect_noticed({7, 15}, std::byte{0x80});
  expect_noticed({3, 11}, std::byte{0x80});
  std::swap(bytes.at(0), bytes.at(8));
  std::swap(bytes.at(1), bytes.at(9));
  expect_noticed({}, {});
}

// ---- what packing may write over

TEST(PackedFile, PackingReplacesNothingButPackedWeights) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path weights = model.path() / "model.safetensors";
  const std::string bytes = test::read_file(weights);
  const std::string config = test::read_file(model.path() / "config.json");
  fs::create_symlink(weights, model.path() / "link");
  fs::create_symlink("link", model.path() / "link-of-link");
  const auto refuse = [&](const char* name, std::initializer_list<std::string_view> says) {
    SCOPED_TRACE(name);
    test::expect_error(ErrorKind::access_denied, says, [&] {
      pack_model(model.path(), {}, model.path() / name);
      return 0;
    });
    EXPECT_EQ(test::read_file(weights), bytes);
  };
  for (const char* name : {"model.safetensors", "link", "link-of-link"}) {
    refuse(name, {"the file to write", "its model.safetensors"});
  }
  refuse("config.json", {"config.json", "a file of another kind"});
  EXPECT_EQ(test::read_file(model.path() / "config.json"), config);
  // These would be taken for the weights, and the last behind a link that leads nowhere yet.
  fs::create_symlink("pytorch_model.bin", model.path() / "dangling");
  for (const char* name : {"model.safetensors.index.json", "pytorch_model.bin", "dangling"}) {
    refuse(name, {"a file that is no part of the checkpoint"});
    EXPECT_FALSE(fs::exists(model.path() / name));
  }
  const fs::path file = pack(model.path(), ComputeType::f32);
  fs::create_symlink(file, model.path() / "link.packed");
  pack_model(model.path(), {.compute = ComputeType::int8}, model.path() / "link.packed");
  EXPECT_EQ(Safetensors::open(file).metadata().at("compute"), "int8");
}

TEST(PackedFile, PackingReplacesNoShard) {
  EditedModel model(golden("bert-sequence-classification"));
  const fs::path folder = model.save_sharded(2);
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() == "config.json") continue;
    const std::string bytes = test::read_file(entry.path());
    test::expect_error(ErrorKind::access_denied, {"its " + entry.path().filename().string()}, [&] {
      pack_model(folder, {}, entry.path());
      return 0;
    });
    EXPECT_EQ(test::read_file(entry.path()), bytes);
  }
}

// ---- comparing with packing anew

TEST(PackedFile, ComparesEveryByteWithPackingAnew) {
  const CopiedModel model("bert-sequence-classification");
  for (const ComputeType compute : compute_types) {
    SCOPED_TRACE(name(compute));
    const ModelOptions options{.compute = compute};
    test::expect_error(ErrorKind::file_not_found, {"packed weights", name(compute)}, [&] {
      check_packed(model.path(), options);
      return 0;
    });
    const fs::path file = pack(model.path(), compute);
    check_packed(model.path(), options);
    const std::string bytes = test::read_file(file);
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof header);
    for (const std::size_t at : {8 + header, (8 + header + bytes.size()) / 2, bytes.size() - 1}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      test::write_file(file, changed);
      test::expect_error(ErrorKind::weight_value,
                         {file.string(), "the bytes that packing makes", "--force"}, [&] {
                           check_packed(model.path(), options);
                           return 0;
                         });
    }
  }
}

TEST(PackedFile, ComparingKeepsOrRefusesOptions) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path file = pack(model.path(), ComputeType::f32);
  const fs::path elsewhere = model.path() / "elsewhere";
  fs::rename(file, elsewhere);
  check_packed(model.path(), {.packed_file = elsewhere});
  const auto refused = [&](ErrorKind kind, std::string_view says, const ModelOptions& options) {
    test::expect_error(kind, {says}, [&] {
      check_packed(model.path(), options);
      return 0;
    });
  };
  refused(ErrorKind::config_error, "verify", {.verify = true, .packed_file = elsewhere});
  refused(ErrorKind::resource_limit, "max_memory_bytes",
          {.max_memory_bytes = 1000, .packed_file = elsewhere});
  fs::rename(elsewhere, file);
  refused(ErrorKind::file_not_found, "packed weights", {.packed = PackedWeights::never});
}

// As embed and feature-extraction do without heads, of T5 without its decoder.
TEST(PackedFile, AnEncoderDoesWithoutTheDecoderThatWasPacked) {
  const CopiedModel model("t5-text2text-generation");
  pack(model.path(), ComputeType::f32);
  EXPECT_GT(taken(model.path(), {.head = HeadKind::encoder}), 0U);
}

TEST(PackedFile, ComparesTheHeadThatWasPacked) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path file = model.path() / packed_file_name(ComputeType::f32);
  pack_model(model.path(), {.head = HeadKind::none, .extra_tensors = ExtraTensors::ignore}, file);
  check_packed(model.path(), {.extra_tensors = ExtraTensors::ignore});
}

// ---- what running models read

TEST(PackedFile, ARunningModelKeepsTheFileThatWasReplaced) {
  const CopiedModel model("bert-sequence-classification");
  pack(model.path(), ComputeType::f32);
  const auto expected = run(golden("bert-sequence-classification"), {});
  const Model running = load_model(model.path());
  {
    EditedModel edited(model.path());
    for (auto& [name, tensor] : edited.tensors) {
      tensor.set_values(std::vector<float>(tensor.values().size(), 0.25F));
    }
    pack_model(edited.save(), {}, model.path() / packed_file_name(ComputeType::f32));
  }
  EXPECT_EQ(run(running), expected);
}

TEST(PackedFile, AFileThatWasReadMayBeWrittenInto) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path file = pack(model.path(), ComputeType::f32);
  const Model running = load_model(model.path(), {.load_mode = LoadMode::read});
  test::write_file(file, "");
  EXPECT_EQ(run(running), run(golden("bert-sequence-classification"), {}));
}

// Heads of another order take the same rows in another one: shapes alone would not tell.
TEST(PackedFile, AConfigThatPacksTheSameWeightsInAnotherWayIsNoticed) {
  EditedModel model(golden("deberta-sequence-classification"));
  const fs::path folder = model.save();
  const fs::path file = pack(folder, ComputeType::f32);
  (void)load_model(folder, {.packed_file = file});
  model.set_config("num_attention_heads", "2");
  test::expect_error(ErrorKind::weight_value, {"attn.qkv.panels"},
                     [&] { (void)load_model(model.save(), {.packed_file = file}); });
}

// Packed values are data: whatever they are, they lead to numbers or to NaN, and nowhere else.
TEST(PackedFile, AnyBytesAreValues) {
  for (const char* folder : {"bert-fill-mask", "bart-feature-extraction-untied"}) {
    ASSERT_TRUE(fs::exists(golden(folder)));
    const CopiedModel model(folder);
    for (const ComputeType compute : compute_types) {
      const fs::path file = pack(model.path(), compute);
      const std::string bytes = test::read_file(file);
      std::uint64_t header = 0;
      std::memcpy(&header, bytes.data(), sizeof header);
      for (const int fill : {0x00, 0x7F, 0x80, 0xFF, 0x55}) {
        std::string filled = bytes;
        std::fill(filled.begin() + static_cast<std::ptrdiff_t>(8 + header), filled.end(),
                  static_cast<char>(fill));
        test::write_file(file, filled);
        EXPECT_FALSE(run(model.path(), {.load_mode = LoadMode::read, .compute = compute}).empty());
      }
    }
  }
}

}  // namespace
}  // namespace attend
