// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend bench`: what it times is what `attend forward` and `attend run` answer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "attend/checkpoint/safetensors.h"
#include "attend/core/cpu.h"
#include "attend/task/generator.h"
#include "cli/bench/generation.h"
#include "cli/bench/shape.h"
#include "cli/command.h"
#include "support/command.h"
#include "support/edited_model.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/kernel_tables.h"
#include "support/paths.h"
#include "support/sanitized.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using Json = test::OrderedJson;
using Words = std::vector<std::string>;

constexpr Index vocabulary = 30522;  // of the bundled models

std::string bundled(const char* name) {
  return (test::tests_folder().parent_path() / "examples/models" / name).string();
}

test::CommandResult bench(Words arguments) {
  arguments.insert(arguments.begin(), "bench");
  return test::run_program(test::attend_command(), arguments);
}

/// The object that a run writes.
Json figures(Words arguments) {
  const auto result = bench(std::move(arguments));
  EXPECT_EQ(result.code, exit_ok) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(test::split_lines(result.out).size(), 1U);
  return test::ordered_json_of(result.out);
}

Json of_tokens(const std::string& shape, const Words& more = {}) {
  Words words{"--model", bundled("sentiment"), "--threads", "1", "--shape", shape};
  words.insert(words.end(), more.begin(), more.end());
  return figures(words);
}

/// Rows of a round as padded matrices, by the rule that other programs follow too.
struct Padded {
  Padded(const std::vector<std::int64_t>& lengths, std::int64_t round)
      : shape{static_cast<Index>(lengths.size()),
              *std::max_element(lengths.begin(), lengths.end())} {
    for (std::size_t row = 0; row < lengths.size(); ++row) {
      for (std::int64_t position = 0; position < shape[1]; ++position) {
        const std::int64_t place =
            7919 * position + 104729 * static_cast<std::int64_t>(row) + 15485863 * round;
        const bool kept = position < lengths[row];
        ids.push_back(kept ? 1000 + place % (vocabulary - 2000) : 0);
        mask.push_back(kept ? 1 : 0);
      }
    }
  }

  Shape shape;
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> mask;
};

/// The last hidden states of `attend forward`. Rows of padding are 0.
std::vector<float> forward(const Padded& input) {
  const test::TemporaryFolder folder;
  const auto ref = [&](const std::vector<std::int64_t>& values) {
    return TensorRef{DType::i64, input.shape, reinterpret_cast<const std::byte*>(values.data())};
  };
  const fs::path in = folder.path() / "in.safetensors";
  const fs::path out = folder.path() / "out.safetensors";
  write_safetensors(in, {{"input_ids", ref(input.ids)}, {"attention_mask", ref(input.mask)}});
  const auto result = test::run_program(
      test::attend_command(), {"forward", "--model", bundled("sentiment"), "--input", in.string(),
                               "--output", out.string(), "--threads", "1"});
  EXPECT_EQ(result.code, exit_ok) << result.err;
  const Safetensors outputs = Safetensors::open(out);
  const TensorRef states = outputs.find("last_hidden_state").value();
  std::vector<float> values(static_cast<std::size_t>(states.shape.count()));
  to_float(states.dtype, states.bytes, values);
  return values;
}

double sum(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Compares a run of two rounds with what `attend forward` makes of the same ids.
void compare_with_forward(const std::string& shape, const std::vector<std::int64_t>& lengths) {
  const std::vector<float> first = forward({lengths, 7});
  const std::vector<float> second = forward({lengths, 8});
  const Json found = of_tokens(shape, {"--rounds", "2", "--first-round", "7"});
  ASSERT_EQ(found["ms"].size(), 2U);
  EXPECT_NEAR(found["checksum"].get<double>(), sum(first) + sum(second), 1e-6);
  const auto output = found["output"].get<std::vector<float>>();
  ASSERT_EQ(output.size(), 384U);
  for (std::size_t j = 0; j < output.size(); ++j) {
    double mean = 0;
    for (std::int64_t i = 0; i < lengths[0]; ++i) {
      mean += static_cast<double>(first[static_cast<std::size_t>(i) * output.size() + j]);
    }
    ASSERT_NEAR(static_cast<double>(output[j]), mean / static_cast<double>(lengths[0]), 1e-6) << j;
  }
}

TEST(Bench, OfTokensIsWhatForwardAnswers) { compare_with_forward("3x7", {7, 7, 7}); }

TEST(Bench, RowsOfDifferentLengthsHaveNoPadding) {
  compare_with_forward("ragged5", {1, 30, 59, 24, 53});
}

TEST(Bench, OfTextsIsWhatTheTaskAnswers) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "texts").string();
  const Words texts{"A quiet, perfect film.", "", "I hate every minute of it.", "never seen"};
  std::string lines;
  for (const std::string& text : texts) lines += text + "\n";
  test::write_file(file, lines);
  const Json found = figures(
      {"--model", bundled("sentiment"), "--shape", "texts:3/2", "--texts", file, "--rounds", "2"});
  EXPECT_EQ(found["ms"].size(), 2U);
  const auto output = found["output"].get<std::vector<float>>();
  ASSERT_EQ(output.size(), 6U);
  EXPECT_NEAR(found["checksum"].get<double>(), 6.0, 1e-5);
  for (std::size_t i = 0; i < 3; ++i) {
    const Json request{{"inputs", texts[i]}, {"parameters", {{"top_k", nullptr}}}};
    const auto result = test::run_program(
        test::attend_command(), {"run", "text-classification", "--model", bundled("sentiment")},
        request.dump() + "\n");
    ASSERT_EQ(result.code, exit_ok) << result.err;
    for (const auto& label : test::ordered_json_of(result.out)) {
      const std::size_t id = label["label"] == "POSITIVE" ? 1 : 0;
      EXPECT_NEAR(static_cast<double>(output[2 * i + id]), label["score"].get<double>(), 1e-6);
    }
  }
}

TEST(Bench, TextsThatAreTooLongAreCut) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "texts").string();
  std::string line;
  for (int i = 0; i < 2000; ++i) line += "word ";
  test::write_file(file, line);
  const Json found = figures(
      {"--model", bundled("sentiment"), "--shape", "texts:1/1", "--texts", file, "--rounds", "1"});
  EXPECT_EQ(found["output"].size(), 2U);
}

TEST(Bench, TheObjectHasEveryFigure) {
  const Json found = of_tokens("1x4", {"--dtype", "f32"});
  std::vector<std::string> keys;
  for (const auto& [key, value] : found.items()) keys.push_back(key);
  EXPECT_EQ(keys, (Words{"ms", "checksum", "output", "load_ms", "peak_rss_mb", "peak_gflops",
                         "bandwidth_gbs", "dtype", "isa", "threads", "shape"}));
  EXPECT_EQ(found["ms"].size(), 5U);
  for (const auto& time : found["ms"]) EXPECT_GT(time.get<double>(), 0);
  for (const char* key : {"load_ms", "peak_rss_mb", "peak_gflops", "bandwidth_gbs"}) {
    EXPECT_GT(found[key].get<double>(), 0) << key;
  }
  EXPECT_EQ(found["dtype"], "f32");
  EXPECT_EQ(found["isa"], cpu_report().kernels);
  EXPECT_EQ(found["threads"], 1);
  EXPECT_EQ(found["shape"], "1x4");
  EXPECT_EQ(
      figures({"--model", bundled("sentiment"), "--threads", "2", "--shape", "1x4"})["threads"], 2);
}

// Integers are multiplied faster than floats wherever they are multiplied as such; of bf16 that
// differs from CPU to CPU.
void expect_peak(ComputeType compute, double peak, double of_f32) {
  const auto& tables = test::usable_tables();
  const bool has_peak = std::any_of(tables.begin(), tables.end(), [&](const auto* table) {
    return !table->only_by_name && table->multiply_adds(operands(compute), 1) > 0;
  });
  EXPECT_EQ(peak > 0, has_peak);
  if (has_peak && compute != ComputeType::bf16) {
    EXPECT_GT(peak, 1.5 * of_f32);
  }
}

TEST(Bench, EveryTypeIsTimedAgainstItsPeak) {
  const Json exact = of_tokens("1x4");
  for (const ComputeType compute : {ComputeType::bf16, ComputeType::int8, ComputeType::int4}) {
    SCOPED_TRACE(name(compute));
    const Json found = of_tokens("1x4", {"--dtype", std::string(name(compute))});
    EXPECT_EQ(found["dtype"], name(compute));
    expect_peak(compute, found["peak_gflops"].get<double>(), exact["peak_gflops"].get<double>());
    EXPECT_NE(found["output"], exact["output"]);
    double product = 0;
    double of_exact = 0;
    double of_found = 0;
    for (std::size_t i = 0; i < exact["output"].size(); ++i) {
      const double a = exact["output"][i].get<double>();
      const double b = found["output"][i].get<double>();
      product += a * b;
      of_exact += a * a;
      of_found += b * b;
    }
    EXPECT_GT(product / std::sqrt(of_exact * of_found), 0.95);
  }
}

// The memory in which bandwidth is measured is larger than the model, and not the model's.
TEST(Bench, MemoryIsThatOfTheModel) {
#ifdef ATTEND_SANITIZED
  GTEST_SKIP() << "a sanitizer has memory of its own";
#endif
  EXPECT_LT(of_tokens("1x4")["peak_rss_mb"].get<double>(), 500);
}

TEST(Bench, ARoundIsTheSameWhereverItStands) {
  const Json together = of_tokens("2x5", {"--first-round", "3", "--rounds", "2"});
  const Json first = of_tokens("2x5", {"--first-round", "3", "--rounds", "1"});
  const Json second = of_tokens("2x5", {"--first-round", "4", "--rounds", "1"});
  EXPECT_EQ(together["output"], first["output"]);
  EXPECT_NE(together["output"], second["output"]);
  EXPECT_DOUBLE_EQ(together["checksum"].get<double>(),
                   first["checksum"].get<double>() + second["checksum"].get<double>());
}

TEST(Bench, WhatCannotBeTimedIsSaid) {
  struct Wrong {
    Words arguments;
    int code;
    std::string complaint;
  };
  const std::string model = bundled("sentiment");
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "texts").string();
  test::write_file(file, "one\ntwo\n");
  const std::vector<Wrong> table{
      {{"--model", model}, exit_usage, "--shape"},
      {{"--shape", "1x4"}, exit_usage, "--model"},
      {{"--model", model, "--shape", "1x4", "--rounds", "0"}, exit_usage, "--rounds"},
      {{"--model", model, "--shape", "1x4", "--first-round", "-1"}, exit_usage, "--first-round"},
      {{"--model", model, "--shape", "1x4", "--dtype", "f33"},
       exit_usage,
       "--dtype: expected one of f32, bf16, int8, int4, found \"f33\""},
      {{"--model", model, "--shape", "1x4", "--texts", file}, exit_usage, "--texts is for"},
      {{"--model", model, "--shape", "texts:2/1"}, exit_usage, "needs --texts"},
      {{"--model", model, "--shape", "texts:3/1", "--texts", file},
       exit_usage,
       "--texts: expected 3 lines, found 2"},
      {{"--model", model, "--shape", "texts:2/1", "--texts", "/nowhere"}, exit_file, "/nowhere"},
      {{"--model", "/nowhere", "--shape", "1x4"}, exit_file, "/nowhere"},
      {{"--model", model, "--shape", "1x513"}, exit_run_time, "position"},
      {{"--model", bundled("embeddings"), "--shape", "texts:2/1", "--texts", file},
       exit_file,
       "classifier.weight"},
      {{"--model", model, "--shape", "prefill:1x"}, exit_usage, "prefill:1x"},
      {{"--model", model, "--shape", "gen:8x128/4"}, exit_usage, "gen:8x128/4"},
      {{"--model", model, "--shape", "gen:8x128+32/4000"}, exit_usage, "gen:8x128+32/4000"},
      {{"--model", model, "--shape", "prefill:1x16"},
       exit_file,
       "the model: expected one that generates, as --generate and shapes of gen: and prefill: want "
       "it, found \"BertForSequenceClassification\""},
      {{"--model", bundled("embeddings"), "--shape", "gen:1x8+4"},
       exit_file,
       "found \"BertModel\" (" + bundled("embeddings") +
           "/config.json); this one takes shapes such as 8x128 and ragged32"},
      {{"--model", test::golden("bert-fill-mask").string(), "--generate"},
       exit_file,
       "found \"BertForMaskedLM\""},
      {{"--model", model, "--shape", "1x4,1x8"}, exit_usage, "--shape takes one"},
      {{"--model", model, "--shape", "1x4", "--generate"}, exit_usage, "--generate is for shapes"},
  };
  for (const Wrong& wrong : table) {
    SCOPED_TRACE(wrong.complaint);
    const auto result = bench(wrong.arguments);
    EXPECT_EQ(result.code, wrong.code);
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("attend: ")) << result.err;
    EXPECT_NE(result.err.find(wrong.complaint), std::string::npos) << result.err;
    EXPECT_EQ(test::split_lines(result.err).size(), 1U) << result.err;
  }
}

constexpr Index wide_rows = 2500;

/// A model whose vocabulary is large enough for ids by rule.
fs::path widened(test::EditedModel& edited, const std::string& table) {
  constexpr Index rows = wide_rows;
  test::EditedTensor& tokens = edited.tensors.at(table);
  const std::vector<float> known = tokens.values();
  std::vector<float> values;
  for (Index i = 0; i < rows * tokens.shape[1]; ++i) {
    const auto at = static_cast<std::size_t>(i);
    values.push_back(known[at % known.size()] * (1 + static_cast<float>(i % 7) / 16));
  }
  tokens.shape = Shape{rows, tokens.shape[1]};
  tokens.set_values(values);
  edited.set_config("vocab_size", std::to_string(rows));
  return edited.save();
}

/// A decoder of 2 blocks of width 32, for 88 tokens.
struct WideDecoder {
  test::EditedModel edited{test::golden("gpt2-text-generation")};
  fs::path folder = widened(edited, "wte.weight");

  [[nodiscard]] Json run(const Words& more) const {
    Words words{"--model", folder.string(), "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return figures(words);
  }
};

TEST(Bench, GenerationIsWhatTheLibraryGenerates) {
  const WideDecoder decoder;
  const fs::path& folder = decoder.folder;
  const Model model = load_model(folder);
  for (const auto& [shape, new_tokens, beams] :
       {std::tuple<std::string, Index, Index>{"gen:2x9+6", 6, 1},
        {"gen:2x9+5/3", 5, 3},
        {"prefill:2x9", 1, 1}}) {
    SCOPED_TRACE(shape);
    const Json found = decoder.run({"--shape", shape, "--rounds", "2", "--first-round", "4"});
    const auto ids_of = [&, tokens = new_tokens, width = beams](std::int64_t round) {
      const Batch batch = bench::token_batch({{9, 9}}, round, model.config().vocab_size);
      const auto ids = std::span(batch.ids);
      const std::vector<GenerationPrompt> prompts{{.ids = ids.first(9)}, {.ids = ids.last(9)}};
      GenerationOptions options{.model_config = read_generation_defaults(folder).config};
      options.config.max_new_tokens = tokens;
      options.config.min_new_tokens = tokens;
      options.config.num_beams = width;
      std::vector<TokenId> out;
      for (const auto& outcome : generate_each(model, prompts, options)) {
        const auto& text = outcome.value().sequences.at(0).ids;
        EXPECT_EQ(text.size(), 9U + static_cast<std::size_t>(tokens));
        out.insert(out.end(), text.begin() + 9, text.end());
      }
      return out;
    };
    const auto first = ids_of(4);
    const auto second = ids_of(5);
    const auto output = found["output"].get<std::vector<TokenId>>();
    EXPECT_EQ(output, std::vector<TokenId>(first.begin(), first.begin() + new_tokens));
    const auto total = std::accumulate(first.begin(), first.end(), 0.0) +
                       std::accumulate(second.begin(), second.end(), 0.0);
    EXPECT_EQ(found["checksum"].get<double>(), total);
    ASSERT_EQ(found["ms"].size(), 2U);
    ASSERT_EQ(found["first_ms"].size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_GT(found["first_ms"][i].get<double>(), 0);
      EXPECT_LE(found["first_ms"][i].get<double>(), found["ms"][i].get<double>());
    }
  }
}

bench::GenerationCost cost_of(const Model& model, const std::string& shape) {
  return bench::cost_of(model, std::get<bench::GenerationShape>(bench::read_shape(shape)));
}

TEST(BenchCost, OfADecoderIsThatOfItsProductsAndItsCache) {
  const Model model = load_model(WideDecoder().folder);
  constexpr double blocks = 2 * (4 * 32 * 32 + 2 * 32 * 128);
  constexpr double head = 32 * wide_rows;
  const auto one = cost_of(model, "gen:1x9+6");
  EXPECT_EQ(one.first_operations, 2 * (9 * blocks + head) + 2 * 4 * 32 * (9 * 10 / 2));
  EXPECT_EQ(cost_of(model, "prefill:3x9").first_operations, 3 * one.first_operations);
  const double page = 2 * static_cast<double>(model.make_cache().layers().own[0].page_bytes());
  const double cached = page * 12 / 32;  // 9 tokens and half of the new ones
  EXPECT_GT(one.step_bytes, 4 * (blocks + head) + cached);
  EXPECT_LT(one.step_bytes, 1.1 * 4 * (blocks + head) + cached);
  EXPECT_NEAR(cost_of(model, "gen:1x41+6").step_bytes, one.step_bytes + page, 1);
  EXPECT_NEAR(cost_of(model, "gen:2x9+6/3").step_bytes, one.step_bytes + 5 * cached, 1);
}

TEST(BenchCost, OfAStepHasNothingOfAnEncoder) {
  test::EditedModel edited(test::golden("t5-text2text-generation"));
  const Model model = load_model(widened(edited, "shared.weight"));
  const auto found = cost_of(model, "gen:1x9+6");
  constexpr double encoder = 2 * (4 * 32 * 32 + 2 * 32 * 40);
  constexpr double memory = 2 * 2 * 32 * 32;
  constexpr double step = encoder + memory + 32 * wide_rows;  // queries and outputs of the memory's
  EXPECT_EQ(found.first_operations,
            2 * step + 2 * 9 * (encoder + memory) + 2 * 4 * 32 * (1 + 9 * 9 + 9));
  const auto packed = static_cast<double>(model.memory(BatchShape(1, 1)).packed);
  const double token =
      2 * static_cast<double>(model.make_cache().layers().own[0].page_bytes()) / 32;
  EXPECT_NEAR(found.step_bytes, packed * step / (step + memory + encoder) + (1 + 3 + 9) * token, 1);
}

// A token sees itself and what its window has before it, and no key behind is read.
TEST(BenchCost, OfAWindowIsThatOfItsKeys) {
  constexpr double block = 32 * (2 * 32 + 2 * 16 + 3 * 40);
  constexpr double in_window = 8 * 9 / 2 + 12 * 8;  // pairs of 20 tokens, in windows of 8
  constexpr double all = 20 * 21 / 2;
  const auto token = [](const Model& model, std::size_t layer) {
    return static_cast<double>(model.make_cache().layers().own[layer].page_bytes()) / 32;
  };
  const Model windows = load_model(test::golden("mistral-text-generation"));
  const auto found = cost_of(windows, "gen:1x20+6");
  EXPECT_EQ(found.first_operations, 2 * (20 * 2 * block + 400 * 32) + 4 * 32 * 2 * in_window);
  const auto packed = static_cast<double>(windows.memory(BatchShape(1, 1)).packed);
  EXPECT_EQ(found.step_bytes, packed + 8 * (token(windows, 0) + token(windows, 1)));
  EXPECT_EQ(cost_of(windows, "gen:3x60+6/2").step_bytes,
            packed + 6 * 8 * (token(windows, 0) + token(windows, 1)));

  const Model every_other = load_model(test::golden("gemma2-text-generation"));
  const auto mixed = cost_of(every_other, "gen:1x20+6");
  EXPECT_EQ(mixed.first_operations, 2 * (20 * 2 * block + 402 * 32) + 4 * 32 * (in_window + all));
  EXPECT_NEAR(cost_of(every_other, "gen:1x60+6").step_bytes,
              mixed.step_bytes + 40 * token(every_other, 1), 1e-6);
}

TEST(Bench, FiguresOfGenerationFollowFromTimes) {
  const WideDecoder decoder;
  const Json found = decoder.run({"--generate", "--shape", "prefill:2x9,gen:2x9+6", "--shape",
                                  "gen:2x9+6/3", "--rounds", "3", "--dtype", "int8"});
  std::vector<std::string> keys;
  for (const auto& [key, value] : found.items()) keys.push_back(key);
  EXPECT_EQ(keys, (Words{"shapes", "load_ms", "peak_rss_mb", "peak_gflops", "bandwidth_gbs",
                         "dtype", "isa", "threads"}));
  ASSERT_EQ(found["shapes"].size(), 3U);
  const auto has = [](const Json& shape, const char* key) { return shape.contains(key); };
  for (const Json& shape : found["shapes"]) {
    SCOPED_TRACE(shape["shape"].get<std::string>());
    const bool is_prefill = shape["shape"] == "prefill:2x9";
    const auto at = [&](const char* key) { return shape[key].get<double>(); };
    EXPECT_GT(at("ms"), 0);
    EXPECT_LE(at("first_ms"), at("ms"));
    EXPECT_GT(at("peak_percent"), 0);
    EXPECT_EQ(has(shape, "step_ms"), !is_prefill);
    EXPECT_EQ(has(shape, "beam_cost"), shape["shape"] == "gen:2x9+6/3");
    if (is_prefill) continue;
    EXPECT_NEAR(at("tokens_per_s"), 2e3 / at("step_ms"), 1e-6 * at("tokens_per_s"));
    const double percent =
        at("step_bytes") / at("step_ms") / found["bandwidth_gbs"].get<double>() / 1e4;
    EXPECT_NEAR(at("bandwidth_percent"), percent, 1e-6 * percent);
  }
  EXPECT_NEAR(
      found["shapes"][2]["beam_cost"].get<double>(),
      found["shapes"][2]["step_ms"].get<double>() / found["shapes"][1]["step_ms"].get<double>(),
      1e-6);
}

TEST(Bench, UsualShapesAreThoseThatFit) {
  const auto names = [](const Json& found) {
    Words shapes;
    for (const auto& shape : found["shapes"]) shapes.push_back(shape["shape"].get<std::string>());
    return shapes;
  };
  EXPECT_EQ(names(WideDecoder().run({"--generate", "--rounds", "1"})),
            (Words{"gen:1x8+64", "gen:4x8+64"}));
  test::EditedModel both(test::golden("t5-text2text-generation"));
  const fs::path folder = widened(both, "shared.weight");
  EXPECT_EQ(
      names(figures({"--model", folder.string(), "--threads", "1", "--generate", "--rounds", "1"})),
      (Words{"gen:1x128+32", "gen:1x128+32/4", "gen:8x128+32", "gen:8x128+32/4"}));
  test::EditedModel narrow(test::golden("gpt2-text-generation"));
  constexpr Index few = 24;
  test::EditedTensor& positions = narrow.tensors.at("wpe.weight");
  std::vector<float> values = positions.values();
  values.resize(static_cast<std::size_t>(few * positions.shape[1]));
  positions.shape = Shape{few, positions.shape[1]};
  positions.set_values(values);
  narrow.set_config("n_positions", std::to_string(few));
  const auto result = bench({"--model", widened(narrow, "wte.weight").string(), "--generate"});
  EXPECT_EQ(result.code, exit_usage);
  EXPECT_NE(result.err.find("long enough for gen:1x16+16"), std::string::npos) << result.err;
  EXPECT_EQ(names(figures({"--model", "stories", "--generate", "--rounds", "1"})),
            (Words{"prefill:1x128", "gen:1x8+64", "gen:4x8+64"}));
  EXPECT_EQ(names(figures({"--model", "pronunciation", "--generate", "--rounds", "1"})),
            (Words{"gen:1x16+16"}));
}

TEST(BenchShape, OfThirtyTwoRaggedRowsHas1040Tokens) {
  const auto shape = std::get<bench::TokenShape>(bench::read_shape("ragged32"));
  ASSERT_EQ(shape.lengths.size(), 32U);
  EXPECT_EQ(shape.lengths[1], 30);
  EXPECT_EQ(*std::max_element(shape.lengths.begin(), shape.lengths.end()), 64);
  EXPECT_EQ(std::accumulate(shape.lengths.begin(), shape.lengths.end(), Index{0}), 1040);
}

TEST(BenchShape, IdsOfAnyRoundLieBetweenTheFirstAndTheLastThousand) {
  const Batch batch = bench::token_batch({{2, 3}}, 1'000'000'000, 2003);
  EXPECT_EQ(batch.starts, (std::vector<Index>{0, 2, 5}));
  for (const TokenId id : batch.ids) {
    EXPECT_GE(id, 1000);
    EXPECT_LT(id, 1003);
  }
  // 15485863 * 10^9, 7919 and 104729 modulo 3 are 1, 2 and 2.
  EXPECT_EQ(batch.ids, (std::vector<TokenId>{1001, 1000, 1000, 1002, 1001}));
}

TEST(BenchShape, SmallVocabulariesAreTakenAsAWhole) {
  const Batch batch = bench::token_batch({{2, 3}}, 0, 2000);
  // 7919 and 104729 modulo 2000.
  EXPECT_EQ(batch.ids, (std::vector<TokenId>{0, 1919, 729, 648, 567}));
}

TEST(BenchShape, ANonsensicalOneIsAnError) {
  for (const char* text : {"",
                           "8",
                           "x",
                           "8x",
                           "x8",
                           "0x8",
                           "8x0",
                           "-1x8",
                           "8x128 ",
                           " 8x128",
                           "8X128",
                           "8x128x2",
                           "1000001x1",
                           "4097x4096",
                           "99999999999999999999x1",
                           "ragged",
                           "ragged0",
                           "ragged1000000",
                           "ragged32x",
                           "texts:",
                           "texts:5",
                           "texts:5/",
                           "texts:0/1",
                           "texts:5/0",
                           "texts:5/1/2",
                           "text:5/1"}) {
    const auto error = test::error_of([&] { static_cast<void>(bench::read_shape(text)); });
    ASSERT_TRUE(error) << text;
    EXPECT_EQ(error->kind(), ErrorKind::config_error) << text;
  }
}

}  // namespace
}  // namespace attend::cli
