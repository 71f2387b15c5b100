// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A tokenizer.json that has one of everything, for tests that change one thing in it.
#pragma once

#include <string_view>

#include "support/tokenizer_cases.h"

namespace attend::test {

inline Json added_token(std::string_view content, int id) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

inline Json minimal() {
  return {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", {added_token("[UNK]", 0), added_token("[CLS]", 1), added_token("[SEP]", 2)}},
      {"normalizer",
       {{"type", "BertNormalizer"},
        {"clean_text", true},
        {"handle_chinese_chars", true},
        {"strip_accents", nullptr},
        {"lowercase", false}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"post_processor",
       {{"type", "BertProcessing"}, {"sep", {"[SEP]", 2}}, {"cls", {"[CLS]", 1}}}},
      {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
      {"model",
       {{"type", "WordPiece"},
        {"unk_token", "[UNK]"},
        {"continuing_subword_prefix", "##"},
        {"max_input_chars_per_word", 100},
        {"vocab",
         {{"[UNK]", 0},
          {"[CLS]", 1},
          {"[SEP]", 2},
          {"a", 3},
          {"##b", 4},
          {"A", 5},
          {"[PAD]", 6},
          {"[MASK]", 7}}}}}};
}

inline Json bpe(const Json& merges, const Json& changes = Json::object()) {
  Json model = {
      {"type", "BPE"}, {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"c d", 3}}}, {"merges", merges}};
  model.update(changes);
  return model;
}

inline Json unigram(const Json& pieces, const Json& unk_id) {
  return {{"type", "Unigram"}, {"unk_id", unk_id}, {"vocab", pieces}};
}

}  // namespace attend::test
