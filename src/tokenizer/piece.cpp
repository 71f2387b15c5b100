// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The memory that a model keeps between words.
#include "attend/tokenizer/piece.h"

#include "core/shrink.h"

namespace attend {

void ModelScratch::shrink() {
  shrink_one(symbols);
  shrink_one(queue);
  shrink_one(steps);
  shrink_one(normalized);
  shrink_one(origins);
}

}  // namespace attend
