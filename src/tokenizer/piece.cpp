// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The memory that a model keeps between words.
#include "attend/tokenizer/piece.h"

namespace attend {
namespace {

template <class T>
void shrink_one(T& memory) {
  constexpr std::size_t kept_bytes = 1 << 20;
  if (memory.capacity() * sizeof(memory[0]) > kept_bytes) T().swap(memory);
}

}  // namespace

void ModelScratch::shrink() {
  shrink_one(symbols);
  shrink_one(queue);
  shrink_one(steps);
  shrink_one(normalized);
  shrink_one(origins);
}

}  // namespace attend
