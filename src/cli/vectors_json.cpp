// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run` for feature-extraction and sentence-embeddings.
// Source: transformers 4.57 pipelines/feature_extraction.py, SentenceTransformer.encode of
// sentence-transformers 5, for parameters and nesting.
#include <array>

#include "attend/task/feature_extraction.h"
#include "attend/task/sentence_embedding.h"
#include "cli/json_parameters.h"
#include "cli/json_task.h"
#include "cli/results_json.h"

namespace attend::cli {
namespace {

// ---- feature-extraction

struct FeatureParameters {
  TokenizerParameters tokenizer;
  bool truncation_in_dictionary = false;
  RunOptions run;
};

constexpr std::array<Parameter<FeatureParameters>, 4> feature_table{{
    {"truncation",
     [](const JsonField& value, auto& p) {
       if (p.truncation_in_dictionary && !value.is_null()) {
         value.reject("truncation either here or in tokenize_kwargs");
       }
       read_truncation(value, p.tokenizer);
     }},
    {"tokenize_kwargs",
     [](const JsonField& value, auto& p) {
       if (value.is_null()) return;
       p.truncation_in_dictionary = value.find("truncation").has_value();
       if (p.truncation_in_dictionary && p.tokenizer.truncation_given) {
         value.reject("truncation either here or beside it");
       }
       read_parameters(std::optional(value), tokenizer_parameters(), p.tokenizer);
       if (p.tokenizer.padding == PaddingStrategy::max_length) {
         value.at("padding").reject("no padding up to max_length: its hidden states are not made");
       }
     }},
    {"return_tensors",
     [](const JsonField& value, auto&) {
       if (!value.is_null() && value.boolean()) {
         value.reject("false: an answer is JSON, which has lists and no tensors");
       }
     }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

class FeatureExtractionTask : public JsonTask {
 public:
  FeatureExtractionTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(FeatureExtraction::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    FeatureParameters p{.run = run};
    read_parameters<FeatureParameters>(parameters, feature_table, p);
    const FeatureExtractionOptions options{.tokenize = p.tokenizer.options()};
    return answer_lists<std::string_view>(
        inputs, read_texts,
        [&](const std::vector<std::string_view>& texts) {
          return task_.each(texts, options, p.run);
        },
        [](JsonWriter& writer, const TokenFeatures& features) {
          writer.begin_array();  // the reference keeps the batch of one around each text
          writer.begin_array();
          for (Index i = 0; i < features.tokens; ++i) {
            write_json(writer, features.matrix().row(i));
          }
          writer.end_array();
          writer.end_array();
        });
  }

  // A vector a token: some megabytes for a text.
  std::size_t requests_together(const RunOptions& run) const override {
    return static_cast<std::size_t>(run.batch_size);
  }

 private:
  FeatureExtraction task_;
};

// ---- sentence-embeddings

struct EmbeddingParameters {
  SentenceEmbeddingOptions options;
  RunOptions run;
};

constexpr std::array<Parameter<EmbeddingParameters>, 5> embedding_table{{
    {"normalize_embeddings",
     [](const JsonField& value, auto& p) { p.options.normalize_embeddings = read_flag(value); }},
    {"prompt",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.prompt = value.string();
     }},
    {"prompt_name",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.prompt_name = value.string();
     }},
    {"truncate_dim",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.truncate_dim = read_index(value, 1);
     }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

/// {"texts": [...]}, the list itself, or one text.
InputForm read_sentences(const JsonField& input, std::vector<std::string_view>& texts) {
  if (!input.is_object()) return read_texts(input, texts);
  reject_other_keys(input, {"texts"});
  return read_texts(input.at("texts"), texts);
}

class SentenceEmbeddingsTask : public JsonTask {
 public:
  SentenceEmbeddingsTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(SentenceEmbedding::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    EmbeddingParameters p{.run = run};
    read_parameters<EmbeddingParameters>(parameters, embedding_table, p);
    return answer_lists<std::string_view>(
        inputs, read_sentences,
        [&](const std::vector<std::string_view>& texts) {
          return task_.each(texts, p.options, p.run);
        },
        [](JsonWriter& writer, const Embedding& vector) { write_json(writer, vector); });
  }

 private:
  SentenceEmbedding task_;
};

}  // namespace

std::span<const NamedTask> vector_tasks() {
  static constexpr std::array<NamedTask, 2> tasks{
      {{"feature-extraction", make_task<FeatureExtractionTask>},
       {"embed", make_task<SentenceEmbeddingsTask>}}};
  return tasks;
}

}  // namespace attend::cli
