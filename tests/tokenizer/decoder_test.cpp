// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Decoders beyond what the recorded token lists ask: corners of single steps, and limits. Expected
// values come from tokenizers 0.22.2.
#include "attend/tokenizer/decoder.h"

#include <gtest/gtest.h>

#include "support/error_of.h"

namespace attend {
namespace {

using Tokens = std::vector<std::string_view>;

std::string decoded(DecoderStep step, const Tokens& tokens) {
  return decode({.steps = {std::move(step)}}, tokens);
}

TEST(Decoder, WithoutStepsTokensAreJoinedWithBlanks) {
  EXPECT_EQ(decode({}, Tokens{"a", "", "b"}), "a  b");
  EXPECT_EQ(decode({}, Tokens{}), "");
}

TEST(Decoder, EmptyPatterns) {
  EXPECT_EQ(decoded(ReplaceText{"", "x"}, {"\xC3\xA9z", "", "b"}), "x\xC3\xA9xzxxbx");
  EXPECT_EQ(decoded(BpeDecoder{""}, {"ab", "", "ab"}), " a b  ab");
  EXPECT_EQ(decoded(CtcDecoder{"", "", true}, {"ab", "ab", "c"}), " a b  c ");
  EXPECT_EQ(decoded(WordPieceDecoder{"", false}, {"a", "b"}), "ab");
}

TEST(Decoder, MetaspaceInTheFirstToken) {
  const Tokens tokens{"\u2581a\u2581", "\u2581b"};
  EXPECT_EQ(decoded(MetaspaceDecoder{}, tokens), "a b");
  EXPECT_EQ(decoded(MetaspaceDecoder{.prepend_scheme = PrependScheme::first}, tokens), "a b");
  EXPECT_EQ(decoded(MetaspaceDecoder{.prepend_scheme = PrependScheme::never}, tokens), " a  b");
}

TEST(Decoder, BytesOfAFallback) {
  const auto text = [](const Tokens& tokens) { return decoded(ByteFallbackDecoder{}, tokens); };
  EXPECT_EQ(text({"<0xe4>", "<0xBD>", "<0xa0>", "x"}), "\u4F60x");
  EXPECT_EQ(text({"<0x+5>", "<0x->", "<0x 5>"}), "\x05<0x-><0x 5>");
  EXPECT_EQ(text({"<0x\xC3\xA9>"}), "<0x\xC3\xA9>");
  EXPECT_EQ(text({"<0x41>", "<0xFF>"}), "\uFFFD\uFFFD");
}

TEST(Decoder, ByteLevel) {
  const auto text = [](const Tokens& tokens) { return decoded(ByteLevelDecoder{}, tokens); };
  EXPECT_EQ(text({"\u0120a", "\u00E4\u00BD", "\u0142"}), " a\u4F60");
  EXPECT_EQ(text({"\u00E4\u00BD", "b"}), "\uFFFDb");
  EXPECT_EQ(text({"\u0120\u4F60", "\u0120"}), "\u0120\u4F60 ");  // one character is no byte
}

TEST(Decoder, Regex) {
  const auto text = [](const char* pattern, const Tokens& tokens) {
    return decoded(ReplaceRegex{Regex(pattern), "$0"}, tokens);
  };
  EXPECT_EQ(text("[a-c]+", {"abz", "", "ca"}), "$0z$0");
  EXPECT_EQ(text("x*", {"axb", ""}), "$0a$0b$0");
}

TEST(Decoder, Strip) {
  const auto text = [](Index start, Index stop, std::string_view token) {
    return decoded(StripDecoder{U'\u2581', start, stop}, {token});
  };
  EXPECT_EQ(text(1, 0, "\u2581\u2581a"), "\u2581a");
  EXPECT_EQ(text(5, 5, "\u2581a\u2581\u2581"), "a");
  EXPECT_EQ(text(1, 1, "\u2581\u2581"), "");
  EXPECT_EQ(text(5, 0, "\u2581\u2581"), "");
  for (const auto& [start, stop, token] :
       {std::tuple{0, 1, ""}, {0, 2, "\u2581"}, {1, 1, "\u2581"}, {2, 1, "\u2581\u2581"}}) {
    test::expect_error(
        ErrorKind::tokenizer_error, {"Strip"},
        [&, &start = start, &stop = stop, &token = token] { return text(start, stop, token); });
  }
}

TEST(Decoder, ATextThatGrowsTooMuchIsRefusedBeforeItIsMade) {
  const auto grow = [](std::size_t factor) { return ReplaceText{"a", std::string(factor, 'a')}; };
  const auto text = [&](std::vector<DecoderStep> steps) {
    return decode({.steps = std::move(steps)}, Tokens{"a"});
  };
  EXPECT_EQ(text({grow(1000), grow(100)}).size(), 100'000U);
  test::expect_error(ErrorKind::resource_limit, {"bytes of the decoded text", "268435456"}, [&] {
    return text({grow(1000), grow(1000), grow(1000)});
  });
  test::expect_error(ErrorKind::resource_limit, {"bytes of the decoded text"}, [&] {
    return text({grow(1 << 20), ReplaceText{"", std::string(1 << 20, 'b')}});
  });
}

}  // namespace
}  // namespace attend
