// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Trained decoders whose publishers say what they answer, in the shared data beside the project.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "attend/model/model.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend {
namespace {

std::optional<std::filesystem::path> folder_of(const char* model) {
  return test::shared(std::string("data/models/") + model);
}

Batch batch_of(const std::vector<std::vector<TokenId>>& rows) {
  Batch batch;
  for (const auto& row : rows) {
    batch.ids.insert(batch.ids.end(), row.begin(), row.end());
    batch.starts.push_back(static_cast<Index>(batch.ids.size()));
  }
  batch.type_ids.resize(batch.ids.size());
  return batch;
}

// One whole pass a token, for as long as `expected` has tokens.
void expect_greedy(const Model& model, std::vector<TokenId> ids,
                   const std::vector<TokenId>& expected) {
  Workspace workspace;
  while (ids.size() < expected.size()) {
    const Workspace::Scope scope(workspace);
    const auto logits = model.logits(batch_of({ids}), workspace);
    const auto last = logits.row(logits.rows - 1);
    ids.push_back(static_cast<TokenId>(std::max_element(last.begin(), last.end()) - last.begin()));
  }
  EXPECT_EQ(ids, expected);
}

#define ATTEND_FOLDER_OR_SKIP(name, model) \
  const auto name = folder_of(model);      \
  if (!name) GTEST_SKIP() << "no shared data"

TEST(PublishedDecodersTest, ProcessPlanning) {
  ATTEND_FOLDER_OR_SKIP(folder, "gpt2-process-planning");
  const Model model = load_model(*folder);
  const auto recorded = test::read_json_file(*folder / "expected.json");
  for (const auto& one : recorded.at("cases")) {
    const auto prompt = one["prompt_ids"].get<std::vector<TokenId>>();
    const auto expected = one["last_logits"].get<std::vector<double>>();
    Workspace workspace;
    const auto logits = model.logits(batch_of({prompt}), workspace);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(double{logits(logits.rows - 1, static_cast<Index>(i))}, expected[i], 2e-6);
    }
    expect_greedy(model, prompt, one["greedy_ids"].get<std::vector<TokenId>>());
  }
}

TEST(PublishedDecodersTest, TinyRandom) {
  ATTEND_FOLDER_OR_SKIP(folder, "gpt2-tiny-random");
  const Model model = load_model(*folder);
  const auto json = test::read_json_file(*folder / "expected.json");
  const auto prompts = json["prompt_ids"].get<std::vector<std::vector<TokenId>>>();
  const auto expected = json["logits_every_200"].get<std::vector<double>>();
  Workspace workspace;
  const auto logits = model.logits(batch_of(prompts), workspace);
  ASSERT_EQ(logits.cols, 1000);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto at = static_cast<Index>(200 * i);
    EXPECT_NEAR(double{logits(at / 1000, at % 1000)}, expected[i], json["tolerance"].get<double>());
  }
  const auto greedy = json["greedy_max_length_10"].get<std::vector<std::vector<TokenId>>>();
  for (std::size_t i = 0; i < greedy.size(); ++i) expect_greedy(model, prompts[i], greedy[i]);
}

TEST(PublishedDecodersTest, NanoSortBlockByBlock) {
  ATTEND_FOLDER_OR_SKIP(folder, "gpt2-nano-sort");
  const Model model = load_model(*folder);
  const Safetensors recorded = Safetensors::open(*folder / "activations.safetensors");
  const auto floats = [&](const char* name) {
    const TensorRef tensor = recorded.tensors().at(name);
    std::vector<float> out(static_cast<std::size_t>(tensor.shape.count()));
    to_float(tensor.dtype, tensor.bytes, out);
    return out;
  };
  const TensorRef ids = recorded.tensors().at("idx");
  std::vector<std::int64_t> wide(static_cast<std::size_t>(ids.shape.count()));
  to_int64(ids.dtype, ids.bytes, wide);
  std::vector<std::vector<TokenId>> rows;
  for (auto at = wide.begin(); at != wide.end(); at += ids.shape[1]) {
    rows.emplace_back(at, at + ids.shape[1]);
  }
  const auto expect_near = [](MatrixView<const float> found, const std::vector<float>& expected) {
    ASSERT_EQ(found.rows * found.cols, static_cast<Index>(expected.size()));
    for (Index i = 0; i < found.rows; ++i) {
      for (Index j = 0; j < found.cols; ++j) {
        const auto at = static_cast<std::size_t>(i * found.cols + j);
        const double scale = std::max(1.0, std::abs(double{expected[at]}));
        ASSERT_NEAR(found(i, j), expected[at], 2e-5 * scale);
      }
    }
  };
  // The last state is behind the final norm.
  const std::map<Index, const char*> states{{0, "x"}, {1, "block0"}, {2, "block1"}, {3, "ln_f"}};
  Workspace workspace;
  const auto batch = batch_of(rows);
  const PassObserver observer{[&](const HiddenState& state) {
    SCOPED_TRACE(states.at(state.layer));
    expect_near(state.states, floats(states.at(state.layer)));
  }};
  const auto hidden = model.hidden_states(batch, workspace, observer);
  expect_near(model.logits(hidden, batch, workspace), floats("lm_head"));
}

TEST(PublishedDecodersTest, TinyStories) {
  ATTEND_FOLDER_OR_SKIP(folder, "llama-tinystories-260k");
  const Model model = load_model(*folder);
  auto expected = test::read_json_file(*folder / "expected.json")["greedy_ids_from_bos"]
                      .get<std::vector<TokenId>>();
  constexpr std::size_t shown = 60;  // each token is a pass over all before
  if (expected.size() > shown) expected.resize(shown);
  expect_greedy(model, {expected.front()}, expected);
}

}  // namespace
}  // namespace attend
