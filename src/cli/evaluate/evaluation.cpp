// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The run's files, and the report as a table and as JSON.
#include "cli/evaluate/evaluation.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ostream>
#include <set>

#include "attend/text/utf8.h"

namespace attend::cli {
namespace {

/// "88.65"; "-" where there is none.
std::string percent(std::optional<double> share) {
  if (!share) return "-";
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *share * 100,
                                 std::chars_format::fixed, 2);
  return {digits.data(), end.ptr};
}

struct TableRow {
  std::string name;
  std::vector<std::string> cells;
};

/// The first column to the left, the others to the right.
void print_table(std::ostream& out, const std::vector<TableRow>& rows) {
  Index name_width = 0;
  std::vector<std::size_t> widths;
  for (const TableRow& row : rows) {
    name_width = std::max(name_width, count_code_points(row.name));
    widths.resize(std::max(widths.size(), row.cells.size()));
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      widths[i] = std::max(widths[i], row.cells[i].size());
    }
  }
  for (const TableRow& row : rows) {
    std::string line = row.name;
    line.append(static_cast<std::size_t>(name_width - count_code_points(row.name)), ' ');
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      line.append(2 + widths[i] - row.cells[i].size(), ' ');
      line += row.cells[i];
    }
    out << line << '\n';
  }
}

TableRow class_row(std::string name, const PrecisionRecall& score, Index support) {
  return {std::move(name),
          {percent(score.precision), percent(score.recall), percent(score.f1),
           std::to_string(support)}};
}

void write_number(JsonWriter& writer, std::string_view key, std::optional<double> value) {
  writer.key(key);
  if (value) {
    writer.number(*value);
  } else {
    writer.null();
  }
}

void write_score(JsonWriter& writer, std::string_view key, const PrecisionRecall& score,
                 Index support) {
  writer.key(key);
  writer.begin_object();
  write_number(writer, "precision", score.precision);
  write_number(writer, "recall", score.recall);
  write_number(writer, "f1", score.f1);
  writer.key("support");
  writer.integer(support);
  writer.end_object();
}

}  // namespace

void print_report(std::ostream& out, const EvaluationReport& report, const EvaluationModel& from) {
  out << report.task << ": " << printable(from.folder) << " on " << printable(from.data) << ", "
      << report.items << " items; figures in %\n\n";
  std::vector<TableRow> rows;
  for (const Figure& figure : report.figures)
    rows.push_back({figure.name, {percent(figure.value)}});
  print_table(out, rows);
  if (!report.classes) return;
  rows = {{"", {"precision", "recall", "f1", "support"}}};
  for (const ClassScore& one : report.classes->classes) {
    rows.push_back(class_row(printable(one.label), one.score, one.support));
  }
  rows.push_back(class_row("(micro)", report.classes->micro, report.classes->support));
  rows.push_back(class_row("(macro)", report.classes->macro, report.classes->support));
  rows.push_back(class_row("(weighted)", report.classes->weighted, report.classes->support));
  out << '\n';
  print_table(out, rows);
}

std::string report_json(const EvaluationReport& report, const EvaluationModel& from) {
  JsonWriter writer;
  writer.begin_object();
  write_member(writer, "task", report.task);
  write_member(writer, "model", from.folder);
  write_member(writer, "data", from.data);
  writer.key("items");
  writer.integer(report.items);
  writer.key("metrics");
  writer.begin_object();
  for (const Figure& figure : report.figures) write_number(writer, figure.name, figure.value);
  writer.end_object();
  if (report.classes) {
    writer.key("classes");
    writer.begin_object();
    for (const ClassScore& one : report.classes->classes) {
      write_score(writer, one.label, one.score, one.support);
    }
    writer.end_object();
    write_score(writer, "micro", report.classes->micro, report.classes->support);
    write_score(writer, "macro", report.classes->macro, report.classes->support);
    write_score(writer, "weighted", report.classes->weighted, report.classes->support);
  }
  writer.end_object();
  return writer.take();
}

void write_member(JsonWriter& writer, std::string_view key, std::string_view value) {
  writer.key(key);
  writer.string(value);
}

void write_members(JsonWriter& writer, std::string_view key,
                   std::span<const std::string_view> values) {
  writer.key(key);
  writer.array(values, [&](std::string_view value) { writer.string(value); });
}

Evaluation::Evaluation(Terminal& terminal, const EvaluationOptions& options)
    : terminal_(terminal),
      options_(options),
      pool_(options.threads),
      progress_(terminal.err, terminal.progress ? Progress::Shown::yes : Progress::Shown::no) {
  if (options.errors.empty()) return;
  errors_.open(options.errors, std::ios::binary);
  if (!errors_) {
    throw FileError(Error(
        ErrorKind::access_denied,
        {.what = std::string("cannot write: ") + std::strerror(errno), .file = options.errors}));
  }
}

DataSet Evaluation::read(std::span<const DataField> fields) const {
  DataSource source{.file = options_.data,
                    .standard_input = terminal_.in,
                    .format = find_data_format(options_.format, options_.data),
                    .columns = parse_columns(options_.columns),
                    .join = options_.join.value_or(" "),
                    .limit = options_.limit};
  std::set<std::string_view> roles;
  for (const ColumnChoice& choice : source.columns) roles.insert(choice.first);
  if (options_.join && roles.size() == source.columns.size()) {
    throw UsageError("--join: --columns gives no field several columns");
  }
  const bool delimited = source.format == DataFormat::csv || source.format == DataFormat::tsv;
  if (options_.no_quotes && !delimited) throw UsageError("--no-quotes is for tsv and csv");
  if (options_.no_quotes) source.quotes = Quotes::literal;
  return read_data_set(source, fields);
}

int Evaluation::finish(const EvaluationReport& report) {
  const EvaluationModel from{folder_, options_.data};
  if (options_.json) {
    terminal_.out << report_json(report, from) << '\n';
  } else {
    print_report(terminal_.out, report, from);
  }
  if (!errors_.is_open()) return exit_ok;
  errors_.close();
  if (errors_) return exit_ok;
  throw FileError(Error(ErrorKind::access_denied,
                        {.what = "cannot write the wrong items", .file = options_.errors}));
}

void Evaluation::fail_row(const Error& error, const DataSet& data, std::size_t row) {
  ErrorDetail detail = error.detail();
  const std::size_t line = data.rows[row].line;
  detail.file = line > 0 ? data.place(line) : data.file + ", item " + std::to_string(row + 1);
  throw Error(error.kind(), std::move(detail));
}

void Evaluation::write_wrong(const std::string& line) { errors_ << line << '\n'; }

}  // namespace attend::cli
