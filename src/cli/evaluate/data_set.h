// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Items with right answers, from a file in any of the usual forms. What a task wants of an item is
// a table of fields; a reader finds them by name, or where the caller says that they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/shape.h"

namespace attend::cli {

/// How a file is written.
enum class DataFormat : std::uint8_t { csv, tsv, conll, squad, jsonl };

/// Names of the forms, as --format takes them.
[[nodiscard]] std::vector<std::string> data_format_names();
/// The form that `name` names; by the extension of `file` where it is empty.
/// Throws: UsageError (an extension that says nothing).
[[nodiscard]] DataFormat find_data_format(const std::string& name, const std::string& file);

/// What a field holds.
enum class FieldKind : std::uint8_t {
  text,     ///< a string; in JSON an integer, a number or a truth value may stand for its name
  number,   ///< a finite number
  words,    ///< a list of strings or integers
  answers,  ///< a string, a list of them, or SQuAD's lists of {"text": ...}; may be empty
};

/// A field of an item. `role` is what --columns calls it; the first of `names` that a file has is
/// taken where --columns says nothing.
struct DataField {
  std::string_view role;
  std::vector<std::string_view> names;
  FieldKind kind = FieldKind::text;
  enum class Need : bool { optional, required } need = Need::required;
};

/// One item of a file: values in the order of the task's fields; several only of words and answers.
struct DataRow {
  std::size_t line = 0;  ///< where it begins; 0 where a file has no lines that matter
  std::vector<std::optional<std::vector<std::string_view>>> values;

  [[nodiscard]] bool has(std::size_t field) const { return values[field].has_value(); }
  [[nodiscard]] std::string_view text(std::size_t field) const { return values[field]->front(); }
  [[nodiscard]] const std::vector<std::string_view>& list(std::size_t field) const {
    return *values[field];
  }
};

/// Rows and the memory that their values point to.
struct DataSet {
  std::string file;
  std::deque<std::string> kept = {};  ///< a deque, because its strings stay where they are
  std::vector<DataRow> rows = {};

  /// Where a row stands, for messages.
  [[nodiscard]] std::string place(std::size_t line) const;
};

/// "text=review": the field `role` is what the file calls `column`, or the column with that number,
/// counted from 1, of a file that does not name its columns.
using ColumnChoice = std::pair<std::string, std::string>;

/// Reads "text=review,label=stars". Throws: UsageError.
[[nodiscard]] std::vector<ColumnChoice> parse_columns(const std::vector<std::string>& words);

/// What quotation marks mean in TSV and CSV.
enum class Quotes : std::uint8_t { enclose, literal };

/// A file, and how to read it.
struct DataSource {
  std::string file;  ///< "-" is standard input
  int standard_input = 0;
  DataFormat format = DataFormat::tsv;
  std::vector<ColumnChoice> columns = {};
  std::string join = " ";  ///< between the columns of a field that --columns names several times
  Quotes quotes = Quotes::enclose;
  std::optional<Index> limit = {};  ///< items to read
};

/// All items of a file, at least one.
/// Throws: UsageError (a role that the task does not have, columns that the form cannot have);
/// FileError, with the line, for everything that is wrong with the file.
[[nodiscard]] DataSet read_data_set(const DataSource& source, std::span<const DataField> fields);

}  // namespace attend::cli
