// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The attention kernels keep to the scratch memory that they ask for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <new>
#include <vector>

#include "support/kernel_tables.h"

namespace attend::kernels {
namespace {

using test::random_values;

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

constexpr Sizes sizes[] = {
    {1, 1, 1, 1}, {15, 40, 5, 33}, {33, 33, 64, 64}, {256, 300, 32, 10}, {7, 100, 130, 96}};

// A task and what it reads and writes, but for the scratch memory.
class Head {
 public:
  explicit Head(const Sizes& size)
      : size_(size),
        rows_(random_values(size.keys * size.head_size, 1)),
        panels_(random_values(
            (size.slots + panel_columns - 1) / panel_columns * panel_columns * size.head_size, 2)),
        bias_(random_values(2 * size.slots + 1, 3)),
        out_(static_cast<std::size_t>(size.queries * size.head_size)) {
    for (Extent i = 0; i < 2 * size.slots + 1; ++i) {
      order_.push_back(static_cast<std::int32_t>(std::min(i, size.slots - 1)));
    }
    task.q = task.k = task.v = rows_.data();
    task.q_stride = task.k_stride = task.v_stride = task.out_stride = size.head_size;
    task.queries = size.queries;
    task.first_query = size.keys - size.queries;
    task.query_step = 1;
    task.keys = size.keys;
    task.head_size = size.head_size;
    task.scale = 0.1F;
    task.out = out_.data();
  }

  enum Option : unsigned { bias = 1U, position_keys = 2U, position_queries = 4U };

  void use(unsigned options) {
    const auto panels = [&](Option option) {
      return (options & option) != 0 ? panels_.data() : nullptr;
    };
    const DistanceRows at{order_.data(), size_.slots, 0};
    task.bias = (options & bias) != 0 ? bias_.data() : nullptr;
    task.bias_at = {nullptr, size_.slots, size_.slots};
    task.position_keys = {panels(position_keys), size_.slots, at};
    task.position_queries = {panels(position_queries), size_.slots, at};
  }

  // Keys and values move to pages, of panels or of integers.
  void use_pages(const KernelTable& table, bool of_bytes) {
    const Extent of_keys = of_bytes ? byte_page_key_bytes(size_.head_size)
                                    : page_key_bytes(task.compute, size_.head_size);
    const Extent of_values = of_bytes ? byte_page_value_bytes(size_.head_size)
                                      : page_value_bytes(task.compute, size_.head_size);
    for (Extent s = 0; s < size_.keys; s += page_keys) {
      pages_.emplace_back((of_keys + of_values) / word_bytes);
      auto* const page = reinterpret_cast<std::byte*>(pages_.back().data());
      addresses_.push_back(page);
      table.append_to_page({.compute = task.compute,
                            .k = task.k + s * size_.head_size,
                            .k_stride = size_.head_size,
                            .v = task.v + s * size_.head_size,
                            .v_stride = size_.head_size,
                            .rows = std::min(page_keys, size_.keys - s),
                            .head_size = size_.head_size,
                            .first = 0,
                            .as_bytes = of_bytes,
                            .keys = page,
                            .values = page + of_keys});
    }
    task.k = task.v = nullptr;
    task.pages = addresses_.data();
    task.place = {0, of_keys};
    task.pages_hold_bytes = of_bytes;
  }
  [[nodiscard]] bool pages_intact() const {
    return std::all_of(pages_.begin(), pages_.end(), [](const auto& of) { return of.intact(); });
  }

  Attention task{};

 private:
  Sizes size_;
  std::vector<float> rows_;
  std::vector<float> panels_;
  std::vector<float> bias_;
  std::vector<std::int32_t> order_;  // of the distances: all slots, rising
  std::vector<float> out_;
  std::deque<Guarded> pages_;
  std::vector<const std::byte*> addresses_;
};

class AttentionScratchTest : public test::KernelTableTest {
 protected:
  // Windows and none.
  void expect_enough_for(Attention task) {
    for (const Extent window : {-1, 3}) {
      task.behind = task.ahead = window;
      Guarded scratch(table().attention_scratch(task));
      task.scratch = scratch.data();
      table().attention(task);
      ASSERT_TRUE(scratch.intact()) << task.keys << " keys";
    }
  }

  // Heads that are taken together, more than at once; each keeps to its own.
  void expect_enough_for_heads(Attention task) {
    constexpr std::size_t heads = 19;
    task.query_step = 0;
    for (const Extent window : {-1, 3}) {
      task.behind = task.ahead = window;
      std::deque<Guarded> scratch;
      std::vector<Attention> tasks(heads, task);
      for (Attention& one : tasks) {
        scratch.emplace_back(table().attention_decode_scratch(task));
        one.scratch = scratch.back().data();
      }
      table().attention_decode(tasks.data(), heads);
      for (const Guarded& one : scratch) ASSERT_TRUE(one.intact()) << task.keys << " keys";
    }
  }
};

TEST_P(AttentionScratchTest, IsLargeEnoughForTables) {
  for (const Sizes& size : sizes) {
    Head head(size);
    for (const unsigned options : {0U, 1U, 2U, 4U, 6U, 7U}) {
      SCOPED_TRACE(options);
      head.use(options);
      expect_enough_for(head.task);
    }
  }
}

TEST_P(AttentionScratchTest, IsLargeEnoughForEveryTypeAndPages) {
  enum class From { rows, pages, pages_of_bytes };
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    if (compute == ComputeType::bf16 && !table().has_bf16()) continue;
    for (const From from : {From::rows, From::pages, From::pages_of_bytes}) {
      for (const Sizes& size : sizes) {
        SCOPED_TRACE(testing::Message() << name(compute) << ", " << static_cast<int>(from));
        Head head(size);
        head.task.compute = compute;
        if (from != From::rows) head.use_pages(table(), from == From::pages_of_bytes);
        for (const unsigned options : {0U, 1U}) {
          head.use(options);
          expect_enough_for(head.task);
          if (from != From::rows) expect_enough_for_heads(head.task);
        }
        EXPECT_TRUE(head.pages_intact());
      }
    }
  }
}

ATTEND_TEST_ALL_TABLES(AttentionScratchTest);

}  // namespace
}  // namespace attend::kernels
