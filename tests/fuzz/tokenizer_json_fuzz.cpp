// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: tokenizer.json, and a short text through whatever loads.
#include "attend/tokenizer/tokenizer.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = attend::test::fuzz_folder() / "tokenizer.json";
  attend::test::put(file, attend::test::as_text(data, size));
  attend::test::tolerate_errors([&] {
    const auto tokenizer = attend::Tokenizer::load(file);
    const auto encoding = tokenizer.encode_pair("Zoë's [MASK] café, 東京 ½!", "a ab x");
    (void)tokenizer.decode(encoding.ids);
  });
  return 0;
}
