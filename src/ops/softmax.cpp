// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Softmax of rows.
#include "attend/ops/softmax.h"

#include "kernels/registry.h"

namespace attend::ops {

void softmax(std::span<float> x) {
  softmax(MatrixView<float>(x.data(), 1, static_cast<Index>(x.size())));
}

void softmax(MatrixView<float> x) {
  kernels::active_table().softmax({x.data, x.stride, x.rows, x.cols});
}

}  // namespace attend::ops
