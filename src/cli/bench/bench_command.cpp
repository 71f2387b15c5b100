// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend bench`: the speed of a model as one JSON object, beside what the machine can do at most.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "attend/core/cpu.h"
#include "cli/bench/bench.h"
#include "cli/json_writer.h"
#include "cli/text_run.h"

namespace attend::cli {
namespace {

struct BenchOptions {
  std::string model;
  ComputeType compute = ComputeType::f32;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
  std::string packed_file;
  std::string shape;
  std::string texts;
  std::int64_t rounds = 5;
  std::int64_t first_round = 0;
  int threads = 0;
};

bench::Plan plan_of(const BenchOptions& options) {
  bench::Plan plan{.folder = {},
                   .compute = options.compute,
                   .extra_tensors = options.extra_tensors,
                   .packed = options.packed,
                   .packed_file = options.packed_file,
                   .shape = bench::read_shape(options.shape),
                   .texts = options.texts,
                   .rounds = options.rounds,
                   .first_round = options.first_round};
  const bool wants_texts = std::holds_alternative<bench::TextShape>(plan.shape);
  if (wants_texts && options.texts.empty()) throw UsageError("--shape of texts needs --texts FILE");
  if (!wants_texts && !options.texts.empty()) {
    throw UsageError("--texts is for a --shape of texts, such as texts:512/32");
  }
  plan.folder = model_folder("feature-extraction", options.model);
  return plan;
}

int run_bench(std::ostream& out, const BenchOptions& options) {
  const bench::Plan plan = plan_of(options);
  ThreadPool pool(options.threads);
  const bench::Measured measured = bench::measure(plan, pool);
  JsonWriter writer;
  const auto number = [&](std::string_view key, double value) {
    writer.key(key);
    writer.number(value);
  };
  const auto string = [&](std::string_view key, std::string_view value) {
    writer.key(key);
    writer.string(value);
  };
  writer.begin_object();
  writer.key("ms");
  writer.array(measured.milliseconds, [&](double value) { writer.number(value); });
  number("checksum", measured.checksum);
  writer.key("output");
  writer.array(measured.output, [&](float value) { writer.number(value); });
  number("load_ms", measured.load_milliseconds);
  number("peak_rss_mb", measured.peak_rss_mib);
  number("peak_gflops", measure_peak(operands(plan.compute), pool) / 1e9);
  number("bandwidth_gbs", measure_read_bandwidth(pool) / 1e9);
  string("dtype", name(plan.compute));
  string("isa", cpu_report().kernels);
  writer.key("threads");
  writer.integer(pool.threads());
  string("shape", options.shape);
  writer.end_object();
  out << writer.take() << '\n';
  return exit_ok;
}

constexpr const char* footer =
    R"(Shapes:
  8x128         rows x tokens, of token ids by rule: any ROWSxLENGTH
  ragged32      32 rows of 1 + 29 r mod 64 tokens, 1040 together: any raggedROWS
  texts:512/32  the first 512 lines of --texts, 32 a batch, from text to probabilities;
                texts that are too long for the model are cut
  gen:4x128+64  4 prompts of 128 tokens, and 64 new ones for each; gen:8x128+32/4: with 4 beams. Of
                an encoder and a decoder the prompts are the encoder's. Nothing ends before
  prefill:1x128 the same, and one new token

The object: ms (of every round), checksum (the sum of all outputs), output (of the first round: the
mean of row 0's last hidden states, all probabilities, or row 0's new ids), load_ms,
peak_rss_mb (MiB, until the last round), peak_gflops and bandwidth_gbs (what all threads could do at
most, measured last), dtype, isa,
threads, shape. Three calls of round 999 come before those that are timed. Ids of a round are
1000 + (7919 position + 104729 row + 15485863 round) mod (vocab_size - 2000).

Example:
  attend bench --model FOLDER --threads 1 --shape 8x128 --rounds 5)";

}  // namespace

void add_bench_command(CLI::App& app, Session& session) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App& command = *app.add_subcommand("bench", "Time a model; writes one JSON object");
  command.callback([&session, options] {
    session.action = [&session, options] { return run_bench(session.terminal.out, *options); };
  });
  add_model_option(command, options->model, "A model folder, or a model of the cache").required();
  CLI::Option& no_packed = add_weight_options(command, options->compute, options->packed);
  add_extra_tensors_flag(command, options->extra_tensors);
  CLI::Option* const file =
      command
          .add_option("--packed", options->packed_file,
                      "The file of packed weights to load, where it is not in the model's folder")
          ->type_name("FILE")
          ->check(check_name);
  no_packed.excludes(file);
  add_threads_option(command, options->threads);
  command.add_option("--shape", options->shape, "What one call runs: see below")
      ->type_name("SHAPE")
      ->required();
  command.add_option("--rounds", options->rounds, "Calls that are timed; 5 when absent")
      ->type_name("K")
      ->check(between(1, 1'000'000));
  command
      .add_option("--first-round", options->first_round,
                  "The number of the first of them, which its token ids depend on")
      ->type_name("R")
      ->check(between(0, 1'000'000'000));
  command.add_option("--texts", options->texts, "The texts of a shape of texts, one a line")
      ->type_name("FILE");
  command.footer(footer);
}

}  // namespace attend::cli
