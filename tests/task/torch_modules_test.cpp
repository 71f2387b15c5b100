// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A sentence-transformers folder whose weights are all pytorch_model.bin, as most were before there
// was safetensors: the model and a Dense module.
#include <gtest/gtest.h>

#include "attend/checkpoint/safetensors.h"
#include "attend/task/sentence_embedding.h"
#include "support/edited_model.h"
#include "support/golden.h"
#include "support/torch_bytes.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

TEST(TorchModules, AreTheSameAsSafetensors) {
  const test::TemporaryFolder temporary;
  const fs::path folder = temporary.path();
  fs::copy(test::golden("bert-sentence-embeddings-mean"), folder,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  test::write_file(folder / "modules.json",
                   R"([{"type": "sentence_transformers.models.Transformer", "path": ""},
                       {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
                       {"type": "sentence_transformers.models.Dense", "path": "2_Dense"}])");
  test::write_file(folder / "2_Dense/config.json",
                   R"({"in_features": 32, "out_features": 2, "bias": true,
                       "activation_function": "torch.nn.modules.activation.Tanh"})");
  Tensor weight(DType::f32, {2, 32});
  for (std::size_t i = 0; i < 64; ++i) weight.values<float>()[i] = static_cast<float>(i % 7) - 3;
  Tensor bias(DType::f32, {2});
  bias.values<float>()[0] = 0.5F;
  const std::vector<std::pair<std::string, TensorRef>> dense{{"linear.weight", weight.ref()},
                                                             {"linear.bias", bias.ref()}};
  write_safetensors(folder / "2_Dense/model.safetensors", {dense.begin(), dense.end()});
  const auto expected = SentenceEmbedding::load(folder)("the house");
  ASSERT_EQ(expected.size(), 2U);

  test::EditedModel model(folder);
  fs::remove(folder / "model.safetensors");
  fs::remove(folder / "2_Dense/model.safetensors");
  fs::copy_file(model.save_torch() / "pytorch_model.bin", folder / "pytorch_model.bin");
  test::write_file(folder / "2_Dense/pytorch_model.bin", test::torch_file(dense));
  EXPECT_EQ(SentenceEmbedding::load(folder)("the house"), expected);
}

}  // namespace
}  // namespace attend
