// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// After the first pass of a size nothing is allocated.
#include <gtest/gtest.h>

#include "attend/model/model.h"
#include "support/allocation_count.h"
#include "support/golden.h"

namespace attend {
namespace {

TEST(Allocation, TheSecondForwardAllocatesNothing) {
  if (!test::allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  const auto expect_none = [](const std::string& folder, ComputeType compute) {
    SCOPED_TRACE(folder + " in " + std::string(name(compute)));
    const Model model = load_model(test::golden(folder), {.compute = compute});
    const test::GoldenTensors recorded(folder);
    const Batch batch = make_batch(recorded.input("right").padded());
    ThreadPool pool(2);
    Workspace workspace(pool);
    const auto pass = [&] {
      const Workspace::Scope scope(workspace);
      const auto hidden = model.hidden_states(batch, workspace);
      if (model.has_pooler()) (void)model.pooler_output(hidden, batch, workspace);
      if (model.has_logits()) (void)model.logits(batch, workspace);
    };
    const auto at_start = test::allocation_count();
    pass();
    EXPECT_GT(test::allocation_count(), at_start);
    const std::size_t capacity = workspace.capacity();
    const auto before = test::allocation_count();
    pass();
    EXPECT_EQ(test::allocation_count(), before);
    EXPECT_EQ(workspace.capacity(), capacity);
  };
  for (const std::string& folder : test::golden_folders()) {
    for (const ComputeType compute : compute_types) expect_none(folder, compute);
  }
}

}  // namespace
}  // namespace attend
