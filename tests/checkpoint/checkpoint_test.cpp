// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Model folders: one file or shards, inside and outside of a Hugging Face cache.
#include "attend/checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include "checkpoint/safetensors_bytes.h"
#include "support/cost.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/torch_bytes.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
using test::expect_error;

void write_tensors(const fs::path& file, std::initializer_list<const char*> names) {
  test::TensorSet set;
  for (const char* name : names) set.add(name, {1}, {1});
  fs::create_directories(file.parent_path());
  write_safetensors(file, set.refs());
}

void write_torch(const fs::path& file, std::initializer_list<const char*> names) {
  test::TensorSet set;
  for (const char* name : names) set.add(name, {1}, {1});
  test::write_file(file, test::torch_file({set.refs().begin(), set.refs().end()}));
}

class CheckpointTest : public testing::Test {
 protected:
  void index(std::string_view weight_map) const {
    test::write_file(
        path() / "model.safetensors.index.json",
        R"({"metadata": {"total_size": 8}, "weight_map": )" + std::string(weight_map) + "}");
  }
  [[nodiscard]] fs::path path() const { return temporary_.path() / "model"; }
  [[nodiscard]] fs::path outside() const { return temporary_.path() / "outside.safetensors"; }
  void expect(ErrorKind kind, std::initializer_list<std::string_view> parts) const {
    const test::CostLimit limit;
    expect_error(kind, parts, [&] { return Checkpoint::open(path()); });
  }

 private:
  test::TemporaryFolder temporary_;
};

TEST_F(CheckpointTest, OpensOneFile) {
  write_tensors(path() / "model.safetensors", {"b", "a"});
  const auto checkpoint = Checkpoint::open(path());
  EXPECT_EQ(checkpoint->names(), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(checkpoint->find("a")->file, "model.safetensors");
  EXPECT_EQ(checkpoint->name(), "model.safetensors");
  EXPECT_FALSE(checkpoint->find("c"));
}

TEST_F(CheckpointTest, OpensShards) {
  write_tensors(path() / "one.safetensors", {"a", "c", "not in the index"});
  write_tensors(path() / "more/two.safetensors", {"b"});
  index(R"({"a": "one.safetensors", "b": "more/two.safetensors", "c": "./one.safetensors"})");
  // The same file by two names is the same tensor twice.
  expect(ErrorKind::invalid_format, {"in one shard"});
  index(R"({"a": "one.safetensors", "b": "more/two.safetensors", "c": "one.safetensors"})");
  const auto checkpoint = Checkpoint::open(path());
  EXPECT_EQ(checkpoint->names().size(), 4U);
  EXPECT_EQ(checkpoint->find("b")->file, "two.safetensors");
  EXPECT_EQ(checkpoint->name(), "model.safetensors.index.json");
}

TEST_F(CheckpointTest, OneFileGoesFirst) {
  write_tensors(path() / "model.safetensors", {"a"});
  index("{}");
  EXPECT_EQ(Checkpoint::open(path())->name(), "model.safetensors");
}

TEST_F(CheckpointTest, OpensFilesOfPyTorch) {
  write_torch(path() / "pytorch_model.bin", {"b", "a"});
  const auto checkpoint = Checkpoint::open(path());
  EXPECT_EQ(checkpoint->names(), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(checkpoint->find("a")->file, "pytorch_model.bin");
  EXPECT_EQ(checkpoint->find("a")->tensor.shape, Shape{1});
  EXPECT_EQ(checkpoint->name(), "pytorch_model.bin");
  EXPECT_FALSE(checkpoint->find("c"));
  expect_error(ErrorKind::resource_limit, {"at most 1", "pytorch_model.bin"},
               [&] { return Checkpoint::open(path(), {.max_tensors = 1}); });
}

TEST_F(CheckpointTest, OpensShardsOfPyTorch) {
  write_torch(path() / "pytorch_model-1.bin", {"a", "c"});
  write_torch(path() / "pytorch_model-2.bin", {"b"});
  const fs::path index_file = path() / "pytorch_model.bin.index.json";
  const auto index_of = [&](std::string_view map) {
    test::write_file(index_file, R"({"weight_map": )" + std::string(map) + "}");
  };
  index_of(R"({"a": "pytorch_model-1.bin", "b": "pytorch_model-2.bin"})");
  const auto checkpoint = Checkpoint::open(path());
  EXPECT_EQ(checkpoint->names().size(), 3U);
  EXPECT_EQ(checkpoint->find("b")->file, "pytorch_model-2.bin");
  EXPECT_EQ(checkpoint->name(), "pytorch_model.bin.index.json");
  // The name of a shard says what it is, as in transformers.
  write_tensors(path() / "three.safetensors", {"d"});
  index_of(R"({"a": "pytorch_model-1.bin", "d": "three.safetensors"})");
  EXPECT_TRUE(Checkpoint::open(path())->find("d"));
  index_of(R"({"b": "pytorch_model-1.bin"})");
  expect(ErrorKind::invalid_format, {"/weight_map/b", "a shard that has this tensor"});
  index_of(R"({"a": "../outside.bin"})");
  write_torch(path().parent_path() / "outside.bin", {"a"});
  expect(ErrorKind::access_denied, {"../outside.bin", "bin.index.json"});
  write_torch(path() / "pytorch_model-2.bin", {"a", "b"});
  index_of(R"({"a": "pytorch_model-1.bin", "b": "pytorch_model-2.bin"})");
  expect(ErrorKind::invalid_format, {"\"a\"", "in one shard", "pytorch_model-1.bin"});
}

TEST_F(CheckpointTest, TakesWhatTransformersTakes) {
  write_torch(path() / "one.bin", {"a"});
  test::write_file(path() / "pytorch_model.bin.index.json", R"({"weight_map": {"a": "one.bin"}})");
  EXPECT_EQ(Checkpoint::open(path())->name(), "pytorch_model.bin.index.json");
  write_torch(path() / "pytorch_model.bin", {"a"});
  EXPECT_EQ(Checkpoint::open(path())->name(), "pytorch_model.bin");
  write_tensors(path() / "one.safetensors", {"a"});
  index(R"({"a": "one.safetensors"})");
  EXPECT_EQ(Checkpoint::open(path())->name(), "model.safetensors.index.json");
  write_tensors(path() / "model.safetensors", {"a"});
  EXPECT_EQ(Checkpoint::open(path())->name(), "model.safetensors");
}

TEST_F(CheckpointTest, NamesWhatIsMissing) {
  expect(ErrorKind::file_not_found, {"model folder", path().string()});
  test::write_file(path(), "a file");
  expect(ErrorKind::file_not_found, {"expected a folder, found a file"});
  fs::remove(path());
  fs::create_directory(path());
  expect(ErrorKind::file_not_found,
         {"one of model.safetensors, model.safetensors.index.json, pytorch_model.bin, "
          "pytorch_model.bin.index.json",
          "none of them", path().string()});
  test::write_file(path() / "pytorch_model.bin.index.json", "{}");
  expect(ErrorKind::invalid_format, {"/weight_map", "pytorch_model.bin.index.json"});
  test::write_file(path() / "pytorch_model.bin", "");
  expect(ErrorKind::invalid_format, {"an empty file", "pytorch_model.bin)"});
  fs::create_symlink("nowhere", path() / "model.safetensors");
  expect(ErrorKind::file_not_found, {"model.safetensors"});
}

TEST_F(CheckpointTest, ShardsStayInTheFolder) {
  write_tensors(outside(), {"a"});
  write_tensors(path() / "one.safetensors", {"b"});
  const auto refuses = [&](ErrorKind kind, const std::string& name, std::string_view part) {
    index(R"({"a": ")" + name + R"("})");
    expect(kind, {"/weight_map/a", part, "index.json"});
  };
  const auto denied = ErrorKind::access_denied;
  refuses(denied, "../outside.safetensors", "../outside.safetensors");
  refuses(denied, "../../../../../etc/passwd", "passwd");
  refuses(denied, "more/../../outside.safetensors", "outside");
  refuses(denied, outside().string(), "in this folder");
  refuses(denied, "/etc/passwd", "/etc/passwd");
  refuses(denied, "C:x", "C:x");
  refuses(denied, "a\\\\b", "in this folder");
  refuses(ErrorKind::invalid_format, "", "the name of a file");
  refuses(ErrorKind::invalid_format, "one.safetensors\\u0000x", "the name of a file");
  refuses(ErrorKind::file_not_found, "none.safetensors", "none.safetensors");
  fs::create_symlink(outside(), path() / "link.safetensors");
  refuses(denied, "link.safetensors", "leads out");
  fs::create_directory_symlink("..", path() / "up");
  refuses(denied, "up/outside.safetensors", "leads out");
  fs::create_symlink("loop", path() / "loop");
  refuses(ErrorKind::file_not_found, "loop", "loop");
  // A link that stays inside is as good as the file.
  fs::create_symlink("one.safetensors", path() / "inside.safetensors");
  index(R"({"b": "inside.safetensors"})");
  EXPECT_TRUE(Checkpoint::open(path())->find("b"));
  index(R"({"b": "."})");
  expect(ErrorKind::invalid_format, {"regular file"});
}

TEST_F(CheckpointTest, SnapshotsOfTheCacheLinkToItsBlobs) {
  const fs::path repository = path() / "models--somebody--something";
  const fs::path snapshot = repository / "snapshots/0123abcd";
  write_tensors(repository / "blobs/aaaa", {"a"});
  write_tensors(path() / "blobs/bbbb", {"a"});  // another repository's
  fs::create_directories(snapshot);
  fs::create_symlink("../../blobs/aaaa", snapshot / "one.safetensors");
  test::write_file(snapshot / "model.safetensors.index.json",
                   R"({"weight_map": {"a": "one.safetensors"}})");
  EXPECT_EQ(Checkpoint::open(snapshot)->find("a")->file, "one.safetensors");
  fs::create_directory_symlink(snapshot, path() / "by-link");
  EXPECT_TRUE(Checkpoint::open(path() / "by-link")->find("a"));
  EXPECT_TRUE(Checkpoint::open(snapshot / ".")->find("a"));
  fs::remove(snapshot / "one.safetensors");
  fs::create_symlink("../../../blobs/bbbb", snapshot / "one.safetensors");
  expect_error(ErrorKind::access_denied, {"leads out"}, [&] { return Checkpoint::open(snapshot); });
}

TEST_F(CheckpointTest, RefusesABadIndex) {
  write_tensors(path() / "one.safetensors", {"a"});
  write_tensors(path() / "two.safetensors", {"a", "b"});
  const auto refuses = [&](std::string_view place, std::string_view part) {
    expect(ErrorKind::invalid_format, {place, part, "model.safetensors.index.json"});
  };
  index("{}");
  refuses("/weight_map", "an object of 0");
  index("[]");
  refuses("/weight_map", "expected an object");
  index(R"({"a": 1})");
  refuses("/weight_map/a", "expected a string");
  index(R"({"a": "one.safetensors", "a": "two.safetensors"})");
  refuses("\"a\"", "twice");
  index(R"({"b": "one.safetensors"})");
  refuses("/weight_map/b", "a shard that has this tensor");
  index(R"({"a": "one.safetensors", "b": "two.safetensors"})");
  expect(ErrorKind::invalid_format,
         {"\"a\"", "in one shard", "one.safetensors", "two.safetensors"});
  test::write_file(path() / "model.safetensors.index.json", R"({"metadata": {}})");
  refuses("/weight_map", "no such key");
  test::write_file(path() / "model.safetensors.index.json",
                   "version https://git-lfs.github.com/spec/v1");
  refuses("Git LFS", "git lfs pull");
}

TEST_F(CheckpointTest, LimitsTheIndex) {
  write_tensors(path() / "one.safetensors", {"a"});
  std::string map = "{";
  for (int i = 0; i < 3000; ++i) map += "\"t" + std::to_string(i) + R"(": "one.safetensors",)";
  index(map + R"("a": "one.safetensors"})");
  const auto open = [&](const SafetensorsOptions& options) {
    return [&, options] { return Checkpoint::open(path(), options); };
  };
  expect_error(ErrorKind::resource_limit, {"at most 1010", "index.json"},
               open({.max_tensors = 10}));
  expect_error(ErrorKind::resource_limit, {"at most 500", "index.json"},
               open({.max_header_bytes = 500}));
  map = "{";
  for (int i = 0; i < 5000; ++i) {
    map += "\"t" + std::to_string(i) + "\": \"shard" + std::to_string(i) + "\",";
  }
  index(map + R"("a": "one.safetensors"})");
  expect(ErrorKind::resource_limit, {"4096 files", "index.json"});
}

}  // namespace
}  // namespace attend
