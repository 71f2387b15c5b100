// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The command that packs weights ahead of loading: pack.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iomanip>
#include <memory>
#include <ostream>
#include <sstream>

#include "attend/model/packed_file.h"
#include "attend/pipeline/model_files.h"
#include "cli/command.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;

struct PackOptions {
  std::string model;
  ComputeType compute = ComputeType::f32;
  std::string output;
  bool force = false;
  int threads = 0;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
};

void check_target_is_free(const fs::path& file) {
  std::error_code error;
  const fs::file_type type = fs::symlink_status(file, error).type();
  if (type == fs::file_type::not_found) return;
  const bool is_there = type != fs::file_type::none;
  fail(ErrorKind::access_denied, {.where = "pack",
                                  .what = "the file to write",
                                  .expected = "no such file yet",
                                  .found = is_there ? "one" : error.message(),
                                  .file = file.string(),
                                  .hint = is_there ? "replace it with --force" : ""});
}

// Nothing where it cannot be told any more.
std::string size_of(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file, error);
  if (error) return {};
  constexpr double mib = 1 << 20;
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / mib << " MiB of ";
  return text.str();
}

int run_pack(Terminal& terminal, const PackOptions& options) {
  const fs::path file = loading([&] {
    const fs::path folder = find_model(options.model);
    fs::path target = options.output;
    if (target.empty()) target = folder / packed_file_name(options.compute);
    if (!options.force) check_target_is_free(target);
    if (terminal.progress) terminal.err << "packing " << folder.string() << " ...\n" << std::flush;
    ThreadPool pool(options.threads);
    pack_model(folder,
               {.pool = &pool, .compute = options.compute, .extra_tensors = options.extra_tensors},
               target);
    return target;
  });
  terminal.out << file.string() << ": " << size_of(file) << "weights packed for "
               << name(options.compute) << '\n';
  return exit_ok;
}

}  // namespace

void add_pack_command(CLI::App& app, Session& session) {
  const auto options = std::make_shared<PackOptions>();
  CLI::App& command =
      *app.add_subcommand("pack", "Pack the weights of a model ahead, so that it loads at once");
  command.callback([&session, options] {
    session.action = [&session, options] { return run_pack(session.terminal, *options); };
  });
  add_model_option(command, options->model,
                   "A model folder, a model of the Hugging Face cache, or a bundled one")
      .required();
  add_dtype_option(command, options->compute);
  command
      .add_option("-o,--output", options->output,
                  "Where to write; attend.TYPE.packed in the model's folder when absent, where "
                  "loading looks for it")
      ->type_name("FILE")
      ->check(check_name);
  command.add_flag(
      "--force", options->force,
      "Replace a file of packed weights that is there; no other file is ever replaced");
  add_extra_tensors_flag(command, options->extra_tensors);
  add_threads_option(command, options->threads);
  command.footer(
      "Whatever loads the model with this --dtype maps the file then instead of packing. It is "
      "bound to the\nweights that it was made of: after they have changed, loading fails and says "
      "so, until the model is\npacked again, the file is deleted or --no-packed is given. A model "
      "that runs reads the file: replace\nit, never write into it. `attend verify` compares it "
      "with the weights byte by byte. The exit code is\n3 when a model or a file is to "
      "blame.\n\nExample:\n"
      "  attend pack --model FOLDER --dtype bf16");
}

}  // namespace attend::cli
