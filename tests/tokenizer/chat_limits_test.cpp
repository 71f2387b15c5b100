// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Templates that are made to take long, to fill memory or to run out of stack are refused with the
// limit that they reach, at once.
#include <gtest/gtest.h>

#include <iostream>

#include "attend/tokenizer/chat_template.h"
#include "core/limits.h"
#include "support/cost.h"
#include "support/error_of.h"

namespace attend::test {
namespace {

std::string repeated(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

// The time that steps may take in all, on a slow machine; sanitizers have more.
constexpr CostLimit::Allowed allowed{.time = 3 * std::chrono::duration<double>(time_allowed),
                                     .memory_kib = 3 * kilobytes_allowed};

void expect_limit(std::string_view name, const std::string& source, std::string_view says) {
  SCOPED_TRACE(name);
  const CostLimit cost(allowed);
  expect_error(ErrorKind::resource_limit, {says}, [&] { return ChatTemplate(source).render({}); });
}

TEST(ChatLimits, TreesThatAreTooDeep) {
  const std::string_view says = "levels deep";
  for (const std::size_t depth : {std::size_t{1000}, std::size_t{60'000}}) {
    expect_limit("brackets", "{{ " + repeated("(", depth), says);
    expect_limit("lists", "{{ " + repeated("[", depth), says);
    expect_limit("dicts", "{{ " + repeated("{1:", depth), says);
    expect_limit("signs", "{{ " + repeated("-", depth) + "1 }}", says);
    expect_limit("not", "{{ " + repeated("not ", depth) + "1 }}", says);
    expect_limit("else", "{{ " + repeated("1 if 1 else ", depth) + "1 }}", says);
    expect_limit("calls", "{{ " + repeated("f(", depth), says);
    expect_limit("if", repeated("{% if 1 %}", depth), says);
    expect_limit("for", repeated("{% for x in y %}", depth), says);
    expect_limit("macro", repeated("{% macro m() %}", depth), says);
    expect_limit("set", repeated("{% set x %}", depth), says);
  }
  for (const std::size_t length : {std::size_t{1000}, std::size_t{100'000}}) {
    const std::string_view deep = "operations deep";
    expect_limit("sum", "{{ 1" + repeated("+1", length) + " }}", deep);
    expect_limit("powers", "{{ 1" + repeated("**1", length) + " }}", deep);
    expect_limit("attributes", "{{ a" + repeated(".a", length) + " }}", deep);
    expect_limit("elements", "{{ a" + repeated("[0]", length) + " }}", deep);
    expect_limit("filters", "{{ a" + repeated("|trim", length) + " }}", deep);
    expect_limit("or", "{{ a" + repeated(" or a", length) + " }}", deep);
    expect_limit("calls of calls", "{{ a" + repeated("()", length) + " }}", deep);
  }
}

TEST(ChatLimits, SourcesThatAreTooLong) {
  expect_limit("a long text", repeated("x", limits::template_bytes + 1), "bytes of a template");
  EXPECT_EQ(ChatTemplate(repeated("x", limits::template_bytes)).render({}).size(),
            limits::template_bytes);
}

TEST(ChatLimits, LoopsThatGoOn) {
  const std::string in_loops = "{% for a in range(100000) %}{% for b in range(100000) %}";
  const std::string ends = "{% endfor %}{% endfor %}";
  expect_limit("nothing", in_loops + ends, "steps");
  expect_limit("a sum", in_loops + "{% set x = a + b %}" + ends, "steps");
  expect_limit("a long range", "{{ range(1000000) }}", "Range too big");
  expect_limit("a search",
               "{% set t = 'ab' * 100000 %}{% set n = 'ab' * 50000 ~ 'c' %}"
               "{% for a in range(100000) %}{% if n in t %}{% endif %}{% endfor %}",
               "steps");
  expect_limit("characters of a long text",
               "{% set t = 'é' * 100000 %}{% for a in range(100000) %}{{ t[99999] }}{% endfor %}",
               "steps");
  expect_limit("filters", in_loops + "{{ [3, 1, 2] | sort | join }}" + ends, "");
  expect_limit("a sorted list",
               "{% for a in range(100000) %}{{ range(100000) | sort | first }}{% endfor %}",
               "steps");
}

TEST(ChatLimits, TextsThatGrow) {
  const std::string_view says = "bytes";
  expect_limit("doubled",
               "{% set ns = namespace(x='x' * 100) %}{% for i in range(100) %}"
               "{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
               says);
  expect_limit("times", "{{ 'x' * 10 ** 12 }}", says);
  expect_limit("a list of them", "{{ ([1] * 10 ** 12) | length }}", says);
  expect_limit("joined", "{{ range(10000) | join('x' * 100000) }}", says);
  expect_limit("replaced", "{{ ('x' * 10000) | replace('x', 'y' * 100000) }}", says);
  expect_limit("centered", "{{ 'x'.center(10 ** 12) }}", says);
  expect_limit("a width", "{{ '%999999999d' % 1 }}", says);
  expect_limit("a width of format", "{{ '{:>999999999}'.format(1) }}", says);
  expect_limit("an indent", "{{ [[1]] | tojson(indent=10 ** 12) }}", says);
  expect_limit("indented lines", "{{ ('a\n' * 10000) | indent(100000) }}", says);
  expect_limit("written", "{% for i in range(100000) %}{{ 'x' * 10000 }}{% endfor %}", says);
  expect_limit("many texts",
               "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}"
               "{% set ns.x = ns.x + ['x' * 10000 ~ i] %}{% endfor %}",
               "");
  expect_limit("JSON in JSON",
               "{% set ns = namespace(x='\"') %}{% for i in range(100) %}"
               "{% set ns.x = ns.x | tojson %}{% endfor %}",
               "");
  expect_limit("a dict that doubles",
               "{% set ns = namespace(x={}) %}{% for i in range(100) %}"
               "{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x }}",
               "");
  expect_limit("batches", "{{ range(3) | batch(10 ** 12, 'x') | list }}", says);
}

TEST(ChatLimits, IntegersThatGrow) {
  const std::string_view says = "64 bits";
  expect_limit("power", "{{ 2 ** 10 ** 9 }}", says);
  expect_limit("product", "{{ 9223372036854775807 * 2 }}", says);
  expect_limit("sum", "{{ 9223372036854775807 + 1 }}", says);
  expect_limit("quotient", "{{ (-9223372036854775807 - 1) // -1 }}", says);
  expect_limit("negative", "{{ -(-9223372036854775807 - 1) }}", says);
  expect_limit("round", "{{ 9223372036854775807 | round(-1) }}", says);
  expect_limit("of a text", "{{ ('9' * 30) | int }}", says);
}

TEST(ChatLimits, CallsInCalls) {
  const std::string_view says = "levels deep";
  expect_limit("a macro", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", says);
  expect_limit("two macros",
               "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}"
               "{{ a() }}",
               says);
  expect_limit("a default", "{% macro m(x=m()) %}{% endmacro %}{{ m() }}", says);
  expect_limit("a caller",
               "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
               says);
  expect_limit("a loop", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", says);
  expect_limit("a macro that doubles",
               "{% macro m(n) %}{% if n > 0 %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}"
               "{% endmacro %}{{ m(60) }}",
               "steps");
}

TEST(ChatLimits, ValuesInValues) {
  const auto grown = [](std::string_view step) {
    return "{% set ns = namespace(x=[], d={}) %}{% for i in range(100000) %}{% set ns.x = " +
           std::string(step) + " %}{% endfor %}{{ ns.x | list }}";
  };
  expect_limit("lists", grown("[ns.x]"), "levels deep");
  expect_limit("tuples", grown("(ns.x,)"), "levels deep");
  expect_limit("dicts", grown("{'x': ns.x}"), "levels deep");
  expect_limit("generators", grown("ns.x | select"), "levels deep");
  expect_limit("maps", grown("ns.x | map('string')"), "levels deep");
  expect_limit("methods", grown("[ns.x].index"), "levels deep");
  expect_limit("views", grown("[{'a': ns.x}.items()]"), "levels deep");
}

// Whatever holds itself goes when the rendering ends; the sanitizer would tell.
TEST(ChatLimits, ValuesThatHoldThemselves) {
  const auto renders = [](const std::string& source) {
    SCOPED_TRACE(source);
    EXPECT_NO_THROW(static_cast<void>(ChatTemplate(source).render({})));
  };
  renders("{% set ns = namespace() %}{% set ns.x = ns %}");
  renders("{% set ns = namespace() %}{% set ns.x = [ns, {'a': ns}] %}");
  renders("{% set ns = namespace() %}{% macro m() %}{{ ns }}{% endmacro %}{% set ns.m = m %}");
  renders("{% for x in [1, 2] %}{{ loop.changed([loop]) }}{% endfor %}");
  renders(
      "{% set ns = namespace(x=0) %}{% for i in range(50000) %}"
      "{% set ns.x = namespace(next=ns.x) %}{% endfor %}");
  renders(
      "{% macro a(f) %}{% macro b() %}{{ f }}{% endmacro %}{% set ns.g = b %}{% endmacro %}"
      "{% set ns = namespace(g=1) %}{% for i in range(2000) %}{{ a(ns.g) }}{% endfor %}");
  expect_limit("printed", "{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns }}", "levels deep");
}

TEST(ChatLimits, ConversationsThatAreTooDeepOrTooLong) {
  const CostLimit cost(allowed);
  ChatValue deep;
  for (int i = 0; i < 300; ++i) deep = ChatValue::Array{std::move(deep)};
  const ChatTemplate chat("{{ messages }}");
  expect_error(ErrorKind::resource_limit, {"levels deep"}, [&] { return chat.render(deep); });
  const ChatValue large(std::string(limits::template_memory, 'x'));
  expect_error(ErrorKind::resource_limit, {"bytes"}, [&] { return chat.render(large); });
  expect_error(ErrorKind::resource_limit, {"64"}, [] {
    return ChatValue::from_json(std::string(1000, '[') + std::string(1000, ']'));
  });
}

}  // namespace
}  // namespace attend::test
