// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend bench`: the speed of a model as one JSON object, beside what the machine can do at most.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "attend/core/cpu.h"
#include "cli/bench/bench.h"
#include "cli/bench/generation_figures.h"
#include "cli/json_writer.h"
#include "cli/text_run.h"

namespace attend::cli {
namespace {

struct BenchOptions {
  std::string model;
  ComputeType compute = ComputeType::f32;
  KvType kv_type = KvType::computed;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
  std::string packed_file;
  std::vector<std::string> shapes;
  bool generate = false;
  std::string texts;
  std::int64_t rounds = 5;
  std::int64_t first_round = 0;
  int threads = 0;
};

bench::Plan plan_of(const BenchOptions& options) {
  bench::Plan plan{.folder = {},
                   .compute = options.compute,
                   .kv_type = options.kv_type,
                   .extra_tensors = options.extra_tensors,
                   .packed = options.packed,
                   .packed_file = options.packed_file,
                   .shapes = {},
                   .texts = options.texts,
                   .rounds = options.rounds,
                   .first_round = options.first_round};
  bool wants_texts = false;
  for (const std::string& name : options.shapes) {
    plan.shapes.push_back(bench::named_shape(name));
    const bench::Shape& shape = plan.shapes.back().shape;
    wants_texts = wants_texts || std::holds_alternative<bench::TextShape>(shape);
    if (options.generate && !std::holds_alternative<bench::GenerationShape>(shape)) {
      throw UsageError("--generate is for shapes such as gen:1x8+64 and prefill:1x128, not " +
                       name);
    }
  }
  if (!options.generate && plan.shapes.size() != 1) {
    throw UsageError("--shape takes one shape, unless there is --generate");
  }
  if (wants_texts && options.texts.empty()) throw UsageError("--shape of texts needs --texts FILE");
  if (!wants_texts && !options.texts.empty()) {
    throw UsageError("--texts is for a --shape of texts, such as texts:512/32");
  }
  plan.folder = model_folder("feature-extraction", options.model);
  return plan;
}

/// What the machine can do at most, measured when the rounds are over.
struct Machine {
  double peak;       // operations a second
  double bandwidth;  // bytes a second

  Machine(ComputeType compute, ThreadPool& pool)
      : peak(measure_peak(operands(compute), pool)), bandwidth(measure_read_bandwidth(pool)) {}
};

void write(JsonWriter& writer, std::string_view key, double value) {
  writer.key(key);
  writer.number(value);
}

void write(JsonWriter& writer, std::string_view key, std::string_view value) {
  writer.key(key);
  writer.string(value);
}

void write(JsonWriter& writer, std::string_view key, const std::vector<double>& values) {
  writer.key(key);
  writer.array(values, [&](double value) { writer.number(value); });
}

/// The times of one shape as they are.
void write_times(JsonWriter& writer, const bench::ShapeTimes& times) {
  write(writer, "ms", times.milliseconds);
  write(writer, "checksum", times.checksum);
  writer.key("output");
  writer.array(times.output, [&](float value) { writer.number(value); });
  if (!times.cost) return;
  write(writer, "first_ms", times.first_milliseconds);
  write(writer, "first_operations", times.cost->first_operations);
  write(writer, "step_bytes", times.cost->step_bytes);
}

void write_run(JsonWriter& writer, const bench::Measured& measured, const BenchOptions& options,
               const Machine& machine, const ThreadPool& pool) {
  write(writer, "load_ms", measured.load_milliseconds);
  write(writer, "peak_rss_mb", measured.peak_rss_mib);
  write(writer, "peak_gflops", machine.peak / 1e9);
  write(writer, "bandwidth_gbs", machine.bandwidth / 1e9);
  write(writer, "dtype", name(options.compute));
  if (options.kv_type != KvType::computed) write(writer, "kv_cache", name(options.kv_type));
  write(writer, "isa", cpu_report().kernels);
  writer.key("threads");
  writer.integer(pool.threads());
}

/// Medians, and shares of what the machine can do.
void write_generation(JsonWriter& writer, const bench::GenerationFigures& figures,
                      const Machine& machine) {
  writer.begin_object();
  write(writer, "shape", figures.shape);
  write(writer, "ms", figures.milliseconds);
  write(writer, "first_ms", figures.first_milliseconds);
  const double operations = figures.cost.first_operations / figures.first_milliseconds * 1e3;
  if (machine.peak > 0) write(writer, "peak_percent", 100 * operations / machine.peak);
  if (figures.step_milliseconds) {
    const double steps = 1e3 / *figures.step_milliseconds;  // a second
    write(writer, "step_ms", *figures.step_milliseconds);
    write(writer, "tokens_per_s", steps * static_cast<double>(figures.rows));
    write(writer, "step_bytes", figures.cost.step_bytes);
    write(writer, "bandwidth_percent", 100 * figures.cost.step_bytes * steps / machine.bandwidth);
  }
  if (figures.beam_cost) write(writer, "beam_cost", *figures.beam_cost);
  writer.end_object();
}

int run_bench(std::ostream& out, const BenchOptions& options) {
  const bench::Plan plan = plan_of(options);
  ThreadPool pool(options.threads);
  const bench::Measured measured = bench::measure(plan, pool);
  const Machine machine(plan.compute, pool);
  JsonWriter writer;
  writer.begin_object();
  if (options.generate) {
    writer.key("shapes");
    writer.array(bench::figures_of(measured.shapes), [&](const bench::GenerationFigures& figures) {
      write_generation(writer, figures, machine);
    });
  } else {
    write_times(writer, measured.shapes.front());
  }
  write_run(writer, measured, options, machine, pool);
  if (!options.generate) write(writer, "shape", options.shapes.front());
  writer.end_object();
  out << writer.take() << '\n';
  return exit_ok;
}

constexpr const char* bench_examples =
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
threads, shape. gen: and prefill: have first_ms, too (until the first new token is there), and what
was counted: first_operations (until then) and step_bytes (that a step in the middle reads: weights,
keys and values).
Three calls of round 999 come before those that are timed; gen: and prefill: have 8 tokens a prompt
there, and 2 new ones. Ids of a round are
1000 + (7919 position + 104729 row + 15485863 round) mod (vocab_size - 2000);
of at most 2000 ids all are taken: (...) mod vocab_size.

--generate writes shapes in place of the times: for each, medians over the rounds of ms, first_ms,
step_ms (what follows the first token, a step), tokens_per_s (of all rows, while steps run),
peak_percent (first_operations, of peak_gflops; absent where that is 0), bandwidth_percent
(step_bytes, of bandwidth_gbs; above 100 where caches hold them) and for beams beam_cost (step_ms by
that of the same prompts without beams). Usual shapes are those that a model has positions for, or gen:1x16+16.

Example:
  attend bench --model FOLDER --threads 1 --shape 8x128 --rounds 5
  attend bench --model FOLDER --threads 1 --dtype int8 --generate
  attend bench --model stories --generate)";

}  // namespace

void add_bench_command(CLI::App& app, Session& session) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App& command = *app.add_subcommand("bench", "Time a model; writes one JSON object");
  command.callback([&session, options] {
    session.action = [&session, options] { return run_bench(session.terminal.out, *options); };
  });
  add_model_option(command, options->model, "A model folder, or a model of the cache").required();
  CLI::Option& no_packed = add_weight_options(command, options->compute, options->packed);
  add_kv_option(command, options->kv_type);
  add_extra_tensors_flag(command, options->extra_tensors);
  CLI::Option* const file =
      command
          .add_option("--packed", options->packed_file,
                      "The file of packed weights to load, where it is not in the model's folder")
          ->type_name("FILE")
          ->check(check_name);
  no_packed.excludes(file);
  add_threads_option(command, options->threads);
  command.add_option("--shape", options->shapes, "What one call runs: see below")
      ->type_name("SHAPE")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_flag("--generate", options->generate,
                   "Figures of text generation: of all --shape S,S..., or of usual ones");
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
  command.footer(bench_examples);
}

}  // namespace attend::cli
