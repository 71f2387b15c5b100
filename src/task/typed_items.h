// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// run_items() for tasks with a result type: outcomes in, outcomes out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "task/run_items.h"

namespace attend {

/// ItemTask whose finish returns what the item's outcome holds.
template <class Result>
struct TypedTask {
  const TokenizerSettings& tokenizer;
  std::function<std::vector<Encoding>(Index item)> encode;
  std::function<MatrixView<float>(const Batch&, Workspace&)> forward;
  std::function<std::vector<Index>(const Batch&)> row_starts = {};
  std::function<Result(Index item, std::span<WindowOutput> windows)> finish;
};

/// The outcome of every item, in order. Throws: as run_items().
template <class Result>
[[nodiscard]] std::vector<Outcome<Result>> run_each(Index count, TypedTask<Result> task,
                                                    const RunOptions& options) {
  std::vector<std::optional<Result>> results(static_cast<std::size_t>(count));
  const ItemTask untyped{.tokenizer = task.tokenizer,
                         .encode = std::move(task.encode),
                         .forward = std::move(task.forward),
                         .row_starts = std::move(task.row_starts),
                         .finish = [&](Index item, std::span<WindowOutput> windows) {
                           results[static_cast<std::size_t>(item)] = task.finish(item, windows);
                         }};
  const std::map<Index, Error> errors = run_items(count, untyped, options);
  std::vector<Outcome<Result>> outcomes;
  outcomes.reserve(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (const auto error = errors.find(static_cast<Index>(i)); error != errors.end()) {
      outcomes.emplace_back(error->second);
    } else {
      outcomes.emplace_back(*std::move(results[i]));
    }
  }
  return outcomes;
}

/// The Error of one item, which its caller knows by its place: "text of items[1]".
[[nodiscard]] inline Error error_of_item(const Error& error, std::size_t item) {
  ErrorDetail detail = error.detail();
  detail.what += (detail.what.empty() ? "items[" : " of items[") + std::to_string(item) + "]";
  return {error.kind(), std::move(detail)};
}

/// The results in the outcomes. Throws: the first Error among them; it names its item where there
/// are several.
template <class Result>
[[nodiscard]] std::vector<Result> values(std::vector<Outcome<Result>> outcomes) {
  std::vector<Result> results;
  results.reserve(outcomes.size());
  for (Outcome<Result>& outcome : outcomes) {
    if (!outcome.ok() && outcomes.size() > 1) throw error_of_item(outcome.error(), results.size());
    results.push_back(std::move(outcome).value());
  }
  return results;
}

}  // namespace attend
