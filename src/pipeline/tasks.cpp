// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one table of tasks: names, aliases, bundled models, the options a call takes, and how the
// results of each task's class become Predictions.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "attend/task/fill_mask.h"
#include "attend/task/question_answering.h"
#include "attend/task/rerank.h"
#include "attend/task/summarization.h"
#include "attend/task/text_classification.h"
#include "attend/task/text_generation.h"
#include "attend/task/token_classification.h"
#include "attend/task/translation.h"
#include "attend/task/zero_shot.h"
#include "pipeline/task_table.h"

namespace attend {
namespace {

using Texts = std::span<const std::string_view>;
using Folder = std::filesystem::path;
using Name = std::string_view;

/// Outcomes with what `make(result, item)` makes of each result.
template <class Result, class F>
std::vector<Outcome<Predictions>> predictions(std::vector<Outcome<Result>> outcomes, F&& make) {
  std::vector<Outcome<Predictions>> out;
  out.reserve(outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].ok()) {
      out.emplace_back(make(outcomes[i].value(), i));
    } else {
      out.emplace_back(outcomes[i].error());
    }
  }
  return out;
}

/// A label that is about the whole text.
Prediction about_all(std::string label, float score, std::string_view text) {
  return {.label = std::move(label), .score = score, .end = static_cast<Index>(text.size())};
}

[[noreturn]] void fail_missing(std::string_view task, std::string what, std::string hint) {
  fail(ErrorKind::config_error, {.where = std::string(task),
                                 .what = std::move(what),
                                 .expected = "a value in the call's options",
                                 .found = "none",
                                 .hint = std::move(hint)});
}

LoadedTask load_text_classification(const Folder& folder, const ModelOptions& how, Name) {
  return {.predict = [task = TextClassification::load(folder, how)](
                         Texts texts, const CallOptions& call, const RunOptions& run) {
    const std::vector<TextInput> inputs(texts.begin(), texts.end());
    const TextClassificationOptions options{.top_k = call.top_k,
                                            .tokenize = {.truncation = call.truncation}};
    return predictions(task.each(inputs, options, run),
                       [&](const std::vector<LabelScore>& labels, std::size_t item) {
                         Predictions out;
                         for (const LabelScore& l : labels) {
                           out.push_back(about_all(l.label, l.score, texts[item]));
                         }
                         return out;
                       });
  }};
}

LoadedTask load_token_classification(const Folder& folder, const ModelOptions& how, Name) {
  return {.predict = [task = TokenClassification::load(folder, how)](
                         Texts texts, const CallOptions& call, const RunOptions& run) {
    const TokenClassificationOptions options{
        .aggregation_strategy = call.aggregation_strategy.value_or(AggregationStrategy::simple)};
    return predictions(task.each(texts, options, run),
                       [&](const std::vector<Entity>& entities, std::size_t item) {
                         Predictions out;
                         for (const Entity& e : entities) {
                           const auto begin = static_cast<std::size_t>(e.bytes.begin);
                           const auto size = static_cast<std::size_t>(e.bytes.size());
                           out.push_back({.label = e.label,
                                          .score = e.score,
                                          .text = std::string(texts[item].substr(begin, size)),
                                          .begin = e.bytes.begin,
                                          .end = e.bytes.end});
                         }
                         return out;
                       });
  }};
}

LoadedTask load_zero_shot(const Folder& folder, const ModelOptions& how, Name) {
  return {.predict = [task = ZeroShotClassification::load(folder, how)](
                         Texts texts, const CallOptions& call, const RunOptions& run) {
    if (call.labels.empty()) {
      fail_missing("zero-shot-classification", "labels", "{.labels = {\"politics\", \"sport\"}}");
    }
    ZeroShotOptions options{.candidate_labels = call.labels};
    if (call.hypothesis_template) options.hypothesis_template = *call.hypothesis_template;
    options.multi_label = call.multi_label.value_or(false);
    return predictions(
        task.each(texts, options, run), [&](const ZeroShotResult& result, std::size_t item) {
          Predictions out;
          for (std::size_t i = 0; i < result.labels.size(); ++i) {
            out.push_back(about_all(result.labels[i], result.scores[i], texts[item]));
          }
          return out;
        });
  }};
}

LoadedTask load_question_answering(const Folder& folder, const ModelOptions& how, Name) {
  return {.predict = [task = QuestionAnswering::load(folder, how)](
                         Texts texts, const CallOptions& call, const RunOptions& run) {
    if (call.question.has_value() == call.context.has_value()) {
      fail_missing("question-answering", "question or context, one of them",
                   "answer(\"Who came?\", {.context = \"Ann came.\"})");
    }
    std::vector<Question> questions;
    for (const std::string_view text : texts) {
      questions.push_back(call.question ? Question{*call.question, text}
                                        : Question{text, *call.context});
    }
    QuestionAnsweringOptions options;
    options.top_k = call.top_k.value_or(options.top_k);
    options.max_answer_len = call.max_answer_len.value_or(options.max_answer_len);
    options.handle_impossible_answer = call.handle_impossible_answer.value_or(false);
    return predictions(task.each(questions, options, run),
                       [](const std::vector<AnswerSpan>& answers, std::size_t) {
                         Predictions out;
                         for (const AnswerSpan& a : answers) {
                           out.push_back({.label = {},
                                          .score = a.score,
                                          .text = a.answer,
                                          .begin = a.bytes.begin,
                                          .end = a.bytes.end});
                         }
                         return out;
                       });
  }};
}

LoadedTask load_fill_mask(const Folder& folder, const ModelOptions& how, Name) {
  return {.predict = [task = FillMask::load(folder, how)](Texts texts, const CallOptions& call,
                                                          const RunOptions& run) {
    FillMaskOptions options{.targets = call.targets, .tokenize = {.truncation = call.truncation}};
    options.top_k = call.top_k.value_or(options.top_k);
    return predictions(task.each(texts, options, run),
                       [](const std::vector<FilledMask>& masks, std::size_t) {
                         Predictions out;
                         for (const FilledMask& mask : masks) {
                           for (const MaskFill& fill : mask.fills) {
                             out.push_back({.label = fill.token_str,
                                            .score = fill.score,
                                            .text = fill.sequence,
                                            .begin = mask.bytes.begin,
                                            .end = mask.bytes.end});
                           }
                         }
                         return out;
                       });
  }};
}

LoadedTask load_rerank(const Folder& folder, const ModelOptions& how, Name) {
  return {.predict = [task = Rerank::load(folder, how)](Texts texts, const CallOptions& call,
                                                        const RunOptions& run) {
    if (!call.query) fail_missing("rerank", "query", "rerank(documents, {.query = \"...\"})");
    std::vector<TextInput> pairs;
    for (const std::string_view text : texts) pairs.emplace_back(*call.query, text);
    const std::vector<std::string>& labels = task.task_model().model->config().labels;
    return predictions(
        task.each(pairs, {}, run), [&](const std::vector<float>& scores, std::size_t item) {
          Predictions out;
          for (std::size_t i = 0; i < scores.size(); ++i) {
            // The one class of most rerankers has no name that says anything.
            out.push_back(
                about_all(scores.size() > 1 ? labels[i] : std::string(), scores[i], texts[item]));
          }
          return out;
        });
  }};
}

LoadedTask load_text_generation(const Folder& folder, const ModelOptions& how, Name) {
  return {.predict = [task = TextGeneration::load(folder, how)](
                         Texts texts, const CallOptions& call, const RunOptions& run) {
    const std::vector<TextPrompt> prompts(texts.begin(), texts.end());
    const TextGenerationOptions options{.config = call.generation.value_or(GenerationConfig()),
                                        .seed = call.seed.value_or(0)};
    return predictions(task.each(prompts, options, run),
                       [&](const std::vector<GeneratedText>& found, std::size_t item) {
                         Predictions out;
                         for (const GeneratedText& text : found) {
                           out.push_back({.score = static_cast<float>(text.score),
                                          .text = text.text,
                                          .end = static_cast<Index>(texts[item].size())});
                         }
                         return out;
                       });
  }};
}

LoadedTask load_feature_extraction(const Folder& folder, const ModelOptions& how, Name) {
  return {.features = FeatureExtraction::load(folder, how)};
}

LoadedTask load_embed(const Folder& folder, const ModelOptions& how, Name) {
  return {.embed = SentenceEmbedding::load(folder, how)};
}

Text2TextOptions text2text_options(const CallOptions& call) {
  Text2TextOptions options{.truncation = call.truncation};
  options.src_lang = call.src_lang.value_or("");
  options.tgt_lang = call.tgt_lang.value_or("");
  options.config = call.generation.value_or(GenerationConfig());
  options.seed = call.seed.value_or(0);
  return options;
}

/// What a task that writes texts gives.
LoadedTask writing(Text2TextGeneration task) {
  return {.predict = [task = std::move(task)](Texts texts, const CallOptions& call,
                                              const RunOptions& run) {
    return predictions(
        task.each(texts, text2text_options(call), run),
        [&](const std::vector<WrittenText>& written, std::size_t item) {
          Predictions out;
          for (const WrittenText& one : written) {
            out.push_back({.score = static_cast<float>(one.score),
                           .text = one.text,
                           .end = static_cast<Index>(texts[item].size())});
          }
          return out;
        });
  }};
}

LoadedTask load_text2text(const Folder& folder, const ModelOptions& how, Name) {
  return writing(Text2TextGeneration::load(folder, how));
}

LoadedTask load_summarization(const Folder& folder, const ModelOptions& how, Name) {
  return writing(Summarization::load(folder, how));
}

LoadedTask load_translation(const Folder& folder, const ModelOptions& how, Name name) {
  return writing(Translation::load(folder, how, name));
}

template <class... Fields>
constexpr std::uint16_t takes(Fields... fields) {
  return static_cast<std::uint16_t>((0U | ... | static_cast<unsigned>(fields)));
}

using Names = std::span<const std::string_view>;
using enum CallField;

constexpr std::array<std::string_view, 2> text_classification{"sentiment", "sentiment-analysis"};
constexpr std::array<std::string_view, 1> token_classification{"ner"};
constexpr std::array<std::string_view, 1> zero_shot{"zero-shot"};
constexpr std::array<std::string_view, 1> question_answering{"qa"};
constexpr std::array<std::string_view, 2> embed{"embeddings", "sentence-embeddings"};
constexpr std::array<std::string_view, 1> rerank{"cross-encoder"};

constexpr std::array<TaskEntry, 12> table{{
    {{"text-classification", text_classification, "sentiment", "labels of a text"},
     takes(top_k, truncation),
     load_text_classification},
    {{"token-classification", token_classification, "ner", "entities in a text"},
     takes(aggregation_strategy),
     load_token_classification},
    {{"zero-shot-classification", zero_shot, "zero-shot", "scores of freely chosen labels"},
     takes(labels, hypothesis_template, multi_label),
     load_zero_shot},
    {{"question-answering", question_answering, "", "spans of a context that answer a question"},
     takes(top_k, question, context, max_answer_len, handle_impossible_answer),
     load_question_answering},
    {{"fill-mask", Names(), "", "tokens for the masks in a text"},
     takes(top_k, truncation, targets),
     load_fill_mask},
    {{"text-generation", Names(), "stories", "texts that go on"},
     takes(generation, seed),
     load_text_generation},
    {{"feature-extraction", Names(), "embeddings", "hidden states, one row a token"},
     takes(),
     load_feature_extraction},
    {{"embed", embed, "embeddings", "one vector a text"}, takes(), load_embed},
    {{"rerank", rerank, "", "scores of documents for a query"}, takes(query), load_rerank},
    {{"text2text-generation", Names(), "pronunciation", "a text that answers a text"},
     takes(truncation, generation, seed),
     load_text2text},
    {{"summarization", Names(), "", "a shorter text that says the same"},
     takes(truncation, generation, seed),
     load_summarization},
    {{"translation", Names(), "", "a text in another language; also translation_xx_to_yy"},
     takes(truncation, src_lang, tgt_lang, generation, seed),
     load_translation},
}};

constexpr auto infos = [] {
  std::array<TaskInfo, table.size()> out{};
  for (std::size_t i = 0; i < table.size(); ++i) out[i] = table[i].info;
  return out;
}();

bool has_name(const TaskInfo& info, std::string_view name) {
  if (info.name == "translation" && languages_of_task(name)) return true;
  return info.name == name ||
         std::find(info.aliases.begin(), info.aliases.end(), name) != info.aliases.end();
}

struct Field {
  CallField bit;
  std::string_view name;
  bool (*is_set)(const CallOptions&);
};

constexpr std::array<Field, 16> fields{{
    {top_k, "top_k", [](const CallOptions& o) { return o.top_k.has_value(); }},
    {truncation, "truncation", [](const CallOptions& o) { return o.truncation.has_value(); }},
    {aggregation_strategy, "aggregation_strategy",
     [](const CallOptions& o) { return o.aggregation_strategy.has_value(); }},
    {labels, "labels", [](const CallOptions& o) { return !o.labels.empty(); }},
    {hypothesis_template, "hypothesis_template",
     [](const CallOptions& o) { return o.hypothesis_template.has_value(); }},
    {multi_label, "multi_label", [](const CallOptions& o) { return o.multi_label.has_value(); }},
    {question, "question", [](const CallOptions& o) { return o.question.has_value(); }},
    {context, "context", [](const CallOptions& o) { return o.context.has_value(); }},
    {max_answer_len, "max_answer_len",
     [](const CallOptions& o) { return o.max_answer_len.has_value(); }},
    {handle_impossible_answer, "handle_impossible_answer",
     [](const CallOptions& o) { return o.handle_impossible_answer.has_value(); }},
    {targets, "targets", [](const CallOptions& o) { return !o.targets.empty(); }},
    {query, "query", [](const CallOptions& o) { return o.query.has_value(); }},
    {generation, "generation", [](const CallOptions& o) { return o.generation.has_value(); }},
    {seed, "seed", [](const CallOptions& o) { return o.seed.has_value(); }},
    {src_lang, "src_lang", [](const CallOptions& o) { return o.src_lang.has_value(); }},
    {tgt_lang, "tgt_lang", [](const CallOptions& o) { return o.tgt_lang.has_value(); }},
}};

}  // namespace

std::span<const TaskInfo> tasks() noexcept { return infos; }

const TaskInfo& find_task(std::string_view name) { return find_entry(name).info; }

const TaskEntry& find_entry(std::string_view name) {
  std::string known;
  for (const TaskEntry& entry : table) {
    if (has_name(entry.info, name)) return entry;
    known += (known.empty() ? "one of " : ", ") + std::string(entry.info.name);
    for (const std::string_view alias : entry.info.aliases) known += ", " + std::string(alias);
  }
  fail(ErrorKind::config_error,
       {.where = "pipeline", .what = "task", .expected = known, .found = quote(name)});
}

void check_options(const TaskEntry& task, const CallOptions& options) {
  std::string taken;
  std::string_view refused;
  for (const Field& field : fields) {
    if ((task.accepts & static_cast<unsigned>(field.bit)) != 0) {
      taken += (taken.empty() ? "" : ", ") + std::string(field.name);
    } else if (field.is_set(options)) {
      refused = field.name;
    }
  }
  if (refused.empty()) return;
  fail(ErrorKind::config_error, {.where = std::string(task.info.name),
                                 .what = "the call's options",
                                 .expected = taken.empty() ? "none" : "only " + taken,
                                 .found = std::string(refused)});
}

}  // namespace attend
