// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands that write a text for a text: summarize, translate.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>

#include "attend/core/error.h"
#include "attend/task/summarization.h"
#include "attend/task/translation.h"
#include "cli/generation_options.h"
#include "cli/text_command.h"
#include "task/translation_task.h"

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
  GenerationFlags generation;
  bool truncate = false;
};

void add_writing_options(CLI::App& command, WritingOptions& options) {
  add_generation_options(command, options.generation);
  add_kv_option(command, options.common.kv_type);
  command.add_flag("--truncate", options.truncate, "Cut texts that are too long for the model");
  options.common.too_long_hint = "--truncate cuts it";
}

Text2TextOptions call_of(const WritingOptions& options) {
  Text2TextOptions call{.config = options.generation.config,
                        .seed = options.generation.call_seed()};
  if (options.truncate) call.truncation = TruncationStrategy::longest_first;
  return call;
}

/// Writes and prints a text, or several, a line each where they are of one line.
int run_writing(Terminal& terminal, const WritingOptions& options, const Text2TextGeneration& task,
                Text2TextOptions call, std::string_view key) {
  TextRun run(terminal, options.common);
  const Index sequences = options.generation.sequences(task.generator().defaults().config);
  Index number = 0;
  return run(
      [&](const Texts& texts, const RunOptions& how) {
        // However many are read at a time.
        call.streams.resize(texts.size());
        std::iota(call.streams.begin(), call.streams.end(), number);
        number += static_cast<Index>(texts.size());
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
          if (!outcome.ok()) {  // reported on the other stream; the others keep their places
            for (Index i = 0; i < sequences; ++i) run.printer().line("");
            continue;
          }
          for (const WrittenText& text : outcome.value().texts) run.printer().line(text.text);
        }
      });
}

// ---- summarize

int run_summarize(Terminal& terminal, const WritingOptions& options) {
  const auto task = load<Summarization>("summarization", options.common);
  check_generation_flags(options.generation, task.generator().defaults().config);
  WritingOptions whole = options;
  if (TextOptions& common = whole.common; common.texts.empty()) {
    // An article is more than a line: the file or standard input is one as a whole.
    common.texts.push_back(read_whole(common.file, terminal));
  }
  return run_writing(terminal, whole, task, call_of(whole), "summary_text");
}

void add_summarize(CLI::App& app, Session& session) {
  const auto options = std::make_shared<WritingOptions>();
  CLI::App& command =
      add_command(app, session, {{"summarize"}, "A text in fewer words", run_summarize}, options);
  add_text_options(command, options->common, "texts", "Texts to shorten");
  command.get_option("--file")->description("Read one text, the whole file");
  add_writing_options(command, *options);
  command.footer(
      "Example:\n  attend summarize --model facebook/bart-large-cnn --file article.txt\n"
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

std::string joined(const auto& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

Translation load_translation(const TranslateOptions& options, const std::filesystem::path& folder) {
  const TextOptions& common = options.writing.common;
  ThreadPool pool(common.threads);
  return loading([&] {
    return Translation::load(folder,
                             {.pool = &pool,
                              .compute = common.compute,
                              .kv_type = common.kv_type,
                              .extra_tensors = common.extra_tensors,
                              .packed = common.packed},
                             task_name(options));
  });
}

/// Where a tokenizer knows languages.
void check_codes(const TranslateOptions& options, std::span<const std::string_view> languages) {
  if (options.from.empty()) {
    throw UsageError("--from and --to: this model knows many languages; give both, of " +
                     joined(languages));
  }
  for (const std::string& code : {options.from, options.to}) {
    if (std::find(languages.begin(), languages.end(), code) != languages.end()) continue;
    throw UsageError("--from and --to: " + quote(code) + " is none of " + joined(languages));
  }
}

/// Where settings in the folder name the languages, or there is nothing to choose.
void check_pair(const TranslateOptions& options, const std::filesystem::path& folder) {
  if (options.from.empty()) return;
  const auto known = loading([&] { return translations_of(folder); });
  if (std::find(known.begin(), known.end(), task_name(options)) != known.end()) return;
  throw UsageError("--from and --to: this model " +
                   (known.empty() ? "does not choose between languages; leave both out"
                                  : "has settings for " + joined(known)));
}

int run_translate(Terminal& terminal, const TranslateOptions& options) {
  if (options.from.empty() != options.to.empty()) {
    throw UsageError("--from and --to: expected both or neither");
  }
  const auto folder = model_folder("translation", options.writing.common.model);
  const Translation task = load_translation(options, folder);
  if (const auto languages = task.task_model().tokenizer->languages(); !languages.empty()) {
    check_codes(options, languages);
  } else {
    check_pair(options, folder);
  }
  check_generation_flags(options.writing.generation, task.generator().defaults().config);
  Text2TextOptions call = call_of(options.writing);
  call.src_lang = options.from;
  call.tgt_lang = options.to;
  return run_writing(terminal, options.writing, task, call, "translation_text");
}

std::string check_code(const std::string& code) { return code.empty() ? "expected a code" : ""; }

void add_translate(CLI::App& app, Session& session) {
  const auto options = std::make_shared<TranslateOptions>();
  CLI::App& command = add_command(
      app, session, {{"translate"}, "A text in another language", run_translate}, options);
  add_text_options(command, options->writing.common, "texts", "Texts to translate");
  command
      .add_option("--from", options->from,
                  "The texts' language, where the model knows several: en, en_XX, eng_Latn")
      ->type_name("CODE")
      ->check(check_code);
  command.add_option("--to", options->to, "The language to translate to")
      ->type_name("CODE")
      ->check(check_code);
  add_writing_options(command, options->writing);
  command.footer(
      "Example:\n  attend translate --model Helsinki-NLP/opus-mt-en-de \"My house is small.\"\n"
      "  attend translate --model facebook/nllb-200-distilled-600M --from eng_Latn --to fra_Latn "
      "\\\n"
      "    --file lines.txt");
}

}  // namespace

void add_writing_commands(CLI::App& app, Session& session) {
  add_summarize(app, session);
  add_translate(app, session);
}

}  // namespace attend::cli
