// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// As many memories are kept as threads can run at a time.
#include "tokenizer/encoder_memory.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace attend {
namespace {

template <class T>
void shrink(std::vector<T>& values) {
  constexpr std::size_t worth_keeping = std::size_t{1} << 20U;  // bytes
  if (values.capacity() * sizeof(T) > worth_keeping) std::vector<T>().swap(values);
}

}  // namespace

void EncoderMemory::shrink() {
  attend::shrink(raw_parts);
  attend::shrink(normalized_parts);
  attend::shrink(words);
  attend::shrink(pieces);
  attend::shrink(tokens);
}

EncoderMemories::EncoderMemories() {
  idle_.reserve(std::max(1U, std::thread::hardware_concurrency()));
}

std::unique_ptr<EncoderMemory> EncoderMemories::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto memory = std::move(idle_.back());
      idle_.pop_back();
      return memory;
    }
  }
  return std::make_unique<EncoderMemory>();
}

void EncoderMemories::give_back(std::unique_ptr<EncoderMemory> memory) noexcept {
  memory->shrink();
  const std::lock_guard lock(mutex_);
  if (idle_.size() < idle_.capacity()) idle_.push_back(std::move(memory));
}

}  // namespace attend
