// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run` for text-classification, zero-shot-classification and cross-encoder.
// Source: transformers 4.57 pipelines/{text_classification,zero_shot_classification}.py,
// sentence-transformers 5 cross_encoder/CrossEncoder.py, for parameters and nesting.
#include <array>

#include "attend/task/rerank.h"
#include "attend/task/text_classification.h"
#include "attend/task/zero_shot.h"
#include "cli/json_parameters.h"
#include "cli/json_task.h"
#include "cli/results_json.h"

namespace attend::cli {
namespace {

// ---- text-classification

struct TextClassificationParameters {
  TextClassificationOptions options;
  TokenizerParameters tokenizer;
  RunOptions run;
  bool top_k_given = false;
};

template <auto read>
void tokenizer_row(const JsonField& value, TextClassificationParameters& parameters) {
  read(value, parameters.tokenizer);
}

constexpr std::array<Parameter<TextClassificationParameters>, 9> text_classification_table{{
    {"top_k",
     [](const JsonField& value, auto& p) {
       p.top_k_given = true;
       constexpr Index least = -std::numeric_limits<std::int32_t>::max();  // a slice of Python
       p.options.top_k = value.is_null() ? all_labels : read_index(value, least);
     }},
    {"function_to_apply",
     [](const JsonField& value, auto& p) {
       using Choice = std::pair<std::string_view, ScoreFunction>;
       static constexpr std::array<Choice, 3> choices{Choice{"sigmoid", ScoreFunction::sigmoid},
                                                      Choice{"softmax", ScoreFunction::softmax},
                                                      Choice{"none", ScoreFunction::none}};
       if (value.is_null()) return;
       p.options.function_to_apply =
           read_choice(value, std::span<const Choice>(choices), LetterCase::ignored);
     }},
    {"return_all_scores",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.return_all_scores = value.boolean();
     }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
    {"truncation", tokenizer_row<read_truncation>},
    {"max_length", tokenizer_row<read_max_length>},
    {"truncation_side", tokenizer_row<read_truncation_side>},
    {"padding", tokenizer_row<read_padding>},
    {"add_special_tokens", tokenizer_row<read_add_special_tokens>},
}};

/// {"text": ..., "text_pair": ...}; an empty pair is no pair, as in a tokenizer call of Python.
TextInput read_text_and_pair(const JsonField& input) {
  reject_other_keys(input, {"text", "text_pair"});
  TextInput item(input.at("text").string());
  if (const auto pair = input.find("text_pair"); pair && !pair->string().empty()) {
    item.pair = pair->string();
  }
  return item;
}

TextInput read_text_or_pair(const JsonField& input) {
  if (input.is_string()) return TextInput(input.string());
  if (input.is_object()) return read_text_and_pair(input);
  if (input.is_array()) {  // [[text, pair]], the old way to write a pair
    const auto outer = input.elements();
    if (outer.size() == 1 && outer[0].is_array()) {
      const auto inner = outer[0].elements();
      if (inner.size() == 2) return TextInput(inner[0].string(), inner[1].string());
    }
  }
  input.reject("a string or {\"text\": ..., \"text_pair\": ...}");
}

InputForm read_classified(const JsonField& input, std::vector<TextInput>& items) {
  if (!input.is_array()) {
    items.push_back(read_text_or_pair(input));
    return input.is_string() ? InputForm::text : InputForm::object;
  }
  for (const JsonField& element : input.elements()) items.push_back(read_text_or_pair(element));
  return InputForm::list;
}

class TextClassificationTask : public JsonTask {
 public:
  TextClassificationTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(TextClassification::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    TextClassificationParameters p{.run = run};
    read_parameters<TextClassificationParameters>(parameters, text_classification_table, p);
    p.options.tokenize = p.tokenizer.options();
    // Without top_k the answer for a text is one label, not a list of one; but a lone string's
    // answer is in a list all the same.
    const bool all_scores = p.options.return_all_scores.value_or(
        task_.task_model().model->config().return_all_scores.value_or(false));
    const bool one_label = !p.top_k_given && !all_scores;
    return answer_items<TextInput>(
        inputs, read_classified,
        [&](const std::vector<TextInput>& items) { return task_.each(items, p.options, p.run); },
        [&](JsonWriter& writer, InputForm form, const auto& results) {
          const bool nested =
              form == InputForm::list || (form == InputForm::text && !p.top_k_given);
          if (nested) writer.begin_array();
          for (const auto& result : results) {
            const auto& labels = result.value();
            if (one_label) {
              write_json(writer, labels.at(0));
            } else {
              write_json(writer, labels);
            }
          }
          if (nested) writer.end_array();
        });
  }

 private:
  TextClassification task_;
};

// ---- zero-shot-classification

struct ZeroShotParameters {
  ZeroShotOptions options;
  std::optional<bool> multi_class;  // goes before multi_label
  RunOptions run;
};

constexpr std::array<Parameter<ZeroShotParameters>, 5> zero_shot_table{{
    {"candidate_labels",
     [](const JsonField& value, auto& p) {
       p.options.candidate_labels =
           value.is_string() ? split_labels(value.string()) : read_strings(value);
     }},
    {"hypothesis_template",
     [](const JsonField& value, auto& p) { p.options.hypothesis_template = value.string(); }},
    {"multi_label",
     [](const JsonField& value, auto& p) { p.options.multi_label = read_flag(value); }},
    {"multi_class",  // its name before transformers 4.0
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.multi_class = value.boolean();
     }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

class ZeroShotTask : public JsonTask {
 public:
  ZeroShotTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(ZeroShotClassification::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    ZeroShotParameters p;
    p.run = run;
    read_parameters<ZeroShotParameters>(parameters, zero_shot_table, p);
    if (p.multi_class) p.options.multi_label = *p.multi_class;
    return answer_lists<std::string_view>(
        inputs, read_texts,
        [&](const std::vector<std::string_view>& texts) {
          return task_.each(texts, p.options, p.run);
        },
        [](JsonWriter& writer, const ZeroShotResult& result) { write_json(writer, result); });
  }

 private:
  ZeroShotClassification task_;
};

// ---- cross-encoder

struct CrossEncoderParameters {
  RerankOptions options;
  bool return_documents = false;
  RunOptions run;
};

constexpr std::array<Parameter<CrossEncoderParameters>, 7> cross_encoder_table{{
    {"prompt",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.prompt = value.string();
     }},
    {"prompt_name",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.prompt_name = value.string();
     }},
    {"activation_fn",
     [](const JsonField& value, auto& p) {
       using Choice = std::pair<std::string_view, Activation>;
       static constexpr std::array<Choice, 6> choices{
           Choice{"Identity", Activation::none}, Choice{"Sigmoid", Activation::sigmoid},
           Choice{"Tanh", Activation::tanh},     Choice{"ReLU", Activation::relu},
           Choice{"GELU", Activation::gelu},     Choice{"SiLU", Activation::silu}};
       if (value.is_null()) return;
       p.options.activation = read_choice(value, std::span<const Choice>(choices));
     }},
    {"apply_softmax",
     [](const JsonField& value, auto& p) { p.options.apply_softmax = read_flag(value); }},
    {"top_k",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.top_k = read_index(value, 0);
     }},
    {"return_documents",
     [](const JsonField& value, auto& p) { p.return_documents = read_flag(value); }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

TextInput read_pair(const JsonField& pair) {
  const auto texts = pair.elements();
  if (texts.size() != 2) pair.reject("a pair of texts");
  return TextInput(texts[0].string(), texts[1].string());
}

/// [[a, b], ...], or one pair.
InputForm read_pairs(const JsonField& pairs, std::vector<TextInput>& items) {
  const auto elements = pairs.elements();
  if (!elements.empty() && elements[0].is_string()) {
    items.push_back(read_pair(pairs));
    return InputForm::text;
  }
  for (const JsonField& element : elements) items.push_back(read_pair(element));
  return InputForm::list;
}

/// A pair's scores and its second text.
struct ScoredPair {
  std::vector<float> scores;
  std::string_view document;
};

/// predict() for {"pairs": [[a, b], ...]}, the list itself or one pair; rank() for
/// {"query": ..., "documents": [...]}.
class CrossEncoderTask : public JsonTask {
 public:
  CrossEncoderTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(Rerank::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    CrossEncoderParameters p{.run = run};
    read_parameters<CrossEncoderParameters>(parameters, cross_encoder_table, p);
    return answer_items<TextInput>(
        inputs,
        [&](const JsonField& input, std::vector<TextInput>& items) {
          return read(input, items, p);
        },
        [&](const std::vector<TextInput>& pairs) { return score(pairs, p); },
        [&](JsonWriter& writer, InputForm form, std::span<const Outcome<ScoredPair>> pairs) {
          if (form == InputForm::object) return write_ranking(writer, pairs, p);
          if (form == InputForm::list) writer.begin_array();
          for (const auto& pair : pairs) {
            const std::vector<float>& scores = pair.value().scores;
            if (scores.size() == 1) {
              writer.number(scores[0]);
            } else {
              write_json(writer, scores);
            }
          }
          if (form == InputForm::list) writer.end_array();
        });
  }

 private:
  InputForm read(const JsonField& input, std::vector<TextInput>& items,
                 const CrossEncoderParameters& p) const {
    if (input.is_object() && input.get("query")) return read_query(input, items);
    if (p.options.top_k || p.return_documents) {
      input.reject(R"("query" and "documents" beside top_k or return_documents)");
    }
    if (!input.is_object()) return read_pairs(input, items);
    reject_other_keys(input, {"pairs"});
    return read_pairs(input.at("pairs"), items);
  }

  InputForm read_query(const JsonField& input, std::vector<TextInput>& items) const {
    reject_other_keys(input, {"query", "documents"});
    if (task_.task_model().model->config().labels.size() != 1) {
      input.reject(R"("pairs": only a model with one class ranks)");
    }
    const JsonString query = input.at("query").string();
    for (const JsonField& document : input.at("documents").elements()) {
      items.emplace_back(query, document.string());
    }
    return InputForm::object;
  }

  [[nodiscard]] std::vector<Outcome<ScoredPair>> score(const std::vector<TextInput>& pairs,
                                                       const CrossEncoderParameters& p) const {
    std::vector<Outcome<ScoredPair>> out;
    auto outcomes = task_.each(pairs, p.options, p.run);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].ok()) {
        out.emplace_back(ScoredPair{std::move(outcomes[i]).value(), *pairs[i].pair});
      } else {
        out.emplace_back(outcomes[i].error());
      }
    }
    return out;
  }

  static void write_ranking(JsonWriter& writer, std::span<const Outcome<ScoredPair>> pairs,
                            const CrossEncoderParameters& p) {
    std::vector<RankedDocument> ranked;
    for (const auto& pair : pairs) {
      ranked.push_back({static_cast<Index>(ranked.size()), pair.value().scores.front()});
    }
    keep_best(ranked, p.options.top_k);
    writer.array(ranked, [&](const RankedDocument& document) {
      writer.begin_object();
      writer.key("corpus_id");
      writer.integer(document.index);
      writer.key("score");
      writer.number(document.score);
      if (p.return_documents) {
        writer.key("text");
        writer.string(pairs[static_cast<std::size_t>(document.index)].value().document);
      }
      writer.end_object();
    });
  }

  Rerank task_;
};

}  // namespace

std::span<const NamedTask> classification_tasks() {
  static constexpr std::array<NamedTask, 3> tasks{
      {{"text-classification", make_task<TextClassificationTask>},
       {"zero-shot-classification", make_task<ZeroShotTask>},
       {"rerank", make_task<CrossEncoderTask>}}};
  return tasks;
}

}  // namespace attend::cli
