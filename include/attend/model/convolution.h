// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "attend/model/attention.h"
namespace attend {
class Convolution {
 public:
  Convolution(const Loader&, const char*, Index, const ConvolutionOptions&) {}
  void operator()(MatrixView<const float>, const AttentionContext&, MatrixView<float>,
                  Workspace&) const {}
};
}  // namespace attend
