// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fill-mask: the vocabulary's logits are computed for the rows of masks only.
// Source: transformers 4.57 pipelines/fill_mask.py.
#include "attend/task/fill_mask.h"

#include <algorithm>
#include <utility>

#include "attend/core/error.h"
#include "task/encode_input.h"
#include "task/mask_fills.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr std::string_view where_fill_mask = "fill-mask";

Encoding encode_masked(const TaskModel& model, std::string_view text,
                       const TokenizeOptions& options) {
  constexpr std::string_view hint =
      "set `truncation` among the tokenizer's options (`tokenizer_kwargs`) to cut it";
  Encoding encoding = encode_input(
      model, text,
      {.options = options, .where = where_fill_mask, .hint = hint, .fields = EncodingFields::all});
  const TokenId mask = model.tokenizer->special_tokens().mask.value();
  if (mask_positions(encoding.ids, mask).empty()) {
    fail(ErrorKind::config_error,
         {.where = std::string(where_fill_mask),
          .what = "text",
          .expected = "at least one mask, written " + std::string(model.tokenizer->token_of(mask)),
          .found = quote(text),
          .hint = options.truncation || options.max_length ? "was it cut off?" : ""});
  }
  return encoding;
}

void check_top_k(Index top_k, Index vocabulary) {
  if (top_k >= 0 && top_k <= vocabulary) return;
  fail(ErrorKind::config_error, {.where = std::string(where_fill_mask),
                                 .what = "top_k",
                                 .expected = "0 to " + std::to_string(vocabulary),
                                 .found = std::to_string(top_k)});
}

/// Rows of masks by sequence: those of sequence i are [starts[i], starts[i + 1]).
std::vector<Index> mask_starts(const Batch& batch, TokenId mask) {
  std::vector<Index> starts{0};
  for (Index sequence = 0; sequence < batch.size(); ++sequence) {
    const auto i = static_cast<std::size_t>(sequence);
    const std::span ids = std::span(batch.ids).subspan(
        static_cast<std::size_t>(batch.starts[i]),
        static_cast<std::size_t>(batch.starts[i + 1] - batch.starts[i]));
    starts.push_back(starts.back() + static_cast<Index>(mask_positions(ids, mask).size()));
  }
  return starts;
}

}  // namespace

FillMask::FillMask(TaskModel model) : model_(std::move(model)) {
  model_.check(HeadKind::masked_lm, where_fill_mask);
  if (!model_.tokenizer->special_tokens().mask) {
    fail(ErrorKind::config_error, {.where = std::string(where_fill_mask),
                                   .what = "the tokenizer",
                                   .expected = "a mask_token",
                                   .found = "none"});
  }
}

FillMask FillMask::load(const std::filesystem::path& folder, const ModelOptions& options) {
  return FillMask(TaskModel::load(folder, HeadKind::masked_lm, options));
}

std::string_view FillMask::mask_token() const {
  return model_.tokenizer->token_of(model_.tokenizer->special_tokens().mask.value());
}

FillMask::Result FillMask::operator()(std::string_view text, const FillMaskOptions& options) const {
  return std::move(each({&text, 1}, options).front()).value();
}

std::vector<FillMask::Result> FillMask::operator()(std::span<const std::string_view> texts,
                                                   const FillMaskOptions& options,
                                                   const RunOptions& run) const {
  return values(each(texts, options, run));
}

std::vector<Outcome<FillMask::Result>> FillMask::each(std::span<const std::string_view> texts,
                                                      const FillMaskOptions& options,
                                                      const RunOptions& run) const {
  const Tokenizer& tokenizer = *model_.tokenizer;
  const TokenId mask = tokenizer.special_tokens().mask.value();
  const std::vector<TokenId> targets = target_ids(tokenizer, options.targets);
  const Index top_k =
      targets.empty() ? options.top_k : std::min(options.top_k, static_cast<Index>(targets.size()));
  check_top_k(top_k, model_.model->config().vocab_size);
  const FillCandidates candidates{targets, top_k};
  TypedTask<Result> task{
      .tokenizer = tokenizer.settings(),
      .encode = [&](Index item) -> std::vector<Encoding> {
        return {encode_masked(model_, texts[static_cast<std::size_t>(item)], options.tokenize)};
      },
      .forward =
          [&](const Batch& batch, Workspace& workspace) {
            const auto hidden = model_.model->hidden_states(batch, workspace);
            return model_.model->logits(hidden, mask_positions(batch.ids, mask), workspace);
          },
      .row_starts = [&](const Batch& batch) { return mask_starts(batch, mask); },
      .finish =
          [&](Index, std::span<WindowOutput> windows) {
            return fill_masks(tokenizer, windows.front(), candidates);
          }};
  return run_each(static_cast<Index>(texts.size()), std::move(task), run);
}

}  // namespace attend
