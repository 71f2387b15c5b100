// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run` for text2text-generation, summarization and translation.
// Source: transformers 4.57 pipelines/text2text_generation.py, for parameters and nesting.
#include <array>
#include <string>

#include "attend/task/summarization.h"
#include "attend/task/translation.h"
#include "cli/generation_parameters.h"
#include "cli/json_task.h"

namespace attend::cli {
namespace {

struct Text2TextParameters {
  Text2TextOptions options;
  GenerationParameters generation;
  TokenizerParameters tokenizer;
  RunOptions run;
  bool return_tensors = false;
};

using Text2TextRow = Parameter<Text2TextParameters>;

constexpr std::array<Text2TextRow, 6> text2text_table{{
    {"return_tensors",
     [](const JsonField& value, auto& p) { p.return_tensors = read_flag(value); }},
    // return_tensors decides alone, as in the reference.
    {"return_text", [](const JsonField& value, auto&) { static_cast<void>(read_flag(value)); }},
    {"clean_up_tokenization_spaces",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.clean_up_tokenization_spaces = value.boolean();
     }},
    {"truncation",
     [](const JsonField& value, auto& p) {
       read_truncation(value, p.tokenizer);
       p.options.truncation = p.tokenizer.truncation;
     }},
    {"stop_sequence",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.stop_sequence = value.string();
     }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

constexpr std::array<Text2TextRow, 8> translation_table = [] {
  std::array<Text2TextRow, 8> table{};
  std::copy(text2text_table.begin(), text2text_table.end(), table.begin());
  table[6] = {"src_lang", [](const JsonField& value, auto& p) {
                if (!value.is_null()) p.options.src_lang = value.string();
              }};
  table[7] = {"tgt_lang", [](const JsonField& value, auto& p) {
                if (!value.is_null()) p.options.tgt_lang = value.string();
              }};
  return table;
}();

/// What stands in front of "_text" and "_token_ids", and the parameters of a task.
struct Spelling {
  std::string_view result;
  std::span<const Text2TextRow> table;
};

class Text2TextTask : public JsonTask {
 public:
  Text2TextTask(const Text2TextGeneration& task, Spelling spelling)
      : task_(task), spelling_(spelling) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    Text2TextParameters p{.run = run};
    read_generation_parameters(parameters, spelling_.table, p);
    p.options.config = p.generation.config;
    p.options.unset = p.generation.unset;
    p.options.seed = p.generation.seed;
    return answer_items<Item>(
        inputs, read_items,
        [&](const std::vector<Item>& items) {
          std::vector<std::string_view> texts;
          for (const Item& item : items) {
            texts.push_back(item.text);
            p.options.streams.push_back(item.stream);
          }
          return task_.each(texts, p.options, p.run);
        },
        [&](JsonWriter& writer, InputForm form, std::span<const Outcome<Result>> results) {
          // One text each: a flat list. Several: a list for each text of a list.
          const bool is_flat = std::all_of(results.begin(), results.end(), [](const auto& result) {
            return result.value().size() == 1;
          });
          const bool is_nested = form == InputForm::list && !is_flat;
          if (form == InputForm::list) writer.begin_array();
          for (const auto& result : results) {
            if (is_nested || form == InputForm::text) writer.begin_array();
            for (const WrittenText& text : result.value()) write(writer, text, p);
            if (is_nested || form == InputForm::text) writer.end_array();
          }
          if (form == InputForm::list) writer.end_array();
        });
  }

 private:
  using Result = Text2TextGeneration::Result;

  /// A text and its place in its request: what is drawn for it does not depend on other requests.
  struct Item {
    std::string_view text;
    Index stream = 0;
  };

  static InputForm read_items(const JsonField& input, std::vector<Item>& items) {
    std::vector<std::string_view> texts;
    const InputForm form = read_texts(input, texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      items.push_back({texts[i], static_cast<Index>(i)});
    }
    return form;
  }

  void write(JsonWriter& writer, const WrittenText& text, const Text2TextParameters& p) const {
    writer.begin_object();
    writer.key(std::string(spelling_.result) + (p.return_tensors ? "_token_ids" : "_text"));
    if (p.return_tensors) {
      writer.array(text.ids, [&](TokenId id) { writer.integer(id); });
    } else {
      writer.string(text.text);
    }
    writer.end_object();
  }

  Text2TextGeneration task_;
  Spelling spelling_;
};

std::unique_ptr<JsonTask> make_text2text(const std::filesystem::path& model,
                                         const ModelOptions& options, std::string_view) {
  return std::make_unique<Text2TextTask>(Text2TextGeneration::load(model, options),
                                         Spelling{"generated", text2text_table});
}

std::unique_ptr<JsonTask> make_summarization(const std::filesystem::path& model,
                                             const ModelOptions& options, std::string_view) {
  return std::make_unique<Text2TextTask>(Summarization::load(model, options),
                                         Spelling{"summary", text2text_table});
}

std::unique_ptr<JsonTask> make_translation(const std::filesystem::path& model,
                                           const ModelOptions& options, std::string_view name) {
  return std::make_unique<Text2TextTask>(Translation::load(model, options, name),
                                         Spelling{"translation", translation_table});
}

}  // namespace

std::span<const NamedTask> text2text_tasks() {
  static constexpr std::array<NamedTask, 3> tasks{{{"text2text-generation", make_text2text},
                                                   {"summarization", make_summarization},
                                                   {"translation", make_translation}}};
  return tasks;
}

}  // namespace attend::cli
