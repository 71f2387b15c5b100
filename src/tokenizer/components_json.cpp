// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The components of tokenizer.json that come before the model: normalizers and pre-tokenizers. Each
// type name has its reader in a table.
#include "tokenizer/components_json.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "attend/core/error.h"
#include "attend/text/base64.h"
#include "attend/text/utf8.h"
#include "core/limits.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {
namespace {

// What an object that is made of the field makes of a bad one, as an error of the file.
template <class Make>
auto read_made(const JsonField& field, Make&& make) {
  try {
    return make(field.string());
  } catch (const Error& error) {
    const ErrorDetail& detail = error.detail();
    field.reject(error.kind(), detail.expected,
                 detail.what + ": " + detail.found + "; " + detail.hint);
  }
}

// --- normalizers ---

using Steps = std::vector<NormalizerStep>;
using ReadNormalizer = void (*)(const JsonField&, Steps&);

BertNormalizerOptions read_bert_normalizer(const JsonField& field) {
  BertNormalizerOptions options{.clean_text = field.at("clean_text").boolean(),
                                .handle_chinese_chars = field.at("handle_chinese_chars").boolean(),
                                .strip_accents = false,
                                .lowercase = field.at("lowercase").boolean()};
  const auto strip = field.find("strip_accents");
  options.strip_accents = strip ? strip->boolean() : options.lowercase;
  return options;
}

void add_normalizer(const JsonField& field, Steps& steps);

template <UnicodeForm form>
void add_unicode_form(const JsonField&, Steps& steps) {
  steps.emplace_back(form);
}

template <class Step>
void add_simple(const JsonField&, Steps& steps) {
  steps.emplace_back(Step{});
}

void add_bert(const JsonField& field, Steps& steps) {
  const Steps bert = bert_normalizer(read_bert_normalizer(field));
  steps.insert(steps.end(), bert.begin(), bert.end());
}

void add_strip(const JsonField& field, Steps& steps) {
  steps.emplace_back(
      StripBlanks{field.at("strip_left").boolean(), field.at("strip_right").boolean()});
}

void add_precompiled(const JsonField& field, Steps& steps) {
  const auto base64 = field.get("precompiled_charsmap");
  if (!base64) return;
  auto blob = decode_base64(base64->string());
  if (!blob) base64->reject("base64");
  auto rules =
      read_made(*base64, [&](const std::string&) { return Charsmap::parse(*std::move(blob)); });
  steps.emplace_back(Precompiled{std::make_shared<const Charsmap>(std::move(rules))});
}

void add_prepend(const JsonField& field, Steps& steps) {
  steps.emplace_back(PrependText{field.at("prepend").string()});
}

void add_normalizer_sequence(const JsonField& field, Steps& steps) {
  for (const JsonField& part : field.at("normalizers").elements()) add_normalizer(part, steps);
}

constexpr auto normalizers = std::to_array<ComponentType<ReadNormalizer>>({
    {"BertNormalizer", add_bert},
    {"ByteLevel", add_simple<BytesToAlphabet>},
    {"Lowercase", add_simple<Lowercase>},
    {"NFC", add_unicode_form<UnicodeForm::nfc>},
    {"NFD", add_unicode_form<UnicodeForm::nfd>},
    {"NFKC", add_unicode_form<UnicodeForm::nfkc>},
    {"NFKD", add_unicode_form<UnicodeForm::nfkd>},
    {"Nmt", add_simple<CleanNmt>},
    {"Precompiled", add_precompiled},
    {"Prepend", add_prepend},
    {"Replace", add_replace<NormalizerStep>},
    {"Sequence", add_normalizer_sequence},
    {"Strip", add_strip},
    {"StripAccents", add_simple<DropMarks>},
});

void add_normalizer(const JsonField& field, Steps& steps) {
  find_reader<ReadNormalizer>(normalizers, field)(field, steps);
  check_count(field, "normalizers", steps.size());
}

// --- pre-tokenizers ---

using Splits = std::vector<PreTokenizerStep>;
using ReadPreTokenizer = void (*)(const JsonField&, Splits&);

SplitBehavior read_behavior(const JsonField& field) {
  constexpr auto behaviors = std::to_array<std::pair<std::string_view, SplitBehavior>>({
      {"Removed", SplitBehavior::removed},
      {"Isolated", SplitBehavior::isolated},
      {"MergedWithPrevious", SplitBehavior::merged_with_previous},
      {"MergedWithNext", SplitBehavior::merged_with_next},
      {"Contiguous", SplitBehavior::contiguous},
  });
  for (const auto& [name, behavior] : behaviors) {
    if (name == field.string()) return behavior;
  }
  field.reject("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
}

void add_pre_tokenizer(const JsonField& field, Splits& steps);

void add_bert_pre_tokenizer(const JsonField&, Splits& steps) {
  const Splits bert = bert_pre_tokenizer();
  steps.insert(steps.end(), bert.begin(), bert.end());
}

template <class Step>
void add_plain_step(const JsonField&, Splits& steps) {
  steps.emplace_back(Step{});
}

void add_whitespace_split(const JsonField&, Splits& steps) {
  steps.emplace_back(Split{CharacterClass::white_space, SplitBehavior::removed});
}

void add_punctuation(const JsonField& field, Splits& steps) {
  const auto behavior = field.find("behavior");
  steps.emplace_back(Split{CharacterClass::punctuation,
                           behavior ? read_behavior(*behavior) : SplitBehavior::isolated});
}

void add_digits(const JsonField& field, Splits& steps) {
  const bool individual = field.at("individual_digits").boolean();
  steps.emplace_back(Split{CharacterClass::numeric,
                           individual ? SplitBehavior::isolated : SplitBehavior::contiguous});
}

void add_delimiter(const JsonField& field, Splits& steps) {
  steps.emplace_back(Split{read_character(field.at("delimiter")), SplitBehavior::removed});
}

void add_split(const JsonField& field, Splits& steps) {
  Split split{.delimiter = {},
              .behavior = read_behavior(field.at("behavior")),
              .invert = field.at("invert").boolean()};
  std::visit([&](auto&& pattern) { split.delimiter = std::move(pattern); }, read_pattern(field));
  steps.emplace_back(std::move(split));
}

void add_byte_level(const JsonField& field, Splits& steps) {
  (void)field.at("trim_offsets").boolean();  // for the post-processor of this name
  const auto use_regex = field.get("use_regex");
  steps.emplace_back(ByteLevelSplit{field.at("add_prefix_space").boolean(),
                                    use_regex ? use_regex->boolean() : true});
}

void add_metaspace(const JsonField& field, Splits& steps) {
  const auto split = field.find("split");
  steps.emplace_back(MetaspaceSplit{read_character(field.at("replacement")),
                                    read_prepend_scheme(field), split ? split->boolean() : true});
}

void add_fixed_length(const JsonField& field, Splits& steps) {
  SplitFixedLength step;
  if (const auto length = field.get("length")) {
    step.length = length->integer(1, std::numeric_limits<std::int32_t>::max());
  }
  steps.emplace_back(step);
}

void add_pre_tokenizer_sequence(const JsonField& field, Splits& steps) {
  for (const JsonField& part : field.at("pretokenizers").elements()) add_pre_tokenizer(part, steps);
}

constexpr auto pre_tokenizers = std::to_array<ComponentType<ReadPreTokenizer>>({
    {"BertPreTokenizer", add_bert_pre_tokenizer},
    {"ByteLevel", add_byte_level},
    {"CharDelimiterSplit", add_delimiter},
    {"Digits", add_digits},
    {"FixedLength", add_fixed_length},
    {"Metaspace", add_metaspace},
    {"Punctuation", add_punctuation},
    {"Sequence", add_pre_tokenizer_sequence},
    {"Split", add_split},
    {"UnicodeScripts", add_plain_step<SplitScripts>},
    {"Whitespace", add_plain_step<SplitWordsAndSymbols>},
    {"WhitespaceSplit", add_whitespace_split},
});

void add_pre_tokenizer(const JsonField& field, Splits& steps) {
  find_reader<ReadPreTokenizer>(pre_tokenizers, field)(field, steps);
  check_count(field, "pre-tokenizers", steps.size());
}

}  // namespace

void check_count(const JsonField& field, const char* what, std::size_t count) {
  if (count <= limits::component_steps) return;
  field.reject(ErrorKind::resource_limit,
               "at most " + std::to_string(limits::component_steps) + " " + what,
               "is the file damaged? published ones have a few");
}

char32_t read_character(const JsonField& field) {
  const std::string& text = field.string();
  if (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (static_cast<std::size_t>(c.length) == text.size()) return c.value;
  }
  field.reject("one character");
}

Regex read_regex(const JsonField& field) {
  return read_made(field, [](const std::string& text) { return Regex(text); });
}

Pattern read_pattern(const JsonField& field) {
  const JsonField pattern = field.at("pattern");
  const auto regex = pattern.is_object() ? pattern.get("Regex") : std::nullopt;
  if (!regex) return pattern.at("String").string();
  return read_regex(*regex);
}

PrependScheme read_prepend_scheme(const JsonField& field) {
  constexpr auto schemes = std::to_array<std::pair<std::string_view, PrependScheme>>({
      {"always", PrependScheme::always},
      {"first", PrependScheme::first},
      {"never", PrependScheme::never},
  });
  const auto prefix = field.find("add_prefix_space");
  const auto scheme = field.find("prepend_scheme");
  auto out = PrependScheme::always;
  if (scheme) {
    const auto* known = std::find_if(schemes.begin(), schemes.end(), [&](const auto& entry) {
      return entry.first == scheme->string();
    });
    if (known == schemes.end()) scheme->reject("always, first or never");
    out = known->second;
  }
  if (prefix && !prefix->boolean() && out != PrependScheme::never) {
    prefix->reject("true, or \"never\" as prepend_scheme");
  }
  return out;
}

NormalizerComponent read_normalizer(const JsonField& field) {
  NormalizerComponent out;
  if (field.is_null()) return out;
  add_normalizer(field, out.steps);
  if (field.at("type").string() == "BertNormalizer") out.bert = read_bert_normalizer(field);
  return out;
}

std::vector<PreTokenizerStep> read_pre_tokenizer(const JsonField& field) {
  std::vector<PreTokenizerStep> steps;
  if (!field.is_null()) add_pre_tokenizer(field, steps);
  return steps;
}

std::string read_added_content(const JsonField& field, std::string_view key) {
  const JsonField content = field.at(key);
  if (content.string().empty()) {
    content.reject("some characters",
                   "leave the token out, or give it the text that it stands for");
  }
  if (content.string().size() > AddedTokens::max_bytes) {
    content.reject(ErrorKind::resource_limit,
                   "at most " + std::to_string(AddedTokens::max_bytes) + " bytes",
                   "shorten it, or add its parts as several tokens");
  }
  return content.string();
}

AddedToken read_added_token(const JsonField& field) {
  return {.content = read_added_content(field),
          .single_word = field.at("single_word").boolean(),
          .lstrip = field.at("lstrip").boolean(),
          .rstrip = field.at("rstrip").boolean(),
          .normalized = field.at("normalized").boolean(),
          .special = field.at("special").boolean()};
}

}  // namespace attend
