// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Options and reports of the commands on texts.
#include "cli/text_run.h"

namespace attend::cli {

void add_text_options(CLI::App& command, TextOptions& options, const std::string& texts,
                      const std::string& about_texts) {
  CLI::Option* const positional = command.add_option(texts, options.texts, about_texts);
  command.add_option("-f,--file", options.file, "Read texts from a file, one a line")
      ->type_name("FILE")
      ->excludes(positional);
  add_model_option(command, options.model, "A model folder, or a model of the Hugging Face cache");
  add_weight_options(command, options.compute, options.packed);
  add_extra_tensors_flag(command, options.extra_tensors);
  command.add_flag("--json", options.json, "Write JSON Lines, one object a text");
  add_threads_option(command, options.threads);
  command.add_option("--batch-size", options.batch_size, "Texts that run together")
      ->type_name("N")
      ->check(between(1, 100000));
}

RunOptions TextRun::run_options(const TextSource& source) {
  return {.batch_size = options_.batch_size,
          .progress =
              [this, &source](Index done, Index total) {
                const double of_group = static_cast<double>(done) / static_cast<double>(total);
                progress_.update(done_ + done, source.part_done(of_group));
              },
          .pool = &pool_};
}

Error TextRun::in_words_of_command(const Error& error) const {
  ErrorDetail detail = error.detail();
  if (error.kind() == ErrorKind::input_too_long && !options_.too_long_hint.empty()) {
    detail.hint = options_.too_long_hint;
  } else if (detail.hint.starts_with("max_new_tokens ")) {
    detail.hint.replace(0, std::string_view("max_new_tokens").size(), "--max-new-tokens");
  } else {
    return error;
  }
  return {error.kind(), std::move(detail)};
}

void TextRun::report(Index number, const Error& error, std::string_view thing) {
  ++failed_;
  progress_.clear();
  terminal_.err << "attend: " << thing << ' ' << number << ": " << error.what() << '\n';
}

}  // namespace attend::cli
