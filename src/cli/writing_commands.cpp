// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands that write a text for a text: summarize, translate.
#include <algorithm>
#include <memory>
#include <string>

#include "attend/task/summarization.h"
#include "attend/task/translation.h"
#include "cli/text_command.h"

namespace attend::cli {
namespace {

/// What was written for a text, and the key that it has in JSON.
struct Written {
  std::string_view key;
  Text2TextGeneration::Result texts;
};

void write_json(JsonWriter& writer, const Written& written) {
  writer.array(written.texts, [&](const WrittenText& text) {
    writer.begin_object();
    writer.key(written.key);
    writer.string(text.text);
    writer.end_object();
  });
}

/// Options of both commands.
struct WritingOptions {
  TextOptions common;
  std::optional<Index> max_new_tokens;
  std::optional<Index> min_new_tokens;
  std::optional<Index> beams;
  bool truncate = false;
};

void add_writing_options(CLI::App& command, WritingOptions& options) {
  constexpr Index most = 1000000;
  command
      .add_option("--max-new-tokens", options.max_new_tokens, "Tokens of a text that is written")
      ->type_name("N")
      ->check(between(1, most));
  command.add_option("--min-new-tokens", options.min_new_tokens, "The same, at least")
      ->type_name("N")
      ->check(between(0, most));
  command.add_option("--beams", options.beams, "Texts that are tried at once; 1 is fastest")
      ->type_name("N")
      ->check(between(1, 1000));
  command.add_flag("--truncate", options.truncate, "Cut texts that are too long for the model");
  options.common.too_long_hint = "--truncate cuts it";
}

Text2TextOptions call_of(const WritingOptions& options) {
  Text2TextOptions call;
  if (options.truncate) call.truncation = TruncationStrategy::longest_first;
  GenerationConfig& config = call.config;
  config.max_new_tokens = options.max_new_tokens;
  config.min_new_tokens = options.min_new_tokens;
  config.num_beams = options.beams;
  return call;
}

/// Writes and prints a text, or several where the model's folder wants them, a line each.
int run_writing(Terminal& terminal, const TextOptions& common, const Text2TextGeneration& task,
                const Text2TextOptions& call, std::string_view key) {
  TextRun run(terminal, common);
  return run(
      [&](const Texts& texts, const RunOptions& how) {
        std::vector<Outcome<Written>> out;
        for (auto& outcome : task.each(texts, call, how)) {
          if (outcome.ok()) {
            out.emplace_back(Written{key, std::move(outcome).value()});
          } else {
            out.emplace_back(outcome.error());
          }
        }
        return out;
      },
      [&](const Texts&, const std::vector<Outcome<Written>>& outcomes) {
        for (const auto& outcome : outcomes) {
          if (!outcome.ok()) {  // reported on the other stream; line n belongs to text n
            run.printer().line("");
            continue;
          }
          for (const WrittenText& text : outcome.value().texts) run.printer().line(text.text);
        }
      });
}

// ---- summarize

int run_summarize(Terminal& terminal, const WritingOptions& options) {
  const auto task = load<Summarization>("summarization", options.common);
  TextOptions common = options.common;
  if (common.texts.empty()) {
    // An article is more than a line: the file or standard input is one as a whole.
    common.texts.push_back(read_whole(common.file, terminal));
  }
  return run_writing(terminal, common, task, call_of(options), "summary_text");
}

void add_summarize(CLI::App& app, Session& session) {
  const auto options = std::make_shared<WritingOptions>();
  CLI::App& command =
      add_command(app, session, {{"summarize"}, "A text in fewer words", run_summarize}, options);
  add_text_options(command, options->common, "texts", "Texts to shorten");
  command.get_option("--file")->description("Read one text, the whole file");
  add_writing_options(command, *options);
  command.footer(
      "Example:\n  attend summarize --model FOLDER --file article.txt\n"
      "  attend summarize --model FOLDER --max-new-tokens 60 < article.txt");
}

// ---- translate

struct TranslateOptions {
  WritingOptions writing;
  std::string from;
  std::string to;
};

/// The name that chooses what a folder has for these languages (T5); codes of other models may have
/// underscores, which such names cannot.
std::string task_name(const TranslateOptions& options) {
  const std::string name = "translation_" + options.from + "_to_" + options.to;
  return languages_of_task(name) ? name : "translation";
}

Translation load_translation(const TranslateOptions& options) {
  const TextOptions& common = options.writing.common;
  const auto folder = model_folder("translation", common.model);
  ThreadPool pool(common.threads);
  return loading([&] {
    return Translation::load(folder,
                             {.pool = &pool,
                              .compute = common.compute,
                              .extra_tensors = common.extra_tensors,
                              .packed = common.packed},
                             task_name(options));
  });
}

int run_translate(Terminal& terminal, const TranslateOptions& options) {
  if (options.from.empty() != options.to.empty()) {
    throw UsageError("--from and --to: expected both or neither");
  }
  const Translation task = load_translation(options);
  const bool knows_languages = !task.task_model().tokenizer->languages().empty();
  const bool has_prefix =
      task_name(options) != "translation" && !task.generator().defaults().prefix.empty();
  if (!options.from.empty() && !knows_languages && !has_prefix) {
    throw UsageError(
        "--from and --to: this model does not choose between languages; leave both out");
  }
  Text2TextOptions call = call_of(options.writing);
  call.src_lang = options.from;
  call.tgt_lang = options.to;
  return run_writing(terminal, options.writing.common, task, call, "translation_text");
}

void add_translate(CLI::App& app, Session& session) {
  const auto options = std::make_shared<TranslateOptions>();
  CLI::App& command = add_command(
      app, session, {{"translate"}, "A text in another language", run_translate}, options);
  add_text_options(command, options->writing.common, "texts", "Texts to translate");
  command
      .add_option("--from", options->from,
                  "The texts' language, where the model knows several: en, en_XX, eng_Latn")
      ->type_name("CODE")
      ->check(check_name);
  command.add_option("--to", options->to, "The language to translate to")
      ->type_name("CODE")
      ->check(check_name);
  add_writing_options(command, options->writing);
  command.footer(
      "Example:\n  attend translate --model opus-mt-en-de \"My house is small.\"\n"
      "  attend translate --model nllb-200-distilled-600M --from eng_Latn --to fra_Latn "
      "--file lines.txt");
}

}  // namespace

void add_writing_commands(CLI::App& app, Session& session) {
  add_summarize(app, session);
  add_translate(app, session);
}

}  // namespace attend::cli
