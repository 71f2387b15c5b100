// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The rules of Unicode 16, one code point after the other: what matters of those before is kept, so
// that time is linear.
#include "text/grapheme.h"

#include <array>

#include "attend/text/utf8.h"
#include "text/unicode_tables.h"

namespace attend {
namespace {

using tables::ClusterClass;

// Nearly every character that is written lies in the first two planes; they are spread out.
constexpr char32_t cluster_planes_end = 0x20000;
using ClusterPlanes = std::array<ClusterClass, cluster_planes_end>;

constexpr char32_t syllables_begin = 0xAC00;
constexpr char32_t syllables_end = 0xD7A4;
constexpr char32_t syllables_of_a_vowel = 28;  // the first one has no trailing consonant

const ClusterPlanes& cluster_planes() noexcept {
  static const ClusterPlanes& built = []() -> const ClusterPlanes& {
    static ClusterPlanes classes{};
    for (const auto& [first, last, cluster_class] : tables::cluster_ranges) {
      for (char32_t c = first; c <= last && c < cluster_planes_end; ++c) classes[c] = cluster_class;
    }
    for (char32_t c = syllables_begin; c < syllables_end; ++c) {
      const bool is_open = (c - syllables_begin) % syllables_of_a_vowel == 0;
      classes[c] = is_open ? ClusterClass::open_syllable : ClusterClass::closed_syllable;
    }
    return classes;
  }();
  return built;
}

ClusterClass class_of(char32_t c) noexcept {
  if (c < cluster_planes_end) return cluster_planes()[c];
  const auto* const range = tables::find_range(tables::cluster_ranges, c);
  return range == nullptr ? ClusterClass::other : range->cluster_class;
}

// A cluster that grows. The names of rules are those of the annex.
class Cluster {
 public:
  explicit Cluster(ClusterClass first) noexcept { take(first); }

  /// Whether a code point of this class goes on with it.
  [[nodiscard]] bool joins(ClusterClass next) const noexcept {
    switch (last_) {
      case ClusterClass::carriage_return: return next == ClusterClass::line_feed;  // GB3, GB4
      case ClusterClass::control:
      case ClusterClass::line_feed: return false;  // GB4
      default: break;
    }
    switch (next) {
      case ClusterClass::control:
      case ClusterClass::carriage_return:
      case ClusterClass::line_feed: return false;  // GB5
      case ClusterClass::extend:
      case ClusterClass::linker:
      case ClusterClass::non_joiner:
      case ClusterClass::joiner:
      case ClusterClass::spacing: return true;                             // GB9, GB9a
      default: return last_ == ClusterClass::prepend || joins_kind(next);  // GB9b
    }
  }

  void take(ClusterClass next) noexcept {
    is_odd_regional_ = next == ClusterClass::regional && !is_odd_regional_;
    emoji_ = emoji_after(next);
    conjunct_ = conjunct_after(next);
    last_ = next;
  }

 private:
  enum class Emoji : std::uint8_t { none, pictograph, joined };
  enum class Conjunct : std::uint8_t { none, consonant, linked };

  // Where it depends on what the cluster is made of.
  [[nodiscard]] bool joins_kind(ClusterClass next) const noexcept {
    switch (next) {
      case ClusterClass::leading:
      case ClusterClass::open_syllable:
      case ClusterClass::closed_syllable: return last_ == ClusterClass::leading;  // GB6
      case ClusterClass::vowel:                                                   // GB6, GB7
        return last_ == ClusterClass::leading || last_ == ClusterClass::vowel ||
               last_ == ClusterClass::open_syllable;
      case ClusterClass::trailing:  // GB7, GB8
        return last_ == ClusterClass::vowel || last_ == ClusterClass::trailing ||
               last_ == ClusterClass::open_syllable || last_ == ClusterClass::closed_syllable;
      case ClusterClass::consonant: return conjunct_ == Conjunct::linked;  // GB9c
      case ClusterClass::pictograph: return emoji_ == Emoji::joined;       // GB11
      case ClusterClass::regional: return is_odd_regional_;                // GB12, GB13
      default: return false;                                               // GB999
    }
  }

  [[nodiscard]] Emoji emoji_after(ClusterClass next) const noexcept {
    switch (next) {
      case ClusterClass::pictograph: return Emoji::pictograph;
      case ClusterClass::extend:
      case ClusterClass::linker:
      case ClusterClass::non_joiner:
        return emoji_ == Emoji::pictograph ? Emoji::pictograph : Emoji::none;
      case ClusterClass::joiner: return emoji_ == Emoji::pictograph ? Emoji::joined : Emoji::none;
      default: return Emoji::none;
    }
  }

  [[nodiscard]] Conjunct conjunct_after(ClusterClass next) const noexcept {
    switch (next) {
      case ClusterClass::consonant: return Conjunct::consonant;
      case ClusterClass::extend:
      case ClusterClass::joiner: return conjunct_;
      case ClusterClass::linker:
        return conjunct_ == Conjunct::none ? Conjunct::none : Conjunct::linked;
      default: return Conjunct::none;
    }
  }

  ClusterClass last_ = ClusterClass::other;
  Emoji emoji_ = Emoji::none;
  Conjunct conjunct_ = Conjunct::none;
  bool is_odd_regional_ = false;
};

}  // namespace

std::size_t grapheme_end(std::string_view text, std::size_t at) noexcept {
  const auto is_ascii = [&](std::size_t i) { return static_cast<unsigned char>(text[i]) < 0x80; };
  const auto is_alone = [&] {
    return text[at] != '\r' && (at + 1 == text.size() || is_ascii(at + 1));
  };
  if (is_ascii(at) && is_alone()) return at + 1;
  const CodePoint first = decode_utf8(text.substr(at));
  Cluster cluster(class_of(first.value));
  for (at += static_cast<std::size_t>(first.length); at < text.size();) {
    const CodePoint next = decode_utf8(text.substr(at));
    const ClusterClass next_class = class_of(next.value);
    if (!cluster.joins(next_class)) break;
    cluster.take(next_class);
    at += static_cast<std::size_t>(next.length);
  }
  return at;
}

const std::vector<char32_t>& prepended_characters() {
  static const std::vector<char32_t> characters = [] {
    std::vector<char32_t> out;
    for (const auto& [first, last, cluster_class] : tables::cluster_ranges) {
      if (cluster_class != ClusterClass::prepend) continue;
      for (char32_t c = first; c <= last; ++c) out.push_back(c);
    }
    return out;
  }();
  return characters;
}

}  // namespace attend
