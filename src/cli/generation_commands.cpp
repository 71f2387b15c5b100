// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands that write texts: generate, chat.
#include <memory>

#include "attend/task/text_generation.h"
#include "cli/generation_options.h"
#include "cli/line_reader.h"
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

int run_generate(Terminal& terminal, const GenerateOptions& options) {
  const auto task = load<TextGeneration>("text-generation", options.common);
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

// ---- chat

struct ChatCommandOptions {
  std::string model;
  std::string system;
  int threads = 0;
  ComputeType compute = ComputeType::f32;
  KvType kv_type = KvType::computed;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
  GenerationFlags generation;
};

/// A conversation that grows by what is said and what is answered.
class Dialog {
 public:
  Dialog(Terminal& terminal, const TextGeneration& task, const ChatCommandOptions& options,
         ThreadPool& pool)
      : terminal_(terminal), task_(task), options_(options), pool_(pool) {
    GenerationConfig defaults = task.generator().defaults().config;
    defaults.num_return_sequences = 1;
    check_generation_flags(options.generation, defaults);
    is_one_text_ = options.generation.is_one_text(defaults);
    if (!options.system.empty()) messages_.push_back(chat_message("system", options.system));
  }

  /// Throws: as TextGeneration; then it is as it was.
  void answer(const std::string& line) {
    messages_.push_back(chat_message("user", line));
    try {
      has_written_ = false;
      auto texts = task_(ChatValue(messages_), call(), {.pool = &pool_});
      if (!is_one_text_) write(texts.front().text);
      terminal_.out << std::endl;
      messages_ = *texts.front().messages->get<ChatValue::Array>();
    } catch (...) {
      if (has_written_) terminal_.out << std::endl;
      messages_.pop_back();
      throw;
    }
  }

 private:
  TextGenerationOptions call() {
    // The conversation goes on with what was shown, which is written in pieces.
    TextGenerationOptions call{.config = options_.generation.config,
                               .seed = options_.generation.call_seed() + turn_++,
                               .clean_up_tokenization_spaces = false};
    call.config.num_return_sequences = 1;
    if (!call.config.max_new_tokens) call.config.max_new_tokens = 256;  // of each answer
    if (is_one_text_) {
      call.on_text = [this](Index, Index, std::string_view piece) {
        write(piece);
        return static_cast<bool>(terminal_.out);
      };
    }
    return call;
  }

  void write(std::string_view text) {
    has_written_ = has_written_ || !text.empty();
    if (terminal_.watched) {
      terminal_.out << printable_text(text) << std::flush;
    } else {
      terminal_.out << text << std::flush;
    }
  }

  Terminal& terminal_;
  const TextGeneration& task_;
  const ChatCommandOptions& options_;
  ThreadPool& pool_;
  ChatValue::Array messages_;
  std::uint64_t turn_ = 0;
  bool is_one_text_ = false;
  bool has_written_ = false;  // something of the present answer
};

int run_chat(Terminal& terminal, const ChatCommandOptions& options) {
  const auto folder = model_folder("text-generation", options.model);
  ThreadPool pool(options.threads);
  const auto task = loading([&] {
    auto loaded = TextGeneration::load(folder, {.pool = &pool,
                                                .compute = options.compute,
                                                .kv_type = options.kv_type,
                                                .extra_tensors = options.extra_tensors,
                                                .packed = options.packed});
    (void)loaded.task_model().tokenizer->chat_template();  // says at once that there is none
    return loaded;
  });
  Dialog dialog(terminal, task, options, pool);
  LineReader reader(terminal.in, "standard input");
  const auto invite = [&] {
    if (terminal.watched) terminal.out << "> " << std::flush;
  };
  int code = exit_ok;
  invite();
  for (auto lines = reader.next_lines(); !lines.empty() && terminal.out;
       lines = reader.next_lines()) {
    for (const InputLine& line : lines) {
      try {
        if (line.too_long) throw long_line_error(line);
        if (!line.text.empty()) dialog.answer(line.text);
      } catch (const Error& error) {
        terminal.err << "attend: " << error.what() << '\n';
        code = exit_run_time;
      }
      invite();
    }
  }
  if (terminal.watched) terminal.out << '\n';
  return code;
}

void add_chat(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ChatCommandOptions>();
  CLI::App& command = add_command(
      app, session, {{"chat"}, "A conversation with a model, line by line", run_chat}, options);
  add_model_option(command, options->model,
                   "A folder with a chat template, or a model of the Hugging Face cache")
      .required();
  command.add_option("--system", options->system, "What the model is told before all")
      ->type_name("TEXT");
  add_generation_options(command, options->generation);
  command.remove_option(command.get_option("--sequences"));  // there is one answer
  add_kv_option(command, options->kv_type);
  add_weight_options(command, options->compute, options->packed);
  add_extra_tensors_flag(command, options->extra_tensors);
  add_threads_option(command, options->threads);
  command.footer(
      "Every line of standard input is said to the model, and answered; it remembers all of them."
      "\n\nExample:\n  attend chat --model FOLDER\n"
      "  echo \"What is the capital of France?\" | attend chat --model FOLDER --greedy");
}

}  // namespace

void add_generation_commands(CLI::App& app, Session& session) {
  add_generate(app, session);
  add_chat(app, session);
}

}  // namespace attend::cli
