// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What evaluations share: options, the run over a data set in pieces, the file of wrong items, and
// the report.
#pragma once

#include <algorithm>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/parallel.h"
#include "attend/task/metrics.h"
#include "attend/task/result.h"
#include "cli/command.h"
#include "cli/evaluate/data_set.h"
#include "cli/json_writer.h"
#include "cli/progress.h"

namespace attend::cli {

/// Options of every evaluation, as the command line gives them.
struct EvaluationOptions {
  std::string model;
  std::string data;
  std::string format;
  std::vector<std::string> columns;
  std::optional<std::string> join;
  std::string errors;  ///< where wrong items go; nowhere when empty
  std::optional<Index> limit;
  int threads = 0;
  Index batch_size = 32;
  ComputeType compute = ComputeType::f32;
  bool json = false;
  bool no_quotes = false;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
};

/// A figure of the report, a share of 1. `name` is its key in JSON; nothing where it is not
/// defined, such as the correlation with values that are all the same.
struct Figure {
  std::string name;
  std::optional<double> value;
};

struct EvaluationReport {
  std::string task;  ///< as transformers calls it
  Index items = 0;
  std::vector<Figure> figures;
  std::optional<ClassScores> classes = {};
};

/// What was measured, and with which file.
struct EvaluationModel {
  std::string folder;
  std::string data;
};

/// A table for a person, in percent.
void print_report(std::ostream& out, const EvaluationReport& report, const EvaluationModel& from);
/// One line of JSON, in shares of 1.
[[nodiscard]] std::string report_json(const EvaluationReport& report, const EvaluationModel& from);

/// One run of `attend evaluate`.
class Evaluation {
 public:
  /// Throws: FileError when options.errors cannot be written.
  Evaluation(Terminal& terminal, const EvaluationOptions& options);

  [[nodiscard]] DataSet read(std::span<const DataField> fields) const;

  /// The task with the model that the options name. Throws: FileError.
  template <class Task>
  [[nodiscard]] Task load(std::string_view task) {
    folder_ = model_folder(task, options_.model).string();
    return loading([&] {
      return Task::load(folder_, {.pool = &pool_,
                                  .compute = options_.compute,
                                  .extra_tensors = options_.extra_tensors,
                                  .packed = options_.packed});
    });
  }

  /// Calls `run(begin, end, how)` for pieces of `items`, which bounds what is in memory at once.
  template <class Run>
  void in_pieces(std::size_t items, Run run);

  /// The value for a row. Throws: its Error, with the row's place: figures of a part would mislead.
  template <class T>
  [[nodiscard]] static const T& value_of(const Outcome<T>& outcome, const DataSet& data,
                                         std::size_t row) {
    if (!outcome.ok()) fail_row(outcome.error(), data, row);
    return outcome.value();
  }

  /// Adds to the file of wrong items; `members(writer)` writes what there is to say of a row.
  template <class Members>
  void add_wrong(const DataRow& row, Members members);

  /// Writes the report; the exit code.
  [[nodiscard]] int finish(const EvaluationReport& report);

 private:
  [[noreturn]] static void fail_row(const Error& error, const DataSet& data, std::size_t row);
  void write_wrong(const std::string& line);

  Terminal& terminal_;
  const EvaluationOptions& options_;
  ThreadPool pool_;
  Progress progress_;
  std::string folder_;
  std::ofstream errors_;
};

template <class Run>
void Evaluation::in_pieces(std::size_t items, Run run) {
  constexpr std::size_t piece = 4096;  // enough that texts of one length meet in a batch
  for (std::size_t begin = 0; begin < items; begin += piece) {
    const std::size_t end = std::min(begin + piece, items);
    const auto show = [&](Index done, Index of_piece) {
      const double part = static_cast<double>(done) / static_cast<double>(of_piece);
      const double all = static_cast<double>(begin) + part * static_cast<double>(end - begin);
      progress_.update(static_cast<Index>(all), all / static_cast<double>(items));
    };
    run(begin, end,
        RunOptions{.batch_size = options_.batch_size, .progress = show, .pool = &pool_});
  }
  progress_.clear();
}

template <class Members>
void Evaluation::add_wrong(const DataRow& row, Members members) {
  if (!errors_.is_open()) return;
  JsonWriter writer;
  writer.begin_object();
  if (row.line > 0) {
    writer.key("line");
    writer.integer(static_cast<std::int64_t>(row.line));
  }
  members(writer);
  writer.end_object();
  write_wrong(writer.take());
}

/// "key": "value".
void write_member(JsonWriter& writer, std::string_view key, std::string_view value);
/// "key": ["value", ...].
void write_members(JsonWriter& writer, std::string_view key,
                   std::span<const std::string_view> values);

}  // namespace attend::cli
