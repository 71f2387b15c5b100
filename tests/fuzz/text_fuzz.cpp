// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: any text through a tokenizer of each kind, with truncation and windows; offsets must
// slice the text at code points, ids must decode.
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "attend/text/utf8.h"
#include "attend/tokenizer/tokenizer.h"
#include "fuzz/fuzz.h"
#include "support/families.h"
#include "support/paths.h"

namespace {

constexpr std::array families{"BertTokenizer",
                              "GPT2Tokenizer",
                              "RobertaTokenizer",
                              "CLIPTokenizer",
                              "XLMRobertaTokenizer",
                              "T5Tokenizer",
                              "AlbertTokenizer",
                              "LlamaTokenizer",
                              "llama not legacy",
                              "GemmaTokenizer",
                              "ranks",
                              "MarianTokenizer",
                              "M2M100Tokenizer",
                              "DebertaV2Tokenizer",
                              "Qwen2Tokenizer"};

const attend::Tokenizer& tokenizer(std::size_t choice) {
  static const auto loaded = [] {
    std::vector<attend::Tokenizer> out;
    out.push_back(
        attend::Tokenizer::load(attend::test::tests_folder() / "golden/bert-token-classification"));
    const attend::test::Families known;
    for (const char* family : families) out.push_back(known.load(known.set(family)));
    return out;
  }();
  return loaded[choice];
}

void check(const attend::Encoding& encoding, std::string_view text) {
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    if (encoding.sequence_ids[i] != 0) continue;
    const auto range = encoding.offsets[i];
    const bool inside = range.begin >= 0 && range.begin <= range.end &&
                        range.end <= static_cast<attend::Index>(text.size());
    if (!inside) std::abort();
    const auto slice =
        text.substr(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.size()));
    if (attend::first_invalid_utf8(slice) != slice.size()) std::abort();
  }
}

}  // namespace

// The first two bytes choose the tokenizer and how it cuts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto text = attend::test::as_text(data + 2, size - 2);
  const attend::Tokenizer& tokenizer = ::tokenizer(data[0] / 64U * 4U + data[1] / 2U % 4U);
  attend::test::tolerate_errors([&] {
    const auto encoding = tokenizer.encode(text);
    check(encoding, text);
    (void)tokenizer.decode(encoding.ids, {.skip_special_tokens = true});
    const attend::Truncation cut{
        .max_length = data[0] % 64,
        .side = data[1] % 2 == 0 ? attend::Side::right : attend::Side::left,
        .stride = data[1] / 8};
    // As in the reference, nothing is cut where the template alone fills the length.
    const bool has_room = cut.max_length > tokenizer.template_tokens();
    const auto windows = tokenizer.encode_windows(text, {.truncation = cut});
    for (std::size_t i = 0; i < windows.size(); ++i) {
      // Behind the one window of a Python class comes all that overflows.
      const bool is_cut = i == 0 || tokenizer.settings().cuts_windows;
      if (has_room && is_cut && windows[i].size() > cut.max_length) std::abort();
      check(windows[i], text);
    }
  });
  return 0;
}
