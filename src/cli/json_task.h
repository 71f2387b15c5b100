// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What `attend run` needs of a task: requests as JSON in, answers as JSON out, with the nesting
// that Python gives. One .cpp file per family of tasks.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/model/model.h"
#include "attend/task/result.h"
#include "checkpoint/checked_json.h"
#include "cli/json_writer.h"

namespace attend::cli {

/// The JSON of an answer, or why there is none.
using JsonAnswer = Outcome<std::string>;

/// A loaded model behind one NAME of `attend run`.
class JsonTask {
 public:
  virtual ~JsonTask() = default;

  /// Answers requests that have the same parameters, in order. `parameters` is absent where the
  /// requests give none. Throws: whatever concerns all of them (a wrong parameter); bad_alloc, when
  /// one or all together take too much.
  [[nodiscard]] virtual std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                                       std::optional<JsonField> parameters,
                                                       const RunOptions& run) const = 0;

  /// Requests that are answered before the first answer is handed out: enough for full batches, few
  /// enough that answers and progress come early. Fewer where one answer may be many megabytes.
  [[nodiscard]] virtual std::size_t requests_together(const RunOptions& /*run*/) const {
    return 256;
  }
};

/// The Error of one of the `count` items that `input` was read as, with the item's place in front
/// of the JSON where there is one: "text of /inputs/1".
[[nodiscard]] Error error_of_item(const Error& error, const JsonField& input, std::size_t item,
                                  std::size_t count);

/// How a request's inputs were written; some tasks nest their answers accordingly.
enum class InputForm : std::uint8_t { text, object, list };

/// Reads every request's items with `read(field, items) -> InputForm`, runs all items in one call
/// with `run(items) -> vector<Outcome<Result>>`, and writes each request's answer with
/// `write(writer, form, results)`. A request fails with its first item's Error, which
/// names the item.
template <class Item, class Read, class Run, class Write>
[[nodiscard]] std::vector<JsonAnswer> answer_items(std::span<const JsonField> inputs, Read read,
                                                   Run run, Write write) {
  struct Slot {
    std::size_t begin = 0;
    std::size_t end = 0;
    InputForm form = InputForm::text;
    std::optional<Error> error = {};
  };
  std::vector<Item> items;
  std::vector<Slot> slots;
  for (const JsonField& input : inputs) {
    Slot slot{.begin = items.size()};
    try {
      slot.form = read(input, items);
    } catch (const Error& error) {
      items.resize(slot.begin);
      slot.error = error;
    }
    slot.end = items.size();
    slots.push_back(std::move(slot));
  }

  const auto outcomes = run(items);
  std::vector<JsonAnswer> answers;
  answers.reserve(slots.size());
  for (std::size_t request = 0; request < slots.size(); ++request) {
    const Slot& slot = slots[request];
    const auto results = std::span(outcomes).subspan(slot.begin, slot.end - slot.begin);
    std::optional<Error> error = slot.error;
    for (std::size_t i = 0; i < results.size() && !error; ++i) {
      if (!results[i].ok()) {
        error = error_of_item(results[i].error(), inputs[request], i, results.size());
      }
    }
    if (error) {
      answers.emplace_back(*error);
      continue;
    }
    JsonWriter writer;
    write(writer, slot.form, results);
    answers.emplace_back(writer.take());
  }
  return answers;
}

/// answer_items() for tasks whose answer is a list exactly where the input is one:
/// `write(writer, result)` is called for each item.
template <class Item, class Read, class Run, class Write>
[[nodiscard]] std::vector<JsonAnswer> answer_lists(std::span<const JsonField> inputs, Read read,
                                                   Run run, Write write) {
  return answer_items<Item>(inputs, read, run,
                            [&](JsonWriter& writer, InputForm form, const auto& results) {
                              if (form == InputForm::list) writer.begin_array();
                              for (const auto& result : results) write(writer, result.value());
                              if (form == InputForm::list) writer.end_array();
                            });
}

/// A string or a list of strings, as views into the request.
InputForm read_texts(const JsonField& input, std::vector<std::string_view>& texts);

// ---- the families
/// `name` is what the task was asked for by: an alias, or "translation_en_to_de".
using JsonTaskMaker = std::unique_ptr<JsonTask> (*)(const std::filesystem::path& model,
                                                    const ModelOptions& options,
                                                    std::string_view name);

/// A NAME of `attend run`, and what loads a model for it.
struct NamedTask {
  std::string_view name;
  JsonTaskMaker make;
};

/// A maker of tasks that are constructed with a folder and options.
template <class Task>
[[nodiscard]] std::unique_ptr<JsonTask> make_task(const std::filesystem::path& model,
                                                  const ModelOptions& options, std::string_view) {
  return std::make_unique<Task>(model, options);
}

// Each has the names that its file answers to.
[[nodiscard]] std::span<const NamedTask> classification_tasks();
[[nodiscard]] std::span<const NamedTask> entity_tasks();
[[nodiscard]] std::span<const NamedTask> answer_tasks();
[[nodiscard]] std::span<const NamedTask> vector_tasks();
[[nodiscard]] std::span<const NamedTask> tokenize_tasks();
[[nodiscard]] std::span<const NamedTask> chat_tasks();
[[nodiscard]] std::span<const NamedTask> generation_tasks();
[[nodiscard]] std::span<const NamedTask> text2text_tasks();

}  // namespace attend::cli
