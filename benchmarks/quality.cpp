// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Quality of a model folder on a published test set: accuracy, exact span F1, exact match and F1,
// or rank correlation, with the rules of the sets' own scripts. One line of result on stdout.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "attend/core/error.h"
#include "attend/task/question_answering.h"
#include "attend/task/sentence_embedding.h"
#include "attend/task/text_classification.h"
#include "attend/task/token_classification.h"
#include "attend/task/zero_shot.h"

namespace {

using attend::Index;
using Rows = std::vector<std::vector<std::string>>;

std::string read_file(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + name);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Delimited text with CSV's quoting: a quoted field may hold delimiters, newlines and "" for ".
Rows read_delimited(const std::string& name, char delimiter) {
  const std::string text = read_file(name);
  Rows rows;
  std::vector<std::string> row(1);
  bool quotes = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quotes) {
      if (c != '"') {
        row.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        row.back() += text[++i];
      } else {
        quotes = false;
      }
    } else if (c == '"' && row.back().empty()) {
      quotes = true;
    } else if (c == delimiter) {
      row.emplace_back();
    } else if (c == '\n') {
      rows.push_back(std::move(row));
      row.assign(1, "");
    } else if (c != '\r') {
      row.back() += c;
    }
  }
  if (row.size() > 1) rows.push_back(std::move(row));
  return rows;
}

attend::RunOptions with_progress() {
  attend::RunOptions run;
  run.progress = [](Index done, Index total) {
    std::fprintf(stderr, "\r%td / %td ", done, total);
    if (done == total) std::fprintf(stderr, "\n");
  };
  return run;
}

void print(std::string_view metric, double value, std::size_t items) {
  std::printf("%s %.2f items %zu\n", std::string(metric).c_str(), value, items);
}

// sentence <TAB> label (1 = positive), with a header.
void sentiment(const std::string& model, const std::string& data) {
  Rows rows = read_delimited(data, '\t');
  rows.erase(rows.begin());
  const auto classify = attend::TextClassification::load(model);
  std::vector<attend::TextInput> inputs;
  for (const auto& row : rows) inputs.emplace_back(row.at(0));
  attend::TextClassificationOptions options;
  options.tokenize.truncation = attend::TruncationStrategy::longest_first;
  const auto results = classify(inputs, options, with_progress());
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool positive = results[i].front().label == "POSITIVE";
    right += positive == (rows[i].at(1) == "1") ? 1U : 0U;
  }
  print("accuracy", 100.0 * static_cast<double>(right) / static_cast<double>(rows.size()),
        rows.size());
}

// "class","title","description"; class 1 World, 2 Sports, 3 Business, 4 Sci/Tech.
void zero_shot(const std::string& model, const std::string& data) {
  const std::vector<std::string> labels = {"world", "sports", "business", "science and technology"};
  const Rows rows = read_delimited(data, ',');
  std::vector<std::string> texts;
  for (const auto& row : rows) texts.push_back(row.at(1) + ". " + row.at(2));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  attend::ZeroShotOptions options;
  options.candidate_labels = labels;
  const auto results = attend::ZeroShotClassification::load(model)(views, options, with_progress());
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    right += results[i].labels.front() == labels.at(std::stoul(rows[i][0]) - 1) ? 1U : 0U;
  }
  print("accuracy", 100.0 * static_cast<double>(right) / static_cast<double>(rows.size()),
        rows.size());
}

struct Sentence {
  std::vector<std::string> words;
  std::vector<std::string> tags;
};

// One "word <TAB> tag" a line, sentences apart by blank lines; WikiANN writes "en:word". Types are
// brought to those of the model (WNUT-17 has finer ones).
std::vector<Sentence> read_conll(const std::string& name) {
  static const std::map<std::string, std::string> types = {
      {"person", "PER"}, {"location", "LOC"},       {"corporation", "ORG"},
      {"group", "ORG"},  {"creative-work", "MISC"}, {"product", "MISC"}};
  std::vector<Sentence> out(1);
  std::istringstream lines(read_file(name));
  for (std::string line; std::getline(lines, line);) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos || tab == 0) {
      if (!out.back().words.empty()) out.emplace_back();
      continue;
    }
    std::string word = line.substr(0, tab);
    std::string tag = line.substr(tab + 1);
    if (word.rfind("en:", 0) == 0) word.erase(0, 3);
    if (tag.size() > 2) {
      const auto found = types.find(tag.substr(2));
      if (found != types.end()) tag = tag.substr(0, 2) + found->second;
    }
    out.back().words.push_back(word);
    out.back().tags.push_back(tag);
  }
  if (out.back().words.empty()) out.pop_back();
  return out;
}

// Spans as seqeval's default mode reads BIO tags: (type, first word, word after the last).
using Spans = std::set<std::tuple<std::string, std::size_t, std::size_t>>;
Spans spans_of(const std::vector<std::string>& tags, bool with_misc) {
  Spans spans;
  std::string open;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= tags.size(); ++i) {
    const std::string tag = i < tags.size() ? tags[i] : "O";
    const std::string type = tag.size() > 2 ? tag.substr(2) : "";
    if (!open.empty() && (type != open || tag[0] == 'B')) {
      if (with_misc || open != "MISC") spans.emplace(open, begin, i);
      open.clear();
    }
    if (open.empty() && !type.empty()) {
      open = type;
      begin = i;
    }
  }
  return spans;
}

// The tag of a word is that of its first token.
std::vector<std::string> word_tags(const std::vector<attend::Entity>& tokens,
                                   const std::vector<std::string>& words) {
  std::vector<std::string> tags(words.size(), "O");
  Index begin = 0;
  std::size_t token = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Index end = begin + static_cast<Index>(words[i].size());
    while (token < tokens.size() && tokens[token].bytes.begin < begin) ++token;
    if (token < tokens.size() && tokens[token].bytes.begin < end) tags[i] = tokens[token].label;
    begin = end + 1;
  }
  return tags;
}

void ner(const std::string& model, const std::string& data) {
  const auto sentences = read_conll(data);
  std::vector<attend::TokenClassification::Words> items;
  for (const auto& s : sentences) items.emplace_back(s.words.begin(), s.words.end());
  attend::TokenClassificationOptions options;
  options.ignore_labels.clear();
  const auto results =
      attend::TokenClassification::load(model).each_words(items, options, with_progress());
  for (const bool with_misc : {false, true}) {
    double both = 0;
    double predicted = 0;
    double gold = 0;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      const auto truth = spans_of(sentences[i].tags, with_misc);
      const auto guess = spans_of(word_tags(results[i].value(), sentences[i].words), with_misc);
      gold += static_cast<double>(truth.size());
      predicted += static_cast<double>(guess.size());
      for (const auto& span : guess) both += truth.count(span) != 0 ? 1 : 0;
    }
    print(with_misc ? "F1-with-MISC" : "F1", 200 * both / (predicted + gold), sentences.size());
  }
}

// SQuAD's normalisation: lower case, no punctuation, no articles, single blanks.
std::vector<std::string> answer_words(std::string_view answer) {
  std::string text;
  for (const char c : answer) {
    if (std::ispunct(static_cast<unsigned char>(c)) != 0) continue;
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    if (word != "a" && word != "an" && word != "the") words.push_back(word);
  }
  return words;
}

double answer_f1(std::vector<std::string> guess, std::vector<std::string> truth) {
  if (guess.empty() || truth.empty()) return guess == truth ? 1 : 0;
  std::sort(guess.begin(), guess.end());
  std::sort(truth.begin(), truth.end());
  std::vector<std::string> common;
  std::set_intersection(guess.begin(), guess.end(), truth.begin(), truth.end(),
                        std::back_inserter(common));
  return 2.0 * static_cast<double>(common.size()) /
         static_cast<double>(guess.size() + truth.size());
}

// The form of SQuAD 1.1.
void qa(const std::string& model, const std::string& data) {
  const auto document = nlohmann::json::parse(read_file(data));
  std::vector<attend::Question> inputs;
  std::vector<std::vector<std::string>> answers;
  for (const auto& article : document.at("data")) {
    for (const auto& paragraph : article.at("paragraphs")) {
      for (const auto& question : paragraph.at("qas")) {
        inputs.push_back({.question = question.at("question").get_ref<const std::string&>(),
                          .context = paragraph.at("context").get_ref<const std::string&>()});
        answers.emplace_back();
        for (const auto& a : question.at("answers")) answers.back().push_back(a.at("text"));
      }
    }
  }
  attend::QuestionAnsweringOptions options;
  options.max_answer_len = 30;  // as SQuAD's own evaluation of extractive models
  const auto results = attend::QuestionAnswering::load(model)(inputs, options, with_progress());
  double exact = 0;
  double f1 = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto guess = answer_words(results[i].front().answer);
    bool match = false;
    double best = 0;
    for (const auto& answer : answers[i]) {
      const auto truth = answer_words(answer);
      match = match || guess == truth;
      best = std::max(best, answer_f1(guess, truth));
    }
    exact += match ? 1 : 0;
    f1 += best;
  }
  print("exact-match", 100 * exact / static_cast<double>(inputs.size()), inputs.size());
  print("F1", 100 * f1 / static_cast<double>(inputs.size()), inputs.size());
}

// Ranks from 1, equal values share the mean of theirs.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) out[order[k]] = static_cast<double>(i + j + 1) / 2;
    i = j;
  }
  return out;
}

double pearson(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

// pair_ID, sentence_A, sentence_B, relatedness_score, entailment_judgment, with a header.
void similarity(const std::string& model, const std::string& data) {
  Rows rows = read_delimited(data, '\t');
  rows.erase(rows.begin());
  std::vector<std::string_view> texts;
  for (const auto& row : rows) {
    texts.push_back(row.at(1));
    texts.push_back(row.at(2));
  }
  const auto vectors = attend::SentenceEmbedding::load(model)(texts, {}, with_progress());
  std::vector<double> cosines;
  std::vector<double> gold;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    cosines.push_back(
        static_cast<double>(attend::cosine_similarity(vectors[2 * i], vectors[2 * i + 1])));
    gold.push_back(std::stod(rows[i].at(3)));
  }
  print("Spearman", 100 * pearson(ranks(cosines), ranks(gold)), rows.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, void (*)(const std::string&, const std::string&)> tasks = {
      {"sentiment", sentiment},
      {"zero-shot", zero_shot},
      {"ner", ner},
      {"qa", qa},
      {"similarity", similarity}};
  if (argc != 4 || tasks.count(argv[1]) == 0) {
    std::cerr << "usage: quality sentiment|zero-shot|ner|qa|similarity MODEL_FOLDER TEST_SET\n"
                 "example: quality sentiment examples/models/sentiment sst2/dev.tsv\n";
    return 2;
  }
  try {
    tasks.at(argv[1])(argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
