// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files of PyTorch that are sound: what Python's pickler and the tests' own writer make, and every
// way in which a tensor may lie in its storage.
#include "attend/checkpoint/torch_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "checkpoint/safetensors_bytes.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/torch_bytes.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
namespace pickled = test::pickled;
using test::as_bytes;
using test::ZipStyle;

std::vector<float> values(const TensorRef& tensor) {
  std::vector<float> out(static_cast<std::size_t>(tensor.shape.count()));
  to_float(tensor.dtype, tensor.bytes, out);
  return out;
}

TorchFile parse(const std::string& bytes, const TorchFileOptions& options = {}) {
  return TorchFile::parse(as_bytes(bytes), "good.bin", options);
}

// 0, 1, 2 ... as float32.
std::string floats(std::size_t count) {
  std::vector<float> out(count);
  std::iota(out.begin(), out.end(), 0.0F);
  return {reinterpret_cast<const char*>(out.data()), count * sizeof(float)};
}

// A file with one tensor "w" over a storage of 0, 1, 2 ...
std::string one(const pickled::Layout& layout, std::int64_t count) {
  const std::string tensor = pickled::tensor(pickled::storage("FloatStorage", "0", count), layout);
  return test::torch_archive(pickled::file(pickled::dict({{"w", tensor}})),
                             {{"0", floats(static_cast<std::size_t>(count))}});
}

// ---- files that Python made: data/make_torch_files.py

class FileOfPython : public testing::TestWithParam<const char*> {};

TEST_P(FileOfPython, IsRead) {
  for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
    const auto file =
        TorchFile::open(test::tests_folder() / "checkpoint/data" / GetParam(), {.mode = mode});
    EXPECT_EQ(file.tensors().size(), 15U);
    const std::vector<float> weight{0, 0.5F, 1, 1.5F, 2, 2.5F};
    EXPECT_EQ(values(*file.find("embed.weight")), weight);
    EXPECT_EQ(file.find("embed.weight")->shape, (Shape{2, 3}));
    EXPECT_EQ(file.find("embed.weight")->bytes, file.find("head.weight")->bytes) << "tied";
    EXPECT_EQ(values(*file.find("transposed")), (std::vector<float>{0, 1.5F, 0.5F, 2, 1, 2.5F}));
    EXPECT_EQ(file.find("transposed")->shape, (Shape{3, 2}));
    EXPECT_EQ(values(*file.find("row")), (std::vector<float>{1.5F, 2, 2.5F}));
    EXPECT_EQ(values(*file.find("scalar")), std::vector<float>{-7});
    EXPECT_EQ(file.find("scalar")->shape.rank(), 0U);
    EXPECT_EQ(file.find("empty")->shape, (Shape{0, 4}));
    EXPECT_EQ(values(*file.find("expanded")), (std::vector<float>{3, 3}));
    EXPECT_EQ(values(*file.find("parameter")), std::vector<float>{8});
    const std::vector<std::pair<const char*, DType>> types{
        {"kind.Double", DType::f64},  {"kind.Half", DType::f16}, {"kind.BFloat16", DType::bf16},
        {"kind.Short", DType::i16},   {"kind.Char", DType::i8},  {"kind.Byte", DType::u8},
        {"kind.Bool", DType::boolean}};
    for (const auto& [name, dtype] : types) {
      EXPECT_EQ(file.find(name)->dtype, dtype) << name;
      EXPECT_EQ(values(*file.find(name)), (std::vector<float>{1, 0})) << name;
    }
    EXPECT_FALSE(file.find("none"));
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, FileOfPython, testing::Values("protocol2.bin", "protocol4.bin"),
                         [](const auto& row) { return std::string(row.param, 9); });

// ---- views and copies

TEST(TorchFile, TensorsAreViewsOfTheFile) {
  const std::string bytes = one({.offset = 2, .shape = {2, 2}, .strides = {2, 1}}, 8);
  const auto file = parse(bytes);
  const TensorRef tensor = *file.find("w");
  EXPECT_EQ(values(tensor), (std::vector<float>{2, 3, 4, 5}));
  const auto all = as_bytes(bytes);
  EXPECT_GE(tensor.bytes, all.data());
  EXPECT_LE(tensor.bytes + tensor.size_bytes(), all.data() + all.size());
  EXPECT_EQ(file.name(), "good.bin");
}

TEST(TorchFile, StridesOfOneElementDoNotCount) {
  const std::string bytes = one({.shape = {1, 3, 1}, .strides = {0, 1, 77}}, 3);
  const auto file = parse(bytes);
  const auto* data = file.find("w")->bytes;
  const auto all = as_bytes(bytes);
  EXPECT_TRUE(data >= all.data() && data < all.data() + all.size());
}

TEST(TorchFile, CopiesWhatDoesNotLieRowByRow) {
  struct Row {
    pickled::Layout layout;
    std::vector<float> expected;
  };
  const std::vector<Row> rows{
      {{.shape = {2, 3}, .strides = {1, 2}}, {0, 2, 4, 1, 3, 5}},
      {{.offset = 1, .shape = {2}, .strides = {3}}, {1, 4}},
      {{.shape = {2, 2}, .strides = {0, 1}}, {0, 1, 0, 1}},
      {{.shape = {2, 1, 2, 2}, .strides = {1, 9, 2, 4}}, {0, 4, 2, 6, 1, 5, 3, 7}},
      {{.shape = {2, 2, 2}, .strides = {1, 1, 1}}, {0, 1, 1, 2, 1, 2, 2, 3}},
  };
  for (const Row& row : rows) {
    TorchFile file = parse(one(row.layout, 8));  // the file's bytes are gone: this is a copy
    const TorchFile moved = std::move(file);
    EXPECT_EQ(values(*moved.find("w")), row.expected);
  }
}

TEST(TorchFile, BytesLieAnywhere) {
  const std::string bytes = one({.shape = {3}, .strides = {1}}, 3);
  for (std::size_t shift = 0; shift < 4; ++shift) {
    const std::string moved = std::string(shift, ' ') + bytes;
    const auto file = TorchFile::parse(as_bytes(moved).subspan(shift), "good.bin");
    EXPECT_EQ(values(*file.find("w")), (std::vector<float>{0, 1, 2}));
  }
}

// ---- archives

TEST(TorchFile, AnyStyleOfArchive) {
  const std::string pickle =
      pickled::file(pickled::dict({{"w", pickled::tensor(pickled::storage("FloatStorage", "0", 2),
                                                         {.shape = {2}, .strides = {1}})}}));
  for (const ZipStyle style : {ZipStyle::torch, ZipStyle::python}) {
    std::string bytes = test::torch_archive(pickle, {{"0", floats(2)}}, style);
    EXPECT_EQ(values(*parse(bytes).find("w")), (std::vector<float>{0, 1}));
    // A comment, with what looks like an end record in it.
    bytes[bytes.size() - 2] = 30;
    bytes += "PK\x05\x06" + std::string(26, '\1');
    EXPECT_EQ(parse(bytes).tensors().size(), 1U);
  }
}

TEST(TorchFile, WideValuesMayLieInExtraFields) {
  std::string bytes = test::torch_archive(pickled::file("}"), {}, ZipStyle::python);
  // The first entry of the directory: sizes and offset elsewhere, and in an extra field behind
  // another one.
  const std::size_t at = bytes.find("PK\x01\x02");
  const std::uint64_t size = test::little_endian(std::uint64_t{4}).size() / 2;
  const std::string wide = test::little_endian(std::uint64_t{size}) +
                           test::little_endian(std::uint64_t{size}) +
                           test::little_endian(std::uint64_t{0});
  const std::string extra =
      std::string("\xAA\xAA\x02\0..", 6) + std::string("\x01\0\x18\0", 4) + wide;
  bytes.replace(at + 20, 8, std::string(8, '\xFF'));
  bytes.replace(at + 42, 4, std::string(4, '\xFF'));
  bytes.replace(at + 30, 2, test::little_endian(static_cast<std::uint16_t>(extra.size())));
  const std::size_t name = std::string_view("archive/data.pkl").size();
  bytes.insert(at + 46 + name, extra);
  const std::size_t end = bytes.rfind("PK\x05\x06");
  bytes.replace(end + 12, 4, test::little_endian(static_cast<std::uint32_t>(end - at)));
  EXPECT_TRUE(parse(bytes).tensors().empty());
}

TEST(TorchFile, OldArchivesHaveNoByteOrder) {
  for (const char* version : {"1", "2\n", "3\n", "10\n"}) {
    EXPECT_TRUE(parse(test::zip_bytes({{"m/data.pkl", pickled::file("}")}, {"m/version", version}}))
                    .tensors()
                    .empty());
  }
}

// ---- pickles

TEST(TorchFile, OtherEntriesOfTheDictArePassedOver) {
  const std::string tensor =
      pickled::tensor(pickled::storage("FloatStorage", "0", 1), {.shape = {1}, .strides = {1}});
  const std::string pickle = pickled::file(pickled::dict({{"none", "N"},
                                                          {"true", "\x88"},
                                                          {"epoch", pickled::integer(-1)},
                                                          {"long", "\x8a\x05\xFF\xFF\xFF\xFF\x7F"},
                                                          {"loss", "G12345678"},
                                                          {"name", pickled::text("bert")},
                                                          {"w", tensor}}));
  const auto file = parse(test::torch_archive(pickle, {{"0", floats(1)}}));
  EXPECT_EQ(file.tensors().size(), 1U);
  EXPECT_TRUE(file.find("w"));
}

TEST(TorchFile, IntegersOfEveryOpcode) {
  // The offset of a tensor, and the one element that it shows.
  const std::vector<std::pair<std::string, float>> rows{
      {std::string("K\x05", 2), 5},
      {std::string("M\x02\0", 3), 2},
      {std::string("J\x03\0\0\0", 5), 3},
      {std::string("\x8a\0", 2), 0},
      {std::string("\x8a\x01\x07", 3), 7},
      {std::string("\x8a\x02\x04\0", 4), 4},
      {std::string("\x8a\x08\x06\0\0\0\0\0\0\0", 10), 6}};
  for (const auto& [opcode, expected] : rows) {
    const std::string tensor =
        pickled::call(pickled::global("torch._utils", "_rebuild_tensor_v2"),
                      {pickled::storage("FloatStorage", "0", 8), opcode, pickled::integers({1}),
                       pickled::integers({1}), "\x89", pickled::ordered_dict()});
    const auto pickle = pickled::file(pickled::dict({{"w", tensor}}));
    const std::string bytes = test::torch_archive(pickle, {{"0", floats(8)}});
    EXPECT_EQ(values(*parse(bytes).find("w")), std::vector<float>{expected});
  }
}

TEST(TorchFile, MetadataThatSaysNothingIsAllowed) {
  for (const std::string metadata : {"N", "}"}) {
    const std::string tensor =
        pickled::call(pickled::global("torch._utils", "_rebuild_tensor_v2"),
                      {pickled::storage("FloatStorage", "0", 1), "K" + std::string(1, '\0'),
                       pickled::integers({1}), pickled::integers({1}), "\x89", "N", metadata});
    const auto pickle = pickled::file(pickled::dict({{"w", tensor}}));
    EXPECT_TRUE(parse(test::torch_archive(pickle, {{"0", floats(1)}})).find("w"));
  }
}

TEST(TorchFile, ListsAndNestedDictsOfTheMetadataAreNoContent) {
  // An OrderedDict with one attribute: {"_metadata": {"": {"version": 1, "seen": [1, 2]}}}.
  const std::string inner = pickled::dict({{"version", "K\x01"}, {"seen", "](K\1K\2eK\3a"}});
  const std::string pickle = pickled::file(
      pickled::ordered_dict() + pickled::dict({{"_metadata", pickled::dict({{"", inner}})}}) + "b");
  EXPECT_TRUE(parse(test::torch_archive(pickle)).tensors().empty());
}

TEST(TorchFile, ADictInItselfIsNoLoop) {
  // Through the memo, as its own attribute.
  const std::string pickle = std::string("\x80\x02}q\0h\0X\x01\0\0\0sh\0sb.", 19);
  const auto error = test::error_of([&] { return parse(test::torch_archive(pickle)); });
  ASSERT_TRUE(error);
  EXPECT_NE(error->kind(), ErrorKind::internal) << error->what();
}

TEST(TorchFile, ManyTensorsAreReadQuickly) {
  // More than a batch of the pickler and more than a byte of the memo.
  std::vector<float> data(3000);
  std::iota(data.begin(), data.end(), 0.0F);
  std::vector<std::pair<std::string, TensorRef>> tensors;
  for (std::size_t i = 0; i < data.size(); ++i) {
    tensors.emplace_back("layer." + std::to_string(i),
                         TensorRef{DType::f32, {1}, reinterpret_cast<const std::byte*>(&data[i])});
  }
  const std::string bytes = test::torch_file(tensors);
  const auto file = parse(bytes);
  ASSERT_EQ(file.tensors().size(), data.size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    EXPECT_EQ(values(*file.find(tensors[i].first)), std::vector<float>{data[i]});
  }
  test::expect_error(ErrorKind::resource_limit, {"at most 2999", "good.bin"},
                     [&] { return parse(bytes, {.max_tensors = 2999}); });
  EXPECT_EQ(parse(bytes, {.max_tensors = 3000}).tensors().size(), 3000U);
}

}  // namespace
}  // namespace attend
