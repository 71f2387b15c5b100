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
  for (const std::size_t depth : {std::size_t{1000}, std::size_t{8000}}) {
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
  for (const std::size_t length : {std::size_t{1000}, std::size_t{10'000}}) {
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

// `part` with the numbers below `count` in the place of each #.
std::string numbered(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    for (const char c : part) c == '#' ? out += std::to_string(i) : out += c;
  }
  return out;
}

TEST(ChatLimits, TreesThatAreTooWide) {
  expect_limit("a list", "{{ [" + repeated("1,", 400'000) + "] }}", "tokens");
  expect_limit("outputs", repeated("{{a}}", 190'000), "tokens");
  expect_limit("tags", repeated("{%set a%}{%endset%}", 50'000), "tokens");
  expect_limit("a string in parts", "{{ " + repeated("'' ", 300'000) + " }}", "tokens");
  expect_limit("a name", "{{ " + std::string(limits::template_name_bytes + 1, 'x') + " }}", "name");
  const std::string_view says = "arguments";
  expect_limit("parameters", "{% macro m(" + numbered("p#,", 10'000) + "x) %}", says);
  expect_limit("parameters of a call",
               "{% call(" + numbered("p#,", 10'000) + "x) f() %}{% endcall %}", says);
  expect_limit("keywords", "{{ f(" + numbered("k#=1,", 10'000) + ") }}", says);
  expect_limit("a list as arguments", "{{ dict(*range(2000)) }}", says);
  expect_limit("a dict as keywords",
               "{% set d = {" + numbered("'k#':0,", 10'000) + "} %}{{ dict(**d) }}", says);
}

// What each tag says of names is not looked at again by the next one.
TEST(ChatLimits, NamesInManyBranches) {
  const auto is_quick = [](const std::string& source) {
    const CostLimit cost(allowed);
    EXPECT_EQ(ChatTemplate(source).render({}), "");
  };
  const std::size_t count = 3500;
  is_quick(numbered("{{a#}}", count) + repeated("{%if x%}{%endif%}", count));
  is_quick(numbered("{%set a#=1%}", count) + repeated("{%if x%}{%endif%}", count));
  is_quick("{%if x%}" + numbered("{%elif x%}{%set a#=1%}", count) + "{%endif%}");
  is_quick(repeated("{%if x%}", 150) + numbered("{%set a#=1%}", count) +
           repeated("{%endif%}", 150));
  is_quick(repeated("{%for y in x%}", 60) + numbered("{%set a#=1%}", count) +
           repeated("{%endfor%}", 60));
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

// A round of these loops is a handful of expressions, and each goes over megabytes.
TEST(ChatLimits, LongTextsInLoops) {
  const auto expect_steps = [](std::string_view expression) {
    expect_limit(expression,
                 "{% set t = 'a' * 10000000 %}{% set b = t ~ 'b' %}{% set d = {t: 1, b: 2} %}"
                 "{% set f = '%' ~ '0' * 5000000 ~ 'd' %}{% for i in range(100000) %}{% if " +
                     std::string(expression) + " %}{% endif %}{% endfor %}",
                 "steps");
  };
  expect_steps("d.get(t)");
  expect_steps("d[t]");
  expect_steps("t in d");
  expect_steps("{}[b]");
  expect_steps("'x'.strip(f)");
  expect_steps("b.endswith(t)");
  expect_steps("b.removeprefix(t)");
  expect_steps("t.splitlines()");
  expect_steps("t | int(1)");
  expect_steps("f % 1");
}

// To ask for the case of a letter takes more than to copy it.
TEST(ChatLimits, LettersOfLongTextsInLoops) {
  const auto expect_steps = [](std::string_view expression) {
    expect_limit(
        expression,
        "{% set t = 'a ' * 5000000 %}{% set u = '7' * 10000000 %}{% set d = {1: t, 2: t} %}"
        "{% for i in range(100000) %}{% if " +
            std::string(expression) + " %}{% endif %}{% endfor %}",
        "steps");
  };
  expect_steps("t.casefold()");
  expect_steps("t | title");
  expect_steps("u.isdigit()");
  expect_steps("u is upper");
  expect_steps("u.istitle()");
  expect_steps("t | wordcount");
  expect_steps("d | dictsort(by='value')");
}

TEST(ChatLimits, KeysThatAreAlike) {
  const std::string loop = "{% for i in range(100000) %}";
  expect_limit("tuples of one hash",
               "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}"
               "{% set ns.x = ns.x + [((i, -1000003 * i), i)] %}{% endfor %}" +
                   loop + "{% set d = dict(ns.x) %}{% endfor %}",
               "steps");
  expect_limit("tuples of one another",
               "{% set ns = namespace(x='') %}{% for i in range(100) %}"
               "{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
               "steps");
  expect_limit(
      "fields of a format",
      loop + "{{ ('{k999}' * 1000).format(" + numbered("k#='',", 1000) + ") }}{% endfor %}",
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
  expect_limit("the least width", "{{ '%*d' % (-9223372036854775807 - 1, 1) }}", "width");
  expect_limit("the least width of a text", "{{ '%*s' % (-9223372036854775807 - 1, 1) }}", "width");
  expect_limit("a wide filler", "{{ '{:𝄞>40000000}'.format(1) }}", says);
  expect_limit("a wide filler of a method", "{{ 'x'.center(40000000, '𝄞') }}", says);
  expect_limit("split", "{{ ('a' * 20000000).split('a') | length }}", says);
  expect_limit("split from the right", "{{ ('a' * 15000000).rsplit('a') | length }}", says);
  expect_limit("words", "{{ ('a ' * 10000000).split() | length }}", says);
  expect_limit("replaced by nothing", "{{ ('a' * 20000000).replace('a', '') }}", "steps");
  expect_limit("indented blanks", "{{ ('\\n' * 20000000) | indent }}", "steps");
  expect_limit("lines", "{{ ('\\n' * 20000000).splitlines() | length }}", says);
  expect_limit("a long needle", "{% set t = 'a' * 7000000 %}{{ (t ~ 'a').find(t[1:] ~ 'b') }}",
               says);
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

TEST(ChatLimits, WhatIsCountedIsNotKept) {
  const CostLimit cost(allowed);
  EXPECT_EQ(ChatTemplate("{{ ('a' * 20000000).count('a') }}").render({}), "20000000");
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
