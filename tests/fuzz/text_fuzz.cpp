// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: any text through a tokenizer, with truncation and windows; offsets must slice the
// text at code points, ids must decode.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "attend/text/utf8.h"
#include "attend/tokenizer/tokenizer.h"
#include "fuzz/fuzz.h"

namespace {

const attend::Tokenizer& tokenizer() {
  static const auto loaded = attend::Tokenizer::load(std::filesystem::path(ATTEND_SOURCE_DIR) /
                                                     "tests/golden/bert-token-classification");
  return loaded;
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto text = attend::test::as_text(data + 2, size - 2);
  attend::test::tolerate_errors([&] {
    const auto encoding = tokenizer().encode(text);
    check(encoding, text);
    (void)tokenizer().decode(encoding.ids, {.skip_special_tokens = true});
    const attend::Truncation cut{
        .max_length = data[0] % 64,
        .side = data[1] % 2 == 0 ? attend::Side::right : attend::Side::left,
        .stride = data[1] / 8};
    // As in the reference, nothing is cut where the template alone fills the length.
    const bool has_room = cut.max_length > tokenizer().template_tokens();
    for (const auto& window : tokenizer().encode_windows(text, {.truncation = cut})) {
      if (has_room && window.size() > cut.max_length) std::abort();
      check(window, text);
    }
  });
  return 0;
}
