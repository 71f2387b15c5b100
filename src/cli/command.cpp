// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The command line: subcommands, help, exit codes.
#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/cpu.h"
#include "attend/core/version.h"
#include "attend/pipeline/model_files.h"
#include "attend/pipeline/pipeline.h"
#include "cli/text_run.h"
#include "core/limits.h"

namespace attend::cli {
namespace {

constexpr const char* command_examples = R"(Examples:
  attend sentiment "A quiet, perfect film."
  attend ner "Angela Merkel met Emmanuel Macron in Paris."
  attend zero-shot "The goalkeeper saved a penalty." --labels politics,sport,cooking
  attend sentiment --file reviews.txt --json > labels.jsonl
  attend generate "Once upon a time"
  attend evaluate sentiment --data dev.tsv
  echo '{"inputs": "I love it"}' | attend run text-classification --model FOLDER

A text that begins with "-" goes after "--".

Exit codes: 0 ok, 1 a text failed, 2 wrong usage, 3 a model or file.
`attend COMMAND --help` says more about a command.)";

// CLI11 takes "[a] and [b]" for a list and would cut it; texts such as "[MASK] or [MASK]" must come
// through whole. So brackets get a guard in front, which every option takes away again.
constexpr char guard = '\x1f';

std::vector<std::string> guarded(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  for (std::string& word : words) {
    if (word.starts_with('[')) word.insert(word.begin(), guard);
  }
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  return words;
}

std::string unguarded(const std::string& word) {
  return word.starts_with(guard) ? word.substr(1) : word;
}

void remove_guards(CLI::App& app) {
  const CLI::Validator remove(
      [](std::string& word) {
        word = unguarded(word);
        return std::string();
      },
      "");
  for (CLI::App* const command : app.get_subcommands({})) {
    remove_guards(*command);
    for (CLI::Option* const option : command->get_options()) {
      if (option->get_items_expected_max() == 0) continue;  // a flag
      option->transform(remove);
    }
  }
}

/// The innermost command that was chosen, and the words that lead to it.
const CLI::App& chosen_command(const CLI::App& app, std::string& path) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return app;
  path += " " + chosen.front()->get_name();
  return chosen_command(*chosen.front(), path);
}

/// Throws: UsageError, where the command line names a command that there is not.
void check_command(const CLI::App& app) {
  std::string path;
  const CLI::App& chosen = chosen_command(app, path);
  const std::vector<std::string> unknown = chosen.remaining();
  const auto commands = chosen.get_subcommands({});
  if (commands.empty() || unknown.empty() || unknown.front().starts_with('-')) return;
  std::string known;
  for (const CLI::App* const command : commands) {
    known += (known.empty() ? "" : ", ") + command->get_name();
  }
  throw UsageError("unknown command " + quote(unguarded(unknown.front())) + "; known are " + known);
}

/// What the parser says, with the words as they were given and the help that lists what there is.
std::string complaint(std::string message, const CLI::App& app) {
  message.erase(std::remove(message.begin(), message.end(), guard), message.end());
  std::string path;
  static_cast<void>(chosen_command(app, path));
  return printable(message) + "; see `attend" + path + " --help`";
}

int parse_and_run(int argc, const char* const* argv, Session& session) {
  CLI::App app(
      "Hugging Face models in C++: sentiment, entities, zero-shot labels, answers, "
      "embeddings, texts.",
      "attend");
  app.footer(command_examples);
  app.set_version_flag("--version", "attend " + std::string(version()));
  app.require_subcommand(1);
  add_text_commands(app, session);
  add_generation_commands(app, session);
  add_chat_command(app, session);
  add_writing_commands(app, session);
  add_vector_commands(app, session);
  add_comparison_commands(app, session);
  add_program_commands(app, session);
  add_inspection_commands(app, session);
  add_verify_command(app, session);
  add_pack_command(app, session);
  add_evaluate_commands(app, session);
  add_bench_command(app, session);
  remove_guards(app);
  try {
    app.parse(guarded(argc, argv));
  } catch (const CLI::Success& help_or_version) {
    static_cast<void>(app.exit(help_or_version, session.terminal.out, session.terminal.err));
    return exit_ok;
  } catch (const CLI::ParseError& error) {
    check_command(app);
    throw UsageError(complaint(error.what(), app));
  }
  static_cast<void>(cpu_report());  // a wrong ATTEND_ISA is wrong usage, not the fault of a model
  return session.action();
}

int code_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::file_not_found:
    case ErrorKind::access_denied:
    case ErrorKind::invalid_format: return exit_file;
    case ErrorKind::config_error: return exit_usage;  // an option; one of a text is not thrown
    default: return exit_run_time;
  }
}

int report(Terminal& terminal, std::string_view message, int code) {
  terminal.err << "attend: " << message << '\n';
  return code;
}

int run_guarded(int argc, const char* const* argv, Terminal& terminal) {
  Session session{.terminal = terminal};
  try {
    const int code = parse_and_run(argc, argv, session);
    terminal.out.flush();
    if (!terminal.out) return report(terminal, "cannot write the results", exit_run_time);
    return code;
  } catch (const UsageError& error) {
    return report(terminal, error.what(), exit_usage);
  } catch (const FileError& error) {
    return report(terminal, error.what(), exit_file);
  } catch (const Error& error) {
    return report(terminal, error.what(), code_of(error));
  } catch (const std::bad_alloc&) {
    return report(terminal, "out of memory", exit_run_time);
  } catch (const std::exception& error) {
    return report(terminal, error.what(), exit_run_time);
  }
}

}  // namespace

int run_command(int argc, const char* const* argv, Terminal& terminal) noexcept {
  try {
    return run_guarded(argc, argv, terminal);
  } catch (...) {
    return exit_run_time;  // even the message could not be written
  }
}

std::filesystem::path model_folder(std::string_view task, const std::string& model) {
  return loading([&] {
    if (!model.empty()) return find_model(model);
    const TaskInfo& info = find_task(task);
    try {
      return default_model_folder(info);
    } catch (const Error& error) {
      if (!info.bundled_model.empty()) throw;
      ErrorDetail detail = error.detail();
      detail.hint = "name one with --model FOLDER";
      throw Error(error.kind(), std::move(detail));
    }
  });
}

namespace {

/// An option whose word is the name of a type. `known` lists the names.
template <class Type>
CLI::Option& add_type_option(CLI::App& command, const std::string& option, const std::string& known,
                             std::optional<Type> (*find)(std::string_view) noexcept, Type& type,
                             const std::string& about) {
  const auto read = [option, known, find, &type](const std::string& word) {
    const auto found = find(word);
    if (!found) {
      throw CLI::ValidationError(option, "expected one of " + known + ", found " + quote(word));
    }
    type = *found;
  };
  return *command.add_option_function<std::string>(option, read, about)->type_name("TYPE");
}

}  // namespace

CLI::Option& add_dtype_option(CLI::App& command, ComputeType& compute) {
  return add_type_option(command, "--dtype", "f32, bf16, int8, int4", find_compute_type, compute,
                         "What products with weights are computed in: f32 (exact, the default), "
                         "bf16, int8, int4");
}

CLI::Option& add_weight_options(CLI::App& command, ComputeType& compute, PackedWeights& packed) {
  add_dtype_option(command, compute);
  return *command.add_flag_callback(
      "--no-packed", [&packed] { packed = PackedWeights::never; },
      "Pack the weights, even if the model's folder has a file of packed ones");
}

void add_kv_option(CLI::App& command, KvType& type) {
  add_type_option(
      command, "--kv-cache", "computed, int8", find_kv_type, type,
      "What keys and values of the text so far are kept as: computed (the default: f32, "
      "or bf16 with a --dtype), int8 (a quarter of f32, near it)");
}

void add_threads_option(CLI::App& command, int& threads) {
  command.add_option("--threads", threads, "Threads; 0 means all that may be used")
      ->type_name("N")
      ->check(between(0, limits::threads));
}

std::string check_name(const std::string& name) {
  return name.empty() ? "expected a name or path" : "";
}

CLI::Option& add_model_option(CLI::App& command, std::string& model, const std::string& about) {
  return *command.add_option("-m,--model", model, about)->type_name("MODEL")->check(check_name);
}

void add_extra_tensors_flag(CLI::App& command, ExtraTensors& extra) {
  command.add_flag_callback(
      "--ignore-extra-tensors", [&extra] { extra = ExtraTensors::ignore; },
      "Load a model whose files have tensors that its architecture has no place for");
}

}  // namespace attend::cli
