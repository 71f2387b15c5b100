// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers of a date are formatted here and not by the C library, whose names follow the locale.
#include "tokenizer/jinja/local_time.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "tokenizer/jinja/failure.h"

namespace attend::jinja {
namespace {

constexpr std::array<std::string_view, 7> days{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                               "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

// A number of so many digits. '-' drops what fills them up, as in glibc.
std::string number(long value, int digits, char flag, char filler = '0') {
  std::string out = std::to_string(value);
  if (flag == '-') return out;
  if (flag == '_') filler = ' ';
  const auto width = static_cast<std::size_t>(digits);
  if (out.size() < width) out.insert(0, width - out.size(), filler);
  return out;
}

class TimeFormatter {
 public:
  TimeFormatter(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    microseconds_ = static_cast<long>(std::chrono::duration_cast<std::chrono::microseconds>(
                                          time - std::chrono::floor<std::chrono::seconds>(time))
                                          .count());
    if (localtime_r(&seconds, &at_) == nullptr) raise("the time has no date");
  }

  std::string format(std::string_view text) {
    constexpr std::size_t longest = 100'000;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%' || i + 1 == text.size()) {
        out += text[i];
        continue;
      }
      ++i;
      char flag = ' ';
      if ((text[i] == '-' || text[i] == '_') && i + 1 < text.size()) flag = text[i++];
      out += field(text[i], flag);
      if (out.size() > longest) raise_limit("a date is too long");
    }
    return out;
  }

 private:
  std::string name(std::string_view of, bool is_short) const {
    return std::string(is_short ? of.substr(0, 3) : of);
  }

  std::string field(char letter, char flag) {
    const auto day = days[static_cast<std::size_t>(at_.tm_wday)];
    const auto month = months[static_cast<std::size_t>(at_.tm_mon)];
    const int hour = at_.tm_hour % 12 == 0 ? 12 : at_.tm_hour % 12;
    const long year = at_.tm_year + 1900L;
    switch (letter) {
      case 'Y': return std::to_string(year);
      case 'y': return number(year % 100, 2, flag);
      case 'C': return number(year / 100, 2, flag);
      case 'm': return number(at_.tm_mon + 1, 2, flag);
      case 'd': return number(at_.tm_mday, 2, flag);
      case 'e': return number(at_.tm_mday, 2, flag, ' ');
      case 'H': return number(at_.tm_hour, 2, flag);
      case 'k': return number(at_.tm_hour, 2, flag, ' ');
      case 'I': return number(hour, 2, flag);
      case 'l': return number(hour, 2, flag, ' ');
      case 'M': return number(at_.tm_min, 2, flag);
      case 'S': return number(at_.tm_sec, 2, flag);
      case 'f': return number(microseconds_, 6, ' ');
      case 'j': return number(at_.tm_yday + 1, 3, flag);
      case 'w': return std::to_string(at_.tm_wday);
      case 'u': return std::to_string(at_.tm_wday == 0 ? 7 : at_.tm_wday);
      case 'U': return number((at_.tm_yday + 7 - at_.tm_wday) / 7, 2, flag);
      case 'W': return number((at_.tm_yday + 7 - (at_.tm_wday + 6) % 7) / 7, 2, flag);
      case 'A': return name(day, false);
      case 'a': return name(day, true);
      case 'B': return name(month, false);
      case 'b':
      case 'h': return name(month, true);
      case 'p': return at_.tm_hour < 12 ? "AM" : "PM";
      case 'n': return "\n";
      case 't': return "\t";
      case '%': return "%";
      case 'D':
      case 'x': return format("%m/%d/%y");
      case 'F': return format("%Y-%m-%d");
      case 'T':
      case 'X': return format("%H:%M:%S");
      case 'R': return format("%H:%M");
      case 'r': return format("%I:%M:%S %p");
      case 'c': return format("%a %b %e %H:%M:%S %Y");
      case 'z':
      case 'Z': return {};  // a date without a zone, which Python's is
      default: break;
    }
    return std::string("%") + letter;
  }

  std::tm at_{};
  long microseconds_ = 0;
};

}  // namespace

std::string format_time(std::chrono::system_clock::time_point time, std::string_view format) {
  return TimeFormatter(time).format(format);
}

}  // namespace attend::jinja
