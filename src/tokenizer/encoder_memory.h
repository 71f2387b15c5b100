// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Memory that encoding works in, and the places where threads take it from. What it holds from
// earlier texts makes texts faster, never other.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "attend/text/normalized_text.h"
#include "attend/tokenizer/added_tokens.h"
#include "attend/tokenizer/encoding.h"
#include "attend/tokenizer/piece.h"
#include "tokenizer/chunk_cache.h"

namespace attend {

/// What one call needs; it belongs to one tokenizer, whose tokens the cache knows.
struct EncoderMemory {
  ChunkCache cache;
  std::vector<AddedTokenPart> raw_parts;
  NormalizedText normalized;
  std::vector<AddedTokenPart> normalized_parts;
  NormalizedText normalized_part;
  std::vector<TextRange> words;
  std::vector<Piece> pieces;
  ModelScratch model;
  std::vector<TextToken> tokens;
  Encoding encoding;

  /// Gives back what a very long text has taken.
  void shrink();
};

/// What a call for many texts needs to spread them over threads.
struct BatchMemory {
  std::vector<std::size_t> ends;  ///< of runs of texts
  std::vector<PackedIds> runs;

  void shrink();
};

/// Memories of one kind: each is with one call at a time.
template <class Memory>
class Memories {
 public:
  /// A memory for the time of a call.
  class Lease {
   public:
    explicit Lease(Memories& owner) : owner_(owner), memory_(owner.take()) {}
    ~Lease() { owner_.give_back(std::move(memory_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] Memory& operator*() const noexcept { return *memory_; }
    [[nodiscard]] Memory* operator->() const noexcept { return memory_.get(); }

   private:
    Memories& owner_;
    std::unique_ptr<Memory> memory_;
  };

  /// As many are kept as threads can run at a time.
  Memories() { idle_.reserve(std::max(1U, std::thread::hardware_concurrency())); }

 private:
  [[nodiscard]] std::unique_ptr<Memory> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto memory = std::move(idle_.back());
        idle_.pop_back();
        return memory;
      }
    }
    return std::make_unique<Memory>();
  }
  void give_back(std::unique_ptr<Memory> memory) noexcept {
    memory->shrink();
    const std::lock_guard lock(mutex_);
    if (idle_.size() < idle_.capacity()) idle_.push_back(std::move(memory));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<Memory>> idle_;  // never more than it has room for
};

/// What a tokenizer keeps from call to call.
struct EncoderMemories {
  Memories<EncoderMemory> texts;
  Memories<BatchMemory> batches;
};

}  // namespace attend
