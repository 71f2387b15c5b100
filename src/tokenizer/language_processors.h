// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What is put around the texts of each language: made when a call first names it, because there
// may be hundreds, and kept, because a call must not allocate.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "attend/tokenizer/processor.h"
#include "attend/tokenizer/template.h"

namespace attend {

/// The template with token `to` wherever it has `from`.
[[nodiscard]] Template replaced_token(const Template& around, TokenId from, TokenId to);

/// Threads: may be called from any number of them.
class LanguageProcessors {
 public:
  /// `around` with the language where it has `none`. The result stays where it is.
  [[nodiscard]] const Processor& of(const Template& around, TokenId language);

 private:
  std::mutex mutex_;
  std::map<std::pair<const Template*, TokenId>, const Processor> made_;
};

}  // namespace attend
