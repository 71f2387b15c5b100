// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Steps become components again. The readers know several spellings of the same steps; here is one.
#include "tokenizer/write_components_json.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "attend/text/base64.h"
#include "attend/text/utf8.h"

namespace attend {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail_step(std::string_view what) {
  fail(ErrorKind::unsupported, {.where = "Tokenizer::save",
                                .what = std::string(what),
                                .expected = "a step that tokenizer.json has a component for",
                                .hint = "keep the files that it was loaded from"});
}

std::string utf8(char32_t c) {
  std::string out;
  append_utf8(c, out);
  return out;
}

Json string_pattern(const std::string& pattern) { return {{"String", pattern}}; }
Json regex_pattern(const Regex& pattern) { return {{"Regex", pattern.pattern()}}; }

// Names of the enumerators in tokenizer.json.
std::string_view scheme(PrependScheme value) {
  switch (value) {
    case PrependScheme::always: return "always";
    case PrependScheme::first: return "first";
    case PrependScheme::never: return "never";
  }
  return "always";
}

std::string_view behavior_name(SplitBehavior value) {
  switch (value) {
    case SplitBehavior::removed: return "Removed";
    case SplitBehavior::isolated: return "Isolated";
    case SplitBehavior::merged_with_previous: return "MergedWithPrevious";
    case SplitBehavior::merged_with_next: return "MergedWithNext";
    case SplitBehavior::contiguous: return "Contiguous";
  }
  return "Isolated";
}

// null, the one component, or a Sequence of them.
std::string sequence(std::vector<Json> components, std::string_view key) {
  Json out;
  if (components.size() == 1) {
    out = std::move(components[0]);
  } else if (!components.empty()) {
    out = {{"type", "Sequence"}, {std::string(key), std::move(components)}};
  }
  return out.dump();
}

Json replace(Json pattern, const std::string& content) {
  return {{"type", "Replace"}, {"pattern", std::move(pattern)}, {"content", content}};
}

// --- normalizers ---

// Steps that only a BertNormalizer has, are not written one by one.
Json written(const CleanText&) { return nullptr; }
Json written(const SpaceChinese&) { return nullptr; }
Json written(const DropNonspacingMarks&) { fail_step("dropping nonspacing marks without NFD"); }
Json written(const DropMarks&) { return {{"type", "StripAccents"}}; }
Json written(const Lowercase&) { return {{"type", "Lowercase"}}; }
Json written(const CleanNmt&) { return {{"type", "Nmt"}}; }
Json written(UnicodeForm form) {
  switch (form) {
    case UnicodeForm::nfc: return {{"type", "NFC"}};
    case UnicodeForm::nfd: return {{"type", "NFD"}};
    case UnicodeForm::nfkc: return {{"type", "NFKC"}};
    case UnicodeForm::nfkd: return {{"type", "NFKD"}};
  }
  return nullptr;
}
Json written(const StripBlanks& step) {
  return {{"type", "Strip"}, {"strip_left", step.left}, {"strip_right", step.right}};
}
Json written(const ReplaceText& step) {
  return replace(string_pattern(step.pattern), step.content);
}
Json written(const ReplaceRegex& step) {
  return replace(regex_pattern(step.pattern), step.content);
}
Json written(const PrependText& step) { return {{"type", "Prepend"}, {"prepend", step.text}}; }
Json written(const Precompiled& step) {
  return {{"type", "Precompiled"}, {"precompiled_charsmap", encode_base64(step.charsmap->blob())}};
}
Json written(const BytesToAlphabet&) { return {{"type", "ByteLevel"}}; }

bool is_nfd(const NormalizerStep& step) {
  const auto* form = std::get_if<UnicodeForm>(&step);
  return form != nullptr && *form == UnicodeForm::nfd;
}

// The options of a BertNormalizer whose steps begin at `at`, which then stands behind them. Nothing
// where there is none of the steps that only it has.
std::optional<BertNormalizerOptions> take_bert(const std::vector<NormalizerStep>& steps,
                                               std::size_t& at) {
  BertNormalizerOptions options{false, false, false, false};
  std::size_t next = at;
  const auto take = [&]<class Step>(const Step*) {
    const bool is_there = next < steps.size() && std::holds_alternative<Step>(steps[next]);
    if (is_there) ++next;
    return is_there;
  };
  options.clean_text = take(static_cast<const CleanText*>(nullptr));
  options.handle_chinese_chars = take(static_cast<const SpaceChinese*>(nullptr));
  if (next + 1 < steps.size() && is_nfd(steps[next]) &&
      std::holds_alternative<DropNonspacingMarks>(steps[next + 1])) {
    options.strip_accents = true;
    next += 2;
  }
  if (next == at) return std::nullopt;
  options.lowercase = take(static_cast<const Lowercase*>(nullptr));
  at = next;
  return options;
}

Json written(const BertNormalizerOptions& options) {
  return {{"type", "BertNormalizer"},
          {"clean_text", options.clean_text},
          {"handle_chinese_chars", options.handle_chinese_chars},
          {"strip_accents", options.strip_accents},
          {"lowercase", options.lowercase}};
}

// --- pre-tokenizers ---

Json written_class(CharacterClass set, const Split& split) {
  if (split.invert) fail_step("an inverted split at a class of characters");
  switch (set) {
    case CharacterClass::white_space:
      if (split.behavior != SplitBehavior::removed) break;
      return {{"type", "WhitespaceSplit"}};
    case CharacterClass::punctuation:
      return {{"type", "Punctuation"}, {"behavior", behavior_name(split.behavior)}};
    case CharacterClass::numeric:
      if (split.behavior != SplitBehavior::isolated &&
          split.behavior != SplitBehavior::contiguous) {
        break;
      }
      return {{"type", "Digits"}, {"individual_digits", split.behavior == SplitBehavior::isolated}};
  }
  fail_step("a split at a class of characters with this behaviour");
}

Json written(const Split& split) {
  if (const auto* set = std::get_if<CharacterClass>(&split.delimiter)) {
    return written_class(*set, split);
  }
  Json pattern;
  if (const auto* c = std::get_if<char32_t>(&split.delimiter)) {
    if (split.behavior == SplitBehavior::removed && !split.invert) {
      return {{"type", "CharDelimiterSplit"}, {"delimiter", utf8(*c)}};
    }
    pattern = string_pattern(utf8(*c));
  } else if (const auto* string = std::get_if<std::string>(&split.delimiter)) {
    pattern = string_pattern(*string);
  } else {
    pattern = regex_pattern(std::get<Regex>(split.delimiter));
  }
  return {{"type", "Split"},
          {"pattern", std::move(pattern)},
          {"behavior", behavior_name(split.behavior)},
          {"invert", split.invert}};
}
Json written(const SplitWordsAndSymbols&) { return {{"type", "Whitespace"}}; }
// Only a post-processor is asked whether it trims offsets, and one that is there does.
Json written(const ByteLevelSplit& split) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", split.add_prefix_space},
          {"trim_offsets", true},
          {"use_regex", split.use_regex}};
}
Json written(const MetaspaceSplit& split) {
  return {{"type", "Metaspace"},
          {"replacement", utf8(split.replacement)},
          {"prepend_scheme", scheme(split.prepend_scheme)},
          {"split", split.split}};
}
Json written(const SplitScripts&) { return {{"type", "UnicodeScripts"}}; }
Json written(const SplitFixedLength& split) {
  return {{"type", "FixedLength"}, {"length", split.length}};
}

// --- post-processors ---

// Special tokens of a template by the name that its pieces use.
class TemplateWriter {
 public:
  explicit TemplateWriter(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  Json pieces(const std::vector<TemplatePiece>& list) {
    Json out = Json::array();
    for (const TemplatePiece& piece : list) {
      if (const auto* sequence = std::get_if<TemplateSequence>(&piece)) {
        const char* id = sequence->sequence == Sequence::first ? "A" : "B";
        out.push_back({{"Sequence", {{"id", id}, {"type_id", sequence->type_id}}}});
      } else {
        const auto& token = std::get<TemplateToken>(piece);
        out.push_back({{"SpecialToken", {{"id", name_of(token)}, {"type_id", token.type_id}}}});
      }
    }
    return out;
  }

  [[nodiscard]] Json special_tokens() const {
    Json out = Json::object();
    for (const auto& [name, token] : tokens_) {
      out[name] = {{"id", name}, {"ids", token.first}, {"tokens", token.second}};
    }
    return out;
  }

 private:
  using Content = std::pair<std::vector<TokenId>, std::vector<std::string>>;

  std::string name_of(const TemplateToken& piece) {
    Content content;
    std::string name;
    for (const auto& [id, token] : piece.tokens) {
      content.first.push_back(id);
      content.second.push_back(token.empty() ? std::string(vocabulary_.token(id).value_or(""))
                                             : token);
      name += (name.empty() ? "" : " ") + content.second.back();
    }
    // Two ids may have one name, in files that were put together by hand.
    while (tokens_.emplace(name, content).first->second != content) name += '\'';
    return name;
  }

  const Vocabulary& vocabulary_;
  std::map<std::string, Content> tokens_;
};

Json written(const TrimOffsets& trim) {
  return written(ByteLevelSplit{.add_prefix_space = trim.add_prefix_space});
}

Json written(const Template& around, const Vocabulary& vocabulary) {
  if (around.kind() == TemplateKind::pieces) {
    TemplateWriter writer(vocabulary);
    Json single = writer.pieces(around.single());
    Json pair = writer.pieces(around.pair());
    return {{"type", "TemplateProcessing"},
            {"single", std::move(single)},
            {"pair", std::move(pair)},
            {"special_tokens", writer.special_tokens()}};
  }
  const auto named = [&](const TemplatePiece& piece) {
    const auto& [id, token] = std::get<TemplateToken>(piece).tokens.front();
    return Json::array(
        {token.empty() ? std::string(vocabulary.token(id).value_or("")) : token, id});
  };
  const bool is_roberta = around.kind() == TemplateKind::roberta;
  Json out = {{"type", is_roberta ? "RobertaProcessing" : "BertProcessing"},
              {"cls", named(around.single().front())},
              {"sep", named(around.single().back())}};
  if (is_roberta) out.update({{"trim_offsets", false}, {"add_prefix_space", true}});
  return out;
}

bool is_plain(const std::vector<TemplatePiece>& pieces, std::size_t texts) {
  if (pieces.size() != texts) return false;
  for (std::size_t i = 0; i < texts; ++i) {
    const auto* piece = std::get_if<TemplateSequence>(&pieces[i]);
    const auto expected = i == 0 ? Sequence::first : Sequence::second;
    if (piece == nullptr || piece->sequence != expected ||
        piece->type_id != static_cast<std::int32_t>(i)) {
      return false;
    }
  }
  return true;
}

bool is_plain(const Template& around) {
  return around.kind() == TemplateKind::pieces && is_plain(around.single(), 1) &&
         is_plain(around.pair(), 2);
}

// --- decoders ---

// Decoders have the type names, and all of the flags, of the pre-tokenizers that they undo.
Json written(const ByteLevelDecoder&) { return written(ByteLevelSplit{}); }
Json written(const WordPieceDecoder& step) {
  return {{"type", "WordPiece"}, {"prefix", step.prefix}, {"cleanup", step.cleanup}};
}
Json written(const MetaspaceDecoder& step) {
  return written(
      MetaspaceSplit{.replacement = step.replacement, .prepend_scheme = step.prepend_scheme});
}
Json written(const BpeDecoder& step) { return {{"type", "BPEDecoder"}, {"suffix", step.suffix}}; }
Json written(const CtcDecoder& step) {
  return {{"type", "CTC"},
          {"pad_token", step.pad_token},
          {"word_delimiter_token", step.word_delimiter_token},
          {"cleanup", step.cleanup}};
}
Json written(const ByteFallbackDecoder&) { return {{"type", "ByteFallback"}}; }
Json written(const FuseDecoder&) { return {{"type", "Fuse"}}; }
Json written(const StripDecoder& step) {
  return {{"type", "Strip"},
          {"content", utf8(step.content)},
          {"start", step.start},
          {"stop", step.stop}};
}
Json written(const TrimDecoder&) { return nullptr; }
// tokenizer.json has no such decoder: transformers keeps these families in classes of Python.
Json written(const SentencePieceDecoder&) { refuse_to_write("the decoder of SentencePiece"); }

}  // namespace

void refuse_to_write(std::string_view what) {
  fail(ErrorKind::unsupported, {.where = "Tokenizer::save",
                                .what = std::string(what),
                                .expected = "a component of tokenizer.json",
                                .hint = "keep the folder that the tokenizer was loaded from"});
}

std::string write_normalizer(const Normalizer& normalizer) {
  std::vector<Json> out;
  for (std::size_t at = 0; at < normalizer.steps().size();) {
    if (const auto bert = take_bert(normalizer.steps(), at)) {
      out.push_back(written(*bert));
    } else {
      out.push_back(
          std::visit([](const auto& step) { return written(step); }, normalizer.steps()[at++]));
    }
  }
  return sequence(std::move(out), "normalizers");
}

std::string write_pre_tokenizer(const PreTokenizer& pre_tokenizer) {
  std::vector<Json> out;
  for (const PreTokenizerStep& step : pre_tokenizer.steps()) {
    out.push_back(std::visit([](const auto& known) { return written(known); }, step));
  }
  return sequence(std::move(out), "pretokenizers");
}

std::string write_post_processor(const Processor& processor, const Vocabulary& vocabulary) {
  std::vector<Json> out;
  const TrimOffsets* last_trim = nullptr;
  for (const ProcessorStep& step : processor.steps()) {
    const auto* around = std::get_if<Template>(&step);
    if (around == nullptr) {
      last_trim = &std::get<TrimOffsets>(step);
      out.push_back(written(*last_trim));
      continue;
    }
    if (out.empty() && is_plain(*around)) continue;
    Json json = written(*around, vocabulary);
    if (last_trim != nullptr && around->kind() == TemplateKind::roberta) {  // its own
      json["trim_offsets"] = true;
      json["add_prefix_space"] = last_trim->add_prefix_space;
      out.pop_back();
    }
    out.push_back(std::move(json));
    last_trim = nullptr;
  }
  return sequence(std::move(out), "processors");
}

std::string write_decoder(const Decoder& decoder) {
  std::vector<Json> out;
  for (const DecoderStep& step : decoder.steps) {
    out.push_back(std::visit([](const auto& known) { return written(known); }, step));
  }
  // The constructor of CLIP's class puts the last three steps there again: see adjust_clip().
  if (out.size() >= 3 && std::holds_alternative<TrimDecoder>(decoder.steps.back())) {
    out.resize(out.size() - 3);
  }
  return sequence(std::move(out), "decoders");
}

}  // namespace attend
