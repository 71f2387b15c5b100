// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pickles that are sound, of what is no dict of tensors or of tensors that are wrong.
#include <gtest/gtest.h>

#include "checkpoint/bad_torch_bytes.h"

namespace attend::test {
namespace {

const std::vector<BadBytes>& state_dicts() {
  static const std::string one_item = pickled::integers({6});
  static const std::string stride = pickled::integers({1});
  static const std::string zero = pickled::integer(0);
  static const std::string hooks = pickled::ordered_dict();
  static const std::vector<BadBytes> rows{
      // What is no state dict.
      {"RootNone", [] { return value("N"); }, unsupported, {"a dict of tensors", "None"}},
      {"RootList", [] { return value("]"); }, unsupported, {"a dict of tensors", "a list"}},
      {"RootTensor",
       [] { return value(pickled::tensor(storage(), {.shape = {6}, .strides = {1}})); },
       unsupported,
       {"a dict of tensors", "a tensor", "state_dict()"}},
      {"RootStorage", [] { return value(storage()); }, unsupported, {"a dict", "a storage"}},
      {"RootFunction",
       [] { return global("torch._utils", "_rebuild_tensor_v2"); },
       unsupported,
       {"a class or function"}},
      {"WrapperStateDict",
       [] {
         return value(pickled::dict({{"state_dict", "}"}, {"epoch", "K\1"}}));
       },
       unsupported,
       {"\"state_dict\"", "a dict", "no state dict"}},
      {"WrapperModel",
       [] {
         return value(pickled::dict({{"model", hooks}}));
       },
       unsupported,
       {"\"model\"", "a dict", "state_dict()"}},
      {"EntryList", [] { return entry("]"); }, unsupported, {"\"w.x\"", "a list"}},
      {"EntryTuple", [] { return entry(")"); }, unsupported, {"\"w.x\"", "a tuple"}},
      {"EntryStorage", [] { return entry(storage()); }, unsupported, {"\"w.x\"", "a storage"}},
      {"EntryFunction",
       [] { return entry(pickled::global("torch", "FloatStorage")); },
       unsupported,
       {"\"w.x\"", "a class or function"}},
      {"EntryClass",
       [] { return entry(pickled::global("collections", "OrderedDict")); },
       unsupported,
       {"\"w.x\"", "a class or function"}},
      {"KeyNumber", [] { return value("}K\1Ns"); }, unsupported, {"a key", "text", "an integer"}},
      {"NameTwice",
       [] {
         return value(pickled::dict({{"w.x", "N"}, {"w.x", "N"}}));
       },
       invalid,
       {"\"w.x\"", "twice"}},
      {"NameEmpty",
       [] {
         return value(pickled::dict({{"", pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"an empty name"}},
      {"NameClimbs",
       [] {
         return value(pickled::dict({{"../x", pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"\"../x\"", "no path"}},
      {"NameControl",
       [] {
         return value(pickled::dict({{"a\x07", pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"\\x07"}},
      {"NameNotUtf8",
       [] {
         return value(pickled::dict({{"\xC3(", pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"UTF-8", "\\xC3("}},
      {"NameLong",
       [] {
         return value(pickled::dict({{std::string(2000, 'n'), pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"2000 bytes", "1024"}},
      // How a tensor is put together.
      {"StorageCalled",
       [] { return entry(pickled::global("torch", "FloatStorage") + ")R"); },
       invalid,
       {"\"w.x\"", "_rebuild_tensor_v2", "torch.FloatStorage"}},
      {"NoArguments", [] { return rebuilt({}); }, invalid, {"\"w.x\"", "other arguments"}},
      {"FiveArguments",
       [] {
         return rebuilt({storage(), zero, one_item, stride, "\x89"});
       },
       invalid,
       {"\"w.x\"", "other arguments"}},
      {"EightArguments",
       [] {
         return rebuilt({storage(), zero, one_item, stride, "\x89", hooks, "N", "N"});
       },
       invalid,
       {"\"w.x\"", "other arguments"}},
      {"Metadata",
       [] {
         return rebuilt(
             {storage(), zero, one_item, stride, "\x89", hooks, pickled::dict({{"neg", "\x88"}})});
       },
       unsupported,
       {"\"w.x\"", "no metadata"}},
      {"MetadataList",
       [] {
         return rebuilt({storage(), zero, one_item, stride, "\x89", hooks, "]"});
       },
       unsupported,
       {"\"w.x\"", "no metadata", "a list"}},
      {"StorageNone",
       [] {
         return rebuilt({"N", zero, one_item, stride, "\x89", hooks});
       },
       invalid,
       {"a storage, its offset"}},
      {"OffsetText",
       [] {
         return rebuilt({storage(), pickled::text("0"), one_item, stride, "\x89", hooks});
       },
       invalid,
       {"other arguments"}},
      {"ShapeList",
       [] {
         return rebuilt({storage(), zero, "]", stride, "\x89", hooks});
       },
       invalid,
       {"other arguments"}},
      {"StrideNumber",
       [] {
         return rebuilt({storage(), zero, one_item, "K\1", "\x89", hooks});
       },
       invalid,
       {"other arguments"}},
      {"RequiresGradNumber",
       [] {
         return rebuilt({storage(), zero, one_item, stride, "K\1", hooks});
       },
       invalid,
       {"other arguments"}},
      {"ParameterOfNothing",
       [] {
         return entry(pickled::call(pickled::global("torch._utils", "_rebuild_parameter"), {}));
       },
       invalid,
       {"\"w.x\"", "_rebuild_parameter"}},
      {"ParameterOfAStorage",
       [] {
         return entry(pickled::call(pickled::global("torch._utils", "_rebuild_parameter"),
                                    {storage(), "\x88", hooks}));
       },
       invalid,
       {"\"w.x\"", "_rebuild_parameter"}},
      {"ParameterOfAParameter",
       [] {
         const std::string function = pickled::global("torch._utils", "_rebuild_parameter");
         return entry(pickled::call(
             function, {pickled::call(function, {storage(), "\x88", hooks}), "\x88", hooks}));
       },
       invalid,
       {"\"w.x\"", "_rebuild_tensor_v2", "_rebuild_parameter"}},
      // Storages.
      {"StorageMissing",
       [] { return stored(pickled::storage("FloatStorage", "1", 6)); },
       invalid,
       {"\"w.x\"", "storage \"1\"", "FOLDER/data/", "found none"}},
      {"StorageClimbs",
       [] { return stored(pickled::storage("FloatStorage", "../version", 6)); },
       invalid,
       {"\"w.x\"", "../version"}},
      {"StorageOfALongName",
       [] { return stored(pickled::storage("FloatStorage", std::string(100'000, 'k'), 6)); },
       invalid,
       {"\"w.x\"", "kkk\"...", "FOLDER/data/"}},
      {"StorageShort",
       [] { return stored(pickled::storage("FloatStorage", "0", 5)); },
       invalid,
       {"\"w.x\"", "5 elements of F32", "24 bytes"}},
      {"StorageLong",
       [] { return stored(pickled::storage("FloatStorage", "0", 7)); },
       invalid,
       {"\"w.x\"", "7 elements of F32", "24 bytes"}},
      {"StorageOfAnotherType",
       [] { return stored(pickled::storage("HalfStorage", "0", 6)); },
       invalid,
       {"6 elements of F16", "24 bytes"}},
      {"StorageCountNegative",
       [] { return stored(pickled::storage("FloatStorage", "0", -6)); },
       invalid,
       {"-6 elements"}},
      {"StorageCountWraps",
       [] { return stored(pickled::storage("FloatStorage", "0", (1LL << 62) + 6)); },
       invalid,
       {"elements of F32", "24 bytes"}},
      {"StorageTwoTypes",
       [] {
         const auto tensor = [](std::string_view type, std::int64_t count) {
           return pickled::tensor(pickled::storage(type, "0", count),
                                  {.shape = {1}, .strides = {1}});
         };
         return value(
             pickled::dict({{"a", tensor("FloatStorage", 6)}, {"w.x", tensor("HalfStorage", 12)}}));
       },
       invalid,
       {"\"w.x\"", "6 elements of F32, as before", "12 of F16"}},
      {"StorageTupleShort",
       [] { return stored(pickled::tuple({pickled::text("storage")}) + "Q"); },
       invalid,
       {"\"w.x\"", "another tuple"}},
      {"StorageTupleOfTextOnly",
       [] {
         const std::string text = pickled::text("storage");
         return stored(pickled::tuple({text, text, text, text, "K\6"}) + "Q");
       },
       invalid,
       {"another tuple"}},
      {"StorageOfNoStorageType",
       [] {
         return stored(pickled::tuple({pickled::text("storage"),
                                       pickled::global("torch._utils", "_rebuild_tensor_v2"),
                                       pickled::text("0"), pickled::text("cpu"), "K\6"}) +
                       "Q");
       },
       invalid,
       {"another tuple"}},
      {"StorageOfAnotherKind",
       [] {
         return stored(
             pickled::tuple({pickled::text("module"), pickled::global("torch", "FloatStorage"),
                             pickled::text("0"), pickled::text("cpu"), "K\6"}) +
             "Q");
       },
       invalid,
       {"another tuple"}},
      // Layouts.
      {"OffsetNegative",
       [] { return layout({.offset = -1, .shape = {1}, .strides = {1}}); },
       invalid,
       {"\"w.x\"", "offset", "below 0"}},
      {"OffsetNegativeInOneByte",
       [] {
         return rebuilt({storage(), "\x8a\x01\xFF", one_item, stride, "\x89", hooks});
       },
       invalid,
       {"\"w.x\"", "offset", "below 0"}},
      {"OffsetBehindTheEnd",
       [] { return layout({.offset = 6, .shape = {1}, .strides = {1}}); },
       invalid,
       {"\"w.x\"", "storage's 6", "end at 7"}},
      {"OffsetOfNoElements",
       [] { return layout({.offset = 7, .shape = {0}, .strides = {1}}); },
       invalid,
       {"storage's 6", "end at 7"}},
      {"OffsetMost",
       [] { return layout({.offset = INT64_MAX, .shape = {2}, .strides = {1}}); },
       invalid,
       {"beyond 63 bits"}},
      {"ExtentNegative",
       [] { return layout({.shape = {-1}, .strides = {1}}); },
       invalid,
       {"\"w.x\"", "shape", "found -1"}},
      {"ExtentTooLarge",
       [] { return layout({.shape = {7}, .strides = {1}}); },
       invalid,
       {"storage's 6", "end at 7"}},
      {"ExtentText",
       [] {
         return rebuilt(
             {storage(), zero, pickled::tuple({pickled::text("6")}), stride, "\x89", hooks});
       },
       invalid,
       {"\"w.x\"", "integers", "text"}},
      {"ShapeWraps",
       [] {
         return layout({.shape = {1LL << 32, 1LL << 32}, .strides = {0, 0}});
       },
       invalid,
       {"\"w.x\"", "63 bits"}},
      {"ShapeWrapsBesideZero",
       [] {
         return layout({.shape = {0, 1LL << 32, 1LL << 32}, .strides = {0, 0, 0}});
       },
       invalid,
       {"63 bits"}},
      {"RankFive",
       [] {
         return layout({.shape = {1, 1, 1, 1, 6}, .strides = {6, 6, 6, 6, 1}});
       },
       unsupported,
       {"\"w.x\"", "at most 4 extents", "found 5"}},
      {"StrideMissing",
       [] {
         return layout({.shape = {2, 3}, .strides = {1}});
       },
       invalid,
       {"\"w.x\"", "strides", "expected 2, found 1"}},
      {"StrideNegative",
       [] { return layout({.offset = 5, .shape = {6}, .strides = {-1}}); },
       invalid,
       {"below 0"}},
      {"StrideTooLarge",
       [] {
         return layout({.shape = {2, 3}, .strides = {4, 1}});
       },
       invalid,
       {"storage's 6", "end at 7"}},
      {"StrideWraps",
       [] { return layout({.shape = {3}, .strides = {1LL << 62}}); },
       invalid,
       {"beyond 63 bits"}},
      {"StridesWrapTogether",
       [] {
         return layout({.shape = {2, 2, 2}, .strides = {1LL << 62, 1LL << 62, 1}});
       },
       invalid,
       {"beyond 63 bits"}},
      {"ExpandedBeyondTheFile",
       [] {
         return layout({.shape = {1LL << 40, 6}, .strides = {0, 1}});
       },
       limit,
       {"bytes of all tensors", "64 times"}},
      {"ExpandedToACopyOfTheFile",
       [] {
         return layout({.shape = {100, 6}, .strides = {0, 1}});
       },
       limit,
       {"row by row", "those of the file"}},
      {"ManyNamesOfOneStorage",
       [] {
         std::string opcodes = "}(";
         for (int i = 0; i < 2000; ++i) {
           opcodes += pickled::text(std::to_string(i)) +
                      (i == 0 ? pickled::tensor(pickled::storage("ByteStorage", "0", 1'000'000),
                                                {.shape = {1'000'000}, .strides = {1}}) +
                                    std::string("q\0", 2)
                              : std::string("h\0", 2));
         }
         return torch_archive(pickled::file(opcodes + "u"), {{"0", std::string(1'000'000, '\0')}});
       },
       limit,
       {"bytes of all tensors", "64 times"}},
  };
  return rows;
}

class BadStateDict : public testing::TestWithParam<BadBytes> {};

TEST_P(BadStateDict, IsRefused) { expect_refused(GetParam()); }

INSTANTIATE_TEST_SUITE_P(StateDicts, BadStateDict, testing::ValuesIn(state_dicts()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace attend::test
