// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Mistakes that the types must refuse: each is compiled with its MISUSE defined and must fail;
// without any the file must compile.
#include "attend/core/eigen.h"
#include "attend/core/error.h"
#include "attend/core/matrix.h"
#include "attend/core/tensor.h"
#include "attend/core/workspace.h"
#include "attend/model/model.h"
#include "attend/tokenizer/tokenizer.h"

namespace {

[[maybe_unused]] attend::MatrixView<const float> right_ways(attend::MatrixView<float> view,
                                                            const attend::Tensor& tensor) {
  [[maybe_unused]] const attend::Tensor copy = tensor.clone();
  attend::eigen(view).setZero();
  return view;
}

#if defined(MISUSE_WRITE_THROUGH_CONST_VIEW)
void misuse(attend::MatrixView<const float> view) { view(0, 0) = 1.0F; }
#elif defined(MISUSE_CONST_VIEW_AS_MUTABLE)
attend::MatrixView<float> misuse(attend::MatrixView<const float> view) { return view; }
#elif defined(MISUSE_VIEW_OF_OTHER_TYPE)
attend::MatrixView<const double> misuse(attend::MatrixView<float> view) { return view; }
#elif defined(MISUSE_WRITE_THROUGH_CONST_MAP)
void misuse(attend::MatrixView<const float> view) { attend::eigen(view).setZero(); }
#elif defined(MISUSE_COPY_TENSOR)
attend::Tensor misuse(const attend::Tensor& tensor) { return tensor; }
#elif defined(MISUSE_WRITE_THROUGH_CONST_TENSOR)
void misuse(const attend::Tensor& tensor) { tensor.values<float>()[0] = 1.0F; }
#elif defined(MISUSE_COPY_MODEL)
attend::Model misuse(const attend::Model& model) { return model; }
#elif defined(MISUSE_COPY_SCOPE)
void misuse(attend::Workspace::Scope& scope) { attend::Workspace::Scope copy = scope; }
#elif defined(MISUSE_COLUMN_MAJOR_AS_VIEW)
auto misuse(const Eigen::MatrixXf& column_major) { return attend::view(column_major); }
#elif defined(MISUSE_LANGUAGES_OF_TEMPORARY)
auto misuse() { return attend::Tokenizer::load("folder").languages(); }
#endif

}  // namespace
