// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Lets an older Oniguruma find what the one in tokenizers 0.22.2 finds, which knows Unicode 16.
#pragma once

#include <string>
#include <string_view>

#include "attend/text/regex.h"

namespace attend {

/// A text as a regular expression is to read it: code points that came after Unicode 14 are
/// replaced by older ones of the same classes and as many bytes. That cannot make up for all that
/// is newer: names of scripts, \X, ignored case and back references see the older ones.
class KnownText {
 public:
  KnownText(const Regex& regex, std::string_view text);
  KnownText(const KnownText&) = delete;
  KnownText& operator=(const KnownText&) = delete;

  [[nodiscard]] std::string_view text() const noexcept { return copy_.empty() ? text_ : copy_; }

 private:
  std::string_view text_;
  std::string copy_;  // empty as long as nothing is replaced
};

/// The pattern with [:punct:] as Oniguruma 6.9.9 began to read it: symbols are in it.
[[nodiscard]] std::string with_newer_brackets(std::string_view pattern);

}  // namespace attend
