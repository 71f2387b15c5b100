// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "attend/model/block_options.h"
#include "attend/model/layers.h"
namespace attend {
class ScoreBias {
 public:
  ScoreBias(const Loader&, const EncoderOptions&) {}
};
}  // namespace attend
