// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Replays a recorded selftest and finds where a model leaves what it was.
#include "attend/model/selftest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "attend/core/error.h"
#include "attend/model/forward.h"
#include "checkpoint/tensor_name.h"
#include "model/selftest_file.h"

namespace attend {
namespace {

/// The shortest digits that read back to the same number.
template <class Number>
std::string digits(Number value) {
  std::array<char, 64> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string printed(const std::vector<Index>& place) {
  std::string out;
  for (const Index index : place) out += (out.empty() ? "[" : ", ") + std::to_string(index);
  return out + "]";
}

/// The indices of the element `at` of a tensor.
std::vector<Index> place_of(std::size_t at, const Shape& shape) {
  std::vector<Index> out(shape.rank());
  auto rest = static_cast<Index>(at);
  for (std::size_t i = shape.rank(); i-- > 0;) {
    out[i] = rest % shape[i];
    rest /= shape[i];
  }
  return out;
}

double difference_of(float expected, float found) {
  if (!std::isfinite(found)) return std::numeric_limits<double>::infinity();
  const auto right = static_cast<double>(expected);
  return std::abs(static_cast<double>(found) - right) / std::max(1.0, std::abs(right));
}

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

/// Which rows of one forward's outputs are compared.
class KeptRows {
 public:
  explicit KeptRows(const SelftestGroup& group)
      : columns_(static_cast<std::size_t>(group.shape().tokens)),
        mask_(mask_of(group, OutputRows::token)),
        decoder_mask_(mask_of(group, OutputRows::decoder_token)) {}

  [[nodiscard]] std::size_t rows(OutputRows kind) const {
    const std::size_t size = mask(kind).size();
    return kind == OutputRows::sequence ? size / columns_ : size;
  }
  /// PyTorch makes what is of a sequence from column 0, be it padding or not.
  [[nodiscard]] bool is_kept(OutputRows kind, std::size_t row) const {
    return mask(kind)[kind == OutputRows::sequence ? row * columns_ : row] != 0;
  }

 private:
  static std::vector<std::int64_t> mask_of(const SelftestGroup& group, OutputRows kind) {
    const auto& inputs = group.input.tensors;
    const bool is_decoders =
        kind == OutputRows::decoder_token && inputs.contains("decoder_input_ids");
    const ForwardShape shape = group.shape();
    std::vector<std::int64_t> out(static_cast<std::size_t>(shape.sequences * shape.columns(kind)),
                                  1);
    const auto given = inputs.find(is_decoders ? "decoder_attention_mask" : "attention_mask");
    if (given != inputs.end()) to_int64(DType::i64, given->second.bytes, out);
    return out;
  }
  [[nodiscard]] const std::vector<std::int64_t>& mask(OutputRows kind) const {
    return kind == OutputRows::decoder_token ? decoder_mask_ : mask_;
  }

  std::size_t columns_;
  std::vector<std::int64_t> mask_;
  std::vector<std::int64_t> decoder_mask_;
};

/// What is compared with what.
struct Comparison {
  std::string tensor;
  OutputRows rows;
  const TensorRef& expected;
  std::span<const float> found;
};

/// Compares the outputs of one forward, one after the other.
class Comparer {
 public:
  Comparer(const SelftestReport& how, const SelftestGroup& group) : how_(how), kept_(group) {
    result_.name = group.name;
  }

  void compare(const Comparison& output) {
    std::vector<float> expected(output.found.size());
    to_float(DType::f32, output.expected.bytes, expected);
    const std::size_t rows = kept_.rows(output.rows);
    const std::size_t width = expected.size() / rows;
    std::optional<SelftestDifference> worst;
    bool matches = true;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (!kept_.is_kept(output.rows, i / width) || same_bits(expected[i], output.found[i])) {
        continue;
      }
      const double difference = difference_of(expected[i], output.found[i]);
      matches = matches && how_.match == SelftestMatch::tolerance && difference <= how_.tolerance;
      if (worst && difference <= worst->difference) continue;
      worst = {.tensor = output.tensor,
               .place = place_of(i, output.expected.shape),
               .expected = expected[i],
               .found = output.found[i],
               .difference = difference};
    }
    ++result_.outputs;
    if (!matches && !result_.failure) result_.failure = worst;
    if (worst && (!result_.largest || worst->difference > result_.largest->difference)) {
      result_.largest = std::move(worst);
    }
  }

  [[nodiscard]] SelftestForward take() { return std::move(result_); }

 private:
  const SelftestReport& how_;
  KeptRows kept_;
  SelftestForward result_;
};

/// The model's own Error about an input, as one of the file that has this input.
Error error_of_file(const Error& error, const SelftestGroup& group) {
  ErrorDetail detail = error.detail();
  detail.where = "selftest";
  detail.what = "forward " + quote(group.name) + ", " + detail.what;
  detail.file = group.input.file;
  // Nobody who loads a model configured this input.
  const bool is_input = error.kind() == ErrorKind::config_error;
  return {is_input ? ErrorKind::invalid_format : error.kind(), std::move(detail)};
}

NamedTensors run(const Model& model, const SelftestGroup& group, Workspace& workspace) {
  const auto is_wanted = [&](std::string_view name) {
    return std::any_of(group.outputs.begin(), group.outputs.end(),
                       [&](const auto& output) { return output.first == name; });
  };
  try {
    return forward(model, group.input, workspace, is_wanted);
  } catch (const Error& error) {
    throw error_of_file(error, group);
  }
}

}  // namespace

SelftestReport replay_selftest(const Model& model, const std::filesystem::path& file,
                               const SelftestOptions& options) {
  const SelftestFile recorded = read_selftest(model, file, options.load_mode);
  SelftestReport report{.file = file,
                        .match = options.match,
                        .tolerance = recorded.tolerance,
                        .recorded_by = recorded.recorded_by};
  Workspace workspace(options.pool != nullptr ? *options.pool : default_pool());
  for (const SelftestGroup& group : recorded.groups) {
    const NamedTensors found = run(model, group, workspace);
    Comparer comparer(report, group);
    for (const auto& [name, expected] : group.outputs) {
      comparer.compare({.tensor = group.name + "." + name,
                        .rows = output_form(model, name)->rows,
                        .expected = expected,
                        .found = found.at(name).values<float>()});
    }
    report.forwards.push_back(comparer.take());
  }
  return report;
}

void SelftestReport::check(std::string_view where) const {
  const auto failed = std::find_if(forwards.begin(), forwards.end(),
                                   [](const auto& forward) { return forward.failure.has_value(); });
  if (failed == forwards.end()) return;
  const SelftestDifference& value = *failed->failure;
  const bool exact = match == SelftestMatch::bits;
  const std::string by = recorded_by.empty() ? "" : " (" + recorded_by + ")";
  fail(
      ErrorKind::weight_value,
      {.where = std::string(where),
       .what = tensor_called(value.tensor) + " at " + printed(value.place),
       .expected = digits(value.expected) +
                   (exact ? " to the bit" : " within " + digits(tolerance) + ", relative above 1"),
       .found = digits(value.found),
       .file = file.string(),
       .hint =
           exact
               ? "other kernels and builds than those that recorded it" + by +
                     " may round otherwise"
               : "are weights and config.json those that it was recorded with" + by +
                     "? If so, `attend verify --record --force` records it anew, with more room by "
                     "--tolerance"});
}

}  // namespace attend
