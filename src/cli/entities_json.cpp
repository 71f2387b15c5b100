// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run` for token-classification.
// Source: transformers 4.57 pipelines/token_classification.py, for parameters and nesting.
#include <algorithm>
#include <array>

#include "attend/task/token_classification.h"
#include "cli/json_parameters.h"
#include "cli/json_task.h"
#include "cli/results_json.h"

namespace attend::cli {
namespace {

using Words = TokenClassification::Words;

struct EntityParameters {
  TokenClassificationOptions options;
  RunOptions run;
  bool is_split_into_words = false;
};

/// A list of [begin, end], or a list of such lists of which the reference reads the first.
std::vector<Range> read_offset_mapping(const JsonField& value) {
  auto rows = value.elements();
  if (rows.empty()) value.reject("a list of [begin, end]");
  const auto first = rows[0].elements();
  if (!first.empty() && first[0].is_array()) rows = first;
  std::vector<Range> ranges;
  for (const JsonField& row : rows) {
    const auto ends = row.elements();
    if (ends.size() != 2) row.reject("[begin, end]");
    ranges.push_back({.begin = read_index(ends[0], 0), .end = read_index(ends[1], 0)});
  }
  return ranges;
}

constexpr std::array<Parameter<EntityParameters>, 9> entities_table{{
    {"aggregation_strategy",
     [](const JsonField& value, auto& p) {
       using Choice = std::pair<std::string_view, AggregationStrategy>;
       static constexpr std::array<Choice, 5> choices{
           Choice{"none", AggregationStrategy::none}, Choice{"simple", AggregationStrategy::simple},
           Choice{"first", AggregationStrategy::first},
           Choice{"average", AggregationStrategy::average},
           Choice{"max", AggregationStrategy::max}};
       if (value.is_null()) return;
       p.options.aggregation_strategy =
           read_choice(value, std::span<const Choice>(choices), LetterCase::ignored);
     }},
    {"ignore_labels",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.ignore_labels = read_strings(value);
     }},
    {"stride",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.stride = read_index(value, 0);
     }},
    {"is_split_into_words",
     [](const JsonField& value, auto& p) { p.is_split_into_words = read_flag(value); }},
    {"delimiter",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.delimiter = value.string();
     }},
    {"offset_mapping",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.offset_mapping = read_offset_mapping(value);
     }},
    {"grouped_entities",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.grouped_entities = value.boolean();
     }},
    {"ignore_subwords",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.ignore_subwords = value.boolean();
     }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

InputForm read_entity_texts(const JsonField& input, std::vector<std::string_view>& texts) {
  if (input.is_array() && input.elements().empty()) input.reject("at least one text");
  return read_texts(input, texts);
}

Words read_words(const JsonField& input) {
  Words words;
  for (const JsonField& word : input.elements()) words.emplace_back(word.string());
  return words;
}

/// One list of words or several; the answer is a list of lists either way.
InputForm read_split_texts(const JsonField& input, std::vector<Words>& items) {
  const auto elements = input.elements();
  if (elements.empty()) input.reject("at least one text");
  const bool several = std::all_of(elements.begin(), elements.end(),
                                   [](const JsonField& element) { return element.is_array(); });
  if (several) {
    for (const JsonField& element : elements) items.push_back(read_words(element));
  } else {
    items.push_back(read_words(input));
  }
  return InputForm::list;
}

void write_entities(JsonWriter& writer, const std::vector<Entity>& entities) {
  write_json(writer, entities);
}

class TokenClassificationTask : public JsonTask {
 public:
  TokenClassificationTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(TokenClassification::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    EntityParameters p{.run = run};
    read_parameters<EntityParameters>(parameters, entities_table, p);
    if (p.is_split_into_words) {
      return answer_lists<Words>(
          inputs, read_split_texts,
          [&](const std::vector<Words>& items) {
            return task_.each_words(items, p.options, p.run);
          },
          write_entities);
    }
    return answer_lists<std::string_view>(
        inputs, read_entity_texts,
        [&](const std::vector<std::string_view>& texts) {
          return task_.each(texts, p.options, p.run);
        },
        write_entities);
  }

 private:
  TokenClassification task_;
};

}  // namespace

std::span<const NamedTask> entity_tasks() {
  static constexpr std::array<NamedTask, 1> tasks{
      {{"token-classification", make_task<TokenClassificationTask>}}};
  return tasks;
}

}  // namespace attend::cli
