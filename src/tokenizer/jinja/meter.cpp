// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The limits, and what is said when one is reached.
#include "tokenizer/jinja/meter.h"

#include <string>

#include "core/limits.h"
#include "tokenizer/jinja/failure.h"

namespace attend::jinja {

const std::uint64_t Meter::max_steps_ = limits::template_steps;
const std::size_t Meter::max_bytes_ = limits::template_memory;
const std::size_t Meter::max_depth_ = limits::template_recursion;

void Meter::fail_steps() {
  raise_limit("rendering takes more than " + std::to_string(max_steps_) + " steps");
}

void Meter::fail_bytes() {
  raise_limit("values and text take more than " + std::to_string(max_bytes_) + " bytes");
}

void Meter::fail_depth() {
  raise_limit("calls and values in each other are more than " + std::to_string(max_depth_) +
              " levels deep");
}

}  // namespace attend::jinja
