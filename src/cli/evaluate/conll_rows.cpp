// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// CoNLL: a word a line with its tag, sentences apart by blank lines.
#include <algorithm>
#include <charconv>
#include <cstdint>

#include "cli/evaluate/data_readers.h"

namespace attend::cli {
namespace {

using Cells = std::vector<std::string_view>;

constexpr std::string_view blanks = " \t";

/// What stands between cells: one tab where the file has any, else blanks.
enum class Separator : std::uint8_t { tab, blanks };

Cells split(std::string_view line, Separator separator) {
  Cells cells;
  while (true) {
    if (separator == Separator::blanks) {
      line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
      if (line.empty()) return cells;
    }
    const std::size_t end = line.find_first_of(separator == Separator::tab ? "\t" : blanks);
    cells.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end + 1);
  }
}

bool is_blank(std::string_view line) noexcept {
  return line.find_first_not_of(blanks) == std::string_view::npos;
}

/// "# ..." in a file with tabs, where a word would have one behind it.
bool is_comment(std::string_view line) noexcept {
  return line.starts_with('#') && line.find('\t') == std::string_view::npos;
}

/// That of the first line with a word.
Separator separator_of(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (is_blank(line) || is_comment(line)) continue;
    return line.find('\t') != std::string_view::npos ? Separator::tab : Separator::blanks;
  }
  return Separator::blanks;
}

class ConllReader {
 public:
  explicit ConllReader(const DataReading& reading)
      : reading_(reading),
        separator_(separator_of(reading.text)),
        word_(place_of(0, 0)),
        tag_(place_of(1, std::nullopt)) {}

  void read() {
    std::string_view rest = reading_.text;
    while (!rest.empty() && !reading_.full()) {
      ++line_;
      const std::string_view text = take_line(rest);
      if (is_blank(text) || text.starts_with("-DOCSTART-")) {
        end_sentence();
      } else if (separator_ == Separator::blanks || !is_comment(text)) {
        add_word(split(text, separator_));
      }
    }
    if (!reading_.full()) end_sentence();
  }

 private:
  /// Where --columns says that a field stands, counted from 0; `otherwise` where it says nothing.
  std::optional<std::size_t> place_of(std::size_t field, std::optional<std::size_t> otherwise) {
    const auto chosen = reading_.chosen(reading_.fields[field]);
    if (chosen.empty()) return otherwise;
    std::size_t number = 0;
    const std::string_view text = chosen.front();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0) {
      reading_.fail(0, {.what = "--columns " + std::string(reading_.fields[field].role),
                        .expected = "the number of a column, counted from 1",
                        .found = quote(text)});
    }
    return number - 1;
  }

  void add_word(const Cells& cells) {
    if (columns_ == 0) columns_ = cells.size();
    const std::size_t last = std::max({word_.value_or(0), tag_.value_or(1), std::size_t{1}});
    if (cells.size() <= last) {
      reading_.fail(line_,
                    {.what = "columns",
                     .expected = "a word and its tag, so at least " + std::to_string(last + 1),
                     .found = std::to_string(cells.size())});
    }
    if (cells.size() != columns_) {
      reading_.fail(line_, {.what = "columns",
                            .expected = std::to_string(columns_) + ", as in the first line",
                            .found = std::to_string(cells.size())});
    }
    if (words_.empty()) begin_ = line_;
    words_.push_back(cells[*word_]);
    tags_.push_back(tag_ ? cells[*tag_] : cells.back());
    reading_.check(line_, reading_.fields[0], words_.back());
    reading_.check(line_, reading_.fields[1], tags_.back());
  }

  void end_sentence() {
    if (words_.empty()) return;
    reading_.data.rows.push_back({.line = begin_, .values = {std::move(words_), std::move(tags_)}});
    words_.clear();
    tags_.clear();
  }

  const DataReading& reading_;
  Separator separator_;
  std::optional<std::size_t> word_;
  std::optional<std::size_t> tag_;  // the last one where it is absent
  std::size_t columns_ = 0;
  std::size_t line_ = 0;
  std::size_t begin_ = 0;  // of the sentence
  Cells words_;
  Cells tags_;
};

}  // namespace

void read_conll(const DataReading& reading) {
  const bool tagged = reading.fields.size() == 2 && reading.fields[0].kind == FieldKind::words &&
                      reading.fields[1].kind == FieldKind::words;
  if (!tagged) {
    reading.fail(0, {.what = "form of the file",
                     .expected = "tsv, csv or jsonl for this task",
                     .found = "conll, which has words and tags",
                     .hint = "--format says what it is"});
  }
  ConllReader(reading).read();
}

}  // namespace attend::cli
