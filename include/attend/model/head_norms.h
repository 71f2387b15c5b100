// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Norms of queries or keys, as QueryKeyNorm has them.
#pragma once

#include <string>
#include <vector>

#include "attend/model/block_options.h"
#include "attend/model/layers.h"

namespace attend {

class HeadNorms {
 public:
  /// `heads` of size `head_size` are the columns of what is normed.
  HeadNorms(const Loader& from, const std::string& name, Index heads, Index head_size,
            const QueryKeyNorm& options)
      : width_(options.span == QueryKeyNorm::Span::row ? heads * head_size : head_size) {
    switch (options.span) {
      case QueryKeyNorm::Span::head:
      case QueryKeyNorm::Span::row: norms_.emplace_back(from, name, width_, options.norm); break;
      case QueryKeyNorm::Span::own_head:
        for (Index head = 0; head < heads; ++head) {
          norms_.emplace_back(from, name + "." + std::to_string(head), width_, options.norm);
        }
        break;
    }
  }

  /// Shapes: x [t, h*d].
  void operator()(MatrixView<float> x, Workspace& workspace) const {
    for (Index begin = 0; begin < x.cols; begin += width_) {
      const auto which = static_cast<std::size_t>(begin / width_);
      norms_[norms_.size() == 1 ? 0 : which](x.col_range(begin, width_), workspace);
    }
  }

 private:
  Index width_;
  std::vector<Norm> norms_;
};

}  // namespace attend
