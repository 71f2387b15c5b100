// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BPE over bytes (GPT-2 and its descendants, tiktoken) and over characters with an end of word.
#include <string>
#include <utility>
#include <vector>

#include "attend/text/byte_alphabet.h"
#include "attend/text/utf8.h"
#include "tokenizer/rebuilt_merges.h"
#include "tokenizer/recipes.h"
#include "tokenizer/slow_files.h"

namespace attend {
namespace {

void read_bpe(const Conversion& in, BpeOptions options, MergeLines lines, TokenizerParts& parts) {
  parts.vocabulary = read_vocabulary_object(in.folder / "vocab.json");
  const MergeFile file = read_merges(in.folder / "merges.txt", lines);
  parts.model = Bpe(std::move(options), file.merges, parts.vocabulary);
}

void set_words(std::vector<PreTokenizerStep> steps, TokenizerFile& file) {
  file.parts.pre_tokenizer = PreTokenizer(std::move(steps));
  file.parts.decoder.steps = {ByteLevelDecoder{}};
}

// A pre-tokenizer ByteLevel and nothing else: the constructor sets its prefix space.
SlowTokenizer byte_level(const Conversion& in, TemplateText around) {
  SlowTokenizer out{.file = {}, .around = around};
  read_bpe(in, {}, MergeLines::but_first_and_last, out.file.parts);
  set_words({ByteLevelSplit{}}, out.file);
  out.file.pre_tokenizer_type = "ByteLevel";
  return out;
}

std::string in_alphabet(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes)
    append_utf8(character_of_byte(static_cast<std::uint8_t>(byte)), out);
  return out;
}

// A regex cuts words, then each byte becomes a character.
std::vector<PreTokenizerStep> split_and_alphabet(const char* pattern, bool add_prefix_space) {
  return {Split{Regex(pattern), SplitBehavior::isolated},
          ByteLevelSplit{.add_prefix_space = add_prefix_space, .use_regex = false}};
}

}  // namespace

SlowTokenizer gpt2_recipe(const Conversion& in) {
  const bool adds_bos = in.config.settings.add_bos_token.value_or(false);
  return byte_level(in, adds_bos ? TemplateText{"bos A", "bos A B:1"} : TemplateText{});
}

SlowTokenizer roberta_recipe(const Conversion& in) {
  SlowTokenizer out = byte_level(in, {"cls A sep", "cls A sep sep B sep"});
  out.file.post_processor_type = "RobertaProcessing";
  return out;
}

SlowTokenizer blenderbot_recipe(const Conversion& in) { return byte_level(in, {"A eos", "A B:1"}); }

SlowTokenizer deberta_recipe(const Conversion& in) {
  return byte_level(in, {"[CLS] A [SEP]", "[CLS] A [SEP] B:1 [SEP]:1"});
}

SlowTokenizer qwen2_recipe(const Conversion& in) {
  SlowTokenizer out;
  read_bpe(in, {}, MergeLines::but_version, out.file.parts);
  out.file.parts.normalizer = Normalizer({UnicodeForm::nfc});
  set_words(split_and_alphabet(R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
                               R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
                               in.config.settings.add_prefix_space.value_or(false)),
            out.file);
  return out;
}

SlowTokenizer clip_recipe(const Conversion& in) {
  SlowTokenizer out{.file = {}, .around = {"bos A eos", "bos A eos eos B eos"}};
  const SpecialTokenValue* const unknown = in.named.find(SpecialRole::unk);
  BpeOptions options{.end_of_word_suffix = "</w>"};
  if (unknown != nullptr) options.unk_token = unknown->content;
  read_bpe(in, std::move(options), MergeLines::clip, out.file.parts);
  out.file.parts.normalizer =
      Normalizer({UnicodeForm::nfc, ReplaceRegex{Regex(R"(\s+)"), " "}, Lowercase{}});
  set_words({Split{Regex(R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)"),
                   SplitBehavior::removed, true},
             ByteLevelSplit{.add_prefix_space = false}},
            out.file);
  return out;
}

SlowTokenizer openai_gpt_recipe(const Conversion& in) {
  SlowTokenizer out;
  const SpecialTokenValue* const unknown = in.named.find(SpecialRole::unk);
  BpeOptions options{.end_of_word_suffix = "</w>"};
  if (unknown != nullptr) options.unk_token = unknown->content;
  out.file.parts.decoder.steps = {BpeDecoder{options.end_of_word_suffix}};
  read_bpe(in, std::move(options), MergeLines::but_first_and_last, out.file.parts);
  out.file.parts.normalizer = Normalizer(bert_normalizer({}));
  out.file.parts.pre_tokenizer = PreTokenizer(bert_pre_tokenizer());
  return out;
}

SlowTokenizer tiktoken_recipe(const Conversion& in, const std::filesystem::path& file) {
  const std::vector<RankedToken> tokens = read_ranks(file);
  SlowTokenizer out;
  TokenizerParts& parts = out.file.parts;
  parts.vocabulary.reserve(tokens.size());
  for (const RankedToken& token : tokens) {
    parts.vocabulary.add(in_alphabet(token.bytes), token.rank);
  }
  parts.model = Bpe({.ignore_merges = true}, merges_of_ranks(tokens), parts.vocabulary);
  set_words(
      split_and_alphabet(R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
                         R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
                         false),
      out.file);
  if (const auto& list = in.config.additional_special_tokens) {
    for (const SpecialTokenValue& value : *list) {
      out.file.added_tokens.push_back(FileToken{.content = value.content}.added(true));
    }
  }
  return out;
}

}  // namespace attend
