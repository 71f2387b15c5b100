// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The hash table behind Vocabulary: linear probing over ids.
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

Vocabulary::Vocabulary() : seed_(process_seed()), slots_(16, empty) {}

void Vocabulary::reserve(std::size_t tokens) {
  tokens = std::min(tokens, static_cast<std::size_t>(max_id) + 1);
  entries_.reserve(tokens);
  bytes_.reserve(tokens * 8);
  if (tokens * 2 > slots_.size()) grow(std::bit_ceil(tokens * 2));
}

std::string_view Vocabulary::view(const Entry& entry) const noexcept {
  return std::string_view(bytes_).substr(entry.begin, entry.size);
}

Vocabulary::Hash Vocabulary::hash_of(std::string_view token) const noexcept {
  Hash hash = start();
  for (const char byte : token) hash = extend(hash, byte);
  return hash;
}

void Vocabulary::grow(std::size_t slots) {
  std::vector<TokenId> old(slots, empty);
  old.swap(slots_);
  const std::size_t mask = slots - 1;
  for (const TokenId id : old) {
    if (id == empty) continue;
    std::size_t slot = hash_of(view(entries_[static_cast<std::size_t>(id)])) & mask;
    while (slots_[slot] != empty) slot = (slot + 1) & mask;
    slots_[slot] = id;
  }
}

bool Vocabulary::is_taken(TokenId id) const noexcept {
  const auto index = static_cast<std::size_t>(id);
  return index < entries_.size() && entries_[index].size != unused;
}

void Vocabulary::set(TokenId id, Entry entry) {
  const auto index = static_cast<std::size_t>(id);
  if (index >= entries_.size()) entries_.resize(index + 1);
  entries_[index] = entry;
}

bool Vocabulary::add(std::string_view token, TokenId id) {
  if (is_taken(id)) return false;
  if (static_cast<std::size_t>(count_ + 1) * 2 > slots_.size()) grow(slots_.size() * 2);
  const std::size_t slot = slot_of(hash_of(token), {}, token);
  if (slots_[slot] != empty) return false;
  set(id, {static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(token.size())});
  slots_[slot] = id;
  bytes_ += token;
  ++count_;
  longest_ = std::max(longest_, token.size());
  return true;
}

bool Vocabulary::add_again(std::string_view token, TokenId id) {
  if (is_taken(id)) return false;
  TokenId& known = slots_[slot_of(hash_of(token), {}, token)];
  if (known == empty) return add(token, id);
  set(id, entries_[static_cast<std::size_t>(known)]);
  known = id;
  ++count_;
  return true;
}

std::optional<TokenId> Vocabulary::find(std::string_view token) const noexcept {
  return find(hash_of(token), {}, token);
}

std::optional<TokenId> Vocabulary::find(Hash hash, std::string_view prefix,
                                        std::string_view rest) const noexcept {
  const TokenId id = slots_[slot_of(hash, prefix, rest)];
  return id == empty ? std::nullopt : std::optional(id);
}

std::size_t Vocabulary::slot_of(Hash hash, std::string_view prefix,
                                std::string_view rest) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != empty; slot = (slot + 1) & mask) {
    const std::string_view token = view(entries_[static_cast<std::size_t>(slots_[slot])]);
    if (token.size() == prefix.size() + rest.size() && token.starts_with(prefix) &&
        token.ends_with(rest)) {
      break;
    }
  }
  return slot;
}

std::optional<std::string_view> Vocabulary::token(TokenId id) const noexcept {
  const auto index = static_cast<std::size_t>(id);
  if (id < 0 || index >= entries_.size() || entries_[index].size == unused) return std::nullopt;
  return view(entries_[index]);
}

}  // namespace attend
