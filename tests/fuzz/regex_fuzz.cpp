// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: a regular expression, and a text that it cuts and changes. The first byte says what
// becomes of the delimiters, the second how many of the others are the pattern; the rest is the
// text. Pieces stand in order and cover the text where no delimiter is removed.
#include <cstdlib>
#include <string>
#include <vector>

#include "attend/text/normalizer.h"
#include "attend/text/pre_tokenizer.h"
#include "attend/text/utf8.h"
#include "fuzz/fuzz.h"

namespace {

using attend::Index;
using attend::SplitBehavior;

void check(const std::vector<attend::TextRange>& pieces, std::string_view text, bool covers) {
  Index end = 0;
  for (const attend::TextRange piece : pieces) {
    if (piece.begin < end || piece.end <= piece.begin) std::abort();
    if (covers && piece.begin != end) std::abort();
    end = piece.end;
    if (end > static_cast<Index>(text.size())) std::abort();
    const auto slice =
        text.substr(static_cast<std::size_t>(piece.begin), static_cast<std::size_t>(piece.size()));
    if (attend::first_invalid_utf8(slice) != slice.size()) std::abort();
  }
  if (covers && end != static_cast<Index>(text.size())) std::abort();
}

void cut_and_replace(const std::string& pattern, std::string_view text, unsigned choice) {
  const attend::Regex regex(pattern);
  const auto behavior = static_cast<SplitBehavior>(choice % 5);
  const attend::PreTokenizer cut({attend::Split{regex, behavior, choice / 5 % 2 == 1}});
  attend::NormalizedText whole(text);
  std::vector<attend::TextRange> pieces;
  if (!text.empty()) pieces.push_back({0, static_cast<Index>(text.size())});
  cut(whole, pieces);
  check(pieces, text, behavior != SplitBehavior::removed);

  attend::NormalizedText replaced(text);
  attend::Normalizer({attend::ReplaceRegex{regex, "\u2581x"}})(replaced);
  const std::string& out = replaced.text();
  if (attend::first_invalid_utf8(out) != out.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view all = attend::test::as_text(data + 2, size - 2);
  const std::size_t pattern = data[1];
  const std::string_view text = all.size() > pattern ? all.substr(pattern) : std::string_view();
  if (attend::first_invalid_utf8(text) != text.size()) return 0;
  attend::test::tolerate_errors(
      [&] { cut_and_replace(std::string(all.substr(0, pattern)), text, data[0]); });
  return 0;
}
