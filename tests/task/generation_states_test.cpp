// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What generation hands out on request: hidden states and attentions as transformers has them, no
// more bytes than are allowed, and nothing where nobody asks.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "attend/checkpoint/safetensors.h"
#include "attend/task/generator.h"
#include "attend/task/text2text_generation.h"
#include "attend/task/text_generation.h"
#include "support/edited_model.h"
#include "task/cached_model.h"
#include "task/cases.h"
#include "task/hash_model.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;

/// states.safetensors of a golden folder.
class States {
 public:
  explicit States(std::string_view folder)
      : file_(Safetensors::open(golden(folder) / "states.safetensors")) {}

  [[nodiscard]] std::vector<std::string> cases() const {
    std::vector<std::string> out;
    for (const auto& [name, value] : file_.metadata()) {
      if (name != "format") out.push_back(name);
    }
    return out;
  }
  [[nodiscard]] GenerationConfig config(const std::string& one) const {
    GenerationConfig config = parse_generation_config(file_.metadata().at(one), one);
    config.do_sample = false;
    return config;
  }
  [[nodiscard]] Ids ids(const std::string& name) const {
    const TensorRef tensor = *file_.find(name);
    std::vector<std::int64_t> wide(static_cast<std::size_t>(tensor.shape.count()));
    to_int64(tensor.dtype, tensor.bytes, wide);
    return {wide.begin(), wide.end()};
  }
  [[nodiscard]] bool has(const std::string& name) const { return file_.find(name).has_value(); }
  [[nodiscard]] std::vector<float> values(const std::string& name) const {
    const TensorRef tensor = *file_.find(name);
    std::vector<float> out(static_cast<std::size_t>(tensor.shape.count()));
    to_float(tensor.dtype, tensor.bytes, out);
    return out;
  }

 private:
  Safetensors file_;
};

void expect_near(const std::vector<float>& found, const std::vector<float>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    // tests/golden/README.md, relative above 1.
    ASSERT_NEAR(found[i], expected[i], 1e-5F * std::max(1.0F, std::abs(expected[i]))) << i;
  }
}

Generation generated(const Model& model, const std::filesystem::path& folder, const Ids& ids,
                     const GenerationConfig& config) {
  GenerationPrompt prompt;
  (model.has_decoder() ? prompt.encoder_ids : prompt.ids) = ids;
  GenerationOptions options{.config = config,
                            .model_config = read_generation_defaults(folder).config};
  return generate_each(model, {&prompt, 1}, std::move(options)).front().value();
}

using Layers = std::vector<std::vector<float>>;

// All rows of a step behind each other; of the first step one row stands for all.
std::vector<float> rows_of(const std::vector<RowStates>& rows, Layers RowStates::*which,
                           std::size_t layer, std::size_t count) {
  std::vector<float> all;
  while (all.size() < count) {
    for (const RowStates& row : rows) {
      const auto& values = (row.*which).at(layer);
      all.insert(all.end(), values.begin(), values.end());
    }
  }
  return all;
}

// The reference leaves out the first of these keys, which have weights of 0.
std::vector<float> in_window(const std::vector<float>& weights, std::size_t keys,
                             std::size_t expected) {
  const std::size_t hidden = keys - expected / (weights.size() / keys);
  std::vector<float> out;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i % keys >= hidden) {
      out.push_back(weights[i]);
    } else {
      EXPECT_EQ(weights[i], 0);
    }
  }
  return out;
}

std::size_t expect_steps(const States& states, const std::string& name, const Generation& found,
                         Layers RowStates::*which) {
  std::size_t compared = 0;
  const auto& steps = found.states.at(0);
  for (std::size_t step = 0; step < steps.size(); ++step) {
    for (std::size_t layer = 0; layer < (steps[step].front().*which).size(); ++layer) {
      const std::string key = name + "." + std::to_string(step) + "." + std::to_string(layer);
      SCOPED_TRACE(key);
      const auto expected = states.values(key);
      auto all = rows_of(steps[step], which, layer, expected.size());
      if (all.size() > expected.size()) {
        const auto keys = static_cast<std::size_t>(steps[step].front().keys);
        all = in_window(all, keys, expected.size());
      }
      expect_near(all, expected);
      ++compared;
    }
    EXPECT_FALSE(states.has(name + "." + std::to_string(step) + "." +
                            std::to_string((steps[step].front().*which).size())));
  }
  EXPECT_FALSE(states.has(name + "." + std::to_string(steps.size()) + ".0"));
  return compared;
}

std::size_t expect_encoder(const States& states, const std::string& name, const Layers& found) {
  for (std::size_t layer = 0; layer < found.size(); ++layer) {
    SCOPED_TRACE(name);
    expect_near(found[layer], states.values(name + "." + std::to_string(layer)));
  }
  EXPECT_FALSE(states.has(name + "." + std::to_string(found.size())));
  return found.size();
}

TEST(GenerationStates, AreThoseOfTheReference) {
  for (const char* folder :
       {"llama-text-generation", "gemma2-text-generation", "mistral-text-generation",
        "bart-summarization", "t5-text2text-generation"}) {
    const States states(folder);
    const Model model = load_model(golden(folder));
    for (const std::string& one : states.cases()) {
      SCOPED_TRACE(std::string(folder) + " " + one);
      GenerationConfig config = states.config(one);
      config.output_hidden_states = true;
      config.output_attentions = true;
      const auto found = generated(model, golden(folder), states.ids(one + ".input_ids"), config);
      EXPECT_EQ(found.sequences.at(0).ids, states.ids(one + ".sequences"));
      const std::string own = one + (model.has_decoder() ? ".decoder_" : ".");
      std::size_t compared =
          expect_steps(states, own + "hidden_states", found, &RowStates::hidden_states) +
          expect_steps(states, own + "attentions", found, &RowStates::attentions);
      if (model.has_decoder()) {
        compared +=
            expect_steps(states, one + ".cross_attentions", found, &RowStates::cross_attentions);
        compared += expect_encoder(states, one + ".encoder_hidden_states",
                                   found.encoder_states.hidden_states);
        compared +=
            expect_encoder(states, one + ".encoder_attentions", found.encoder_states.attentions);
      }
      EXPECT_GE(compared, 12U);
    }
  }
}

// What is asked for changes no text, and what is not asked for is not there.
TEST(GenerationStates, ChangeNothing) {
  const auto folder = golden("llama-text-generation");
  const Model model = load_model(folder);
  const Ids ids = {20, 30, 20, 30, 20};
  for (const Index beams : {1, 3}) {
    GenerationConfig config;
    config.max_new_tokens = 8;
    config.num_beams = beams;
    config.do_sample = false;
    if (beams == 1) config.prompt_lookup_num_tokens = 3;
    const auto plain = generated(model, folder, ids, config);
    EXPECT_TRUE(plain.states.empty());
    config.output_hidden_states = true;
    const auto watched = generated(model, folder, ids, config);
    EXPECT_EQ(watched.sequences.at(0).ids, plain.sequences.at(0).ids);
    ASSERT_EQ(watched.states.size(), 1U);
    EXPECT_EQ(watched.states[0].size(), watched.sequences[0].ids.size() - ids.size());
    for (const auto& step : watched.states[0]) {
      for (const RowStates& row : step) EXPECT_TRUE(row.attentions.empty());
    }
  }
}

/// Ten tokens, and one of what may be asked for.
std::vector<GenerationOptions> of_each_output() {
  std::vector<GenerationOptions> out;
  for (const auto field :
       {&GenerationConfig::output_scores, &GenerationConfig::output_logits,
        &GenerationConfig::output_hidden_states, &GenerationConfig::output_attentions}) {
    GenerationOptions& options = out.emplace_back();
    options.config.max_new_tokens = 10;
    options.config.do_sample = false;
    options.config.*field = true;
  }
  return out;
}

TEST(GenerationStates, TakeNoMoreThanIsAllowed) {
  const auto folder = golden("llama-text-generation");
  const Model model = load_model(folder);
  const Ids ids = {20, 30, 20};
  const std::vector<GenerationPrompt> prompts(2, {.ids = ids});
  for (GenerationOptions options : of_each_output()) {
    options.max_output_bytes = 1;
    EXPECT_EQ(generate_each(model, prompts, options)[0].error().kind(), ErrorKind::resource_limit);
    std::uint64_t bytes = 64;
    for (bool ok = false; !ok; bytes *= 2) {
      ASSERT_LT(bytes, std::uint64_t{1} << 24);
      options.max_output_bytes = bytes;
      ok = generate_each(model, {prompts.data(), 1}, options)[0].ok();
    }
    // The first prompt has room, the second has not.
    const auto some = generate_each(model, prompts, options, {.batch_size = 1});
    EXPECT_TRUE(some[0].ok());
    EXPECT_EQ(some[1].error().kind(), ErrorKind::resource_limit);
    options.max_output_bytes = bytes * 4;
    EXPECT_TRUE(generate_each(model, prompts, options)[1].ok());
  }
}

// What they took is there for those behind them, or beside them.
TEST(GenerationStates, PromptsThatFailGiveBackWhatTheyTook) {
  const auto folder = golden("llama-text-generation");
  const Model model = load_model(folder);
  const Ids ids = {20, 30, 20};
  const std::vector<GenerationPrompt> prompts(3, {.ids = ids});
  for (GenerationOptions options : of_each_output()) {
    options.max_output_bytes = 64;
    while (!generate_each(model, {prompts.data(), 1}, options)[0].ok()) {
      options.max_output_bytes *= 2;
    }
    options.callbacks.processors = {[](const LogitsRow& row) {
      if (row.prompt != 0 || row.ids.size() < 12) return;
      std::fill(row.logits.begin(), row.logits.end(), std::nanf(""));
    }};
    const auto found = generate_each(model, prompts, options, {.batch_size = 1});
    EXPECT_EQ(found[0].error().kind(), ErrorKind::weight_value);
    EXPECT_TRUE(found[1].ok());
    EXPECT_EQ(found[2].error().kind(), ErrorKind::resource_limit);
  }
  // A long one asks for too much, and those behind it do not wait for its room.
  const Ids long_ids(400, 20);
  const std::vector<GenerationPrompt> both = {{.ids = long_ids}, {.ids = ids}};
  GenerationOptions options;
  options.config.max_new_tokens = 3;
  options.config.output_attentions = true;
  options.max_output_bytes = std::uint64_t{1} << 16;
  const auto found = generate_each(model, both, options);
  EXPECT_EQ(found[0].error().kind(), ErrorKind::resource_limit);
  EXPECT_TRUE(found[1].ok());
}

// What a pass would hand out is known before it runs.
TEST(GenerationStates, AreRefusedBeforeTheyAreComputed) {
  const Ids ids(3000, 7);
  const GenerationPrompt prompt{.ids = ids, .encoder_ids = ids};
  for (const char* folder : {"llama-text-generation", "t5-text2text-generation"}) {
    SCOPED_TRACE(folder);
    const Model model = load_model(golden(folder));
    for (const bool attentions : {false, true}) {
      Workspace workspace;
      CachedModel rows(model, {&prompt, 1}, workspace,
                       {.states = {.hidden_states = !attentions,
                                   .attentions = attentions,
                                   .max_bytes = std::uint64_t{1} << 17}});
      const RowStep row{.tokens = ids};
      expect_error(ErrorKind::resource_limit, {"hidden states and attentions"}, [&] {
        return rows.step({&row, 1});
      });
      EXPECT_LT(workspace.capacity(), 3000U * sizeof(float) * 16);  // less than any rows take
    }
  }
}

std::uint64_t bytes_of(const RowStates& row) {
  std::uint64_t values = 0;
  for (const Layers* layers : {&row.hidden_states, &row.attentions, &row.cross_attentions}) {
    for (const auto& layer : *layers) values += layer.size();
  }
  return values * sizeof(float);
}

// What is expected of a pass is what it hands out, of every architecture.
TEST(GenerationStates, TakeExactlyTheRoomThatIsKnownBefore) {
  std::size_t folders = 0;
  for (const std::string& folder : golden_folders()) {
    if (folder.find("generation") == std::string::npos) continue;
    SCOPED_TRACE(folder);
    const Model model = load_model(golden(folder));
    const Ids ids = {20, 30, 20};
    GenerationPrompt prompt;
    (model.has_decoder() ? prompt.encoder_ids : prompt.ids) = ids;
    GenerationOptions options{.model_config = read_generation_defaults(golden(folder)).config};
    options.config.max_new_tokens = 3;
    options.config.do_sample = false;
    options.config.num_beams = 2;
    options.config.output_hidden_states = true;
    options.config.output_attentions = true;
    const auto found = generate_each(model, {&prompt, 1}, options)[0].value();
    options.max_output_bytes = bytes_of(found.encoder_states);
    for (const auto& step : found.states.at(0)) {
      for (const RowStates& row : step) options.max_output_bytes += bytes_of(row);
    }
    EXPECT_TRUE(generate_each(model, {&prompt, 1}, options)[0].ok());
    --options.max_output_bytes;
    EXPECT_FALSE(generate_each(model, {&prompt, 1}, options)[0].ok());
    ++folders;
  }
  EXPECT_GT(folders, 20U);
}

TEST(GenerationStates, SearchesThatDoNotHandThemOutRefuse) {
  HashModel model(23, 7, 6);
  const Ids ids = {1, 2};
  const GenerationPrompt prompt{.ids = ids};
  GenerationOptions options;
  options.config.output_attentions = true;
  expect_error(ErrorKind::unsupported, {"hands them out"}, [&] {
    return generate(model, {&prompt, 1}, options);
  });
  options.config.do_sample = true;
  options.config.num_return_sequences = 2;
  expect_error(ErrorKind::unsupported, {"several texts"}, [&] {
    return generate(model, {&prompt, 1}, options);
  });
  options.config = {};
  options.config.output_hidden_states = true;
  options.config.penalty_alpha = 0.6;
  options.config.top_k = 4;
  expect_error(ErrorKind::unsupported, {"contrastive"}, [&] {
    return generate(model, {&prompt, 1}, options);
  });
}

TEST(GenerationStates, FilesOfModelsDoNotCount) {
  const TemporaryFolder folder;
  const std::string all = R"("output_scores": true, "output_logits": true,
      "output_hidden_states": true, "output_attentions": true)";
  write_file(folder.path() / "config.json",
             R"({"model_type": "t5", "task_specific_params": {"summarization": {)" + all + "}}, " +
                 all + "}");
  const auto expect_none = [&] {
    for (const char* task : {"", "summarization"}) {
      const auto config = read_generation_defaults(folder.path(), task).config;
      EXPECT_FALSE(config.output_scores.value_or(false));
      EXPECT_FALSE(config.output_logits.value_or(false));
      EXPECT_FALSE(config.output_hidden_states.value_or(false));
      EXPECT_FALSE(config.output_attentions.value_or(false));
    }
  };
  expect_none();
  write_file(folder.path() / "generation_config.json", "{" + all + "}");
  expect_none();
}

TEST(GenerationStates, TasksHandOutTexts) {
  const auto generation = TextGeneration::load(golden("llama-text-generation"));
  const auto summaries = Text2TextGeneration::load(golden("t5-text2text-generation"));
  for (const auto field :
       {&GenerationConfig::output_scores, &GenerationConfig::output_logits,
        &GenerationConfig::output_hidden_states, &GenerationConfig::output_attentions}) {
    TextGenerationOptions options;
    options.config.*field = true;
    expect_error(ErrorKind::unsupported, {"output_"}, [&] { return generation("text", options); });
    Text2TextOptions written;
    written.config.*field = true;
    expect_error(ErrorKind::unsupported, {"output_"}, [&] { return summaries("text", written); });
  }
}

// Phi-3: a text that grows beyond the positions of training is read anew, and prompts beyond them
// are read as a whole.
TEST(GenerationStates, TextsThatBecomeLongAreReadAnew) {
  const char* folder = "phi3-text-generation-longrope";
  const States states(folder);
  EditedModel edited(golden(folder));
  edited.set_config("sliding_window", "null");
  const std::filesystem::path made = edited.save();
  const Model model = load_model(made);
  ASSERT_GE(states.cases().size(), 3U);
  for (const std::string& one : states.cases()) {
    SCOPED_TRACE(one);
    GenerationConfig config = states.config(one);
    const Ids ids = states.ids(one + ".input_ids");
    const Ids expected = states.ids(one + ".sequences");
    EXPECT_EQ(generated(model, made, ids, config).sequences.at(0).ids, expected);
    if (config.num_beams.value_or(1) > 1) continue;
    config.prompt_lookup_num_tokens = 4;
    config.max_matching_ngram_size = 1;
    EXPECT_EQ(generated(model, made, ids, config).sequences.at(0).ids, expected);
  }
}

}  // namespace
}  // namespace attend::test
