// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reading golden folders.
#include "support/golden.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>

#include "attend/model/architecture.h"
#include "support/paths.h"

namespace attend::test {
namespace fs = std::filesystem;
namespace {

MatrixView<const std::int32_t> view(const std::vector<std::int32_t>& values, Index rows,
                                    Index cols) {
  if (values.empty()) return {};
  return {values.data(), rows, cols};
}

bool is_input(std::string_view name) {
  return name == "input_ids" || name == "attention_mask" || name == "token_type_ids" ||
         name == "position_ids" || name == "decoder_input_ids" || name == "decoder_attention_mask";
}

}  // namespace

std::vector<std::string> golden_folders() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(tests_folder() / "golden")) {
    if (entry.is_directory()) out.push_back(entry.path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

fs::path golden(std::string_view folder) { return tests_folder() / "golden" / folder; }

HeadKind headless(std::string_view folder) {
  const Model model = load_model(golden(folder));
  const Architecture& architecture = *find_architecture(model.config().model_type);
  const bool is_whole = model.has_decoder() || architecture.decoder_options == nullptr;
  return is_whole ? HeadKind::none : HeadKind::encoder;
}

PaddedInput GoldenInput::padded() const {
  return {.ids = view(ids, rows, cols),
          .attention_mask = view(attention_mask, rows, cols),
          .type_ids = view(type_ids, rows, cols),
          .positions = view(positions, rows, cols)};
}

PaddedInput GoldenInput::decoder() const {
  return {.ids = view(decoder_ids, rows, decoder_cols),
          .attention_mask = view(decoder_mask, rows, decoder_cols),
          .type_ids = {},
          .positions = {}};
}

GoldenTensors::GoldenTensors(std::string_view folder, std::string_view file)
    : file_(Safetensors::open(golden(folder) / file)) {}

std::string GoldenTensors::metadata(std::string_view key) const {
  const auto found = file_.metadata().find(key);
  if (found == file_.metadata().end()) throw std::runtime_error("no metadata " + std::string(key));
  return found->second;
}

std::vector<std::string> GoldenTensors::forwards() const {
  std::istringstream in(metadata("forwards"));
  std::vector<std::string> out;
  for (std::string name; std::getline(in, name, ',');) out.push_back(name);
  return out;
}

void GoldenTensors::write_forwards(const fs::path& file) const {
  const auto all = forwards();
  std::map<std::string, TensorRef, std::less<>> tensors;
  for (const auto& [name, tensor] : file_.tensors()) {
    const std::string forward = name.substr(0, name.find('.'));
    if (std::find(all.begin(), all.end(), forward) != all.end()) tensors.emplace(name, tensor);
  }
  write_safetensors(file, tensors, file_.metadata());
}

std::vector<std::int32_t> GoldenTensors::integers(const std::string& name) const {
  const auto tensor = file_.find(name);
  if (!tensor) return {};
  std::vector<std::int64_t> wide(static_cast<std::size_t>(tensor->shape.count()));
  to_int64(tensor->dtype, tensor->bytes, wide);
  std::vector<std::int32_t> out;
  for (const std::int64_t value : wide) out.push_back(static_cast<std::int32_t>(value));
  return out;
}

GoldenInput GoldenTensors::input(const std::string& forward) const {
  const auto ids = file_.find(forward + ".input_ids");
  if (!ids) throw std::runtime_error("no input_ids of " + forward);
  const auto decoder_ids = file_.find(forward + ".decoder_input_ids");
  return {.rows = ids->shape[0],
          .cols = ids->shape[1],
          .ids = integers(forward + ".input_ids"),
          .attention_mask = integers(forward + ".attention_mask"),
          .type_ids = integers(forward + ".token_type_ids"),
          .positions = integers(forward + ".position_ids"),
          .decoder_cols = decoder_ids ? decoder_ids->shape[1] : 0,
          .decoder_ids = integers(forward + ".decoder_input_ids"),
          .decoder_mask = integers(forward + ".decoder_attention_mask")};
}

std::vector<std::string> GoldenTensors::outputs(const std::string& forward) const {
  std::vector<std::string> out;
  for (const auto& [name, tensor] : file_.tensors()) {
    if (!name.starts_with(forward + ".")) continue;
    const std::string output = name.substr(forward.size() + 1);
    if (!is_input(output)) out.push_back(output);
  }
  return out;
}

std::vector<float> GoldenTensors::output(const std::string& forward,
                                         const std::string& name) const {
  const auto tensor = file_.find(forward + "." + name);
  if (!tensor) throw std::runtime_error("no output " + name + " of " + forward);
  std::vector<float> out(static_cast<std::size_t>(tensor->shape.count()));
  to_float(tensor->dtype, tensor->bytes, out);
  return out;
}

}  // namespace attend::test
