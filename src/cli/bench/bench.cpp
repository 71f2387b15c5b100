// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Loading, warming up, timing.
#include "cli/bench/bench.h"

#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "attend/task/generator.h"
#include "attend/task/text_classification.h"
#include "cli/command.h"
#include "cli/line_reader.h"
#include "cli/text_source.h"

namespace attend::cli::bench {
namespace {

/// One call: its time, and what came of it.
struct Round {
  double milliseconds;
  double sum;
  std::vector<float> output;
};

/// Runs the round of that number.
using Runner = std::function<Round(std::int64_t)>;

template <class Body>
double milliseconds_of(const Body& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
  return taken.count();
}

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

GenerationConfig forced_lengths(const GenerationConfig& folder, const GenerationShape& shape) {
  GenerationConfig config;
  config.bos_token_id = folder.bos_token_id;
  config.eos_token_id = folder.eos_token_id;
  config.pad_token_id = folder.pad_token_id;
  config.decoder_start_token_id = folder.decoder_start_token_id;
  config.max_new_tokens = shape.new_tokens;
  config.min_new_tokens = shape.new_tokens;
  config.num_beams = shape.beams;
  return config;
}

/// From prompts to new tokens, all rows at once.
Runner load_generation(const Plan& plan, const GenerationShape& shape, ThreadPool& pool) {
  ModelOptions options = model_options(plan, pool);
  options.head = generating_head(plan.folder);
  const auto model = std::make_shared<const Model>(load_model(plan.folder, options));
  const GenerationOptions call{
      .config = forced_lengths(read_generation_defaults(plan.folder).config, shape)};
  return [model, call, &shape, &pool](std::int64_t number) {
    const Batch batch = token_batch(shape.prompts, number, model->config().vocab_size);
    std::vector<GenerationPrompt> prompts;
    for (Index row = 0; row < batch.size(); ++row) {
      const auto begin = static_cast<std::size_t>(batch.starts[static_cast<std::size_t>(row)]);
      const auto end = static_cast<std::size_t>(batch.starts[static_cast<std::size_t>(row) + 1]);
      GenerationPrompt prompt;
      (model->has_decoder() ? prompt.encoder_ids : prompt.ids) =
          std::span(batch.ids).subspan(begin, end - begin);
      prompts.push_back(prompt);
    }
    std::vector<Outcome<Generation>> found;
    Round round{};
    round.milliseconds = milliseconds_of([&] {
      found = generate_each(*model, prompts, call, {.batch_size = batch.size(), .pool = &pool});
    });
    for (std::size_t row = 0; row < found.size(); ++row) {
      const Generation& generation = found[row].value();
      const auto& ids = generation.sequences.front().ids;
      for (auto at = static_cast<std::size_t>(generation.prompt_length); at < ids.size(); ++at) {
        round.sum += static_cast<double>(ids[at]);
        if (row == 0) round.output.push_back(static_cast<float>(ids[at]));
      }
    }
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

template <class Load>
Measured measure_rounds(const Plan& plan, const Load& load) {
  constexpr std::int64_t warm_up_round = 999;
  constexpr int warm_ups = 3;
  Measured measured;
  Runner run;
  measured.load_milliseconds = milliseconds_of([&] { run = loading(load); });
  for (int i = 0; i < warm_ups; ++i) static_cast<void>(run(warm_up_round));
  for (std::int64_t i = 0; i < plan.rounds; ++i) {
    Round round = run(plan.first_round + i);
    measured.milliseconds.push_back(round.milliseconds);
    measured.checksum += round.sum;
    if (i == 0) measured.output = std::move(round.output);
  }
  measured.peak_rss_mib = peak_rss_mib();
  if (!std::isfinite(measured.checksum)) {
    fail(ErrorKind::weight_value, {.where = "bench",
                                   .what = "the sum of all outputs",
                                   .expected = "a number",
                                   .found = std::to_string(measured.checksum),
                                   .file = plan.folder.string()});
  }
  return measured;
}

}  // namespace

Measured measure(const Plan& plan, ThreadPool& pool) {
  if (const auto* const shape = std::get_if<TokenShape>(&plan.shape)) {
    return measure_rounds(plan, [&] { return load_tokens(plan, *shape, pool); });
  }
  if (const auto* const shape = std::get_if<GenerationShape>(&plan.shape)) {
    return measure_rounds(plan, [&] { return load_generation(plan, *shape, pool); });
  }
  const auto& shape = std::get<TextShape>(plan.shape);
  const std::vector<InputLine> lines = first_lines(plan.texts, shape.count);
  std::vector<TextInput> texts;
  for (const InputLine& line : lines) texts.emplace_back(line.text);
  return measure_rounds(plan, [&] { return load_texts(plan, shape, pool, texts); });
}

}  // namespace attend::cli::bench
