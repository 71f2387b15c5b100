// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend forward` against every recorded tensor, through the command and its files.
#include "attend/model/forward.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "support/command.h"
#include "support/golden.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;

constexpr double encoder_tolerance = 1e-5;  // README of the goldens
constexpr double reference_noises = 4;      // of logits over a vocabulary

std::vector<float> values_of(const TensorRef& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.shape.count()));
  to_float(tensor.dtype, tensor.bytes, values);
  return values;
}

/// The largest difference as a share of the tolerance, rows of padding aside.
double largest_share(const TensorRef& found, const TensorRef& expected,
                     const std::vector<std::int64_t>& kept, double tolerance) {
  const auto want = values_of(expected);
  const auto have = values_of(found);
  // [n, s] and [n, s, c] have a row a token; [n, c] has one a sequence, of its first column.
  const std::size_t columns = kept.size() / static_cast<std::size_t>(expected.shape[0]);
  const bool by_token =
      expected.shape.rank() == 3 || static_cast<std::size_t>(expected.shape[1]) == columns;
  const std::size_t rows = by_token ? kept.size() : kept.size() / columns;
  double largest = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const std::size_t row = i / (want.size() / rows);
    if (kept[by_token ? row : row * columns] == 0) continue;
    const auto right = static_cast<double>(want[i]);
    const double share = std::abs(static_cast<double>(have[i]) - right) /
                         (tolerance * std::max(1.0, std::abs(right)));
    largest = std::isnan(share) ? HUGE_VAL : std::max(largest, share);
  }
  return largest;
}

/// The inputs of one recorded forward, as a file of their own.
void write_inputs(const Safetensors& recorded, const std::string& forward, const fs::path& file) {
  std::map<std::string, TensorRef, std::less<>> inputs;
  for (const auto& [name, tensor] : recorded.tensors()) {
    if (!name.starts_with(forward + ".")) continue;
    const std::string own = name.substr(forward.size() + 1);
    if (is_forward_input(own)) inputs.emplace(own, tensor);
  }
  write_safetensors(file, inputs);
}

/// The mask of an output's rows: the decoder's, where it read texts of its own. None means ones.
std::vector<std::int64_t> mask_of(const Safetensors& recorded, const std::string& forward,
                                  const std::string& output) {
  const auto ids = recorded.find(forward + ".decoder_input_ids");
  const bool is_decoders = ids && !output.starts_with("encoder_");
  const auto mask =
      recorded.find(forward + (is_decoders ? ".decoder_attention_mask" : ".attention_mask"));
  const Shape shape = is_decoders ? ids->shape : mask.value().shape;
  std::vector<std::int64_t> kept(static_cast<std::size_t>(shape.count()), 1);
  if (mask) to_int64(mask->dtype, mask->bytes, kept);
  return kept;
}

class Forward : public testing::TestWithParam<std::string> {
 protected:
  static void TearDownTestSuite() {
    std::cout << "forward: " << compared << " tensors compared, largest difference " << largest
              << " of what is allowed\n";
  }
  /// Runs one forward through the command and compares every recorded output.
  void check(const Safetensors& recorded, const std::string& forward) const;

  static inline int compared = 0;
  static inline double largest = 0;
  test::TemporaryFolder folder_;
};

void Forward::check(const Safetensors& recorded, const std::string& forward) const {
  const fs::path in = folder_.path() / "in.safetensors";
  const fs::path out = folder_.path() / "out.safetensors";
  write_inputs(recorded, forward, in);
  const auto result = test::run_program(
      test::attend_command(), {"forward", "--model", test::golden(GetParam()).string(), "--input",
                               in.string(), "--output", out.string()});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out + result.err, "");
  const Safetensors outputs = Safetensors::open(out);
  const double noise = std::stod(recorded.metadata().at("float64_difference"));
  const std::string& class_name = recorded.metadata().at("model_class");
  const bool is_vocabulary = class_name.ends_with("MaskedLM");
  const bool generates = class_name.ends_with("Generation") || class_name.ends_with("MTModel") ||
                         class_name.ends_with("CausalLM") || class_name.ends_with("LMHeadModel");
  for (const auto& [name, expected] : recorded.tensors()) {
    if (!name.starts_with(forward + ".")) continue;
    const std::string own = name.substr(forward.size() + 1);
    if (is_forward_input(own)) continue;
    SCOPED_TRACE(name);
    const auto found = outputs.find(own);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->shape.to_string(), expected.shape.to_string());
    const bool is_noisy = generates || (is_vocabulary && own == "logits");
    const double tolerance =
        is_noisy ? std::max(encoder_tolerance, reference_noises * noise) : encoder_tolerance;
    const double share =
        largest_share(*found, expected, mask_of(recorded, forward, own), tolerance);
    EXPECT_LE(share, 1.0);
    largest = std::max(largest, share);
    ++compared;
  }
}

TEST_P(Forward, EveryRecordedTensorIsReproduced) {
  const Safetensors recorded = Safetensors::open(test::golden(GetParam()) / "tensors.safetensors");
  for (const std::string& forward : test::GoldenTensors(GetParam()).forwards()) {
    SCOPED_TRACE(forward);
    check(recorded, forward);
  }
}

// The two heads of a class for pre-training.
TEST(ForwardHead, IsTheOneThatIsNamed) {
  const test::TemporaryFolder folder;
  const std::string in = (folder.path() / "in.safetensors").string();
  const std::string out = (folder.path() / "out.safetensors").string();
  write_inputs(Safetensors::open(test::golden("bert-pretraining") / "tensors.safetensors"),
               "single", in);
  const auto shape_of_logits = [&](const std::string& head) {
    std::vector<std::string> words{"forward", "--model", test::golden("bert-pretraining").string(),
                                   "--input", in,        "--output",
                                   out};
    if (!head.empty()) words.insert(words.end(), {"--head", head});
    const auto result = test::run_program(test::attend_command(), words);
    EXPECT_EQ(result.code, 0) << result.err;
    const Safetensors outputs = Safetensors::open(out);
    const auto logits = outputs.find("logits");
    return logits ? logits->shape.to_string() : "none";
  };
  EXPECT_EQ(shape_of_logits(""), "none");
  EXPECT_EQ(shape_of_logits("masked_lm"), "[1, 8, 300]");
  EXPECT_EQ(shape_of_logits("next_sentence_prediction"), "[1, 2]");
  EXPECT_EQ(shape_of_logits("none"), "none");
}

INSTANTIATE_TEST_SUITE_P(Folders, Forward, testing::ValuesIn(test::golden_folders()),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace attend::cli
