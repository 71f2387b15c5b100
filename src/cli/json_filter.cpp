// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Requests out of lines, answers into lines; what is in them is the tasks' business.
#include "cli/json_filter.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <optional>
#include <utility>

#include "attend/pipeline/model_files.h"
#include "attend/pipeline/pipeline.h"
#include "attend/task/translation.h"
#include "cli/json_parameters.h"
#include "cli/results_json.h"
#include "core/limits.h"

namespace attend::cli {
namespace {

/// A NAME that is no task of pipeline(), and the task whose bundled model it takes.
struct FurtherName {
  std::string_view name;
  std::string_view task;
  bool of_tokenizer;  ///< whether that is all it needs
};
constexpr std::array<FurtherName, 3> further_names{{{"tokenize", "embed", true},
                                                    {"chat-template", "embed", true},
                                                    {"generate", "text-generation", false}}};

const FurtherName* find_further(std::string_view name) {
  const auto* const found = std::find_if(further_names.begin(), further_names.end(),
                                         [&](const FurtherName& one) { return one.name == name; });
  return found == further_names.end() ? nullptr : found;
}

/// The tasks of pipeline() by their canonical names, and the further ones.
std::vector<NamedTask> named_tasks() {
  std::vector<NamedTask> all;
  for (const auto family :
       {classification_tasks(), entity_tasks(), answer_tasks(), vector_tasks(), tokenize_tasks(),
        chat_tasks(), generation_tasks(), text2text_tasks()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

/// What makes the task of a NAME that names() has.
JsonTaskMaker find_maker(std::string_view name) {
  if (find_further(name) == nullptr) name = find_task(name).name;
  const std::vector<NamedTask> all = named_tasks();
  const auto row =
      std::find_if(all.begin(), all.end(), [&](const NamedTask& one) { return one.name == name; });
  return row->make;
}

std::filesystem::path find_folder(std::string_view name, const std::string& model) {
  const FurtherName* const further = find_further(name);
  if (model.empty()) return default_model_folder(find_task(further ? further->task : name));
  std::error_code ignored;
  const bool is_file =
      further && further->of_tokenizer && std::filesystem::is_regular_file(model, ignored);
  return is_file ? std::filesystem::path(model) : find_model(model);
}

/// The answer to a request that takes more memory than there is.
Error out_of_memory() {
  return {ErrorKind::resource_limit,
          {.where = "run",
           .what = "memory",
           .found = "not enough for this request",
           .hint = "send its texts in parts"}};
}

/// One line as a request. `inputs` and `parameters` point into `document`.
struct Request {
  std::unique_ptr<JsonDocument> document;
  std::optional<JsonField> inputs;
  std::optional<JsonField> parameters;
  std::optional<Error> error;
};

/// A blank line is answered, too: line n of the output belongs to line n of the input.
void check_not_blank(const InputLine& line) {
  if (line.text.find_first_not_of(" \t\r") != std::string::npos) return;
  fail(ErrorKind::invalid_format, {.where = "run",
                                   .what = "line " + std::to_string(line.number),
                                   .expected = "JSON",
                                   .found = "a blank line",
                                   .hint = "leave it out: every line gets an answer"});
}

Request read_request(const InputLine& line) {
  Request request;
  try {
    if (line.too_long) throw long_line_error(line);
    check_not_blank(line);
    request.document = std::make_unique<JsonDocument>(
        parse_json(line.text, "the request in line " + std::to_string(line.number),
                   {.where = "run",
                    .max_bytes = limits::line_bytes,
                    .max_values = limits::request_values,
                    .first_line = line.number}));
    const JsonField root = request.document->root();
    reject_other_keys(root, {"inputs", "parameters"});
    request.inputs = root.at("inputs");
    request.parameters = root.find("parameters");
  } catch (const Error& error) {
    request.error = error;
  } catch (const std::bad_alloc&) {
    request.error = out_of_memory();
  }
  return request;
}

std::int64_t integer_of(const JsonField& field) {
  using Limits = std::numeric_limits<std::int64_t>;
  return field.integer(Limits::min(), Limits::max());
}

/// Whether two values are written alike; in objects the order of keys counts too.
bool same(const JsonField& a, const JsonField& b) {
  if (a.is_string() && b.is_string()) return a.string() == b.string();
  if (a.is_bool() && b.is_bool()) return a.boolean() == b.boolean();
  if (a.is_integer() && b.is_integer()) return integer_of(a) == integer_of(b);
  if (a.is_integer() != b.is_integer()) return false;
  if (a.is_number() && b.is_number()) {
    return a.number() == b.number() && a.large_integer() == b.large_integer();
  }
  if (a.is_array() && b.is_array()) {
    const auto left = a.elements();
    const auto right = b.elements();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
  }
  if (a.is_object() && b.is_object()) {
    const auto left = a.members();
    const auto right = b.members();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const auto& x, const auto& y) {
                        return x.first == y.first && same(x.second, y.second);
                      });
  }
  return a.is_null() && b.is_null();
}

bool same_parameters(const Request& a, const Request& b) {
  if (a.error || b.error || a.parameters.has_value() != b.parameters.has_value()) return false;
  return !a.parameters || same(*a.parameters, *b.parameters);
}

/// Answers of requests that have the same parameters, or of one that is an error.
std::vector<JsonAnswer> answer_group(const JsonTask& task, std::span<const Request> group,
                                     const RunOptions& run) {
  if (group.front().error) return {JsonAnswer(*group.front().error)};
  try {
    std::vector<JsonField> inputs;
    for (const Request& request : group) inputs.push_back(*request.inputs);
    return task.answer(inputs, group.front().parameters, run);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return std::vector<JsonAnswer>(group.size(), JsonAnswer(error));
  } catch (const std::bad_alloc&) {
    if (group.size() == 1) return {JsonAnswer(out_of_memory())};
  }
  // One of them takes too much, or all do together: the others get their answers.
  RunOptions of_one = run;
  of_one.progress = {};
  std::vector<JsonAnswer> answers;
  for (const Request& request : group) {
    answers.push_back(std::move(answer_group(task, {&request, 1}, of_one).front()));
  }
  return answers;
}

}  // namespace

JsonFilter::JsonFilter(std::string_view name, const std::string& model,
                       const ModelOptions& options) {
  check_name(name);
  task_ = find_maker(name)(find_folder(name, model), options, name);
}

bool JsonFilter::knows(std::string_view name) {
  const auto known = names();
  return std::find(known.begin(), known.end(), name) != known.end() || languages_of_task(name);
}

void JsonFilter::check_name(std::string_view name) {
  if (knows(name)) return;
  std::string known;
  for (const std::string& one : names()) known += (known.empty() ? "one of " : ", ") + one;
  const bool has_languages = name.starts_with("translation_");
  fail(
      ErrorKind::config_error,
      {.where = "run",
       .what = "unknown task " + quote(name),
       .expected = known,
       .hint = has_languages ? "codes with underscores go into src_lang and tgt_lang of translation"
                             : ""});
}

JsonFilter::Answers JsonFilter::answer(std::span<const InputLine> lines,
                                       const RunOptions& run) const {
  std::vector<Request> requests;
  requests.reserve(lines.size());
  for (const InputLine& line : lines) requests.push_back(read_request(line));

  Answers answers;
  for (std::size_t begin = 0; begin < requests.size();) {
    std::size_t end = begin + 1;
    while (end < requests.size() && same_parameters(requests[begin], requests[end])) ++end;
    const auto group = std::span(requests).subspan(begin, end - begin);
    RunOptions of_group = run;
    if (run.progress) {  // lines, however many texts each of them has
      of_group.progress = [&](Index done, Index total) {
        const auto lines_done = static_cast<Index>(group.size()) * done / std::max<Index>(total, 1);
        run.progress(static_cast<Index>(begin) + lines_done, static_cast<Index>(requests.size()));
      };
    }
    for (JsonAnswer& answer : answer_group(*task_, group, of_group)) {
      if (answer.ok()) {
        answers.lines.push_back(std::move(answer).value());
        continue;
      }
      answers.lines.push_back(error_json(answer.error()));
      ++answers.failed;
    }
    begin = end;
  }
  return answers;
}

std::size_t JsonFilter::lines_together(const RunOptions& run) const {
  return task_->requests_together(run);
}

std::vector<std::string> JsonFilter::names() {
  std::vector<std::string> names;
  for (const NamedTask& row : named_tasks()) names.emplace_back(row.name);
  for (const TaskInfo& task : tasks()) {
    for (const std::string_view alias : task.aliases) names.emplace_back(alias);
  }
  names.emplace_back("translation_xx_to_yy");
  std::sort(names.begin(), names.end());
  return names;
}

InputForm read_texts(const JsonField& input, std::vector<std::string_view>& texts) {
  if (input.is_string()) {
    texts.emplace_back(input.string());
    return InputForm::text;
  }
  if (!input.is_array()) input.reject("a string or a list of strings");
  for (const JsonField& element : input.elements()) texts.emplace_back(element.string());
  return InputForm::list;
}

Error error_of_item(const Error& error, const JsonField& input, std::size_t item,
                    std::size_t count) {
  const auto lists_items = [&](const JsonField& field) {
    return field.is_array() && field.elements().size() == count;
  };
  std::string list;
  if (lists_items(input)) {
    list = "/inputs/";
  } else if (input.is_object()) {
    for (const auto& [key, value] : input.members()) {
      if (!list.empty() || !lists_items(value)) continue;
      list = "/inputs/" + std::string(std::string_view(key)) + "/";
    }
  }
  if (list.empty()) return error;
  ErrorDetail detail = error.detail();
  detail.what += (detail.what.empty() ? "" : " of ") + list + std::to_string(item);
  return {error.kind(), std::move(detail)};
}

}  // namespace attend::cli
