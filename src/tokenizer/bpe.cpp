// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The next merge is always the one of lowest rank, leftmost of several: found by a scan in short
// words, by a queue in long ones.
#include "attend/tokenizer/bpe.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <random>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"
#include "tokenizer/unknown_text.h"

namespace attend {
namespace {

constexpr std::size_t two_byte_characters = 0x800;

std::array<std::uint64_t, 2> process_seeds() {
  static const std::array<std::uint64_t, 2> seeds = [] {
    std::random_device device;
    const auto odd = [&] { return (std::uint64_t{device()} << 32U | device()) | 1U; };
    return std::array<std::uint64_t, 2>{odd(), odd()};
  }();
  return seeds;
}

bool is_inside_code_point(std::string_view text, std::size_t at) noexcept {
  return at < text.size() && continues_utf8(text[at]);
}

// Widens a range, which may lie anywhere, to whole code points of the word.
Range whole_code_points(std::string_view word, std::size_t begin, std::size_t end) noexcept {
  begin = std::min(begin, word.size());
  end = std::min(end, word.size());
  while (is_inside_code_point(word, begin)) --begin;
  while (is_inside_code_point(word, end)) ++end;
  return {static_cast<Index>(begin), static_cast<Index>(end)};
}

// Slots for so many merges: a power of two, at most 60 % full.
std::size_t slot_count(std::size_t merges) {
  return std::bit_ceil(std::max<std::size_t>(merges + merges / 3 * 2, 2) + 2);
}

std::vector<TokenId> find_characters(const Vocabulary& vocabulary) {
  std::vector<TokenId> out(two_byte_characters, none);
  std::string character;
  for (std::size_t value = 0; value < out.size(); ++value) {
    character.clear();
    append_utf8(static_cast<char32_t>(value), character);
    out[value] = vocabulary.find(character).value_or(none);
  }
  return out;
}

}  // namespace

Bpe::Bpe(BpeOptions options, std::size_t merges, const Vocabulary& vocabulary)
    : options_(std::move(options)),
      characters_(find_characters(vocabulary)),
      bytes_(find_byte_tokens(vocabulary)),
      seeds_(process_seeds()),
      hash_shift_(std::countl_zero(std::uint64_t{slot_count(merges)} - 1)),
      slots_(slot_count(merges)) {
  if (options_.continuing_subword_prefix.size() > max_prefix_bytes) {
    fail(ErrorKind::resource_limit,
         {.where = "Tokenizer::load",
          .what = "bytes of continuing_subword_prefix",
          .expected = "at most " + std::to_string(max_prefix_bytes),
          .found = std::to_string(options_.continuing_subword_prefix.size()),
          .hint = "prefixes such as \"##\" have a few bytes"});
  }
  if (options_.unk_token) unk_id_ = vocabulary.find(*options_.unk_token);
}

Bpe::Bpe(BpeOptions options, std::span<const Merge> merges, const Vocabulary& vocabulary)
    : Bpe(std::move(options), merges.size(), vocabulary) {
  add_merges(merges, vocabulary);
}

Bpe::Bpe(BpeOptions options, std::span<const IdMerge> merges, const Vocabulary& vocabulary)
    : Bpe(std::move(options), merges.size(), vocabulary) {
  constexpr std::size_t ahead = 16;  // the table is larger than caches
  for (std::size_t i = 0; i < merges.size(); ++i) {
    if (i + ahead < merges.size()) prefetch(merges[i + ahead].left, merges[i + ahead].right);
    const auto& [left, right, both] = merges[i];
    slots_[probe(left, right)] = {left, right, {static_cast<std::uint32_t>(i), both}};
  }
}

void Bpe::add_merges(std::span<const Merge> merges, const Vocabulary& vocabulary) {
  // The tables are larger than caches, and merges look all over them: several are on their way at a
  // time, so that memory has time to come.
  struct Pending {
    std::array<Vocabulary::Hash, 3> hashes{};  // of left, right and both
    Slot slot;
  };
  constexpr std::size_t apart = 8;  // merges from step to step
  std::array<Pending, 4 * apart> pending;
  const std::size_t prefix = options_.continuing_subword_prefix.size();
  const auto begin = [&](const Merge& merge, Pending& out) {
    const Vocabulary::Hash left = Vocabulary::extend(vocabulary.start(), merge.left);
    out.hashes = {
        left, Vocabulary::extend(vocabulary.start(), merge.right),
        Vocabulary::extend(left, merge.right.substr(std::min(prefix, merge.right.size())))};
    for (const Vocabulary::Hash hash : out.hashes) vocabulary.prefetch(hash);
  };
  const auto find = [&](std::size_t rank, Pending& out) {
    const Slot& slot = out.slot = find_merge(merges[rank], rank, out.hashes, vocabulary);
    prefetch(slot.left, slot.right);
  };
  for (std::size_t i = 0; i < merges.size() + 3 * apart; ++i) {
    const auto at = [&](std::size_t step) -> Pending& {
      return pending[(i - step * apart) % pending.size()];
    };
    const auto is_due = [&](std::size_t step) {
      return i >= step * apart && i - step * apart < merges.size();
    };
    if (is_due(0)) begin(merges[i], at(0));
    if (is_due(1)) {
      for (const Vocabulary::Hash hash : at(1).hashes) vocabulary.prefetch_token(hash);
    }
    if (is_due(2)) find(i - 2 * apart, at(2));
    if (is_due(3)) {
      const Slot& slot = at(3).slot;
      slots_[probe(slot.left, slot.right)] = slot;
    }
  }
}

Bpe::Slot Bpe::find_merge(const Merge& merge, std::size_t rank,
                          const std::array<Vocabulary::Hash, 3>& hashes,
                          const Vocabulary& vocabulary) const {
  const auto find_token = [&](Vocabulary::Hash hash, std::string_view begin, std::string_view end) {
    if (const auto id = vocabulary.find(hash, begin, end)) return *id;
    fail(ErrorKind::tokenizer_error,
         {.where = "Tokenizer::load",
          .what = "merge " + std::to_string(rank) + " of " + quote(merge.left) + " and " +
                  quote(merge.right),
          .expected = "tokens of the vocabulary",
          .found = "no token " + quote(std::string(begin) + std::string(end)),
          .hint = "are merges and vocabulary of one model?"});
  };
  const TokenId left = find_token(hashes[0], merge.left, {});
  const TokenId right = find_token(hashes[1], merge.right, {});
  const std::size_t prefix = options_.continuing_subword_prefix.size();
  if (merge.right.size() < prefix || is_inside_code_point(merge.right, prefix)) {
    fail(ErrorKind::tokenizer_error,
         {.where = "Tokenizer::load",
          .what = "right part " + quote(merge.right) + " of merge " + std::to_string(rank),
          .expected = "it begins with the prefix " + quote(options_.continuing_subword_prefix),
          .hint = "leave continuing_subword_prefix out if the merges have no prefix"});
  }
  const TokenId both = find_token(hashes[2], merge.left, merge.right.substr(prefix));
  return {left, right, {static_cast<std::uint32_t>(rank), both}};
}

std::size_t Bpe::first_slot(TokenId left, TokenId right) const noexcept {
  // Multiply-shift: whatever the ids are, few collide under random factors.
  const std::uint64_t hash =
      static_cast<std::uint64_t>(left) * seeds_[0] + static_cast<std::uint64_t>(right) * seeds_[1];
  return hash >> hash_shift_;
}

std::size_t Bpe::probe(TokenId left, TokenId right) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = first_slot(left, right);
  while (slots_[at].left != none && (slots_[at].left != left || slots_[at].right != right)) {
    at = (at + 1) & mask;
  }
  return at;
}

std::vector<std::pair<TokenId, TokenId>> Bpe::merges() const {
  std::vector<Slot> slots;
  std::copy_if(slots_.begin(), slots_.end(), std::back_inserter(slots),
               [](const Slot& slot) { return slot.left != none; });
  std::sort(slots.begin(), slots.end(),
            [](const Slot& a, const Slot& b) { return a.merged.rank < b.merged.rank; });
  std::vector<std::pair<TokenId, TokenId>> out;
  out.reserve(slots.size());
  for (const Slot& slot : slots) out.emplace_back(slot.left, slot.right);
  return out;
}

void Bpe::tokenize(std::string_view word, const Vocabulary& vocabulary, ModelScratch& scratch,
                   std::vector<Piece>& out) const {
  if (options_.ignore_merges) {
    if (const auto id = vocabulary.find(word)) {
      out.push_back({.id = *id, .bytes = {0, static_cast<Index>(word.size())}});
      return;
    }
  }
  split(word, vocabulary, scratch);
  Symbols& symbols = scratch.symbols;
  if (symbols.size() <= short_word) {
    merge_few(symbols);
  } else {
    merge_many(scratch);
  }
  std::size_t at = 0;
  for (const auto& symbol : symbols) {
    if (symbol.bytes == 0) continue;
    out.push_back({.id = symbol.id, .bytes = whole_code_points(word, at, at + symbol.bytes)});
    at += symbol.bytes;
  }
  scratch.shrink();
}

std::optional<TokenId> Bpe::find_character(std::string_view character,
                                           const Vocabulary& vocabulary) const noexcept {
  const CodePoint c = decode_utf8(character);
  if (static_cast<std::size_t>(c.length) != character.size() || c.value >= characters_.size()) {
    return vocabulary.find(character);
  }
  const TokenId id = characters_[c.value];
  return id == none ? std::nullopt : std::optional(id);
}

bool Bpe::add_bytes(std::string_view text, Symbols& out) const {
  if (!has_all_bytes(bytes_, text)) return false;
  for (const char byte : text) {
    out.push_back({.id = bytes_[static_cast<unsigned char>(byte)], .bytes = 1});
  }
  return true;
}

void Bpe::split(std::string_view word, const Vocabulary& vocabulary, ModelScratch& scratch) const {
  Symbols& out = scratch.symbols;
  out.clear();
  std::optional<ModelScratch::Symbol> unknown;  // waits for others that fuse with it
  const auto flush = [&] {
    if (unknown) out.push_back(*unknown);
    unknown.reset();
  };
  for (std::size_t at = 0, size = 0; at < word.size(); at += size) {
    size = static_cast<std::size_t>(std::max(decode_utf8(word.substr(at)).length, 1));
    std::string_view character = word.substr(at, size);
    const bool has_prefix = at > 0 && !options_.continuing_subword_prefix.empty();
    const bool has_suffix = at + size == word.size() && !options_.end_of_word_suffix.empty();
    if (has_prefix || has_suffix) {
      std::string& affixed = scratch.affixed;
      affixed.clear();
      if (has_prefix) affixed += options_.continuing_subword_prefix;
      affixed += character;
      if (has_suffix) affixed += options_.end_of_word_suffix;
      character = affixed;
    }
    const auto bytes = static_cast<std::uint32_t>(size);
    if (const auto id = find_character(character, vocabulary)) {
      flush();
      out.push_back({.id = *id, .bytes = bytes});
      continue;
    }
    // Overtakes the unknown text that waits, as in the reference.
    if (options_.byte_fallback && add_bytes(character, out)) continue;
    if (!options_.unk_token) continue;
    if (unknown && options_.fuse_unk) {
      unknown->bytes += bytes;
      continue;
    }
    flush();
    if (!unk_id_) fail_without_unknown_token(word, *options_.unk_token);
    unknown = {.id = *unk_id_, .bytes = bytes};
  }
  flush();
}

void Bpe::merge_few(Symbols& symbols) const {
  std::array<Merged, short_word> merges;  // of symbol i and the next
  std::size_t pairs = symbols.empty() ? 0 : symbols.size() - 1;
  for (std::size_t i = 0; i < pairs; ++i) merges[i] = merge_of(symbols[i].id, symbols[i + 1].id);
  while (pairs > 0) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < pairs; ++i) {
      if (merges[i].rank < merges[best].rank) best = i;
    }
    if (merges[best].rank == no_rank) return;
    symbols[best].id = merges[best].id;
    symbols[best].bytes += symbols[best + 1].bytes;
    symbols.erase(symbols.begin() + static_cast<Index>(best) + 1);
    --pairs;
    std::copy(merges.begin() + best + 1, merges.begin() + pairs + 1, merges.begin() + best);
    if (best > 0) merges[best - 1] = merge_of(symbols[best - 1].id, symbols[best].id);
    if (best < pairs) merges[best] = merge_of(symbols[best].id, symbols[best + 1].id);
  }
}

void Bpe::merge_many(ModelScratch& scratch) const {
  Symbols& symbols = scratch.symbols;
  auto& queue = scratch.queue;
  const auto key = [](std::uint32_t rank, std::uint32_t symbol) {
    return std::uint64_t{rank} << 32U | symbol;
  };
  queue.clear();
  for (std::uint32_t i = 0; i < symbols.size(); ++i) {
    const bool is_last = i + 1 == symbols.size();
    symbols[i].previous = i == 0 ? ModelScratch::no_symbol : i - 1;
    symbols[i].next = is_last ? ModelScratch::no_symbol : i + 1;
    const Merged merged = is_last ? Merged{} : merge_of(symbols[i].id, symbols[i + 1].id);
    if (merged.rank != no_rank) queue.push_back(key(merged.rank, i));
  }
  std::make_heap(queue.begin(), queue.end(), std::greater<>());
  const auto push = [&](std::uint32_t left) {
    const Merged merged = merge_of(symbols[left].id, symbols[symbols[left].next].id);
    if (merged.rank == no_rank) return;
    queue.push_back(key(merged.rank, left));
    std::push_heap(queue.begin(), queue.end(), std::greater<>());
  };
  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), std::greater<>());
    const auto rank = static_cast<std::uint32_t>(queue.back() >> 32U);
    const auto at = static_cast<std::uint32_t>(queue.back());
    queue.pop_back();
    auto& left = symbols[at];
    if (left.bytes == 0 || left.next == ModelScratch::no_symbol) continue;
    auto& right = symbols[left.next];
    const Merged merged = merge_of(left.id, right.id);
    if (merged.rank != rank) continue;  // one of the two has grown meanwhile
    left.id = merged.id;
    left.bytes += right.bytes;
    right.bytes = 0;
    left.next = right.next;
    if (left.next != ModelScratch::no_symbol) symbols[left.next].previous = at;
    if (left.previous != ModelScratch::no_symbol) push(left.previous);
    if (left.next != ModelScratch::no_symbol) push(at);
  }
}

}  // namespace attend
