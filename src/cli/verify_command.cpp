// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The command that checks models: verify.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <iomanip>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>

#include "attend/model/packed_file.h"
#include "attend/model/selftest.h"
#include "attend/pipeline/model_files.h"
#include "attend/task/task_model.h"
#include "cli/command.h"
#include "cli/json_writer.h"
#include "cli/print.h"
#include "cli/results_json.h"
#include "cli/text_run.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;

struct VerifyOptions {
  std::vector<std::string> models;
  std::vector<std::string> texts;
  bool record = false;
  bool force = false;
  bool exact = false;
  bool json = false;
  std::optional<double> tolerance = {};
  std::string packed;
  ComputeType compute = ComputeType::f32;  // that `packed` is for
  int threads = 0;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
};

// Short, so that a vocabulary's logits are few; long enough for words of several pieces, digits,
// punctuation, and letters that many vocabularies lack.
constexpr std::array<std::string_view, 3> samples{
    "A quiet, perfect film.", "Zoë's café in Kraków opened at 7:30 on 12 May!", "Why?"};

/// What was found out about one model, in the order of the checks.
struct Verified {
  fs::path folder;
  bool loaded = false;  ///< weights are finite, and the tokenizer has no id beyond them
  Index ids = 0;        ///< of the tokenizer
  std::vector<std::string> packed = {};  ///< files that are what packing makes
  bool recorded = false;
  std::optional<SelftestReport> report = {};
  std::optional<Error> error = {};
};

/// The built-in texts, cut where a model takes less; or those of the user, which are not.
std::vector<SelftestInput> inputs_of(const VerifyOptions& options, const TaskModel& model) {
  const Tokenizer& tokenizer = *model.tokenizer;
  if (!options.texts.empty()) {
    const std::vector<std::string_view> texts(options.texts.begin(), options.texts.end());
    return {{"texts", tokenizer.encode(texts)}};
  }
  EncodeOptions encode;
  if (const auto limit = model.max_length()) encode.truncation = Truncation{.max_length = *limit};
  return {{"single", {tokenizer.encode(samples[0], encode)}},
          {"pair", {tokenizer.encode_pair(samples[2], samples[0], encode)}},
          {"batch", tokenizer.encode(samples, encode)}};
}

/// Whether the folder has an entry of this name, even a link that leads nowhere.
bool has_entry(const fs::path& file) {
  std::error_code ignored;
  return fs::symlink_status(file, ignored).type() != fs::file_type::not_found;
}

void check_selftest_is_free(const fs::path& file) {
  if (!has_entry(file)) return;
  fail(ErrorKind::access_denied, {.where = "verify",
                                  .what = "the selftest to record",
                                  .expected = "no such file yet",
                                  .found = "one",
                                  .file = file.string(),
                                  .hint = "replace it with --force"});
}

/// The last of their errors, after all of the files that are sound.
void verify_packed(const VerifyOptions& options, ThreadPool& pool, Verified& found) {
  if (!options.packed.empty()) {
    check_packed(found.folder, {.pool = &pool,
                                .compute = options.compute,
                                .extra_tensors = options.extra_tensors,
                                .packed_file = options.packed});
    found.packed.push_back(options.packed);
  }
  std::optional<Error> failed;
  for (const ComputeType compute : compute_types) {
    const std::string name = packed_file_name(compute);
    if (!has_entry(found.folder / name)) continue;
    try {
      check_packed(found.folder,
                   {.pool = &pool, .compute = compute, .extra_tensors = options.extra_tensors});
      found.packed.push_back(name);
    } catch (const Error& error) {
      failed = error;
    }
  }
  if (failed) throw Error(*failed);
}

void verify(const VerifyOptions& options, const std::string& name, Verified& found) {
  ThreadPool pool(options.threads);
  found.folder = find_model(name);
  const fs::path file = found.folder / selftest_file_name;
  if (options.record && !options.force) check_selftest_is_free(file);
  const TaskModel model{
      .tokenizer = std::make_shared<const Tokenizer>(Tokenizer::load(found.folder)),
      .model = std::make_shared<const Model>(load_model(
          found.folder,
          {.pool = &pool, .check_finite = true, .extra_tensors = options.extra_tensors}))};
  model.check(model.model->head(), "verify");
  found.ids = model.tokenizer->vocabulary_size();
  found.loaded = true;
  verify_packed(options, pool, found);
  if (options.record) {
    record_selftest(*model.model, inputs_of(options, model), file,
                    {.tolerance = options.tolerance, .pool = &pool});
    found.recorded = true;
  }
  if (!has_entry(file)) return;
  found.report = replay_selftest(
      *model.model, file,
      {.match = options.exact ? SelftestMatch::bits : SelftestMatch::tolerance, .pool = &pool});
  found.report->check("verify");
}

// ---- for people

std::string printed(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value,
                                     std::chars_format::general, 2)
                           .ptr};
}

std::string line_of(const SelftestForward& forward) {
  std::ostringstream line;
  line << "    " << std::left << std::setw(9) << forward.name << ' ' << forward.outputs
       << (forward.outputs == 1 ? " output, " : " outputs, ");
  if (forward.largest) {
    line << "largest difference " << printed(forward.largest->difference) << " in "
         << forward.largest->tensor;
  } else {
    line << "the same bits";
  }
  return line.str();
}

/// What there is to say of a selftest, which `found` has.
std::string selftest_line(const Verified& found) {
  const SelftestReport& report = *found.report;
  std::string line = found.recorded ? "recorded" : "found";
  if (!report.recorded_by.empty()) {
    line += (found.recorded ? " by " : ", recorded by ") + report.recorded_by;
  }
  return line + (report.match == SelftestMatch::bits
                     ? "; every bit counts"
                     : "; " + printed(report.tolerance) + " allowed, relative above 1");
}

void print(Printer& printer, const Verified& found, const std::string& name) {
  printer.heading(found.folder.empty() ? name : found.folder.string());
  if (!found.loaded) return;
  printer.line("  weights    all finite");
  printer.line("  tokenizer  " + std::to_string(found.ids) + " ids, none beyond the embeddings");
  for (const std::string& file : found.packed) {
    printer.line("  packed     " + file + ": as packed anew");
  }
  if (found.report) {
    printer.line("  selftest   " + selftest_line(found));
    for (const SelftestForward& forward : found.report->forwards) printer.line(line_of(forward));
  } else if (!found.error) {
    printer.line("  selftest   none; `attend verify --record` writes one");
  }
}

// ---- for programs

void write(JsonWriter& writer, const SelftestForward& forward) {
  writer.begin_object();
  writer.key("name");
  writer.string(forward.name);
  writer.key("outputs");
  writer.integer(forward.outputs);
  writer.key("largest_difference");
  writer.number(forward.largest ? forward.largest->difference : 0.0);
  writer.key("tensor");
  if (forward.largest) {
    writer.string(forward.largest->tensor);
  } else {
    writer.null();
  }
  writer.key("same_bits");
  writer.boolean(!forward.largest);
  writer.key("ok");
  writer.boolean(!forward.failure);
  writer.end_object();
}

void write(std::ostream& out, const Verified& found, const std::string& name) {
  JsonWriter writer;
  writer.begin_object();
  writer.key("model");
  writer.string(found.folder.empty() ? name : found.folder.string());
  writer.key("ok");
  writer.boolean(!found.error);
  writer.key("recorded");
  writer.boolean(found.recorded);
  writer.key("packed");
  writer.array(found.packed, [&](const std::string& file) { writer.string(file); });
  writer.key("selftest");
  if (found.report) {
    writer.begin_object();
    writer.key("recorded_by");
    writer.string(found.report->recorded_by);
    writer.key("match");
    writer.string(found.report->match == SelftestMatch::bits ? "bits" : "tolerance");
    writer.key("tolerance");
    writer.number(found.report->tolerance);
    writer.key("forwards");
    writer.array(found.report->forwards,
                 [&](const SelftestForward& forward) { write(writer, forward); });
    writer.end_object();
  } else {
    writer.null();
  }
  if (found.error) write_error(writer, *found.error);
  writer.end_object();
  out << writer.take() << '\n';
}

int run_verify(Terminal& terminal, const VerifyOptions& options) {
  if (!options.packed.empty() && options.models.size() > 1) {
    throw UsageError("--packed is a file of one model, but " +
                     std::to_string(options.models.size()) + " are named");
  }
  int code = exit_ok;
  Printer printer(terminal.out, terminal.colour ? Printer::Colour::on : Printer::Colour::off);
  for (const std::string& name : options.models) {
    Verified found;
    try {
      verify(options, name, found);
    } catch (const Error& error) {
      found.error = error;
    }
    if (options.json) {
      write(terminal.out, found, name);
    } else {
      print(printer, found, name);
    }
    terminal.out.flush();
    if (!found.error) continue;
    terminal.err << "attend: " << found.error->what() << '\n';
    code = exit_file;
  }
  return code;
}

/// What is wrong with a value of --tolerance; empty when nothing is.
std::string check_tolerance(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && value > 0 && value <= max_selftest_tolerance) return {};
  return "expected a number above 0, at most " + printed(max_selftest_tolerance) + ", found " +
         quote(text);
}

}  // namespace

void add_verify_command(CLI::App& app, Session& session) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App& command = *app.add_subcommand(
      "verify",
      "Check models: weights, tokenizer, and the packed weights and selftest beside them");
  command.callback([&session, options] {
    session.action = [&session, options] { return run_verify(session.terminal, *options); };
  });
  command
      .add_option("models", options->models,
                  "Model folders, models of the Hugging Face cache, or bundled ones")
      ->required();
  CLI::Option* const record =
      command.add_flag("--record", options->record,
                       "Write selftest.safetensors: what the model makes of a few texts");
  command.add_flag("--force", options->force, "Replace a selftest that is there")->needs(record);
  command
      .add_option("--text", options->texts,
                  "Record this text instead of the built-in ones; may be given more than once")
      ->type_name("TEXT")
      ->allow_extra_args(false)  // what follows is a model
      ->needs(record);
  command
      .add_option(
          "--tolerance", options->tolerance,
          "Record how far a value may be off on another machine, relative above 1; 1e-5, or "
          "2e-6 a layer where that is more, when absent")
      ->type_name("X")
      ->check(check_tolerance)
      ->needs(record);
  command
      .add_flag("--exact", options->exact,
                "Demand the same bits, for the machine and the build that recorded them")
      ->excludes(record);
  CLI::Option* const packed =
      command
          .add_option("--packed", options->packed,
                      "A file of `attend pack --output` to compare with the weights, too; of one "
                      "model")
          ->type_name("FILE")
          ->check(check_name);
  add_dtype_option(command, options->compute)
      .description("The type that the file of --packed is for; f32 when absent")
      ->needs(packed);
  add_extra_tensors_flag(command, options->extra_tensors);
  command.add_flag("--json", options->json, "Write one JSON object a model");
  add_threads_option(command, options->threads);
  command.footer(
      "A selftest holds token ids and every output that the model made of them. It finds weights,\n"
      "configurations and instruction sets that give other numbers; weights that its tokens do not "
      "reach,\nsuch as embeddings of other words, are only looked at for being finite. Files "
      "of `attend pack` are\ncompared with packing anew, byte by byte. The exit "
      "code is 3 when a\nmodel fails.\n\nExample:\n"
      "  attend verify --record FOLDER\n  attend verify FOLDER sentiment");
}

}  // namespace attend::cli
