// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where models are looked for: folders, ATTEND_MODELS, the Hugging Face cache, bundled ones.
#include "attend/pipeline/model_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "support/error_of.h"
#include "support/paths.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

/// Sets an environment variable for the length of a test; no value unsets it.
class Environment {
 public:
  Environment(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    set(value);
  }
  ~Environment() { set(old_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const std::optional<std::string>& value) const {
    if (value) {
      setenv(name_, value->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> old_;
};

class ModelFiles : public testing::Test {
 protected:
  fs::path make_model(const fs::path& folder) const {
    test::write_file(root_.path() / folder / "config.json", "{}");
    return root_.path() / folder;
  }

  test::TemporaryFolder root_;
  Environment models_{"ATTEND_MODELS", std::nullopt};
  Environment hub_{"HF_HUB_CACHE", std::nullopt};
  Environment old_hub_{"HUGGINGFACE_HUB_CACHE", std::nullopt};
  Environment hf_home_{"HF_HOME", std::nullopt};
  Environment xdg_{"XDG_CACHE_HOME", std::nullopt};
  Environment home_{"HOME", (root_.path() / "home").string()};
};

TEST_F(ModelFiles, TakesAFolderAsItIs) {
  const fs::path folder = make_model("some where");
  EXPECT_EQ(find_model(folder.string()), folder);
  test::expect_error(ErrorKind::config_error, {"revision", "main"},
                     [&] { return find_model(folder.string(), "main"); });
}

TEST_F(ModelFiles, FindsNamesBelowTheEnvironmentsFolder) {
  const fs::path mine = make_model("models/mine");
  const fs::path nested = make_model("models/org/model");
  const fs::path ner = make_model("models/ner");
  const Environment models("ATTEND_MODELS", (root_.path() / "models").string());
  EXPECT_EQ(find_model("mine"), mine);
  EXPECT_EQ(find_model("org/model"), nested);
  EXPECT_EQ(find_bundled_model("ner"), ner);  // before the bundled one
  EXPECT_EQ(find_bundled_model("sentiment").filename(), "sentiment");
}

TEST_F(ModelFiles, FindsModelsInTheHuggingFaceCache) {
  const std::string commit(40, 'a');
  const auto fill = [&](const std::string& hub) {
    const fs::path snapshot = make_model(hub + "/models--org--model/snapshots/" + commit);
    test::write_file(root_.path() / hub / "models--org--model/refs/main", commit);
    test::write_file(root_.path() / hub / "models--org--model/refs/refs/pr/1", commit + "\n");
    return snapshot;
  };
  const fs::path at_home = fill("home/.cache/huggingface/hub");
  EXPECT_EQ(find_model("org/model"), at_home);
  EXPECT_EQ(find_model("org/model", "refs/pr/1"), at_home);
  EXPECT_EQ(find_model("org/model", commit), at_home);
  test::expect_error(ErrorKind::file_not_found, {"org/model", "snapshots/v9"},
                     [] { return find_model("org/model", "v9"); });

  const auto place = [&](const char* folder) { return (root_.path() / folder).string(); };
  const fs::path below_xdg = fill("xdg/huggingface/hub");
  const Environment xdg("XDG_CACHE_HOME", place("xdg"));
  EXPECT_EQ(find_model("org/model"), below_xdg);
  const fs::path below_hf_home = fill("hf/hub");
  const Environment hf_home("HF_HOME", place("hf"));
  EXPECT_EQ(find_model("org/model"), below_hf_home);
  const fs::path in_hub = fill("hub");
  const Environment hub("HF_HUB_CACHE", place("hub"));
  EXPECT_EQ(find_model("org/model"), in_hub);
}

TEST_F(ModelFiles, ATildeIsTheHomeFolder) {
  const std::string commit(40, 'c');
  const fs::path snapshot = make_model("home/own/hub/models--gpt2/snapshots/" + commit);
  const Environment hf_home("HF_HOME", "~/own");
  EXPECT_EQ(find_model("gpt2", commit), snapshot);
  const Environment hub("HF_HUB_CACHE", "~/own/hub");
  EXPECT_EQ(find_model("gpt2", commit), snapshot);
}

TEST_F(ModelFiles, FindsModelsWithoutAnOrganisationInTheCache) {
  const fs::path snapshot =
      make_model("home/.cache/huggingface/hub/models--gpt2/snapshots/" + std::string(40, 'b'));
  EXPECT_EQ(find_model("gpt2", std::string(40, 'b')), snapshot);
}

TEST_F(ModelFiles, NeverLeavesTheCacheByARevision) {
  make_model("home/.cache/huggingface/hub/models--org--model/snapshots/x");
  make_model("home/elsewhere");
  for (const char* bad : {"../../../elsewhere", "/etc", "a/../../b", "x y", ".."}) {
    EXPECT_EQ(test::error_of([&] { return find_model("org/model", bad); })->kind(),
              ErrorKind::config_error)
        << bad;
  }
  // A file of references that lies about the commit.
  test::write_file(root_.path() / "home/.cache/huggingface/hub/models--org--model/refs/main",
                   "../../../../../elsewhere");
  EXPECT_EQ(test::error_of([] { return find_model("org/model"); })->kind(),
            ErrorKind::file_not_found);
}

TEST_F(ModelFiles, FindsBundledModelsByName) {
  for (const char* name : {"sentiment", "ner", "zero-shot", "embeddings", "pronunciation"}) {
    const fs::path folder = find_model(name);
    EXPECT_EQ(folder.filename(), name);
    EXPECT_TRUE(fs::exists(folder / "model.safetensors")) << folder;
    EXPECT_EQ(find_bundled_model(name), folder);
  }
}

TEST_F(ModelFiles, SaysWhereItLookedAndWhatToDo) {
  const Environment models("ATTEND_MODELS", "/my/models");
  test::expect_error(
      ErrorKind::file_not_found,
      {"org/model", "/my/models/org/model", ".cache/huggingface/hub/models--org--model",
       "name the folder", "nothing is downloaded"},
      [] { return find_model("org/model"); });
  test::expect_error(ErrorKind::file_not_found, {"owner is in front", "facebook/bart-large-cnn"},
                     [] { return find_model("bart-large-cnn"); });
  test::expect_error(ErrorKind::file_not_found, {"no such", "name the folder"},
                     [] { return find_model("./no such/folder"); });
  for (const char* bad : {"", "a/../b", "a/b/c", "/nowhere", "a\nb"}) {
    const auto error = test::error_of([&] { return find_model(bad); });
    ASSERT_TRUE(error) << bad;
    EXPECT_EQ(error->kind(), ErrorKind::file_not_found) << bad;
    EXPECT_EQ(std::string_view(error->what()).find('\n'), std::string_view::npos);
  }
  test::expect_error(ErrorKind::file_not_found, {"qa", "share/attend/models"},
                     [] { return find_bundled_model("qa"); });
}

TEST_F(ModelFiles, LooksBesideTheProgram) {
  const std::vector<fs::path> folders = bundled_model_folders();
  const fs::path beside =
      (fs::read_symlink("/proc/self/exe").parent_path() / "../share/attend/models")
          .lexically_normal();
  EXPECT_EQ(std::count(folders.begin(), folders.end(), beside), 1);
}

}  // namespace
}  // namespace attend
