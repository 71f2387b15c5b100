// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text2text-generation: an encoder-decoder reads a text and writes another one. Summarization and
// translation are the same with other defaults.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/generator.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

/// One text that a model wrote.
struct WrittenText {
  std::string text;  ///< without special tokens
  /// What the decoder read and wrote, its start token first; of one input the shorter ones are
  /// filled up to the longest, as in the reference.
  std::vector<TokenId> ids;
  /// Beams: the sum of log-probabilities / (new tokens ^ length_penalty); else 0.
  double score = 0;
  FinishReason reason = FinishReason::max_length;
};

/// Names and defaults of transformers.
struct Text2TextOptions {
  /// The arguments of generate(); unset fields are the folder's or the task's.
  GenerationConfig config = {};
  std::vector<std::string> unset = {};  ///< GenerationOptions::unset
  std::uint64_t seed = 0;               ///< the same seed, the same texts
  /// Cuts a text to what the tokenizer's folder and the model take. Absent: a text that the model
  /// has no positions for is an Error of kind input_too_long.
  std::optional<TruncationStrategy> truncation = {};
  /// Whether blanks before punctuation and in contractions go. The folder's setting does not count.
  bool clean_up_tokenization_spaces = false;
  /// Ends a text in the place of eos_token_id. Only its first token does, as in the reference,
  /// where text-generation lets every one do so.
  std::optional<std::string> stop_sequence = {};
  /// Translation: what from and to what. Others refuse them.
  std::string src_lang = {};
  std::string tgt_lang = {};
  /// GenerationPrompt::stream of each text; its place in the call when empty.
  std::vector<Index> streams = {};
  LogitsCallbacks callbacks = {};
  std::function<bool(std::span<const TokenId> ids)> criterion = {};  ///< true: finished
};

/// What writes texts where neither the caller nor the folder says how: at most 256 new tokens, 4
/// beams. Two things that one would not expect are as in the reference: these defaults go before
/// other values in generation_config.json, and before max_length of a call and of config.json's
/// task_specific_params. Only a max_length in generation_config.json takes the place of 256.
[[nodiscard]] ATTEND_EXPORT GenerationDefaults
read_text2text_defaults(const std::filesystem::path& folder, std::string_view task);

/// Writes a text for each text, with T5, BART and others that were trained for some such task. The
/// prefix that config.json has for the task ("summarize: ") is put in front of every text.
///
/// Threads: const calls may be made from any number of threads.
/// Source: transformers 4.57 pipelines/text2text_generation.py.
class ATTEND_EXPORT Text2TextGeneration {
 public:
  /// num_return_sequences texts, best first where there are beams.
  using Result = std::vector<WrittenText>;

  explicit Text2TextGeneration(Generator generator);
  /// Throws: as TaskModel::load() and read_text2text_defaults().
  [[nodiscard]] static Text2TextGeneration load(const std::filesystem::path& folder,
                                                const ModelOptions& options = {});

  /// Throws: invalid_utf8; input_too_long; config_error (an option of generation, a stop_sequence
  /// without tokens, languages where there are none to choose); weight_value; cancelled.
  [[nodiscard]] Result operator()(std::string_view text,
                                  const Text2TextOptions& options = {}) const;
  /// Many, in order. Throws: also the first Error of an item.
  [[nodiscard]] std::vector<Result> operator()(std::span<const std::string_view> texts,
                                               const Text2TextOptions& options = {},
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled; config_error and
  /// unsupported (GenerationConfig::output_scores and its kin: results are texts).
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const std::string_view> texts,
                                                  const Text2TextOptions& options = {},
                                                  const RunOptions& run = {}) const;

  [[nodiscard]] const Generator& generator() const noexcept { return generator_; }
  [[nodiscard]] const TaskModel& task_model() const noexcept { return generator_.task_model(); }

 protected:
  /// What the tasks differ in besides their defaults.
  struct Kind {
    std::string_view where;     ///< for messages
    bool translates = false;    ///< whether calls have languages
    std::string src_lang = {};  ///< where a call names none
    std::string tgt_lang = {};
  };
  Text2TextGeneration(Generator generator, Kind kind);

 private:
  struct Call;
  [[nodiscard]] Call prepared(const Text2TextOptions& options) const;
  void check(const Text2TextOptions& options, std::size_t texts) const;
  void choose_languages(Call& call) const;
  [[nodiscard]] Encoding encode(std::string_view text, const Call& call) const;
  [[nodiscard]] Result written(const Generation& generation, const Call& call) const;
  [[noreturn]] void refuse(std::string what, std::string expected, std::string found) const;

  Generator generator_;
  Kind kind_;
};

}  // namespace attend
