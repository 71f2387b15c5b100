// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: the binary rules of a Precompiled normalizer, and a text through them. The first two
// bytes say how many of the others are rules; the rest is the text. What comes out is UTF-8, and
// every character of it stands for a slice of the text.
#include <cstdlib>
#include <memory>
#include <string>

#include "attend/text/charsmap.h"
#include "attend/text/normalizer.h"
#include "attend/text/utf8.h"
#include "fuzz/fuzz.h"

namespace {

void check(const attend::NormalizedText& normalized, std::string_view text) {
  const std::string& out = normalized.text();
  if (attend::first_invalid_utf8(out) != out.size()) std::abort();
  for (std::size_t at = 0; at < out.size();) {
    const auto length = attend::decode_utf8(std::string_view(out).substr(at)).length;
    const auto source = normalized.source(
        {static_cast<attend::Index>(at), static_cast<attend::Index>(at) + length});
    if (source.begin < 0 || source.begin > source.end ||
        source.end > static_cast<attend::Index>(text.size())) {
      std::abort();
    }
    const auto slice = text.substr(static_cast<std::size_t>(source.begin),
                                   static_cast<std::size_t>(source.size()));
    if (attend::first_invalid_utf8(slice) != slice.size()) std::abort();
    at += static_cast<std::size_t>(length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view all = attend::test::as_text(data + 2, size - 2);
  const std::size_t rules = data[0] + 256U * data[1];
  const std::string_view text = all.size() > rules ? all.substr(rules) : std::string_view();
  if (attend::first_invalid_utf8(text) != text.size()) return 0;
  attend::test::tolerate_errors([&] {
    auto charsmap = attend::Charsmap::parse(std::string(all.substr(0, rules)));
    const attend::Normalizer normalizer(
        {attend::Precompiled{std::make_shared<const attend::Charsmap>(std::move(charsmap))}});
    attend::NormalizedText normalized(text);
    normalizer(normalized);
    check(normalized, text);
  });
  return 0;
}
