// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Building the double array: the children of each node are put where all their places are free.
#include "attend/tokenizer/trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <optional>
#include <utility>

namespace attend {
namespace {

constexpr std::size_t block_size = 256;

// A set of places of a block.
using Places = std::array<std::uint64_t, block_size / 64>;

// The set of all p ^ label for p in the set: exchanges neighbours, pairs ... as label's bits say.
Places exclusive_or(const Places& places, unsigned char label) noexcept {
  constexpr std::array<std::uint64_t, 6> lower = {0x5555555555555555U, 0x3333333333333333U,
                                                  0x0F0F0F0F0F0F0F0FU, 0x00FF00FF00FF00FFU,
                                                  0x0000FFFF0000FFFFU, 0x00000000FFFFFFFFU};
  Places out;
  for (unsigned word = 0; word < out.size(); ++word) {
    std::uint64_t bits = places[word ^ static_cast<unsigned>(label >> 6U)];
    for (unsigned i = 0; i < lower.size(); ++i) {
      const unsigned width = 1U << i;
      if ((label & width) != 0) bits = (bits & lower[i]) << width | (bits >> width & lower[i]);
    }
    out[word] = bits;
  }
  return out;
}

void remove(Places& places, std::size_t place) noexcept {
  places[place / 64] &= ~(std::uint64_t{1} << place % 64);
}

}  // namespace

class Trie::Builder {
 public:
  Builder(Trie& trie, std::vector<Entry> entries) : trie_(trie), entries_(std::move(entries)) {}

  void build() {
    add_block();
    open_.clear();  // no child is ever put into the first block
    waiting_.push_back({0, entries_.size(), 0, root_place});
    while (!waiting_.empty()) {
      const Subtrie subtrie = waiting_.back();
      waiting_.pop_back();
      add(subtrie);
    }
    trie_.nodes_.shrink_to_fit();
  }

 private:
  // Entries [begin, end) share their first `depth` bytes, which lead to `place`.
  struct Subtrie {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t depth = 0;
    std::size_t place = 0;
  };
  struct Block {
    std::size_t number = 0;
    int failures = 0;
    Places free;   // places without a node
    Places bases;  // bases that no node has
  };
  static constexpr std::size_t root_place = static_cast<std::size_t>(-1);

  void add_block() {
    constexpr std::uint64_t all = ~std::uint64_t{0};
    open_.push_back(
        {trie_.nodes_.size() / block_size, 0, {all, all, all, all}, {all, all, all, all}});
    trie_.nodes_.resize(trie_.nodes_.size() + block_size, unused);
  }

  // What an entry does in a node: ends there, or goes on by a byte.
  static constexpr unsigned ends = 0;
  static unsigned label_of(const Entry& entry, std::size_t depth) noexcept {
    if (entry.token.size() == depth) return ends;
    return static_cast<unsigned char>(entry.token[depth]) + 1U;
  }

  // Sorts by label only: what is behind it is the business of the nodes below.
  void sort(const Subtrie& subtrie) {
    constexpr std::size_t few = 24;
    const auto begin = entries_.begin() + static_cast<Index>(subtrie.begin);
    const auto end = entries_.begin() + static_cast<Index>(subtrie.end);
    const auto label = [&](const Entry& entry) { return label_of(entry, subtrie.depth); };
    if (subtrie.end - subtrie.begin <= few) {
      std::sort(begin, end, [&](const Entry& a, const Entry& b) { return label(a) < label(b); });
      return;
    }
    std::array<std::size_t, 258> first{};  // of each label
    for (auto entry = begin; entry != end; ++entry) ++first[label(*entry) + 1];
    for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
    sorted_.resize(subtrie.end - subtrie.begin);
    for (auto entry = begin; entry != end; ++entry) sorted_[first[label(*entry)]++] = *entry;
    std::copy(sorted_.begin(), sorted_.end(), begin);
  }

  std::uint64_t& node_at(std::size_t place) noexcept {
    return place == root_place ? trie_.root_ : trie_.nodes_[place];
  }

  void end_at(std::size_t place, TokenId id) noexcept {
    std::uint64_t& node = node_at(place);
    if (id <= Node(node).id()) return;
    node &= ~(id_mask << id_shift);
    node |= static_cast<std::uint64_t>(id + 1) << id_shift;
  }

  void add(Subtrie subtrie) {
    if (subtrie.end - subtrie.begin == 1) return add_tail(entries_[subtrie.begin], subtrie);
    sort(subtrie);
    for (; subtrie.begin < subtrie.end; ++subtrie.begin) {
      const Entry& entry = entries_[subtrie.begin];
      if (label_of(entry, subtrie.depth) != ends) break;
      end_at(subtrie.place, entry.id);
    }
    if (subtrie.begin == subtrie.end) return;
    const std::size_t first = waiting_.size();
    labels_.clear();
    for (std::size_t i = subtrie.begin; i < subtrie.end; ++i) {
      const auto label = static_cast<unsigned char>(entries_[i].token[subtrie.depth]);
      if (labels_.empty() || labels_.back() != label) {
        labels_.push_back(label);
        waiting_.push_back({i, i, subtrie.depth + 1, 0});
      }
      waiting_.back().end = i + 1;
    }
    const std::size_t base = take_base();
    node_at(subtrie.place) |= static_cast<std::uint64_t>(base) << base_shift;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      waiting_[first + i].place = base ^ labels_[i];
      trie_.nodes_[base ^ labels_[i]] = labels_[i];
    }
  }

  // A single entry is a chain of nodes.
  void add_tail(const Entry& entry, const Subtrie& subtrie) {
    std::size_t place = subtrie.place;
    for (const char byte : entry.token.substr(subtrie.depth)) {
      labels_.assign(1, static_cast<unsigned char>(byte));
      const std::size_t base = take_base();
      node_at(place) |= static_cast<std::uint64_t>(base) << base_shift;
      place = base ^ labels_[0];
      trie_.nodes_[place] = labels_[0];
    }
    end_at(place, entry.id);
  }

  // Finds a base whose places for labels_ are free, and takes it. A block that fails too often is
  // closed, so that all failures together are linear in the number of blocks.
  std::size_t take_base() {
    constexpr int max_failures = 16;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (const auto base = take_base(open_[i])) return *base;
      if (++open_[i].failures >= max_failures) open_.erase(open_.begin() + static_cast<Index>(i--));
    }
    add_block();
    return *take_base(open_.back());
  }

  std::optional<std::size_t> take_base(Block& block) const {
    if (labels_.size() == 1) return take_base_of_one(block);
    Places candidates = block.bases;
    for (const unsigned char label : labels_) {
      const Places fitting = exclusive_or(block.free, label);
      std::uint64_t any = 0;
      for (std::size_t i = 0; i < candidates.size(); ++i) any |= candidates[i] &= fitting[i];
      if (any == 0) return std::nullopt;
    }
    std::size_t word = 0;
    while (candidates[word] == 0) ++word;
    const std::size_t base =
        word * 64 + static_cast<std::size_t>(std::countr_zero(candidates[word]));
    remove(block.bases, base);
    for (const unsigned char label : labels_) remove(block.free, base ^ label);
    return block.number * block_size + base;
  }

  // Most nodes have one child, which nearly every free place suits.
  std::optional<std::size_t> take_base_of_one(Block& block) const {
    for (std::size_t word = 0; word < block.free.size(); ++word) {
      for (std::uint64_t bits = block.free[word]; bits != 0; bits &= bits - 1) {
        const std::size_t place = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
        const std::size_t base = place ^ labels_[0];
        if ((block.bases[base / 64] >> base % 64 & 1U) == 0) continue;
        remove(block.bases, base);
        remove(block.free, place);
        return block.number * block_size + base;
      }
    }
    return std::nullopt;
  }

  Trie& trie_;
  std::vector<Entry> entries_;
  std::vector<Entry> sorted_;  // those of one subtrie
  std::vector<Subtrie> waiting_;
  std::vector<Block> open_;
  std::vector<unsigned char> labels_;  // of the children that are being placed
};

Trie::Trie(std::vector<Entry> entries) { Builder(*this, std::move(entries)).build(); }

}  // namespace attend
