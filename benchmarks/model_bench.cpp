// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Forward passes and loading of a model of BERT-base's shape with random weights, written to a
// temporary folder. Rates are by the CPU time of all threads, which a busy neighbour does not count
// in, and as shares of one core's multiply-add peak of the same run; the time itself is real.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/checkpoint/safetensors.h"
#include "attend/core/cpu.h"
#include "attend/model/model.h"
#include "limits.h"

namespace attend {
namespace {

constexpr Index width = 768;
constexpr Index inner = 3072;
constexpr Index layers = 12;
constexpr Index vocabulary = 1024;  // the table's size does not matter to a forward pass

double peak() {
  static const double value = bench::peak(DType::f32);
  return value;
}

/// The folder, made at first use and removed at the end.
class RandomModel {
 public:
  RandomModel() {
    std::string pattern = (std::filesystem::temp_directory_path() / "attend-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
    std::ofstream(folder_ / "config.json")
        << R"({"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 768,
               "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
               "vocab_size": 1024, "max_position_embeddings": 512, "type_vocab_size": 2,
               "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0})";
    add_norm("embeddings.LayerNorm");
    add("embeddings.word_embeddings.weight", {vocabulary, width});
    add("embeddings.position_embeddings.weight", {512, width});
    add("embeddings.token_type_embeddings.weight", {2, width});
    for (Index i = 0; i < layers; ++i) add_layer("encoder.layer." + std::to_string(i));
    std::map<std::string, TensorRef, std::less<>> refs;
    for (const auto& [name, tensor] : tensors_) refs.emplace(name, tensor.ref());
    write_safetensors(folder_ / "model.safetensors", refs);
    tensors_.clear();
  }
  ~RandomModel() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  RandomModel(const RandomModel&) = delete;
  RandomModel& operator=(const RandomModel&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  void add(const std::string& name, const Shape& shape, float offset = 0) {
    Tensor tensor(DType::f32, shape);
    std::uniform_real_distribution<float> values(offset - 0.03F, offset + 0.03F);
    for (float& value : tensor.values<float>()) value = values(random_);
    tensors_.emplace(name, std::move(tensor));
  }
  void add_norm(const std::string& name) {
    add(name + ".weight", {width}, 1);
    add(name + ".bias", {width});
  }
  void add_linear(const std::string& name, Index in, Index out) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void add_layer(const std::string& name) {
    for (const char* part : {"query", "key", "value"}) {
      add_linear(name + ".attention.self." + part, width, width);
    }
    add_linear(name + ".attention.output.dense", width, width);
    add_norm(name + ".attention.output.LayerNorm");
    add_linear(name + ".intermediate.dense", width, inner);
    add_linear(name + ".output.dense", inner, width);
    add_norm(name + ".output.LayerNorm");
  }

  std::filesystem::path folder_;
  std::minstd_rand random_;
  std::map<std::string, Tensor> tensors_;
};

const std::filesystem::path& model_folder() {
  static const RandomModel model;
  return model.folder();
}

Batch random_batch(const std::vector<Index>& lengths) {
  std::minstd_rand random;
  Batch batch;
  for (const Index length : lengths) {
    for (Index i = 0; i < length; ++i) {
      batch.ids.push_back(static_cast<TokenId>(random() % vocabulary));
      batch.positions.push_back(static_cast<std::int32_t>(i));
    }
    batch.starts.push_back(batch.starts.back() + length);
  }
  batch.type_ids.assign(batch.ids.size(), 0);
  return batch;
}

double flops_of(const std::vector<Index>& lengths) {
  double flops = 0;
  for (const auto length : lengths) {
    const auto n = static_cast<double>(length);
    flops += layers * (2 * n * (4.0 * width * width + 2.0 * width * inner) + 4 * n * n * width);
  }
  return flops;
}

void forward(benchmark::State& state, const std::vector<Index>& lengths) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  static const Model model = load_model(model_folder());
  Workspace workspace(pool);
  const Batch batch = random_batch(lengths);
  for (auto _ : state) {
    const Workspace::Scope scope(workspace);
    benchmark::DoNotOptimize(model.hidden_states(batch, workspace).data);
  }
  const double rate = flops_of(lengths) * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(rate / 1e9, benchmark::Counter::kIsRate);
  if (peak() > 0) {
    state.counters["%peak"] = benchmark::Counter(100 * rate / peak(), benchmark::Counter::kIsRate);
  }
}

/// The shape of that name of `attend bench`: 32 sequences of 1 to 64 tokens, 1040 together.
std::vector<Index> ragged32() {
  std::vector<Index> lengths;
  for (Index row = 0; row < 32; ++row) lengths.push_back(1 + 29 * row % 64);
  return lengths;
}

void register_all() {
  const auto add = [](const char* name, const std::vector<Index>& lengths) {
    auto* one = benchmark::RegisterBenchmark(
        (std::string("forward/bert-base/") + name).c_str(),
        [lengths](benchmark::State& state) { forward(state, lengths); });
    one->ArgName("threads")->Arg(1)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
    if (available_cpus() > 1) one->Arg(available_cpus());
  };
  add("1x16", {16});
  add("1x128", {128});
  add("8x128", std::vector<Index>(8, 128));
  add("1x512", {512});
  add("ragged32", ragged32());
}

void load(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const Model model = load_model(model_folder(), {.head = {}, .load_mode = {}, .pool = &pool});
    benchmark::DoNotOptimize(&model);
  }
}
BENCHMARK(load)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(available_cpus())
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace attend

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("kernels", attend::cpu_report().kernels);
  benchmark::AddCustomContext("fma_peak_GFLOP/s", std::to_string(attend::peak() / 1e9));
  benchmark::AddCustomContext("read_GB/s", std::to_string(attend::bench::read_bandwidth() / 1e9));
  (void)attend::model_folder();  // not part of any time
  attend::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
