// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files that are right: what is read is what was written, in every corner of the format.
#include "attend/checkpoint/safetensors.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "checkpoint/safetensors_bytes.h"
#include "support/error_of.h"
#include "support/paths.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
using test::as_bytes;
using test::entry;
using test::safetensors;

constexpr DType all_types[] = {DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64,
                               DType::i32, DType::i16, DType::i8,  DType::u8,   DType::boolean};

TEST(Safetensors, ReadsWhatItWrote) {
  test::TensorSet set;
  std::size_t count = 0;
  for (const DType dtype : all_types) {
    set.add("type." + std::string(name(dtype)), dtype, {3, 5});
    for (std::size_t i = 0; i < 15 * size_of(dtype); ++i) {
      set.bytes(count)[i] = static_cast<std::byte>(i * 7 + count);
    }
    ++count;
  }
  set.add("scalar", DType::f32, {});
  set.add("empty", DType::f16, {0, 4});
  set.add("näme \"with\" everything", DType::u8, {1});
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "out.safetensors";
  write_safetensors(file, set.refs(), {{"format", "pt"}, {"note", "tëxt"}});
  for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
    const Safetensors read = Safetensors::open(file, {.mode = mode});
    ASSERT_EQ(read.tensors().size(), set.refs().size());
    EXPECT_EQ(read.metadata().at("note"), "tëxt");
    for (const auto& [tensor_name, written] : set.refs()) {
      const auto found = read.find(tensor_name);
      ASSERT_TRUE(found) << tensor_name;
      EXPECT_EQ(found->dtype, written.dtype);
      EXPECT_EQ(found->shape, written.shape);
      EXPECT_EQ(std::memcmp(found->bytes, written.bytes, written.size_bytes()), 0) << tensor_name;
      // As the reference orders tensors, every one is aligned to its own type.
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(found->bytes) % size_of(found->dtype), 0U);
    }
    EXPECT_FALSE(read.find("scala"));
  }
}

TEST(Safetensors, DataBeginsAtACacheLine) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "x.safetensors";
  const std::vector<std::byte> bytes(64);
  for (std::size_t length = 1; length < 80; ++length) {
    write_safetensors(file, {{std::string(length, 'n'), {DType::u8, Shape{64}, bytes.data()}}});
    for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
      const auto read = Safetensors::open(file, {.mode = mode});
      const auto at = reinterpret_cast<std::uintptr_t>(read.tensors().begin()->second.bytes);
      EXPECT_EQ(at % 64, 0U) << length;
    }
  }
}

TEST(Safetensors, ReplacesAFileThatIsInUse) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "out.safetensors";
  test::TensorSet first;
  first.add("x", {1}, {1});
  write_safetensors(file, first.refs());
  const Safetensors before = Safetensors::open(file);
  test::TensorSet second;
  second.add("x", {1}, {2});
  write_safetensors(file, second.refs());
  float value = 0;
  to_float(DType::f32, before.find("x")->bytes, {&value, 1});
  EXPECT_EQ(value, 1);  // the old file lives as long as its map
  to_float(DType::f32, Safetensors::open(file).find("x")->bytes, {&value, 1});
  EXPECT_EQ(value, 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);  // no temporary file left
}

TEST(Safetensors, WritesNothingWhereItCannot) {
  const test::TemporaryFolder folder;
  test::expect_error(ErrorKind::file_not_found, {"write_safetensors", "no/such"}, [&] {
    write_safetensors(folder.path() / "no/such/out.safetensors", {});
    return 0;
  });
  fs::create_directory(folder.path() / "folder");
  test::expect_error(ErrorKind::access_denied, {"folder"}, [&] {
    write_safetensors(folder.path() / "folder", {});
    return 0;
  });
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

// A writer that was killed leaves its temporary file. The next may have the same number of process:
// in a container every one has.
TEST(Safetensors, IsWrittenBesideWhatAKilledWriterLeft) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "out.safetensors";
  const std::string process = std::to_string(::getpid());
  constexpr int left = 200;  // more than were written by this process before
  for (int i = 0; i < left; ++i) {
    test::write_file(file.string() + ".tmp-" + process + "-" + std::to_string(i), "half");
  }
  write_safetensors(file, {});
  EXPECT_TRUE(Safetensors::open(file).tensors().empty());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), left + 1);
}

TEST(Safetensors, NamesTheTemporaryFileThatCannotBeMade) {
  const test::TemporaryFolder folder;
  const std::string longest(255, 'n');  // of a name: nothing can be added to it
  test::expect_error(ErrorKind::access_denied, {longest + ".tmp-"}, [&] {
    write_safetensors(folder.path() / longest, {});
    return 0;
  });
}

TEST(Safetensors, WrittenBySeveralAtATimeIsThatOfOne) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "out.safetensors";
  constexpr int writers = 4;
  constexpr int rounds = 10;
  const auto write = [&](int writer) {
    const std::vector<std::byte> bytes(100'000, static_cast<std::byte>(writer));
    for (int round = 0; round < rounds; ++round) {
      write_safetensors(
          file, {{"x", {DType::u8, Shape{static_cast<Index>(bytes.size())}, bytes.data()}}});
      const Safetensors read = Safetensors::open(file);  // whoever's
      const TensorRef x = read.find("x").value();
      EXPECT_LT(static_cast<int>(x.bytes[0]), writers);
      EXPECT_TRUE(std::all_of(x.bytes, x.bytes + x.size_bytes(),
                              [&](std::byte value) { return value == x.bytes[0]; }));
    }
  };
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) threads.emplace_back(write, writer);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(Safetensors, WritesThroughLinksAndReplacesNothingButFiles) {
  const test::TemporaryFolder folder;
  const auto path = [&](const char* name) { return folder.path() / name; };
  fs::create_symlink("between", path("link"));
  fs::create_symlink(path("file"), path("between"));
  test::TensorSet set;
  set.add("x", {1}, {1});
  for (const char* round : {"the file is not there yet", "it is"}) {
    SCOPED_TRACE(round);
    write_safetensors(path("link"), set.refs());
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_TRUE(fs::is_symlink(path("between")));
    EXPECT_FALSE(fs::is_symlink(path("file")));
    EXPECT_TRUE(Safetensors::open(path("file")).find("x"));
  }
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", path("to_pipe"));
  fs::create_symlink("circle", path("circle"));
  for (const char* name : {"pipe", "to_pipe", "circle"}) {
    test::expect_error(ErrorKind::access_denied, {"write_safetensors", name}, [&] {
      write_safetensors(path(name), set.refs());
      return 0;
    });
  }
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
  EXPECT_TRUE(fs::is_symlink(path("circle")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 6);
}

TEST(Safetensors, NeedsNoAlignment) {
  // An odd header and a U8 tensor in front: nothing lies where its type would like it.
  std::string bytes = safetensors("{" + entry("a", "U8", "[1]", "[0, 1]") + "," +
                                  entry("b", "F32", "[1]", "[1, 5]") + "} ");
  const float written = 1.5F;
  bytes += 'x';
  bytes.append(reinterpret_cast<const char*>(&written), sizeof written);
  const Safetensors file = Safetensors::parse(as_bytes(bytes), "odd");
  float value = 0;
  to_float(DType::f32, file.find("b")->bytes, {&value, 1});
  EXPECT_EQ(value, 1.5F);
}

TEST(Safetensors, TakesTensorsInAnyOrder) {
  const std::string bytes = safetensors("{" + entry("a", "U8", "[2]", "[3, 5]") + "," +
                                            entry("b", "U8", "[0]", "[3, 3]") + "," +
                                            entry("c", "U8", "[3]", "[0, 3]") + "}",
                                        5);
  EXPECT_EQ(Safetensors::parse(as_bytes(bytes), "any").tensors().size(), 3U);
}

TEST(Safetensors, AcceptsWhatTheReferenceAccepts) {
  const auto tensors = [](std::string_view header, std::size_t data) {
    return Safetensors::parse(as_bytes(safetensors(header, data)), "x").tensors().size();
  };
  EXPECT_EQ(tensors("{}", 0), 0U);
  EXPECT_EQ(tensors(" \n{}\t ", 0), 0U);
  EXPECT_EQ(tensors(R"({"__metadata__": {}})", 0), 0U);
  EXPECT_EQ(tensors(R"({"__metadata__": null})", 0), 0U);
  EXPECT_EQ(
      tensors(
          R"({"a": {"dtype": "U8", "shape": [], "data_offsets": [0, 1], "more": [{"dtype": 1}, {}]}})",
          1),
      1U);
  EXPECT_EQ(tensors("{" + entry("a", "U8", "[0, 9223372036854775807]", "[0, 0]") + "}", 0), 1U);
}

TEST(Safetensors, LenientTakesTrailingBytesOnly) {
  const SafetensorsOptions lenient{.lenient = true};
  const std::string trailing = safetensors("{" + entry("a", "U8", "[4]", "[0, 4]") + "}", 8);
  EXPECT_EQ(Safetensors::parse(as_bytes(trailing), "x", lenient).tensors().size(), 1U);
  const std::string hole = safetensors("{" + entry("a", "U8", "[4]", "[1, 5]") + "}", 8);
  test::expect_error(ErrorKind::invalid_format, {"begin at 0"},
                     [&] { return Safetensors::parse(as_bytes(hole), "x", lenient); });
}

TEST(Safetensors, MovesWithItsBytes) {
  const test::TemporaryFolder folder;
  test::TensorSet set;
  set.add("x", {1}, {7});
  write_safetensors(folder.path() / "a", set.refs());
  Safetensors first = Safetensors::open(folder.path() / "a");
  const Safetensors second = std::move(first);
  float value = 0;
  to_float(DType::f32, second.find("x")->bytes, {&value, 1});
  EXPECT_EQ(value, 7);
}

TEST(MappedFile, KnowsItsSizeAndItsLimit) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "a";
  test::write_file(file, "hello");
  for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
    MappedFile mapped = MappedFile::open(file, mode, 5);
    EXPECT_EQ(mapped.bytes().size(), 5U);
    EXPECT_EQ(mapped.bytes()[4], std::byte{'o'});
    MappedFile other = MappedFile::open(file, LoadMode::read);
    other = std::move(mapped);
    EXPECT_EQ(other.bytes()[0], std::byte{'h'});
    test::expect_error(ErrorKind::resource_limit, {"at most 4", "found 5", file.string()},
                       [&] { return MappedFile::open(file, mode, 4); });
  }
}

}  // namespace
}  // namespace attend
