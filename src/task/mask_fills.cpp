// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Probabilities over the whole vocabulary first, targets afterwards, as the reference does.
// Source: transformers 4.57 pipelines/fill_mask.py.
#include "task/mask_fills.h"

#include <algorithm>
#include <utility>

#include "attend/core/error.h"
#include "attend/ops/select.h"
#include "attend/ops/softmax.h"

namespace attend {
namespace {

/// The text of a whole window.
std::string text_of(const Tokenizer& tokenizer, std::vector<TokenId> ids,
                    const DecodeOptions& options) {
  if (const auto pad = tokenizer.special_tokens().pad) {
    ids.erase(std::remove(ids.begin(), ids.end(), *pad), ids.end());
  }
  return tokenizer.decode(ids, options);
}

}  // namespace

std::vector<TokenId> target_ids(const Tokenizer& tokenizer, std::span<const std::string> targets) {
  std::vector<TokenId> ids;
  for (const std::string& target : targets) {
    if (const auto id = tokenizer.id_of(target)) {
      ids.push_back(*id);
      continue;
    }
    const std::vector<TokenId> tokens = tokenizer.encode(target, {.add_special_tokens = false}).ids;
    if (tokens.empty()) continue;
    // The reference truncates to one token, on the tokenizer's side.
    const bool from_left = tokenizer.settings().truncation_side == Side::left;
    ids.push_back(from_left ? tokens.back() : tokens.front());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.empty() && !targets.empty()) {
    fail(ErrorKind::config_error, {.where = "fill-mask",
                                   .what = "targets",
                                   .expected = "at least one that has a token",
                                   .found = quote(targets.front())});
  }
  return ids;
}

std::vector<Index> mask_positions(std::span<const TokenId> ids, TokenId mask) {
  std::vector<Index> positions;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == mask) positions.push_back(static_cast<Index>(i));
  }
  return positions;
}

std::vector<FilledMask> fill_masks(const Tokenizer& tokenizer, WindowOutput& window,
                                   const FillCandidates& candidates) {
  const auto& [targets, top_k] = candidates;
  const Encoding& encoding = window.encoding;
  const MatrixView<float> logits = window.matrix();
  const std::vector<Index> masks =
      mask_positions(encoding.ids, tokenizer.special_tokens().mask.value());
  // With several masks the others would vanish from the text along with the special tokens.
  const DecodeOptions decode{.skip_special_tokens = masks.size() == 1};

  std::vector<FilledMask> filled;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const auto position = static_cast<std::size_t>(masks[i]);
    const std::span<float> scores = logits.row(static_cast<Index>(i));
    ops::softmax(scores);
    std::vector<float> chosen;
    for (const TokenId target : targets) chosen.push_back(scores[static_cast<std::size_t>(target)]);
    FilledMask& mask = filled.emplace_back(FilledMask{encoding.offsets[position], {}});
    for (const Index best : ops::top_k(targets.empty() ? scores : std::span(chosen), top_k)) {
      const auto choice = static_cast<std::size_t>(best);
      const auto token = targets.empty() ? static_cast<TokenId>(best) : targets[choice];
      std::vector<TokenId> ids = encoding.ids;
      ids[position] = token;
      mask.fills.push_back({.score = scores[static_cast<std::size_t>(token)],
                            .token = token,
                            .token_str = tokenizer.decode({&token, 1}),
                            .sequence = text_of(tokenizer, std::move(ids), decode)});
    }
  }
  return filled;
}

}  // namespace attend
