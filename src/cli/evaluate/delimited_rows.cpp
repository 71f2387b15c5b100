// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// TSV and CSV: a header or numbered columns, and quotation marks as RFC 4180 has them.
#include <algorithm>
#include <charconv>

#include "cli/evaluate/data_readers.h"

namespace attend::cli {
namespace {

using Cells = std::vector<std::string_view>;

/// Rows of cells, one after the other.
class CellReader {
 public:
  CellReader(const DataReading& reading, char delimiter)
      : reading_(reading), rest_(reading.text), delimiter_(delimiter) {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  /// Where the last row began.
  [[nodiscard]] std::size_t line() const noexcept { return row_line_; }

  /// The next row. Requires: not at_end().
  [[nodiscard]] Cells next() {
    row_line_ = next_line_;
    Cells cells;
    do {
      cells.push_back(next_cell());
    } while (take_delimiter());
    return cells;
  }

 private:
  [[nodiscard]] std::string_view next_cell() {
    const bool quotes = reading_.source.quotes == Quotes::enclose && rest_.starts_with('"');
    return quotes ? quoted_cell() : plain_cell();
  }

  [[nodiscard]] std::string_view plain_cell() {
    const std::string_view cell =
        rest_.substr(0, std::min(rest_.find(delimiter_), rest_.find('\n')));
    rest_.remove_prefix(cell.size());
    const bool ends_row = rest_.empty() || rest_.front() == '\n';
    return ends_row && cell.ends_with('\r') ? cell.substr(0, cell.size() - 1) : cell;
  }

  [[nodiscard]] std::string_view quoted_cell() {
    const std::size_t begin_line = next_line_;
    std::string cell;
    rest_.remove_prefix(1);
    for (;;) {
      const std::string_view part = rest_.substr(0, rest_.find('"'));
      cell += part;
      next_line_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
      rest_.remove_prefix(part.size());
      if (rest_.empty()) fail_quotes(begin_line, "the end of the file");
      rest_.remove_prefix(1);
      if (!rest_.starts_with('"')) break;
      cell += '"';
      rest_.remove_prefix(1);
    }
    if (rest_.starts_with("\r\n")) rest_.remove_prefix(1);
    if (!rest_.empty() && rest_.front() != delimiter_ && rest_.front() != '\n') {
      fail_quotes(next_line_, quote(rest_.substr(0, 1)));
    }
    return reading_.keep(std::move(cell));
  }

  /// Takes what ends a cell; whether the row goes on.
  bool take_delimiter() {
    if (rest_.empty()) return false;
    const bool goes_on = rest_.front() == delimiter_;
    if (!goes_on) ++next_line_;
    rest_.remove_prefix(1);
    return goes_on;
  }

  [[noreturn]] void fail_quotes(std::size_t line, std::string found) const {
    reading_.fail(line, {.what = "a cell in quotation marks",
                         .expected = "another mark, and then the next cell or line",
                         .found = std::move(found),
                         .hint = "--no-quotes takes quotation marks as part of the text"});
  }

  const DataReading& reading_;
  std::string_view rest_;
  char delimiter_;
  std::size_t next_line_ = 1;
  std::size_t row_line_ = 1;
};

std::optional<std::size_t> parse_place(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number - 1;
}

/// Whether --columns numbers the columns, which a file without a header needs.
bool are_numbered(const DataReading& reading) {
  const auto& columns = reading.source.columns;
  return !columns.empty() && std::all_of(columns.begin(), columns.end(), [](const auto& one) {
    return parse_place(one.second).has_value();
  });
}

std::string listed(const Cells& names) {
  std::string all;
  for (const std::string_view name :
       names.size() > 20 ? Cells(names.begin(), names.begin() + 20) : names) {
    all += (all.empty() ? "" : ", ") + quote(name);
  }
  return all;
}

[[noreturn]] void fail_column(const DataReading& reading, const DataField& field,
                              std::string expected, const Cells& header) {
  reading.fail(1, {.what = "columns",
                   .expected = std::move(expected),
                   .found = listed(header),
                   .hint = "--columns " + std::string(field.role) + "=NAME names it, " +
                           std::string(field.role) + "=1 is for a file without a header"});
}

using Places = std::vector<std::vector<std::size_t>>;  // columns of each field; none: absent

/// Where the fields stand, by their numbers or by the names in the header.
Places find_places(const DataReading& reading, const Cells& first_row) {
  const bool numbered = are_numbered(reading);
  Places places;
  for (const DataField& field : reading.fields) {
    std::vector<std::size_t>& columns = places.emplace_back();
    for (const std::string_view column : reading.chosen(field)) {
      const auto found = std::find(first_row.begin(), first_row.end(), column);
      const auto place = static_cast<std::size_t>(found - first_row.begin());
      columns.push_back(numbered ? *parse_place(column) : place);
      if (columns.back() >= first_row.size()) {
        fail_column(reading, field, "a column " + quote(column), first_row);
      }
    }
    for (auto name = field.names.begin(); !numbered && columns.empty() && name != field.names.end();
         ++name) {
      const auto found = std::find(first_row.begin(), first_row.end(), *name);
      if (found == first_row.end()) continue;
      columns.push_back(static_cast<std::size_t>(found - first_row.begin()));
    }
    if (columns.empty() && field.need == DataField::Need::required) {
      std::string names;
      for (const std::string_view name : field.names) {
        names += (names.empty() ? "" : " or ") + quote(name);
      }
      fail_column(reading, field, "a column " + names, first_row);
    }
  }
  return places;
}

DataRow make_row(const DataReading& reading, const Places& places, const Cells& cells,
                 std::size_t line) {
  DataRow row{.line = line};
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto& value = row.values.emplace_back();
    if (places[i].empty()) continue;
    Cells parts;
    for (const std::size_t place : places[i]) parts.push_back(cells[place]);
    const std::string_view text = reading.joined(parts);
    value.emplace();
    if (reading.fields[i].kind == FieldKind::answers && text.empty()) continue;  // there is none
    reading.check(line, reading.fields[i], text);
    value->push_back(text);
  }
  return row;
}

}  // namespace

void read_delimited(const DataReading& reading, char delimiter) {
  for (const DataField& field : reading.fields) {
    if (field.kind != FieldKind::words) continue;
    reading.fail(0, {.what = "form of the file",
                     .expected = "conll or jsonl, which have lists of words",
                     .found = delimiter == ',' ? "csv" : "tsv",
                     .hint = "--format says what it is"});
  }
  CellReader reader(reading, delimiter);
  std::optional<Places> places;
  std::size_t columns = 0;
  while (!reader.at_end() && !reading.full()) {
    const Cells cells = reader.next();
    if (cells.size() == 1 && cells.front().empty()) continue;  // an empty line
    if (!places) {
      places = find_places(reading, cells);
      columns = cells.size();
      if (!are_numbered(reading)) continue;
    }
    if (cells.size() != columns) {
      reading.fail(reader.line(), {.what = "cells",
                                   .expected = std::to_string(columns) + ", as in the first line",
                                   .found = std::to_string(cells.size())});
    }
    reading.data.rows.push_back(make_row(reading, *places, cells, reader.line()));
  }
}

}  // namespace attend::cli
