// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Ids and texts that other projects publish for tokenizers whose files are at hand. Needs the
// shared references.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "support/paths.h"
#include "support/real_sets.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

// Published results and the recorded folder whose tokenizer gave them.
struct Served {
  const char* published;
  const char* set;
  /// Whether the publisher's decode took blanks before punctuation away.
  bool clean_up = true;
  /// Cases where transformers 4.57, which we follow, gives other ids; tests/README.md says why.
  std::size_t different = 0;
};

class Published : public testing::Test {
 protected:
  void SetUp() override {
    const auto cases = shared("data/tokenizer-cases");
    sets_ = RealSets::open("real");
    if (!cases || !sets_) GTEST_SKIP() << "data/tokenizer-cases or golden-tokenizers is not there";
    cases_ = *cases;
  }

  /// Null where a research-only set is not there.
  const Tokenizer* tokenizer(const std::string& set) {
    const auto known = tokenizers_.find(set);
    if (known != tokenizers_.end()) return &known->second;
    if (!fs::exists(sets_->folder() / (set + ".json"))) return nullptr;
    return &tokenizers_.emplace(set, RealFolder(sets_->read(set)).load()).first->second;
  }
  [[nodiscard]] Json read_gz(const std::string& name) const {
    gunzip(cases_ / name, folder_.path() / "unpacked.json");
    return read_json_file(folder_.path() / "unpacked.json");
  }

  fs::path cases_;
  std::optional<RealSets> sets_;
  std::map<std::string, Tokenizer> tokenizers_;
  TemporaryFolder folder_;
};

std::vector<TokenId> ids_of(const Tokenizer& tokenizer, const Json& one_case) {
  const std::string text = one_case["text"];
  if (!one_case.contains("text_pair")) return tokenizer.encode(text).ids;
  return tokenizer.encode_pair(text, one_case["text_pair"].get<std::string>()).ids;
}

std::string decode(const Tokenizer& tokenizer, const Json& ids, const Served& served,
                   bool skip_special_tokens = false) {
  return tokenizer.decode(ids.get<std::vector<TokenId>>(),
                          {.skip_special_tokens = skip_special_tokens,
                           .clean_up_tokenization_spaces = served.clean_up});
}

TEST_F(Published, CasesByModel) {
  const Json models = read_gz("hf/cases_by_model.json.gz");
  const Served served[] = {
      {"Xenova/bert-base-uncased", "bert-base-uncased.json"},
      {"Xenova/bert-base-cased", "bert-base-cased.json"},
      {"google-bert/bert-base-cased", "bert-base-cased.slow-files"},
      {"Xenova/bge-small-zh-v1.5", "bert-base-chinese.json"},
      {"Xenova/distilbert-base-cased-distilled-squad", "bert-base-cased.json"},
      {"Xenova/distilbert-base-uncased-finetuned-sst-2-english", "all-MiniLM-L6-v2.json"},
      {"Xenova/distilbert-base-uncased-finetuned-sst-2-english",
       "bert-vocab-as-distilbert.slow-files"},
      {"Xenova/bert-base-multilingual-cased-ner-hrl", "bert-base-multilingual-cased.slow-files"},
      {"Xenova/distiluse-base-multilingual-cased-v2", "bert-base-multilingual-cased.slow-files"},
      {"distilbert/distilbert-base-multilingual-cased", "bert-base-multilingual-cased.slow-files"},
      {"Xenova/gpt2", "gpt2.json"},
      {"openai-community/gpt2", "gpt2.slow-files"},
      {"tiiuae/falcon-rw-1b", "gpt2.json-pair-merges"},
      {"tiiuae/falcon-7b", "falcon-7b.json"},
      {"Xenova/all-distilroberta-v1", "roberta-base.json"},
      {"Xenova/all-distilroberta-v1", "roberta-base.slow-files"},
      {"Xenova/Qwen1.5-0.5B-Chat", "qwen2.slow-files", false},
      {"Xenova/t5-small", "t5-small.json"},
      {"google-t5/t5-small", "t5-small.slow-files"},
      {"Xenova/albert-base-v2", "albert-base-v1.slow-files", true, 10},
      {"Xenova/nli-deberta-v3-small", "deberta-v3.slow-files"},
      {"Xenova/paraphrase-multilingual-MiniLM-L12-v2", "xlm-roberta-base-rebuilt.json"},
      {"Xenova/paraphrase-multilingual-mpnet-base-v2", "xlm-roberta-base-rebuilt.json"},
      {"Xenova/llama-tokenizer", "research-only/llama-2.json", false},
      {"Xenova/llama3-tokenizer", "research-only/llama-3.slow-files"}};
  std::size_t cases = 0;
  for (const Served& one : served) {
    const Tokenizer* const tokenizer = Published::tokenizer(one.set);
    if (tokenizer == nullptr) continue;
    std::size_t different = 0;
    ASSERT_TRUE(models.contains(one.published)) << one.published;
    for (const auto& [name, one_case] : models[one.published]["cases"].items()) {
      SCOPED_TRACE(std::string(one.published) + " " + one.set + " " + name);
      const Json found(ids_of(*tokenizer, one_case));
      if (one.different > 0 && found != one_case["ids"]) {
        ++different;
      } else {
        EXPECT_EQ(found, one_case["ids"]);
      }
      EXPECT_EQ(decode(*tokenizer, one_case["ids"], one), one_case["decoded"]);
      ++cases;
    }
    EXPECT_EQ(different, one.different) << one.published;
  }
  EXPECT_GT(cases, 400U);
  report_cases("cases_by_model.json", cases);
}

TEST_F(Published, Documents) {
  const std::map<std::string, std::string> folders = {
      {"bert-base-uncased", "bert-base-uncased.json"},
      {"bert-base-cased", "bert-base-cased.json"},
      {"gpt2", "gpt2.json"}};
  std::size_t documents = 0;
  for (const auto& entry : fs::directory_iterator(cases_ / "documents")) {
    if (entry.path().extension() != ".json") continue;
    const Json document = read_json_file(entry.path());
    const std::string model = document["model_name"];
    ASSERT_TRUE(folders.contains(model)) << model;
    const std::string name = entry.path().stem().string();
    const std::string text =
        read_file(cases_ / "documents" / (name.substr(0, name.find("-" + model)) + ".txt"));
    EXPECT_EQ(Json(tokenizer(folders.at(model))->encode(text).ids), document["token_ids"]) << name;
    ++documents;
  }
  EXPECT_EQ(documents, 5U);
  report_cases("documents", documents);
}

TEST_F(Published, SwiftCases) {
  const Json models = read_json_file(cases_ / "hf" / "tokenizer_tests.json");
  const Served served[] = {
      {"bert-base-uncased", "bert-base-uncased.json"},
      {"google-bert/bert-base-uncased", "bert-base-uncased.slow-files"},
      {"distilbert/distilbert-base-multilingual-cased", "bert-base-multilingual-cased.slow-files"},
      {"distilgpt2", "gpt2.json"},
      {"tiiuae/falcon-7b", "falcon-7b.json"},
      {"t5-base", "t5-small.json"},
      {"coreml-projects/Llama-2-7b-chat-coreml", "research-only/llama-2.json", false},
      {"pcuenq/Llama-3.2-1B-Instruct-tokenizer", "research-only/llama-3.slow-files"}};
  std::size_t cases = 0;
  for (const Served& one : served) {
    const Tokenizer* const tokenizer = Published::tokenizer(one.set);
    if (tokenizer == nullptr) continue;
    ASSERT_TRUE(models.contains(one.published)) << one.published;
    for (const Json& one_case : models[one.published]) {
      SCOPED_TRACE(one.published + one_case.dump());
      const Json& expected = one_case["encoded"]["input_ids"];
      Json found(tokenizer->encode(one_case["input"].get<std::string>()).ids);
      // The folder of Llama 3 has ranks and no template.
      const bool has_bos = tokenizer->template_tokens() > 0 || found.size() == expected.size();
      if (!has_bos) found.insert(found.begin(), *tokenizer->special_tokens().bos);
      EXPECT_EQ(found, expected);
      EXPECT_EQ(decode(*tokenizer, expected, one), one_case["decoded_with_special"]);
      EXPECT_EQ(decode(*tokenizer, expected, one, true), one_case["decoded_without_special"]);
      ++cases;
    }
  }
  EXPECT_GT(cases, 100U);
  report_cases("swift-transformers", cases);
}

TEST_F(Published, LongTexts) {
  const std::pair<const char*, const char*> served[] = {
      {"bert_uncased_encoded.json", "bert-base-uncased.json"},
      {"distilbert_cased_encoded.json", "bert-base-multilingual-cased.slow-files"},
      {"gpt2_encoded_tokens.json", "gpt2.json"},
      {"falcon_encoded.json", "falcon-7b.json"},
      {"t5_base_encoded.json", "t5-small.json"},
      {"llama_encoded.json", "research-only/llama-2.json"}};
  std::size_t cases = 0;
  for (const auto& [file, set] : served) {
    const Tokenizer* const tokenizer = Published::tokenizer(set);
    if (tokenizer == nullptr) continue;
    const Json one_case = read_json_file(cases_ / "hf" / file);
    EXPECT_EQ(Json(ids_of(*tokenizer, one_case)), one_case["token_ids"]) << file;
    ++cases;
  }
  EXPECT_GE(cases, 5U);
  report_cases("long texts", cases);
}

TEST_F(Published, Questions) {
  const Json questions = read_gz("hf/squad_questions_wordpiece.json.gz");
  const Json ids = read_gz("hf/squad_questions_ids.json.gz");
  ASSERT_EQ(questions.size(), ids.size());
  const Tokenizer* const tokenizer = Published::tokenizer("bert-base-uncased.json");
  std::vector<std::string_view> texts;
  for (const Json& question : questions) {
    texts.push_back(question["original"].get_ref<const std::string&>());
  }
  const auto found = tokenizer->encode(texts, {.add_special_tokens = false});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_EQ(Json(found[i].ids), ids[i]) << texts[i];
    ASSERT_EQ(Json(tokenizer->tokens(found[i])), questions[i]["wordpiece"]) << texts[i];
  }
  report_cases("SQuAD questions", texts.size());
}

TEST_F(Published, LlamaCpp) {
  const std::string inputs = read_file(cases_ / "llama.cpp" / "cases.inp");
  const std::string separator = "\n__ggml_vocab_test__\n";
  const std::pair<const char*, const char*> served[] = {
      {"bert-bge.out", "bert-base-uncased.json"},
      {"gpt-2.out", "gpt2.json"},
      {"roberta-bpe.out", "roberta-base.json"},
      {"falcon.out", "falcon-7b.json"},
      {"qwen2.out", "qwen2.slow-files"},
      {"phi-3.out", "phi-3-mini.json"},
      {"llama-spm.out", "research-only/llama-2.json"},
      {"llama-bpe.out", "research-only/llama-3.slow-files"}};
  std::size_t cases = 0;
  for (const auto& [file, set] : served) {
    const Tokenizer* const tokenizer = Published::tokenizer(set);
    if (tokenizer == nullptr) continue;
    std::istringstream lines(read_file(cases_ / "llama.cpp" / file));
    std::size_t at = 0;
    for (std::string line; std::getline(lines, line); ++cases) {
      const std::size_t end = std::min(inputs.find(separator, at), inputs.size());
      const std::string text = inputs.substr(at, end - at);
      at = end + separator.size();
      std::istringstream numbers(line);
      std::vector<TokenId> expected;
      for (TokenId id = 0; numbers >> id;) expected.push_back(id);
      EXPECT_EQ(tokenizer->encode(text, {.add_special_tokens = false}).ids, expected)
          << file << ": " << text;
    }
  }
  EXPECT_GE(cases, 6U * 46U);
  report_cases("llama.cpp", cases);
}

}  // namespace
}  // namespace attend::test
