// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Models in each compute type: how near the rounded ones are to f32 on the bundled models.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "attend/model/model.h"
#include "attend/tokenizer/tokenizer.h"
#include "support/compute_types.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/paths.h"

namespace attend {
namespace {

const std::vector<std::string_view>& texts() {
  static const std::vector<std::string_view> all{
      "A quiet, perfect film.",
      "Angela Merkel met Barack Obama in Berlin on Tuesday.",
      "no",
      "The plot is thin, the acting is worse, and after two hours of it nobody in the room could "
      "say "
      "what any of it had been about; still, the music was pleasant enough, and the seats were "
      "soft.",
  };
  return all;
}

struct Pass {
  std::vector<float> hidden;
  std::vector<float> logits;
};

Pass run(const std::string& bundled, ComputeType compute) {
  const auto folder = test::tests_folder().parent_path() / "examples" / "models" / bundled;
  const Model model = load_model(folder, {.compute = compute});
  const Tokenizer tokenizer = Tokenizer::load(folder);
  std::vector<Encoding> encodings;
  for (const std::string_view text : texts()) encodings.push_back(tokenizer.encode(text));
  const Batch batch = make_batch(encodings);
  Workspace workspace;
  const auto hidden = model.hidden_states(batch, workspace);
  Pass pass;
  for (Index i = 0; i < hidden.rows; ++i) {
    pass.hidden.insert(pass.hidden.end(), hidden.row(i).begin(), hidden.row(i).end());
  }
  if (!model.has_logits()) return pass;
  const auto logits = model.logits(hidden, batch, workspace);
  for (Index i = 0; i < logits.rows; ++i) {
    pass.logits.insert(pass.logits.end(), logits.row(i).begin(), logits.row(i).end());
  }
  return pass;
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * double{b[i]};
    aa += double{a[i]} * double{a[i]};
    bb += double{b[i]} * double{b[i]};
  }
  return ab / std::sqrt(aa * bb);
}

class Compute : public testing::TestWithParam<const char*> {};

// The bounds of README's table; what was measured is printed.
TEST_P(Compute, HiddenStatesPointWhereTheExactOnesPoint) {
  const Pass exact = run(GetParam(), ComputeType::f32);
  for (const auto& [compute, least] : {std::pair{ComputeType::bf16, 0.9999},
                                       {ComputeType::int8, 0.999},
                                       {ComputeType::int4, 0.96}}) {
    const Pass rounded = run(GetParam(), compute);
    const double hidden = cosine(exact.hidden, rounded.hidden);
    std::cout << GetParam() << ' ' << name(compute) << ": hidden states 1 - " << 1 - hidden;
    if (!exact.logits.empty()) {
      std::cout << ", logits 1 - " << 1 - cosine(exact.logits, rounded.logits);
    }
    std::cout << '\n';
    EXPECT_GT(hidden, least) << name(compute);
    EXPECT_NE(exact.hidden, rounded.hidden) << name(compute) << " is not used";
  }
}

INSTANTIATE_TEST_SUITE_P(Bundled, Compute,
                         testing::Values("sentiment", "ner", "zero-shot", "embeddings", "stories"));

TEST(Compute, ASelftestIsOfF32) {
  const auto folder = test::golden("bert-sequence-classification");
  test::expect_error(ErrorKind::config_error, {"verify", "f32", "int8"}, [&] {
    (void)load_model(folder, {.verify = true, .compute = ComputeType::int8});
  });
}

TEST(Compute, NamesAreFoundAgain) {
  for (const ComputeType type : compute_types) EXPECT_EQ(find_compute_type(name(type)), type);
  EXPECT_EQ(find_compute_type("fp16"), std::nullopt);
  EXPECT_EQ(find_compute_type(""), std::nullopt);
}

}  // namespace
}  // namespace attend
