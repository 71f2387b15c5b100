// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Encodes items until a group is full, runs the group's windows from the longest to the shortest,
// finishes each item as soon as its last window is there.
#include "task/run_items.h"

#include <algorithm>
#include <string>
#include <utility>

#include "attend/batch/bucketing.h"
#include "attend/ops/select.h"

namespace attend {
namespace {

// A group is what is held at once: large enough to sort lengths well, small enough to be nothing
// beside a model's weights.
constexpr std::size_t group_windows = 1024;
constexpr Index group_tokens = 1 << 18;

constexpr std::string_view where_run_items = "run";

/// One call of run_items().
class ItemRun {
 public:
  ItemRun(Index count, const ItemTask& task, const RunOptions& options)
      : count_(count),
        task_(task),
        options_(options),
        workspace_(options.pool != nullptr ? *options.pool : default_pool()) {
    workspace_.set_stop_token(options.stop);
  }

  std::map<Index, Error> run() {
    for (Index item = 0; item < count_; ++item) {
      workspace_.throw_if_stopped();
      add(item);
      if (encodings_.size() >= group_windows || tokens_ >= group_tokens) run_group();
    }
    run_group();
    return std::move(errors_);
  }

 private:
  /// An item of the group; its windows lie side by side.
  struct Slot {
    Index item = 0;
    std::size_t begin = 0;
    std::size_t count = 0;
    std::size_t missing = 0;  // windows without output yet
    bool failed = false;
  };

  /// Calls `body`; an Error becomes the item's, except that a request to stop ends the call.
  template <class F>
  bool guard(Index item, F&& body) {
    try {
      body();
      return true;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      errors_.insert_or_assign(item, error);
      return false;
    }
  }

  void add(Index item) {
    std::vector<Encoding> windows;
    const bool encoded = guard(item, [&] {
      windows = task_.encode(item);
      for (const Encoding& window : windows) {
        // A model has no output for a sequence without rows, not even a wrong one.
        if (window.size() == 0) {
          fail(ErrorKind::config_error, {.where = std::string(where_run_items),
                                         .what = "a text without tokens",
                                         .expected = "at least one token",
                                         .found = "none",
                                         .hint = "keep the special tokens, or leave the text out"});
        }
      }
    });
    if (!encoded) {
      ++done_;
      return;
    }
    Slot slot{item, encodings_.size(), windows.size(), windows.size(), false};
    if (slot.count == 0) return finish(slot);  // of any number of such items nothing is kept
    for (Encoding& window : windows) {
      if (!task_.tokenizer.has_type_ids) {
        std::fill(window.type_ids.begin(), window.type_ids.end(), 0);
      }
      tokens_ += window.size();
      owners_.push_back(slots_.size());
      encodings_.push_back(std::move(window));
    }
    slots_.push_back(slot);
  }

  void run_group() {
    outputs_.resize(encodings_.size());
    const BucketOptions limits{.max_sequences = options_.batch_size};
    for (std::vector<Index>& bucket : make_buckets(encodings_, limits)) {
      run_batch(std::move(bucket));
      report();
    }
    report();  // where no window was left to run
    encodings_.clear();
    outputs_.clear();
    owners_.clear();
    slots_.clear();
    tokens_ = 0;
  }

  /// Runs windows together. When they fail together each runs alone, so that only the item that is
  /// at fault gets the Error.
  void run_batch(std::vector<Index> windows) {
    windows.erase(std::remove_if(windows.begin(), windows.end(),
                                 [&](Index window) { return owner(window).failed; }),
                  windows.end());
    if (windows.empty()) return;
    workspace_.throw_if_stopped();
    if (windows.size() == 1) {
      Slot& slot = owner(windows.front());
      if (guard(slot.item, [&] { forward(windows); })) {
        complete(windows);
      } else {
        slot.failed = true;
        ++done_;
      }
      return;
    }
    try {
      forward(windows);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      for (const Index window : windows) run_batch({window});
      return;
    }
    complete(windows);
  }

  /// Fills the outputs of the windows.
  void forward(const std::vector<Index>& windows) {
    const Workspace::Scope scope(workspace_);
    const Batch batch = make_batch(encodings_, windows);
    const MatrixView<float> rows = task_.forward(batch, workspace_);
    const std::vector<Index> starts = task_.row_starts ? task_.row_starts(batch) : batch.starts;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      WindowOutput& output = outputs_[static_cast<std::size_t>(windows[i])];
      output.rows = starts[i + 1] - starts[i];
      output.cols = rows.cols;
      output.values.clear();
      output.values.reserve(static_cast<std::size_t>(output.rows * output.cols));
      for (Index row = starts[i]; row < starts[i + 1]; ++row) {
        const std::span<float> values = rows.row(row);
        output.values.insert(output.values.end(), values.begin(), values.end());
      }
    }
  }

  void complete(const std::vector<Index>& windows) {
    for (const Index window : windows) {
      Slot& slot = owner(window);
      if (--slot.missing == 0) finish(slot);
    }
  }

  void finish(Slot& slot) {
    // An item without windows is finished before outputs_ has its size.
    const std::span<WindowOutput> windows =
        slot.count == 0 ? std::span<WindowOutput>()
                        : std::span(outputs_).subspan(slot.begin, slot.count);
    slot.failed = !guard(slot.item, [&] {
      for (std::size_t i = 0; i < windows.size(); ++i) {
        windows[i].encoding = std::move(encodings_[slot.begin + i]);
        if (!ops::all_finite(windows[i].values)) fail_not_finite();
      }
      task_.finish(slot.item, windows);
    });
    for (WindowOutput& window : windows) window = {};  // the item's memory is not needed any more
    ++done_;
  }

  [[noreturn]] static void fail_not_finite() {
    fail(ErrorKind::weight_value, {.where = std::string(where_run_items),
                                   .what = "the model's output",
                                   .expected = "finite numbers",
                                   .found = "NaN or infinity",
                                   .hint = "are the weights damaged?"});
  }

  void report() {
    if (done_ == reported_) return;
    reported_ = done_;
    if (options_.progress) options_.progress(done_, count_);
  }

  Slot& owner(Index window) { return slots_[owners_[static_cast<std::size_t>(window)]]; }

  Index count_;
  const ItemTask& task_;
  const RunOptions& options_;
  Workspace workspace_;
  std::map<Index, Error> errors_;
  Index done_ = 0;
  Index reported_ = 0;

  // The group: encodings_, outputs_ and owners_ (indices of slots_) run in parallel.
  std::vector<Encoding> encodings_;
  std::vector<WindowOutput> outputs_;
  std::vector<std::size_t> owners_;
  std::vector<Slot> slots_;
  Index tokens_ = 0;
};

}  // namespace

std::vector<Index> one_row_each(const Batch& batch) {
  std::vector<Index> starts(static_cast<std::size_t>(batch.size()) + 1);
  for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = static_cast<Index>(i);
  return starts;
}

std::map<Index, Error> run_items(Index count, const ItemTask& task, const RunOptions& options) {
  if (options.batch_size < 1) {
    fail(ErrorKind::config_error, {.where = std::string(where_run_items),
                                   .what = "batch_size",
                                   .expected = "at least 1",
                                   .found = std::to_string(options.batch_size)});
  }
  return ItemRun(count, task, options).run();
}

}  // namespace attend
