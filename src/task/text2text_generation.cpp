// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts in, ids to the generator, texts out; and what the three tasks differ in.
// Source: transformers 4.57 pipelines/text2text_generation.py, and _build_translation_inputs() of
// the tokenizers of mBART, M2M100 and NLLB.
#include "attend/task/text2text_generation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "attend/task/summarization.h"
#include "attend/task/translation.h"
#include "task/encode_input.h"
#include "task/generation_fields.h"
#include "task/translation_task.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr std::string_view text2text = "text2text-generation";
constexpr std::string_view summarization = "summarization";
constexpr std::string_view translation_task = "translation";

/// The generator of a folder, as `task` has its defaults.
Generator load_generator(const std::filesystem::path& folder, const ModelOptions& options,
                         std::string_view task) {
  return Generator(TaskModel::load(folder, HeadKind::conditional_generation, options),
                   read_text2text_defaults(folder, task));
}

}  // namespace

/// What one call asks for, checked.
struct Text2TextGeneration::Call {
  const Text2TextOptions& options;
  TokenizeOptions tokenize = {};
  std::string_view language = {};
  std::string_view prefix = {};
  GenerationOptions generation = {};
};

GenerationDefaults read_text2text_defaults(const std::filesystem::path& folder,
                                           std::string_view task) {
  GenerationConfig defaults;
  defaults.max_new_tokens = 256;
  defaults.num_beams = 4;
  return read_generation_defaults(folder, task, defaults);
}

Text2TextGeneration::Text2TextGeneration(Generator generator)
    : Text2TextGeneration(std::move(generator), Kind{.where = text2text}) {}

Text2TextGeneration::Text2TextGeneration(Generator generator, Kind kind)
    : generator_(std::move(generator)), kind_(std::move(kind)) {
  task_model().check(HeadKind::conditional_generation, kind_.where);
}

Text2TextGeneration Text2TextGeneration::load(const std::filesystem::path& folder,
                                              const ModelOptions& options) {
  return Text2TextGeneration(load_generator(folder, options, text2text));
}

Text2TextGeneration::Result Text2TextGeneration::operator()(std::string_view text,
                                                            const Text2TextOptions& options) const {
  return std::move(each({&text, 1}, options).front()).value();
}

std::vector<Text2TextGeneration::Result> Text2TextGeneration::operator()(
    std::span<const std::string_view> texts, const Text2TextOptions& options,
    const RunOptions& run) const {
  return values(each(texts, options, run));
}

void Text2TextGeneration::refuse(std::string what, std::string expected, std::string found) const {
  fail(ErrorKind::config_error, {.where = std::string(kind_.where),
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .found = std::move(found)});
}

void Text2TextGeneration::check(const Text2TextOptions& options, std::size_t texts) const {
  refuse_outputs(options.config, kind_.where);
  if (options.streams.empty() || options.streams.size() == texts) return;
  refuse("streams", "none, or one for each of " + std::to_string(texts) + " texts",
         std::to_string(options.streams.size()));
}

/// Sets the languages of a call whose tokenizer has some. The reference remembers src_lang for
/// calls that come later; here no call knows of another.
void Text2TextGeneration::choose_languages(Call& call) const {
  const Tokenizer& tokenizer = *task_model().tokenizer;
  const Text2TextOptions& options = call.options;
  const std::string& source = options.src_lang.empty() ? kind_.src_lang : options.src_lang;
  const std::string& target = options.tgt_lang.empty() ? kind_.tgt_lang : options.tgt_lang;
  if (source.empty() || target.empty()) {
    refuse("src_lang and tgt_lang", "both, because the model knows many languages",
           source.empty() && target.empty() ? "neither" : "one of them");
  }
  if (call.generation.config.forced_bos_token_id) {
    refuse("forced_bos_token_id", "none beside tgt_lang, which sets it", "one");
  }
  static_cast<void>(tokenizer.language_id(source));  // an Error of the call, not of a text
  call.language = source;
  call.prefix = {};
  call.generation.config.forced_bos_token_id = tokenizer.language_id(target);
}

Text2TextGeneration::Call Text2TextGeneration::prepared(const Text2TextOptions& options) const {
  const Tokenizer& tokenizer = *task_model().tokenizer;
  Call call{.options = options,
            .tokenize = {.truncation = options.truncation},
            .prefix = generator_.defaults().prefix,
            .generation = {.config = options.config,
                           .unset = options.unset,
                           .seed = options.seed,
                           .callbacks = options.callbacks,
                           .stopping = {.criterion = options.criterion}}};
  if (const auto& stop = options.stop_sequence) {
    const Encoding encoding =
        tokenizer.encode(*stop, {.add_special_tokens = false, .fields = EncodingFields::ids});
    if (encoding.ids.empty()) refuse("stop_sequence", "a text with tokens", quote(*stop));
    call.generation.config.eos_token_id = {encoding.ids.front()};
  }
  if (kind_.translates) {
    if (!tokenizer.languages().empty()) choose_languages(call);
  } else if (!options.src_lang.empty() || !options.tgt_lang.empty()) {
    refuse("src_lang and tgt_lang", "none: only translation has languages", "some");
  }
  return call;
}

Encoding Text2TextGeneration::encode(std::string_view text, const Call& call) const {
  const InputEncoding how{
      .options = call.tokenize, .where = kind_.where, .language = call.language};
  if (call.prefix.empty()) return encode_input(task_model(), text, how);
  return encode_input(task_model(), std::string(call.prefix).append(text), how);
}

Text2TextGeneration::Result Text2TextGeneration::written(const Generation& generation,
                                                         const Call& call) const {
  const DecodeOptions decode{
      .skip_special_tokens = true,
      .clean_up_tokenization_spaces = call.options.clean_up_tokenization_spaces};
  auto ids = padded(generation.sequences, generation.fill);
  Result out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const GeneratedSequence& sequence = generation.sequences[i];
    out.push_back({.text = generator_.decode(sequence.ids, decode),
                   .ids = std::move(ids[i]),
                   .score = sequence.score,
                   .reason = sequence.reason});
  }
  return out;
}

std::vector<Outcome<Text2TextGeneration::Result>> Text2TextGeneration::each(
    std::span<const std::string_view> texts, const Text2TextOptions& options,
    const RunOptions& run) const {
  check(options, texts.size());
  const Call call = prepared(options);
  std::vector<Outcome<Encoding>> encodings;
  encodings.reserve(texts.size());
  for (const std::string_view text : texts) {
    try {
      encodings.emplace_back(encode(text, call));
    } catch (const Error& error) {
      encodings.emplace_back(error);
    }
  }
  std::vector<GenerationPrompt> prompts;
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    if (!encodings[i].ok()) continue;
    const Index stream = options.streams.empty() ? static_cast<Index>(i) : options.streams[i];
    prompts.push_back({.encoder_ids = encodings[i].value().ids, .stream = stream});
  }
  const auto generations = generator_(prompts, call.generation, run);
  std::vector<Outcome<Result>> out;
  out.reserve(texts.size());
  std::size_t next = 0;
  for (const auto& encoding : encodings) {
    if (!encoding.ok()) {
      out.emplace_back(encoding.error());
    } else if (const auto& generation = generations[next++]; !generation.ok()) {
      out.emplace_back(generation.error());
    } else {
      out.emplace_back(written(generation.value(), call));
    }
  }
  return out;
}

Summarization::Summarization(Generator generator)
    : Text2TextGeneration(std::move(generator), Kind{.where = summarization}) {}

Summarization Summarization::load(const std::filesystem::path& folder,
                                  const ModelOptions& options) {
  return Summarization(load_generator(folder, options, summarization));
}

std::optional<LanguagePair> languages_of_task(std::string_view task) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= task.size();) {
    const std::size_t end = std::min(task.find('_', begin), task.size());
    parts.push_back(task.substr(begin, end - begin));
    begin = end + 1;
  }
  if (parts.size() != 4 || parts[0] != translation_task || parts[2] != "to") return std::nullopt;
  return LanguagePair{std::string(parts[1]), std::string(parts[3])};
}

Translation::Translation(Generator generator, LanguagePair languages)
    : Text2TextGeneration(std::move(generator), Kind{.where = translation_task,
                                                     .translates = true,
                                                     .src_lang = std::move(languages.source),
                                                     .tgt_lang = std::move(languages.target)}) {}

Translation Translation::load(const std::filesystem::path& folder, const ModelOptions& options,
                              std::string_view task) {
  if (task != translation_task && !languages_of_task(task)) {
    fail(ErrorKind::config_error, {.where = std::string(translation_task),
                                   .what = "task",
                                   .expected = "translation or translation_xx_to_yy",
                                   .found = quote(task)});
  }
  const std::string chosen =
      task == translation_task ? default_translation(folder) : std::string(task);
  return Translation(load_generator(folder, options, chosen),
                     languages_of_task(chosen).value_or(LanguagePair{}));
}

}  // namespace attend
