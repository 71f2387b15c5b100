// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A sequence's results are the same bits whatever runs beside it, however it was padded, and on
// any number of threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <numeric>
#include <random>
#include <span>
#include <thread>

#include "attend/batch/bucketing.h"
#include "attend/model/model.h"
#include "support/golden.h"

namespace attend {
namespace {

/// Bits of the hidden states and the logits of one sequence: 0.0 and -0.0 differ.
struct Result {
  std::vector<std::uint32_t> hidden;
  std::vector<std::uint32_t> logits;
  friend bool operator==(const Result&, const Result&) = default;
};

void append(std::vector<std::uint32_t>& out, MatrixView<const float> rows) {
  for (Index i = 0; i < rows.rows; ++i) {
    const std::span row = rows.row(i);
    const std::size_t old = out.size();
    out.resize(old + row.size());
    std::memcpy(out.data() + old, row.data(), row.size_bytes());
  }
}

/// One result a sequence.
std::vector<Result> run(const Model& model, const Batch& batch, Workspace& workspace) {
  const Workspace::Scope scope(workspace);
  const auto hidden = model.hidden_states(batch, workspace);
  MatrixView<float> logits;
  if (model.has_logits()) logits = model.logits(hidden, batch, workspace);
  std::vector<Result> out(static_cast<std::size_t>(batch.size()));
  for (Index i = 0; i < batch.size(); ++i) {
    const auto n = static_cast<std::size_t>(i);
    const Index begin = batch.starts[n];
    const Index count = batch.starts[n + 1] - begin;
    append(out[n].hidden, hidden.row_range(begin, count));
    if (logits.data == nullptr) continue;
    const bool by_token = logits.rows == hidden.rows;
    append(out[n].logits, by_token ? logits.row_range(begin, count) : logits.row_range(i, 1));
  }
  return out;
}

struct Case {
  std::string folder;
  ComputeType compute;
};

std::vector<Case> cases(std::span<const ComputeType> types) {
  std::vector<Case> all;
  for (const std::string& folder : test::golden_folders()) {
    for (const ComputeType compute : types) all.push_back({folder, compute});
  }
  return all;
}

class Invariance : public testing::TestWithParam<Case> {
 protected:
  // Lengths around those where kernels change from whole tiles to the rest, and the longest.
  Invariance()
      : Invariance({1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 17, 28, 31, 32, 33, 64, 65, 88}) {}

  explicit Invariance(std::initializer_list<Index> lengths)
      : model_(load_model(test::golden(GetParam().folder), {.compute = GetParam().compute})) {
    const ModelConfig& config = model_.config();
    const auto below = [&](Index limit) {
      return static_cast<std::int32_t>(random_() % static_cast<std::uint32_t>(limit));
    };
    for (const Index length : lengths) {
      Encoding encoding;
      for (Index i = 0; i < std::min(length, model_.max_tokens().value_or(length)); ++i) {
        encoding.ids.push_back(below(config.vocab_size));
        encoding.type_ids.push_back(below(std::max<Index>(config.type_vocab_size, 1)));
      }
      // A classifier may stand on the end token.
      if (model_.has_decoder()) encoding.ids.back() = config.eos_token_id;
      encodings_.push_back(encoding);
    }
    ThreadPool pool(1);
    Workspace workspace(pool);
    for (const Encoding& encoding : encodings_) {
      alone_.push_back(run(model_, make_batch({&encoding, 1}), workspace).front());
    }
  }

  void expect_as_alone(std::span<const Index> order, Workspace& workspace) {
    const auto results = run(model_, make_batch(encodings_, order), workspace);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto which = static_cast<std::size_t>(order[i]);
      EXPECT_TRUE(results[i] == alone_[which]) << "sequence of " << encodings_[which].size()
                                               << " tokens, in a batch of " << order.size();
    }
  }

  void expect_padded_is_packed(bool left);
  void expect_holes_are_not_there();

  std::mt19937 random_{11};
  Model model_;
  std::vector<Encoding> encodings_;
  std::vector<Result> alone_;
};

TEST_P(Invariance, BatchesOfAnyCompositionOnAnyNumberOfThreads) {
  for (const int threads : {1, 2, 3, 8}) {
    SCOPED_TRACE(threads);
    ThreadPool pool(threads);
    Workspace workspace(pool);
    for (const std::size_t size : {1U, 2U, 3U, 5U, 8U, threads == 8 ? 64U : 17U}) {
      std::vector<Index> order(size);
      for (Index& i : order) i = static_cast<Index>(random_() % encodings_.size());
      expect_as_alone(order, workspace);
    }
    for (const auto& bucket : make_buckets(encodings_, {.max_sequences = 4, .max_tokens = 100})) {
      expect_as_alone(bucket, workspace);
    }
  }
}

void Invariance::expect_padded_is_packed(bool left) {
  constexpr std::int32_t never_read = -12345;
  const Index cols = 90;
  const auto rows = static_cast<Index>(encodings_.size());
  test::GoldenInput input{.rows = rows, .cols = cols};
  const auto cells = static_cast<std::size_t>(rows * cols);
  input.ids.assign(cells, never_read);
  input.attention_mask.assign(cells, 0);
  input.type_ids.assign(cells, never_read);
  input.positions.assign(cells, never_read);
  for (Index row = 0; row < rows; ++row) {
    const Encoding& encoding = encodings_[static_cast<std::size_t>(row)];
    const Index begin = row * cols + (left ? cols - encoding.size() : 0);
    for (Index i = 0; i < encoding.size(); ++i) {
      const auto cell = static_cast<std::size_t>(begin + i);
      input.ids[cell] = encoding.ids[static_cast<std::size_t>(i)];
      input.attention_mask[cell] = 1;
      input.type_ids[cell] = encoding.type_ids[static_cast<std::size_t>(i)];
    }
    count_positions(
        model_.position_rule(), encoding.ids,
        std::span(input.positions).subspan(static_cast<std::size_t>(begin), encoding.ids.size()));
  }
  Workspace workspace;
  EXPECT_TRUE(run(model_, make_batch(input.padded()), workspace) == alone_);
}

TEST_P(Invariance, PaddedOnEitherSideIsPacked) {
  for (const bool left : {false, true}) expect_padded_is_packed(left);
}

void Invariance::expect_holes_are_not_there() {
  const Encoding& encoding = encodings_.back();
  test::GoldenInput input{.rows = 1, .cols = encoding.size(), .ids = encoding.ids};
  input.type_ids = encoding.type_ids;
  std::vector<std::int32_t> positions(encoding.ids.size());
  count_positions(model_.position_rule(), encoding.ids, positions);
  Batch by_hand;
  for (Index i = 0; i < input.cols; ++i) {
    const auto cell = static_cast<std::size_t>(i);
    const bool kept = i == 0 || i + 1 == input.cols || random_() % 3 != 0;
    input.attention_mask.push_back(kept ? 1 : 0);
    if (!kept) continue;
    by_hand.ids.push_back(encoding.ids[cell]);
    by_hand.type_ids.push_back(encoding.type_ids[cell]);
    by_hand.positions.push_back(positions[cell]);
    by_hand.columns.push_back(static_cast<std::int32_t>(i));
  }
  if (model_.position_rule().masked == PositionRule::Masked::skipped) {
    count_positions(model_.position_rule(), by_hand.ids, by_hand.positions);
  }
  by_hand.starts.push_back(static_cast<Index>(by_hand.ids.size()));
  Workspace workspace;
  const auto expected = run(model_, by_hand, workspace);
  const auto run_padded = [&] {
    return run(model_, make_batch(input.padded(), model_.position_rule()), workspace);
  };
  EXPECT_TRUE(run_padded() == expected);
  EXPECT_FALSE(expected.front() == alone_.back());
  for (std::size_t i = 0; i < input.ids.size(); ++i) {
    // Another token, but padding stays padding: it is not counted.
    const bool is_padding = model_.position_rule().skipped == input.ids[i];
    if (input.attention_mask[i] == 0 && !is_padding) input.ids[i] = -1;
  }
  EXPECT_TRUE(run_padded() == expected);
}

TEST_P(Invariance, TokensInHolesOfTheMaskAreNotThere) { expect_holes_are_not_there(); }

// ATTEND_SOAK_SECONDS makes it last; it is two rounds otherwise.
std::chrono::seconds soak_time() {
  const char* seconds = std::getenv("ATTEND_SOAK_SECONDS");
  return std::chrono::seconds(seconds == nullptr ? 0 : std::atoi(seconds));
}

TEST_P(Invariance, ManyThreadsShareAModel) {
  std::vector<std::vector<Result>> results(8);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] {
      Workspace workspace;  // all on the same pool
      const auto until = std::chrono::steady_clock::now() + soak_time();
      for (int round = 0; round < 2 || std::chrono::steady_clock::now() < until; ++round) {
        result = run(model_, make_batch(encodings_), workspace);
        if (result != alone_) return;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_TRUE(result == alone_);
}

// What types differ in are the kernels, and what rows of a batch share: less of it shows as much.
class RoundedInvariance : public Invariance {
 protected:
  RoundedInvariance() : Invariance({1, 2, 5, 15, 17, 33, 65, 88}) {}
};

TEST_P(RoundedInvariance, OfBatchesThreadsAndMasks) {
  ThreadPool pool(3);
  Workspace workspace(pool);
  for (const std::size_t size : {3U, 17U}) {
    std::vector<Index> order(size);
    for (Index& i : order) i = static_cast<Index>(random_() % encodings_.size());
    expect_as_alone(order, workspace);
  }
  expect_padded_is_packed(true);
  expect_holes_are_not_there();
}

std::string case_name(const testing::TestParamInfo<Case>& test) {
  std::string name = test.param.folder;
  std::replace(name.begin(), name.end(), '-', '_');
  if (test.param.compute != ComputeType::f32) {
    name += "_in_" + std::string(attend::name(test.param.compute));
  }
  return name;
}

constexpr std::span types(compute_types);
INSTANTIATE_TEST_SUITE_P(Folders, Invariance, testing::ValuesIn(cases(types.first<1>())),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Folders, RoundedInvariance, testing::ValuesIn(cases(types.subspan<1>())),
                         case_name);

}  // namespace
}  // namespace attend
