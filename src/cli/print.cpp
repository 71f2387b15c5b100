// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Columns and colours.
#include "cli/print.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "attend/text/utf8.h"

namespace attend::cli {
namespace {

constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view plain = "\x1b[0m";

bool is_control(char32_t value) { return value < 0x20 || (value >= 0x7F && value < 0xA0); }

// Control characters, but those of `kept`, as blanks.
std::string printable(std::string_view text, std::u32string_view kept = {}) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint code_point = decode_utf8(text.substr(at));
    const auto length = static_cast<std::size_t>(code_point.length);
    const char32_t value = code_point.value;
    if (length == 0) {
      append_utf8(U'\uFFFD', out);
    } else if (is_control(value) && kept.find(value) == kept.npos) {
      out += ' ';
    } else {
      out.append(text.substr(at, length));
    }
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

}  // namespace

std::string printable_text(std::string_view text) { return printable(text, U"\n\t"); }

std::string format_score(float score) {
  std::array<char, 64> buffer;  // 39 digits before the point at most
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), score,
                                 std::chars_format::fixed, 4);
  return {buffer.data(), end.ptr};
}

void Printer::styled(std::string_view style, std::string_view text) {
  if (colour_ == Colour::off) {
    out_ << text;
  } else {
    out_ << style << text << plain;
  }
}

void Printer::heading(std::string_view text) {
  styled(bold, printable(text));
  out_ << '\n';
}

void Printer::line(std::string_view text) { out_ << printable(text) << '\n'; }

void Printer::rows(std::span<const ScoredRow> rows, int indent) {
  Index label_width = 0;
  std::size_t score_width = 0;
  for (const ScoredRow& row : rows) {
    label_width = std::max(label_width, count_code_points(printable(row.label)));
    score_width = std::max(score_width, format_score(row.score).size());
  }
  const auto blanks = [](auto count) { return std::string(static_cast<std::size_t>(count), ' '); };
  for (const ScoredRow& row : rows) {
    const std::string label = printable(row.label);
    const std::string score = format_score(row.score);
    out_ << blanks(indent);
    styled(green, label);
    out_ << blanks(label_width - count_code_points(label) + 2) << blanks(score_width - score.size())
         << score;
    if (!row.detail.empty()) out_ << "  " << printable(row.detail);
    out_ << '\n';
  }
}

}  // namespace attend::cli
