// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend pack` as a shell sees it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "attend/checkpoint/safetensors.h"
#include "cli/command.h"
#include "support/command.h"
#include "support/edited_model.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using test::CommandResult;
using Words = std::vector<std::string>;

CommandResult attend(const Words& arguments) {
  return test::run_program(ATTEND_COMMAND, arguments);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A copy of a golden folder that may be written to.
class CopiedModel {
 public:
  explicit CopiedModel(std::string_view name) {
    fs::copy(test::golden(name), folder_.path(), fs::copy_options::recursive);
  }
  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  [[nodiscard]] fs::path file(std::string_view name) const { return folder_.path() / name; }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      out.push_back(entry.path().filename().string());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  test::TemporaryFolder folder_;
};

Words classify(const CopiedModel& model, const std::string& type) {
  return {"sentiment", "--json", "--model", model.path(), "--dtype", type, "him"};
}

TEST(Pack, AFileForEachTypeIsUsedByEveryCommandAndChangesNoAnswer) {
  const CopiedModel model("bert-sequence-classification");
  for (const std::string type : {"f32", "bf16", "int8", "int4"}) {
    SCOPED_TRACE(type);
    const auto before = attend(classify(model, type));
    ASSERT_EQ(before.code, exit_ok) << before.err;
    const auto packed = attend({"pack", "--model", model.path(), "--dtype", type});
    ASSERT_EQ(packed.code, exit_ok) << packed.err;
    const fs::path file = model.file("attend." + type + ".packed");
    EXPECT_TRUE(has(packed.out, file.string() + ": ")) << packed.out;
    EXPECT_TRUE(has(packed.out, " MiB of weights packed for " + type + "\n")) << packed.out;
    EXPECT_EQ(packed.err, "");  // no terminal
    EXPECT_EQ(attend(classify(model, type)).out, before.out);
    test::write_file(file, "nonsense");
    const auto broken = attend(classify(model, type));
    EXPECT_EQ(broken.code, exit_file);
    EXPECT_TRUE(has(broken.err, file.filename().string())) << broken.err;
    EXPECT_TRUE(has(broken.err, "attend pack --force")) << broken.err;
  }
}

TEST(Pack, F32IsPackedWhereNoTypeIsNamed) {
  const CopiedModel model("bert-sequence-classification");
  const auto before = model.files();
  ASSERT_EQ(attend({"pack", "-m", model.path()}).code, exit_ok);
  auto expected = before;
  expected.insert(expected.begin(), "attend.f32.packed");
  EXPECT_EQ(model.files(), expected);
}

TEST(Pack, AFileThatIsThereIsReplacedOnlyByForce) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path file = model.file("attend.f32.packed");
  test::write_file(file, "mine");
  const auto refused = attend({"pack", "--model", model.path()});
  EXPECT_EQ(refused.code, exit_file);
  EXPECT_TRUE(has(refused.err, "replace it with --force")) << refused.err;
  EXPECT_EQ(test::read_file(file), "mine");
  const auto forced = attend({"pack", "--model", model.path(), "--force"});
  EXPECT_EQ(forced.code, exit_ok) << forced.err;
  EXPECT_EQ(attend(classify(model, "f32")).code, exit_ok);
}

TEST(Pack, AStaleFileIsMendedAsItsErrorSays) {
  const CopiedModel model("bert-sequence-classification");
  ASSERT_EQ(attend({"pack", "--model", model.path()}).code, exit_ok);
  {
    test::EditedModel edited(model.path());
    for (auto& [name, tensor] : edited.tensors) {
      auto values = tensor.values();
      for (float& value : values) value *= 0.5F;
      tensor.set_values(values);
    }
    fs::copy(edited.save() / "model.safetensors", model.path(),
             fs::copy_options::overwrite_existing);
  }
  const auto stale = attend(classify(model, "f32"));
  EXPECT_EQ(stale.code, exit_file);
  EXPECT_TRUE(has(stale.err, "fingerprint")) << stale.err;
  EXPECT_TRUE(has(stale.err, "attend.f32.packed")) << stale.err;
  ASSERT_EQ(attend({"pack", "--model", model.path(), "--force"}).code, exit_ok);
  EXPECT_EQ(attend(classify(model, "f32")).code, exit_ok);
}

TEST(Pack, TheOutputMayLieElsewhere) {
  const CopiedModel model("bert-sequence-classification");
  const auto before = model.files();
  const test::TemporaryFolder other;
  const std::string file = (other.path() / "weights").string();
  const auto packed = attend({"pack", "-m", model.path(), "--dtype", "int8", "-o", file});
  ASSERT_EQ(packed.code, exit_ok) << packed.err;
  EXPECT_TRUE(has(packed.out, file + ": ")) << packed.out;
  EXPECT_EQ(model.files(), before);
  EXPECT_EQ(Safetensors::open(file).metadata().at("compute"), "int8");
  const auto nowhere =
      attend({"pack", "-m", model.path(), "-o", (other.path() / "no/such").string()});
  EXPECT_EQ(nowhere.code, exit_file);
  EXPECT_TRUE(has(nowhere.err, "no/such")) << nowhere.err;
  const auto folder = attend({"pack", "-m", model.path(), "--force", "-o", other.path().string()});
  EXPECT_EQ(folder.code, exit_file);
}

TEST(Pack, AModelThatDoesNotLoadLeavesNoFile) {
  const CopiedModel model("bert-sequence-classification");
  test::write_file(model.file("model.safetensors"), "nonsense");
  const auto before = model.files();
  const auto result = attend({"pack", "--model", model.path()});
  EXPECT_EQ(result.code, exit_file);
  EXPECT_TRUE(has(result.err, "model.safetensors")) << result.err;
  EXPECT_EQ(model.files(), before);
  EXPECT_EQ(attend({"pack", "--model", "nonesuch"}).code, exit_file);
}

TEST(Pack, WrongUsageIsCodeTwo) {
  const CopiedModel model("bert-sequence-classification");
  for (const Words& words :
       {Words{"pack"}, Words{"pack", "--model", ""}, Words{"pack", model.path()},
        Words{"pack", "--model", model.path(), "--dtype", "fp16"},
        Words{"pack", "--model", model.path(), "--threads", "-1"}}) {
    const auto result = attend(words);
    EXPECT_EQ(result.code, exit_usage) << result.out << result.err;
  }
  EXPECT_FALSE(fs::exists(model.file("attend.f32.packed")));
}

// ---- attend bench

/// A model whose vocabulary is wide enough for the ids of bench.
TEST(Pack, BenchLoadsAFileByNameOrNone) {
  const auto folder = test::tests_folder().parent_path() / "examples" / "models" / "embeddings";
  const test::TemporaryFolder other;
  const std::string file = (other.path() / "packed").string();
  ASSERT_EQ(attend({"pack", "-m", folder, "--dtype", "int8", "-o", file}).code, exit_ok);
  const auto bench = [&](const Words& more) {
    Words words{"bench", "--model", folder, "--dtype", "int8", "--shape", "1x8", "--rounds", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return attend(words);
  };
  const auto with = bench({"--packed", file});
  ASSERT_EQ(with.code, exit_ok) << with.err;
  const auto without = bench({"--no-packed"});
  ASSERT_EQ(without.code, exit_ok) << without.err;
  EXPECT_EQ(test::ordered_json_of(with.out).at("output"),
            test::ordered_json_of(without.out).at("output"));
  EXPECT_EQ(bench({"--packed", "nonesuch"}).code, exit_file);
  EXPECT_EQ(bench({"--packed", file, "--dtype", "f32"}).code, exit_usage);  // --dtype twice
  EXPECT_EQ(bench({"--packed", file, "--no-packed"}).code, exit_usage);
  test::write_file(file, "nonsense");
  EXPECT_EQ(bench({"--packed", file}).code, exit_file);
}

}  // namespace
}  // namespace attend::cli
