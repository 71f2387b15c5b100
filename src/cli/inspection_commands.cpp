// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands that show what is inside: tokenize and info.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iomanip>
#include <memory>
#include <ostream>
#include <sstream>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "attend/core/cpu.h"
#include "attend/core/parallel.h"
#include "attend/core/version.h"
#include "attend/model/architecture.h"
#include "attend/pipeline/model_files.h"
#include "attend/pipeline/pipeline.h"
#include "attend/text/regex.h"
#include "attend/text/utf8.h"
#include "attend/tokenizer/added_tokens.h"
#include "attend/tokenizer/bpe.h"
#include "attend/tokenizer/tokenizer.h"
#include "attend/tokenizer/unigram.h"
#include "attend/tokenizer/vocabulary.h"
#include "attend/tokenizer/wordpiece.h"
#include "cli/command.h"
#include "cli/json_filter.h"
#include "cli/model_memory.h"
#include "cli/text_run.h"
#include "core/limits.h"

namespace attend::cli {
namespace {

// ---- tokenize

struct TokenizeOptionsOfCommand {
  TextOptions common;
  std::string pair;
  Index max_length = 0;  // 0: no truncation
  bool no_special_tokens = false;
};

void print_tokens(TextRun& run, const Tokenizer& tokenizer, std::string_view text,
                  const Encoding& encoding) {
  run.printer().heading(text);
  std::ostringstream table;
  table << "  " << std::setw(8) << "id" << std::setw(12) << "from byte" << std::setw(12)
        << "to byte"
        << "  token";
  run.printer().line(table.str());
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    // A file may put ids around texts that no token has.
    const std::string_view token = tokenizer.known_token(encoding.ids[i]).value_or("");
    std::ostringstream row;
    row << "  " << std::setw(8) << encoding.ids[i] << std::setw(12) << encoding.offsets[i].begin
        << std::setw(12) << encoding.offsets[i].end << "  " << token;
    run.printer().line(row.str());
  }
}

/// The request that `attend run tokenize` would get.
std::string tokenize_request(std::string_view text, const TokenizeOptionsOfCommand& options) {
  JsonWriter writer;
  writer.begin_object();
  writer.key("inputs");
  writer.begin_object();
  writer.key("text");
  writer.string(text);
  if (!options.pair.empty()) {
    writer.key("text_pair");
    writer.string(options.pair);
  }
  writer.end_object();
  writer.key("parameters");
  writer.begin_object();
  writer.key("add_special_tokens");
  writer.boolean(!options.no_special_tokens);
  if (options.max_length > 0) {
    writer.key("truncation");
    writer.boolean(true);
    writer.key("max_length");
    writer.integer(options.max_length);
  }
  writer.end_object();
  writer.end_object();
  return writer.take();
}

/// The answer of `attend run tokenize` for a text. Broken bytes never become a request, which is
/// JSON and cannot hold them.
JsonFilter::Answers tokens_of(const JsonFilter& filter, const InputLine& line,
                              const TokenizeOptionsOfCommand& options) {
  try {
    check_utf8(line.text, "tokenize");
    check_utf8(options.pair, "tokenize");
  } catch (const Error& error) {
    return {.lines = {error_json(error)}, .failed = 1};
  }
  const InputLine request{tokenize_request(line.text, options), line.too_long, line.number};
  return filter.answer({&request, 1});
}

/// `--json`: the lines that `attend run tokenize` writes.
int write_tokens(Terminal& terminal, const TokenizeOptionsOfCommand& options,
                 const std::string& model) {
  const JsonFilter filter = loading([&] { return JsonFilter("tokenize", model); });
  TextSource source(options.common.texts, options.common.file, terminal);
  std::size_t failed = 0;
  for (auto texts = source.next(); !texts.empty() && terminal.out; texts = source.next()) {
    for (const InputLine& line : texts) {
      const auto answers = tokens_of(filter, line, options);
      terminal.out << answers.lines.front() << '\n';
      failed += answers.failed;
    }
    terminal.out.flush();
  }
  return failed == 0 ? exit_ok : exit_run_time;
}

int run_tokenize(Terminal& terminal, const TokenizeOptionsOfCommand& options) {
  std::error_code ignored;
  const bool is_file = std::filesystem::is_regular_file(options.common.model, ignored);
  const std::filesystem::path model = is_file ? std::filesystem::path(options.common.model)
                                              : model_folder("embed", options.common.model);
  if (options.common.json) return write_tokens(terminal, options, model.string());
  const Tokenizer tokenizer = loading([&] { return Tokenizer::load(model); });
  EncodeOptions encode{.add_special_tokens = !options.no_special_tokens};
  if (options.max_length > 0) {
    encode.truncation =
        Truncation{.max_length = options.max_length, .side = tokenizer.settings().truncation_side};
  }
  TextRun run(terminal, options.common);
  return run.for_each_text([&](std::string_view text) {
    print_tokens(run, tokenizer, text,
                 options.pair.empty() ? tokenizer.encode(text, encode)
                                      : tokenizer.encode_pair(text, options.pair, encode));
  });
}

void add_tokenize(CLI::App& app, Session& session) {
  const auto options = std::make_shared<TokenizeOptionsOfCommand>();
  CLI::App& command = *app.add_subcommand("tokenize", "The tokens of a text");
  command.callback([&session, options] {
    session.action = [&session, options] { return run_tokenize(session.terminal, *options); };
  });
  TextOptions& common = options->common;
  CLI::Option* const positional = command.add_option("texts", common.texts, "Texts to cut");
  command.add_option("-f,--file", common.file, "Read texts from a file, one a line")
      ->type_name("FILE")
      ->excludes(positional);
  add_model_option(command, common.model,
                   "A model folder, a tokenizer.json, or a model of the Hugging Face cache; "
                   "the bundled embeddings model when absent");
  command.add_flag("--json", common.json,
                   "Write JSON Lines, as `attend run tokenize` does: offsets count code points");
  command.add_option("--pair", options->pair, "The second text of a pair");
  command
      .add_option("--max-length", options->max_length, "Tokens to cut at, special ones included")
      ->type_name("N")
      ->check(between(1, 1000000000));
  command.add_flag("--no-special-tokens", options->no_special_tokens,
                   "Leave out [CLS], [SEP] and the like");
  command.footer("Example:\n  attend tokenize --model FOLDER \"How are you?\"");
}

// ---- info

/// What this build and this machine offer, for people and for programs.
struct Info {
  CpuReport cpu = cpu_report();
  int threads = available_cpus();
  std::vector<std::string> architectures;
  std::vector<attend::limits::Limit> limits;  ///< those of public headers, too

  Info() {
    for (const Architecture* const one : attend::architectures()) {
      for (const std::string_view name : one->model_types) architectures.emplace_back(name);
    }
    const SafetensorsOptions safetensors;
    limits = {{"safetensors_header_bytes", safetensors.max_header_bytes},
              {"safetensors_tensors", safetensors.max_tensors}};
    limits.insert(limits.end(), attend::limits::all.begin(), attend::limits::all.end());
    limits.insert(limits.end(), {{"pattern_bytes", Regex::max_pattern_bytes},
                                 {"token_id", Vocabulary::max_id},
                                 {"added_token_bytes", AddedTokens::max_bytes},
                                 {"wordpiece_token_bytes", WordPiece::max_token_bytes},
                                 {"unigram_piece_bytes", Unigram::max_piece_bytes},
                                 {"merge_prefix_bytes", Bpe::max_prefix_bytes}});
  }
};

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all.empty() ? "none" : all;
}

/// " (ner; bundled model ner)": other names of a task and its default, where there are any.
std::string notes_of(const TaskInfo& task) {
  std::string notes;
  for (const std::string_view alias : task.aliases) {
    notes += notes.empty() ? "" : ", ";
    notes += alias;
  }
  if (!task.bundled_model.empty()) {
    notes += notes.empty() ? "bundled model " : "; bundled model ";
    notes += task.bundled_model;
  }
  return notes.empty() ? "" : " (" + notes + ")";
}

void print_info(std::ostream& out, const Info& info) {
  out << "attend        " << version() << '\n'
      << "CPU features  " << joined(info.cpu.features) << '\n'
      << "Kernels       " << info.cpu.kernels << " (usable: " << joined(info.cpu.usable)
      << "; in this build: " << joined(info.cpu.compiled) << ")\n"
      << "Threads       " << info.threads << '\n'
      << "Architectures " << joined(info.architectures) << "\n\nTasks\n";
  for (const TaskInfo& task : tasks()) {
    out << "  " << std::left << std::setw(28) << task.name << task.about << notes_of(task) << '\n';
  }
  out << "\nLimits\n";
  for (const auto& [name, value] : info.limits) {
    out << "  " << std::left << std::setw(28) << name << value << '\n';
  }
}

void write_info(std::ostream& out, const Info& info) {
  JsonWriter writer;
  const auto strings = [&](std::string_view key, const auto& values) {
    writer.key(key);
    writer.array(values, [&](std::string_view value) { writer.string(value); });
  };
  writer.begin_object();
  writer.key("version");
  writer.string(version());
  strings("cpu_features", info.cpu.features);
  writer.key("kernels");
  writer.string(info.cpu.kernels);
  strings("usable_kernels", info.cpu.usable);
  strings("compiled_kernels", info.cpu.compiled);
  writer.key("threads");
  writer.integer(info.threads);
  strings("architectures", info.architectures);
  writer.key("tasks");
  writer.array(tasks(), [&](const TaskInfo& task) {
    writer.begin_object();
    writer.key("name");
    writer.string(task.name);
    strings("aliases", task.aliases);
    writer.key("bundled_model");
    writer.string(task.bundled_model);
    writer.key("about");
    writer.string(task.about);
    writer.end_object();
  });
  writer.key("limits");
  writer.begin_object();
  for (const auto& [name, value] : info.limits) {
    writer.key(name);
    writer.integer(static_cast<std::int64_t>(value));
  }
  writer.end_object();
  writer.end_object();
  out << writer.take() << '\n';
}

struct InfoOptions {
  std::string model;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  ComputeType compute = ComputeType::f32;
  bool json = false;
};

int run_info(std::ostream& out, const InfoOptions& options) {
  if (options.model.empty()) {
    options.json ? write_info(out, Info()) : print_info(out, Info());
  } else {
    const auto memory = loading([&] {
      return ModelMemory(find_model(options.model),
                         {.compute = options.compute, .extra_tensors = options.extra_tensors});
    });
    options.json ? write(out, memory) : print(out, memory);
  }
  return exit_ok;
}

void add_info(CLI::App& app, Session& session) {
  CLI::App& command = *app.add_subcommand(
      "info", "Version, CPU, kernels, architectures, tasks, limits; or the memory of a model");
  const auto options = std::make_shared<InfoOptions>();
  command.add_flag("--json", options->json, "Write one JSON object");
  CLI::Option& model = add_model_option(
      command, options->model,
      "Tell what memory this model takes, from the headers of its files: a folder, or "
      "a model of the Hugging Face cache");
  add_dtype_option(command, options->compute).needs(&model);
  add_extra_tensors_flag(command, options->extra_tensors);
  command.callback([&session, options] {
    session.action = [&session, options] { return run_info(session.terminal.out, *options); };
  });
  command.footer("Example:\n  attend info --model FOLDER --dtype int8");
}

}  // namespace

void add_inspection_commands(CLI::App& app, Session& session) {
  add_tokenize(app, session);
  add_info(app, session);
}

}  // namespace attend::cli
