// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The opt-in bridge, from an installed library.
#include <attend/core/eigen.h>
#include <attend/core/tensor.h>

#include <iostream>

int main() {
  attend::Tensor tensor(attend::DType::f32, attend::Shape{2, 3});
  const attend::MatrixView<float> view(tensor.values<float>().data(), 2, 3);
  attend::eigen(view).setConstant(2.0F);
  std::cout << attend::eigen(view).sum() << '\n';
}
