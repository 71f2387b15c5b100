// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Sorts the tensors of a selftest into forwards. Sizes are checked before anything is computed: the
// outputs that are asked for, and with them all memory, are no larger than the file.
#include "model/selftest_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "attend/core/error.h"
#include "attend/model/architecture.h"
#include "attend/model/selftest.h"
#include "checkpoint/tensor_name.h"
#include "core/limits.h"
#include "model/check_finite.h"

namespace attend {
namespace {

constexpr std::string_view where_selftest_file = "selftest";
constexpr double noises = 4;  // what tests/golden allows a port, relative to the reference's noise

/// Refuses a file, for one of its parts.
[[noreturn]] void reject(const Safetensors& file, std::string what, std::string expected,
                         std::string found) {
  fail(ErrorKind::invalid_format, {.where = std::string(where_selftest_file),
                                   .what = std::move(what),
                                   .expected = std::move(expected),
                                   .found = std::move(found),
                                   .file = file.name(),
                                   .hint = "record it anew with `attend verify --record --force`"});
}

std::string described(const TensorRef& tensor) {
  return std::string(name(tensor.dtype)) + " " + tensor.shape.to_string();
}

const std::string* find_metadata(const Safetensors& file, std::string_view key) {
  const auto found = file.metadata().find(key);
  return found == file.metadata().end() ? nullptr : &found->second;
}

/// A positive number of the metadata, at most `most`, or nothing.
std::optional<double> number_of(const Safetensors& file, std::string_view key, double most) {
  const std::string* const text = find_metadata(file, key);
  if (text == nullptr) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || !(value > 0) || value > most) {
    std::array<char, 32> limit{};
    const auto last = std::to_chars(limit.data(), limit.data() + limit.size(), most).ptr;
    reject(file, "metadata " + quote(key),
           "a number above 0, at most " + std::string(limit.data(), last), quote(*text));
  }
  return value;
}

double tolerance_of(const Safetensors& file) {
  const auto noise = number_of(file, selftest_keys::noise, max_selftest_tolerance / noises);
  const auto tolerance = number_of(file, selftest_keys::tolerance, max_selftest_tolerance);
  if (tolerance) return *tolerance;
  return std::max(default_selftest_tolerance, noises * noise.value_or(0));
}

/// The head that was recorded, or the one that is loaded where the file does not say.
HeadKind head_of(const Safetensors& file, HeadKind loaded) {
  struct Source {
    const char* key;
    std::optional<HeadKind> (*read)(std::string_view);
  };
  for (const Source& source : {Source{selftest_keys::head, find_head_kind},
                               Source{selftest_keys::model_class, head_of_class}}) {
    const std::string* const word = find_metadata(file, source.key);
    if (word == nullptr) continue;
    if (const auto kind = source.read(*word)) return *kind;
    reject(file, "metadata " + quote(source.key), "a head that is known here", quote(*word));
  }
  return loaded;
}

std::string recorder_of(const Safetensors& file) {
  std::string out;
  if (const std::string* const version = find_metadata(file, selftest_keys::version)) {
    out = "attend " + printable(version->substr(0, 40));
  }
  if (const std::string* const kernels = find_metadata(file, selftest_keys::kernels)) {
    out += (out.empty() ? "" : ", ") + printable(kernels->substr(0, 40));
  }
  return out;
}

/// Sorts tensors by forward. Nothing of the model is known yet.
std::vector<SelftestGroup> grouped(const Safetensors& file) {
  std::map<std::string_view, SelftestGroup> groups;
  for (const auto& [name, tensor] : file.tensors()) {
    const std::size_t dot = name.find('.');
    if (dot == 0 || dot == std::string::npos) {
      reject(file, tensor_called(name), "a name such as \"single.input_ids\"", "no forward");
    }
    SelftestGroup& group = groups[std::string_view(name).substr(0, dot)];
    const std::string own = name.substr(dot + 1);
    if (is_forward_input(own)) {
      group.input.tensors.emplace(own, tensor);
    } else {
      group.outputs.emplace_back(own, tensor);
    }
  }
  std::vector<SelftestGroup> out;
  for (auto& [name, group] : groups) {
    group.name = name;
    group.input.file = file.name();
    out.push_back(std::move(group));
  }
  if (out.empty()) reject(file, "the file", "a forward to replay", "no tensors");
  return out;
}

std::string full_name(const SelftestGroup& group, std::string_view own) {
  return group.name + "." + std::string(own);
}

/// Inputs of one shape, [n, s], those of a decoder [n, u]; what they hold is checked where it is
/// read.
void check_inputs(const Safetensors& file, const SelftestGroup& group) {
  const auto shape_of = [&](const char* own) {
    const auto ids = group.input.tensors.find(own);
    if (ids != group.input.tensors.end()) return ids->second.shape;
    reject(file, tensor_called(full_name(group, own)), "I64 [sequences, tokens]", "none");
  };
  const Shape texts = shape_of("input_ids");
  for (const auto& [own, tensor] : group.input.tensors) {
    const bool is_decoders = own.starts_with("decoder_");
    const Shape shape = is_decoders ? shape_of("decoder_input_ids") : texts;
    const bool fits = tensor.shape.rank() == 2 && tensor.shape == shape && shape.count() > 0 &&
                      texts.rank() == 2 && shape[0] == texts[0];
    if (fits && tensor.dtype == DType::i64) continue;
    reject(file, tensor_called(full_name(group, own)),
           "I64 [sequences, tokens], at least one of each, as the other inputs have it",
           described(tensor));
  }
}

bool is_of_a_head(std::string_view output) {
  return output == "pooler_output" || output == "logits" || output == "start_logits" ||
         output == "end_logits";
}

/// Orders outputs as a forward pass computes them.
bool is_earlier(const std::pair<std::string, TensorRef>& a,
                const std::pair<std::string, TensorRef>& b) {
  const auto key = [](const std::string& name) {
    const int stage = is_of_a_head(name) ? 2 : name == "last_hidden_state" ? 1 : 0;
    return std::tuple(stage, name != "pooler_output", name.size(), name);  // layer 2 before 10
  };
  return key(a.first) < key(b.first);
}

/// Leaves the outputs that the model can reproduce, in the order in which it computes them.
/// `recorded` is the head of the file.
void check_outputs(const Safetensors& file, const Model& model, HeadKind recorded,
                   SelftestGroup& group) {
  if (group.outputs.empty()) {
    reject(file, "forward " + quote(group.name), "an output to compare", "inputs only");
  }
  const bool same_head = recorded == model.head();
  std::vector<std::pair<std::string, TensorRef>> kept;
  for (const auto& [own, tensor] : group.outputs) {
    const auto form = output_form(model, own);
    // The logits of two heads may have one name.
    if (!same_head && is_of_a_head(own) && (own != "pooler_output" || !form)) continue;
    if (!form) {
      reject(file, tensor_called(full_name(group, own)), "an output that the model has",
             "one of another name or layer");
    }
    const Shape shape = form->shape(group.shape());
    if (tensor.dtype != DType::f32 || !(tensor.shape == shape)) {
      reject(file, tensor_called(full_name(group, own)), "F32 " + shape.to_string(),
             described(tensor));
    }
    if (!is_finite(tensor)) {
      reject(file, tensor_called(full_name(group, own)), "finite values", "a NaN or an infinity");
    }
    kept.emplace_back(own, tensor);
  }
  std::sort(kept.begin(), kept.end(), is_earlier);
  group.outputs = std::move(kept);
}

}  // namespace

void check_selftest_size(std::size_t forwards, Index tokens, std::string_view place,
                         const std::string& file) {
  const bool too_many = forwards > limits::selftest_forwards;
  if (!too_many && tokens <= limits::selftest_tokens) return;
  const auto most =
      too_many ? limits::selftest_forwards : static_cast<std::size_t>(limits::selftest_tokens);
  fail(ErrorKind::resource_limit,
       {.where = std::string(place),
        .what = too_many ? "forwards of a selftest" : "tokens of a selftest, padding included",
        .expected = "at most " + std::to_string(most),
        .found = too_many ? std::to_string(forwards) : std::to_string(tokens),
        .file = file});
}

SelftestFile read_selftest(const Model& model, const std::filesystem::path& path, LoadMode mode) {
  std::error_code ignored;
  if (std::filesystem::symlink_status(path, ignored).type() ==
      std::filesystem::file_type::not_found) {
    fail(ErrorKind::file_not_found, {.where = std::string(where_selftest_file),
                                     .what = "the model's selftest",
                                     .expected = "a file",
                                     .found = "none",
                                     .file = path.string(),
                                     .hint = "`attend verify --record` writes one"});
  }
  Safetensors file = Safetensors::open(path, {.mode = mode,
                                              .max_header_bytes = limits::selftest_header_bytes,
                                              .max_tensors = limits::selftest_tensors});
  SelftestFile out{.tensors = std::move(file), .tolerance = 0, .recorded_by = {}, .groups = {}};
  out.tolerance = tolerance_of(out.tensors);
  out.recorded_by = recorder_of(out.tensors);
  out.groups = grouped(out.tensors);
  check_selftest_size(out.groups.size(), 0, where_selftest_file, out.tensors.name());
  const HeadKind recorded = head_of(out.tensors, model.head());
  Index tokens = 0;
  std::size_t outputs = 0;
  for (SelftestGroup& group : out.groups) {
    check_inputs(out.tensors, group);
    for (const auto& [own, tensor] : group.input.tensors) {
      // Bounded, so that the sum cannot overflow.
      if (own.ends_with("input_ids")) {
        tokens += std::min(tensor.shape.count(), limits::selftest_tokens + 1);
      }
    }
    check_selftest_size(0, tokens, where_selftest_file, out.tensors.name());
    check_outputs(out.tensors, model, recorded, group);
    outputs += group.outputs.size();
  }
  if (outputs == 0) {
    reject(out.tensors, "the file", "outputs of the head that is loaded, or hidden states",
           "only those of a head for " + quote(name(recorded)));
  }
  return out;
}

}  // namespace attend
