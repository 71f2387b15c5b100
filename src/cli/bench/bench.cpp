// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Loading, warming up, timing.
#include "cli/bench/bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "attend/task/text_classification.h"
#include "cli/bench/round.h"
#include "cli/command.h"
#include "cli/line_reader.h"
#include "cli/text_source.h"

namespace attend::cli::bench {
namespace {

/// Runs the round of that number.
using Runner = std::function<Round(std::int64_t)>;

/// Column means of the first rows. Shapes: states [t, m] -> [m].
std::vector<float> mean_of_rows(MatrixView<const float> states, Index rows) {
  std::vector<double> sums(static_cast<std::size_t>(states.cols));
  for (Index i = 0; i < rows; ++i) {
    const auto row = states.row(i);
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += static_cast<double>(row[j]);
  }
  std::vector<float> means;
  for (const double sum : sums)
    means.push_back(static_cast<float>(sum / static_cast<double>(rows)));
  return means;
}

double sum_of(MatrixView<const float> states) {
  double sum = 0;
  for (Index i = 0; i < states.rows; ++i) {
    for (const float value : states.row(i)) sum += static_cast<double>(value);
  }
  return sum;
}

ModelOptions model_options(const Plan& plan, ThreadPool& pool) {
  return {.pool = &pool,
          .compute = plan.compute,
          .kv_type = plan.kv_type,
          .extra_tensors = plan.extra_tensors,
          .packed = plan.packed,
          .packed_file = plan.packed_file};
}

Runner load_tokens(const Plan& plan, const TokenShape& shape, ThreadPool& pool) {
  // Last hidden states are what is timed.
  ModelOptions options = model_options(plan, pool);
  options.head = HeadKind::none;
  const auto model = std::make_shared<const Model>(load_model(plan.folder, options));
  const auto workspace = std::make_shared<Workspace>(pool);
  return [model, workspace, &shape](std::int64_t number) {
    const Batch batch = token_batch(shape, number, model->config().vocab_size);
    const Workspace::Scope scope(*workspace);
    MatrixView<float> states;
    Round round{};
    round.milliseconds = milliseconds_of([&] { states = model->hidden_states(batch, *workspace); });
    round.sum = sum_of(states);
    round.output = mean_of_rows(states, batch.starts[1]);
    return round;
  };
}

Runner load_texts(const Plan& plan, const TextShape& shape, ThreadPool& pool,
                  std::span<const TextInput> texts) {
  const auto classify = std::make_shared<const TextClassification>(
      TextClassification::load(plan.folder, model_options(plan, pool)));
  // All labels in the order of their ids; texts that are too long for the model are cut.
  TextClassificationOptions options{.return_all_scores = true};
  options.tokenize.truncation = TruncationStrategy::longest_first;
  const RunOptions run{.batch_size = shape.batch_size, .pool = &pool};
  return [classify, options, run, texts](std::int64_t) {
    std::vector<TextClassification::Result> results;
    Round round{};
    round.milliseconds = milliseconds_of([&] { results = (*classify)(texts, options, run); });
    for (const auto& labels : results) {
      for (const LabelScore& label : labels) {
        round.sum += static_cast<double>(label.score);
        round.output.push_back(label.score);
      }
    }
    return round;
  };
}

/// The first lines of a file. Throws: FileError, config_error (too few of them).
std::vector<InputLine> first_lines(const std::string& file, Index count) {
  const Descriptor input(file, -1);
  LineReader reader(input.get(), input.name());
  std::vector<InputLine> lines;
  const auto wanted = static_cast<std::size_t>(count);
  for (auto more = reader.next_lines(); lines.size() < wanted && !more.empty();
       more = reader.next_lines()) {
    for (InputLine& line : more) {
      if (lines.size() == wanted) break;
      if (line.too_long) throw long_line_error(line);
      lines.push_back(std::move(line));
    }
  }
  if (lines.size() == wanted) return lines;
  fail(ErrorKind::config_error, {.where = "bench",
                                 .what = "--texts",
                                 .expected = std::to_string(wanted) + " lines",
                                 .found = std::to_string(lines.size()),
                                 .file = input.name()});
}

/// The most memory that this process had, in MiB. What getrusage() says would hold that of the
/// process that started this one, too: the kernel hands it on.
double peak_rss_mib() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    constexpr std::string_view key = "VmHWM:";
    if (line.starts_with(key)) return std::stod(line.substr(key.size())) / 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

template <class Run>
void warm_up(const Run& run) {
  constexpr std::int64_t round = 999;
  constexpr int times = 3;
  for (int i = 0; i < times; ++i) static_cast<void>(run(round));
}

ShapeTimes time_rounds(const Plan& plan, const NamedShape& shape, const Runner& run) {
  ShapeTimes times{.shape = shape};
  for (std::int64_t i = 0; i < plan.rounds; ++i) {
    Round round = run(plan.first_round + i);
    times.milliseconds.push_back(round.milliseconds);
    times.first_milliseconds.push_back(round.first_milliseconds);
    times.checksum += round.sum;
    if (i == 0) times.output = std::move(round.output);
  }
  if (std::isfinite(times.checksum)) return times;
  fail(ErrorKind::weight_value, {.where = "bench",
                                 .what = "the sum of all outputs",
                                 .expected = "a number",
                                 .found = std::to_string(times.checksum),
                                 .file = plan.folder.string()});
}

template <class Load>
Measured measure_one(const Plan& plan, const Load& load) {
  Measured measured;
  Runner run;
  measured.load_milliseconds = milliseconds_of([&] { run = loading(load); });
  warm_up(run);
  measured.shapes.push_back(time_rounds(plan, plan.shapes.front(), run));
  measured.peak_rss_mib = peak_rss_mib();
  return measured;
}

/// A few tokens of the same rows: that runs all code, and reads all weights.
GenerationShape short_of(GenerationShape shape) {
  constexpr Index prompt = 8;
  constexpr Index more = 2;
  for (Index& length : shape.prompts.lengths) length = std::min(length, prompt);
  shape.new_tokens = std::min(shape.new_tokens, more);
  return shape;
}

Measured measure_generation(const Plan& plan, ThreadPool& pool) {
  Measured measured;
  std::optional<GeneratingModel> model;
  measured.load_milliseconds = milliseconds_of([&] {
    static_cast<void>(
        loading([&] { return &model.emplace(plan.folder, model_options(plan, pool), pool); }));
  });
  const auto shapes = plan.shapes.empty() ? model->usual_shapes() : plan.shapes;
  if (shapes.empty()) {
    fail(ErrorKind::config_error,
         {.where = "bench",
          .what = "--generate",
          .expected = "a model that is long enough for " + std::string(GeneratingModel::least_name),
          .found = "a shorter one",
          .file = plan.folder.string(),
          .hint = "name shapes: --shape gen:1x4+16"});
  }
  for (const NamedShape& named : shapes) {
    const auto& shape = std::get<GenerationShape>(named.shape);
    warm_up([&, few = short_of(shape)](std::int64_t round) { return model->run(few, round); });
    measured.shapes.push_back(
        time_rounds(plan, named, [&](std::int64_t round) { return model->run(shape, round); }));
    measured.shapes.back().cost = cost_of(model->model(), shape);
  }
  measured.peak_rss_mib = peak_rss_mib();
  return measured;
}

}  // namespace

Measured measure(const Plan& plan, ThreadPool& pool) {
  if (plan.shapes.empty() || std::holds_alternative<GenerationShape>(plan.shapes.front().shape)) {
    return measure_generation(plan, pool);
  }
  if (const auto* const shape = std::get_if<TokenShape>(&plan.shapes.front().shape)) {
    return measure_one(plan, [&] { return load_tokens(plan, *shape, pool); });
  }
  const auto& shape = std::get<TextShape>(plan.shapes.front().shape);
  const std::vector<InputLine> lines = first_lines(plan.texts, shape.count);
  std::vector<TextInput> texts;
  for (const InputLine& line : lines) texts.emplace_back(line.text);
  return measure_one(plan, [&] { return load_texts(plan, shape, pool, texts); });
}

}  // namespace attend::cli::bench
