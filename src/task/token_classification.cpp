// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Token classification: encode in windows, run, gather tokens, aggregate.
#include "attend/task/token_classification.h"

#include <algorithm>
#include <utility>

#include "attend/ops/softmax.h"
#include "attend/text/utf8.h"
#include "task/encode_input.h"
#include "task/entities.h"
#include "task/fail_option.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr std::string_view where_token_classification = "token-classification";

/// What one call asks for, checked.
struct Request {
  const TokenClassificationOptions& options;
  AggregationStrategy strategy;
  std::optional<Truncation> truncation;
};

Request check_request(const TaskModel& model, const TokenClassificationOptions& options) {
  const TokenizerSettings& settings = model.tokenizer->settings();
  const std::optional<AggregationStrategy> strategy = requested_strategy(options);
  if (options.stride) {
    const Index stride = *options.stride;
    if (stride < 0 || (settings.model_max_length && stride >= *settings.model_max_length)) {
      fail_option(where_token_classification, "stride", "0 or more, and less than model_max_length",
                  std::to_string(stride));
    }
    if (strategy == AggregationStrategy::none) {
      fail_option(where_token_classification, "stride", "an aggregation_strategy other than none",
                  "none");
    }
  }
  Request request{options, strategy.value_or(AggregationStrategy::none), std::nullopt};
  if (settings.model_max_length) {
    request.truncation = Truncation{.max_length = *settings.model_max_length,
                                    .strategy = TruncationStrategy::longest_first,
                                    .side = settings.truncation_side,
                                    .stride = options.stride.value_or(0)};
  }
  return request;
}

/// The text that ranges refer to.
struct Source {
  explicit Source(std::string text_, std::vector<Index> word_starts_ = {})
      : text(std::move(text_)), index(text), word_starts(std::move(word_starts_)) {}

  std::string text;
  CodePointIndex index;
  std::vector<Index> word_starts;  // in bytes; of texts that were split into words beforehand
};

/// Where a token stands in the source.
void locate(ClassifiedToken& token, const Encoding& encoding, const Source& source,
            const TokenClassificationOptions& options) {
  const auto i = static_cast<std::size_t>(token.index);
  Index word_start = 0;
  if (!source.word_starts.empty() && encoding.word_ids[i] != none) {
    word_start = source.word_starts[static_cast<std::size_t>(encoding.word_ids[i])];
  }
  if (!options.offset_mapping) {
    const Range range = encoding.offsets[i];
    token.bytes = {word_start + range.begin, word_start + range.end};
    token.code_points = {source.index.code_points(token.bytes.begin),
                         source.index.code_points(token.bytes.end)};
    return;
  }
  if (i >= options.offset_mapping->size()) {
    fail_option(where_token_classification, "offset_mapping",
                "a range for every token, at least " + std::to_string(i + 1),
                std::to_string(options.offset_mapping->size()));
  }
  const Range range = (*options.offset_mapping)[i];
  const Index start = source.index.code_points(word_start);
  if (range.begin < 0 || range.begin > range.end || range.end > source.index.size() - start) {
    fail_option(where_token_classification, "offset_mapping", "ranges of code points of the text",
                std::to_string(range.begin) + " to " + std::to_string(range.end));
  }
  token.code_points = {start + range.begin, start + range.end};
  token.bytes = {source.index.bytes(token.code_points.begin),
                 source.index.bytes(token.code_points.end)};
}

/// Whether a space stands at a code point; not where the text ends.
bool is_space_at(const Source& source, Index code_point) {
  return code_point < source.index.size() &&
         source.text[static_cast<std::size_t>(source.index.bytes(code_point))] == ' ';
}

/// Quirk of the reference: tokenizers with a continuing-word prefix are asked by comparing lengths,
/// so a token that normalisation shortened counts as a continuation. All others are guessed at by
/// spaces alone: punctuation belongs to the word before it.
bool continues_word(const ClassifiedToken& token, const Source& source,
                    const TokenizerSettings& settings) {
  const Range at = token.code_points;
  if (!settings.continuing_subword_prefix.empty()) {
    return count_code_points(token.word) != at.size();
  }
  return at.begin > 0 && !is_space_at(source, at.begin - 1) && !is_space_at(source, at.begin);
}

/// Tokens of the text, with the window's rows as their scores.
std::vector<ClassifiedToken> gather_tokens(WindowOutput& window, const Source& source,
                                           const Tokenizer& tokenizer,
                                           const TokenClassificationOptions& options) {
  std::vector<ClassifiedToken> tokens;
  const Encoding& encoding = window.encoding;
  const MatrixView<const float> scores = window.matrix();
  for (Index row = 0; row < scores.rows; ++row) {
    const auto i = static_cast<std::size_t>(row);
    if (encoding.special_tokens_mask[i] != 0) continue;
    ClassifiedToken token{
        .word = tokenizer.token_of(encoding.ids[i]), .scores = scores.row(row), .index = row};
    locate(token, encoding, source, options);
    if (encoding.ids[i] == tokenizer.special_tokens().unk) {
      token.word = std::string_view(source.text)
                       .substr(static_cast<std::size_t>(token.bytes.begin),
                               static_cast<std::size_t>(token.bytes.size()));
    } else {
      token.continues_word = continues_word(token, source, tokenizer.settings());
    }
    tokens.push_back(token);
  }
  return tokens;
}

std::vector<Entity> entities_of(std::span<WindowOutput> windows, const Source& source,
                                const TaskModel& model, const Request& request) {
  const std::vector<std::string>& ignored = request.options.ignore_labels;
  const JoinTokens join = [&](std::span<const std::string_view> words) {
    return model.tokenizer->join(words);
  };
  std::vector<Entity> result;
  for (WindowOutput& window : windows) {
    ops::softmax(window.matrix());
    const std::vector<ClassifiedToken> tokens =
        gather_tokens(window, source, *model.tokenizer, request.options);
    for (Entity& entity : aggregate(tokens, model.model->config().labels, request.strategy, join)) {
      if (std::find(ignored.begin(), ignored.end(), entity.label) != ignored.end()) continue;
      result.push_back(std::move(entity));
    }
  }
  return windows.size() > 1 ? merge_windows(std::move(result)) : result;
}

/// The words as one text that knows where each begins.
Source joined(std::span<const std::string_view> words, std::string_view delimiter) {
  std::string text;
  std::vector<Index> starts;
  for (const std::string_view word : words) {
    if (!starts.empty()) text += delimiter;
    starts.push_back(static_cast<Index>(text.size()));
    text += word;
  }
  return Source(std::move(text), std::move(starts));
}

/// Texts and words differ in how an item is encoded (all windows) and what its ranges refer to.
struct Items {
  Index count = 0;
  std::function<std::vector<Encoding>(Index)> encode;
  std::function<Source(Index)> source;
};

std::vector<Outcome<std::vector<Entity>>> run_windows(const TaskModel& model, const Items& items,
                                                      const Request& request,
                                                      const RunOptions& run) {
  return run_each<std::vector<Entity>>(
      items.count,
      {.tokenizer = model.tokenizer->settings(),
       .encode =
           [&](Index item) {
             std::vector<Encoding> windows = items.encode(item);
             if (!request.options.stride && windows.size() > 1) windows.resize(1);
             for (const Encoding& window : windows) {
               check_fits(model, window, where_token_classification,
                          "does tokenizer_config.json lack model_max_length?");
             }
             return windows;
           },
       .forward = [&](const Batch& batch,
                      Workspace& space) { return model.model->logits(batch, space); },
       .finish =
           [&](Index item, std::span<WindowOutput> windows) {
             return entities_of(windows, items.source(item), model, request);
           }},
      run);
}

}  // namespace

TokenClassification::TokenClassification(TaskModel model) : model_(std::move(model)) {
  model_.check(HeadKind::token_classification, where_token_classification);
}

TokenClassification TokenClassification::load(const std::filesystem::path& folder,
                                              const ModelOptions& options) {
  return TokenClassification(TaskModel::load(folder, HeadKind::token_classification, options));
}

auto TokenClassification::each(std::span<const std::string_view> texts,
                               const TokenClassificationOptions& options,
                               const RunOptions& run) const -> std::vector<Outcome<Result>> {
  const Request request = check_request(model_, options);
  const auto text = [&](Index item) { return texts[static_cast<std::size_t>(item)]; };
  const auto encode = [&](Index item) {
    const EncodeOptions how{.truncation = request.truncation};
    if (options.stride) return model_.tokenizer->encode_windows(text(item), how);
    return std::vector<Encoding>{model_.tokenizer->encode(text(item), how)};
  };
  const auto source = [&](Index item) { return Source(std::string(text(item))); };
  return run_windows(model_, {static_cast<Index>(texts.size()), encode, source}, request, run);
}

auto TokenClassification::each_words(std::span<const Words> items,
                                     const TokenClassificationOptions& options,
                                     const RunOptions& run) const -> std::vector<Outcome<Result>> {
  check_utf8(options.delimiter, where_token_classification);
  const Request request = check_request(model_, options);
  if (!model_.tokenizer->settings().takes_words) {
    fail(ErrorKind::config_error, {.where = std::string(where_token_classification),
                                   .what = "words",
                                   .expected = "a tokenizer with add_prefix_space",
                                   .found = "one that would take words for parts of one word",
                                   .hint = "set \"add_prefix_space\": true in the model's "
                                           "tokenizer_config.json, or give whole texts"});
  }
  const auto words = [&](Index item) -> const Words& {
    return items[static_cast<std::size_t>(item)];
  };
  const auto encode = [&](Index item) {
    // Without words there are no entities, as in the reference.
    if (words(item).empty()) return std::vector<Encoding>();
    return model_.tokenizer->encode_words(words(item), {.truncation = request.truncation});
  };
  const auto source = [&](Index item) { return joined(words(item), options.delimiter); };
  return run_windows(model_, {static_cast<Index>(items.size()), encode, source}, request, run);
}

auto TokenClassification::operator()(std::span<const std::string_view> texts,
                                     const TokenClassificationOptions& options,
                                     const RunOptions& run) const -> std::vector<Result> {
  return values(each(texts, options, run));
}

auto TokenClassification::operator()(std::string_view text,
                                     const TokenClassificationOptions& options) const -> Result {
  return std::move(values(each({&text, 1}, options)).front());
}

auto TokenClassification::words(std::span<const std::string_view> words,
                                const TokenClassificationOptions& options) const -> Result {
  const Words item(words.begin(), words.end());
  return std::move(values(each_words({&item, 1}, options)).front());
}

}  // namespace attend
