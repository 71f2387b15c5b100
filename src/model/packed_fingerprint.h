// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What binds packed weights to those that they were made of.
#pragma once

#include <span>
#include <string>

#include "attend/core/stored_weight.h"

namespace attend {

/// Of types, shapes and bytes: all of them in a tensor of at most 1 MiB, else 64 of every 256 KiB
/// and the last 64.
[[nodiscard]] std::string fingerprint_of(std::span<const StoredWeight> parts);

}  // namespace attend
