// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend generate`: texts that go on.
#include <memory>

#include "attend/task/text_generation.h"
#include "cli/generation_options.h"
#include "cli/print.h"
#include "cli/text_command.h"

namespace attend::cli {
namespace {

// ---- generate

struct GenerateOptions {
  TextOptions common;
  GenerationFlags generation;
  ReturnedText returned = ReturnedText::full;
};

TextGenerationOptions call_of(const GenerateOptions& options) {
  // So that a terminal, which gets pieces, shows what a pipe gets.
  return {.config = options.generation.config,
          .seed = options.generation.call_seed(),
          .returned = options.returned,
          .clean_up_tokenization_spaces = false};
}

/// Each text as it is written. One at a time, so that they do not mix.
int stream_texts(TextRun& run, const TextGeneration& task, const GenerateOptions& options,
                 const RunOptions& how) {
  Index number = 0;
  return run.for_each_text([&](std::string_view text) {
    TextGenerationOptions call = call_of(options);
    bool has_begun = options.returned != ReturnedText::full;
    const auto begin = [&] {
      if (!has_begun) run.out() << printable_text(text);
      has_begun = true;
    };
    call.on_text = [&](Index, Index, std::string_view piece) {
      begin();
      run.out() << printable_text(piece) << std::flush;
      return static_cast<bool>(run.out());
    };
    TextPrompt prompt(text);
    prompt.stream = number++;
    try {
      (void)task(prompt, call, how);
    } catch (...) {
      run.out() << '\n';  // what was written is not joined by the message
      throw;
    }
    begin();
    run.out() << '\n';
  });
}

/// Where positions are computed nothing ends at the last one that a model was trained with.
void warn_of_length(const Terminal& terminal, const Model& model, const GenerationConfig& call) {
  const Index known = model.config().max_positions;
  if (model.max_tokens() || known == 0 || call.max_new_tokens.value_or(0) < known) return;
  terminal.err << "attend: --max-new-tokens: the model knows " << known
               << " positions, what it writes beyond them makes no sense\n";
}

int run_generate(Terminal& terminal, const GenerateOptions& options) {
  const auto task = load<TextGeneration>("text-generation", options.common);
  warn_of_length(terminal, *task.task_model().model, options.generation.config);
  const GenerationConfig& defaults = task.generator().defaults().config;
  check_generation_flags(options.generation, defaults);
  TextRun run(terminal, options.common);
  const bool is_one_text = options.generation.is_one_text(defaults);
  if (terminal.watched && !options.common.json && is_one_text) {
    ThreadPool pool(options.common.threads);
    return stream_texts(run, task, options, {.pool = &pool});
  }
  const Index sequences = options.generation.sequences(defaults);
  Index number = 0;
  return run(
      [&](const Texts& texts, const RunOptions& how) {
        std::vector<TextPrompt> prompts(texts.begin(), texts.end());
        for (TextPrompt& prompt : prompts)
          prompt.stream = number++;  // however many are read at a time
        return task.each(prompts, call_of(options), how);
      },
      [&](const Texts&, const Outcomes<TextGeneration>& outcomes) {
        for (const auto& outcome : outcomes) {
          // Reported on the other stream: texts of one line have their places all the same.
          if (!outcome.ok()) {
            for (Index i = 0; i < sequences; ++i) run.out() << '\n';
            continue;
          }
          for (const GeneratedText& text : outcome.value()) run.out() << text.text << '\n';
        }
      });
}

void add_generate(CLI::App& app, Session& session) {
  const auto options = std::make_shared<GenerateOptions>();
  CLI::App& command = add_command(
      app, session, {{"generate"}, "Texts that go on as the model would", run_generate}, options);
  add_text_options(command, options->common, "texts", "Texts to go on with");
  add_generation_options(command, options->generation);
  add_kv_option(command, options->common.kv_type);
  command.add_flag_callback(
      "--new-text", [options] { options->returned = ReturnedText::generated; },
      "Show what was generated, without the text before it");
  command.footer(
      "As in transformers, it samples with temperature 0.7 and stops after 256 tokens unless told\n"
      "otherwise here; the rest is what the model's generation_config.json says, or else the\n"
      "defaults of transformers, such as top-k 50.\n\n"
      "Example:\n  attend generate \"Once upon a time\"\n"
      "  attend generate --model FOLDER --greedy --max-new-tokens 40 \"The capital of France is\"");
}

}  // namespace

void add_generation_commands(CLI::App& app, Session& session) { add_generate(app, session); }

}  // namespace attend::cli
