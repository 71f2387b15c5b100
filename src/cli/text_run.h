// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the commands on texts share: options, and the loop from texts to printed results.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/parallel.h"
#include "attend/task/result.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/results_json.h"
#include "cli/text_source.h"

namespace attend::cli {

/// Options of every command on texts.
struct TextOptions {
  std::vector<std::string> texts;
  std::string file;
  std::string model;
  bool json = false;
  std::string too_long_hint;  ///< what the command offers for a text that the model cannot take
  int threads = 0;
  Index batch_size = 32;
  ComputeType compute = ComputeType::f32;
  KvType kv_type = KvType::computed;  ///< of commands that write
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
};

/// A check that help does not spell out.
[[nodiscard]] inline CLI::Validator between(Index low, Index high) {
  return CLI::Range(low, high).description("");
}

/// Adds them. `texts` names the positional arguments ("texts,--context").
void add_text_options(CLI::App& command, TextOptions& options, const std::string& texts,
                      const std::string& about_texts);

/// Texts in, results out: one object of these for one run of a command.
class TextRun {
 public:
  TextRun(Terminal& terminal, const TextOptions& options)
      : terminal_(terminal),
        options_(options),
        pool_(options.threads),
        printer_(terminal.out, terminal.colour ? Printer::Colour::on : Printer::Colour::off),
        progress_(terminal.err, terminal.progress ? Progress::Shown::yes : Progress::Shown::no) {}

  [[nodiscard]] Printer& printer() noexcept { return printer_; }
  [[nodiscard]] std::ostream& out() noexcept { return terminal_.out; }
  /// How a call on what `source` gave last runs: threads, batch size, progress.
  [[nodiscard]] RunOptions run_options(const TextSource& source);

  /// Says on `err` that text `number`, counted from 1, failed.
  void report(Index number, const Error& error, std::string_view thing = "text");
  /// An Error of the library, with the options of the command where it speaks of its own.
  [[nodiscard]] Error in_words_of_command(const Error& error) const;
  /// The exit code of what happened so far.
  [[nodiscard]] int code() const noexcept { return failed_ == 0 ? exit_ok : exit_run_time; }

  /// Runs all texts in groups: `run(texts, run_options)` gives one Outcome a text,
  /// `print(texts, outcomes)` shows a group to a person; `--json` writes one line a text.
  template <class Run, class Print>
  int operator()(Run run, Print print);

  /// Calls `show(text)` for every text and reports its Errors.
  template <class Show>
  int for_each_text(Show show);

 private:
  template <class Result>
  void write_json_lines(std::span<const std::string_view> texts,
                        const std::vector<Outcome<Result>>& outcomes);

  Terminal& terminal_;
  const TextOptions& options_;
  ThreadPool pool_;
  Printer printer_;
  Progress progress_;
  Index done_ = 0;
  Index failed_ = 0;
};

template <class Run, class Print>
int TextRun::operator()(Run run, Print print) {
  TextSource source(options_.texts, options_.file, terminal_);
  for (auto group = source.next(); !group.empty() && terminal_.out; group = source.next()) {
    std::vector<std::string_view> texts;
    for (const InputLine& line : group) {
      if (!line.too_long) texts.emplace_back(line.text);
    }
    auto outcomes = run(texts, run_options(source));
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto place = static_cast<std::ptrdiff_t>(i);
      if (group[i].too_long) {
        texts.insert(texts.begin() + place, std::string_view());
        outcomes.insert(outcomes.begin() + place, long_line_error(group[i]));
      } else if (!outcomes[i].ok()) {
        outcomes[i] = in_words_of_command(outcomes[i].error());
      }
    }
    progress_.clear();
    if (options_.json) {
      write_json_lines(std::span(texts), outcomes);
    } else {
      print(texts, outcomes);
    }
    for (const auto& outcome : outcomes) {
      ++done_;
      if (!outcome.ok()) report(done_, outcome.error());
    }
    terminal_.out.flush();
  }
  return code();
}

template <class Show>
int TextRun::for_each_text(Show show) {
  TextSource source(options_.texts, options_.file, terminal_);
  for (auto group = source.next(); !group.empty() && terminal_.out; group = source.next()) {
    for (const InputLine& line : group) {
      ++done_;
      try {
        if (line.too_long) throw long_line_error(line);
        show(line.text);
      } catch (const Error& error) {
        report(done_, in_words_of_command(error));
      }
    }
    terminal_.out.flush();
  }
  return code();
}

template <class Result>
void TextRun::write_json_lines(std::span<const std::string_view> texts,
                               const std::vector<Outcome<Result>>& outcomes) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    JsonWriter writer;
    writer.begin_object();
    writer.key("text");
    writer.string(texts[i]);
    if (outcomes[i].ok()) {
      writer.key("result");
      write_json(writer, outcomes[i].value());
    } else {
      write_error(writer, outcomes[i].error());
    }
    writer.end_object();
    terminal_.out << writer.take() << '\n';
  }
}

}  // namespace attend::cli
