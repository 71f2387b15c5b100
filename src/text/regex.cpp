// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scanners for well-known patterns, Oniguruma for all others. It counts its steps back and what
// lies on its stack, and both are limited; it does not count steps forward, of which some patterns
// take as many from every place, so time is limited, too.
#include "attend/text/regex.h"

#include <oniguruma.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/limits.h"
#include "text/newer_classes.h"
#include "text/pattern_cost.h"
#include "text/scanners.h"

namespace attend {
namespace {

constexpr std::string_view where_regex = "Regex";
// How much may be read before the clock is looked at, which takes as long as a short search.
constexpr std::size_t unclocked_bytes = 64'000'000;
// Nearly every search of a tokenizer's pattern ends within these; the rest is searched again.
constexpr unsigned long first_steps = 64;

std::string words_of_oniguruma(int code, OnigErrorInfo* info = nullptr) {
  std::array<OnigUChar, ONIG_MAX_ERROR_MESSAGE_LEN> buffer{};
  const int length = info == nullptr ? onig_error_code_to_str(buffer.data(), code)
                                     : onig_error_code_to_str(buffer.data(), code, info);
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(length)};
}

// Of this thread, so that a busy machine does not count.
std::int64_t nanoseconds_of_work() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::string named(const std::string& pattern) { return "pattern " + quote(pattern); }

const OnigUChar* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const OnigUChar*>(text.data());
}

// What a search writes to, one a thread: a search allocates nothing.
struct Scratch {
  Scratch() : region(onig_region_new()), parameters(onig_new_match_param()) {
    if (region == nullptr || parameters == nullptr) {
      release();
      throw std::bad_alloc();
    }
    onig_initialize_match_param(parameters);
    onig_set_match_stack_limit_size_of_match_param(parameters, limits::pattern_stack);
  }
  ~Scratch() { release(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void limit_steps(unsigned long steps) noexcept {
    onig_set_retry_limit_in_match_of_match_param(parameters, steps);
    onig_set_retry_limit_in_search_of_match_param(parameters, steps);
  }

  OnigRegion* region;
  OnigMatchParam* parameters;

 private:
  void release() noexcept {
    if (region != nullptr) onig_region_free(region, 1);
    if (parameters != nullptr) onig_free_match_param(parameters);
  }
};

Scratch& scratch() {
  thread_local Scratch of_this_thread;
  return of_this_thread;
}

void initialize_oniguruma() {
  static const bool done = [] {
    OnigEncoding encoding = ONIG_ENCODING_UTF8;
    return onig_initialize(&encoding, 1) == ONIG_NORMAL;
  }();
  if (!done) {
    fail(ErrorKind::internal, {.where = std::string(where_regex),
                               .what = "Oniguruma",
                               .expected = "a library that starts",
                               .hint = "is Oniguruma installed whole?"});
  }
}

}  // namespace

struct Regex::Compiled {
  explicit Compiled(std::string text) : pattern(std::move(text)), scanner(find_scanner(pattern)) {}
  ~Compiled() { onig_free(program); }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  void compile();

  std::string pattern;
  Scanner scanner;  // of a well-known pattern; then there is no program
  regex_t* program = nullptr;
};

void Regex::Compiled::compile() {
  initialize_oniguruma();
  OnigErrorInfo info{};
  const std::string newer = with_newer_brackets(pattern);
  const OnigUChar* begin = bytes_of(newer);
  const int code = onig_new(&program, begin, begin + newer.size(), ONIG_OPTION_NONE,
                            ONIG_ENCODING_UTF8, ONIG_SYNTAX_RUBY, &info);
  if (code == ONIG_NORMAL) return;
  program = nullptr;
  if (code == ONIGERR_MEMORY) throw std::bad_alloc();
  fail(ErrorKind::tokenizer_error, {.where = std::string(where_regex),
                                    .what = named(pattern),
                                    .expected = "a pattern that Oniguruma takes",
                                    .found = words_of_oniguruma(code, &info),
                                    .hint = "patterns are in its Ruby syntax"});
}

bool RegexBudget::is_out_of_time(std::size_t bytes_read) {
  bytes_read_ += bytes_read;
  if (bytes_read_ < unclocked_bytes) return false;
  bytes_read_ = 0;
  const std::int64_t now = nanoseconds_of_work();
  if (began_ < 0) began_ = now;
  return now - began_ > limits::pattern_nanoseconds + limits::pattern_nanoseconds_a_byte *
                                                          static_cast<std::int64_t>(text_bytes_);
}

Regex::Regex(std::string pattern) {
  check_utf8(pattern, where_regex);
  check_pattern_cost(pattern);
  auto compiled = std::make_shared<Compiled>(std::move(pattern));
  if (compiled->scanner == nullptr) compiled->compile();
  compiled_ = std::move(compiled);
}

std::optional<TextRange> Regex::find(std::string_view text, std::size_t from) const {
  RegexBudget budget(text.size());
  return find(text, from, budget);
}

std::optional<TextRange> Regex::find(std::string_view text, std::size_t from,
                                     RegexBudget& budget) const {
  if (compiled_->scanner != nullptr) return compiled_->scanner(text, from);
  Scratch& memory = scratch();
  const OnigUChar* begin = bytes_of(text);
  const OnigUChar* end = begin + text.size();
  std::string reason;
  for (std::uint64_t steps = first_steps; reason.empty(); steps *= 4) {
    steps = std::clamp<std::uint64_t>(steps, 1, budget.steps_);  // 0 would be no limit
    memory.limit_steps(static_cast<unsigned long>(steps));
    const int found = onig_search_with_param(compiled_->program, begin, end, begin + from, end,
                                             memory.region, ONIG_OPTION_NONE, memory.parameters);
    const bool is_over =
        found == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER || found == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER;
    if (is_over || steps > first_steps) budget.steps_ -= std::min(steps, budget.steps_ - 1);
    if (budget.is_out_of_time((text.size() - from) * (is_over ? steps : 1))) {
      reason = "too much time";
    } else if (found == ONIG_MISMATCH) {
      return std::nullopt;
    } else if (found >= 0) {
      return TextRange{memory.region->beg[0], memory.region->end[0]};
    } else if (found == ONIGERR_MEMORY) {
      throw std::bad_alloc();
    } else if (!is_over || budget.steps_ == 1) {
      reason = words_of_oniguruma(found);
    }
  }
  fail(ErrorKind::resource_limit,
       {.where = std::string(where_regex),
        .what = named(pattern()),
        .expected = "a search of " + std::to_string(text.size()) + " bytes within its limits",
        .found = std::move(reason),
        .hint = "this pattern is slow on such texts"});
}

bool Regex::has_system_classes() const noexcept { return compiled_->scanner == nullptr; }

const std::string& Regex::pattern() const noexcept { return compiled_->pattern; }

}  // namespace attend
