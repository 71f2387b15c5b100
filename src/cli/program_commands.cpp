// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands for programs: run and forward.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>
#include <span>

#include "attend/model/architecture.h"
#include "attend/model/forward.h"
#include "cli/command.h"
#include "cli/json_filter.h"
#include "cli/progress.h"
#include "cli/text_run.h"
#include "cli/text_source.h"

namespace attend::cli {
namespace {

// ---- run

struct RunCommandOptions {
  std::string name;
  std::string model;
  std::string file;
  int threads = 0;
  Index batch_size = 32;
  ComputeType compute = ComputeType::f32;
  KvType kv_type = KvType::computed;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
};

int run_filter(Terminal& terminal, const RunCommandOptions& options) {
  try {
    JsonFilter::check_name(options.name);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  ThreadPool pool(options.threads);
  const JsonFilter filter = loading([&] {
    return JsonFilter(options.name, options.model,
                      {.pool = &pool,
                       .compute = options.compute,
                       .kv_type = options.kv_type,
                       .extra_tensors = options.extra_tensors,
                       .packed = options.packed});
  });
  const Descriptor input(options.file, terminal.in);
  LineReader reader(input.get(), input.name());
  Progress progress(terminal.err, terminal.progress ? Progress::Shown::yes : Progress::Shown::no);
  const std::size_t size = input.size().value_or(0);  // 0: not known
  Index done = 0;
  std::size_t bytes_done = 0;
  const auto show = [&](Index in_group, Index) {
    std::optional<double> part;
    if (size > 0) part = static_cast<double>(bytes_done) / static_cast<double>(size);
    progress.update(done + in_group, part);
  };
  const RunOptions run{.batch_size = options.batch_size, .progress = show, .pool = &pool};
  const std::size_t together = filter.lines_together(run);
  std::size_t failed = 0;
  for (auto lines = reader.next_lines(); !lines.empty(); lines = reader.next_lines()) {
    for (std::size_t begin = 0; begin < lines.size() && terminal.out; begin += together) {
      const auto group = std::span(lines).subspan(begin, std::min(together, lines.size() - begin));
      const auto answers = filter.answer(group, run);
      progress.clear();
      for (const std::string& answer : answers.lines) terminal.out << answer << '\n';
      terminal.out.flush();
      failed += answers.failed;
      done += static_cast<Index>(group.size());
      for (const InputLine& line : group) bytes_done += line.text.size() + 1;
      show(0, 0);
    }
    if (!terminal.out) break;
  }
  return failed == 0 ? exit_ok : exit_run_time;
}

void add_run(CLI::App& app, Session& session) {
  const auto options = std::make_shared<RunCommandOptions>();
  CLI::App& command =
      *app.add_subcommand("run", "Answer JSON Lines as transformers would, one answer a line");
  command.callback([&session, options] {
    session.action = [&session, options] { return run_filter(session.terminal, *options); };
  });
  command
      .add_option("name", options->name,
                  "A task, or tokenize, chat-template, sentence-embeddings, cross-encoder")
      ->required();
  add_model_option(command, options->model,
                   "A model folder, or a model of the Hugging Face cache; for tokenize also a "
                   "tokenizer.json");
  add_weight_options(command, options->compute, options->packed);
  add_kv_option(command, options->kv_type);
  add_extra_tensors_flag(command, options->extra_tensors);
  command
      .add_option("-f,--file", options->file, "Read lines from a file instead of standard input")
      ->type_name("FILE");
  add_threads_option(command, options->threads);
  command
      .add_option("--batch-size", options->batch_size,
                  "Texts that run together; a line's own batch_size goes before")
      ->type_name("N")
      ->check(between(1, 100000));
  std::string names;
  for (const std::string& name : JsonFilter::names()) names += "\n  " + name;
  command.footer(
      "Each line is {\"inputs\": ..., \"parameters\": {...}} with the names of transformers, and "
      "has one\nline of answer. One that fails, or is blank, becomes {\"error\": {\"kind\": ..., "
      "\"message\": ...}}\nand the others go on; the exit code is then 1.\n\n"
      "generate takes token ids, {\"input_ids\": [[...]]}, and with return_dict_in_generate hands "
      "out\noutput_scores, output_logits, output_hidden_states and output_attentions: for one row, "
      "and for one\nsequence or beams; the last two without padding; at most 64 MiB of the first "
      "two, and of the\nothers, by the number of beams; infinities are strings.\n\n"
      "Example:\n  echo "
      "'{\"inputs\": \"I love this film\", "
      "\"parameters\": "
      "{\"top_k\": 2}}' |\n    attend run text-classification --model FOLDER\n\nNames:" +
      names);
}

// ---- forward

struct ForwardOptions {
  std::string model;
  std::string input;
  std::string output;
  std::optional<HeadKind> head;
  int threads = 0;
  ComputeType compute = ComputeType::f32;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
};

int run_forward(const ForwardOptions& options) {
  return loading([&] {  // here everything that can fail is a model or a file
    ThreadPool pool(options.threads);
    const Model model = load_model(model_folder("feature-extraction", options.model),
                                   {.head = options.head,
                                    .pool = &pool,
                                    .compute = options.compute,
                                    .extra_tensors = options.extra_tensors,
                                    .packed = options.packed});
    const Safetensors input = Safetensors::open(options.input);
    Workspace workspace(pool);
    const auto outputs = forward(model, {input.tensors(), input.name()}, workspace);
    std::map<std::string, TensorRef, std::less<>> refs;
    for (const auto& [name, tensor] : outputs) refs.emplace(name, tensor.ref());
    write_safetensors(options.output, refs);
    return exit_ok;
  });
}

void add_head_option(CLI::App& command, std::optional<HeadKind>& head) {
  const auto read = [&head](const std::string& word) {
    head = find_head_kind(word);
    if (head) return;
    std::string known;
    for (const HeadKind kind : head_kinds) {
      known += (known.empty() ? "" : ", ") + std::string(name(kind));
    }
    throw CLI::ValidationError("--head", "expected one of " + known + ", found " + quote(word));
  };
  command
      .add_option_function<std::string>(
          "--head", read,
          "The head to load, by the name that README.md gives it; that of the class in config.json "
          "unless it is named")
      ->type_name("HEAD");
}

void add_forward(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ForwardOptions>();
  CLI::App& command = *app.add_subcommand(
      "forward", "Run a model on token ids and write every hidden state, for comparison");
  command.callback(
      [&session, options] { session.action = [options] { return run_forward(*options); }; });
  add_model_option(command, options->model, "A model folder, or a model of the cache").required();
  add_head_option(command, options->head);
  add_weight_options(command, options->compute, options->packed);
  add_extra_tensors_flag(command, options->extra_tensors);
  command
      .add_option("-i,--input", options->input,
                  "A safetensors file: input_ids, and if wanted attention_mask, token_type_ids, "
                  "position_ids; for a decoder behind an encoder decoder_input_ids and "
                  "decoder_attention_mask; int64 [sequences, tokens]")
      ->type_name("FILE")
      ->required();
  command.add_option("-o,--output", options->output, "The safetensors file to write")
      ->type_name("FILE")
      ->required();
  add_threads_option(command, options->threads);
  command.footer(
      "Writes hidden_states.N (0 = embeddings), last_hidden_state, and logits, start_logits and "
      "end_logits,\npooler_output where the model has them; with an encoder and a decoder "
      "encoder_hidden_states.N,\nencoder_last_hidden_state and decoder_hidden_states.N for "
      "hidden_states.N. The decoder reads\ndecoder_input_ids, else the texts one token later. Rows "
      "of padding are 0. What is of a whole sequence\ncomes from the first token that is kept, "
      "where PyTorch takes column 0, be it padding."
      "\n\nExample:\n"
      "  attend forward --model FOLDER --input ids.safetensors --output states.safetensors");
}

}  // namespace

void add_program_commands(CLI::App& app, Session& session) {
  add_run(app, session);
  add_forward(app, session);
}

}  // namespace attend::cli
