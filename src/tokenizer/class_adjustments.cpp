// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One function for each constructor.
#include "tokenizer/class_adjustments.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tokenizer/further_tokens.h"
#include "tokenizer/language_codes.h"
#include "tokenizer/languages.h"

namespace attend {
namespace {

void set_bert_normalizer(const BertNormalizerOptions& options, TokenizerFile& file) {
  file.parts.normalizer = Normalizer(bert_normalizer(options));
}

// Whether a class puts bos before a text when no file says so.
enum class BosByDefault : std::uint8_t { yes, no };

void set_ends(const Conversion& in, BosByDefault by_default, TokenizerFile& file) {
  const ClassSettings& settings = in.config.settings;
  const bool bos = settings.add_bos_token.value_or(by_default == BosByDefault::yes);
  const bool eos = settings.add_eos_token.value_or(false);
  const std::string single = std::string(bos ? "bos " : "") + "A" + std::string(eos ? " eos" : "");
  const std::string pair = single + (bos ? " bos:1" : "") + " B:1" + (eos ? " eos:1" : "");
  file.parts.processor = Processor(make_template({single, pair}, in.named, file.parts));
}

bool adds_prefix_space(const TokenizerConfig& config) {
  const TokenizerClass* const of = config.tokenizer_class;
  return config.settings.add_prefix_space.value_or(of != nullptr && of->adds_prefix_space);
}

// add_prefix_space in a file puts the blank before every ByteLevel; nothing takes it away.
void add_deep_prefix_space(const Conversion& in, TokenizerFile& file) {
  if (!in.config.settings.add_prefix_space.value_or(false)) return;
  std::vector<PreTokenizerStep> steps = file.parts.pre_tokenizer.steps();
  for (PreTokenizerStep& step : steps) {
    if (auto* byte_level = std::get_if<ByteLevelSplit>(&step)) byte_level->add_prefix_space = true;
  }
  file.parts.pre_tokenizer = PreTokenizer(std::move(steps));
}

Infilling infilling_of(const Conversion& in, const TokenizerParts& parts) {
  const ClassSettings& settings = in.config.settings;
  Infilling out{.fill_token = settings.fill_token.value_or("<FILL_ME>"),
                .has_bos = settings.add_bos_token.value_or(true),
                .has_eos = settings.add_eos_token.value_or(false),
                .prefix = settings.prefix_token.value_or(further_tokens::code_llama_prefix),
                .middle = settings.middle_token.value_or(further_tokens::code_llama_middle),
                .suffix = settings.suffix_token.value_or(further_tokens::code_llama_suffix),
                .parts = nullptr};
  const auto prefix = find_token(out.prefix, parts);
  const auto middle = find_token(out.middle, parts);
  const auto suffix = find_token(out.suffix, parts);
  if (!prefix || !middle || !suffix) return out;
  // Contents of files are no words of a template's text.
  const auto around = [&](const char* word) {
    return make_template({"A", word}, in.named, parts).pair();
  };
  std::vector<TemplatePiece> pair = around(out.has_bos ? "bos" : "");
  pair.emplace_back(TemplateToken{{{*prefix, {}}}, 0});
  pair.emplace_back(TemplateSequence{Sequence::first, 0});
  pair.emplace_back(TemplateToken{{{*suffix, {}}}, 0});
  pair.emplace_back(TemplateSequence{Sequence::second, 0});
  pair.emplace_back(TemplateToken{{{*middle, {}}}, 0});
  for (TemplatePiece& piece : around(out.has_eos ? "eos" : "")) pair.push_back(std::move(piece));
  out.parts = std::make_shared<TokenizerParts>();
  out.parts->normalizer = Normalizer({ReplaceText{" ", "\u2581"}});
  out.parts->pre_tokenizer = parts.pre_tokenizer;
  out.parts->vocabulary = parts.vocabulary;
  out.parts->model = parts.model;
  out.parts->added_tokens = parts.added_tokens;
  out.parts->processor =
      Processor(Template(make_template({"A", "A"}, in.named, parts).single(), std::move(pair)));
  return out;
}

}  // namespace

BertNormalizerOptions bert_options(const TokenizerConfig& config, BertNormalizerOptions options) {
  const ClassSettings& settings = config.settings;
  options.lowercase = settings.do_lower_case.value_or(true);
  options.strip_accents = settings.strip_accents.value_or(options.lowercase);
  options.handle_chinese_chars = settings.tokenize_chinese_chars.value_or(true);
  return options;
}

void adjust_bert(const Conversion& in, TokenizerFile& file) {
  if (file.bert_normalizer) {
    set_bert_normalizer(bert_options(in.config, *file.bert_normalizer), file);
  }
}

void adjust_bert_but_chinese(const Conversion& in, TokenizerFile& file) {
  if (!file.bert_normalizer) return;
  BertNormalizerOptions options = bert_options(in.config, *file.bert_normalizer);
  options.handle_chinese_chars = file.bert_normalizer->handle_chinese_chars;
  set_bert_normalizer(options, file);
}

void adjust_trims(const Conversion& in, TokenizerFile& file) {
  const std::string& type = file.post_processor_type;
  if (type != "RobertaProcessing" && type != "ByteLevel") return;
  std::vector<ProcessorStep> steps;
  if (in.config.settings.trim_offsets.value_or(true)) {
    steps.emplace_back(TrimOffsets{adds_prefix_space(in.config)});
  }
  for (const ProcessorStep& step : file.parts.processor.steps()) {
    if (std::holds_alternative<Template>(step)) steps.push_back(step);
  }
  file.parts.processor = Processor(std::move(steps));
}

void adjust_llama(const Conversion& in, TokenizerFile& file) {
  set_ends(in, BosByDefault::yes, file);
}

void adjust_code_llama(const Conversion& in, TokenizerFile& file) {
  set_ends(in, BosByDefault::yes, file);
  file.parts.infilling = infilling_of(in, file.parts);
  file.parts.needed_class = in.config.class_name;
}

void adjust_gpt_neox(const Conversion& in, TokenizerFile& file) {
  set_ends(in, BosByDefault::no, file);
}

void adjust_cohere(const Conversion& in, TokenizerFile& file) {
  set_ends(in, BosByDefault::yes, file);
  add_deep_prefix_space(in, file);
}

void adjust_bloom(const Conversion& in, TokenizerFile& file) { add_deep_prefix_space(in, file); }

void adjust_clip(const Conversion& in, TokenizerFile& file) {
  const auto* bpe = std::get_if<Bpe>(&file.parts.model);
  if (bpe == nullptr || bpe->options().end_of_word_suffix.empty()) return;
  auto& steps = file.parts.decoder.steps;
  steps.emplace_back(FuseDecoder{});
  steps.emplace_back(ReplaceText{bpe->options().end_of_word_suffix, " "});
  steps.emplace_back(TrimDecoder{});
  file.parts.needed_class = in.config.class_name;
}

void adjust_mbart(const Conversion& in, TokenizerFile& file) {
  set_languages(in,
                {.codes = language_codes::mbart,
                 .source = "A eos lang",
                 .target = "A eos lang",
                 .source_language = "en_XX"},
                file.parts);
}

void adjust_mbart50(const Conversion& in, TokenizerFile& file) {
  set_languages(in,
                {.codes = language_codes::mbart50,
                 .source = "lang A eos",
                 .target = "lang A eos",
                 .source_language = "en_XX"},
                file.parts);
}

void adjust_nllb(const Conversion& in, TokenizerFile& file) {
  const bool is_legacy = in.config.settings.legacy_behaviour.value_or(false);
  const std::string_view around = is_legacy ? "A eos lang" : "lang A eos";
  set_languages(in,
                {.codes = language_codes::nllb,
                 .source = around,
                 .target = around,
                 .source_language = "eng_Latn"},
                file.parts);
}

void adjust_seamless(const Conversion& in, TokenizerFile& file) {
  set_languages(in,
                {.codes = {},
                 .source = "lang A eos",
                 .target = "eos lang A eos",
                 .source_language = "eng",
                 .target_language = "fra",
                 .mark = "__"},
                file.parts);
}

void adjust_prefix_space(const Conversion& in, TokenizerFile& file) {
  if (file.pre_tokenizer_type != "ByteLevel") return;
  // The reference fails to set null, and goes on.
  if (in.config.settings.has_null_prefix_space) return;
  auto split = std::get<ByteLevelSplit>(file.parts.pre_tokenizer.steps().at(0));
  split.add_prefix_space = adds_prefix_space(in.config);
  file.parts.pre_tokenizer = PreTokenizer({split});
}

}  // namespace attend
