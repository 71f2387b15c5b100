// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that are wrong, each with the error that it must give: kind, and what the message names.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <exception>

#include "attend/checkpoint/checkpoint.h"
#include "attend/checkpoint/safetensors.h"
#include "checkpoint/bad_bytes.h"
#include "checkpoint/checked_json.h"
#include "checkpoint/safetensors_bytes.h"
#include "support/cost.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/sanitized.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
using test::BadBytes;
using test::entry;
using test::peak_kilobytes;
using test::safetensors;
using test::with_length;

std::string one(std::string_view dtype, std::string_view shape, std::string_view offsets,
                std::size_t data) {
  return safetensors("{" + entry("w.x", dtype, shape, offsets) + "}", data);
}

std::string two(std::string_view first, std::string_view second, std::size_t data) {
  return safetensors(
      "{" + entry("w.x", "U8", "[4]", first) + "," + entry("w.y", "U8", "[4]", second) + "}", data);
}

std::string named(std::string_view name) {
  return safetensors("{" + entry(name, "U8", "[1]", "[0, 1]") + "}", 1);
}

std::string many_on_one_range() {
  std::string header = "{";
  for (int i = 0; i < 1'000'000; ++i) {
    if (i != 0) header += ',';
    header += entry("t" + std::to_string(i), "F32", "[1000]", "[0, 4000]");
  }
  return safetensors(header + "}", 4000);
}

constexpr auto invalid = ErrorKind::invalid_format;

const std::vector<BadBytes>& bad_bytes() {
  static const std::vector<BadBytes> rows{
      // Row 1: cut off.
      {"Empty", [] { return ""; }, invalid, {"at least 8 bytes", "found 0"}},
      {"SevenBytes", [] { return "1234567"; }, invalid, {"at least 8 bytes", "found 7"}},
      {"CutInHeader", [] { return with_length(100, R"({"a": )"); }, invalid, {"header", "100"}},
      {"CutInData",
       [] { return one("F32", "[2]", "[0, 8]", 7); },
       invalid,
       {"\"w.x\"", "[0, 8]", "<= 7"}},
      {"CutInDataOfTheSecond",
       [] { return two("[0, 4]", "[4, 8]", 7); },
       invalid,
       {"\"w.y\"", "[4, 8]"}},
      // Row 2: the header.
      {"LengthZero", [] { return with_length(0, "{}"); }, invalid, {"header", "JSON object"}},
      {"LengthHighBit",
       [] { return with_length(1ULL << 63, "{}"); },
       invalid,
       {"9223372036854775808"}},
      {"LengthMost", [] { return with_length(~0ULL, "{}"); }, invalid, {"18446744073709551615"}},
      {"LengthWrapsWithEight",
       [] { return with_length(~0ULL - 7, "{}"); },
       invalid,
       {"length of the header"}},
      {"LengthOneTooMany", [] { return with_length(3, "{}"); }, invalid, {"at most 2", "found 3"}},
      {"LengthAboveLimit",
       [] { return with_length(100'000'001, std::string(100'000'001, ' ')); },
       invalid,
       {"at most 100000000"}},
      {"HeaderArray", [] { return safetensors("[]"); }, invalid, {"JSON object", "[]"}},
      {"HeaderNull", [] { return safetensors("null"); }, invalid, {"JSON object", "null"}},
      {"HeaderString", [] { return safetensors(R"("x")"); }, invalid, {"JSON object"}},
      {"HeaderSpaces", [] { return safetensors("    "); }, invalid, {"JSON object"}},
      {"HeaderByteOrderMark",
       [] { return safetensors("\xEF\xBB\xBF{}"); },
       invalid,
       {"JSON object"}},
      {"HeaderNotUtf8",
       [] { return safetensors("{\"\xFF\": 1}"); },
       invalid,
       {"UTF-8", "byte 2", "\\xFF"}},
      {"HeaderNul",
       [] { return safetensors(std::string("{}\0", 3)); },
       invalid,
       {"byte 2", "\\x00"}},
      {"HeaderHiddenBehindNul",
       [] { return safetensors(std::string("{}\0 rest", 8)); },
       invalid,
       {"\\x00"}},
      {"HeaderTrailing",
       [] { return safetensors("{} x"); },
       invalid,
       {"line 1, column 4", "\"x\""}},
      {"HeaderTwoObjects", [] { return safetensors("{}{}"); }, invalid, {"column 3"}},
      {"HeaderCutObject", [] { return safetensors("{"); }, invalid, {"the end"}},
      {"HeaderNested",
       [] { return safetensors("{\"a\":" + std::string(1'000'000, '[')); },
       invalid,
       {"\"a\"", "an array"}},
      {"HeaderNestedUnknown",
       [] { return safetensors("{\"a\":{\"b\":" + std::string(1'000'000, '[')); },
       invalid,
       {"\"a\"", "64"}},
      // Row 3: offsets.
      {"Overlap",
       [] { return two("[0, 4]", "[2, 6]", 8); },
       invalid,
       {"\"w.y\"", "begin at 4", "found 2"}},
      {"OverlapWhole",
       [] { return two("[0, 4]", "[0, 4]", 8); },
       invalid,
       {"\"w.y\"", "begin at 4"}},
      {"HoleAtFront",
       [] { return one("U8", "[4]", "[1, 5]", 5); },
       invalid,
       {"\"w.x\"", "begin at 0"}},
      {"HoleBetween",
       [] { return two("[0, 4]", "[5, 9]", 9); },
       invalid,
       {"\"w.y\"", "begin at 4", "found 5"}},
      {"OffsetsReversed",
       [] { return one("U8", "[4]", "[4, 0]", 4); },
       invalid,
       {"\"w.x\"", "[4, 0]"}},
      {"OffsetNegative",
       [] { return one("U8", "[4]", "[-1, 3]", 4); },
       invalid,
       {"data_offsets", "-1"}},
      {"OffsetFraction",
       [] { return one("U8", "[4]", "[0, 4.0]", 4); },
       invalid,
       {"data_offsets", "4.0"}},
      {"OffsetText", [] { return one("U8", "[4]", R"([0, "4"])", 4); }, invalid, {"data_offsets"}},
      {"OffsetHuge",
       [] { return one("U8", "[4]", "[0, 18446744073709551615]", 4); },
       invalid,
       {"18446744073709551615"}},
      {"OffsetBeyondSixtyFourBits",
       [] { return one("U8", "[4]", "[0, 18446744073709551616]", 4); },
       invalid,
       {"18446744073709551616"}},
      {"OffsetsWrap",
       [] { return one("U8", "[4]", "[18446744073709551614, 2]", 4); },
       invalid,
       {"18446744073709551614"}},
      {"OneOffset",
       [] { return one("U8", "[4]", "[0]", 4); },
       invalid,
       {"data_offsets", "[begin, end]"}},
      {"ThreeOffsets",
       [] { return one("U8", "[4]", "[0, 4, 4]", 4); },
       invalid,
       {"data_offsets", "[begin, end]"}},
      {"OffsetsNull",
       [] { return one("U8", "[4]", "null", 4); },
       invalid,
       {"data_offsets", "null"}},
      {"OffsetsObject",
       [] { return one("U8", "[4]", "{}", 4); },
       invalid,
       {"data_offsets", "an object"}},
      {"EndBeyondFile", [] { return one("U8", "[5]", "[0, 5]", 4); }, invalid, {"\"w.x\"", "<= 4"}},
      {"TrailingBytes",
       [] { return one("U8", "[4]", "[0, 4]", 8); },
       invalid,
       {"4 bytes", "found 8"}},
      {"DataWithoutTensors", [] { return safetensors("{}", 4); }, invalid, {"0 bytes", "found 4"}},
      {"ManyOnOneRange", many_on_one_range, invalid, {"\"t1\"", "do not overlap"}},
      // Row 4: shapes.
      {"ShapeWraps",
       [] { return one("U8", "[4294967296, 4294967296]", "[0, 0]", 0); },
       invalid,
       {"\"w.x\"", "63 bits"}},
      {"ShapeWrapsByTwo",
       [] { return one("U8", "[2, 9223372036854775808]", "[0, 0]", 0); },
       invalid,
       {"shape", "9223372036854775808"}},
      {"ShapeWrapsBesideZero",
       [] { return one("U8", "[0, 4294967296, 4294967296]", "[0, 0]", 0); },
       invalid,
       {"63 bits"}},
      {"BytesWrap",
       [] { return one("F64", "[2305843009213693952]", "[0, 0]", 0); },
       invalid,
       {"63 bits"}},
      {"RankThousand",
       [] {
         std::string s = "[1";
         for (int i = 1; i < 1000; ++i) s += ",1";
         return one("U8", s + "]", "[0, 1]", 1);
       },
       invalid,
       {"at most 4 extents"}},
      {"ExtentNegative", [] { return one("U8", "[-4]", "[0, 4]", 4); }, invalid, {"shape", "-4"}},
      {"ExtentFraction", [] { return one("U8", "[4.5]", "[0, 4]", 4); }, invalid, {"shape", "4.5"}},
      {"ExtentText",
       [] { return one("U8", R"(["4"])", "[0, 4]", 4); },
       invalid,
       {"shape", "\"4\""}},
      {"ExtentBool", [] { return one("U8", "[true]", "[0, 1]", 1); }, invalid, {"shape", "true"}},
      {"ExtentNested",
       [] { return one("U8", "[[4]]", "[0, 4]", 4); },
       invalid,
       {"shape", "an array"}},
      {"ShapeScalar",
       [] { return one("U8", "4", "[0, 4]", 4); },
       invalid,
       {"shape", "an array", "found 4"}},
      {"ShapeOtherThanBytes",
       [] { return one("F32", "[3]", "[0, 8]", 8); },
       invalid,
       {"12 bytes", "F32 [3]", "found 8"}},
      {"ZeroExtentWithBytes",
       [] { return one("F32", "[0]", "[0, 8]", 8); },
       invalid,
       {"0 bytes", "found 8"}},
      // Row 5: names.
      {"DuplicateTensor",
       [] {
         return safetensors("{" + entry("w.x", "U8", "[0]", "[0, 0]") + "," +
                            entry("w.x", "U8", "[0]", "[0, 0]") + "}");
       },
       invalid,
       {"\"w.x\"", "twice"}},
      {"DuplicateKey",
       [] { return safetensors(R"({"w.x": {"dtype": "U8", "dtype": "I8"}})"); },
       invalid,
       {"\"w.x\"", "dtype", "twice"}},
      {"DuplicateShape",
       [] { return safetensors(R"({"w.x": {"shape": [], "shape": []}})"); },
       invalid,
       {"shape", "twice"}},
      {"DuplicateOffsets",
       [] { return safetensors(R"({"w.x": {"data_offsets": [0,0], "data_offsets": [0,0]}})"); },
       invalid,
       {"data_offsets", "twice"}},
      {"DuplicateMetadata",
       [] { return safetensors(R"({"__metadata__": {}, "__metadata__": {}})"); },
       invalid,
       {"__metadata__", "twice"}},
      {"DuplicateMetadataKey",
       [] { return safetensors(R"({"__metadata__": {"a": "", "a": ""}})"); },
       invalid,
       {"\"a\"", "twice"}},
      {"NameEmpty", [] { return named(""); }, invalid, {"an empty name"}},
      {"NameClimbs", [] { return named("../x"); }, invalid, {"\"../x\"", "no path"}},
      {"NameClimbsInside", [] { return named("a/../../x"); }, invalid, {"no path"}},
      {"NameAbsolute", [] { return named("/etc/passwd"); }, invalid, {"no path"}},
      {"NameControl", [] { return named("a\\u0007"); }, invalid, {"\\x07"}},
      {"NameLong",
       [] { return named(std::string(1'000'000, 'n')); },
       invalid,
       {"1000000 bytes", "1024"}},
      {"NameSurrogate", [] { return named("\\ud800"); }, invalid, {"line 1"}},
      {"NameNotUtf8", [] { return named("\xC3("); }, invalid, {"UTF-8"}},
      // Row 6: types; and entries that are no tensors.
      {"TypeUnknown",
       [] { return one("F33", "[1]", "[0, 4]", 4); },
       invalid,
       {"\"w.x\"", "\"F33\""}},
      {"TypeLowerCase", [] { return one("f32", "[1]", "[0, 4]", 4); }, invalid, {"\"f32\""}},
      {"TypeNumber",
       [] { return safetensors(R"({"w.x": {"dtype": 32}})"); },
       invalid,
       {"dtype", "found 32"}},
      {"TypeMissing",
       [] { return safetensors(R"({"w.x": {"shape": [], "data_offsets": [0, 1]}})", 1); },
       invalid,
       {"\"w.x\"", "dtype"}},
      {"ShapeMissing",
       [] { return safetensors(R"({"w.x": {"dtype": "U8", "data_offsets": [0, 1]}})", 1); },
       invalid,
       {"\"w.x\"", "shape"}},
      {"OffsetsMissing",
       [] { return safetensors(R"({"w.x": {"dtype": "U8", "shape": [1]}})", 1); },
       invalid,
       {"\"w.x\"", "data_offsets"}},
      {"TypeF8",
       [] { return one("F8_E4M3", "[4]", "[0, 4]", 4); },
       ErrorKind::unsupported,
       {"\"w.x\"", "F8_E4M3"}},
      {"TypeI4", [] { return one("I4", "[4]", "[0, 2]", 2); }, invalid, {"I4"}},
      {"TypeF4", [] { return one("F4", "[4]", "[0, 2]", 2); }, ErrorKind::unsupported, {"F4"}},
      {"TypeC64", [] { return one("C64", "[1]", "[0, 8]", 8); }, ErrorKind::unsupported, {"C64"}},
      {"TypeU16", [] { return one("U16", "[1]", "[0, 2]", 2); }, ErrorKind::unsupported, {"U16"}},
      {"EntryNumber",
       [] { return safetensors(R"({"w.x": 1})"); },
       invalid,
       {"\"w.x\"", "an object"}},
      {"EntryNull", [] { return safetensors(R"({"w.x": null})"); }, invalid, {"\"w.x\"", "null"}},
      {"MetadataNumber",
       [] { return safetensors(R"({"__metadata__": {"a": 1}})"); },
       invalid,
       {"__metadata__", "\"a\"", "text"}},
      {"MetadataNested",
       [] { return safetensors(R"({"__metadata__": {"a": {}}})"); },
       invalid,
       {"__metadata__", "an object"}},
      {"MetadataText",
       [] { return safetensors(R"({"__metadata__": "a"})"); },
       invalid,
       {"__metadata__"}},
      {"MetadataOfManyEntries",
       [] {
         std::string header = R"({"__metadata__": {"k": "v")";
         for (int i = 0; i < 1'000'000; ++i) header += ",\"" + std::to_string(i) + "\":\"\"";
         return safetensors(header + "}}");
       },
       ErrorKind::resource_limit,
       {"__metadata__", "at most 10000"}},
      // Row 7: other formats.
      {"GitLfs",
       [] { return "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"; },
       invalid,
       {"Git LFS pointer"}},
      {"Html", [] { return "<!DOCTYPE html>\n<html>404</html>"; }, invalid, {"HTML page"}},
      {"HtmlAfterSpace", [] { return "\n  <html></html>"; }, invalid, {"HTML page"}},
      {"Pickle", [] { return "PK\x03\x04 zip of a pickle"; }, invalid, {"pickle"}},
  };
  return rows;
}

class BadBytesTest : public testing::TestWithParam<BadBytes> {};

TEST_P(BadBytesTest, IsRefused) {
  test::expect_refused(GetParam(), "bad.safetensors", [](const std::string& bytes) {
    return Safetensors::parse(test::as_bytes(bytes), "bad.safetensors");
  });
}

INSTANTIATE_TEST_SUITE_P(Safetensors, BadBytesTest, testing::ValuesIn(bad_bytes()),
                         [](const auto& row) { return row.param.name; });

TEST(BadFile, IsNamed) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  const auto open = [&] { return Safetensors::open(file); };
  test::expect_error(ErrorKind::file_not_found, {file.string()}, open);

  fs::create_directory(file);
  test::expect_error(ErrorKind::invalid_format, {"regular file", "a folder", file.string()}, open);
  fs::remove(file);

  ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  test::expect_error(ErrorKind::invalid_format, {"regular file", "pipe"}, open);
  fs::remove(file);

  fs::create_symlink("nowhere", file);
  test::expect_error(ErrorKind::file_not_found, {file.string()}, open);
  fs::remove(file);
  fs::create_symlink(file, file);
  test::expect_error(ErrorKind::file_not_found, {file.string()}, open);
  fs::remove(file);

  test::write_file(file, "");
  for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
    test::expect_error(ErrorKind::invalid_format, {"at least 8 bytes", file.string()},
                       [&] { return Safetensors::open(file, {.mode = mode}); });
  }
}

// Root may read everything, so it becomes somebody else for the time of one call.
class Unprivileged {
 public:
  Unprivileged() : user_(geteuid()) {
    if (user_ == 0) is_set_ = seteuid(65534) == 0;
  }
  ~Unprivileged() {
    if (is_set_ && seteuid(user_) != 0) std::terminate();
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  uid_t user_;
  bool is_set_ = false;
};

TEST(BadFile, WithoutPermissionIsDenied) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  test::write_file(file, safetensors("{}"));
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(file, fs::perms::none);
  const Unprivileged somebody;
  test::expect_error(ErrorKind::access_denied, {file.string()},
                     [&] { return Safetensors::open(file); });
}

TEST(BadFile, AboveALimitIsRefused) {
  const std::string bytes = two("[0, 4]", "[4, 8]", 8);
  test::expect_error(ErrorKind::resource_limit, {"at most 1", "bad"}, [&] {
    return Safetensors::parse(test::as_bytes(bytes), "bad", {.max_tensors = 1});
  });
  EXPECT_EQ(Safetensors::parse(test::as_bytes(bytes), "good", {.max_tensors = 2}).tensors().size(),
            2U);
  test::expect_error(ErrorKind::invalid_format, {"at most 10"}, [&] {
    return Safetensors::parse(test::as_bytes(bytes), "bad", {.max_header_bytes = 10});
  });
}

TEST(BadFolder, IsATypedError) {
  const test::TemporaryFolder folder;
  const auto open = [&](const fs::path& path) { return [path] { return Checkpoint::open(path); }; };
  test::expect_error(ErrorKind::file_not_found, {"model folder"},
                     open(folder.path() / std::string(5000, 'a')));
  fs::create_symlink("loop", folder.path() / "loop");
  test::expect_error(ErrorKind::file_not_found, {"model folder"}, open(folder.path() / "loop"));
  for (const char* name :
       {"pytorch_model.bin", "model.safetensors.index.json", "model.safetensors"}) {
    fs::create_symlink(name, folder.path() / name);
    test::expect_error(ErrorKind::file_not_found, {folder.path().string()}, open(folder.path()));
  }
}

TEST(BadFolder, WithoutPermissionIsDenied) {
  const test::TemporaryFolder folder;
  const fs::path inner = folder.path() / "model";
  fs::create_directory(inner);
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(inner, fs::perms::owner_read);
  {
    const Unprivileged somebody;
    test::expect_error(ErrorKind::access_denied, {inner.string()},
                       [&] { return Checkpoint::open(inner); });
  }
  fs::permissions(inner, fs::perms::all);
}

TEST(BadFolder, IndexOfTenMillionEntriesIsRefusedUnread) {
  const test::TemporaryFolder folder;
  std::string index = R"({"weight_map": {"a": "b")";
  index.reserve(150'000'000);
  for (int i = 0; i < 10'000'000; ++i) index += ",\"" + std::to_string(i) + R"(":"")";
  test::write_file(folder.path() / "model.safetensors.index.json", index + "}}");
  const auto start = test::work_time();
  const auto before = peak_kilobytes();
  test::expect_error(ErrorKind::resource_limit, {"index.json", "at most 32000000"},
                     [&] { return Checkpoint::open(folder.path()); });
  EXPECT_LT(test::work_time() - start, test::time_allowed);
  EXPECT_LT(peak_kilobytes() - before, 64'000);
}

}  // namespace
}  // namespace attend
