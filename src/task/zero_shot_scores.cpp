// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Labels to hypotheses, logits to scores.
#include "task/zero_shot_scores.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "attend/core/error.h"
#include "attend/ops/softmax.h"
#include "attend/text/utf8.h"
#include "task/python_format.h"

namespace attend {
namespace {

constexpr std::size_t max_hypotheses = std::size_t{1} << 28;  // bytes: widths cost no template

[[noreturn]] void fail_template(std::string_view hypothesis_template, std::string expected) {
  fail(ErrorKind::config_error, {.where = std::string(where_zero_shot),
                                 .what = "hypothesis_template",
                                 .expected = std::move(expected),
                                 .found = quote(hypothesis_template)});
}

[[noreturn]] void fail_too_long() {
  fail(ErrorKind::resource_limit,
       {.where = std::string(where_zero_shot),
        .what = "hypotheses of all labels",
        .expected = "at most " + std::to_string(max_hypotheses) + " bytes",
        .found = "more",
        .hint = "give fewer or shorter labels, or a smaller width in hypothesis_template"});
}

/// An option is no text: what is wrong with it is not the fault of the text beside it.
void check_option_utf8(std::string_view what, std::string_view value) {
  const std::size_t at = first_invalid_utf8(value);
  if (at == value.size()) return;
  fail(ErrorKind::config_error, {.where = std::string(where_zero_shot),
                                 .what = "byte " + std::to_string(at) + " of " + std::string(what),
                                 .expected = "well-formed UTF-8",
                                 .found = quote(value.substr(at, 4))});
}

bool names_entailment(std::string_view label) {
  constexpr std::string_view start = "entail";
  return label.size() >= start.size() &&
         std::equal(start.begin(), start.end(), label.begin(), [](char wanted, char c) {
           return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
         });
}

/// What Python's str.strip() takes away.
bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = text.size();
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text.substr(i));
    const std::size_t next = i + static_cast<std::size_t>(std::max(c.length, 1));
    if (c.length == 0 || !is_space(c.value)) {
      begin = std::min(begin, i);
      end = next;
    }
    i = next;
  }
  return text.substr(begin, end - begin);
}

}  // namespace

std::vector<std::string> split_labels(std::string_view labels) {
  std::vector<std::string> result;
  for (std::size_t begin = 0; begin <= labels.size();) {
    const std::size_t end = std::min(labels.find(',', begin), labels.size());
    const std::string_view label = trimmed(labels.substr(begin, end - begin));
    if (!label.empty()) result.emplace_back(label);
    begin = end + 1;
  }
  return result;
}

std::string format_hypothesis(std::string_view hypothesis_template, std::string_view label) {
  return python_format(hypothesis_template, label, {where_zero_shot, "hypothesis_template"});
}

InferenceClasses inference_classes(const ModelConfig& config) {
  const auto last = static_cast<Index>(config.labels.size()) - 1;
  InferenceClasses classes{.entailment = last, .contradiction = 0};
  const auto found = std::find_if(config.label_ids.begin(), config.label_ids.end(),
                                  [](const auto& entry) { return names_entailment(entry.first); });
  if (found == config.label_ids.end()) return classes;
  if (found->second < 0 || found->second > last) {
    fail(ErrorKind::config_error, {.where = std::string(where_zero_shot),
                                   .what = "label2id of " + quote(found->first),
                                   .expected = "0 to " + std::to_string(last),
                                   .found = std::to_string(found->second),
                                   .file = "config.json"});
  }
  classes.entailment = found->second;
  if (classes.entailment == 0) classes.contradiction = last;
  return classes;
}

std::vector<std::string> make_hypotheses(const ZeroShotOptions& options) {
  if (options.candidate_labels.empty()) {
    fail(ErrorKind::config_error, {.where = std::string(where_zero_shot),
                                   .what = "candidate_labels",
                                   .expected = "at least one label",
                                   .found = "none"});
  }
  std::vector<std::string> hypotheses;
  std::size_t total = 0;
  hypotheses.reserve(options.candidate_labels.size());
  check_option_utf8("the hypothesis_template", options.hypothesis_template);
  for (const std::string& label : options.candidate_labels) {
    check_option_utf8("a label", label);
    hypotheses.push_back(format_hypothesis(options.hypothesis_template, label));
    total += hypotheses.back().size();
    if (total > max_hypotheses) fail_too_long();
  }
  if (hypotheses.front() == options.hypothesis_template) {
    fail_template(options.hypothesis_template, "{} where the label goes");
  }
  return hypotheses;
}

ZeroShotResult zero_shot_result(std::string_view text, MatrixView<const float> logits,
                                InferenceClasses classes, const ZeroShotOptions& options) {
  const auto count = static_cast<std::size_t>(logits.rows);
  std::vector<float> scores(count);
  const bool independent = options.multi_label || count == 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = static_cast<Index>(i);
    scores[i] = logits(row, classes.entailment);
    if (independent) {
      std::array<float, 2> pair{logits(row, classes.contradiction), scores[i]};
      ops::softmax(pair);
      scores[i] = pair[1];
    }
  }
  if (!independent) ops::softmax(scores);

  // Sorted upwards and read backwards, so that ties come out in reverse order.
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  ZeroShotResult result{.sequence = std::string(text), .labels = {}, .scores = {}};
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    result.labels.push_back(options.candidate_labels[*i]);
    result.scores.push_back(scores[*i]);
  }
  return result;
}

}  // namespace attend
