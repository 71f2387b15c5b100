// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend chat`: a conversation, line by line.
#include <algorithm>
#include <memory>

#include "attend/task/text_generation.h"
#include "cli/generation_options.h"
#include "cli/line_reader.h"
#include "cli/print.h"
#include "cli/text_command.h"
#include "core/limits.h"

namespace attend::cli {
namespace {

constexpr std::string_view begin_anew = "/new";

struct ChatCommandOptions {
  std::string model;
  std::string system;
  std::string template_file;
  ChatValue::Object variables;
  int threads = 0;
  ComputeType compute = ComputeType::f32;
  KvType kv_type = KvType::computed;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
  GenerationFlags generation;
};

bool has_role(const ChatValue& message, std::string_view role) {
  return *message.find("role")->get<std::string>() == role;
}

/// A conversation that grows by what is said and what is answered.
class Dialog {
 public:
  /// `source` is a template, or empty for the folder's.
  Dialog(Terminal& terminal, const TextGeneration& task, const ChatCommandOptions& options,
         std::string_view source, ThreadPool& pool)
      : terminal_(terminal), task_(task), options_(options), source_(source), pool_(pool) {
    GenerationConfig defaults = task.generator().defaults().config;
    defaults.num_return_sequences = 1;
    check_generation_flags(options.generation, defaults);
    is_one_text_ = options.generation.is_one_text(defaults);
    const Model& model = *task.task_model().model;
    positions_ = model.max_tokens().value_or(model.config().max_positions);
    begin();
  }

  /// Nothing was said yet.
  void begin() {
    messages_.clear();
    if (!options_.system.empty()) messages_.push_back(chat_message("system", options_.system));
  }

  /// Throws: as TextGeneration; then it is as it was.
  void answer(const std::string& line) {
    const ChatValue::Array before = messages_;
    messages_.push_back(chat_message("user", line));
    has_written_ = false;
    forgotten_ = 0;
    try {
      auto texts = answer_of_what_fits();
      if (!is_one_text_) write(texts.front().text);
      say_forgotten();
      terminal_.out << std::endl;
      messages_ = *texts.front().messages->get<ChatValue::Array>();
      // Beyond the positions that a model knows it answers all the same, but makes no sense.
      const auto tokens = static_cast<Index>(texts.front().ids.size());
      if (positions_ > 0 && tokens >= positions_ && forget_turn()) say_forgotten();
    } catch (...) {
      if (has_written_) terminal_.out << std::endl;
      messages_ = before;
      throw;
    }
  }

 private:
  TextGeneration::Result answer_of_what_fits() {
    for (const std::uint64_t seed = options_.generation.call_seed() + turn_++;;) {
      try {
        return task_(ChatValue(messages_), call(seed), {.pool = &pool_});
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::input_too_long || is_one_turn() || !forget_turn()) throw;
      }
    }
  }

  TextGenerationOptions call(std::uint64_t seed) {
    // The conversation goes on with what was shown, which is written in pieces.
    TextGenerationOptions call{
        .config = options_.generation.config, .seed = seed, .clean_up_tokenization_spaces = false};
    call.chat.variables = options_.variables;
    call.chat_template.source = source_;
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

  [[nodiscard]] ChatValue::Array::iterator first_of_user(ChatValue::Array::iterator from) {
    return std::find_if(from, messages_.end(),
                        [](const ChatValue& message) { return has_role(message, "user"); });
  }

  [[nodiscard]] bool is_one_turn() {
    const auto first = first_of_user(messages_.begin());
    return first == messages_.end() || first_of_user(first + 1) == messages_.end();
  }

  /// Drops the oldest question with its answer; false where there is none.
  bool forget_turn() {
    const auto first = first_of_user(messages_.begin());
    if (first == messages_.end()) return false;
    messages_.erase(first, first_of_user(first + 1));
    ++forgotten_;
    return true;
  }

  void say_forgotten() {
    if (forgotten_ == 0) return;
    terminal_.err << "attend: the conversation fills the model's " << positions_
                  << " positions; forgotten from its beginning: " << forgotten_
                  << (forgotten_ == 1 ? " question" : " questions") << " with the answer\n";
    forgotten_ = 0;
  }

  void write(std::string_view text) {
    if (!has_written_) say_forgotten();
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
  std::string_view source_;
  ThreadPool& pool_;
  ChatValue::Array messages_;
  std::uint64_t turn_ = 0;
  Index positions_ = 0;  // 0: no limit
  Index forgotten_ = 0;  // turns that nobody was told of
  bool is_one_text_ = false;
  bool has_written_ = false;  // something of the present answer
};

/// Empty: the folder's own.
std::string read_template(const std::string& file) {
  if (file.empty()) return {};
  const Descriptor input(file, -1);
  std::string text =
      loading([&] { return read_all(input.get(), input.name(), limits::template_bytes); });
  if (text.empty()) throw UsageError("--chat-template: " + printable(file) + " is empty");
  return text;
}

int run_chat(Terminal& terminal, const ChatCommandOptions& options) {
  const auto folder = model_folder("text-generation", options.model);
  const std::string source = read_template(options.template_file);
  ThreadPool pool(options.threads);
  const auto task = loading([&] {
    auto loaded = TextGeneration::load(folder, {.pool = &pool,
                                                .compute = options.compute,
                                                .kv_type = options.kv_type,
                                                .extra_tensors = options.extra_tensors,
                                                .packed = options.packed});
    // Says at once that there is none, or no Jinja.
    (void)loaded.task_model().tokenizer->chat_template({.source = source});
    return loaded;
  });
  Dialog dialog(terminal, task, options, source, pool);
  ask_for(terminal, terminal.in,
          "what to say, one line each, or " + std::string(begin_anew) + " to begin anew");
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
        if (line.text == begin_anew) {
          dialog.begin();
        } else if (!line.text.empty()) {
          dialog.answer(line.text);
        }
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

void add_variable(const std::string& text, ChatValue::Object& variables) {
  const std::size_t equals = text.find('=');
  try {
    if (equals == std::string::npos || equals == 0) throw std::invalid_argument("no name");
    variables.emplace_back(text.substr(0, equals), ChatValue::from_json(text.substr(equals + 1)));
  } catch (const std::exception&) {
    throw CLI::ValidationError("--variable",
                               "expected NAME=JSON, such as enable_thinking=false or "
                               "mood='\"calm\"', found " +
                                   quote(text));
  }
}

void add_template_options(CLI::App& command, ChatCommandOptions& options) {
  command
      .add_option("--chat-template", options.template_file,
                  "A Jinja template in the place of the folder's")
      ->type_name("FILE")
      ->check(check_name);
  command
      .add_option_function<std::vector<std::string>>(
          "--variable",
          [&options](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) add_variable(text, options.variables);
          },
          "What the template asks for, enable_thinking=false for one; more than once for several")
      ->type_name("NAME=JSON")
      ->allow_extra_args(false);
}

}  // namespace

void add_chat_command(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ChatCommandOptions>();
  CLI::App& command = add_command(
      app, session, {{"chat"}, "A conversation with a model, line by line", run_chat}, options);
  add_model_option(command, options->model,
                   "A folder with a chat template, or a model of the Hugging Face cache")
      .required();
  command.add_option("--system", options->system, "What the model is told before all")
      ->type_name("TEXT");
  add_template_options(command, *options);
  add_generation_options(command, options->generation);
  command.remove_option(command.get_option("--sequences"));  // there is one answer
  add_kv_option(command, options->kv_type);
  add_weight_options(command, options->compute, options->packed);
  add_extra_tensors_flag(command, options->extra_tensors);
  add_threads_option(command, options->threads);
  command.footer(
      "Every line of standard input is said to the model, and answered; it remembers all of them,\n"
      "and forgets the oldest, but not --system, when they fill its positions. A line /new begins\n"
      "anew."
      "\n\nExample:\n  attend chat --model FOLDER\n"
      "  attend chat --model Qwen/Qwen3-0.6B --variable enable_thinking=false\n"
      "  echo \"What is the capital of France?\" | attend chat --model FOLDER --greedy");
}

}  // namespace attend::cli
