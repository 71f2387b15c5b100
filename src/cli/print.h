// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Results for a person: aligned columns, and colour where a terminal shows it.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace attend::cli {

/// A score as people read it: "0.9876".
[[nodiscard]] std::string format_score(float score);

/// Text with blanks for control characters but line feeds and tabs: what a model wrote must not be
/// able to steer a terminal.
[[nodiscard]] std::string printable_text(std::string_view text);

/// One line: what, how sure, and about what.
struct ScoredRow {
  std::string label;
  float score = 0;
  std::string detail = {};
};

/// Writes to a stream. Control characters of texts are shown as blanks: a text must not be able to
/// steer a terminal.
class Printer {
 public:
  enum class Colour : bool { off, on };

  Printer(std::ostream& out, Colour colour) : out_(out), colour_(colour) {}

  /// A line in bold.
  void heading(std::string_view text);
  /// A line as it is.
  void line(std::string_view text);
  /// Rows with their columns aligned, `indent` blanks to the right.
  void rows(std::span<const ScoredRow> rows, int indent);

 private:
  void styled(std::string_view style, std::string_view text);

  std::ostream& out_;
  Colour colour_;
};

}  // namespace attend::cli
