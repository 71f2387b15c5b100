// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over a pattern of Ruby's syntax that knows groups, sets, repeats and comments, and takes
// everything else for characters. What is no valid pattern may be misjudged: Oniguruma refuses it.
#include "text/pattern_cost.h"

#include <algorithm>
#include <string>
#include <vector>

#include "attend/core/error.h"
#include "attend/text/regex.h"
#include "core/ascii.h"
#include "core/limits.h"

namespace attend {
namespace {

[[noreturn]] void refuse(ErrorKind kind, std::string_view pattern, std::string expected,
                         std::string found) {
  fail(kind, {.where = "Regex",
              .what = "pattern " + quote(pattern),
              .expected = std::move(expected),
              .found = std::move(found),
              .hint = "write a simpler pattern"});
}

class Scan {
 public:
  explicit Scan(std::string_view pattern) : pattern_(pattern) { groups_.emplace_back(); }

  void run() {
    while (at_ < pattern_.size()) step(pattern_[at_++]);
    while (groups_.size() > 1) close_group();
    charge(groups_.back().all);
  }

 private:
  // Steps of the parts so far and of the last one, which a repeat multiplies.
  struct Group {
    std::uint64_t all = 0;
    std::uint64_t last = 0;
    std::size_t options = 0;  // (?i) and the like nest what follows them
    std::size_t repeats = 0;  // of the last part, one upon the other
    bool extended = false;    // (?x): blanks and comments do not count
  };

  [[nodiscard]] bool next_is(char c, std::size_t ahead = 0) const noexcept {
    return at_ + ahead < pattern_.size() && pattern_[at_ + ahead] == c;
  }

  void charge(std::uint64_t cost) const {
    if (cost <= limits::pattern_cost) return;
    refuse(ErrorKind::resource_limit, pattern_,
           "repeats that make at most " + std::to_string(limits::pattern_cost) + " steps", "more");
  }

  void deepen(std::size_t depth) const {
    if (depth <= limits::pattern_depth) return;
    refuse(ErrorKind::resource_limit, pattern_,
           "at most " + std::to_string(limits::pattern_depth) + " groups or repeats in each other",
           "more");
  }

  void add_part(std::uint64_t cost) {
    Group& group = groups_.back();
    group.all += cost;
    group.last = cost;
    group.repeats = 0;
    charge(group.all);
  }

  void repeat(std::uint64_t times) {
    Group& group = groups_.back();
    deepen(groups_.size() + ++group.repeats);
    group.all += group.last * (std::max<std::uint64_t>(times, 1) - 1);
    group.last *= std::max<std::uint64_t>(times, 1);
    charge(group.all);
  }

  void step(char c) {
    switch (c) {
      case '\\': return escape();
      case '(': return open_group();
      case ')': return groups_.size() > 1 ? close_group() : add_part(1);
      case '[': return set();
      case '*':
      case '+':
      case '?': return repeat(1);
      case '{': return braces();
      case '#':
        if (groups_.back().extended) return skip_past('\n');
        break;
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case '\f':
      case '\v':
        if (groups_.back().extended) return;
        break;
      default: break;
    }
    add_part(1);
  }

  void skip_past(char end) {
    const std::size_t found = pattern_.find(end, at_);
    at_ = found == std::string_view::npos ? pattern_.size() : found + 1;
  }

  void escape() {
    if (skip_escaped()) {
      refuse(ErrorKind::unsupported, pattern_, "no calls of groups", "\\g");
    }
    add_part(1);
  }

  // What follows a backslash; whether it calls a group.
  bool skip_escaped() {
    while (at_ < pattern_.size()) {
      const char letter = pattern_[at_++];
      if (letter == 'g') return next_is('<') || next_is('\'');
      const bool has_braces = letter == 'p' || letter == 'P' || letter == 'x' || letter == 'o';
      if (has_braces && next_is('{')) skip_past('}');
      // Control and meta characters: \cX, \C-X, \M-X, where X may be such a one again.
      const bool has_dash = (letter == 'C' || letter == 'M') && next_is('-');
      if (letter != 'c' && !has_dash) return false;
      if (has_dash) ++at_;
      if (!next_is('\\')) {
        at_ = std::min(at_ + 1, pattern_.size());
        return false;
      }
      ++at_;
    }
    return false;
  }

  // A set ends at the bracket of its own level; one at its very front is a member if another
  // follows.
  void set() {
    std::size_t depth = 0;
    for (bool opened = true; at_ < pattern_.size();) {
      if (opened) {
        deepen(groups_.size() + ++depth);
        if (next_is('^')) ++at_;
        if (next_is(']') && pattern_.find(']', at_ + 1) != std::string_view::npos) ++at_;
        opened = false;
        continue;
      }
      const char c = pattern_[at_++];
      if (c == '\\') skip_escaped();
      if (c == '[') opened = true;
      if (c == ']' && --depth == 0) break;
    }
    add_part(1);
  }

  // {n}, {n,}, {,m} or {n,m}; anything else is text.
  void braces() {
    std::size_t at = at_;
    const auto number = [&] {
      std::uint64_t value = 0;
      for (; at < pattern_.size() && is_ascii_digit(pattern_[at]); ++at) {
        value = std::min(value * 10 + static_cast<std::uint64_t>(pattern_[at] - '0'),
                         limits::pattern_cost + 1);
      }
      return value;
    };
    std::uint64_t times = number();
    if (at < pattern_.size() && pattern_[at] == ',') {
      ++at;
      times = std::max(times, number());
    }
    if (at == at_ || at == pattern_.size() || pattern_[at] != '}') return add_part(1);
    at_ = at + 1;
    repeat(times);
  }

  void open_group() {
    bool extended = groups_.back().extended;
    if (next_is('?')) {
      if (next_is('#', 1)) return skip_comment();
      if (read_options(extended)) return;
    }
    Group group;
    group.extended = extended;
    groups_.push_back(group);
    deepen(groups_.size() + options_);
  }

  void skip_comment() {
    for (; at_ < pattern_.size(); ++at_) {
      if (pattern_[at_] == '\\') {
        ++at_;
      } else if (pattern_[at_] == ')') {
        break;
      }
    }
    at_ = std::min(at_ + 1, pattern_.size());
  }

  // After "(": whether it was "(?imx-imx)", which opens no group of its own.
  bool read_options(bool& extended) {
    std::size_t at = at_ + 1;
    bool on = true;
    bool as_set = extended;
    for (; at < pattern_.size(); ++at) {
      const char c = pattern_[at];
      if (c == '-') {
        on = false;
      } else if (c == 'x') {
        as_set = on;
      } else if (c < 'A' || c > 'z' || (c > 'Z' && c < 'a')) {
        break;
      }
    }
    if (at == pattern_.size() || (pattern_[at] != ')' && pattern_[at] != ':')) return false;
    extended = as_set;
    const bool is_group = pattern_[at] == ':';
    at_ = at + (is_group ? 0 : 1);
    if (is_group) return false;
    groups_.back().extended = extended;
    ++groups_.back().options;
    deepen(groups_.size() + ++options_);
    return true;
  }

  void close_group() {
    const Group closed = groups_.back();
    groups_.pop_back();
    options_ -= closed.options;
    add_part(closed.all + 1);
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::size_t options_ = 0;  // of all open groups
  std::vector<Group> groups_;
};

}  // namespace

void check_pattern_cost(std::string_view pattern) {
  if (pattern.size() > Regex::max_pattern_bytes) {
    refuse(ErrorKind::resource_limit, pattern,
           "at most " + std::to_string(Regex::max_pattern_bytes) + " bytes",
           std::to_string(pattern.size()));
  }
  Scan(pattern).run();
}

}  // namespace attend
