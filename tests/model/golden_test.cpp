// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every tensor that transformers recorded in tests/golden, layer by layer.
#include "support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

#include "attend/model/architecture.h"
#include "attend/model/model.h"
#include "support/edited_model.h"

namespace attend {
namespace {

// Tolerances of tests/golden/README.md, relative above 1. Those of a vocabulary's logits, and of
// all that a model makes that generates, follow the noise of the reference itself (its distance
// from a float64 run).
constexpr double encoder_tolerance = 1e-5;
constexpr double reference_noises = 4;

double tolerance_of(HeadKind kind, const std::string& output, const test::GoldenTensors& recorded) {
  const bool is_vocabulary = kind == HeadKind::masked_lm && output.ends_with("logits");
  const bool generates = kind == HeadKind::conditional_generation || kind == HeadKind::causal_lm;
  if (!is_vocabulary && !generates) return encoder_tolerance;
  return std::max(encoder_tolerance,
                  reference_noises * std::stod(recorded.metadata("float64_difference")));
}

struct Difference {
  int tensors = 0;
  double largest = 0;  ///< as a share of the tolerance

  void add(float found, float expected, double tolerance) {
    const auto want = static_cast<double>(expected);
    const double share =
        std::abs(static_cast<double>(found) - want) / (tolerance * std::max(1.0, std::abs(want)));
    largest = std::isnan(share) ? HUGE_VAL : std::max(largest, share);
  }
};

std::string without_dashes(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// The rows of one forward that a token stands on, and what the model says of it.
class Outputs {
 public:
  Outputs(const Model& model, const test::GoldenInput& input)
      : model_(model),
        padded_(input.padded()),
        last_(input.decoder_ids.empty() ? padded_ : input.decoder()) {
    const Batch texts = make_batch(input.padded(), model.position_rule());
    Workspace workspace;
    PassObserver observer;
    observer.hidden_states = [&](const HiddenState& state) {
      const bool is_encoder = state.stack == StackKind::encoder;
      const std::string stack = !model.has_decoder() ? "" : (is_encoder ? "encoder_" : "decoder_");
      const PaddedInput& rows = is_encoder ? padded_ : last_;
      add(stack + "hidden_states." + std::to_string(state.layer), state.states, rows);
      if (is_encoder && model.has_decoder()) {
        add("encoder_last_hidden_state", state.states, padded_);
      }
    };
    const Batch decoder =
        input.decoder_ids.empty() ? Batch() : make_batch(input.decoder(), model.position_rule());
    const auto hidden = input.decoder_ids.empty()
                            ? model.hidden_states(texts, workspace, observer)
                            : model.hidden_states(texts, decoder, workspace, observer);
    const Batch& batch = input.decoder_ids.empty() ? texts : decoder;
    add("last_hidden_state", hidden, last_);
    if (model.head() != HeadKind::none && model.head() != HeadKind::encoder)
      add_logits(model.logits(hidden, batch, workspace));
    if (model.has_pooler())
      add_rows("pooler_output", model.pooler_output(hidden, batch, workspace));
  }

  [[nodiscard]] const std::vector<float>* find(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  /// Whether the value at `i` of this output is part of the contract: not from a row of padding.
  /// What transformers makes of a sequence comes from column 0, be it padding or not.
  [[nodiscard]] bool is_kept(const std::string& name, std::size_t i) const {
    const bool by_sequence = by_sequence_.contains(name);
    const auto& mask = (by_sequence ? padded_ : rows_.at(name)).attention_mask;
    if (mask.data == nullptr) return true;
    const Index rows = by_sequence ? mask.rows : mask.rows * mask.cols;
    const Index row = static_cast<Index>(i) / (static_cast<Index>(find(name)->size()) / rows);
    return mask.data[by_sequence ? row * mask.cols : row] != 0;
  }

 private:
  void add(const std::string& name, MatrixView<const float> packed, const PaddedInput& rows) {
    auto& out = values_[name];
    const Index count = rows.ids.rows * rows.ids.cols;
    out.resize(static_cast<std::size_t>(count * packed.cols));
    to_padded(packed, rows, {out.data(), count, packed.cols});
    rows_[name] = rows;
  }
  void add_rows(const std::string& name, MatrixView<const float> rows) {
    for (Index i = 0; i < rows.rows; ++i) {
      values_[name].insert(values_[name].end(), rows.row(i).begin(), rows.row(i).end());
    }
    by_sequence_.insert(name);
  }
  void add_logits(MatrixView<const float> logits) {
    switch (model_.head()) {
      case HeadKind::none:
      case HeadKind::encoder: break;
      case HeadKind::sequence_classification:
      case HeadKind::multiple_choice:
      case HeadKind::next_sentence_prediction: add_rows("logits", logits); break;
      case HeadKind::question_answering:
        add("start_logits", logits.col_range(0, 1), last_);
        add("end_logits", logits.col_range(1, 1), last_);
        break;
      case HeadKind::token_classification:
      case HeadKind::replaced_token_detection:
      case HeadKind::conditional_generation:
      case HeadKind::masked_lm:
      case HeadKind::causal_lm: add("logits", logits, last_); break;
    }
  }

  const Model& model_;
  PaddedInput padded_;
  PaddedInput last_;  // that the last hidden states are of
  std::map<std::string, PaddedInput> rows_;
  std::map<std::string, std::vector<float>> values_;
  std::set<std::string> by_sequence_;
};

class Golden : public testing::TestWithParam<std::string> {
 protected:
  static void TearDownTestSuite() {
    std::cout << "golden: " << total.tensors << " tensors compared, largest difference "
              << total.largest << " of what is allowed\n";
  }
  static inline Difference total;
};

TEST_P(Golden, EveryRecordedTensorIsReproduced) {
  const test::GoldenTensors recorded(GetParam());
  const auto kind = head_of_class(recorded.metadata("model_class"));
  ASSERT_TRUE(kind);
  const Model model = load_model(test::golden(GetParam()), {.head = kind});
  for (const std::string& forward : recorded.forwards()) {
    const test::GoldenInput input = recorded.input(forward);
    const Outputs outputs(model, input);
    const auto names = recorded.outputs(forward);
    EXPECT_FALSE(names.empty()) << forward;
    for (const std::string& name : names) {
      SCOPED_TRACE(forward + "." + name);
      const auto expected = recorded.output(forward, name);
      const auto* found = outputs.find(name);
      ASSERT_NE(found, nullptr);
      ASSERT_EQ(found->size(), expected.size());
      const double tolerance = tolerance_of(*kind, name, recorded);
      Difference difference{.tensors = 1};
      for (std::size_t i = 0; i < expected.size(); ++i) {
        if (outputs.is_kept(name, i)) difference.add((*found)[i], expected[i], tolerance);
      }
      EXPECT_LE(difference.largest, 1.0);
      total.tensors += 1;
      total.largest = std::max(total.largest, difference.largest);
    }
  }
}

// Both heads of a class for pre-training, each under the name that the class gives its output.
TEST(GoldenPretraining, EachHeadIsReproduced) {
  int heads = 0;
  for (const std::string& folder : test::golden_folders()) {
    if (!std::filesystem::exists(test::golden(folder) / "heads.safetensors")) continue;
    const test::GoldenTensors recorded(folder, "heads.safetensors");
    const test::GoldenInput input = recorded.input("pair");
    for (const std::string& name : recorded.outputs("pair")) {
      SCOPED_TRACE(folder + " " + name);
      const HeadKind kind =
          name == "prediction_logits" ? HeadKind::masked_lm : HeadKind::next_sentence_prediction;
      const Model model = load_model(test::golden(folder), {.head = kind});
      const Outputs outputs(model, input);
      const auto expected = recorded.output("pair", name);
      const auto& found = *outputs.find("logits");
      ASSERT_EQ(found.size(), expected.size());
      const double tolerance = tolerance_of(kind, name, recorded);
      Difference difference;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        difference.add(found[i], expected[i], tolerance);
      }
      EXPECT_LE(difference.largest, 1.0);
      ++heads;
    }
  }
  EXPECT_EQ(heads, 6);
}

// A forward is an activation here.
TEST(GoldenActivations, EveryNameOfTransformersIsReproduced) {
  const char* folder = "bert-feature-extraction-activations";
  const test::GoldenTensors recorded(folder, "activations.safetensors");
  const auto names = recorded.forwards();
  EXPECT_EQ(names.size(), 20U);
  test::EditedModel stored(test::golden(folder));
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    stored.set_config("hidden_act", '"' + name + '"');
    const Model model = load_model(stored.save());
    const test::GoldenInput input = recorded.input(name);
    const Outputs outputs(model, input);
    const auto expected = recorded.output(name, "last_hidden_state");
    const auto& found = *outputs.find("last_hidden_state");
    ASSERT_EQ(found.size(), expected.size());
    Difference difference;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      difference.add(found[i], expected[i], encoder_tolerance);
    }
    EXPECT_LE(difference.largest, 1.0);
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, Golden, testing::ValuesIn(test::golden_folders()),
                         [](const auto& test) { return without_dashes(test.param); });

}  // namespace
}  // namespace attend
