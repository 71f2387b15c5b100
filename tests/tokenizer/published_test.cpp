// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Ids that other projects publish for BERT tokenizers. Needs the shared references.
#include <gtest/gtest.h>

#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

class Published : public testing::Test {
 protected:
  void SetUp() override {
    const auto cases = shared("data/tokenizer-cases");
    if (!cases || !shared("data/tokenizers")) GTEST_SKIP() << "data/tokenizer-cases is not there";
    cases_ = *cases;
  }

  static Tokenizer tokenizer(const std::string& name) {
    return Tokenizer::load(*shared("data/tokenizers/" + name));
  }
  // The multilingual vocabulary is stored compressed.
  Tokenizer multilingual() const {
    const fs::path from = *shared("data/tokenizers/bert-base-multilingual-cased");
    write_file(folder_.path() / "tokenizer_config.json", read_file(from / "tokenizer_config.json"));
    gunzip(from / "vocab.txt.gz", folder_.path() / "vocab.txt");
    return Tokenizer::load(folder_.path());
  }
  Json read_gz(const std::string& name) const {
    gunzip(cases_ / name, folder_.path() / "unpacked.json");
    return read_json_file(folder_.path() / "unpacked.json");
  }

  fs::path cases_;
  TemporaryFolder folder_;
};

std::vector<TokenId> ids_of(const Tokenizer& tokenizer, const Json& one_case) {
  const std::string text = one_case["text"];
  if (!one_case.contains("text_pair")) return tokenizer.encode(text).ids;
  return tokenizer.encode_pair(text, one_case["text_pair"].get<std::string>()).ids;
}

TEST_F(Published, CasesByModel) {
  const Json models = read_gz("hf/cases_by_model.json.gz");
  const std::pair<std::string, std::string> served[] = {
      {"Xenova/bert-base-uncased", "bert-base-uncased"},
      {"Xenova/bert-base-cased", "bert-base-cased"},
      {"google-bert/bert-base-cased", "bert-base-cased"},
      {"Xenova/distilbert-base-cased-distilled-squad", "bert-base-cased"},
      {"Xenova/distilbert-base-uncased-finetuned-sst-2-english", "all-MiniLM-L6-v2"},
      {"Xenova/distilbert-base-uncased-finetuned-sst-2-english", "bert-base-uncased"},
      {"Xenova/bert-base-multilingual-cased-ner-hrl", "multilingual"},
      {"distilbert/distilbert-base-multilingual-cased", "multilingual"}};
  std::size_t cases = 0;
  for (const auto& [model, folder] : served) {
    const Tokenizer tokenizer =
        folder == "multilingual" ? multilingual() : Published::tokenizer(folder);
    for (const auto& [name, one_case] : models[model]["cases"].items()) {
      SCOPED_TRACE(model + " " + name);
      EXPECT_EQ(Json(ids_of(tokenizer, one_case)), one_case["ids"]);
      ++cases;
    }
  }
  report_cases("cases_by_model.json", cases);
}

TEST_F(Published, Documents) {
  std::size_t documents = 0;
  for (const auto& entry : fs::directory_iterator(cases_ / "documents")) {
    const std::string name = entry.path().filename().string();
    const auto at = name.find("-bert-base-");
    if (at == std::string::npos) continue;
    const Json document = read_json_file(entry.path());
    const std::string text = read_file(cases_ / "documents" / (name.substr(0, at) + ".txt"));
    const Encoding found = tokenizer(document["model_name"]).encode(text);
    EXPECT_EQ(Json(found.ids), document["token_ids"]) << name;
    ++documents;
  }
  EXPECT_EQ(documents, 4U);
  report_cases("documents", documents);
}

TEST_F(Published, SwiftCases) {
  const Json models = read_json_file(cases_ / "hf" / "tokenizer_tests.json");
  std::size_t cases = 0;
  for (const char* name : {"bert-base-uncased", "google-bert/bert-base-uncased",
                           "distilbert/distilbert-base-multilingual-cased"}) {
    const bool is_uncased = std::string_view(name).ends_with("uncased");
    const Tokenizer tokenizer =
        is_uncased ? Published::tokenizer("bert-base-uncased") : multilingual();
    for (const Json& one_case : models[name]) {
      SCOPED_TRACE(std::string(name) + one_case.dump());
      const Encoding found = tokenizer.encode(one_case["input"].get<std::string>());
      EXPECT_EQ(Json(found.ids), one_case["encoded"]["input_ids"]);
      ++cases;
    }
  }
  for (const auto& [file, folder] : {std::pair{"bert_uncased_encoded.json", "bert-base-uncased"},
                                     std::pair{"distilbert_cased_encoded.json", "multilingual"}}) {
    const bool is_multilingual = std::string_view(folder) == "multilingual";
    const Tokenizer tokenizer = is_multilingual ? multilingual() : Published::tokenizer(folder);
    const Json one_case = read_json_file(cases_ / "hf" / file);
    EXPECT_EQ(Json(ids_of(tokenizer, one_case)), one_case["token_ids"]) << file;
    ++cases;
  }
  report_cases("swift-transformers", cases);
}

TEST_F(Published, Questions) {
  const Json questions = read_gz("hf/squad_questions_wordpiece.json.gz");
  const Json ids = read_gz("hf/squad_questions_ids.json.gz");
  ASSERT_EQ(questions.size(), ids.size());
  const Tokenizer tokenizer = Published::tokenizer("bert-base-uncased");
  std::vector<std::string_view> texts;
  for (const Json& question : questions) {
    texts.push_back(question["original"].get_ref<const std::string&>());
  }
  const auto found = tokenizer.encode(texts, {.add_special_tokens = false});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_EQ(Json(found[i].ids), ids[i]) << texts[i];
    ASSERT_EQ(Json(tokenizer.tokens(found[i])), questions[i]["wordpiece"]) << texts[i];
  }
  report_cases("SQuAD questions", texts.size());
}

TEST_F(Published, LlamaCpp) {
  const std::string inputs = read_file(cases_ / "llama.cpp" / "cases.inp");
  std::istringstream lines(read_file(cases_ / "llama.cpp" / "bert-bge.out"));
  const std::string separator = "\n__ggml_vocab_test__\n";
  const Tokenizer tokenizer = Published::tokenizer("bert-base-uncased");
  std::size_t cases = 0;
  std::string line;
  for (std::size_t at = 0; std::getline(lines, line); ++cases) {
    const std::size_t end = std::min(inputs.find(separator, at), inputs.size());
    const std::string text = inputs.substr(at, end - at);
    at = end + separator.size();
    std::istringstream numbers(line);
    std::vector<TokenId> expected;
    for (TokenId id = 0; numbers >> id;) expected.push_back(id);
    EXPECT_EQ(tokenizer.encode(text, {.add_special_tokens = false}).ids, expected) << text;
  }
  EXPECT_GT(cases, 40U);
  report_cases("llama.cpp", cases);
}

}  // namespace
}  // namespace attend::test
