// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The evaluations, one a task: each reads the data, runs the model, and makes the report.
#pragma once

#include <string>
#include <vector>

#include "attend/core/shape.h"
#include "attend/task/question_answering.h"
#include "attend/task/zero_shot.h"
#include "cli/command.h"
#include "cli/evaluate/evaluation.h"

namespace attend::cli {

struct ClassificationEvaluation {
  EvaluationOptions common;
  std::vector<std::string> label_map;
};

struct ZeroShotEvaluation {
  EvaluationOptions common;
  std::vector<std::string> label_map;
  std::string labels;  ///< the data's when empty
  std::string hypothesis_template = ZeroShotOptions().hypothesis_template;
};

struct EntityEvaluation {
  EvaluationOptions common;
  std::vector<std::string> label_map;
  std::vector<std::string> ignore_labels;  ///< types that do not count
};

struct AnswerEvaluation {
  EvaluationOptions common;
  Index max_answer_len = 30;  ///< as the scripts for SQuAD have it, twice the pipeline's
  bool handle_impossible_answer = false;
};

struct SimilarityEvaluation {
  EvaluationOptions common;
};

struct RerankEvaluation {
  EvaluationOptions common;
};

[[nodiscard]] int evaluate_classification(Terminal& terminal,
                                          const ClassificationEvaluation& options);
[[nodiscard]] int evaluate_zero_shot(Terminal& terminal, const ZeroShotEvaluation& options);
[[nodiscard]] int evaluate_entities(Terminal& terminal, const EntityEvaluation& options);
[[nodiscard]] int evaluate_answers(Terminal& terminal, const AnswerEvaluation& options);
[[nodiscard]] int evaluate_similarity(Terminal& terminal, const SimilarityEvaluation& options);
[[nodiscard]] int evaluate_rerank(Terminal& terminal, const RerankEvaluation& options);

}  // namespace attend::cli
