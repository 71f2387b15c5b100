// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What happens to the windows of a text or pair after truncation: offsets lose the blanks that
// tokens begin and end with, and tokens are put around.
#pragma once

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "attend/core/error.h"
#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/tokenizer/layout.h"
#include "attend/tokenizer/template.h"

namespace attend {

/// Which of its two lists of pieces a template is used by.
enum class TextForm : std::uint8_t { single, pair };
enum class SpecialTokenUse : std::uint8_t { add, leave_out };

/// RobertaProcessing with trim_offsets is two steps.
using ProcessorStep = std::variant<TrimOffsets, Template>;

/// The components of a post-processor, one after the other, and what all of them together make of
/// a text or pair.
/// Source: PostProcessor::process and the process_encodings of tokenizers 0.22. But for the ids of
/// sequences, which say here what text a token is of, whatever the steps are.
class ATTEND_EXPORT Processor {
 public:
  /// The two texts and nothing else, type ids 0 and 1.
  Processor();
  explicit Processor(Template around);
  explicit Processor(std::vector<ProcessorStep> steps);

  [[nodiscard]] const std::vector<ProcessorStep>& steps() const noexcept { return steps_; }
  /// Whether what all steps make has at most 20,000 tokens (`layout_size` of `attend info`), where
  /// one counts once more for each 40 bytes of its string; otherwise there is no layout.
  [[nodiscard]] bool fits() const noexcept;
  /// Throws: tokenizer_error, where a template comes behind more parts than a text and its pair, or
  /// names the second of one text: the reference aborts; resource_limit, where it does not fit.
  [[nodiscard]] const Layout& layout(TextForm form, SpecialTokenUse use) const;
  /// What truncation leaves room for: the tokens of all templates, each as if there were no other.
  [[nodiscard]] Index added_tokens(TextForm form) const noexcept;

 private:
  using Outcome = std::variant<Layout, Error>;
  std::vector<ProcessorStep> steps_;
  std::array<std::array<Outcome, 2>, 2> outcomes_;  // by form and use
  std::array<Index, 2> added_tokens_ = {};          // by form

  [[nodiscard]] Layout run(TextForm form, SpecialTokenUse use) const;
};

}  // namespace attend
