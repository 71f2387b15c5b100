// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Decoders, and the two clean-ups, which differ in one rule.
#include "attend/tokenizer/decoder.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/byte_alphabet.h"
#include "attend/text/utf8.h"
#include "core/limits.h"
#include "text/matches.h"
#include "text/python_text.h"
#include "tokenizer/sentencepiece_program.h"

namespace attend {
namespace {

constexpr std::string_view where_decoder = "Tokenizer::decode";

using DecodedTexts = std::vector<std::string>;

struct Match {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Counts the bytes that a step makes before they are made.
class Budget {
 public:
  void take(std::size_t count, std::size_t bytes_each = 1) {
    if (bytes_each == 0 || count <= left_ / bytes_each) {
      left_ -= count * bytes_each;
      return;
    }
    fail(ErrorKind::resource_limit,
         {.where = std::string(where_decoder),
          .what = "bytes of the decoded text",
          .expected = "at most " + std::to_string(limits::decoded_bytes),
          .found = "more",
          .hint = "decode fewer ids at a time, if the decoder's replacements are not to blame"});
  }

 private:
  std::size_t left_ = limits::decoded_bytes;
};

struct Replacement {
  std::string_view from;
  std::string_view to;
};

// In this order; each is applied to the result of the ones before.
constexpr std::array<Replacement, 10> text_rules = {{{" .", "."},
                                                     {" ?", "?"},
                                                     {" !", "!"},
                                                     {" ,", ","},
                                                     {" ' ", "'"},
                                                     {" n't", "n't"},
                                                     {" 'm", "'m"},
                                                     {" 's", "'s"},
                                                     {" 've", "'ve"},
                                                     {" 're", "'re"}}};
// Source: decoders/wordpiece.rs of tokenizers 0.22, `cleanup`.
constexpr std::array<Replacement, 11> token_rules = {{{" .", "."},
                                                      {" ?", "?"},
                                                      {" !", "!"},
                                                      {" ,", ","},
                                                      {" ' ", "'"},
                                                      {" n't", "n't"},
                                                      {" 'm", "'m"},
                                                      {" do not", " don't"},
                                                      {" 's", "'s"},
                                                      {" 've", "'ve"},
                                                      {" 're", "'re"}}};

// Puts `to` in the place of each match.
std::string replace_matches(std::string text, std::span<const Match> matches, std::string_view to,
                            Budget& budget) {
  if (matches.empty()) return text;
  budget.take(matches.size(), to.size());
  std::string out;
  std::size_t done = 0;
  for (const auto& [begin, end] : matches) {
    out.append(text, done, begin - done);
    out += to;
    done = end;
  }
  out.append(text, done);
  return out;
}

// As replace() of Rust and Python: an empty string is found in an empty text, too.
std::string replace_all(std::string text, Replacement rule, Budget& budget) {
  if (text.find(rule.from) == std::string::npos) return text;  // nearly always
  std::vector<Match> matches;
  if (text.empty()) matches.push_back({0, 0});
  for_each_match(rule.from, text, [&](std::size_t begin, std::size_t end) {
    matches.push_back({begin, end});
  });
  return replace_matches(std::move(text), matches, rule.to, budget);
}

template <std::size_t n>
std::string apply_rules(const std::array<Replacement, n>& rules, std::string text) {
  if (text.find(' ') == std::string::npos) return text;  // every rule begins with a blank
  Budget budget;
  for (const Replacement& rule : rules) text = replace_all(std::move(text), rule, budget);
  return text;
}

// Appends the bytes that the characters of the token stand for, if all of them stand for one.
bool append_bytes(std::string_view token, std::string& out) {
  const std::size_t before = out.size();
  for (std::size_t at = 0; at < token.size();) {
    const CodePoint c = decode_utf8(token.substr(at));
    const auto byte = byte_of_character(c.value);
    if (!byte || c.length == 0) {
      out.resize(before);
      return false;
    }
    out += static_cast<char>(*byte);
    at += static_cast<std::size_t>(c.length);
  }
  return true;
}

void apply(const ByteLevelDecoder&, DecodedTexts& texts, Budget& budget) {
  std::string bytes;
  for (const std::string& text : texts) {
    if (!append_bytes(text, bytes)) bytes += text;
  }
  std::string out = replace_malformed_utf8(bytes);
  budget.take(out.size());
  texts.assign(1, std::move(out));
}

void apply(const WordPieceDecoder& decoder, DecodedTexts& texts, Budget& budget) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::string& text = texts[i];
    if (i > 0 && text.starts_with(decoder.prefix)) {
      text.erase(0, decoder.prefix.size());
    } else if (i > 0) {
      budget.take(1);
      text.insert(text.begin(), ' ');
    }
    if (decoder.cleanup) text = apply_rules(token_rules, std::move(text));
  }
}

void apply(const MetaspaceDecoder& decoder, DecodedTexts& texts, Budget& budget) {
  std::string mark;
  append_utf8(decoder.replacement, mark);
  const bool drop_first = decoder.prepend_scheme != PrependScheme::never;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string_view blank = i == 0 && drop_first ? "" : " ";
    texts[i] = replace_all(std::move(texts[i]), {mark, blank}, budget);
  }
}

void apply(const BpeDecoder& decoder, DecodedTexts& texts, Budget& budget) {
  for (std::string& text : texts) {
    const std::string_view blank = &text == &texts.back() ? "" : " ";
    text = replace_all(std::move(text), {decoder.suffix, blank}, budget);
  }
}

void apply(const CtcDecoder& decoder, DecodedTexts& texts, Budget& budget) {
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  for (std::string& text : texts) {
    text = replace_all(std::move(text), {decoder.pad_token, ""}, budget);
    if (!decoder.cleanup) continue;
    text = apply_rules(token_rules, std::move(text));
    text = replace_all(std::move(text), {decoder.word_delimiter_token, " "}, budget);
  }
  std::erase_if(texts, [](const std::string& text) { return text.empty(); });
}

// The value of "<0x41>". The reference's number parser takes a plus sign, too: "<0x+5>".
std::optional<char> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  const int high = token[3] == '+' ? 0 : digit(token[3]);
  const int low = digit(token[4]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(static_cast<unsigned char>(high * 16 + low));
}

void apply(const ByteFallbackDecoder&, DecodedTexts& texts, Budget& budget) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  DecodedTexts out;
  std::string bytes;  // of the run of byte tokens that ends here
  const auto end_run = [&] {
    if (bytes.empty()) return;
    if (first_invalid_utf8(bytes) == bytes.size()) {
      out.push_back(std::move(bytes));
    } else {
      budget.take(bytes.size(), replacement.size());
      out.insert(out.end(), bytes.size(), std::string(replacement));
    }
    bytes.clear();
  };
  for (std::string& text : texts) {
    if (const auto byte = byte_of(text)) {
      bytes += *byte;
    } else {
      end_run();
      out.push_back(std::move(text));
    }
  }
  end_run();
  texts = std::move(out);
}

std::string concatenate(const DecodedTexts& texts) {
  std::size_t size = 0;
  for (const std::string& text : texts) size += text.size();
  std::string out;
  out.reserve(size);
  for (const std::string& text : texts) out += text;
  return out;
}

void apply(const FuseDecoder&, DecodedTexts& texts, Budget&) { texts = {concatenate(texts)}; }

// Bytes that `most` times the character take at the front of the text.
std::size_t stripped_at_front(std::string_view text, std::string_view character, Index most) {
  std::size_t at = 0;
  for (Index i = 0; i < most && text.substr(at).starts_with(character); ++i) {
    at += character.size();
  }
  return at;
}

void apply(const StripDecoder& decoder, DecodedTexts& texts, Budget&) {
  std::string content;
  append_utf8(decoder.content, content);
  for (std::string& text : texts) {
    const std::size_t front = stripped_at_front(text, content, decoder.start);
    std::size_t end = text.size();
    // The ends are looked at independently; where they would meet the reference aborts.
    bool is_too_short = false;
    for (Index i = 0; i < decoder.stop && !is_too_short; ++i) {
      is_too_short = end == 0;
      if (!std::string_view(text).substr(0, end).ends_with(content)) break;
      end -= content.size();
    }
    if (is_too_short || front > end) {
      fail(ErrorKind::tokenizer_error,
           {.where = std::string(where_decoder),
            .what = "token " + quote(text),
            .expected = "more characters than the decoder's Strip takes from its ends",
            .hint = "lower start and stop of Strip in the decoder of tokenizer.json"});
    }
    text = text.substr(front, end - front);
  }
}

void apply(const TrimDecoder&, DecodedTexts& texts, Budget&) {
  for (std::string& text : texts) text = std::string(python_strip(text));
}

void apply(const SentencePieceDecoder& decoder, DecodedTexts& texts, Budget&) {
  texts = {join_pieces(decoder, texts)};
}

void apply(const ReplaceText& replace, DecodedTexts& texts, Budget& budget) {
  for (std::string& text : texts) {
    if (text.empty()) continue;  // not even an empty pattern matches there
    text = replace_all(std::move(text), {replace.pattern, replace.content}, budget);
  }
}

void apply(const ReplaceRegex& replace, DecodedTexts& texts, Budget& budget) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  RegexBudget search(bytes);
  std::vector<Match> matches;
  for (std::string& text : texts) {
    matches.clear();
    for_each_match(replace.pattern, text, search, [&](std::size_t begin, std::size_t end) {
      matches.push_back({begin, end});
    });
    text = replace_matches(std::move(text), matches, replace.content, budget);
  }
}

std::string join_with_blanks(std::span<const std::string_view> tokens) {
  std::string out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) out += ' ';
    out += tokens[i];
  }
  return out;
}

}  // namespace

std::string decode(const Decoder& decoder, std::span<const std::string_view> tokens) {
  if (decoder.steps.empty()) return join_with_blanks(tokens);
  DecodedTexts texts(tokens.begin(), tokens.end());
  Budget budget;
  for (const std::string& text : texts) budget.take(text.size());
  for (const DecoderStep& step : decoder.steps) {
    std::visit([&](const auto& known) { apply(known, texts, budget); }, step);
  }
  return concatenate(texts);
}

std::string clean_up_tokenization(std::string text) {
  return apply_rules(text_rules, std::move(text));
}

}  // namespace attend
