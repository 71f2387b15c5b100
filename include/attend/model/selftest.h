// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A model's own selftest: token ids and what the model made of them when the file was recorded,
// replayed on another machine, after a download, or by another version of this library.
//
// selftest.safetensors lies beside the weights. Its tensors are named "<forward>.<tensor>", as
// those of tests/golden, whose tensors.safetensors are selftests: the inputs of ForwardInput as
// I64 [n, s], and at least one output (output_form()) as F32 for each forward. Rows of padding are
// not compared, nor a sequence's row in a forward whose first column is padding there. Metadata,
// all of it optional:
//   tolerance            largest difference, relative above 1; at most 0.01
//   float64_difference   noise of what recorded it; without `tolerance`, the tolerance is four
//                        times this, or 1e-5 where that is more
//   head, model_class    the head that was recorded, as name(HeadKind) or as a class of
//                        transformers; a model that is loaded with another head is compared up to
//                        the pooler. Without either, the head that was loaded
//   attend_version, kernels   what recorded it, for messages
//
// Weights that the inputs do not reach, such as embeddings of other tokens, are not covered.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/checkpoint/mapped_file.h"
#include "attend/core/export.h"
#include "attend/core/parallel.h"
#include "attend/core/shape.h"
#include "attend/model/model.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

inline constexpr std::string_view selftest_file_name = "selftest.safetensors";

/// As in tests/golden.
inline constexpr double default_selftest_tolerance = 1e-5;
/// What is recorded for a model of more than five layers: between AVX-512, AVX2 and portable
/// kernels 5e-6 were measured with six layers, 7e-6 with twelve, 1.4e-5 with 24.
inline constexpr double selftest_tolerance_per_layer = 2e-6;
inline constexpr double max_selftest_tolerance = 0.01;  ///< beyond it little would be tested

/// When a value counts as reproduced.
enum class SelftestMatch : std::uint8_t {
  tolerance,
  bits,  ///< the very float: for the machine and the build that recorded it
};

struct SelftestOptions {
  SelftestMatch match = SelftestMatch::tolerance;
  LoadMode load_mode = LoadMode::map;
  ThreadPool* pool = nullptr;  ///< default_pool() when null; no result depends on it
};

/// A value that differs.
struct SelftestDifference {
  std::string tensor;        ///< "single.logits"
  std::vector<Index> place;  ///< its indices there
  float expected = 0;
  float found = 0;
  double difference = 0;  ///< |found - expected| / max(1, |expected|); infinite when found is NaN
};

struct SelftestForward {
  std::string name;
  Index outputs = 0;  ///< compared
  /// The largest difference of all; nothing when every value is the same to the bit.
  std::optional<SelftestDifference> largest = {};
  /// In the first output, as the model computes them, that has a value which does not match: the
  /// largest difference.
  std::optional<SelftestDifference> failure = {};
};

/// What a replay found.
struct SelftestReport {
  std::filesystem::path file;
  SelftestMatch match = SelftestMatch::tolerance;
  double tolerance = default_selftest_tolerance;
  std::string recorded_by;  ///< printable: "attend 0.1.0, avx2"; empty where the file does not say
  std::vector<SelftestForward> forwards = {};  ///< by name

  /// Throws: weight_value, for the first forward that failed: tensor, place, expected, found.
  ATTEND_EXPORT void check(std::string_view where) const;
};

/// Runs every forward of `file` and compares. Throws: file_not_found, access_denied;
/// invalid_format (the file is none of this form, nothing in it can be compared), resource_limit
/// (more than 64 forwards or 4096 tokens); what the model says of ids or positions that it has not.
[[nodiscard]] ATTEND_EXPORT SelftestReport replay_selftest(const Model& model,
                                                           const std::filesystem::path& file,
                                                           const SelftestOptions& options = {});

/// One forward to record: sequences that run together, padded to the longest.
struct SelftestInput {
  std::string name;  ///< no '.' in it
  std::vector<Encoding> encodings;
};

struct SelftestRecording {
  /// The larger of default_selftest_tolerance and selftest_tolerance_per_layer for each layer when
  /// absent.
  std::optional<double> tolerance = {};
  ThreadPool* pool = nullptr;  ///< default_pool() when null
};

/// Writes a selftest with every output that `model` has, in place of what stood there: the file is
/// there as a whole or not at all. Throws: config_error (no input, a name twice, no tokens, a
/// tolerance out of bounds), weight_value (the model makes a NaN or an infinity); resource_limit,
/// as replay_selftest(); as the model and write_safetensors().
ATTEND_EXPORT void record_selftest(const Model& model, std::span<const SelftestInput> inputs,
                                   const std::filesystem::path& file,
                                   const SelftestRecording& options = {});

}  // namespace attend
