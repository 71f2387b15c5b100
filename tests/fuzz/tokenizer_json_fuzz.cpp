// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: tokenizer.json, and short texts through whatever loads, and through that saved and
// loaded again.
#include "attend/tokenizer/token_map.h"
#include "attend/tokenizer/tokenizer.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = attend::test::fuzz_folder() / "tokenizer.json";
  attend::test::put(file, attend::test::as_text(data, size));
  constexpr std::string_view text = "Zoë's [MASK] café, 東京 ½!";
  constexpr std::string_view pair = "a ab x";
  attend::test::tolerate_errors([&] {
    const auto tokenizer = attend::Tokenizer::load(file);
    const auto encoding = tokenizer.encode_pair(text, pair);
    (void)tokenizer.decode(encoding.ids);
    const attend::CodePointIndex indices[] = {attend::CodePointIndex(text),
                                              attend::CodePointIndex(pair)};
    (void)attend::code_point_offsets(encoding, {&indices[0], 1}, {&indices[1], 1});
    const auto options = attend::EncodeOptions{.truncation = attend::Truncation{.max_length = 9}};
    (void)tokenizer.encode_pair_windows(text, pair, options);
    const auto saved = attend::test::fuzz_folder() / "saved";
    tokenizer.save(saved);
    (void)attend::Tokenizer::load(saved).encode(text);
  });
  return 0;
}
