// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The attention kernels keep to the scratch memory that they ask for.
#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <vector>

#include "support/kernel_tables.h"

namespace attend::kernels {
namespace {

using test::random_values;

class AttentionScratchTest : public test::KernelTableTest {};

// Aligned memory with a guard behind it.
class Guarded {
 public:
  explicit Guarded(Extent count)
      : count_(static_cast<std::size_t>(count)),
        memory_(static_cast<float*>(
            ::operator new ((count_ + guard) * sizeof(float), std::align_val_t{64}))) {
    for (std::size_t i = 0; i < count_ + guard; ++i) memory_[i] = untouched;
  }
  ~Guarded() { ::operator delete (memory_, std::align_val_t{64}); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  [[nodiscard]] float* data() { return memory_; }
  [[nodiscard]] bool intact() const {
    for (std::size_t i = count_; i < count_ + guard; ++i) {
      if (memory_[i] != untouched) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t guard = 1024;
  static constexpr float untouched = 1e30F;
  std::size_t count_;
  float* memory_;
};

struct Sizes {
  Extent queries;
  Extent keys;
  Extent head_size;
  Extent slots;
};

TEST_P(AttentionScratchTest, IsLargeEnough) {
  for (const Sizes& size : {Sizes{1, 1, 1, 1}, Sizes{15, 40, 5, 33}, Sizes{33, 33, 64, 64},
                            Sizes{256, 300, 32, 10}, Sizes{7, 100, 130, 96}}) {
    const Extent padded = (size.slots + panel_columns - 1) / panel_columns * panel_columns;
    const auto rows = random_values(size.keys * size.head_size, 1);
    const auto panels = random_values(padded * size.head_size, 2);
    const auto bias = random_values(2 * size.slots + 1, 3);
    std::vector<std::int32_t> order;  // of the distances: all slots, rising
    for (Extent i = 0; i < 2 * size.slots + 1; ++i) {
      order.push_back(static_cast<std::int32_t>(std::min(i, size.slots - 1)));
    }
    std::vector<float> out(static_cast<std::size_t>(size.queries * size.head_size));
    const DistanceRows at{order.data(), size.slots, 0};
    Attention task{};
    task.q = task.k = task.v = rows.data();
    task.q_stride = task.k_stride = task.v_stride = task.out_stride = size.head_size;
    task.queries = size.queries;
    task.first_query = size.keys - size.queries;
    task.query_step = 1;
    task.keys = size.keys;
    task.head_size = size.head_size;
    task.scale = 0.1F;
    task.out = out.data();
    for (const int options : {0, 1, 2, 4, 6, 7}) {
      task.bias = (options & 1) != 0 ? bias.data() : nullptr;
      task.bias_at = {nullptr, size.slots, size.slots};
      task.position_keys = {(options & 2) != 0 ? panels.data() : nullptr, size.slots, at};
      task.position_queries = {(options & 4) != 0 ? panels.data() : nullptr, size.slots, at};
      for (const Extent window : {-1, 3}) {
        task.behind = window;
        task.ahead = window;
        Guarded scratch(table().attention_scratch(task));
        task.scratch = scratch.data();
        table().attention(task);
        ASSERT_TRUE(scratch.intact()) << size.keys << " keys, options " << options;
      }
    }
  }
}

ATTEND_TEST_ALL_TABLES(AttentionScratchTest);

}  // namespace
}  // namespace attend::kernels
