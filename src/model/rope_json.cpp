// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Each type of rope_scaling, with the defaults of the reference.
#include "model/rope_json.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "attend/core/error.h"

namespace attend {
namespace {

constexpr Index max_trained = 16'777'216;

double read_positive(const JsonField& field) {
  const double value = field.number();
  if (!(value > 0) || std::isinf(static_cast<float>(value))) field.reject("a positive number");
  return value;
}

double number_or(const JsonField& object, std::string_view key, double otherwise) {
  const auto field = object.find(key);
  return field ? read_positive(*field) : otherwise;
}

Index trained_or(const JsonField& object, Index otherwise) {
  const auto field = object.find("original_max_position_embeddings");
  return field ? field->integer(1, max_trained) : otherwise;
}

void read_yarn(const JsonField& object, ModelConfig& config) {
  const double factor = read_positive(object.at("factor"));
  const auto amplitude = [factor](double scale) {
    return factor <= 1 ? 1.0 : 0.1 * scale * std::log(factor) + 1.0;
  };
  YarnScaling out{.factor = static_cast<float>(factor),
                  .fast = static_cast<float>(number_or(object, "beta_fast", 32)),
                  .slow = static_cast<float>(number_or(object, "beta_slow", 1)),
                  .trained = trained_or(object, config.max_positions)};
  if (const auto truncate = object.find("truncate"); truncate && !truncate->boolean()) {
    out.bounds = YarnScaling::Bounds::exact;
  }
  config.rope_scaling = out;
  const auto numerator = object.find("mscale");
  const auto denominator = object.find("mscale_all_dim");
  double size = amplitude(1);
  // Zero is as if there were none.
  if (numerator && denominator && numerator->number() != 0 && denominator->number() != 0) {
    size = amplitude(numerator->number()) / amplitude(denominator->number());
  }
  config.rope_amplitude = static_cast<float>(number_or(object, "attention_factor", size));
}

std::vector<float> read_divisors(const JsonField& field) {
  std::vector<float> out;
  for (const JsonField& each : field.elements()) {
    out.push_back(static_cast<float>(read_positive(each)));
  }
  return out;
}

void read_long(const JsonField& object, ModelConfig& config) {
  LongScaling out{.within = read_divisors(object.at("short_factor")),
                  .beyond = read_divisors(object.at("long_factor")),
                  .trained = config.max_positions};
  double factor = 1;
  if (config.trained_positions > 0) {
    out.trained = config.trained_positions;
    factor = static_cast<double>(config.max_positions) / static_cast<double>(out.trained);
  } else {
    factor = number_or(object, "factor", 1);
  }
  const auto trained = static_cast<double>(out.trained);
  const double size =
      factor <= 1 || out.trained == 1 ? 1 : std::sqrt(1 + std::log(factor) / std::log(trained));
  config.rope_amplitude = static_cast<float>(number_or(object, "attention_factor", size));
  config.rope_scaling = out;
}

void read_llama3(const JsonField& object, ModelConfig& config) {
  const auto number = [&](std::string_view key) {
    return static_cast<float>(read_positive(object.at(key)));
  };
  config.rope_scaling = Llama3Scaling{
      .factor = number("factor"),
      .low = number("low_freq_factor"),
      .high = number("high_freq_factor"),
      .trained = object.at("original_max_position_embeddings").integer(1, max_trained)};
}

}  // namespace

void read_rope_scaling(const JsonField& field, std::span<const std::string_view> known,
                       ModelConfig& config) {
  // "type" is the older name, and counts where both are there.
  const auto older = field.find("type");
  const JsonField type = older ? *older : field.at("rope_type");
  std::string name = type.string();
  const auto knows = [known](std::string_view what) {
    return std::find(known.begin(), known.end(), what) != known.end();
  };
  if (!knows(name) && name != "default") {
    std::string all;
    for (const std::string_view each : known) all += (all.empty() ? "" : ", ") + quote(each);
    type.reject(ErrorKind::unsupported, "one of " + all);
  }
  // What Phi-3 called by these names before.
  if (knows("su") && (name == "su" || name == "yarn")) name = "longrope";
  if (name == "linear") {
    config.rope_slowdown = static_cast<float>(read_positive(field.at("factor")));
  }
  if (name == "dynamic") {
    config.rope_scaling =
        NtkScaling{.factor = static_cast<float>(read_positive(field.at("factor"))),
                   .trained = config.max_positions};
  }
  if (name == "yarn") read_yarn(field, config);
  if (name == "longrope") read_long(field, config);
  if (name == "llama3") read_llama3(field, config);
}

void check_rope_keys(const JsonField& root, std::span<const FurtherKey> keys) {
  const auto parameters = root.find("rope_parameters");
  if (!parameters) return;
  for (const auto& [key, into] : keys) {
    const auto* number = std::get_if<NumberKey>(&into);
    if (number == nullptr || number->field != &ModelConfig::rope_theta || root.get(key)) continue;
    parameters->reject(ErrorKind::unsupported,
                       std::string(key) + " and rope_scaling, as transformers 4 writes them");
  }
}

}  // namespace attend
