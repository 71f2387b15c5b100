// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How the library of SentencePiece cuts a normalized text.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "attend/text/utf8.h"
#include "tokenizer/sentencepiece_program.h"

namespace attend {
namespace {

std::size_t character_bytes(std::string_view text) {
  return static_cast<std::size_t>(std::max(decode_utf8(text).length, 1));
}

}  // namespace

// Sums are of 32 bits and ties go to the first, as in Model::EncodeOptimized.
void SentencePieceProgram::cut_by_unigram(std::string_view text, ModelScratch& scratch) const {
  auto& steps = scratch.steps;
  steps.assign(text.size() + 1, {});
  std::size_t farthest = 0;
  const auto offer = [&](std::size_t begin, std::size_t end, float score, TokenId id) {
    farthest = std::max(farthest, end);
    const float sum = score + static_cast<float>(steps[begin].score);
    if (steps[end].id != none && !(sum > static_cast<float>(steps[end].score))) return;
    steps[end] = {sum, static_cast<std::uint32_t>(begin), id};
  };
  for (std::size_t begin = 0, size = 0; begin < text.size(); begin += size) {
    // Long texts would lose the small scores beside their sum.
    constexpr float largest_sum = 100'000;
    if (const auto sum = static_cast<float>(steps[begin].score);
        sum < -largest_sum || sum > largest_sum) {
      for (std::size_t i = begin; i <= farthest; ++i) {
        if (i == begin || steps[i].id != none) {
          steps[i].score = static_cast<float>(steps[i].score) - sum;
        }
      }
    }
    size = std::min(character_bytes(text.substr(begin)), text.size() - begin);
    bool has_character = false;
    Trie::Node node = trie_.root();
    for (std::size_t end = begin; end < text.size() && trie_.step(node, text[end]);) {
      ++end;
      const TokenId id = node.id();
      if (id == none || is_unused(id)) continue;
      const std::size_t length = end - begin;
      const float score = kind(id) == SentencePieceKind::user_defined
                              ? static_cast<float>(0.1 * (static_cast<double>(length) - 1))
                              : scores_[static_cast<std::size_t>(id)];
      offer(begin, end, score, id);
      has_character = has_character || length == size;
    }
    if (!has_character) offer(begin, begin + size, unknown_score_, unk_id_);
  }
  for (std::size_t end = text.size(); end > 0; end = steps[end].begin) {
    scratch.symbols.push_back(
        {.id = steps[end].id, .bytes = static_cast<std::uint32_t>(end - steps[end].begin)});
  }
  std::reverse(scratch.symbols.begin(), scratch.symbols.end());
}

// Merges neighbours into pieces, the best score first, then the leftmost.
class SentencePieceProgram::Merger {
 public:
  Merger(const SentencePieceProgram& program, std::string_view text, ModelScratch& scratch)
      : program_(program),
        text_(text),
        symbols_(scratch.symbols),
        starts_(scratch.steps),
        queue_(scratch.queue) {
    queue_.clear();
    split();
  }

  void merge() {
    for (std::uint32_t i = 0; i + 1 < symbols_.size(); ++i) offer(i);
    while (!queue_.empty()) {
      std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
      const std::uint64_t entry = queue_.back();
      queue_.pop_back();
      const auto left = static_cast<std::uint32_t>(entry);
      // What was true when the entry was made need not be true any more.
      if (symbols_[left].bytes == 0 || rank_with_next(left) != entry >> 32U) continue;
      join_with_next(left);
      if (symbols_[left].previous != ModelScratch::no_symbol) offer(symbols_[left].previous);
      offer(left);
    }
  }

  // Leaves what is not merged away, with ids, one after the other.
  void finish() {
    std::size_t size = 0;
    std::size_t begin = 0;
    for (std::uint32_t i = 0; i != ModelScratch::no_symbol && !symbols_.empty();) {
      const std::uint32_t next = symbols_[i].next;
      const std::uint32_t bytes = symbols_[i].bytes;
      put(text_.substr(begin, bytes), 0, size);
      begin += bytes;
      i = next;
    }
    symbols_.resize(size);
  }

 private:
  static constexpr std::uint64_t no_rank = 0xFFFFFFFFU;

  // Into characters and user-defined pieces; those are never merged.
  void split() {
    symbols_.clear();
    starts_.clear();
    for (std::size_t at = 0; at < text_.size();) {
      const std::string_view rest = text_.substr(at);
      const std::size_t own = program_.user_defined(rest);
      const std::size_t bytes = own > 0 ? own : std::min(character_bytes(rest), rest.size());
      const auto index = static_cast<std::uint32_t>(symbols_.size());
      starts_.push_back({.begin = static_cast<std::uint32_t>(at), .id = own > 0 ? frozen : none});
      at += bytes;
      symbols_.push_back({.bytes = static_cast<std::uint32_t>(bytes),
                          .previous = index == 0 ? ModelScratch::no_symbol : index - 1,
                          .next = at == text_.size() ? ModelScratch::no_symbol : index + 1});
    }
  }

  [[nodiscard]] std::uint64_t rank_with_next(std::uint32_t left) const {
    const std::uint32_t right = symbols_[left].next;
    if (right == ModelScratch::no_symbol || starts_[left].id == frozen ||
        starts_[right].id == frozen) {
      return no_rank;
    }
    const std::size_t bytes = std::size_t{symbols_[left].bytes} + symbols_[right].bytes;
    if (bytes > program_.pieces_.longest()) return no_rank;
    const TokenId id = program_.find(text_.substr(starts_[left].begin, bytes));
    return id == program_.unk_id_ ? no_rank : program_.ranks_[static_cast<std::size_t>(id)];
  }

  void offer(std::uint32_t left) {
    const std::uint64_t rank = rank_with_next(left);
    if (rank == no_rank) return;
    remember(left);
    queue_.push_back(rank << 32U | left);
    std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
  }

  void join_with_next(std::uint32_t left) {
    auto& symbol = symbols_[left];
    auto& right = symbols_[symbol.next];
    symbol.bytes += right.bytes;
    right.bytes = 0;
    symbol.next = right.next;
    if (symbol.next != ModelScratch::no_symbol) symbols_[symbol.next].previous = left;
  }

  // Of what an unused piece was merged: it is taken apart again in the end.
  void remember(std::uint32_t left) {
    if (!program_.has_unused_) return;
    const std::size_t bytes = symbols_[left].bytes;
    const auto whole =
        text_.substr(starts_[left].begin, bytes + symbols_[symbols_[left].next].bytes);
    if (program_.is_unused(program_.find(whole))) parts_[whole] = bytes;
  }

  void put(std::string_view text, int depth, std::size_t& size) {
    constexpr int max_depth = 100;  // kMaxBpeResegmentDepth
    TokenId id = program_.find(text);
    if (depth <= max_depth && program_.is_unused(id)) {
      const auto known = parts_.find(text);
      if (known != parts_.end()) {
        put(text.substr(0, known->second), depth + 1, size);
        put(text.substr(known->second), depth + 1, size);
        return;
      }
      id = program_.unk_id_;
    }
    // There are never more than symbols from which they were merged.
    symbols_[size++] = {.id = id, .bytes = static_cast<std::uint32_t>(text.size())};
  }

  static constexpr TokenId frozen = -2;

  const SentencePieceProgram& program_;
  std::string_view text_;
  Cuts& symbols_;
  std::vector<ModelScratch::Step>& starts_;  // where symbols begin, and whether they are frozen
  std::vector<std::uint64_t>& queue_;
  std::map<std::string_view, std::size_t> parts_;
};

void SentencePieceProgram::cut_by_bpe(std::string_view text, ModelScratch& scratch) const {
  Merger merger(*this, text, scratch);
  if (algorithm_ == SentencePieceAlgorithm::bpe) merger.merge();
  merger.finish();
}

void SentencePieceProgram::cut_by_words(std::string_view text, Cuts& cuts) const {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(blank_mark, begin + 1), text.size());
    const TokenId id = find(text.substr(begin, end - begin));
    cuts.push_back(
        {.id = is_unused(id) ? unk_id_ : id, .bytes = static_cast<std::uint32_t>(end - begin)});
    begin = end;
  }
}

void SentencePieceProgram::cut(std::string_view text, ModelScratch& scratch,
                               std::vector<Piece>& out) const {
  normalize(text, scratch);
  scratch.symbols.clear();
  switch (algorithm_) {
    case SentencePieceAlgorithm::unigram: cut_by_unigram(scratch.normalized, scratch); break;
    case SentencePieceAlgorithm::bpe:
    case SentencePieceAlgorithm::character: cut_by_bpe(scratch.normalized, scratch); break;
    case SentencePieceAlgorithm::word: cut_by_words(scratch.normalized, scratch.symbols); break;
  }
  Range bytes;
  bool is_behind_unknown = false;
  for (const auto& cut : scratch.symbols) {
    bytes = {bytes.end, bytes.end + static_cast<Index>(cut.bytes)};
    const bool is_unknown = cut.id == unk_id_;
    if (is_unknown && bytes_) {
      for (Index at = bytes.begin; at < bytes.end; ++at) {
        const auto byte =
            static_cast<unsigned char>(scratch.normalized[static_cast<std::size_t>(at)]);
        // The last byte's piece stands for the character, the others for nothing.
        out.push_back({.id = (*bytes_)[byte],
                       .bytes = {bytes.begin, at + 1 == bytes.end ? bytes.end : bytes.begin}});
      }
    } else if (is_unknown && is_behind_unknown) {
      out.back().bytes.end = bytes.end;
    } else {
      out.push_back({.id = cut.id, .is_own_spelling = is_unknown, .bytes = bytes});
    }
    is_behind_unknown = is_unknown;
  }
}

std::string_view SentencePieceProgram::spelling(const Piece& piece,
                                                const ModelScratch& scratch) const {
  if (!piece.is_own_spelling) return *pieces_.token(piece.id);
  return std::string_view(scratch.normalized)
      .substr(static_cast<std::size_t>(piece.bytes.begin),
              static_cast<std::size_t>(piece.bytes.size()));
}

}  // namespace attend
