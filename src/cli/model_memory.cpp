// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The estimates of a short text and of a batch, as a table and as JSON.
#include "cli/model_memory.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <string>
#include <utility>

#include "attend/core/parallel.h"
#include "cli/json_writer.h"

namespace attend::cli {
namespace {

std::string in_mib(std::uint64_t bytes) {
  constexpr double mib = 1 << 20;
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / mib << " MiB";
  return text.str();
}

}  // namespace

ModelMemory::ModelMemory(std::filesystem::path model, const ModelOptions& options)
    : folder(std::move(model)), threads(default_pool().threads()) {
  constexpr Index usual = 128;
  const Index tokens =
      std::min(usual, estimate_memory(folder, {1, 1}, options).max_tokens.value_or(usual));
  for (const Index sequences : {1, 32}) {
    samples.push_back({sequences, tokens, estimate_memory(folder, {sequences, tokens}, options)});
  }
}

void print(std::ostream& out, const ModelMemory& memory) {
  const MemoryEstimate& model = memory.samples.front().memory;
  out << "Model     " << memory.folder.string() << '\n'
      << "Weights   " << in_mib(model.packed) << " in memory, " << in_mib(model.stored)
      << " in mapped files; " << in_mib(model.loading) << " while they are loaded\n"
      << "Threads   " << memory.threads << '\n';
  for (const auto& [sequences, tokens, estimate] : memory.samples) {
    std::ostringstream batch;
    batch << sequences << " x " << tokens;
    out << std::left << std::setw(10) << batch.str() << in_mib(estimate.workspace)
        << " for the pass, " << in_mib(estimate.peak()) << " in all\n";
  }
}

void write(std::ostream& out, const ModelMemory& memory) {
  JsonWriter writer;
  const auto bytes = [&](std::string_view key, std::uint64_t value) {
    writer.key(key);
    writer.integer(static_cast<std::int64_t>(value));
  };
  const MemoryEstimate& model = memory.samples.front().memory;
  writer.begin_object();
  writer.key("model");
  writer.string(memory.folder.string());
  writer.key("threads");
  writer.integer(memory.threads);
  bytes("packed_bytes", model.packed);
  bytes("mapped_bytes", model.stored);
  bytes("loading_bytes", model.loading);
  writer.key("batches");
  writer.array(memory.samples, [&](const ModelMemory::Sample& sample) {
    writer.begin_object();
    writer.key("sequences");
    writer.integer(sample.sequences);
    writer.key("tokens");
    writer.integer(sample.tokens);
    bytes("workspace_bytes", sample.memory.workspace);
    bytes("peak_bytes", sample.memory.peak());
    writer.end_object();
  });
  writer.end_object();
  out << writer.take() << '\n';
}

}  // namespace attend::cli
