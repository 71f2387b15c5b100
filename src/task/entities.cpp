// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokens to words, words to groups, windows to one list.
#include "task/entities.h"

#include <algorithm>
#include <utility>

#include "attend/ops/select.h"

namespace attend {
namespace {

/// One label of a row of probabilities and its probability.
struct Best {
  Index label = 0;
  float score = 0;
};

Best best_of(std::span<const float> scores) {
  const Index label = ops::argmax(scores);
  return {label, scores[static_cast<std::size_t>(label)]};
}

Best best_of_mean(std::span<const ClassifiedToken> word) {
  std::vector<float> mean(word.front().scores.size());
  for (const ClassifiedToken& token : word) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += token.scores[i];
  }
  for (float& score : mean) score /= static_cast<float>(word.size());
  return best_of(mean);
}

Best best_of_word(std::span<const ClassifiedToken> word, AggregationStrategy strategy) {
  switch (strategy) {
    case AggregationStrategy::none:
    case AggregationStrategy::simple:  // words of one token
    case AggregationStrategy::first: return best_of(word.front().scores);
    case AggregationStrategy::average: return best_of_mean(word);
    case AggregationStrategy::max: break;
  }
  Best best = best_of(word.front().scores);
  for (const ClassifiedToken& token : word.subspan(1)) {
    const Best other = best_of(token.scores);
    if (other.score > best.score) best = other;
  }
  return best;
}

/// The entity of tokens that share one label; tokens of one kind or the other.
template <class T>
Entity make_entity(std::string label, float score, std::span<const T> tokens,
                   const JoinTokens& join) {
  std::vector<std::string_view> words;
  words.reserve(tokens.size());
  for (const T& token : tokens) words.push_back(token.word);
  return {.label = std::move(label),
          .score = score,
          .index = std::nullopt,
          .word = join(words),
          .bytes = {tokens.front().bytes.begin, tokens.back().bytes.end},
          .code_points = {tokens.front().code_points.begin, tokens.back().code_points.end}};
}

std::vector<Entity> token_entities(std::span<const ClassifiedToken> tokens,
                                   std::span<const std::string> labels) {
  std::vector<Entity> entities;
  entities.reserve(tokens.size());
  for (const ClassifiedToken& token : tokens) {
    const Best best = best_of(token.scores);
    entities.push_back({.label = labels[static_cast<std::size_t>(best.label)],
                        .score = best.score,
                        .index = token.index,
                        .word = std::string(token.word),
                        .bytes = token.bytes,
                        .code_points = token.code_points});
  }
  return entities;
}

std::vector<Entity> word_entities(std::span<const ClassifiedToken> tokens,
                                  std::span<const std::string> labels, AggregationStrategy strategy,
                                  const JoinTokens& join) {
  std::vector<Entity> entities;
  for (std::size_t begin = 0; begin < tokens.size();) {
    std::size_t end = begin + 1;
    while (end < tokens.size() && tokens[end].continues_word) ++end;
    const std::span<const ClassifiedToken> word = tokens.subspan(begin, end - begin);
    const Best best = best_of_word(word, strategy);
    entities.push_back(
        make_entity(labels[static_cast<std::size_t>(best.label)], best.score, word, join));
    begin = end;
  }
  return entities;
}

struct Tag {
  bool begins = false;  // "B-"
  std::string_view name;
};

Tag tag_of(std::string_view label) {
  if (label.starts_with("B-")) return {true, label.substr(2)};
  if (label.starts_with("I-")) return {false, label.substr(2)};
  return {false, label};
}

Entity group(std::span<const Entity> members, const JoinTokens& join) {
  double sum = 0;
  for (const Entity& member : members) sum += static_cast<double>(member.score);
  const std::string& label = members.front().label;
  // Behind the first dash whatever stands before it, though only B- and I- count when grouping.
  const std::size_t dash = label.find('-');
  return make_entity(dash == std::string::npos ? label : label.substr(dash + 1),
                     static_cast<float>(sum / static_cast<double>(members.size())), members, join);
}

std::vector<Entity> grouped(std::span<const Entity> entities, const JoinTokens& join) {
  std::vector<Entity> groups;
  for (std::size_t begin = 0; begin < entities.size();) {
    std::size_t end = begin + 1;
    for (; end < entities.size(); ++end) {
      const Tag tag = tag_of(entities[end].label);
      if (tag.begins || tag.name != tag_of(entities[end - 1].label).name) break;
    }
    groups.push_back(group(entities.subspan(begin, end - begin), join));
    begin = end;
  }
  return groups;
}

}  // namespace

std::vector<Entity> aggregate(std::span<const ClassifiedToken> tokens,
                              std::span<const std::string> labels, AggregationStrategy strategy,
                              const JoinTokens& join) {
  switch (strategy) {
    case AggregationStrategy::none: return token_entities(tokens, labels);
    case AggregationStrategy::simple: return grouped(token_entities(tokens, labels), join);
    case AggregationStrategy::first:
    case AggregationStrategy::average:
    case AggregationStrategy::max: break;
  }
  return grouped(word_entities(tokens, labels, strategy, join), join);
}

std::vector<Entity> merge_windows(std::vector<Entity> entities) {
  if (entities.empty()) return entities;
  std::stable_sort(entities.begin(), entities.end(), [](const Entity& a, const Entity& b) {
    return a.code_points.begin < b.code_points.begin;
  });
  std::vector<Entity> merged;
  const Entity* previous = &entities.front();
  for (const Entity& entity : entities) {
    if (entity.code_points.begin < previous->code_points.end) {  // and not before it: sorted
      const Index size = entity.code_points.size();
      const Index previous_size = previous->code_points.size();
      if (size > previous_size || (size == previous_size && entity.score > previous->score)) {
        previous = &entity;
      }
    } else {
      merged.push_back(*previous);
      previous = &entity;
    }
  }
  merged.push_back(*previous);
  return merged;
}

std::optional<AggregationStrategy> requested_strategy(const TokenClassificationOptions& options) {
  if (!options.grouped_entities && !options.ignore_subwords) return options.aggregation_strategy;
  if (!options.grouped_entities.value_or(false)) return AggregationStrategy::none;
  return options.ignore_subwords.value_or(false) ? AggregationStrategy::first
                                                 : AggregationStrategy::simple;
}

}  // namespace attend
