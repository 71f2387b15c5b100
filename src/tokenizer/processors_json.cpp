// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The components of tokenizer.json that come behind the model: post-processors and decoders. Each
// type name has its reader in a table.
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "core/limits.h"
#include "tokenizer/components_json.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {
namespace {

// --- post-processors ---

using ProcessorSteps = std::vector<ProcessorStep>;
using ReadPostProcessor = void (*)(const JsonField&, ProcessorSteps&);

void add_processor(const JsonField& field, ProcessorSteps& steps);

TokenId read_id(const JsonField& field) {
  return static_cast<TokenId>(field.integer(0, Vocabulary::max_id));
}

std::int32_t read_type_id(const JsonField& field) {
  return static_cast<std::int32_t>(field.integer(0, std::numeric_limits<std::int32_t>::max()));
}

TemplateToken read_template_token(const JsonField& special_tokens, const JsonField& id) {
  const auto special = special_tokens.find(id.string());
  if (!special) id.reject("a token that special_tokens has");
  const auto ids = special->at("ids").elements();
  const auto tokens = special->at("tokens").elements();
  check_count(special->at("ids"), "ids", ids.size());
  TemplateToken out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    out.tokens.push_back({read_id(ids[i]), i < tokens.size() ? tokens[i].string() : ""});
  }
  return out;
}

TemplatePiece read_template_piece(const JsonField& special_tokens, const JsonField& field) {
  if (const auto sequence = field.find("Sequence")) {
    const JsonField id = sequence->at("id");
    if (id.string() != "A" && id.string() != "B") id.reject("A or B");
    return TemplateSequence{id.string() == "A" ? Sequence::first : Sequence::second,
                            read_type_id(sequence->at("type_id"))};
  }
  const JsonField token = field.at("SpecialToken");
  TemplateToken out = read_template_token(special_tokens, token.at("id"));
  out.type_id = read_type_id(token.at("type_id"));
  return out;
}

std::vector<TemplatePiece> read_template_pieces(const JsonField& field,
                                                const JsonField& special_tokens) {
  const auto elements = field.elements();
  check_count(field, "pieces", elements.size());
  std::vector<TemplatePiece> pieces;
  for (const JsonField& piece : elements) {
    pieces.push_back(read_template_piece(special_tokens, piece));
  }
  return pieces;
}

void add_template(const JsonField& field, ProcessorSteps& steps) {
  const JsonField special_tokens = field.at("special_tokens");
  steps.emplace_back(Template(read_template_pieces(field.at("single"), special_tokens),
                              read_template_pieces(field.at("pair"), special_tokens)));
}

TemplateToken::Token read_bert_token(const JsonField& field) {
  const auto parts = field.elements();
  if (parts.size() != 2) field.reject("[token, id]");
  return {read_id(parts[1]), parts[0].string()};
}

// The reference tells BertProcessing and RobertaProcessing apart by these two flags, whatever the
// type says.
void add_bert_or_roberta(const JsonField& field, ProcessorSteps& steps) {
  TemplateToken::Token cls = read_bert_token(field.at("cls"));
  TemplateToken::Token sep = read_bert_token(field.at("sep"));
  const auto trims = field.find("trim_offsets");
  const auto prefix = field.find("add_prefix_space");
  if (!trims || !prefix) {
    steps.emplace_back(bert_template(std::move(cls), std::move(sep)));
    return;
  }
  const TrimOffsets trim{.add_prefix_space = prefix->boolean()};
  if (trims->boolean()) steps.emplace_back(trim);
  steps.emplace_back(roberta_template(std::move(cls), std::move(sep)));
}

void add_byte_level(const JsonField& field, ProcessorSteps& steps) {
  const TrimOffsets trim{.add_prefix_space = field.at("add_prefix_space").boolean()};
  if (field.at("trim_offsets").boolean()) steps.emplace_back(trim);
}

void add_processors(const JsonField& field, ProcessorSteps& steps) {
  for (const JsonField& part : field.at("processors").elements()) add_processor(part, steps);
}

constexpr auto post_processors = std::to_array<ComponentType<ReadPostProcessor>>({
    {"BertProcessing", add_bert_or_roberta},
    {"ByteLevel", add_byte_level},
    {"RobertaProcessing", add_bert_or_roberta},
    {"Sequence", add_processors},
    {"TemplateProcessing", add_template},
});

void add_processor(const JsonField& field, ProcessorSteps& steps) {
  find_reader<ReadPostProcessor>(post_processors, field)(field, steps);
  check_count(field, "post-processors", steps.size());
}

// --- decoders ---

using DecoderSteps = std::vector<DecoderStep>;
using ReadDecoder = void (*)(const JsonField&, DecoderSteps&);

void add_decoder(const JsonField& field, DecoderSteps& steps);

template <class Step>
void add_simple(const JsonField&, DecoderSteps& steps) {
  steps.emplace_back(Step{});
}

// What the flags are does not matter for decoding, but that they are there.
void add_byte_level_decoder(const JsonField& field, DecoderSteps& steps) {
  (void)field.at("add_prefix_space").boolean();
  (void)field.at("trim_offsets").boolean();
  steps.emplace_back(ByteLevelDecoder{});
}

void add_wordpiece(const JsonField& field, DecoderSteps& steps) {
  steps.emplace_back(WordPieceDecoder{field.at("prefix").string(), field.at("cleanup").boolean()});
}

void add_metaspace(const JsonField& field, DecoderSteps& steps) {
  steps.emplace_back(
      MetaspaceDecoder{read_character(field.at("replacement")), read_prepend_scheme(field)});
}

void add_bpe(const JsonField& field, DecoderSteps& steps) {
  steps.emplace_back(BpeDecoder{field.at("suffix").string()});
}

void add_ctc(const JsonField& field, DecoderSteps& steps) {
  steps.emplace_back(CtcDecoder{field.at("pad_token").string(),
                                field.at("word_delimiter_token").string(),
                                field.at("cleanup").boolean()});
}

void add_strip(const JsonField& field, DecoderSteps& steps) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  steps.emplace_back(StripDecoder{read_character(field.at("content")),
                                  static_cast<Index>(field.at("start").integer(0, most)),
                                  static_cast<Index>(field.at("stop").integer(0, most))});
}

void add_decoders(const JsonField& field, DecoderSteps& steps) {
  for (const JsonField& part : field.at("decoders").elements()) add_decoder(part, steps);
}

constexpr auto decoders = std::to_array<ComponentType<ReadDecoder>>({
    {"BPEDecoder", add_bpe},
    {"ByteFallback", add_simple<ByteFallbackDecoder>},
    {"ByteLevel", add_byte_level_decoder},
    {"CTC", add_ctc},
    {"Fuse", add_simple<FuseDecoder>},
    {"Metaspace", add_metaspace},
    {"Replace", add_replace<DecoderStep>},
    {"Sequence", add_decoders},
    {"Strip", add_strip},
    {"WordPiece", add_wordpiece},
});

void add_decoder(const JsonField& field, DecoderSteps& steps) {
  find_reader<ReadDecoder>(decoders, field)(field, steps);
  check_count(field, "decoders", steps.size());
}

}  // namespace

Processor read_post_processor(const JsonField& field) {
  ProcessorSteps steps;
  if (!field.is_null()) add_processor(field, steps);
  Processor processor(std::move(steps));
  if (!processor.fits()) {
    field.reject(ErrorKind::resource_limit,
                 "at most " + std::to_string(limits::layout_size) + " tokens around a text",
                 "is the file damaged? published ones have a few");
  }
  return processor;
}

Decoder read_decoder(const JsonField& field) {
  Decoder out;
  if (field.is_null()) return out;
  add_decoder(field, out.steps);
  // Tokens are joined with blanks only where there is no decoder at all, not where it is empty.
  if (out.steps.empty()) out.steps.emplace_back(FuseDecoder{});
  return out;
}

}  // namespace attend
