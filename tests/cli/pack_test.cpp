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
#include "support/copied_model.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using test::CommandResult;
using test::CopiedModel;
using Words = std::vector<std::string>;

CommandResult attend(const Words& arguments) {
  return test::run_program(test::attend_command(), arguments);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> files_of(const CopiedModel& model) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(model.path())) {
    out.push_back(entry.path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

void halve_weights(const CopiedModel& model) {
  model.change([](auto& tensors) {
    for (auto& [name, tensor] : tensors) {
      auto values = tensor.values();
      for (float& value : values) value *= 0.5F;
      tensor.set_values(values);
    }
  });
}

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
    EXPECT_TRUE(has(broken.err, "delete the file")) << broken.err;
    EXPECT_TRUE(has(broken.err, "`attend pack --model " + model.path() + " --dtype " + type + "`"))
        << broken.err;
  }
}

TEST(Pack, F32IsPackedWhereNoTypeIsNamed) {
  const CopiedModel model("bert-sequence-classification");
  const auto before = files_of(model);
  ASSERT_EQ(attend({"pack", "-m", model.path()}).code, exit_ok);
  auto expected = before;
  expected.insert(expected.begin(), "attend.f32.packed");
  EXPECT_EQ(files_of(model), expected);
}

TEST(Pack, AFileThatIsThereIsReplacedOnlyByForce) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path file = model.file("attend.f32.packed");
  ASSERT_EQ(attend({"pack", "--model", model.path()}).code, exit_ok);
  const std::string packed = test::read_file(file);
  const auto refused = attend({"pack", "--model", model.path()});
  EXPECT_EQ(refused.code, exit_file);
  EXPECT_TRUE(has(refused.err, "replace it with --force")) << refused.err;
  const auto forced = attend({"pack", "--model", model.path(), "--force"});
  EXPECT_EQ(forced.code, exit_ok) << forced.err;
  EXPECT_EQ(test::read_file(file), packed);
}

TEST(Pack, ForceReplacesNothingButPackedWeights) {
  const CopiedModel model("bert-sequence-classification");
  fs::create_symlink("model.safetensors", model.file("link"));
  test::write_file(model.file("mine"), "mine");
  test::write_file(model.file("empty"), "");
  const auto before = files_of(model);
  for (const char* name : {"model.safetensors", "config.json", "link", "mine", "empty"}) {
    SCOPED_TRACE(name);
    const std::string bytes = test::read_file(model.file(name));
    const auto refused =
        attend({"pack", "--model", model.path(), "--force", "--output", model.file(name).string()});
    EXPECT_EQ(refused.code, exit_file) << refused.out;
    EXPECT_TRUE(has(refused.err, name)) << refused.err;
    EXPECT_EQ(test::read_file(model.file(name)), bytes);
  }
  EXPECT_EQ(files_of(model), before);
}

TEST(Pack, ATargetThatCannotBeLookedAtSaysWhy) {
  const CopiedModel model("bert-sequence-classification");
  const auto refused = attend(
      {"pack", "--model", model.path(), "--output", model.file("config.json/packed").string()});
  EXPECT_EQ(refused.code, exit_file);
  EXPECT_TRUE(has(refused.err, "Not a directory")) << refused.err;
  EXPECT_FALSE(has(refused.err, "found one")) << refused.err;
}

TEST(Pack, NothingElseInTheFolderIsWrittenAndNoOtherTypesPlace) {
  const CopiedModel model("bert-sequence-classification");
  const auto before = files_of(model);
  for (const char* name : {"selftest.safetensors", "tokenizer.model", "pytorch_model.bin", "packed",
                           "attend.int8.packed", "attend.f32.packed"}) {
    SCOPED_TRACE(name);
    const auto refused = attend({"pack", "--model", model.path(), "--dtype", "bf16", "--force",
                                 "--output", model.file(name).string()});
    EXPECT_EQ(refused.code, exit_file) << refused.out;
    EXPECT_TRUE(has(refused.err, name)) << refused.err;
    EXPECT_TRUE(has(refused.err, "name another file")) << refused.err;
  }
  EXPECT_EQ(files_of(model), before);
  const std::string mine = model.file("mine.packed").string();
  EXPECT_EQ(attend({"pack", "--model", model.path(), "--output", mine}).code, exit_ok);
}

// Whoever follows the advice must not lose what he named.
TEST(Pack, AFileThatWasNamedByMistakeIsNotToBeDeleted) {
  const CopiedModel model("bert-sequence-classification");
  const std::string weights = model.file("model.safetensors").string();
  const auto bench = [&](const std::string& type, const std::string& file) {
    return attend(
        {"bench", "--model", model.path(), "--shape", "1x1", "--dtype", type, "--packed", file});
  };
  const auto other = bench("int8", weights);
  EXPECT_EQ(other.code, exit_file);
  EXPECT_TRUE(has(other.err, "name a file that `attend pack` made")) << other.err;
  EXPECT_FALSE(has(other.err, "delete")) << other.err;

  ASSERT_EQ(attend({"pack", "--model", model.path(), "--dtype", "int8"}).code, exit_ok);
  const auto type = bench("bf16", model.file("attend.int8.packed").string());
  EXPECT_EQ(type.code, exit_file);
  EXPECT_TRUE(has(type.err, "load the model with the type that this one is for")) << type.err;
  EXPECT_FALSE(has(type.err, "pack the model again")) << type.err;
}

// ---- verify

TEST(Pack, VerifyComparesAFileOfAnotherPlace) {
  const CopiedModel model("bert-sequence-classification");
  const CopiedModel elsewhere("bert-sequence-classification");
  const std::string file = elsewhere.file("mine.packed").string();
  ASSERT_EQ(attend({"pack", "--model", model.path(), "--dtype", "int8", "--output", file}).code,
            exit_ok);
  const auto sound = attend({"verify", model.path(), "--packed", file, "--dtype", "int8"});
  EXPECT_EQ(sound.code, exit_ok) << sound.err;
  EXPECT_TRUE(has(sound.out, file + ": as packed anew\n")) << sound.out;
  EXPECT_EQ(attend({"verify", model.path(), "--packed", file}).code, exit_file);  // for f32
  std::string bytes = test::read_file(file);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  test::write_file(file, bytes);
  const auto broken = attend({"verify", model.path(), "--packed", file, "--dtype", "int8"});
  EXPECT_EQ(broken.code, exit_file) << broken.out;
  EXPECT_TRUE(has(broken.err, "the bytes that packing makes")) << broken.err;
}

TEST(Pack, VerifyComparesEveryFileWithPackingAnew) {
  const CopiedModel model("bert-sequence-classification");
  for (const char* type : {"bf16", "int8"}) {
    ASSERT_EQ(attend({"pack", "--model", model.path(), "--dtype", type}).code, exit_ok);
  }
  const auto sound = attend({"verify", model.path()});
  EXPECT_EQ(sound.code, exit_ok) << sound.err;
  EXPECT_TRUE(has(sound.out, "  packed     attend.bf16.packed: as packed anew\n")) << sound.out;
  EXPECT_TRUE(has(sound.out, "  packed     attend.int8.packed: as packed anew\n")) << sound.out;
  EXPECT_EQ(test::ordered_json_of(attend({"verify", "--json", model.path()}).out).at("packed"),
            (std::vector<std::string>{"attend.bf16.packed", "attend.int8.packed"}));

  const fs::path file = model.file("attend.int8.packed");
  const std::string bytes = test::read_file(file);
  const auto expect_noticed = [&](const std::string& changed) {
    test::write_file(file, changed);
    const auto found = attend({"verify", model.path()});
    EXPECT_EQ(found.code, exit_file) << found.out;
    EXPECT_TRUE(has(found.out, "attend.bf16.packed: as packed anew")) << found.out;
    EXPECT_FALSE(has(found.out, "attend.int8.packed: as packed anew")) << found.out;
    EXPECT_TRUE(has(found.err, file.string())) << found.err;
    EXPECT_TRUE(has(found.err, "--dtype int8 --force")) << found.err;
  };
  const std::size_t data = 8 + bytes.find('\0', 8 + 1);  // past the header, which has no 0
  std::string changed = bytes;
  std::fill(changed.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), changed.end(), '\0');
  ASSERT_LT(data, changed.size() / 2);
  expect_noticed(changed);  // sound by its header, and all zero
  changed = bytes;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  expect_noticed(changed);
}

TEST(Pack, VerifyNoticesAStaleFile) {
  const CopiedModel model("bert-sequence-classification");
  ASSERT_EQ(attend({"pack", "--model", model.path()}).code, exit_ok);
  model.change([](auto& tensors) {
    auto& tensor = tensors.at("classifier.weight");
    auto values = tensor.values();
    values[values.size() / 2] += 1;
    tensor.set_values(values);
  });
  const auto stale = attend({"verify", model.path()});
  EXPECT_EQ(stale.code, exit_file) << stale.out;
  EXPECT_TRUE(has(stale.err, "attend.f32.packed")) << stale.err;
}

// ---- files that do not fit

/// Every command that runs a model goes on without a broken file when it is told to.
TEST(Pack, NoPackedLoadsAModelWithoutItsFile) {
  const CopiedModel model("bert-sequence-classification");
  const std::string path = model.path();
  const auto before = attend(classify(model, "f32"));
  test::write_file(model.file("attend.f32.packed"), "nonsense");
  EXPECT_EQ(attend(classify(model, "f32")).code, exit_file);
  Words words = classify(model, "f32");
  words.insert(words.end() - 1, "--no-packed");
  const auto without = attend(words);
  EXPECT_EQ(without.code, exit_ok) << without.err;
  EXPECT_EQ(without.out, before.out);

  const auto run = [&](const Words& more) {
    Words all{"run", "text-classification", "--model", path};
    all.insert(all.end(), more.begin(), more.end());
    return test::run_program(test::attend_command(), all, R"({"inputs": "him"})");
  };
  EXPECT_EQ(run({}).code, exit_file);
  EXPECT_EQ(run({"--no-packed"}).code, exit_ok);

  const std::string items = model.file("items.tsv").string();
  test::write_file(items, "text\tlabel\nhim\t0\n");
  const auto evaluate = [&](const Words& more) {
    Words all{"evaluate", "sentiment", "--model",     path,
              "--data",   items,       "--label-map", "0=LABEL_0,1=LABEL_1"};
    all.insert(all.end(), more.begin(), more.end());
    return attend(all);
  };
  EXPECT_TRUE(has(evaluate({}).err, "attend.f32.packed"));
  EXPECT_FALSE(has(evaluate({"--no-packed"}).err, "attend.f32.packed"));

  const Words forward{"forward", "--model", path, "--input", "nonesuch", "--output", "nonesuch"};
  EXPECT_TRUE(has(attend(forward).err, "attend.f32.packed"));
  Words told = forward;
  told.emplace_back("--no-packed");
  EXPECT_FALSE(has(attend(told).err, "attend.f32.packed"));
}

/// What an error says between backticks, as words of a shell.
std::string command_of(const std::string& text) {
  const auto begin = text.find("`attend ");
  if (begin == std::string::npos) return "";
  return text.substr(begin + 8, text.find('`', begin + 1) - begin - 8);
}

TEST(Pack, TheCommandOfAnErrorMendsIt) {
  const CopiedModel model("bert-sequence-classification");
  const fs::path other = model.file("a file's name.packed");
  ASSERT_EQ(attend({"pack", "-m", model.path(), "-o", other.string()}).code, exit_ok);
  ASSERT_EQ(attend({"pack", "-m", model.path()}).code, exit_ok);
  halve_weights(model);
  const auto mended = [&](const Words& words) {
    const auto stale = attend(words);
    EXPECT_EQ(stale.code, exit_file) << stale.out;
    const std::string command = command_of(stale.err);
    EXPECT_TRUE(has(command, "--dtype")) << stale.err;
    const auto run = test::run_program("/bin/sh", {"-c", test::attend_command() + " " + command});
    EXPECT_EQ(run.code, exit_ok) << command << "\n" << run.err;
    return attend(words);
  };
  EXPECT_EQ(mended(classify(model, "f32")).code, exit_ok);
  // The vocabulary is too small for the ids of bench, which it says when the file fits.
  const auto bench = mended({"bench", "--model", model.path(), "--shape", "1x4", "--rounds", "1",
                             "--packed", other.string()});
  EXPECT_FALSE(has(bench.err, "a file's name")) << bench.err;
}

TEST(Pack, AStaleFileIsMendedAsItsErrorSays) {
  const CopiedModel model("bert-sequence-classification");
  ASSERT_EQ(attend({"pack", "--model", model.path()}).code, exit_ok);
  halve_weights(model);
  const auto stale = attend(classify(model, "f32"));
  EXPECT_EQ(stale.code, exit_file);
  EXPECT_TRUE(has(stale.err, "fingerprint")) << stale.err;
  EXPECT_TRUE(has(stale.err, "attend.f32.packed")) << stale.err;
  ASSERT_EQ(attend({"pack", "--model", model.path(), "--force"}).code, exit_ok);
  EXPECT_EQ(attend(classify(model, "f32")).code, exit_ok);
}

TEST(Pack, TheOutputMayLieElsewhere) {
  const CopiedModel model("bert-sequence-classification");
  const auto before = files_of(model);
  const test::TemporaryFolder other;
  const std::string file = (other.path() / "weights").string();
  const auto packed = attend({"pack", "-m", model.path(), "--dtype", "int8", "-o", file});
  ASSERT_EQ(packed.code, exit_ok) << packed.err;
  EXPECT_TRUE(has(packed.out, file + ": ")) << packed.out;
  EXPECT_EQ(files_of(model), before);
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
  const auto before = files_of(model);
  const auto result = attend({"pack", "--model", model.path()});
  EXPECT_EQ(result.code, exit_file);
  EXPECT_TRUE(has(result.err, "model.safetensors")) << result.err;
  EXPECT_EQ(files_of(model), before);
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
