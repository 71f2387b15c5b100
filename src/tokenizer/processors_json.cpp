// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The components of tokenizer.json that come behind the model: post-processors and decoders. Each
// type name has its reader in a table.
#include <array>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "attend/core/error.h"
#include "attend/tokenizer/added_tokens.h"
#include "core/limits.h"
#include "tokenizer/components_json.h"
#include "tokenizer/layout_size.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {
namespace {

// --- post-processors ---

using ProcessorSteps = std::vector<ProcessorStep>;

// What is read of a post-processor so far.
struct ProcessorReading {
  ProcessorSteps steps;
  std::size_t size = 0;  // of the tokens of templates, as token_size()
};

using ReadPostProcessor = void (*)(const JsonField&, ProcessorReading&);

void add_processor(const JsonField& field, ProcessorReading& out);

[[noreturn]] void reject_size(const JsonField& field) {
  field.reject(ErrorKind::resource_limit,
               "at most " + std::to_string(limits::layout_size) +
                   " tokens around a text, where one with a long string counts as several",
               "is the file damaged? published ones have a few");
}

TokenId read_id(const JsonField& field) {
  return static_cast<TokenId>(field.integer(0, Vocabulary::max_id));
}

std::int32_t read_type_id(const JsonField& field) {
  return static_cast<std::int32_t>(field.integer(0, std::numeric_limits<std::int32_t>::max()));
}

std::string read_token_string(const JsonField& field) {
  const JsonString text = field.string();
  if (text.size() > AddedTokens::max_bytes) {
    field.reject(ErrorKind::resource_limit,
                 "at most " + std::to_string(AddedTokens::max_bytes) + " bytes, as added tokens",
                 "is the file damaged? published tokens have some 20");
  }
  return text;
}

// Each special token is read once, however many pieces name it; and what they make of it is counted
// before it is made: a small file may name many tokens often.
class TemplateReader {
 public:
  TemplateReader(const JsonField& special_tokens, ProcessorReading& out) : out_(out) {
    for (const auto& [name, token] : special_tokens.members()) {
      (void)token.at("id").string();
      SpecialToken& special = tokens_[name];
      special.tokens = read_tokens(token);
      for (const auto& one : special.tokens) special.size += token_size(one.token);
      count(token, special.size);
    }
  }

  [[nodiscard]] std::vector<TemplatePiece> pieces(const JsonField& field) {
    const auto elements = field.elements();
    check_count(field, "pieces", elements.size());
    std::vector<TemplatePiece> pieces;
    for (const JsonField& piece : elements) pieces.push_back(read_piece(piece));
    return pieces;
  }

 private:
  struct SpecialToken {
    std::vector<TemplateToken::Token> tokens;
    std::size_t size = 0;
  };
  using SpecialTokens = std::map<std::string_view, SpecialToken>;

  static std::vector<TemplateToken::Token> read_tokens(const JsonField& special) {
    const JsonField ids = special.at("ids");
    check_count(ids, "ids", ids.size());
    std::vector<TemplateToken::Token> out;
    for (const JsonField& id : ids.elements()) out.push_back({read_id(id), {}});
    std::size_t at = 0;
    for (const JsonField& token : special.at("tokens").elements()) {
      std::string text = read_token_string(token);
      if (at < out.size()) out[at++].token = std::move(text);
    }
    return out;
  }

  void count(const JsonField& field, std::size_t size) {
    out_.size += size;
    if (out_.size > limits::layout_size) reject_size(field);
  }

  TemplatePiece read_piece(const JsonField& field) {
    if (field.size() != 1) field.reject("an object with one key, Sequence or SpecialToken");
    if (const auto sequence = field.find("Sequence")) {
      const JsonField id = sequence->at("id");
      if (id.string() != "A" && id.string() != "B") id.reject("A or B");
      return TemplateSequence{id.string() == "A" ? Sequence::first : Sequence::second,
                              read_type_id(sequence->at("type_id"))};
    }
    const JsonField token = field.at("SpecialToken");
    const JsonField id = token.at("id");
    const auto special = tokens_.find(id.string());
    if (special == tokens_.end()) id.reject("a token that special_tokens has");
    count(field, special->second.size);
    return TemplateToken{special->second.tokens, read_type_id(token.at("type_id"))};
  }

  ProcessorReading& out_;
  SpecialTokens tokens_;
};

void add_template(const JsonField& field, ProcessorReading& out) {
  TemplateReader reader(field.at("special_tokens"), out);
  std::vector<TemplatePiece> single = reader.pieces(field.at("single"));
  out.steps.emplace_back(Template(std::move(single), reader.pieces(field.at("pair"))));
}

TemplateToken::Token read_bert_token(const JsonField& field) {
  const auto parts = field.elements();
  if (parts.size() != 2) field.reject("[token, id]");
  return {read_id(parts[1]), read_token_string(parts[0])};
}

// The reference tells BertProcessing and RobertaProcessing apart by these two flags, whatever the
// type says.
void add_bert_or_roberta(const JsonField& field, ProcessorReading& out) {
  TemplateToken::Token cls = read_bert_token(field.at("cls"));
  TemplateToken::Token sep = read_bert_token(field.at("sep"));
  const auto trims = field.find("trim_offsets");
  const auto prefix = field.find("add_prefix_space");
  if (!trims || !prefix) {
    out.steps.emplace_back(bert_template(std::move(cls), std::move(sep)));
    return;
  }
  const TrimOffsets trim{.add_prefix_space = prefix->boolean()};
  if (trims->boolean()) out.steps.emplace_back(trim);
  out.steps.emplace_back(roberta_template(std::move(cls), std::move(sep)));
}

void add_byte_level(const JsonField& field, ProcessorReading& out) {
  const TrimOffsets trim{.add_prefix_space = field.at("add_prefix_space").boolean()};
  if (field.at("trim_offsets").boolean()) out.steps.emplace_back(trim);
}

void add_processors(const JsonField& field, ProcessorReading& out) {
  for (const JsonField& part : field.at("processors").elements()) add_processor(part, out);
}

constexpr auto post_processors = std::to_array<ComponentType<ReadPostProcessor>>({
    {"BertProcessing", add_bert_or_roberta},
    {"ByteLevel", add_byte_level},
    {"RobertaProcessing", add_bert_or_roberta},
    {"Sequence", add_processors},
    {"TemplateProcessing", add_template},
});

void add_processor(const JsonField& field, ProcessorReading& out) {
  find_reader<ReadPostProcessor>(post_processors, field)(field, out);
  check_count(field, "post-processors", out.steps.size());
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
  ProcessorReading read;
  if (!field.is_null()) add_processor(field, read);
  Processor processor(std::move(read.steps));
  if (!processor.fits()) reject_size(field);
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
