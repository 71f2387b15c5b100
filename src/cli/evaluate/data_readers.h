// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The readers behind read_data_set(), one a form, and what they share. They throw Error.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/error.h"
#include "cli/evaluate/data_set.h"

namespace attend::cli {

/// What a reader works on: the file's text, which `data` keeps, and where the rows go.
struct DataReading {
  const DataSource& source;
  std::span<const DataField> fields;
  DataSet& data;
  std::string_view text = {};

  /// Whether the limit of items is reached.
  [[nodiscard]] bool full() const {
    return source.limit && static_cast<Index>(data.rows.size()) >= *source.limit;
  }
  [[nodiscard]] std::string_view keep(std::string value) const {
    return data.kept.emplace_back(std::move(value));
  }
  /// The columns that --columns gives a field; none where it does not name it.
  [[nodiscard]] std::vector<std::string_view> chosen(const DataField& field) const;

  /// Throws: invalid_format that names the file and the line.
  [[noreturn]] void fail(std::size_t line, ErrorDetail detail) const;
  /// Checks a value of a row: not empty where it is required, a number where it has to be one.
  void check(std::size_t line, const DataField& field, std::string_view value) const;
  /// One value of several columns, joined.
  [[nodiscard]] std::string_view joined(std::span<const std::string_view> parts) const;
};

/// A finite number that is the whole text.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// Takes the next line off `text`, without its end ("\n" or "\r\n").
[[nodiscard]] std::string_view take_line(std::string_view& text);

void read_delimited(const DataReading& reading, char delimiter);
void read_conll(const DataReading& reading);
void read_json_lines(const DataReading& reading);
void read_squad(const DataReading& reading);

}  // namespace attend::cli
