// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How a command on texts comes into being: its place in the command line and its model.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/parallel.h"
#include "attend/task/result.h"
#include "cli/command.h"
#include "cli/text_run.h"

namespace attend::cli {

using Texts = std::vector<std::string_view>;
template <class Task>
using Outcomes = std::vector<Outcome<typename Task::Result>>;

/// A command: what it is called, does, and does it with.
template <class Options>
struct Subcommand {
  std::vector<std::string> names;  ///< the first is its own, the others are aliases
  std::string about;
  int (*run)(Terminal&, const Options&);
};

/// Adds a command whose options live in `options` until it runs.
template <class Options>
CLI::App& add_command(CLI::App& app, Session& session, const Subcommand<Options>& of,
                      const std::shared_ptr<Options>& options) {
  CLI::App& command = *app.add_subcommand(of.names.front(), of.about);
  for (const std::string& name : std::span(of.names).subspan(1)) command.alias(name);
  command.callback([&session, options, run = of.run] {
    session.action = [&session, options, run] { return run(session.terminal, *options); };
  });
  return command;
}

/// The task with the model that the options name. Throws: FileError.
template <class Task>
[[nodiscard]] Task load(std::string_view task, const TextOptions& options) {
  const auto folder = model_folder(task, options.model);
  ThreadPool pool(options.threads);
  return loading([&] {
    return Task::load(folder, {.pool = &pool,
                               .compute = options.compute,
                               .kv_type = options.kv_type,
                               .extra_tensors = options.extra_tensors,
                               .packed = options.packed});
  });
}

}  // namespace attend::cli
