// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BPE over bytes (GPT-2 and its descendants, tiktoken) and over characters with an end of word.
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "attend/text/byte_alphabet.h"
#include "attend/text/utf8.h"
#include "tokenizer/rebuilt_merges.h"
#include "tokenizer/recipes.h"
#include "tokenizer/slow_files.h"
#include "tokenizer/tekken_json.h"

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

// The model of tiktoken. The vocabulary may hold special tokens, whose ids come before.
void set_ranks(std::span<const RankedToken> tokens, TokenId first_id, TokenizerParts& parts) {
  const std::vector<IdMerge> merges = merges_of_ranks(tokens, first_id);
  parts.vocabulary.reserve(static_cast<std::size_t>(first_id) + tokens.size());
  for (const RankedToken& token : tokens) {
    if (parts.vocabulary.add(in_alphabet(token.bytes), first_id + token.rank)) continue;
    fail(ErrorKind::tokenizer_error,
         {.where = "Tokenizer::load",
          .what = "rank " + std::to_string(token.rank),
          .expected = "another token than the special ones",
          .found = quote(token.bytes),
          .hint = "remove the rank, or the special token with this text"});
  }
  parts.model = Bpe({.ignore_merges = true}, merges, parts.vocabulary);
}

AddedToken special_token(const std::string& content) {
  return FileToken{.content = content}.added_as_special();
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
  const bool adds_blank = in.config.settings.add_prefix_space.value_or(false);
  set_words({Split{Regex(R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
                         R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
                   SplitBehavior::isolated},
             ByteLevelSplit{.add_prefix_space = adds_blank, .use_regex = false}},
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

SlowTokenizer tiktoken_recipe(const Conversion& in, const RanksFile& file) {
  SlowTokenizer out;
  set_ranks(read_ranks(file.content.text(), file.path), 0, out.file.parts);
  set_words({Split{Regex(R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
                         R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
                   SplitBehavior::isolated},
             ByteLevelSplit{.add_prefix_space = false, .use_regex = false}},
            out.file);
  if (const auto& list = in.config.additional_special_tokens) {
    for (const SpecialTokenValue& value : *list) {
      out.file.added_tokens.push_back(special_token(value.content));
    }
  }
  return out;
}

// What counts is mistral-common (Tekkenizer, and MistralCommonTokenizer of transformers 4.57, which
// hands texts to it). MistralConverter, the fallback of transformers without it, is not copied: it
// gives the ranks the ids from 0 on, which are those of the special tokens, too.
// Where a pattern makes a special token's text one word, that word is the special token here, and
// text there; Mistral's own pattern cuts all of them apart.
SlowTokenizer tekken_recipe(const Conversion& in) {
  // Pairs, which MistralCommonTokenizer refuses, are those of LlamaTokenizer with both ends.
  SlowTokenizer out{.file = {}, .around = {"bos A eos", "bos A eos bos:1 B:1 eos:1"}};
  TekkenFile tekken = read_tekken(in.folder / "tekken.json");
  TokenizerParts& parts = out.file.parts;
  for (const std::string& content : tekken.special_tokens) {
    if (!parts.vocabulary.add(content, static_cast<TokenId>(out.file.added_tokens.size()))) {
      fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                        .what = "/special_tokens",
                                        .expected = "no token twice",
                                        .found = quote(content),
                                        .hint = "name each special token once"});
    }
    out.file.added_tokens.push_back(special_token(content));
  }
  for (const auto& role : in.named.roles) {
    if (!role || parts.vocabulary.find(role->content)) continue;
    fail(ErrorKind::tokenizer_error,
         {.where = "Tokenizer::load",
          .what = "/special_tokens",
          .expected = "a token " + quote(role->content),
          .hint = "is the file whole? it names every special token of its model"});
  }
  set_ranks(tekken.tokens, static_cast<TokenId>(tekken.special_tokens.size()), parts);
  // tiktoken passes over what the pattern does not match.
  set_words({Split{std::move(tekken.words), SplitBehavior::removed, true},
             ByteLevelSplit{.add_prefix_space = false, .use_regex = false}},
            out.file);
  return out;
}

}  // namespace attend
