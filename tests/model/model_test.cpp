// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The model's door: what it takes, what it refuses and how it says so.
#include "attend/model/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stop_token>

#include "attend/model/architecture.h"
#include "support/edited_model.h"
#include "support/error_of.h"
#include "support/golden.h"

namespace attend {
namespace {

Batch small_batch() {
  return {.ids = {1, 2, 3, 4, 5},
          .type_ids = {0, 0, 1, 0, 0},
          .positions = {0, 1, 2, 0, 1},
          .starts = {0, 3, 5}};
}

std::vector<float> copy(MatrixView<const float> view) {
  std::vector<float> out;
  for (Index i = 0; i < view.rows; ++i) {
    out.insert(out.end(), view.row(i).begin(), view.row(i).end());
  }
  return out;
}

class ModelTest : public testing::Test {
 protected:
  // Runs a batch that was spoilt, which must be refused.
  void expect_refused(const Model& model, ErrorKind kind, std::string_view part,
                      const std::function<void(Batch&)>& spoil) {
    Batch batch = small_batch();
    spoil(batch);
    test::expect_error(kind, {part}, [&] { (void)model.hidden_states(batch, workspace_); });
    if (!model.has_logits()) return;
    test::expect_error(kind, {part}, [&] { (void)model.logits(batch, workspace_); });
  }

  Workspace workspace_;
};

TEST_F(ModelTest, HeadFollowsTheClassUnlessOneIsNamed) {
  EXPECT_EQ(load_model(test::golden("bert-fill-mask")).head(), HeadKind::masked_lm);
  EXPECT_EQ(load_model(test::golden("bert-feature-extraction-prefixed")).head(), HeadKind::none);
  EXPECT_EQ(load_model(test::golden("bert-fill-mask"), {.head = HeadKind::none}).head(),
            HeadKind::none);
  EXPECT_EQ(
      load_model(test::golden("bert-feature-extraction-prefixed"), {.head = HeadKind::masked_lm})
          .head(),
      HeadKind::masked_lm);
}

TEST_F(ModelTest, PoolersAreThereWhereTransformersHasThem) {
  EXPECT_TRUE(load_model(test::golden("bert-feature-extraction")).has_pooler());
  EXPECT_TRUE(load_model(test::golden("bert-sequence-classification")).has_pooler());
  EXPECT_FALSE(load_model(test::golden("bert-token-classification")).has_pooler());
  EXPECT_FALSE(load_model(test::golden("bert-fill-mask"), {.head = HeadKind::none}).has_pooler());
  EXPECT_FALSE(load_model(test::golden("distilbert-feature-extraction")).has_pooler());
  EXPECT_FALSE(load_model(test::golden("distilbert-sequence-classification")).has_pooler());
}

TEST_F(ModelTest, ShapesOfEveryHead) {
  const Batch batch = small_batch();
  const auto shape = [&](const char* folder) {
    const auto out = load_model(test::golden(folder)).logits(batch, workspace_);
    return std::pair(out.rows, out.cols);
  };
  EXPECT_EQ(shape("bert-sequence-classification"), std::pair(Index{2}, Index{5}));
  EXPECT_EQ(shape("bert-token-classification"), std::pair(Index{5}, Index{7}));
  EXPECT_EQ(shape("distilbert-question-answering"), std::pair(Index{5}, Index{2}));
  EXPECT_EQ(shape("distilbert-fill-mask"), std::pair(Index{5}, Index{300}));
}

TEST_F(ModelTest, LogitsInOneStepInTwoAndByRowAgree) {
  for (const char* folder :
       {"bert-fill-mask", "distilbert-token-classification", "bert-sequence-classification"}) {
    const Model model = load_model(test::golden(folder));
    const Batch batch = small_batch();
    const auto hidden = model.hidden_states(batch, workspace_);
    const auto logits = model.logits(hidden, batch, workspace_);
    EXPECT_EQ(copy(model.logits(batch, workspace_)), copy(logits)) << folder;
    if (model.head() == HeadKind::sequence_classification) continue;
    const std::vector<Index> rows{4, 0, 4};
    const auto chosen = model.logits(hidden, rows, workspace_);
    ASSERT_EQ(chosen.rows, 3);
    for (Index i = 0; i < 3; ++i) {
      EXPECT_EQ(copy(chosen.row_range(i, 1)),
                copy(logits.row_range(rows[static_cast<std::size_t>(i)], 1)))
          << folder;
    }
  }
}

TEST_F(ModelTest, TheObserverSeesEveryLayerAndTheLastIsTheResult) {
  const Model model = load_model(test::golden("bert-feature-extraction"));
  std::vector<Index> seen;
  std::vector<float> last;
  const PassObserver observer{[&](const HiddenState& state) {
    seen.push_back(state.layer);
    last = copy(state.states);
  }};
  const auto hidden = model.hidden_states(small_batch(), workspace_, observer);
  EXPECT_EQ(seen, (std::vector<Index>{0, 1, 2}));
  EXPECT_EQ(last, copy(hidden));
}

// Of every layer, sequence and stack: each query takes 1 of its keys, a decoder's none behind it.
TEST_F(ModelTest, TheObserverSeesWhatAttentionWeighs) {
  for (const char* folder : {"bert-feature-extraction", "deberta-feature-extraction",
                             "bart-summarization", "llama-text-generation"}) {
    SCOPED_TRACE(folder);
    const Model model = load_model(test::golden(folder));
    const Batch batch = small_batch();
    const auto expected = copy(model.hidden_states(batch, workspace_));
    Index seen = 0;
    PassObserver observer;
    observer.attentions = [&](const AttentionWeights& of) {
      ++seen;
      const auto i = static_cast<std::size_t>(of.sequence);
      const Index tokens = batch.starts[i + 1] - batch.starts[i];
      ASSERT_EQ(of.weights.cols, tokens);
      ASSERT_EQ(of.first, 0);
      ASSERT_EQ(of.weights.rows, of.heads * tokens);
      const bool is_causal = of.keys == KeysOf::own && (of.stack == StackKind::decoder ||
                                                        model.head() == HeadKind::causal_lm);
      for (Index row = 0; row < of.weights.rows; ++row) {
        float sum = 0;
        for (Index key = 0; key < tokens; ++key) {
          sum += of.weights(row, key);
          const bool is_behind = is_causal && key > row % tokens;
          EXPECT_FALSE(is_behind && of.weights(row, key) != 0);
        }
        EXPECT_NEAR(sum, 1, 1e-5);
      }
    };
    EXPECT_EQ(copy(model.hidden_states(batch, workspace_, observer)), expected);
    const ModelConfig& config = model.config();
    const Index passes = config.layers + (model.has_decoder() ? 2 * config.decoder_layers : 0);
    EXPECT_EQ(seen, passes * batch.size());
  }
}

// Of one token many times over only distances tell keys apart, where nothing else does.
TEST_F(ModelTest, WeightsHaveTermsOfDistance) {
  std::size_t models = 0;
  for (const std::string& folder : test::golden_folders()) {
    if (folder.find("deberta") != 0) continue;
    const Model model = load_model(test::golden(folder));
    if (model.config().position_biased_input || model.config().position_attention.empty()) continue;
    SCOPED_TRACE(folder);
    Batch batch;
    batch.ids.assign(5, 20);
    batch.type_ids.resize(5);
    batch.starts = {0, 5};
    PassObserver observer;
    observer.attentions = [&](const AttentionWeights& of) {
      if (of.layer > 0) return;
      for (Index row = 0; row < of.weights.rows; ++row) {
        EXPECT_NE(of.weights(row, 0), of.weights(row, 4));
      }
    };
    (void)model.hidden_states(batch, workspace_, observer);
    ++models;
  }
  EXPECT_GT(models, 5U);
}

// Those of a long text come in parts, which are those of a pass over less of it: a decoder's do not
// depend on what is behind.
TEST_F(ModelTest, WeightsOfLongTextsComeInParts) {
  for (const char* folder : {"llama-text-generation", "mistral-text-generation"}) {
    SCOPED_TRACE(folder);
    const Model model = load_model(test::golden(folder));
    const auto weights_of = [&](Index tokens, Index& parts) {
      Batch batch;
      for (Index i = 0; i < tokens; ++i) batch.ids.push_back(static_cast<TokenId>(5 + i * i % 50));
      batch.type_ids.resize(batch.ids.size());
      batch.starts = {0, tokens};
      std::vector<std::vector<float>> rows;  // of the first head
      PassObserver observer;
      observer.attentions = [&](const AttentionWeights& of) {
        ++parts;
        EXPECT_EQ(of.first, static_cast<Index>(rows.size()) % tokens);
        for (Index i = 0; i < of.weights.rows / of.heads; ++i) {
          rows.push_back(copy(of.weights.row_range(i, 1)));
        }
      };
      (void)model.hidden_states(batch, workspace_, observer);
      return rows;
    };
    Index parts = 0;
    const Index layers = model.config().layers;
    const auto whole = weights_of(300, parts);
    EXPECT_GT(parts, layers);
    ASSERT_EQ(whole.size(), static_cast<std::size_t>(300 * layers));
    const auto less = weights_of(40, parts = 0);
    EXPECT_EQ(parts, layers);
    for (std::size_t i = 0; i < less.size(); ++i) {
      std::vector<float> expected = less[i];
      expected.resize(300);
      EXPECT_EQ(whole[i / 40 * 300 + i % 40], expected);
    }
  }
}

TEST_F(ModelTest, AnEmptyBatchHasNoRows) {
  for (const std::string& folder : test::golden_folders()) {
    const Model model = load_model(test::golden(folder));
    EXPECT_EQ(model.hidden_states(Batch{}, workspace_).rows, 0);
    if (!model.has_logits()) continue;
    EXPECT_EQ(model.logits(Batch{}, workspace_).rows, 0) << folder;
  }
}

TEST_F(ModelTest, IdsOutsideTheTablesAreRefused) {
  for (const char* folder : {"bert-token-classification", "distilbert-fill-mask"}) {
    const Model model = load_model(test::golden(folder));
    constexpr auto lowest = std::numeric_limits<std::int32_t>::min();
    for (const std::int32_t id : {-1, lowest, 300, 1 << 30}) {
      expect_refused(model, ErrorKind::tokenizer_error, std::to_string(id),
                     [&](Batch& batch) { batch.ids[3] = id; });
    }
    for (const std::int32_t position : {-1, 88, 1 << 30}) {
      expect_refused(model, ErrorKind::input_too_long, std::to_string(position),
                     [&](Batch& batch) { batch.positions[4] = position; });
    }
    Batch batch = small_batch();
    batch.ids.back() = 299;
    batch.positions.back() = 87;
    EXPECT_NO_THROW((void)model.hidden_states(batch, workspace_));
  }
}

TEST_F(ModelTest, TypeIdsAreRefusedWhereThereAreTypes) {
  for (const std::int32_t type : {-1, 2}) {
    const auto spoil = [&](Batch& batch) { batch.type_ids[0] = type; };
    expect_refused(load_model(test::golden("bert-fill-mask")), ErrorKind::tokenizer_error,
                   "type id", spoil);
    Batch batch = small_batch();
    spoil(batch);
    const Model model = load_model(test::golden("distilbert-fill-mask"));
    EXPECT_NO_THROW((void)model.hidden_states(batch, workspace_));
  }
}

TEST_F(ModelTest, BatchesThatDisagreeWithThemselvesAreRefused) {
  const Model model = load_model(test::golden("bert-question-answering"));
  const auto refuse = [&](const std::function<void(Batch&)>& spoil) {
    expect_refused(model, ErrorKind::config_error, "expected", spoil);
  };
  refuse([](Batch& batch) { batch.starts.clear(); });
  refuse([](Batch& batch) { batch.starts = {0}; });
  refuse([](Batch& batch) { batch.starts = {1, 3, 5}; });
  refuse([](Batch& batch) { batch.starts = {0, 3, 6}; });
  refuse([](Batch& batch) { batch.starts = {0, 6, 5}; });
  refuse([](Batch& batch) { batch.starts = {0, 3, 3, 5}; });
  refuse([](Batch& batch) { batch.starts = {0, -1, 5}; });
  refuse([](Batch& batch) { batch.starts.back() = -5; });
  refuse([](Batch& batch) { batch.ids.pop_back(); });
  refuse([](Batch& batch) { batch.type_ids.push_back(0); });
  refuse([](Batch& batch) { batch.positions.pop_back(); });
  refuse([](Batch& batch) { batch.columns = {0, 1}; });
  refuse([](Batch& batch) { batch.columns = {0, 2, 1, 0, 1}; });
  refuse([](Batch& batch) { batch.columns = {0, 1, 2, 0, 0}; });
  refuse([](Batch& batch) { batch.columns = {-1, 1, 2, 0, 1}; });
}

TEST_F(ModelTest, AClassifierOnTheEndTokenNeedsOne) {
  const Model model = load_model(test::golden("bart-sequence-classification-nli"));
  EXPECT_TRUE(model.has_decoder());
  Batch batch{.ids = {0, 7, 2, 0, 9, 9}, .type_ids = {0, 0, 0, 0, 0, 0}, .starts = {0, 3, 6}};
  test::expect_error(ErrorKind::config_error, {"sequence 1", "end token 2", "special tokens"},
                     [&] { (void)model.logits(batch, workspace_); });
  batch.ids = {0, 7, 2, 0, 2, 2};  // the last one counts
  const auto logits = copy(model.logits(batch, workspace_));
  const auto hidden = model.hidden_states(batch, workspace_);
  EXPECT_EQ(copy(model.logits(hidden, batch, workspace_)), logits);
  EXPECT_TRUE(std::all_of(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); }));
}

TEST_F(ModelTest, ADecoderReadsTheSameTextOneTokenLater) {
  const auto expect = [&](const char* folder, const std::vector<TokenId>& later) {
    SCOPED_TRACE(folder);
    const Model model = load_model(test::golden(folder), {.head = HeadKind::none});
    const Batch batch{
        .ids = {9, 1, 7, 2, 8, 40, 6}, .type_ids = {0, 0, 0, 0, 0, 0, 0}, .starts = {0, 4, 5, 7}};
    Batch decoder = batch;
    decoder.ids = later;
    const auto given = copy(model.hidden_states(batch, decoder, workspace_));
    EXPECT_EQ(copy(model.hidden_states(batch, workspace_)), given);
  };
  expect("bart-summarization", {2, 9, 1, 7, 2, 2, 40});
  // The last token that is no padding, counted as if padding stood behind.
  expect("mbart-translation-50", {7, 9, 1, 7, 8, 6, 40});
  // Padding has a position of its own, wherever it goes.
  expect("m2m_100-translation", {2, 9, 1, 7, 2, 2, 40});
  expect("marian-translation", {319, 9, 1, 7, 319, 319, 40});
  expect("pegasus-summarization", {0, 9, 1, 7, 0, 0, 40});
}

TEST_F(ModelTest, ADecoderMayReadTextsOfItsOwn) {
  const Model model = load_model(test::golden("m2m_100-translation-nllb"));
  const Batch batch{.ids = {9, 1, 7, 2, 8}, .type_ids = {0, 0, 0, 0, 0}, .starts = {0, 2, 5}};
  Batch decoder{.ids = {2, 2, 30, 4, 1, 5}, .type_ids = {0, 0, 0, 0, 0, 0}, .starts = {0, 1, 6}};
  const auto hidden = model.hidden_states(batch, decoder, workspace_);
  EXPECT_EQ(hidden.rows, 6);
  EXPECT_EQ(model.logits(hidden, decoder, workspace_).rows, 6);
  decoder.starts = {0, 6};
  test::expect_error(ErrorKind::config_error, {"sequences of the decoder", "2", "1"},
                     [&] { (void)model.hidden_states(batch, decoder, workspace_); });
  decoder.starts = {0, 1, 6};
  decoder.ids[3] = 9999;
  test::expect_error(ErrorKind::tokenizer_error, {"token id", "9999"},
                     [&] { (void)model.hidden_states(batch, decoder, workspace_); });
  const Model encoder = load_model(test::golden("bert-feature-extraction"));
  test::expect_error(ErrorKind::config_error, {"decoder", "none"},
                     [&] { (void)encoder.hidden_states(batch, batch, workspace_); });
  // Positions that are counted may be too many.
  const Model pegasus = load_model(test::golden("pegasus-summarization"));
  decoder.ids.assign(90, 3);
  decoder.type_ids.assign(90, 0);
  decoder.starts = {0, 1, 90};
  test::expect_error(ErrorKind::input_too_long, {"position", "0 to 87"},
                     [&] { (void)pegasus.hidden_states(batch, decoder, workspace_); });
}

TEST_F(ModelTest, ATextThatBeginsWithNothingIsRefused) {
  test::EditedModel stored(test::golden("pegasus-summarization"));
  stored.set_config("decoder_start_token_id", "null");
  const Model model = load_model(stored.save());
  const Batch batch{.ids = {9, 1}, .type_ids = {0, 0}, .starts = {0, 2}};
  test::expect_error(ErrorKind::config_error, {"decoder_start_token_id", "none"},
                     [&] { (void)model.hidden_states(batch, workspace_); });
  EXPECT_EQ(model.hidden_states(batch, batch, workspace_).rows, 2);
  const Model mbart = load_model(test::golden("mbart-translation-25"));
  const Batch pads{.ids = {1, 1}, .type_ids = {0, 0}, .starts = {0, 2}};
  test::expect_error(ErrorKind::config_error, {"padding only"},
                     [&] { (void)mbart.hidden_states(pads, workspace_); });
}

TEST_F(ModelTest, AHeadThatTheArchitectureLacksIsRefused) {
  const HeadKind head = HeadKind::token_classification;
  test::expect_error(ErrorKind::unsupported, {"bart", name(head), "have here"}, [&] {
    (void)load_model(test::golden("bart-sequence-classification-nli"), {.head = head});
  });
}

// Distances have embeddings up to 87: where the text begins does not count, nor how many of its
// tokens are there.
TEST_F(ModelTest, TextsBeyondTheTableOfDistancesAreRefused) {
  for (const char* folder :
       {"bert-feature-extraction-relative-key", "bert-fill-mask-relative-key-query"}) {
    const Model model = load_model(test::golden(folder), {.head = HeadKind::none});
    EXPECT_EQ(model.max_tokens(), 88);
    const auto run = [&](std::int32_t first, std::int32_t last) {
      Batch batch{.ids = {1, 5, 2}, .type_ids = {0, 0, 0}, .starts = {0, 3}};
      batch.columns = {first, first + 1, last};
      (void)model.hidden_states(batch, workspace_);
    };
    run(0, 87);
    run(500, 587);
    test::expect_error(ErrorKind::input_too_long, {"sequence 0", "at most 88", "found 89"},
                       [&] { run(0, 88); });
    Batch batch = small_batch();
    const auto add = [&](std::size_t tokens) {
      batch.ids.resize(batch.ids.size() + tokens, 5);
      batch.type_ids.resize(batch.ids.size());
      batch.starts.push_back(static_cast<Index>(batch.ids.size()));
    };
    batch.columns.clear();
    batch.positions.clear();
    add(88);
    (void)model.hidden_states(batch, workspace_);
    add(89);
    test::expect_error(ErrorKind::input_too_long, {"at most 88", "found 89"},
                       [&] { (void)model.hidden_states(batch, workspace_); });
  }
}

// Without positions no text is too long.
TEST_F(ModelTest, WithoutPositionsTextsHaveAnyLength) {
  const Model model = load_model(test::golden("bert-feature-extraction-no-positions"));
  EXPECT_EQ(model.max_tokens(), std::nullopt);
  const Batch batch{.ids = std::vector<TokenId>(300, 7),
                    .type_ids = std::vector<std::int32_t>(300),
                    .starts = {0, 300}};
  EXPECT_EQ(model.hidden_states(batch, workspace_).rows, 300);
}

TEST_F(ModelTest, HeadsRefuseWhatIsNotTheirs) {
  const Batch batch = small_batch();
  const Model base = load_model(test::golden("distilbert-feature-extraction"));
  const auto hidden = base.hidden_states(batch, workspace_);
  test::expect_error(ErrorKind::config_error, {"no head"},
                     [&] { (void)base.logits(batch, workspace_); });
  test::expect_error(ErrorKind::config_error, {"no head"},
                     [&] { (void)base.logits(hidden, batch, workspace_); });
  test::expect_error(ErrorKind::config_error, {"pooler"},
                     [&] { (void)base.pooler_output(hidden, batch, workspace_); });

  const std::vector<Index> rows{0};
  const Model sequence = load_model(test::golden("bert-sequence-classification"));
  test::expect_error(ErrorKind::config_error, {"sequence_classification"},
                     [&] { (void)sequence.logits(hidden, rows, workspace_); });

  const Model token = load_model(test::golden("bert-token-classification"));
  for (const Index row : {Index{-1}, Index{5}}) {
    const std::vector<Index> wrong{row};
    test::expect_error(ErrorKind::config_error, {std::to_string(row)},
                       [&] { (void)token.logits(hidden, wrong, workspace_); });
  }
  test::expect_error(ErrorKind::config_error, {"columns"},
                     [&] { (void)token.logits(hidden.col_range(0, 8), batch, workspace_); });
  test::expect_error(ErrorKind::config_error, {"rows"},
                     [&] { (void)token.logits(hidden.row_range(0, 4), batch, workspace_); });
}

TEST_F(ModelTest, StopsBetweenLayers) {
  const Model model = load_model(test::golden("bert-feature-extraction"));
  std::stop_source source;
  workspace_.set_stop_token(source.get_token());
  Index layers = 0;
  const PassObserver observer{[&](const HiddenState& state) {
    layers = state.layer;
    if (state.layer == 1) source.request_stop();
  }};
  test::expect_error(ErrorKind::cancelled, {"stop"},
                     [&] { (void)model.hidden_states(small_batch(), workspace_, observer); });
  EXPECT_EQ(layers, 1);
}

TEST_F(ModelTest, ScratchMemoryDoesNotGrowWithThePasses) {
  const Model model = load_model(test::golden("bert-fill-mask"));
  std::size_t capacity = 0;
  for (int pass = 0; pass < 5; ++pass) {
    const Workspace::Scope scope(workspace_);
    (void)model.logits(small_batch(), workspace_);
    if (pass == 0) continue;
    if (pass == 1) capacity = workspace_.capacity();
    EXPECT_EQ(workspace_.capacity(), capacity);
  }
}

TEST_F(ModelTest, ModelsMove) {
  Model first = load_model(test::golden("bert-fill-mask"));
  const auto expected = copy(first.logits(small_batch(), workspace_));
  Model second = std::move(first);
  EXPECT_EQ(copy(second.logits(small_batch(), workspace_)), expected);
  second = load_model(test::golden("distilbert-fill-mask"));
  EXPECT_NE(copy(second.logits(small_batch(), workspace_)), expected);
}

}  // namespace
}  // namespace attend
