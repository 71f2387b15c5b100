// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A model without weights: its logits are a hash of the last two tokens, as in make_searches.py.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <vector>

#include "attend/task/generation.h"

namespace attend::test {

class HashModel : public LanguageModel {
 public:
  HashModel(Index vocabulary, std::uint32_t seed, float scale)
      : vocabulary_(vocabulary), seed_(seed), scale_(scale) {}

  [[nodiscard]] Index vocabulary() const override { return vocabulary_; }

  [[nodiscard]] MatrixView<float> step(std::span<const RowStep> rows) override {
    std::vector<std::vector<TokenId>> next;
    logits_.clear();
    hidden_.clear();
    ++steps;
    for (const RowStep& row : rows) {
      std::vector<TokenId> text;
      if (row.parent) {
        text = rows_.at(static_cast<std::size_t>(*row.parent));
        EXPECT_GE(static_cast<Index>(text.size()), row.length);
        text.resize(static_cast<std::size_t>(row.length));
      }
      EXPECT_FALSE(row.tokens.empty());
      EXPECT_LE(row.wanted, static_cast<Index>(row.tokens.size()));
      for (std::size_t i = 0; i < row.tokens.size(); ++i) {
        const std::uint32_t before = text.empty() ? 0 : static_cast<std::uint32_t>(text.back());
        text.push_back(row.tokens[i]);
        const auto last = static_cast<std::uint32_t>(text.back());
        append(hidden_, {before, last, 1000}, width, 1.0F);
        const bool wanted = static_cast<Index>(row.tokens.size() - i) <= row.wanted;
        if (wanted) append(logits_, {before, last, 0}, vocabulary_, scale_);
      }
      next.push_back(std::move(text));
    }
    rows_ = std::move(next);
    most_rows = std::max(most_rows, rows_.size());
    return {logits_.data(), static_cast<Index>(logits_.size()) / vocabulary_, vocabulary_};
  }

  [[nodiscard]] MatrixView<const float> hidden() const override {
    return {hidden_.data(), static_cast<Index>(hidden_.size()) / width, width};
  }

  int steps = 0;
  std::size_t most_rows = 0;

 private:
  static constexpr Index width = 4;

  struct Place {
    std::uint32_t before;
    std::uint32_t last;
    std::uint32_t kind;
  };

  void append(std::vector<float>& out, Place at, Index count, float scale) const {
    for (std::uint32_t j = 0; j < static_cast<std::uint32_t>(count); ++j) {
      std::uint32_t h = (at.before * 73856093U) ^ (at.last * 19349663U) ^
                        ((j + at.kind) * 83492791U) ^ (seed_ * 2654435761U);
      h ^= h >> 13U;
      h *= 0x5BD1E995U;
      h ^= h >> 15U;
      h *= 0x2C1B3C6DU;
      h ^= h >> 12U;
      out.push_back((static_cast<float>(h >> 8U) / 16777216.0F - 0.5F) * scale);
    }
  }

  Index vocabulary_;
  std::uint32_t seed_;
  float scale_;
  std::vector<std::vector<TokenId>> rows_;
  std::vector<float> logits_;
  std::vector<float> hidden_;
};

}  // namespace attend::test
