// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Memory that was foretold against memory that was taken.
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "attend/core/error.h"
#include "attend/model/model.h"
#include "attend/model/packed_file.h"
#include "support/edited_model.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/sanitized.h"

namespace attend {
namespace {

using test::EditedModel;
using test::golden;

constexpr TokenId some_token = 2;  // the one that BART's classifier stands on

Batch batch_of(const BatchShape& shape) {
  Batch batch;
  for (const Index length : shape.lengths) {
    batch.starts.push_back(batch.tokens() + length);
    for (Index i = 0; i < length; ++i) batch.ids.push_back(some_token);
  }
  batch.type_ids.resize(batch.ids.size());
  return batch;
}

/// A pass as Model::memory() describes it.
void run(const Model& model, const BatchShape& shape, Workspace& workspace) {
  const Batch batch = batch_of(shape);
  const Workspace::Scope scope(workspace);
  if (model.has_logits()) {
    (void)model.logits(batch, workspace);
    return;
  }
  const auto hidden = model.hidden_states(batch, workspace);
  if (model.has_pooler()) (void)model.pooler_output(hidden, batch, workspace);
}

const std::vector<BatchShape>& shapes() {
  static const std::vector<BatchShape> all{
      {1, 1}, {1, 60}, {7, 13}, {40, 60}, BatchShape({3, 60, 1, 1, 44, 60, 17})};
  return all;
}

class MemoryOfEveryFolder : public testing::TestWithParam<std::string> {};

// Not within a tenth: to the byte, because the pass itself is what counts.
TEST_P(MemoryOfEveryFolder, APassTakesWhatWasForetold) {
  const auto folder = golden(GetParam());
  const Model model = load_model(folder);
  for (const int threads : {1, 2, 8}) {
    ThreadPool pool(threads);
    for (const BatchShape& shape : shapes()) {
      const MemoryEstimate foretold = model.memory(shape, pool);
      Workspace workspace(pool);
      run(model, shape, workspace);
      EXPECT_EQ(foretold.workspace, workspace.peak())
          << threads << " threads, " << shape.lengths.size() << " sequences";
      EXPECT_EQ(estimate_memory(folder, shape, {.pool = &pool}).workspace, foretold.workspace);
    }
  }
}

TEST_P(MemoryOfEveryFolder, APlanTakesWhatItsModelTakes) {
  for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
    for (const ComputeType compute : compute_types) {
      SCOPED_TRACE(name(compute));
      const ModelOptions options{.load_mode = mode, .compute = compute};
      const MemoryEstimate model = load_model(golden(GetParam()), options).memory({1, 8});
      const MemoryEstimate plan = estimate_memory(golden(GetParam()), {1, 8}, options);
      EXPECT_EQ(plan.packed, model.packed);
      EXPECT_EQ(plan.stored, model.stored);
      EXPECT_EQ(plan.loading, model.loading);
      EXPECT_GT(plan.packed, 0U);
      EXPECT_GT(plan.stored, 0U);
    }
  }
}

TEST_P(MemoryOfEveryFolder, APassInARoundedTypeTakesWhatWasForetold) {
  const BatchShape shape({3, 60, 1, 17});
  for (const ComputeType compute : compute_types) {
    const Model model = load_model(golden(GetParam()), {.compute = compute});
    Workspace workspace;
    run(model, shape, workspace);
    EXPECT_EQ(model.memory(shape).workspace, workspace.peak()) << name(compute);
  }
}

TEST_P(MemoryOfEveryFolder, ALimitOfWhatWasForetoldIsEnoughAndOneByteLessIsNot) {
  const Model model = load_model(golden(GetParam()));
  const BatchShape shape(7, 13);
  ThreadPool pool(2);
  const std::size_t needed = model.memory(shape, pool).workspace;
  Workspace workspace(pool);
  workspace.set_limit(needed);
  run(model, shape, workspace);
  EXPECT_LE(workspace.peak(), needed);
  const std::size_t kept = workspace.capacity();
  workspace.set_limit(kept);
  run(model, shape, workspace);  // it fits what is kept
  Workspace narrow(pool);
  narrow.set_limit(kept - 1);
  test::expect_error(ErrorKind::resource_limit, {"Workspace", std::to_string(kept - 1), "smaller"},
                     [&] { run(model, shape, narrow); });
  EXPECT_LT(narrow.peak(), kept);
  run(model, {1, 1}, narrow);  // still usable
}

TEST_P(MemoryOfEveryFolder, ABudgetIsKeptToTheByte) {
  const auto folder = golden(GetParam());
  const MemoryEstimate plan = estimate_memory(folder, {1, 1});
  const std::uint64_t needed = std::max(plan.loading, plan.idle());
  EXPECT_EQ(load_model(folder, {.max_memory_bytes = needed}).memory({1, 1}).packed, plan.packed);
  test::expect_error(ErrorKind::resource_limit,
                     {std::to_string(needed), std::to_string(needed - 1), "max_memory_bytes"},
                     [&] { (void)load_model(folder, {.max_memory_bytes = needed - 1}); });
}

INSTANTIATE_TEST_SUITE_P(Folders, MemoryOfEveryFolder, testing::ValuesIn(test::golden_folders()),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(Memory, ShapesThatCannotBeAreRefused) {
  const Model model = load_model(golden("bert-feature-extraction"));
  const auto refuses = [&](BatchShape shape) {
    test::expect_error(ErrorKind::config_error, {"tokens of sequence"},
                       [&] { (void)model.memory(shape); });
  };
  refuses({1, 0});
  refuses({1, -5});
  refuses({1, Index{1} << 40});
  refuses({2, Index{1} << 24});
  EXPECT_GT(model.memory({1, Index{1} << 24}).workspace, std::uint64_t{1} << 32U);
  EXPECT_EQ(model.memory({0, 3}).workspace, 0U + model.memory({0, 9}).workspace);
}

// ---- A model as large as real ones, in a process of its own

constexpr std::uint64_t mib = std::uint64_t{1} << 20U;

struct ModelSize {
  Index layers;
  Index width;
  Index vocabulary;
};

/// A model whose weights are zeros: a hole in its file, which takes no room on the disk and as much
/// memory as any other file.
class HollowModel {
 public:
  HollowModel(const std::string& folder, DType dtype) : model_(golden(folder)), dtype_(dtype) {}

  [[nodiscard]] const std::filesystem::path& folder() const { return *folder_; }
  [[nodiscard]] std::uint64_t weight_bytes() const { return weight_bytes_; }

 protected:
  void set(const char* key, Index value) { model_.set_config(key, std::to_string(value)); }
  void add(const std::string& name, const Shape& shape) {
    const std::uint64_t end =
        weight_bytes_ + static_cast<std::uint64_t>(shape.count()) * size_of(dtype_);
    header_ += (header_.empty() ? "{" : ",") + ('"' + name) + R"(":{"dtype":")" +
               std::string(attend::name(dtype_)) + R"(","shape":)" + shape.to_string() +
               R"(,"data_offsets":[)" + std::to_string(weight_bytes_) + "," + std::to_string(end) +
               "]}";
    weight_bytes_ = end;
  }
  void add_layer(const std::string& name, Index out, Index in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void add_norm(const std::string& name, Index width) {
    add(name + ".weight", {width});
    add(name + ".bias", {width});
  }
  /// The projections are those of queries, keys and values.
  void add_block(const std::string& name, Index m, const std::array<const char*, 3>& projections) {
    for (const char* part : projections) add_layer(name + ".attention.self." + part, m, m);
    add_layer(name + ".attention.output.dense", m, m);
    add_norm(name + ".attention.output.LayerNorm", m);
    add_layer(name + ".intermediate.dense", 4 * m, m);
    add_layer(name + ".output.dense", m, 4 * m);
    add_norm(name + ".output.LayerNorm", m);
  }
  /// Call when everything was set and added.
  void write() {
    folder_ = &model_.save();
    header_ += "}";
    const std::uint64_t header_bytes = header_.size();
    std::ofstream file(*folder_ / "model.safetensors", std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(&header_bytes), sizeof header_bytes);
    file << header_;
    file.close();
    std::filesystem::resize_file(*folder_ / "model.safetensors",
                                 sizeof header_bytes + header_bytes + weight_bytes_);
  }

 private:
  EditedModel model_;
  DType dtype_;
  std::string header_;
  const std::filesystem::path* folder_ = nullptr;
  std::uint64_t weight_bytes_ = 0;
};

/// A BERT of that size.
class LargeModel : public HollowModel {
 public:
  explicit LargeModel(const ModelSize& size) : HollowModel("bert-feature-extraction", DType::f32) {
    const Index m = size.width;
    set("hidden_size", m);
    set("num_hidden_layers", size.layers);
    set("num_attention_heads", m / 64);
    set("intermediate_size", 4 * m);
    set("vocab_size", size.vocabulary);
    set("max_position_embeddings", 512);
    add("embeddings.word_embeddings.weight", {size.vocabulary, m});
    add("embeddings.position_embeddings.weight", {512, m});
    add("embeddings.token_type_embeddings.weight", {2, m});
    add_norm("embeddings.LayerNorm", m);
    for (Index i = 0; i < size.layers; ++i) {
      add_block("encoder.layer." + std::to_string(i), m, {"query", "key", "value"});
    }
    add_layer("pooler.dense", m, m);
    write();
  }
};

/// A DeBERTa-v2 of one layer that is hardly more than its convolution.
class LargeConvolution : public HollowModel {
 public:
  LargeConvolution(DType dtype, Index groups)
      : HollowModel("deberta-v2-feature-extraction-convolution", dtype) {
    constexpr Index m = 384;
    constexpr Index kernel = 127;
    constexpr Index vocabulary = 1000;
    set("hidden_size", m);
    set("num_hidden_layers", 1);
    set("num_attention_heads", m / 64);
    set("intermediate_size", 4 * m);
    set("vocab_size", vocabulary);
    set("conv_kernel_size", kernel);
    set("conv_groups", groups);
    add("embeddings.word_embeddings.weight", {vocabulary, m});
    add_norm("embeddings.LayerNorm", m);
    add("encoder.rel_embeddings.weight", {32, m});
    add_norm("encoder.LayerNorm", m);
    add("encoder.conv.conv.weight", {m, m / groups, kernel});
    add("encoder.conv.conv.bias", {m});
    add_norm("encoder.conv.LayerNorm", m);
    add_block("encoder.layer.0", m, {"query_proj", "key_proj", "value_proj"});
    write();
  }
};

/// What a process of its own measures; 0 when it throws.
std::uint64_t measured_apart(const std::function<std::uint64_t()>& measure) {
  int pipe[2];
  if (::pipe(pipe) != 0) return 0;
#ifdef __GLIBC__
  ::malloc_trim(0);  // what earlier tests left would be taken without being measured
#endif
  const pid_t child = ::fork();
  if (child == 0) {
    std::uint64_t taken = 0;
    try {
      taken = measure();
    } catch (...) {
    }
    static_cast<void>(!::write(pipe[1], &taken, sizeof taken));
    ::_exit(0);
  }
  std::uint64_t taken = 0;
  static_cast<void>(!::read(pipe[0], &taken, sizeof taken));
  ::close(pipe[0]);
  ::close(pipe[1]);
  ::waitpid(child, nullptr, 0);
  return taken;
}

/// Bytes of a line "NAME:  kilobytes kB" of a file of this process.
std::uint64_t bytes_in(const char* file, std::string_view name) {
  std::ifstream status(std::string("/proc/self/") + file);
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name))
      return std::strtoull(line.c_str() + name.size(), nullptr, 10) << 10U;
  }
  return 0;
}

/// Memory of a process of its own at most while it does something, above what it had before; 0 when
/// it throws.
std::uint64_t peak_of(const std::function<void()>& work) {
  return measured_apart([&] {
    // VmHWM starts anew after this; ru_maxrss would go on from the parent's.
    std::ofstream("/proc/self/clear_refs") << 5;
    const std::uint64_t before = bytes_in("status", "VmHWM:");
    work();
    return bytes_in("status", "VmHWM:") - before;
  });
}

bool has_memory(std::uint64_t bytes) {
  std::ifstream info("/proc/meminfo");
  std::uint64_t available = 0;
  for (std::string word; info >> word;) {
    if (word == "MemAvailable:" && info >> available) break;
  }
  return available * 1024 > bytes;
}

#ifdef ATTEND_SANITIZED
constexpr bool measures = false;
#else
constexpr bool measures = true;
#endif

void expect_near(std::uint64_t foretold, std::uint64_t measured, const char* what) {
  const double ratio = static_cast<double>(foretold) / static_cast<double>(measured);
  std::cout << what << ": foretold " << foretold / mib << " MiB, measured " << measured / mib
            << " MiB\n";
  EXPECT_GT(ratio, 0.9) << what;
  EXPECT_LT(ratio, 1.1) << what;
}

TEST(Memory, APassOfALargeModelIsForetoldWithinATenth) {
  if (!measures) GTEST_SKIP() << "a sanitizer takes memory of its own";
  const ModelSize size{.layers = 4, .width = 384, .vocabulary = 4096};
  if (!has_memory(400 * mib)) GTEST_SKIP() << "not enough memory";
  const LargeModel large(size);
  pack_model(large.folder(), {}, large.folder() / packed_file_name(ComputeType::f32));
  for (const auto& [mode, packed] : {std::pair{LoadMode::map, PackedWeights::never},
                                     {LoadMode::map, PackedWeights::if_present},
                                     {LoadMode::read, PackedWeights::never},
                                     {LoadMode::read, PackedWeights::if_present}}) {
    for (const BatchShape& shape : {BatchShape(1, 128), BatchShape(16, 128), BatchShape(2, 512)}) {
      const auto options = [mode = mode, packed = packed](ThreadPool& pool) {
        return ModelOptions{.load_mode = mode, .pool = &pool, .packed = packed};
      };
      const std::string what = std::string(mode == LoadMode::map ? "mapped" : "read") +
                               (packed == PackedWeights::never ? "" : ", from packed weights");
      const auto work = [&] {
        ThreadPool pool(2);
        const Model model = load_model(large.folder(), options(pool));
        Batch batch = batch_of(shape);
        Workspace workspace(pool);
        // So many rows of the tables that all of their pages are in use: two lie in each.
        constexpr TokenId stride = 2;
        for (TokenId next = 0; next < size.vocabulary;
             next += stride * static_cast<TokenId>(batch.ids.size())) {
          for (std::size_t i = 0; i < batch.ids.size(); ++i) {
            batch.ids[i] =
                (next + stride * static_cast<TokenId>(i)) % static_cast<TokenId>(size.vocabulary);
          }
          const Workspace::Scope scope(workspace);
          const auto hidden = model.hidden_states(batch, workspace);
          (void)model.pooler_output(hidden, batch, workspace);
        }
      };
      ThreadPool pool(2);
      const auto foretold = estimate_memory(large.folder(), shape, options(pool));
      expect_near(foretold.peak(), peak_of(work), what.c_str());
    }
  }
}

TEST(Memory, ALargeConvolutionIsForetoldWithinATenth) {
  if (!measures) GTEST_SKIP() << "a sanitizer takes memory of its own";
  if (!has_memory(400 * mib)) GTEST_SKIP() << "not enough memory";
  for (const Index groups : {1, 2}) {
    for (const DType dtype : {DType::f32, DType::f16}) {
      const LargeConvolution large(dtype, groups);
      for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
        const auto options = [mode](ThreadPool& pool) {
          return ModelOptions{.load_mode = mode, .pool = &pool};
        };
        const BatchShape shape(1, 32);
        const std::string what = std::string(name(dtype)) + ", " + std::to_string(groups) +
                                 " groups, " + (mode == LoadMode::map ? "mapped" : "read");
        ThreadPool pool(2);
        const auto foretold = estimate_memory(large.folder(), shape, options(pool));
        expect_near(foretold.peak(), peak_of([&] {
                      ThreadPool own(2);
                      const Model model = load_model(large.folder(), options(own));
                      Workspace workspace(own);
                      run(model, shape, workspace);
                    }),
                    what.c_str());
      }
    }
  }
}

TEST(Memory, APlanTakesNothingOfALargeConvolution) {
  if (!measures) GTEST_SKIP() << "a sanitizer takes memory of its own";
  const LargeConvolution large(DType::f16, 1);
  const std::uint64_t peak =
      peak_of([&] { (void)estimate_memory(large.folder(), BatchShape(1, 32)); });
  EXPECT_GT(peak, 0U) << "it was refused";
  EXPECT_LT(peak, 4 * mib);
}

TEST(Memory, LoadingTakesNoMoreThanATenthAboveTheWeights) {
  if (!measures) GTEST_SKIP() << "a sanitizer takes memory of its own";
  if (!has_memory(600 * mib)) GTEST_SKIP() << "not enough memory";
  const LargeModel large({.layers = 8, .width = 768, .vocabulary = 1000});
  const std::uint64_t peak = peak_of([&] {
    ThreadPool pool(2);
    (void)load_model(large.folder(), {.pool = &pool});
  });
  std::cout << "weights " << large.weight_bytes() / mib << " MiB, peak " << peak / mib << " MiB\n";
  EXPECT_GE(large.weight_bytes(), 200 * mib);
  EXPECT_LE(peak, large.weight_bytes() * 11 / 10);
  EXPECT_GE(peak, large.weight_bytes() * 9 / 10);  // it was loaded
}

TEST(Memory, PanelsLieInHugePages) {
  if (!measures) GTEST_SKIP() << "tensors of a sanitizer are no maps";
  if (!has_memory(600 * mib)) GTEST_SKIP() << "not enough memory";
  constexpr const char* huge = "AnonHugePages:";
  const std::uint64_t plain = measured_apart([] {
    Tensor tensor(DType::u8, Shape{static_cast<Index>(64 * mib)});
    std::memset(tensor.bytes(), 1, 64 * mib);
    return bytes_in("smaps_rollup", huge);
  });
  if (plain < 60 * mib) GTEST_SKIP() << "this system has no huge pages for us";
  const LargeModel large({.layers = 8, .width = 512, .vocabulary = 1000});
  for (const ComputeType compute : compute_types) {
    const std::uint64_t packed =
        estimate_memory(large.folder(), {1, 1}, {.compute = compute}).packed;
    const std::uint64_t taken = measured_apart([&] {
      const std::uint64_t before = bytes_in("smaps_rollup", huge);
      ThreadPool pool(2);
      const Model model = load_model(large.folder(), {.pool = &pool, .compute = compute});
      return bytes_in("smaps_rollup", huge) - before;
    });
    std::cout << name(compute) << ": packed " << packed / mib << " MiB, in huge pages "
              << taken / mib << " MiB\n";
    EXPECT_GT(taken + 3 * mib, packed) << name(compute);  // but the end of the block, and vectors
  }
}

TEST(Memory, ABudgetRefusesBeforeAnythingIsAllocated) {
  if (!measures) GTEST_SKIP() << "a sanitizer takes memory of its own";
  const LargeModel large({.layers = 2, .width = 768, .vocabulary = 1000});
  for (const LoadMode mode : {LoadMode::map, LoadMode::read}) {
    const std::uint64_t peak = peak_of([&] {
      try {
        (void)load_model(large.folder(), {.load_mode = mode, .max_memory_bytes = 50 * mib});
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::resource_limit) return;
      }
      throw std::runtime_error("it was not refused");
    });
    EXPECT_GT(peak, 0U) << "it was not refused";
    // The first throw of a process reads the unwinding tables of its program: some megabytes.
    EXPECT_LT(peak, 16 * mib);
  }
}

}  // namespace
}  // namespace attend
