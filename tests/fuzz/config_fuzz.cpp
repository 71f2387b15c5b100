// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: config.json.
#include "attend/model/config.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& folder = attend::test::fuzz_folder();
  attend::test::put(folder / "config.json", attend::test::as_text(data, size));
  attend::test::tolerate_errors([&] { (void)attend::read_config(folder); });
  return 0;
}
