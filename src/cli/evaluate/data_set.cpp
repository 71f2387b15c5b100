// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From a file to its reader: form, bytes, and the checks that every form needs.
#include "cli/evaluate/data_set.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "attend/text/utf8.h"
#include "cli/command.h"
#include "cli/evaluate/data_readers.h"
#include "cli/line_reader.h"
#include "cli/text_source.h"
#include "core/limits.h"

namespace attend::cli {
namespace {

struct FormatName {
  std::string_view name;
  DataFormat format;
  std::array<std::string_view, 4> extensions;
};

constexpr std::array<FormatName, 5> formats = {{
    {"tsv", DataFormat::tsv, {".tsv"}},
    {"csv", DataFormat::csv, {".csv"}},
    {"conll", DataFormat::conll, {".conll", ".bio", ".iob", ".iob2"}},
    {"squad", DataFormat::squad, {".json"}},
    {"jsonl", DataFormat::jsonl, {".jsonl", ".ndjson"}},
}};

std::string line_and_file(const std::string& file, std::size_t line) {
  return line == 0 ? file : file + ", line " + std::to_string(line);
}

/// Throws: invalid_format for bytes that are no text, with what they seem to be.
void check_text(const DataReading& reading) {
  const std::string_view text = reading.text;
  const std::size_t bad = first_invalid_utf8(text);
  if (bad == text.size()) return;
  const auto line = 1 + static_cast<std::size_t>(std::count(
                            text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bad), '\n'));
  const bool gzip = text.starts_with("\x1F\x8B");
  reading.fail(line, {.what = "byte " + std::to_string(bad),
                      .expected = "UTF-8",
                      .found = gzip ? "a gzip file" : "a byte that is none",
                      .hint = gzip ? "unpack it: gzip -dc FILE | ... --data - --format tsv" : ""});
}

void check_roles(const DataSource& source, std::span<const DataField> fields) {
  for (const ColumnChoice& choice : source.columns) {
    const std::string& role = choice.first;
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const DataField& one) { return one.role == role; });
    if (field == fields.end()) {
      std::string known;
      for (const DataField& one : fields) {
        known += (known.empty() ? "" : ", ") + std::string(one.role);
      }
      throw UsageError("--columns: unknown " + quote(role) + "; this task has " + known);
    }
    const auto times = std::count_if(source.columns.begin(), source.columns.end(),
                                     [&](const ColumnChoice& one) { return one.first == role; });
    if (times > 1 && field->kind != FieldKind::text) {
      throw UsageError("--columns: " + role + " is given twice; only texts can be joined");
    }
  }
  if (source.format == DataFormat::squad && !source.columns.empty()) {
    throw UsageError("--columns: SQuAD's form has no columns");
  }
}

void read_rows(const DataReading& reading) {
  switch (reading.source.format) {
    case DataFormat::csv: return read_delimited(reading, ',');
    case DataFormat::tsv: return read_delimited(reading, '\t');
    case DataFormat::conll: return read_conll(reading);
    case DataFormat::squad: return read_squad(reading);
    case DataFormat::jsonl: return read_json_lines(reading);
  }
}

}  // namespace

std::vector<std::string> data_format_names() {
  std::vector<std::string> names;
  for (const FormatName& one : formats) names.emplace_back(one.name);
  return names;
}

DataFormat find_data_format(const std::string& name, const std::string& file) {
  const std::string extension = std::filesystem::path(file).extension().string();
  std::string known;
  for (const FormatName& one : formats) {
    if (name == one.name) return one.format;
    for (const std::string_view of_form : one.extensions) {
      if (name.empty() && !of_form.empty() && extension == of_form) return one.format;
    }
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  throw UsageError("--format: expected one of " + known + "; the name of " + quote(file) +
                   " does not say it");
}

std::vector<ColumnChoice> parse_columns(const std::vector<std::string>& words) {
  std::vector<ColumnChoice> columns;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
      throw UsageError("--columns: expected FIELD=COLUMN, such as text=review, found " +
                       quote(word));
    }
    columns.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return columns;
}

std::string DataSet::place(std::size_t line) const { return line_and_file(file, line); }

std::vector<std::string_view> DataReading::chosen(const DataField& field) const {
  std::vector<std::string_view> columns;
  for (const auto& [role, column] : source.columns) {
    if (role == field.role) columns.emplace_back(column);
  }
  return columns;
}

void DataReading::fail(std::size_t line, ErrorDetail detail) const {
  detail.where = "evaluate";
  detail.file = data.place(line);
  attend::fail(ErrorKind::invalid_format, std::move(detail));
}

void DataReading::check(std::size_t line, const DataField& field, std::string_view value) const {
  const std::string what(field.role);
  if (field.kind == FieldKind::number && !parse_number(value)) {
    fail(line, {.what = what, .expected = "a number", .found = quote(value)});
  }
  if (value.empty() && field.need == DataField::Need::required) {
    fail(line, {.what = what, .expected = "a value", .found = "nothing"});
  }
}

std::string_view DataReading::joined(std::span<const std::string_view> parts) const {
  if (parts.size() == 1) return parts.front();
  std::string all(parts.front());
  for (const std::string_view part : parts.subspan(1)) {
    all += source.join;
    all += part;
  }
  return keep(std::move(all));
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

DataSet read_data_set(const DataSource& source, std::span<const DataField> fields) {
  check_roles(source, fields);
  return loading([&] {
    const Descriptor input(source.file, source.standard_input);
    DataSet data{.file = input.name()};
    DataReading reading{.source = source, .fields = fields, .data = data};
    reading.text = reading.keep(read_all(input.get(), input.name(), limits::data_set_bytes));
    check_text(reading);
    if (reading.text.starts_with("\xEF\xBB\xBF")) reading.text.remove_prefix(3);
    read_rows(reading);
    if (data.rows.empty())
      reading.fail(0, {.what = "items", .expected = "at least one", .found = "none"});
    return data;
  });
}

}  // namespace attend::cli
