// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every place where a task takes a text from a stranger, as one kind of function.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/task/result.h"

namespace attend::test {

/// What can be said of the result of any task.
struct Answer {
  std::string bytes;      ///< all of the result: equal bytes are an equal result
  std::size_t parts = 0;  ///< predictions, rows or vectors
  bool scores_finite = true;
  bool ranges_valid = true;  ///< in the text, not in the middle of a character
};

/// A task and the part of its input that the texts are.
struct Caller {
  std::string name;         ///< "question-answering, context"
  std::string before = {};  ///< what the task sees in front of the text
  std::function<std::vector<Outcome<Answer>>(std::span<const std::string_view>)> each;

  /// Throws: the Error of the text.
  [[nodiscard]] Answer operator()(std::string_view text) const {
    return std::move(each({&text, 1}).front()).value();
  }
};

/// All tasks over the golden models, which take 88 tokens. Long texts are cut wherever a task has
/// an option for it.
[[nodiscard]] const std::vector<Caller>& golden_callers();
/// The tasks that have a bundled model.
[[nodiscard]] const std::vector<Caller>& bundled_callers();
[[nodiscard]] const Caller& golden_caller(std::string_view name);

}  // namespace attend::test
