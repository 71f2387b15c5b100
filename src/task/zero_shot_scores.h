// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What zero-shot classification does around the model: which classes to read, and how the logits
// of the hypotheses become scores of the labels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/matrix.h"
#include "attend/model/config.h"
#include "attend/task/zero_shot.h"

namespace attend {

inline constexpr std::string_view where_zero_shot = "zero-shot-classification";  ///< of errors

/// The columns of a language-inference head that the scores are made of.
struct InferenceClasses {
  Index entailment = 0;
  Index contradiction = 0;
};

/// Throws: config_error when label2id names a class that the model does not have.
[[nodiscard]] InferenceClasses inference_classes(const ModelConfig& config);

/// One hypothesis a label.
/// Throws: config_error (no label, a template that does not put the first label anywhere, broken
/// UTF-8).
[[nodiscard]] std::vector<std::string> make_hypotheses(const ZeroShotOptions& options);

/// Labels by falling score, equal scores in reverse order as the reference has them.
/// Shapes: logits [labels, c].
[[nodiscard]] ZeroShotResult zero_shot_result(std::string_view text, MatrixView<const float> logits,
                                              InferenceClasses classes,
                                              const ZeroShotOptions& options);

}  // namespace attend
