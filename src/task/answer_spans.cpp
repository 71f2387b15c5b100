// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Spans by score without the table of all pairs, and the merging of answers with the same text.
// Source: transformers 4.57 pipelines/question_answering.py.
#include "task/answer_spans.h"

#include <algorithm>
#include <utility>

#include "attend/ops/softmax.h"
#include "task/lower_cased.h"

namespace attend {
namespace {

// What the reference puts in place of the logit of a token that cannot be in an answer.
constexpr float masked_logit = -10000.0F;

bool better(const SpanScore& a, const SpanScore& b) noexcept {
  if (a.score != b.score) return a.score > b.score;
  if (a.start != b.start) return a.start < b.start;
  return a.end < b.end;
}

/// Offsets of the word's tokens in the window, as word_to_chars() of the reference's encodings.
std::optional<Range> word_tokens(const Encoding& window, std::int32_t word, std::int32_t sequence) {
  std::optional<Range> tokens;
  for (std::size_t i = 0; i < window.ids.size(); ++i) {
    if (window.sequence_ids[i] != sequence || window.word_ids[i] != word) continue;
    const auto token = static_cast<Index>(i);
    if (!tokens) tokens = Range{token, token};
    tokens->end = token;
  }
  return tokens;
}

}  // namespace

std::vector<SpanScore> best_spans(std::span<const float> start, std::span<const float> end, Index k,
                                  Index max_length) {
  const auto size = static_cast<Index>(start.size());
  std::vector<SpanScore> best;  // a heap whose front is the worst
  const float surest_end = size == 0 ? 0 : *std::max_element(end.begin(), end.end());
  const auto full = [&] { return static_cast<Index>(best.size()) == k; };
  for (Index s = 0; s < size; ++s) {
    const float first = start[static_cast<std::size_t>(s)];
    // Spans come in the order of ties, so one that is only as good as the worst never enters.
    if (full() && first * surest_end <= best.front().score) continue;
    const Index stop = max_length < size - s ? s + max_length : size;
    for (Index e = s; e < stop; ++e) {
      const float score = first * end[static_cast<std::size_t>(e)];
      if (score <= 0 || (full() && score <= best.front().score)) continue;
      if (full()) {
        std::pop_heap(best.begin(), best.end(), better);
        best.pop_back();
      }
      best.push_back({s, e, score});
      std::push_heap(best.begin(), best.end(), better);
    }
  }
  std::sort_heap(best.begin(), best.end(), better);
  if (best.empty() && size > 0) best.push_back({});
  return best;
}

AnswerCollector::AnswerCollector(const Question& question, const QuestionAnsweringOptions& options,
                                 ContextPlace place, std::optional<TokenId> cls)
    : question_(question),
      options_(options),
      place_(place),
      cls_(cls),
      context_index_(question.context),
      question_index_(question.question) {}

void AnswerCollector::add(const Encoding& window, MatrixView<float> logits) {
  const std::vector<bool> allowed = allowed_tokens(window);
  std::vector<float> start(allowed.size());
  std::vector<float> end(allowed.size());
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    start[i] = allowed[i] ? logits(static_cast<Index>(i), 0) : masked_logit;
    end[i] = allowed[i] ? logits(static_cast<Index>(i), 1) : masked_logit;
  }
  ops::softmax(start);
  ops::softmax(end);
  // The first token stands for "no answer" and is never part of one.
  if (options_.handle_impossible_answer) {
    no_answer_ = std::min(no_answer_, static_cast<double>(start[0] * end[0]));
  }
  start[0] = end[0] = 0;

  // Words and merging leave fewer answers than spans. No window has more spans than tokens squared.
  const Index size = window.size();
  const Index wanted = std::min(options_.top_k, size * size);
  const Index k = options_.align_to_words ? wanted * 2 + 10 : wanted;
  for (const SpanScore& span : best_spans(start, end, k, options_.max_answer_len)) {
    if (!allowed[static_cast<std::size_t>(span.start)] ||
        !allowed[static_cast<std::size_t>(span.end)]) {
      continue;
    }
    const Range range = code_points_of(window, span);
    const auto [found, is_new] =
        by_text_.try_emplace(lower_cased(context_text(range)), candidates_.size());
    if (is_new) {
      candidates_.push_back({static_cast<double>(span.score), range});
    } else {
      candidates_[found->second].score += static_cast<double>(span.score);
    }
  }
}

std::vector<AnswerSpan> AnswerCollector::finish() && {
  if (options_.handle_impossible_answer) candidates_.push_back({no_answer_, {}});
  std::stable_sort(candidates_.begin(), candidates_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  if (static_cast<Index>(candidates_.size()) > options_.top_k) {
    candidates_.resize(static_cast<std::size_t>(options_.top_k));
  }
  std::vector<AnswerSpan> answers;
  answers.reserve(candidates_.size());
  for (const Candidate& candidate : candidates_) {
    const std::string_view text = context_text(candidate.code_points);
    const Index begin =
        context_index_.bytes(std::min(candidate.code_points.begin, context_index_.size()));
    answers.push_back({.score = static_cast<float>(candidate.score),
                       .bytes = {begin, begin + static_cast<Index>(text.size())},
                       .code_points = candidate.code_points,
                       .answer = std::string(text)});
  }
  return answers;
}

std::vector<bool> AnswerCollector::allowed_tokens(const Encoding& window) const {
  std::vector<bool> allowed(window.ids.size());
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    // With the context in front the reference's expression lets every token pass.
    allowed[i] = place_ == ContextPlace::first || window.sequence_ids[i] == 1 ||
                 (cls_ && window.ids[i] == *cls_);
  }
  return allowed;
}

Range AnswerCollector::code_points_of(const Encoding& window, const SpanScore& span) const {
  const std::int32_t first_word = window.word_ids[static_cast<std::size_t>(span.start)];
  const std::int32_t last_word = window.word_ids[static_cast<std::size_t>(span.end)];
  if (options_.align_to_words && first_word != none && last_word != none) {
    // Words are looked up in the context even when the token is one of the question, as there.
    const std::int32_t sequence = place_ == ContextPlace::first ? 0 : 1;
    const std::optional<Range> first = word_tokens(window, first_word, sequence);
    const std::optional<Range> last = word_tokens(window, last_word, sequence);
    if (first && last) return to_code_points(window, first->begin, last->end);
  }
  return to_code_points(window, span.start, span.end);
}

Range AnswerCollector::to_code_points(const Encoding& window, Index first, Index last) const {
  const auto index_of = [&](Index token) -> const CodePointIndex& {
    const bool in_context = window.sequence_ids[static_cast<std::size_t>(token)] ==
                            (place_ == ContextPlace::first ? 0 : 1);
    return in_context ? context_index_ : question_index_;
  };
  return {index_of(first).code_points(window.offsets[static_cast<std::size_t>(first)].begin),
          index_of(last).code_points(window.offsets[static_cast<std::size_t>(last)].end)};
}

/// The slice of the context as Python takes it: cut to the text, empty where the end comes first.
std::string_view AnswerCollector::context_text(Range code_points) const {
  const Index end = std::min(code_points.end, context_index_.size());
  const Index begin = std::min(code_points.begin, end);
  const auto first = static_cast<std::size_t>(context_index_.bytes(begin));
  const auto last = static_cast<std::size_t>(context_index_.bytes(end));
  return question_.context.substr(first, last - first);
}

}  // namespace attend
