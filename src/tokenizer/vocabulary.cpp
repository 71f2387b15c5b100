// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The hash table behind Vocabulary: linear probing over entries.
#include "attend/tokenizer/vocabulary.h"

#include <algorithm>
#include <bit>
#include <random>

namespace attend {
namespace {

Vocabulary::Hash process_seed() {
  static const Vocabulary::Hash seed = [] {
    std::random_device device;
    return static_cast<Vocabulary::Hash>(device()) << 32U | device();
  }();
  return seed;
}

}  // namespace

Vocabulary::Vocabulary() : seed_(process_seed()), slots_(16) {}

void Vocabulary::reserve(std::size_t tokens) {
  tokens = std::min(tokens, static_cast<std::size_t>(max_id) + 1);
  entries_.reserve(tokens);
  by_id_.reserve(tokens);
  bytes_.reserve(tokens * 8);
  if (tokens * 2 > slots_.size()) grow(std::bit_ceil(tokens * 2));
}

std::string_view Vocabulary::view(const Entry& entry) const noexcept {
  return std::string_view(bytes_).substr(entry.begin, entry.size);
}

void Vocabulary::grow(std::size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  for (const Slot& full : old) {
    if (full.entry == nothing) continue;
    const std::string_view token = view(entries_[full.entry]);
    slots_[slot_of(extend(start(), token), {}, token)] = full;
  }
}

void Vocabulary::append(const Entry& entry) {
  const auto index = static_cast<std::size_t>(entry.id);
  if (index >= by_id_.size()) by_id_.resize(index + 1, nothing);
  by_id_[index] = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back(entry);
}

bool Vocabulary::add(std::string_view token, TokenId id) {
  if ((entries_.size() + 1) * 2 > slots_.size()) grow(slots_.size() * 2);
  const Hash hash = extend(start(), token);
  Slot& slot = slots_[slot_of(hash, {}, token)];
  if (slot.entry != nothing) return false;
  slot = {static_cast<std::uint32_t>(hash >> 32U), static_cast<std::uint32_t>(entries_.size())};
  append({static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(token.size()), id});
  bytes_ += token;
  longest_ = std::max(longest_, token.size());
  return true;
}

bool Vocabulary::add_again(std::string_view token, TokenId id) {
  if (this->token(id)) return false;
  if (add(token, id)) return true;
  Slot& slot = slots_[slot_of(extend(start(), token), {}, token)];
  Entry entry = entries_[slot.entry];
  entry.id = id;
  slot.entry = static_cast<std::uint32_t>(entries_.size());
  append(entry);
  return true;
}

std::optional<TokenId> Vocabulary::find(std::string_view token) const noexcept {
  return find(extend(start(), token), {}, token);
}

std::optional<TokenId> Vocabulary::find(Hash hash, std::string_view prefix,
                                        std::string_view rest) const noexcept {
  const Slot& slot = slots_[slot_of(hash, prefix, rest)];
  return slot.entry == nothing ? std::nullopt : std::optional(entries_[slot.entry].id);
}

std::size_t Vocabulary::slot_of(Hash hash, std::string_view prefix,
                                std::string_view rest) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  const auto upper_half = static_cast<std::uint32_t>(hash >> 32U);
  std::size_t at = hash & mask;
  for (; slots_[at].entry != nothing; at = (at + 1) & mask) {
    if (slots_[at].hash != upper_half) continue;
    const std::string_view token = view(entries_[slots_[at].entry]);
    if (token.size() == prefix.size() + rest.size() && token.starts_with(prefix) &&
        token.ends_with(rest)) {
      break;
    }
  }
  return at;
}

std::optional<std::string_view> Vocabulary::token(TokenId id) const noexcept {
  const auto index = static_cast<std::size_t>(id);
  if (id < 0 || index >= by_id_.size() || by_id_[index] == nothing) return std::nullopt;
  return view(entries_[by_id_[index]]);
}

}  // namespace attend
