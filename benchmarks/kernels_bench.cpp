// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernels through their operations, one thread, BERT-base shapes; weights rotate through
// 192 MB, as in a model whose layers follow one another. Rates are by CPU time, which a busy
// neighbour does not count in, and as shares of the peak of the same run.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "attend/core/cpu.h"
#include "attend/ops/activation.h"
#include "attend/ops/attention.h"
#include "attend/ops/linear.h"
#include "attend/ops/normalize.h"
#include "attend/ops/rotary.h"
#include "attend/ops/softmax.h"
#include "limits.h"

namespace attend {
namespace {

double read_bandwidth() {
  static const double bandwidth = bench::read_bandwidth();
  return bandwidth;
}

double peak(ComputeType compute) {
  static const std::array peaks{bench::peak(DType::f32), bench::peak(DType::bf16),
                                bench::peak(DType::i8)};
  switch (operands(compute)) {
    case DType::bf16: return peaks[1];
    case DType::i8: return peaks[2];
    default: return peaks[0];
  }
}

std::vector<float> values(Index count) {
  std::vector<float> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<int>(i * 2654435761U >> 20U & 255U) - 128) / 256.0F;
  }
  return out;
}

void report_flops(benchmark::State& state, double flops, ComputeType compute = ComputeType::f32) {
  const double rate = flops * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(rate / 1e9, benchmark::Counter::kIsRate);
  if (const double most = peak(compute); most > 0) {
    state.counters["%peak"] = benchmark::Counter(100 * rate / most, benchmark::Counter::kIsRate);
  }
}

constexpr std::uint64_t cold_bytes = std::uint64_t{192} << 20U;

struct LinearCase {
  ComputeType compute;
  Activation activation;
  LinearForm form = LinearForm::plain;
};

// In one block, as a model has them: nearly all of it lies in huge pages.
struct ColdWeights {
  Tensor memory;
  std::vector<PackedLinear> each;
};

ColdWeights cold_weights(Index in, Index out, const LinearCase& of) {
  const Index rows = of.form == LinearForm::gated ? 2 * out : out;
  const std::vector<float> weight = values(in * rows);
  const StoredWeight stored{
      {DType::f32, Shape{rows, in}, reinterpret_cast<const std::byte*>(weight.data())}, {}};
  const StoredWeight absent{{DType::f32, Shape{rows, in}, nullptr}, {}};
  PackOptions options{.compute = of.compute, .form = of.form};
  const PackedLinear plan({&absent, 1}, {}, default_pool(), options);
  const Index bytes = static_cast<Index>(plan.values().panels.size_bytes()) / 64 * 64 + 64;
  const Index count = std::max<Index>(2, static_cast<Index>(cold_bytes) / bytes);
  ColdWeights weights{Tensor(DType::u8, Shape{count * bytes}), {}};
  for (Index i = 0; i < count; ++i) {
    options.memory = {weights.memory.bytes() + i * bytes, static_cast<std::size_t>(bytes)};
    weights.each.emplace_back(std::span(&stored, 1), values(rows), default_pool(), options);
  }
  return weights;
}

void linear(benchmark::State& state, const LinearCase& of) {
  const Index rows = state.range(0);
  const Index in = state.range(1);
  const Index out = state.range(2);
  ThreadPool pool(1);
  Workspace workspace(pool);
  const ColdWeights cold = cold_weights(in, out, of);
  const std::vector<PackedLinear>& weights = cold.each;
  const std::vector<float> x = values(rows * in);
  std::vector<float> y(static_cast<std::size_t>(rows * out));
  std::size_t i = 0;
  for (auto _ : state) {
    ops::linear({{x.data(), rows, in}, weights[i]}, {y.data(), rows, out}, workspace,
                {.activation = of.activation, .residual = {}});
    benchmark::ClobberMemory();
    i = (i + 1) % weights.size();
  }
  const Index products = of.form == LinearForm::gated ? 2 : 1;
  report_flops(state, 2.0 * static_cast<double>(products * rows * in * out), of.compute);
  const double bytes = static_cast<double>(weights.front().size_bytes());
  const double read = static_cast<double>(state.iterations()) * bytes;
  state.counters["weights/s"] = benchmark::Counter(read, benchmark::Counter::kIsRate);
  state.counters["%read"] =
      benchmark::Counter(100 * read / read_bandwidth(), benchmark::Counter::kIsRate);
}

void linear_shapes(benchmark::internal::Benchmark* b) {
  for (const auto& [in, out] : {std::pair{768, 2304}, {768, 768}, {768, 3072}, {3072, 768}}) {
    for (const int rows : {1, 4, 16, 32, 128, 512}) b->Args({rows, in, out});
  }
  b->ArgNames({"rows", "in", "out"});
}
BENCHMARK_CAPTURE(linear, f32, {ComputeType::f32, Activation::none})->Apply(linear_shapes);
BENCHMARK_CAPTURE(linear, bf16, {ComputeType::bf16, Activation::none})->Apply(linear_shapes);
BENCHMARK_CAPTURE(linear, int8, {ComputeType::int8, Activation::none})->Apply(linear_shapes);
BENCHMARK_CAPTURE(linear, int4, {ComputeType::int4, Activation::none})->Apply(linear_shapes);
BENCHMARK_CAPTURE(linear, f32_gelu, {ComputeType::f32, Activation::gelu})
    ->Args({128, 768, 3072})
    ->ArgNames({"rows", "in", "out"});
// The gated products of ModernBERT-base.
BENCHMARK_CAPTURE(linear, f32_gated, {ComputeType::f32, Activation::gelu, LinearForm::gated})
    ->Args({128, 768, 1152})
    ->ArgNames({"rows", "in", "out"});
BENCHMARK_CAPTURE(linear, int8_gelu, {ComputeType::int8, Activation::gelu})
    ->Args({128, 768, 3072})
    ->ArgNames({"rows", "in", "out"});

// Pairs of a query and a key that see each other in a text of `length`.
Index seen_pairs(Index length, const AttentionMask& mask) {
  Index pairs = 0;
  for (Index i = 0; i < length; ++i) {
    const Index first = mask.behind < 0 ? 0 : std::max<Index>(0, i - mask.behind);
    const Index last = mask.ahead < 0 ? length - 1 : std::min(length - 1, i + mask.ahead);
    pairs += last - first + 1;
  }
  return pairs;
}

// Twelve heads; flops are those of pairs that see each other, without bias or positions.
void run_attention(benchmark::State& state, const AttentionShape& shape) {
  const Index length = state.range(0);
  const Index m = shape.heads * shape.head_size;
  ThreadPool pool(1);
  Workspace workspace(pool);
  const std::vector<float> qkv = values(length * 3 * m);
  const MatrixView<const float> fused(qkv.data(), length, 3 * m);
  std::vector<float> out(static_cast<std::size_t>(length * m));
  const Index starts[] = {0, length};
  for (auto _ : state) {
    ops::attention(
        {fused.col_range(0, m), fused.col_range(m, m), fused.col_range(2 * m, m), starts}, shape,
        {out.data(), length, m}, workspace);
    benchmark::ClobberMemory();
  }
  report_flops(state, 4.0 * static_cast<double>(seen_pairs(length, shape.mask) * m), shape.compute);
}

void attention(benchmark::State& state, ComputeType compute) {
  run_attention(
      state,
      {.heads = 12, .head_size = state.range(1), .scale = 0.125F, .mask = {}, .compute = compute});
}
void attention_shapes(benchmark::internal::Benchmark* b) {
  b->ArgsProduct({{16, 128, 512, 2048}, {64}})->Args({128, 32})->ArgNames({"s", "d"});
}
BENCHMARK_CAPTURE(attention, f32, ComputeType::f32)->Apply(attention_shapes);
BENCHMARK_CAPTURE(attention, bf16, ComputeType::bf16)->Apply(attention_shapes);

void attention_window(benchmark::State& state) {
  run_attention(
      state,
      {.heads = 12, .head_size = 64, .scale = 0.125F, .mask = {state.range(1), state.range(1)}});
}
BENCHMARK(attention_window)
    ->ArgsProduct({{512, 2048, 8192}, {64}})
    ->Args({8192, -1})
    ->ArgNames({"s", "window"});

// One query a head against keys and values in pages, which rotate through more memory than a cache
// has: what a step of generation reads besides weights.
void attention_decode(benchmark::State& state, const AttentionShape& shape) {
  const Index tokens = state.range(0);
  const KvLayout layout = KvLayout::of(shape);
  const Index m = layout.heads * shape.head_size;
  const Index pages_each = (tokens + KvLayout::page_tokens - 1) / KvLayout::page_tokens;
  const Index bytes = pages_each * layout.page_bytes();
  const Index sequences = std::max<Index>(2, static_cast<Index>(cold_bytes) / bytes);
  Tensor memory(DType::u8, Shape{sequences * bytes});
  std::memset(memory.bytes(), 0, static_cast<std::size_t>(sequences * bytes));
  std::vector<std::byte*> pages;
  for (Index i = 0; i < sequences * pages_each; ++i) {
    pages.push_back(memory.bytes() + i * layout.page_bytes());
  }
  const std::vector<float> x = values(tokens * m);
  std::vector<KvPages> all;
  for (Index i = 0; i < sequences; ++i) {
    const std::span own(pages.data() + i * pages_each, static_cast<std::size_t>(pages_each));
    ops::append_to_pages({x.data(), tokens, m}, {x.data(), tokens, m}, layout, {own, 0});
    all.push_back({own, tokens});
  }
  ThreadPool pool(1);
  Workspace workspace(pool);
  const std::vector<float> q = values(shape.heads * shape.head_size);
  std::vector<float> out(q.size());
  const Index starts[] = {0, 1};
  std::size_t i = 0;
  for (auto _ : state) {
    ops::attention({{q.data(), 1, static_cast<Index>(q.size())}, starts, {&all[i], 1}, layout},
                   shape, {out.data(), 1, static_cast<Index>(q.size())}, workspace);
    benchmark::ClobberMemory();
    i = (i + 1) % all.size();
  }
  const double read = static_cast<double>(state.iterations() * bytes);
  state.counters["keys+values/s"] = benchmark::Counter(read, benchmark::Counter::kIsRate);
  state.counters["%read"] =
      benchmark::Counter(100 * read / read_bandwidth(), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(attention_decode, f32,
                  {.heads = 12, .head_size = 64, .scale = 0.125F, .mask = {.ahead = 0}})
    ->Arg(128)
    ->Arg(1024)
    ->ArgName("tokens");
BENCHMARK_CAPTURE(attention_decode, bf16,
                  {.heads = 12,
                   .head_size = 64,
                   .scale = 0.125F,
                   .mask = {.ahead = 0},
                   .compute = ComputeType::bf16})
    ->Arg(128)
    ->Arg(1024)
    ->ArgName("tokens");
BENCHMARK_CAPTURE(attention_decode, bf16_groups,
                  {.heads = 32,
                   .key_heads = 4,
                   .head_size = 64,
                   .scale = 0.125F,
                   .mask = {.ahead = 0},
                   .compute = ComputeType::bf16})
    ->Arg(1024)
    ->ArgName("tokens");

// As MPNet has it: buckets end at a distance of 128.
void attention_bias(benchmark::State& state) {
  const std::vector<float> bias = values(Index{12} * 257);
  run_attention(
      state,
      {.heads = 12, .head_size = 64, .scale = 0.125F, .distance_bias = {{bias.data(), 12, 257}}});
}
BENCHMARK(attention_bias)->Arg(16)->Arg(128)->Arg(512)->ArgName("s");

// As DeBERTa-v3 has it: 512 slots, one a distance up to 128, then by the logarithm up to 512.
void attention_disentangled(benchmark::State& state) {
  const std::vector<float> table = values(Index{512} * 768);
  std::vector<std::int32_t> slots;
  for (int distance = -512; distance <= 512; ++distance) {
    const int size = std::abs(distance);
    const int bucket = size <= 128 ? size
                                   : 128 + static_cast<int>(std::ceil(std::log(size / 128.0) /
                                                                      std::log(511 / 128.0) * 127));
    slots.push_back(std::clamp(256 + (distance < 0 ? bucket : -bucket), 0, 511));
  }
  const MatrixView<const float> positions(table.data(), 512, 768);
  const DisentangledTables tables(positions, positions, slots, 12);
  run_attention(state, {.heads = 12, .head_size = 64, .scale = 0.07F, .disentangled = &tables});
}
BENCHMARK(attention_disentangled)->Arg(16)->Arg(128)->Arg(512)->Arg(2048)->ArgName("s");

void report_values(benchmark::State& state, Index count) {
  state.counters["values/s"] = benchmark::Counter(static_cast<double>(state.iterations() * count),
                                                  benchmark::Counter::kIsRate);
}

// Calls norm(x, gain, y, workspace) for 128 rows.
template <class Norm>
void run_norm(benchmark::State& state, const Norm& norm) {
  const Index rows = 128;
  const Index m = state.range(0);
  ThreadPool pool(1);
  Workspace workspace(pool);
  const std::vector<float> x = values(rows * m);
  const std::vector<float> gain = values(m);
  std::vector<float> y(x.size());
  for (auto _ : state) {
    norm(MatrixView<const float>(x.data(), rows, m), std::span(gain),
         MatrixView<float>(y.data(), rows, m), workspace);
    benchmark::ClobberMemory();
  }
  report_values(state, rows * m);
}

void layer_norm(benchmark::State& state) {
  run_norm(state, [](auto x, auto gain, auto y, Workspace& workspace) {
    ops::layer_norm(x, {gain, gain, 1e-12F}, y, workspace);
  });
}
BENCHMARK(layer_norm)->Arg(384)->Arg(768);

void rms_norm(benchmark::State& state) {
  run_norm(state, [](auto x, auto gain, auto y, Workspace& workspace) {
    ops::rms_norm(x, {gain, 1e-6F}, y, workspace);
  });
}
BENCHMARK(rms_norm)->Arg(768)->Arg(2048);

void softmax(benchmark::State& state) {
  std::vector<float> x = values(state.range(0));
  for (auto _ : state) {
    ops::softmax(std::span(x));
    benchmark::ClobberMemory();
  }
  report_values(state, state.range(0));
}
BENCHMARK(softmax)->Arg(128)->Arg(30522);

void activate(benchmark::State& state, Activation activation) {
  const std::vector<float> x = values(16384);
  std::vector<float> y(x);
  for (auto _ : state) {
    std::copy(x.begin(), x.end(), y.begin());
    ops::activate(activation, y);
    benchmark::ClobberMemory();
  }
  report_values(state, 16384);
}
BENCHMARK_CAPTURE(activate, gelu, Activation::gelu);
BENCHMARK_CAPTURE(activate, gelu_tanh, Activation::gelu_tanh);
BENCHMARK_CAPTURE(activate, tanh, Activation::tanh);
BENCHMARK_CAPTURE(activate, silu, Activation::silu);

void rotate(benchmark::State& state) {
  const Index rows = 128;
  ThreadPool pool(1);
  Workspace workspace(pool);
  std::vector<float> x = values(rows * 768);
  const std::vector<std::int32_t> positions(128, 1);
  std::vector<float> angles(static_cast<std::size_t>(rows * 64));
  ops::rotary_angles({positions}, {.size = 64}, {angles.data(), rows, 64}, workspace);
  for (auto _ : state) {
    ops::rotate({x.data(), rows, 768}, {{angles.data(), rows, 64}}, workspace);
    benchmark::ClobberMemory();
  }
  report_values(state, rows * 768);
}
BENCHMARK(rotate);

void pack(benchmark::State& state) {
  ThreadPool pool(1);
  const std::vector<float> weight = values(3072 * 768);
  const StoredWeight stored{
      {DType::f32, Shape{3072, 768}, reinterpret_cast<const std::byte*>(weight.data())}, {}};
  for (auto _ : state) {
    const PackedLinear packed({&stored, 1}, {}, pool);
    benchmark::DoNotOptimize(packed.panels());
  }
  state.SetBytesProcessed(state.iterations() * 3072 * 768 * 4);
}
BENCHMARK(pack);

}  // namespace
}  // namespace attend

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("kernels", attend::cpu_report().kernels);
  for (const attend::ComputeType compute :
       {attend::ComputeType::f32, attend::ComputeType::bf16, attend::ComputeType::int8}) {
    benchmark::AddCustomContext(std::string(name(compute)) + "_peak_GFLOP/s",
                                std::to_string(attend::peak(compute) / 1e9));
  }
  benchmark::AddCustomContext("read_GB/s", std::to_string(attend::read_bandwidth() / 1e9));
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
