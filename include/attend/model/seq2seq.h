// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// An encoder, and a decoder that looks at what the encoder made of its text.
#pragma once

#include <string>

#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/model/block_options.h"
#include "attend/model/layers.h"
#include "attend/model/stack.h"

namespace attend {

/// Source: Vaswani et al. 2017, section 3.1.
class Seq2Seq {
 public:
  Seq2Seq(const Loader& from, const StackOptions& encoder, const StackOptions& decoder)
      : encoder_(from, "", encoder), decoder_(from, "decoder.", decoder) {}

  [[nodiscard]] const Stack& encoder() const noexcept { return encoder_; }
  /// Its input's memory is what the encoder made, sequence for sequence.
  [[nodiscard]] const Stack& decoder() const noexcept { return decoder_; }

 private:
  Stack encoder_;
  Stack decoder_;
};

}  // namespace attend
