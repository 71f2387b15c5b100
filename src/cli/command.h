// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The `attend` command as a function: arguments and streams in, exit code out.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>

#include "attend/checkpoint/weights.h"
#include "attend/core/error.h"
#include "attend/model/model.h"
#include "attend/ops/compute_type.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace attend::cli {

/// What a command reads and writes: results go to `out`, everything else to `err`.
struct Terminal {
  int in = 0;  ///< file descriptor
  std::ostream& out;
  std::ostream& err;
  bool colour = false;    ///< of `out`
  bool progress = false;  ///< whether `err` may show a progress bar
  bool watched = false;   ///< whether somebody reads `out` as it comes
};

/// Exit codes.
inline constexpr int exit_ok = 0;
inline constexpr int exit_run_time = 1;  ///< a text failed, or output could not be written
inline constexpr int exit_usage = 2;
inline constexpr int exit_file = 3;  ///< a model or a file

/// Runs `attend` with the arguments of main(). Never throws.
[[nodiscard]] int run_command(int argc, const char* const* argv, Terminal& terminal) noexcept;

/// A command line that cannot be meant.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An Error of a model or file, as opposed to one of a text.
class FileError : public std::runtime_error {
 public:
  explicit FileError(const Error& error) : std::runtime_error(error.what()) {}
};

/// load(), whose Error becomes a FileError.
template <class Load>
[[nodiscard]] auto loading(Load load) {
  try {
    return load();
  } catch (const Error& error) {
    throw FileError(error);
  }
}

/// The folder that `--model` names, or else the bundled model of a task. Throws: FileError.
[[nodiscard]] std::filesystem::path model_folder(std::string_view task, const std::string& model);

/// What is wrong with the value of an option that names something: where it is empty, the option
/// would quietly count as absent.
[[nodiscard]] std::string check_name(const std::string& name);
/// Adds `--model`.
CLI::Option& add_model_option(CLI::App& command, std::string& model, const std::string& about);
/// Adds `--dtype`.
CLI::Option& add_dtype_option(CLI::App& command, ComputeType& compute);
/// Adds `--dtype` and `--no-packed`, for commands that run a model; the latter is returned.
CLI::Option& add_weight_options(CLI::App& command, ComputeType& compute, PackedWeights& packed);
/// Adds `--kv-cache`, for commands that run a model that writes.
void add_kv_option(CLI::App& command, KvType& type);
/// Adds `--threads`.
void add_threads_option(CLI::App& command, int& threads);

/// Adds `--ignore-extra-tensors`.
void add_extra_tensors_flag(CLI::App& command, ExtraTensors& extra);

/// What the subcommands share: where to write, and which of them was chosen.
struct Session {
  Terminal& terminal;
  std::function<int()> action = {};
};

// Each adds its subcommands; a chosen one sets session.action.
void add_text_commands(CLI::App& app, Session& session);
void add_generation_commands(CLI::App& app, Session& session);
void add_chat_command(CLI::App& app, Session& session);
void add_writing_commands(CLI::App& app, Session& session);
void add_vector_commands(CLI::App& app, Session& session);
void add_comparison_commands(CLI::App& app, Session& session);
void add_program_commands(CLI::App& app, Session& session);
void add_inspection_commands(CLI::App& app, Session& session);
void add_verify_command(CLI::App& app, Session& session);
void add_pack_command(CLI::App& app, Session& session);
void add_evaluate_commands(CLI::App& app, Session& session);
void add_bench_command(CLI::App& app, Session& session);

}  // namespace attend::cli
