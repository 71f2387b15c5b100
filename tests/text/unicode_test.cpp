// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What every code point is and becomes, against hashes of what tokenizers 0.22.2 does with each.
#include "attend/text/unicode.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "attend/text/utf8.h"
#include "text/regex_classes.h"

namespace attend {
namespace {

// FNV-1a, 64 bits.
class Hash {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) {
      value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
    }
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

template <class F>
std::uint64_t hash_of_all(F&& form_of) {
  Hash hash;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c < 0xD800 || c > 0xDFFF) hash.add(form_of(c));
  }
  return hash.value();
}

struct Members {
  std::size_t count = 0;
  std::uint64_t hash = 0;
  friend bool operator==(const Members&, const Members&) = default;
};

// The hashed bytes are 1 for members, 0 for the others.
Members members_of(bool (*test)(char32_t) noexcept) {
  Members out;
  out.hash = hash_of_all([&](char32_t c) {
    if (!test(c)) return std::string_view("\0", 1);
    ++out.count;
    return std::string_view("\1", 1);
  });
  return out;
}

TEST(Unicode, ClassesOfEveryCodePoint) {
  EXPECT_EQ(members_of(is_white_space), (Members{25, 0x6456EA463BE947ACU}));
  EXPECT_EQ(members_of(is_punctuation), (Members{726, 0xA3697819881ABE1BU}));
  EXPECT_EQ(members_of(is_nonspacing_mark), (Members{1567, 0x322EFA4FA422E548U}));
  EXPECT_EQ(members_of(is_mark), (Members{2097, 0x4985099391AE3126U}));
  EXPECT_EQ(members_of(is_dropped_by_bert), (Members{137681, 0x72D12133FF2BC026U}));
  EXPECT_EQ(members_of(is_chinese), (Members{81264, 0x9CC5055567D3F495U}));
  EXPECT_EQ(members_of(is_word), (Members{144667, 0x861475D1D6EC7B7CU}));
  EXPECT_EQ(members_of(is_numeric), (Members{1924, 0x3E1A1D027744696FU}));
}

template <regex_classes::Classes set>
Members members_of_class() {
  return members_of([](char32_t c) noexcept { return (regex_classes::of(c) & set) != 0; });
}

// \p{..} and \s, which are those of Unicode 16.
TEST(Unicode, RegexClassesOfEveryCodePoint) {
  using namespace regex_classes;
  EXPECT_EQ(members_of_class<upper>(), (Members{1889, 0x1C91C8D9EC6AA64AU}));
  EXPECT_EQ(members_of_class<lower>(), (Members{2258, 0x5FAE6E1237EC38CBU}));
  EXPECT_EQ(members_of_class<other_letter>(), (Members{136881, 0x9B37619CDA4FE98CU}));
  EXPECT_EQ(members_of_class<mark>(), (Members{2501, 0xC771168CC7FC38C2U}));
  EXPECT_EQ(members_of_class<number>(), (Members{1911, 0x3BE1EB8FD343984AU}));
  EXPECT_EQ(members_of_class<symbol>(), (Members{9369, 0x0C801F1753095FDCU}));
  EXPECT_EQ(members_of_class<blank>(), (Members{25, 0x6456EA463BE947ACU}));
  EXPECT_EQ(members_of_class<line_end>(), (Members{2, 0x30B62512187DCF17U}));
  for (char32_t c = 0; c < planes_end; ++c) {
    ASSERT_EQ(planes()[c], of(c)) << static_cast<std::uint32_t>(c);
  }
}

std::string normalized(std::u32string_view text, UnicodeForm form) {
  std::vector<Edit> edits;
  UnicodeNormalizer normalizer(form);
  for (const char32_t c : text) normalizer.push(c, edits);
  normalizer.finish(edits);
  std::string out;
  for (const Edit& edit : edits) append_utf8(edit.c, out);
  return out;
}

// Each result ends with a byte that UTF-8 does not have.
std::uint64_t hash_of_form(UnicodeForm form) {
  return hash_of_all(
      [form](char32_t c) { return normalized(std::u32string(1, c), form) + '\xFF'; });
}

TEST(Unicode, NormalFormsOfEveryCodePoint) {
  EXPECT_EQ(hash_of_form(UnicodeForm::nfc), 0x0420AF2407615D53U);
  EXPECT_EQ(hash_of_form(UnicodeForm::nfd), 0x367A2034E4801E51U);
  EXPECT_EQ(hash_of_form(UnicodeForm::nfkc), 0x50806B0DAD4D7247U);
  EXPECT_EQ(hash_of_form(UnicodeForm::nfkd), 0xD0815FE37D244062U);
}

TEST(Unicode, LowercaseOfEveryCodePoint) {
  const auto lower = [](char32_t c) {
    std::string out;
    append_utf8(lowercase(c), out);
    if (c == 0x130) append_utf8(0x307, out);
    return out + '\xFF';
  };
  EXPECT_EQ(hash_of_all(lower), 0x4B2E69A63593DC34U);
}

TEST(Unicode, MarksAreOrderedAndComposed) {
  // Dot below (class 220) moves before acute (230); then both forms compose what they can.
  EXPECT_EQ(normalized(U"q\u0301\u0323", UnicodeForm::nfd), "q\u0323\u0301");
  EXPECT_EQ(normalized(U"e\u0301\u0323", UnicodeForm::nfc), "\u1EB9\u0301");
  // A second mark of the same class is blocked.
  EXPECT_EQ(normalized(U"a\u0301\u0301", UnicodeForm::nfc), "\u00E1\u0301");
  EXPECT_EQ(normalized(U"\u1100\u1161\u11A8", UnicodeForm::nfc), "\uAC01");
  EXPECT_EQ(normalized(U"\u0301a", UnicodeForm::nfc), "\u0301a");
  // U+0958 is excluded from composition; the letter of Unicode 13 is unknown to the reference.
  EXPECT_EQ(normalized(U"\u0915\u093C", UnicodeForm::nfc), "\u0915\u093C");
  EXPECT_EQ(normalized(U"\U00011935\U00011930", UnicodeForm::nfc), "\U00011935\U00011930");
}

TEST(Unicode, AMillionMarksTakeLinearTime) {
  std::u32string text = U"a";
  for (int i = 0; i < 1'000'000; ++i) text += i % 2 == 0 ? U'\u0301' : U'\u0323';
  for (const UnicodeForm form : {UnicodeForm::nfc, UnicodeForm::nfd}) {
    EXPECT_GT(normalized(text, form).size(), 1'999'990U);
  }
}

}  // namespace
}  // namespace attend
