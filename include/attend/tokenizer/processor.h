// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What happens to the windows of a text or pair after truncation: offsets lose the blanks that
// tokens begin and end with, and the tokens of a template are put around.
#pragma once

#include <vector>

#include "attend/tokenizer/template.h"

namespace attend {

/// ByteLevel and RobertaProcessing with trim_offsets: blanks at the ends of a token do not count.
struct TrimOffsets {
  /// The one blank that the first token of a window or text begins with was put there, and is no
  /// part of the text: the offset stays.
  bool add_prefix_space = true;
};

/// The components of a post-processor. Trims come one after the other; it makes no difference
/// whether they stand before or after the template.
struct Processor {
  std::vector<TrimOffsets> trims = {};
  Template around = {};
};

}  // namespace attend
