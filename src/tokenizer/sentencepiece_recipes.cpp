// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Families that have a model file of SentencePiece: which tokens they make of its pieces, and what
// comes before and after.
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"
#include "tokenizer/further_tokens.h"
#include "tokenizer/language_codes.h"
#include "tokenizer/piece_tokens.h"
#include "tokenizer/python_ids.h"
#include "tokenizer/recipes.h"
#include "tokenizer/slow_files.h"

namespace attend {
namespace {

// --- what comes before and after ---

// The blank before words: legacy behaviour puts it behind added tokens, too.
struct BlankRules {
  bool adds_blank = true;
  bool is_legacy = true;
};

BlankRules blank_rules(const ClassSettings& settings) {
  return {.adds_blank = settings.adds_blank(), .is_legacy = settings.legacy.value_or(true)};
}

PrependScheme prepend_scheme(const BlankRules& rules) {
  if (!rules.adds_blank) return PrependScheme::never;
  return rules.is_legacy ? PrependScheme::always : PrependScheme::first;
}

PrependScheme t5_scheme(const ClassSettings& settings) {
  return prepend_scheme(blank_rules(settings));
}

void set_blanks(PrependScheme scheme, TokenizerParts& parts) {
  parts.pre_tokenizer = PreTokenizer({MetaspaceSplit{.prepend_scheme = scheme}});
  parts.decoder.steps = {MetaspaceDecoder{.prepend_scheme = scheme}};
}

// Empty where there is no such token.
std::string_view content_of(const NamedTokens& named, SpecialRole role) {
  const SpecialTokenValue* const value = named.find(role);
  return value != nullptr ? std::string_view(value->content) : std::string_view();
}

// Most Python classes ask the model itself for the ids of strings.
SlowTokenizer with_ids_of_file(const PieceTokens& pieces, TemplateText around) {
  SlowTokenizer out{.file = {},
                    .around = around,
                    .counted = PythonVocabulary::ids,
                    .unknown = pieces.file().unk_id};
  pieces.build(out.file);
  return out;
}

// What most families have: [charsmap], no blanks at the end, several blanks are one mark.
SlowTokenizer plain(PieceTokens& pieces, TemplateText around,
                    PrependScheme scheme = PrependScheme::always) {
  SlowTokenizer out = with_ids_of_file(pieces, around);
  NormalizerSteps steps;
  pieces.add_charsmap(steps);
  steps.emplace_back(StripBlanks{.left = false, .right = true});
  steps.emplace_back(ReplaceRegex{Regex(" {2,}"), std::string(blank_mark)});
  out.file.parts.normalizer = Normalizer(std::move(steps));
  set_blanks(scheme, out.file.parts);
  return out;
}

constexpr TemplateText bert_around = {"[CLS] A [SEP]", "[CLS] A [SEP] B:1 [SEP]:1"};
constexpr TemplateText roberta_around = {"<s> A </s>", "<s> A </s> </s> B </s>"};
constexpr TemplateText t5_around = {"A </s>", "A </s> B </s>"};
constexpr TemplateText no_template = {};  // or that of the constructor

ReplaceRegex one_blank() { return {Regex(" {2,}"), " "}; }

// Quotes of TeX, accents and case, as the Python classes of ALBERT's kind prepare a text.
struct Spelling {
  bool lower_case;
  bool keep_accents;
};

Spelling spelling(const Conversion& in, Spelling otherwise) {
  return {in.config.settings.do_lower_case.value_or(otherwise.lower_case),
          in.config.settings.keep_accents.value_or(otherwise.keep_accents)};
}

void add_spelling(const Spelling& spelling, NormalizerSteps& steps) {
  if (!spelling.keep_accents) {
    steps.emplace_back(UnicodeForm::nfkd);
    steps.emplace_back(DropMarks{});
  }
  if (spelling.lower_case) steps.emplace_back(Lowercase{});
}

NormalizerSteps tex_quotes() { return {ReplaceText{"``", "\""}, ReplaceText{"''", "\""}}; }

// "9," and its like are not to be used: the Python classes cut them again.
bool ends_in_digit_and_comma(std::string_view piece) {
  if (piece.size() < 2 || piece.back() != ',') return false;
  piece.remove_suffix(1);
  return is_numeric(decode_utf8(piece.substr(last_code_point(piece))).value);
}

SlowTokenizer albert(const Conversion& in, Spelling otherwise, TemplateText around) {
  PieceTokens pieces(in);
  pieces.add_pieces();
  for (ScoredToken& token : pieces.tokens()) {
    if (ends_in_digit_and_comma(token.text)) token.score -= 100;
  }
  SlowTokenizer out = with_ids_of_file(pieces, around);
  NormalizerSteps steps = tex_quotes();
  add_spelling(spelling(in, otherwise), steps);
  pieces.add_charsmap(steps);
  steps.emplace_back(one_blank());
  out.file.parts.normalizer = Normalizer(std::move(steps));
  set_blanks(PrependScheme::always, out.file.parts);
  return out;
}

// What families of fairseq differ in.
struct Fairseq {
  std::string_view head = "<s> <pad> </s> <unk>";  // its own special tokens, which come first
  std::string_view tail = {};                      // tokens behind the pieces
  TemplateText around = no_template;
  PrependScheme scheme = PrependScheme::always;
  TokenId unk_id = 3;
};

SlowTokenizer fairseq(const Conversion& in, const Fairseq& family) {
  PieceTokens pieces(in);
  pieces.add_words(family.head);
  pieces.add_pieces(3);
  pieces.add_words(family.tail);
  pieces.unk_id = family.unk_id;
  SlowTokenizer out = plain(pieces, family.around, family.scheme);
  out.unknown.reset();
  return out;
}

// The decoder of Llama and Gemma.
std::vector<DecoderStep> byte_fallback_decoder() {
  return {ReplaceText{std::string(blank_mark), " "}, ByteFallbackDecoder{}, FuseDecoder{}};
}

SlowTokenizer llama(const Conversion& in, const BlankRules& rules) {
  PieceTokens pieces(in);
  for (std::size_t id = 0; id < 3 && id < pieces.file().pieces.size(); ++id) {
    const auto added = in.config.added_tokens.find(static_cast<std::int64_t>(id));
    pieces.add(added == in.config.added_tokens.end() ? pieces.file().pieces[id].text
                                                     : std::string_view(added->second.content));
  }
  pieces.add_pieces(3);
  pieces.unk_id = 0;
  pieces.byte_fallback = true;
  SlowTokenizer out{.file = {}, .around = no_template};
  pieces.build(out.file);
  TokenizerParts& parts = out.file.parts;
  if (rules.is_legacy) {
    NormalizerSteps steps;
    if (rules.adds_blank) steps.emplace_back(PrependText{std::string(blank_mark)});
    steps.emplace_back(ReplaceText{" ", std::string(blank_mark)});
    parts.normalizer = Normalizer(std::move(steps));
  } else {
    parts.pre_tokenizer =
        PreTokenizer({MetaspaceSplit{.prepend_scheme = prepend_scheme(rules), .split = false}});
  }
  parts.decoder.steps = byte_fallback_decoder();
  if (rules.adds_blank) parts.decoder.steps.emplace_back(StripDecoder{.start = 1});
  return out;
}

std::string with_mask(std::string_view words) {
  std::string out(words);
  out += " <mask>";
  return out;
}

}  // namespace

SlowTokenizer albert_recipe(const Conversion& in) {
  return albert(in, {.lower_case = true, .keep_accents = false}, bert_around);
}

SlowTokenizer fnet_recipe(const Conversion& in) {
  return albert(in, {.lower_case = false, .keep_accents = true}, bert_around);
}

SlowTokenizer xlnet_recipe(const Conversion& in) {
  return albert(in, {.lower_case = false, .keep_accents = false},
                {"A <sep> <cls>:2", "A <sep> B:1 <sep>:1 <cls>:2"});
}

SlowTokenizer rembert_recipe(const Conversion& in) {
  PieceTokens pieces(in);
  pieces.add_pieces();
  SlowTokenizer out = with_ids_of_file(pieces, bert_around);
  NormalizerSteps steps = tex_quotes();
  steps.emplace_back(one_blank());
  add_spelling(spelling(in, {.lower_case = false, .keep_accents = true}), steps);
  pieces.add_charsmap(steps);
  out.file.parts.normalizer = Normalizer(std::move(steps));
  set_blanks(PrependScheme::always, out.file.parts);
  return out;
}

SlowTokenizer big_bird_recipe(const Conversion& in) {
  PieceTokens pieces(in);
  pieces.add_pieces();
  return plain(pieces, bert_around);
}

SlowTokenizer deberta_v2_recipe(const Conversion& in) {
  PieceTokens pieces(in);
  pieces.add_pieces();
  SlowTokenizer out{.file = {}, .around = bert_around};
  pieces.build(out.file);
  NormalizerSteps steps;
  if (in.config.settings.do_lower_case.value_or(false)) steps.emplace_back(Lowercase{});
  steps.emplace_back(StripBlanks{.left = true, .right = true});
  pieces.add_charsmap(steps);
  steps.emplace_back(one_blank());
  out.file.parts.normalizer = Normalizer(std::move(steps));
  set_blanks(PrependScheme::always, out.file.parts);
  if (in.config.settings.split_by_punct.value_or(false)) {
    out.file.parts.pre_tokenizer =
        PreTokenizer({Split{CharacterClass::punctuation, SplitBehavior::isolated},
                      MetaspaceSplit{.prepend_scheme = PrependScheme::always}});
  }
  return out;
}

SlowTokenizer barthez_recipe(const Conversion& in) {
  PieceTokens pieces(in);
  pieces.add_pieces();
  pieces.unk_id = 3;
  return plain(pieces, roberta_around);
}

SlowTokenizer camembert_recipe(const Conversion& in) {
  PieceTokens pieces(in);
  pieces.add_words("<s>NOTUSED <pad> </s>NOTUSED <unk>");
  pieces.add("<unk>NOTUSED", -100);
  pieces.add_pieces(1);
  pieces.add("<mask>");
  pieces.unk_id = 3;
  SlowTokenizer out = plain(pieces, roberta_around);
  out.uncounted = 1;  // the mask
  out.own = {"<s>NOTUSED", std::string(content_of(in.named, SpecialRole::pad)), "</s>NOTUSED",
             std::string(content_of(in.named, SpecialRole::unk)), "<unk>NOTUSED"};
  out.unknown.reset();
  return out;
}

SlowTokenizer xlm_roberta_recipe(const Conversion& in) {
  return fairseq(in, {.tail = "<mask>", .around = roberta_around});
}

SlowTokenizer xglm_recipe(const Conversion& in) {
  return fairseq(in,
                 {.tail = "<madeupword0> <madeupword1> <madeupword2> <madeupword3> <madeupword4> "
                          "<madeupword5> <madeupword6>",
                  .around = {"</s> A", "</s> A </s> </s> B"}});
}

SlowTokenizer mbart_recipe(const Conversion& in) {
  return fairseq(in, {.tail = with_mask(language_codes::mbart)});
}

SlowTokenizer mbart50_recipe(const Conversion& in) {
  return fairseq(in, {.tail = with_mask(language_codes::mbart50)});
}

SlowTokenizer nllb_recipe(const Conversion& in) { return fairseq(in, {}); }

SlowTokenizer seamless_recipe(const Conversion& in) {
  check_own_id(in, "<unk>", 1);
  // Four roles have the first four ids; of those with one content the last counts.
  const std::string_view unk = content_of(in.named, SpecialRole::unk);
  TokenId unk_id = 1;
  if (content_of(in.named, SpecialRole::bos) == unk) unk_id = 2;
  if (content_of(in.named, SpecialRole::eos) == unk) unk_id = 3;
  check_keeps_id(in, unk, unk_id);
  const BlankRules rules{.adds_blank = in.config.settings.adds_blank(), .is_legacy = false};
  return fairseq(
      in, {.head = "<pad> <unk> <s> </s>", .scheme = prepend_scheme(rules), .unk_id = unk_id});
}

SlowTokenizer t5_recipe(const Conversion& in) {
  const ClassSettings& settings = in.config.settings;
  PieceTokens pieces(in);
  pieces.add_pieces();
  const std::int64_t extra_ids = settings.extra_ids.value_or(100);
  for (std::int64_t i = extra_ids; i-- > 0;) {
    pieces.add_spelled("<extra_id_" + std::to_string(i) + ">");
  }
  SlowTokenizer out = plain(pieces, t5_around, t5_scheme(settings));
  // Beside other additional tokens the Python class counts these only when it adds them.
  const auto& more = in.config.additional_special_tokens;
  if (more && !further_tokens::has_extra_ids(*more)) out.uncounted = std::max<Index>(extra_ids, 0);
  return out;
}

SlowTokenizer udop_recipe(const Conversion& in) {
  PieceTokens pieces(in);
  pieces.add_pieces();
  return plain(pieces, t5_around, t5_scheme(in.config.settings));
}

SlowTokenizer reformer_recipe(const Conversion& in) {
  PieceTokens pieces(in);
  pieces.add_pieces();
  return plain(pieces, {});
}

SlowTokenizer pegasus_recipe(const Conversion& in) {
  constexpr std::int64_t usual_offset = 103;
  const std::int64_t offset = in.config.settings.offset.value_or(usual_offset);
  const auto content = [&](SpecialRole role) { return content_of(in.named, role); };
  check_own_id(in, content(SpecialRole::pad), 0);
  check_own_id(in, content(SpecialRole::eos), 1);
  PieceTokens pieces(in);
  pieces.add(content(SpecialRole::pad));
  pieces.add(content(SpecialRole::eos));
  const std::string sentence_mask = in.config.settings.mask_token_sent.value_or("<mask_1>");
  if (!sentence_mask.empty()) {
    pieces.add(sentence_mask);
    check_own_id(in, content(SpecialRole::mask), 3);
    if (offset > 3) pieces.add(content(SpecialRole::mask));
  }
  for (std::int64_t i = 2; i < offset; ++i) {
    pieces.add_spelled("<unk_" + std::to_string(i) + ">", -100);
  }
  pieces.add_pieces(2);
  pieces.unk_id += static_cast<TokenId>(offset);
  // The Python class gives eos an id of these, also where the model file has it once more: of
  // several the last.
  TemplateText around = {"A eos=1", "A B eos=1"};
  const std::string_view eos = content(SpecialRole::eos);
  if (!sentence_mask.empty() && sentence_mask == eos) around = {"A eos=2", "A B eos=2"};
  if (!sentence_mask.empty() && content(SpecialRole::mask) == eos) {
    around = {"A eos=3", "A B eos=3"};
  }
  SlowTokenizer out = plain(pieces, around);
  out.file.parts.pre_tokenizer =
      PreTokenizer({Split{CharacterClass::white_space, SplitBehavior::removed},
                    MetaspaceSplit{.prepend_scheme = PrependScheme::always}});
  return out;
}

SlowTokenizer llama_recipe(const Conversion& in) {
  return llama(in, blank_rules(in.config.settings));
}

SlowTokenizer code_llama_recipe(const Conversion& in) { return llama(in, {}); }

SlowTokenizer gemma_recipe(const Conversion& in) {
  PieceTokens pieces(in);
  for (const SpecialRole role : {SpecialRole::pad, SpecialRole::eos, SpecialRole::bos}) {
    pieces.add(content_of(in.named, role));
  }
  pieces.add_pieces(3);
  auto& tokens = pieces.tokens();
  const auto find = [&](std::string_view text) {
    return std::find_if(tokens.begin(), tokens.end(),
                        [&](const ScoredToken& token) { return token.text == text; });
  };
  // Older files lack the tab.
  if (const auto tab = find("<0x09>"); find("\t") == tokens.end() && tab != tokens.end()) {
    *tab = {"\t", 0};
  }
  pieces.unk_id = 3;
  pieces.byte_fallback = true;
  pieces.tab_is_byte_piece = true;
  SlowTokenizer out{.file = {}, .around = no_template};
  pieces.build(out.file, "<start_of_turn> <end_of_turn>");
  TokenizerParts& parts = out.file.parts;
  parts.normalizer = Normalizer({ReplaceText{" ", std::string(blank_mark)}});
  parts.pre_tokenizer = PreTokenizer({Split{" ", SplitBehavior::merged_with_previous}});
  parts.decoder.steps = byte_fallback_decoder();
  return out;
}

}  // namespace attend
