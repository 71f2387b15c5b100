// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pipelines where a task has predictions, the task's class where it has vectors.
#include "support/callers.h"

#include <cmath>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <type_traits>

#include "attend/pipeline/pipeline.h"
#include "support/golden.h"
#include "support/paths.h"

namespace attend::test {
namespace {

using Texts = std::span<const std::string_view>;

constexpr TruncationStrategy cut = TruncationStrategy::longest_first;
constexpr std::string_view sentence = "the house was dark";

template <class T>
void append(const T& value, std::string& bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append(const std::string& text, std::string& bytes) {
  append(text.size(), bytes);
  bytes += text;
}

void append(std::span<const float> values, Answer& answer) {
  for (const float value : values) {
    append(value, answer.bytes);
    answer.scores_finite = answer.scores_finite && std::isfinite(value);
  }
}

bool is_boundary(std::string_view text, Index at) {
  if (at < 0 || at > static_cast<Index>(text.size())) return false;
  return at == static_cast<Index>(text.size()) ||
         (static_cast<unsigned char>(text[static_cast<std::size_t>(at)]) & 0xC0U) != 0x80U;
}

/// `source` is what the ranges of the predictions refer to.
Answer answer_of(const std::vector<Prediction>& predictions, std::string_view source) {
  Answer answer{.bytes = {}, .parts = predictions.size()};
  for (const Prediction& one : predictions) {
    append(one.label, answer.bytes);
    append(one.text, answer.bytes);
    append(one.begin, answer.bytes);
    append(one.end, answer.bytes);
    append({&one.score, 1}, answer);
    answer.ranges_valid = answer.ranges_valid && one.begin <= one.end &&
                          is_boundary(source, one.begin) && is_boundary(source, one.end);
  }
  return answer;
}

Answer answer_of(const TokenFeatures& features, std::string_view) {
  Answer answer{.bytes = {}, .parts = static_cast<std::size_t>(features.tokens)};
  append(features.values, answer);
  return answer;
}

Answer answer_of(const Embedding& embedding, std::string_view) {
  Answer answer{.bytes = {}, .parts = 1};
  append(embedding, answer);
  return answer;
}

template <class Result>
std::vector<Outcome<Answer>> answers(const std::vector<Outcome<Result>>& outcomes, Texts sources) {
  std::vector<Outcome<Answer>> out;
  out.reserve(outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].ok()) {
      out.emplace_back(answer_of(outcomes[i].value(), sources[i]));
    } else {
      out.emplace_back(outcomes[i].error());
    }
  }
  return out;
}

std::shared_ptr<const Pipeline> load(std::string_view task, const std::filesystem::path& folder) {
  return std::make_shared<const Pipeline>(pipeline(task, {.model = folder.string()}));
}

/// The strangers' texts, behind `before`, are the texts of the call. Ranges refer to `source`, or
/// to the texts where that is empty.
Caller texts_of(std::string name, const std::shared_ptr<const Pipeline>& task, CallOptions options,
                std::string before = {}, std::string_view source = {}) {
  return {std::move(name), before, [=](Texts texts) {
            std::vector<std::string> whole;
            for (const std::string_view text : texts) whole.push_back(before + std::string(text));
            const std::vector<std::string_view> views(whole.begin(), whole.end());
            const std::vector<std::string_view> sources(views.size(), source);
            return answers(task->each(views, options), source.empty() ? views : sources);
          }};
}

/// Each of the strangers' texts is an option of a call on `sentence`.
Caller option_of(std::string name, const std::shared_ptr<const Pipeline>& task,
                 CallOptions (*options)(std::string), std::string before = {}) {
  return {std::move(name), std::move(before), [=](Texts texts) {
            std::vector<Outcome<Answer>> out;
            for (const std::string_view text : texts) {
              try {
                const auto results = task->each({&sentence, 1}, options(std::string(text)));
                out.push_back(answers(results, {&sentence, 1}).front());
              } catch (const Error& error) {
                out.emplace_back(error);
              }
            }
            return out;
          }};
}

template <class Task, class Options>
Caller vectors(std::string name, const std::filesystem::path& folder, const Options& options) {
  return {std::move(name),
          {},
          [task = std::make_shared<const Task>(Task::load(folder)), options](Texts texts) {
            return answers(task->each(texts, options), texts);
          }};
}

std::vector<Caller> make_golden_callers() {
  const auto classes = load("text-classification", golden("bert-sequence-classification"));
  const auto entities = load("ner", golden("bert-token-classification"));
  const auto cased = load("ner", golden("bert-token-classification-cased"));
  // Without a class called entailment the last one is taken: it is as good as any.
  const auto zero_shot = load("zero-shot", golden("bert-sequence-classification"));
  const auto answer = load("qa", golden("bert-question-answering"));
  const auto fill = load("fill-mask", golden("distilbert-fill-mask"));
  const auto rerank = load("rerank", golden("bert-sequence-classification-reranker"));
  const CallOptions ask{.question = "where was it?"};
  const CallOptions read{.context = std::string(sentence)};
  return {
      texts_of("text-classification", classes, {.truncation = cut}),
      texts_of("token-classification", entities, {}),
      texts_of("token-classification, cased", cased,
               {.aggregation_strategy = AggregationStrategy::average}),
      texts_of("zero-shot, text", zero_shot, {.labels = {"a", "b"}}),
      option_of(
          "zero-shot, label", zero_shot,
          [](std::string text) {
            return CallOptions{.labels = {"a", std::move(text)}};
          },
          "This example is "),
      texts_of("question-answering, context", answer, ask),
      texts_of("question-answering, question", answer, read, {}, sentence),
      texts_of("fill-mask", fill, {.truncation = cut}, "[MASK] "),
      vectors<FeatureExtraction>("feature-extraction", golden("bert-feature-extraction"),
                                 FeatureExtractionOptions{.tokenize = {.truncation = cut}}),
      vectors<SentenceEmbedding>("embed", golden("bert-sentence-embeddings-mean"),
                                 SentenceEmbeddingOptions{}),
      texts_of("rerank, document", rerank, {.query = std::string(sentence)}),
      option_of("rerank, query", rerank,
                [](std::string text) { return CallOptions{.query = std::move(text)}; }),
  };
}

std::vector<Caller> make_bundled_callers() {
  const auto folder = [](std::string_view name) {
    return tests_folder() / ".." / "examples" / "models" / name;
  };
  return {
      texts_of("sentiment", load("sentiment", folder("sentiment")), {.truncation = cut}),
      texts_of("ner", load("ner", folder("ner")), {}),
      texts_of("zero-shot", load("zero-shot", folder("zero-shot")), {.labels = {"a", "b"}}),
      vectors<SentenceEmbedding>("embeddings", folder("embeddings"), SentenceEmbeddingOptions{}),
  };
}

}  // namespace

const std::vector<Caller>& golden_callers() {
  static const std::vector<Caller> callers = make_golden_callers();
  return callers;
}

const std::vector<Caller>& bundled_callers() {
  static const std::vector<Caller> callers = make_bundled_callers();
  return callers;
}

const Caller& golden_caller(std::string_view name) {
  for (const Caller& caller : golden_callers()) {
    if (caller.name == name) return caller;
  }
  throw std::logic_error("no caller " + std::string(name));
}

}  // namespace attend::test
