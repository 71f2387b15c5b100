// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON Lines, an object an item, and the nested form of SQuAD.
#include <algorithm>
#include <charconv>
#include <limits>

#include "checkpoint/checked_json.h"
#include "cli/evaluate/data_readers.h"

namespace attend::cli {
namespace {

using Values = std::vector<std::string_view>;

JsonOptions json_options(std::size_t max_values) {
  return {.where = "evaluate",
          .field_error = ErrorKind::invalid_format,
          .max_bytes = limits::data_set_bytes,
          .max_values = max_values};
}

/// A string, or what stands for the name of a class: 1, 0.5, true.
std::string_view scalar(const DataReading& reading, const JsonField& value) {
  if (value.is_string()) return reading.keep(value.string());
  if (value.is_bool()) return value.boolean() ? "true" : "false";
  if (value.is_integer()) {
    return reading.keep(std::to_string(value.integer(std::numeric_limits<std::int64_t>::min(),
                                                     std::numeric_limits<std::int64_t>::max())));
  }
  if (!value.is_number()) value.reject("a string or a number");
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value.number()).ptr;
  return reading.keep(std::string(digits, end));
}

Values words(const DataReading& reading, const JsonField& value) {
  if (!value.is_array()) value.reject("a list of strings");
  Values all;
  value.visit_elements([&](const JsonField& element) {
    if (!element.is_string() && !element.is_integer()) element.reject("a string");
    all.push_back(scalar(reading, element));
  });
  return all;
}

/// "x", ["x", "y"], [{"text": "x"}] or {"text": ["x"]}.
Values answers(const DataReading& reading, const JsonField& value) {
  if (value.is_object()) return words(reading, value.at("text"));
  if (value.is_string()) {
    const std::string_view one = scalar(reading, value);
    return one.empty() ? Values() : Values{one};
  }
  if (!value.is_array()) value.reject("a string or a list of answers");
  Values all;
  value.visit_elements([&](const JsonField& element) {
    all.push_back(reading.keep((element.is_object() ? element.at("text") : element).string()));
  });
  return all;
}

Values values_of(const DataReading& reading, const DataField& field, const JsonField& value) {
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::number: return {scalar(reading, value)};
    case FieldKind::words: return words(reading, value);
    case FieldKind::answers: return answers(reading, value);
  }
  return {};
}

/// The value of a field, if the object has it.
std::optional<Values> find_values(const DataReading& reading, const DataField& field,
                                  const JsonField& object) {
  const Values chosen = reading.chosen(field);
  if (chosen.size() > 1) {
    Values parts;
    for (const std::string_view column : chosen) {
      parts.push_back(scalar(reading, object.at(column)));
    }
    return Values{reading.joined(parts)};
  }
  const std::vector<std::string_view>& names = chosen.empty() ? field.names : chosen;
  for (const std::string_view name : names) {
    if (const auto value = object.find(name)) return values_of(reading, field, *value);
  }
  return std::nullopt;
}

[[noreturn]] void fail_missing(const DataReading& reading, std::size_t line, const DataField& field,
                               const JsonField& object) {
  const Values chosen = reading.chosen(field);
  std::string expected;
  for (const std::string_view name : chosen.empty() ? field.names : chosen) {
    expected += (expected.empty() ? "" : " or ") + quote(name);
  }
  std::string found;
  for (const auto& [key, value] : object.members()) {
    found += (found.empty() ? "" : ", ") + quote(key);
    if (found.size() > 400) break;  // enough to see what it is
  }
  reading.fail(line, {.what = std::string(field.role),
                      .expected = "a key " + expected + " with a value",
                      .found = found.empty() ? "no key" : found,
                      .hint = "--columns " + std::string(field.role) + "=KEY names it"});
}

DataRow row_of(const DataReading& reading, std::size_t line, const JsonField& object) {
  DataRow row{.line = line};
  for (const DataField& field : reading.fields) {
    auto& value = row.values.emplace_back(find_values(reading, field, object));
    if (!value && field.need == DataField::Need::required) {
      fail_missing(reading, line, field, object);
    }
    if (!value || field.kind == FieldKind::answers) continue;
    for (const std::string_view one : *value) reading.check(line, field, one);
  }
  return row;
}

/// The fields of SQuAD's form by their roles; every one of them must be wanted.
class SquadReader {
 public:
  explicit SquadReader(const DataReading& reading) : reading_(reading) {}

  void read(const JsonField& root) {
    if (!root.is_object() || !root.get("data")) {
      root.reject("an object with \"data\", as in SQuAD",
                  "--format jsonl is for files with an object a line");
    }
    root.at("data").visit_elements([&](const JsonField& article) {
      article.at("paragraphs").visit_elements([&](const JsonField& paragraph) {
        if (reading_.full()) return;
        const std::string_view context = text(paragraph.at("context"));
        paragraph.at("qas").visit_elements(
            [&](const JsonField& question) { add(context, question); });
      });
    });
  }

 private:
  std::string_view text(const JsonField& value) const {
    const JsonString found = value.string();
    if (found.empty()) value.reject("a text that is not empty");
    return reading_.keep(found);
  }

  void add(std::string_view context, const JsonField& question) const {
    if (reading_.full()) return;
    DataRow row;
    for (const DataField& field : reading_.fields) {
      auto& value = row.values.emplace_back();
      if (field.role == "context") {
        value = Values{context};
      } else if (field.role == "question") {
        value = Values{text(question.at("question"))};
      } else if (field.role == "answers") {
        value = right_answers(question);
      } else if (const auto id = question.find(field.role)) {
        value = Values{scalar(reading_, *id)};
      }
    }
    reading_.data.rows.push_back(std::move(row));
  }

  Values right_answers(const JsonField& question) const {
    const auto impossible = question.find("is_impossible");
    if (impossible && impossible->boolean()) return {};
    Values all = answers(reading_, question.at("answers"));
    if (impossible && all.empty()) {
      question.at("answers").reject("an answer, because is_impossible is false");
    }
    return all;
  }

  const DataReading& reading_;
};

}  // namespace

void read_json_lines(const DataReading& reading) {
  std::string_view rest = reading.text;
  for (std::size_t line = 1; !rest.empty() && !reading.full(); ++line) {
    const std::string_view text = take_line(rest);
    if (text.find_first_not_of(" \t") == std::string_view::npos) continue;
    const JsonDocument document =
        parse_json(text, reading.data.place(line), json_options(limits::request_values));
    const JsonField root = document.root();
    if (!root.is_object()) root.reject("an object");
    reading.data.rows.push_back(row_of(reading, line, root));
  }
}

void read_squad(const DataReading& reading) {
  const auto wants = [&](std::string_view role) {
    return std::any_of(reading.fields.begin(), reading.fields.end(),
                       [&](const DataField& field) { return field.role == role; });
  };
  if (!wants("context")) {
    reading.fail(0, {.what = "form of the file",
                     .expected = "another one for this task",
                     .found = "squad, which has questions",
                     .hint = "--format jsonl is for files with an object a line"});
  }
  const JsonDocument document =
      parse_json(reading.text, reading.data.file, json_options(limits::tokenizer_values));
  SquadReader(reading).read(document.root());
}

}  // namespace attend::cli
