// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The bar's line: carriage return, bar, counts.
#include "cli/progress.h"

#include <algorithm>
#include <string>

namespace attend::cli {

void Progress::update(Index done, std::optional<double> part) {
  const auto now = Clock::now();
  if (shown_ == Shown::no || now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  constexpr std::size_t width = 30;
  std::string line = "\r\x1b[K";  // back to the left edge, erase
  if (part) {
    const double share = std::clamp(*part, 0.0, 1.0);
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
    line += "[" + std::string(filled, '=') + std::string(width - filled, ' ') + "] " +
            std::to_string(static_cast<int>(share * 100)) + " %  ";
  }
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  line += std::to_string(done) + " done, " +
          std::to_string(static_cast<Index>(static_cast<double>(done) / seconds)) + " a second";
  out_ << line << std::flush;
  drawn_ = true;
}

void Progress::clear() {
  if (!drawn_) return;
  out_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace attend::cli
