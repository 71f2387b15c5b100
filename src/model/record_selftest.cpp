// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs a model on encodings and writes what it made of them, for replay_selftest().
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

#include "attend/core/cpu.h"
#include "attend/core/error.h"
#include "attend/core/version.h"
#include "attend/model/architecture.h"
#include "attend/model/forward.h"
#include "attend/model/selftest.h"
#include "model/check_finite.h"
#include "model/selftest_file.h"

namespace attend {
namespace {

constexpr std::string_view where_record_selftest = "record_selftest";

[[noreturn]] void fail_call(std::string what, std::string expected, std::string found) {
  fail(ErrorKind::config_error, {.where = std::string(where_record_selftest),
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .found = std::move(found)});
}

std::size_t longest_of(const SelftestInput& input) {
  std::size_t longest = 0;
  for (const Encoding& encoding : input.encodings) {
    longest = std::max(longest, encoding.ids.size());
  }
  return longest;
}

void check(std::span<const SelftestInput> inputs, const std::string& file) {
  if (inputs.empty()) fail_call("inputs", "at least one", "none");
  std::set<std::string_view> names;
  Index tokens = 0;
  for (const SelftestInput& input : inputs) {
    const std::string called = "input " + quote(input.name);
    const bool is_name = !input.name.empty() && input.name.find('.') == std::string::npos;
    if (!is_name || !names.insert(input.name).second) {
      fail_call(called, "a name of its own, without '.'", is_name ? "one that was there" : "none");
    }
    const bool is_empty = std::any_of(input.encodings.begin(), input.encodings.end(),
                                      [](const Encoding& one) { return one.ids.empty(); });
    if (input.encodings.empty() || is_empty) {
      fail_call(called, "encodings with at least one token", is_empty ? "an empty one" : "none");
    }
    tokens += checked_product(static_cast<Index>(input.encodings.size()),
                              static_cast<Index>(longest_of(input)))
                  .value_or(std::numeric_limits<std::int32_t>::max());
    check_selftest_size(inputs.size(), tokens, where_record_selftest, file);
  }
}

/// Encodings side by side. Shapes: [n, s].
NamedTensors padded(const SelftestInput& input, const ModelConfig& config) {
  const auto longest = longest_of(input);
  const Shape shape{static_cast<Index>(input.encodings.size()), static_cast<Index>(longest)};
  Tensor ids(DType::i64, shape);
  Tensor mask(DType::i64, shape);
  Tensor types(DType::i64, shape);
  std::fill_n(ids.values<std::int64_t>().begin(), shape.count(), config.pad_token_id.value_or(0));
  for (std::size_t row = 0; row < input.encodings.size(); ++row) {
    const Encoding& one = input.encodings[row];
    const auto begin = static_cast<std::ptrdiff_t>(row * longest);
    std::copy(one.ids.begin(), one.ids.end(), ids.values<std::int64_t>().begin() + begin);
    std::fill_n(mask.values<std::int64_t>().begin() + begin, one.ids.size(), 1);
    const auto count = std::min(one.type_ids.size(), longest);
    std::copy_n(one.type_ids.begin(), count, types.values<std::int64_t>().begin() + begin);
  }
  NamedTensors out;
  out.emplace("input_ids", std::move(ids));
  out.emplace("attention_mask", std::move(mask));
  if (config.type_vocab_size > 0) out.emplace("token_type_ids", std::move(types));
  return out;
}

std::map<std::string, TensorRef, std::less<>> refs(const NamedTensors& tensors) {
  std::map<std::string, TensorRef, std::less<>> out;
  for (const auto& [name, tensor] : tensors) out.emplace(name, tensor.ref());
  return out;
}

void check_outputs(const NamedTensors& outputs, const std::string& forward) {
  for (const auto& [name, tensor] : outputs) {
    if (is_finite(tensor.ref())) continue;
    fail(ErrorKind::weight_value, {.where = std::string(where_record_selftest),
                                   .what = "output " + quote(forward + "." + name),
                                   .expected = "finite values",
                                   .found = "a NaN or an infinity",
                                   .hint = "load the model with ModelOptions::check_finite"});
  }
}

std::map<std::string, std::string, std::less<>> metadata(const Model& model, double tolerance) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), tolerance).ptr;
  std::map<std::string, std::string, std::less<>> out{
      {selftest_keys::tolerance, std::string(text.data(), end)},
      {selftest_keys::head, std::string(name(model.head()))},
      {selftest_keys::version, std::string(version())},
      {selftest_keys::kernels, cpu_report().kernels},
  };
  const auto& classes = model.config().architectures;
  if (!classes.empty()) out.emplace(selftest_keys::model_class, classes.front());
  return out;
}

}  // namespace

void record_selftest(const Model& model, std::span<const SelftestInput> inputs,
                     const std::filesystem::path& file, const SelftestRecording& options) {
  check(inputs, file.string());
  const double tolerance = options.tolerance.value_or(std::max(
      default_selftest_tolerance,
      std::min(max_selftest_tolerance,
               selftest_tolerance_per_layer * static_cast<double>(model.config().layers))));
  if (!(tolerance > 0) || tolerance > max_selftest_tolerance) {
    fail_call("tolerance", "above 0, at most " + std::to_string(max_selftest_tolerance),
              std::to_string(tolerance));
  }
  Workspace workspace(options.pool != nullptr ? *options.pool : default_pool());
  NamedTensors all;
  for (const SelftestInput& input : inputs) {
    NamedTensors tensors = padded(input, model.config());
    NamedTensors outputs = forward(model, {refs(tensors), file.string()}, workspace);
    check_outputs(outputs, input.name);
    tensors.merge(std::move(outputs));
    for (auto& [name, tensor] : tensors) all.emplace(input.name + "." + name, std::move(tensor));
  }
  write_safetensors(file, refs(all), metadata(model, tolerance));
}

}  // namespace attend
