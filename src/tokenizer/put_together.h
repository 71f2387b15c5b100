// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Windows of texts and what stands around them become whole ones.
#pragma once

#include <functional>
#include <vector>

#include "attend/tokenizer/layout.h"
#include "tokenizer/windows.h"

namespace attend {

/// What is to be done to the tokens of a text in a window, once they are there.
using FinishText = std::function<void(const LayoutText& text, Range tokens, Encoding& window)>;

/// All windows: every choice of one window for each text of the layout, which may have a text more
/// than once.
/// Throws: resource_limit.
[[nodiscard]] std::vector<Encoding> put_together(const Layout& layout, const Windows& windows,
                                                 const FinishText& finish);

}  // namespace attend
