// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run`: JSON Lines in, JSON Lines out, one answer a line, in order.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/model/model.h"
#include "attend/task/result.h"
#include "cli/json_task.h"
#include "cli/line_reader.h"

namespace attend::cli {

/// One NAME with its model, ready for lines.
class JsonFilter {
 public:
  /// `name` is a pipeline task, an alias of one, `translation_xx_to_yy`, `tokenize`,
  /// `chat-template`, `generate`, `sentence-embeddings` or `cross-encoder`; `model` a folder or a
  /// name that find_model() knows (for `tokenize` also a tokenizer.json), the task's bundled model
  /// when empty (that of `embed` for `tokenize`). Throws: config_error (an unknown name, with the
  /// known ones); whatever loading throws.
  JsonFilter(std::string_view name, const std::string& model, const ModelOptions& options = {});

  struct Answers {
    std::vector<std::string> lines;  ///< without line ends
    std::size_t failed = 0;          ///< how many of them are errors
  };
  /// One answer a line: the JSON that Python would give, or {"error": {"kind", "message"}}.
  /// Neighbouring lines with the same parameters run together; run.progress counts lines.
  /// Throws: cancelled; bad_alloc for the lists of answers, not for what is in them.
  [[nodiscard]] Answers answer(std::span<const InputLine> lines, const RunOptions& run = {}) const;
  /// So many lines are worth a call of answer(), which holds all their answers.
  [[nodiscard]] std::size_t lines_together(const RunOptions& run = {}) const;

  [[nodiscard]] static bool knows(std::string_view name);
  /// Throws: config_error, with the names that there are.
  static void check_name(std::string_view name);
  /// Every NAME, sorted; `translation_xx_to_yy` stands for those of single pairs of languages.
  [[nodiscard]] static std::vector<std::string> names();

 private:
  std::unique_ptr<const JsonTask> task_;
};

}  // namespace attend::cli
