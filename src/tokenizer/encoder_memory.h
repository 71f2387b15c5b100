// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Memory that encoding works in, and the places where threads take it from. What it holds from
// earlier texts makes texts faster, never other.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "attend/tokenizer/added_tokens.h"
#include "attend/tokenizer/piece.h"
#include "tokenizer/chunk_cache.h"

namespace attend {

/// What one call needs; it belongs to one tokenizer, whose tokens the cache knows.
struct EncoderMemory {
  ChunkCache cache;
  std::vector<AddedTokenPart> raw_parts;
  std::vector<AddedTokenPart> normalized_parts;
  std::vector<TextRange> words;
  std::vector<Piece> pieces;
  ModelScratch model;
  std::vector<TextToken> tokens;

  /// Gives back what a very long text has taken.
  void shrink();
};

/// Memories of a tokenizer: each is with one call at a time.
class EncoderMemories {
 public:
  /// A memory for the time of a call.
  class Lease {
   public:
    explicit Lease(EncoderMemories& owner) : owner_(owner), memory_(owner.take()) {}
    ~Lease() { owner_.give_back(std::move(memory_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] EncoderMemory& operator*() const noexcept { return *memory_; }
    [[nodiscard]] EncoderMemory* operator->() const noexcept { return memory_.get(); }

   private:
    EncoderMemories& owner_;
    std::unique_ptr<EncoderMemory> memory_;
  };

  EncoderMemories();

 private:
  [[nodiscard]] std::unique_ptr<EncoderMemory> take();
  void give_back(std::unique_ptr<EncoderMemory> memory) noexcept;

  std::mutex mutex_;
  std::vector<std::unique_ptr<EncoderMemory>> idle_;  // never more than it has room for
};

}  // namespace attend
