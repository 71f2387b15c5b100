// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A row a sequence: the first, the mean, or the last of some token.
#include "model/head_rows.h"

#include <algorithm>
#include <optional>
#include <string>

#include "attend/core/error.h"
#include "attend/ops/pooling.h"

namespace attend {
namespace {

// The row of the last token of a sequence that has this id.
Index last_row_of(TokenId id, const Batch& batch, Index sequence) {
  const auto at = static_cast<std::size_t>(sequence);
  for (Index row = batch.starts[at + 1]; row-- > batch.starts[at];) {
    if (batch.ids[static_cast<std::size_t>(row)] == id) return row;
  }
  fail(ErrorKind::config_error,
       {.where = "logits",
        .what = "sequence " + std::to_string(sequence),
        .expected = "the end token " + std::to_string(id) + ", on which the classifier stands",
        .found = "none",
        .hint = "encode with special tokens"});
}

// The row of the last token of a sequence that is not padding; of the first where all are.
Index last_token_of(const Batch& batch, Index sequence, std::optional<TokenId> pad) {
  const auto at = static_cast<std::size_t>(sequence);
  for (Index row = batch.starts[at + 1]; row-- > batch.starts[at];) {
    if (batch.ids[static_cast<std::size_t>(row)] != pad) return row;
  }
  return batch.starts[at];
}

// Calls row_of(i) for every sequence, and copies that row.
template <class RowOf>
void copy_rows(MatrixView<const float> hidden, MatrixView<float> out, const RowOf& row_of) {
  for (Index i = 0; i < out.rows; ++i) {
    const auto row = hidden.row(row_of(i));
    std::copy(row.begin(), row.end(), out.row(i).begin());
  }
}

}  // namespace

MatrixView<float> pooled_rows(const Head& head, MatrixView<const float> hidden, const Batch& batch,
                              Workspace& workspace) {
  const auto out = workspace.matrix(batch.size(), hidden.cols);
  if (workspace.is_counting()) return out;
  switch (head.rows()) {
    case HeadRows::every: break;
    case HeadRows::first: ops::pool(Pooling::cls, hidden, batch.starts, out); break;
    case HeadRows::mean: ops::pool(Pooling::mean, hidden, batch.starts, out); break;
    case HeadRows::last_eos:
      copy_rows(hidden, out, [&](Index i) { return last_row_of(head.eos(), batch, i); });
      break;
    case HeadRows::last_token:
      copy_rows(hidden, out, [&](Index i) { return last_token_of(batch, i, head.pad()); });
      break;
  }
  return out;
}

}  // namespace attend
