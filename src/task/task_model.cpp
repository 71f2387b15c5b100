// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Loads a tokenizer and a model, and checks once that they belong together.
#include "attend/task/task_model.h"

#include <algorithm>
#include <string>
#include <vector>

#include "attend/core/error.h"
#include "attend/model/architecture.h"
#include "attend/model/config.h"
#include "attend/task/generator.h"

namespace attend {
namespace {

std::string_view described(HeadKind head) {
  switch (head) {
    case HeadKind::none: return "no head";
    case HeadKind::sequence_classification: return "a sequence classification head";
    case HeadKind::token_classification: return "a token classification head";
    case HeadKind::question_answering: return "a question answering head";
    case HeadKind::masked_lm: return "a masked language model head";
    case HeadKind::causal_lm: return "a language model head";
    case HeadKind::multiple_choice: return "a multiple choice head";
    case HeadKind::next_sentence_prediction: return "a next sentence prediction head";
    case HeadKind::replaced_token_detection: return "a replaced token detection head";
    case HeadKind::conditional_generation: return "a head for conditional generation";
    case HeadKind::encoder: return "no head and no decoder";
  }
  return "an unknown head";  // a value outside the enum
}

std::string_view what_it_is_for(HeadKind head) {
  switch (head) {
    case HeadKind::none:
    case HeadKind::encoder: break;
    case HeadKind::multiple_choice:
    case HeadKind::next_sentence_prediction:
    case HeadKind::replaced_token_detection:
      return "no task uses that head: `attend forward` and Model::logits() give what it says, "
             "feature-extraction and embed do without it";
    case HeadKind::sequence_classification:
      return "this model is for text-classification, zero-shot-classification or rerank";
    case HeadKind::token_classification: return "this model is for token-classification";
    case HeadKind::question_answering: return "this model is for question-answering";
    case HeadKind::masked_lm:
      return "this model is for fill-mask; feature-extraction and embed do without its head";
    case HeadKind::conditional_generation:
      return "this model is for text2text-generation, summarization or translation";
    case HeadKind::causal_lm:
      return "this model is for text-generation; feature-extraction and embed do without its head";
  }
  return "this model is for feature-extraction or embed";
}

bool is_headless(HeadKind head) { return head == HeadKind::none || head == HeadKind::encoder; }

/// Source: sentence-transformers 5.7 base/modules/transformer.py, which loads the encoders of T5
/// and mT5; pipelines of transformers fail with these.
HeadKind headless_kind(const std::filesystem::path& folder) {
  const ModelConfig config = read_config(folder);
  const Architecture* const architecture = find_architecture(config.model_type);
  const bool has_encoder = architecture && architecture->head(HeadKind::encoder, config);
  return has_encoder ? HeadKind::encoder : HeadKind::none;
}

/// A class with two heads, neither of which is for a text or its tokens; the first fills masks.
bool is_pretraining(std::string_view class_name, HeadKind head) {
  return head == HeadKind::none && class_name.ends_with("ForPreTraining");
}

/// Both have the vocabulary's head, and transformers loads one for the other.
bool is_of_vocabulary(HeadKind head) {
  return head == HeadKind::masked_lm || head == HeadKind::causal_lm;
}

bool may_be(HeadKind own, HeadKind wanted) {
  if (own == HeadKind::none || own == wanted) return true;
  if (is_of_vocabulary(own) && is_of_vocabulary(wanted)) return true;
  // A class that generates fills masks, too, where its architecture was trained to.
  return own == HeadKind::conditional_generation && wanted == HeadKind::masked_lm;
}

/// Heads share names of weights, so another one's weights may load and mean nothing. Classes
/// without a head, and unknown ones, are left to the check of the weights, but for encoders that
/// shall write.
void check_class(const std::filesystem::path& folder, HeadKind wanted) {
  if (is_headless(wanted)) return;
  const ModelConfig config = read_config(folder);
  const std::string name = config.architectures.empty() ? "" : config.architectures.front();
  HeadKind own = head_of_class(name).value_or(HeadKind::none);
  if (is_pretraining(name, own)) own = HeadKind::masked_lm;
  const bool is_other = !may_be(own, wanted);
  if (!is_other && (wanted != HeadKind::causal_lm || generates(folder))) return;
  fail(ErrorKind::config_error,
       {.where = "load",
        .what = "the model",
        .expected = (is_other ? "" : "a decoder with ") + std::string(described(wanted)),
        .found =
            quote(name.empty() ? config.model_type : name) + " with " + std::string(described(own)),
        .file = (folder / "config.json").string(),
        .hint = std::string(what_it_is_for(own))});
}

}  // namespace

TaskModel TaskModel::load(const std::filesystem::path& folder, HeadKind head,
                          ModelOptions options) {
  options.head = head;
  check_class(folder, head);
  TaskModel loaded{
      .tokenizer = std::make_shared<const Tokenizer>(Tokenizer::load(folder)),
      .model = std::make_shared<const Model>(load_model(folder, options)),
  };
  loaded.check(head, "load");
  return loaded;
}

TaskModel TaskModel::load_headless(const std::filesystem::path& folder,
                                   const ModelOptions& options) {
  return load(folder, headless_kind(folder), options);
}

void TaskModel::check(HeadKind head, std::string_view where) const {
  if (tokenizer == nullptr || model == nullptr) {
    fail(ErrorKind::config_error, {.where = std::string(where),
                                   .what = "a task",
                                   .expected = "a tokenizer and a model",
                                   .found = tokenizer == nullptr ? "no tokenizer" : "no model"});
  }
  if (model->head() != head) {
    fail(ErrorKind::config_error, {.where = std::string(where),
                                   .what = "the model",
                                   .expected = std::string(described(head)),
                                   .found = std::string(described(model->head())),
                                   .hint = "load it with ModelOptions::head"});
  }
  // Tokens were added to many of those that generate ("[PAD]" of a fine-tuned LLaMA) that no text
  // has: the reference runs them, and so does this; of what is read ids are checked anyway.
  if (head == HeadKind::causal_lm || head == HeadKind::conditional_generation) return;
  const Index ids = tokenizer->vocabulary_size();
  const Index rows = model->config().vocab_size;
  if (ids > rows) {
    fail(ErrorKind::tokenizer_error,
         {.where = std::string(where),
          .what = "the tokenizer's vocabulary",
          .expected = "at most " + std::to_string(rows) + " ids, as the model has embeddings",
          .found = std::to_string(ids),
          .hint = "are tokenizer and weights from the same checkpoint?"});
  }
}

std::optional<Index> TaskModel::max_length() const {
  std::optional<Index> limit = tokenizer->settings().model_max_length;
  const auto positions = model->max_tokens();
  if (positions) limit = std::min(limit.value_or(*positions), *positions);
  return limit;
}

}  // namespace attend
