// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizers through the public API, one thread: ids alone into memory that is used again, whole
// encodings, ids with a tokenizer that has seen no text yet, and loading. Rates are by CPU time,
// which a busy neighbour does not count in, in millions of bytes of text a second.
// usage: tokenizer_bench [--corpus=FILE] [FOLDER or tokenizer.json]... [--benchmark_...]
// Without them: the bundled tokenizers on the bundled reviews. tokenizer_bench.sh gives it more.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/parallel.h"
#include "attend/tokenizer/tokenizer.h"
#include "limits.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t corpus_bytes = 2'000'000;
constexpr std::array<Index, 3> text_bytes = {200, 2'000, 20'000};

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string& corpus() {
  static std::string text;
  return text;
}

/// Texts of about so many bytes, cut where there is white space.
std::vector<std::string_view> texts_of(std::size_t bytes) {
  const std::string_view all = corpus();
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find_first_of(" \n", begin + bytes), all.size());
    out.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

void report(benchmark::State& state) {
  state.counters["MB/s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(corpus().size()) / 1e6,
      benchmark::Counter::kIsRate);
}

void encode_ids(const Tokenizer& tokenizer, const std::vector<std::string_view>& texts,
                PackedIds& out) {
  for (const std::string_view& text : texts) {
    tokenizer.encode_into(std::span(&text, 1), out);
    benchmark::DoNotOptimize(out.ids.data());
  }
}

void ids(benchmark::State& state, const Tokenizer& tokenizer) {
  const auto texts = texts_of(static_cast<std::size_t>(state.range(0)));
  PackedIds out;
  encode_ids(tokenizer, texts, out);  // what is seen later is known
  for (auto _ : state) encode_ids(tokenizer, texts, out);
  report(state);
}

void encodings(benchmark::State& state, const Tokenizer& tokenizer) {
  const auto texts = texts_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    for (const std::string_view text : texts) {
      benchmark::DoNotOptimize(tokenizer.encode(text).offsets.data());
    }
  }
  report(state);
}

void cold(benchmark::State& state, const fs::path& path) {
  const auto texts = texts_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    std::optional<Tokenizer> tokenizer = Tokenizer::load(path);
    PackedIds out;
    state.ResumeTiming();
    encode_ids(*tokenizer, texts, out);
    state.PauseTiming();
    tokenizer.reset();
    state.ResumeTiming();
  }
  report(state);
}

/// All texts in one call, over the threads of the default pool; by real time.
void batch(benchmark::State& state, const Tokenizer& tokenizer) {
  const auto texts = texts_of(static_cast<std::size_t>(state.range(0)));
  PackedIds out;
  for (auto _ : state) tokenizer.encode_into(texts, out);
  report(state);
}

void load(benchmark::State& state, const fs::path& path) {
  for (auto _ : state) benchmark::DoNotOptimize(Tokenizer::load(path).vocabulary_size());
}

void register_tokenizer(const fs::path& path) {
  static std::vector<Tokenizer> loaded;
  loaded.reserve(64);  // benchmarks keep references
  if (loaded.size() == loaded.capacity()) return;
  const Tokenizer& tokenizer = loaded.emplace_back(Tokenizer::load(path));
  const fs::path folder = fs::is_directory(path) ? path : path.parent_path();
  const std::string name = (folder.has_filename() ? folder : folder.parent_path()).filename();
  const auto add = [&](const char* what, auto&& body) {
    return benchmark::RegisterBenchmark((std::string(what) + "/" + name).c_str(), body)
        ->Unit(benchmark::kMillisecond);
  };
  for (const Index bytes : text_bytes) {
    add("ids", [&](benchmark::State& state) { ids(state, tokenizer); })->Arg(bytes);
    add("encodings", [&](benchmark::State& state) { encodings(state, tokenizer); })->Arg(bytes);
    add("cold", [=](benchmark::State& state) { cold(state, path); })->Arg(bytes)->Iterations(5);
  }
  add("batch", [&](benchmark::State& state) { batch(state, tokenizer); })->Arg(2000)->UseRealTime();
  add("load", [=](benchmark::State& state) { load(state, path); });
}

void fill_corpus(const std::optional<std::string>& path, const fs::path& examples) {
  std::optional<std::string> text = read_file(path ? fs::path(*path) : examples / "reviews.txt");
  if (!text || text->empty()) {
    std::cerr << "no text in " << path.value_or("examples/reviews.txt") << '\n';
    std::exit(2);
  }
  const std::size_t once = text->size();
  while (corpus().size() < corpus_bytes) corpus() += *text;
  corpus().resize(std::min(corpus_bytes, corpus().find_last_of(" \n", corpus_bytes)));
  if (once < corpus_bytes) {
    benchmark::AddCustomContext("corpus", "repeated: it has only " + std::to_string(once) +
                                              " bytes, so nearly all of its words are known");
  }
}

}  // namespace
}  // namespace attend

int main(int argc, char** argv) {
  using namespace attend;
  benchmark::Initialize(&argc, argv);
  const fs::path examples = fs::path(ATTEND_SOURCE_DIR) / "examples";
  std::optional<std::string> text;
  std::vector<fs::path> tokenizers;
  for (const std::string_view argument : std::span(argv + 1, static_cast<std::size_t>(argc - 1))) {
    constexpr std::string_view option = "--corpus=";
    if (argument.starts_with(option)) {
      text = argument.substr(option.size());
    } else {
      tokenizers.emplace_back(argument);
    }
  }
  fill_corpus(text, examples);
  if (tokenizers.empty()) {
    tokenizers = {examples / "models/sentiment", examples / "models/embeddings"};
    benchmark::AddCustomContext("left_out",
                                "byte-level BPE, Unigram and SentencePiece BPE, of "
                                "which no tokenizer is bundled; name their folders");
  }
  benchmark::AddCustomContext("memcpy_GB/s", std::to_string(bench::copy_bandwidth() / 1e9));
  for (const fs::path& path : tokenizers) register_tokenizer(path);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
