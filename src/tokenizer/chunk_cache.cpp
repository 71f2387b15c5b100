// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A hash table that never moves anything: where all four slots of a chunk are taken, one of them is
// overwritten.
#include "tokenizer/chunk_cache.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace attend {
namespace {

constexpr TokenId ids_end = 1 << 20;

}  // namespace

void ChunkCache::Free::operator()(void* memory) const noexcept { std::free(memory); }

// calloc, because it leaves so much memory to the system until it is touched.
ChunkCache::ChunkCache() : memory_(std::calloc(slots + 1, sizeof(Slot))) {
  if (!memory_) throw std::bad_alloc();
  void* begin = memory_.get();
  std::size_t space = (slots + 1) * sizeof(Slot);
  slots_ = static_cast<Slot*>(std::align(alignof(Slot), slots * sizeof(Slot), begin, space));
}

ChunkCache::Record ChunkCache::find_further(const Key& key) const noexcept {
  for (std::size_t choice = 1; choice < choices; ++choice) {
    const Slot& slot = slot_of(key, choice);
    if (holds(slot, key)) return {&slot, key.used_};
  }
  return {};
}

void ChunkCache::insert(const Key& key, std::span<const TextToken> tokens, std::int32_t words,
                        Index base) noexcept {
  Slot made{};
  if (8 * key.used_ + 4 * tokens.size() > sizeof made.payload) return;
  std::memcpy(made.payload.data(), key.units_.data(), 8 * key.used_);
  made.header = key.identity_ | static_cast<std::uint64_t>(tokens.size()) << 40U;
  std::int32_t word = -1;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const TextToken& token = tokens[i];
    const std::uint32_t begin = token.bytes.begin - static_cast<std::uint32_t>(base);
    const std::uint32_t end = token.bytes.end - static_cast<std::uint32_t>(base);
    if (token.id >= ids_end || begin > max_bytes || end > max_bytes) return;
    if (token.word > word + 1) return;  // a word without tokens
    if (token.word > word) made.header |= std::uint64_t{1} << (48 + i);
    word = token.word;
    made.payload[2 * key.used_ + i] =
        static_cast<std::uint32_t>(token.id) | begin << 20U | end << 26U;
  }
  if (words != word + 1) return;

  std::size_t choice = 0;
  while (choice < choices && slot_of(key, choice).header != 0) ++choice;
  if (choice == choices) choice = next_choice_++ % choices;
  slot_of(key, choice) = made;
}

}  // namespace attend
