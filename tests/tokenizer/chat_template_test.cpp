// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Chat templates render what transformers renders: recorded conversations, short templates, and
// templates that were made at random. Which message Python has for a failure is not compared.
#include "attend/tokenizer/chat_template.h"

#include <gtest/gtest.h>

#include <thread>

#include "support/error_of.h"
#include "support/json.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;

fs::path data() { return tests_folder() / "tokenizer" / "data"; }

bool flag(const ChatValue& value) { return value.get<bool>() != nullptr && *value.get<bool>(); }

/// What a recorded input says: messages and options, and variables by any other name.
struct Call {
  ChatValue messages;
  ChatOptions options;

  explicit Call(const OrderedJson& input) {
    const ChatValue all = ChatValue::from_json(input.dump());
    for (const auto& [key, value] : *all.get<ChatValue::Object>()) {
      if (key == "messages") {
        messages = value;
      } else if (key == "tools") {
        options.tools = value;
      } else if (key == "documents") {
        options.documents = value;
      } else if (key == "add_generation_prompt") {
        options.add_generation_prompt = flag(value);
      } else if (key == "continue_final_message") {
        options.continue_final_message = flag(value);
      } else {
        options.variables.emplace_back(key, value);
      }
    }
  }
};

ChatValue::Object object_of(const OrderedJson& json) {
  return *ChatValue::from_json(json.dump()).get<ChatValue::Object>();
}

// `expected` is null where Python fails.
void check(const std::string& source, const Call& call, const OrderedJson& expected,
           const ChatValue::Object& variables = {}) {
  SCOPED_TRACE(source.substr(0, 300));
  const auto rendered = [&] {
    return ChatTemplate(source, variables).render(call.messages, call.options);
  };
  if (expected.is_null()) {
    EXPECT_TRUE(error_of(rendered));
  } else {
    EXPECT_EQ(rendered(), expected.get<std::string>());
  }
}

OrderedJson expected_of(const OrderedJson& one) {
  return one.contains("text") ? one["text"] : OrderedJson();
}

TEST(ChatTemplate, RecordedConversations) {
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(data() / "chat")) {
    SCOPED_TRACE(entry.path().filename().string());
    const OrderedJson file = ordered_json_of(read_file(entry.path()));
    if (!file.contains("template")) continue;
    for (const OrderedJson& one : file["cases"]) {
      check(file["template"], Call(one["input"]), expected_of(one),
            object_of(file["special_tokens"]));
      ++cases;
    }
  }
  EXPECT_EQ(cases, 266U);
  report_cases("conversations", cases);
}

TEST(ChatTemplate, ShortTemplates) {
  const OrderedJson file = ordered_json_of(read_file(data() / "chat" / "snippets.json"));
  const Call call(file["variables"]);
  for (const OrderedJson& one : file["cases"]) check(one["template"], call, expected_of(one));
  EXPECT_EQ(file["cases"].size(), 187U);
  report_cases("short templates", file["cases"].size());
}

// Out of 13,500 that were compared when the interpreter was made.
TEST(ChatTemplate, RandomTemplates) {
  const OrderedJson file = ordered_json_of(read_file(data() / "chat_templates.json"));
  const Call call(file["variables"]);
  for (const OrderedJson& one : file["cases"]) check(one[0], call, one[1]);
  EXPECT_GT(file["cases"].size(), 400U);
  report_cases("random templates", file["cases"].size());
}

// ---- what a call says

ChatValue conversation() {
  return ChatValue::Array{chat_message("user", "Hi"), chat_message("assistant", " Well, I ")};
}

constexpr const char* plain =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}";
constexpr const char* trimming =
    "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</>{% endfor %}";

TEST(ChatTemplate, AnAnswerIsBegunOrGoneOnWith) {
  const ChatTemplate chat(plain);
  EXPECT_EQ(chat.render(conversation()), "<user>Hi</user><assistant> Well, I </assistant>");
  EXPECT_EQ(chat.render(ChatValue::Array{}, {.add_generation_prompt = true}), "<assistant>");
  EXPECT_EQ(chat.render(conversation(), {.continue_final_message = true}),
            "<user>Hi</user><assistant> Well, I ");
  EXPECT_EQ(ChatTemplate(trimming).render(conversation(), {.continue_final_message = true}),
            "<user>Hi</><assistant>Well, I");
}

TEST(ChatTemplate, ThePartOfAMessageThatGoesOnIsItsLastText) {
  const auto blocks = ChatValue::from_json(
      R"([{"role": "assistant", "content": [{"text": "a"}, {"text": "b "}, {"type": "image"}]}])");
  const ChatTemplate chat(
      "{% for b in messages[0].content %}{% if b.text is defined %}[{{ b.text }}]{% endif %}"
      "{% endfor %}");
  EXPECT_EQ(chat.render(blocks, {.continue_final_message = true}), "[a][b ");
}

TEST(ChatTemplate, OptionsThatDoNotGoTogether) {
  const ChatTemplate chat(plain);
  const ChatOptions both{.add_generation_prompt = true, .continue_final_message = true};
  const auto refused = [&](const ChatValue& messages, const ChatOptions& options,
                           std::string_view says) {
    expect_error(ErrorKind::config_error, {says}, [&] { return chat.render(messages, options); });
  };
  const ChatOptions goes_on{.continue_final_message = true};
  refused(conversation(), both, "add_generation_prompt");
  refused(ChatValue::Array{}, goes_on, "no message");
  refused(ChatValue::from_json(R"([{"role": "user"}])"), goes_on, "no content");
  refused(ChatValue::from_json(R"([{"content": null}])"), goes_on, "no text");
  refused(ChatValue::from_json(R"([{"content": [{"type": "image"}]}])"), goes_on, "no part");
  refused(conversation(), {.tools = ChatValue("f")}, "list of objects");
  refused(conversation(), {.documents = ChatValue::Array{ChatValue(1)}}, "list of objects");
  expect_error(ErrorKind::config_error, {"rendered chat"}, [] {
    return ChatTemplate("nothing of it").render(conversation(), {.continue_final_message = true});
  });
  expect_error(ErrorKind::config_error, {"leave continue_final_message out"},
               [&] { return chat.render_with_generated(conversation(), goes_on); });
}

TEST(ChatTemplate, VariablesOfACallGoBeforeThoseOfTheTemplate) {
  const ChatTemplate chat("{{ bos_token }}{{ mood }}", {{"bos_token", "<s>"}});
  EXPECT_EQ(chat.render({}), "<s>");
  EXPECT_EQ(chat.render({}, {.variables = {{"bos_token", "<b>"}, {"mood", 1}}}), "<b>1");
}

TEST(ChatTemplate, TheModelsOwnParts) {
  const ChatTemplate chat(
      "{% for m in messages %}{% if m.role == 'assistant' %}é{% generation %}{{ m.content }}."
      "{% endgeneration %}{% else %}<{{ m.content }}>{% endif %}{% endfor %}");
  const RenderedChat rendered = chat.render_with_generated(conversation());
  EXPECT_EQ(rendered.text, "<Hi>é Well, I .");
  ASSERT_EQ(rendered.generated.size(), 1U);
  EXPECT_EQ(rendered.generated[0], (Range{6, 16}));
}

TEST(ChatTemplate, DatesAreThoseOfTheCall) {
  const ChatTemplate chat("{{ strftime_now('%d %B %Y|%-d %b %y %A %a %H:%M:%S %I %p %j %% %Q') }}");
  std::tm noon{.tm_min = 5, .tm_hour = 13, .tm_mday = 4, .tm_mon = 2, .tm_year = 124};
  noon.tm_isdst = -1;
  const auto now = std::chrono::system_clock::from_time_t(std::mktime(&noon));
  EXPECT_EQ(chat.render({}, {.now = now}),
            "04 March 2024|4 Mar 24 Monday Mon 13:05:00 01 PM 064 % %Q");
}

TEST(ChatTemplate, OneTemplateServesManyThreads) {
  const ChatTemplate chat(plain);
  const std::string expected = chat.render(conversation());
  std::vector<std::thread> threads;
  std::vector<std::string> found(4);
  for (std::string& one : found) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) one = chat.render(conversation());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& one : found) EXPECT_EQ(one, expected);
}

// Recorded from transformers 4.57.6 with Python 3.11.
TEST(ChatTemplate, IntegersBeyondASignedOneKeepTheirDigits) {
  const auto printed = [](ChatValue value) {
    return ChatTemplate("{{ x }}").render({}, {.variables = {{"x", std::move(value)}}});
  };
  EXPECT_EQ(printed(std::uint64_t{9223372036854775807U}), "9223372036854775807");
  EXPECT_EQ(printed(std::uint64_t{9223372036854775808U}), "9223372036854775808");
  EXPECT_EQ(printed(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(printed(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

TEST(ChatTemplate, VariablesHaveNamesOfTheirOwn) {
  for (const char* const name : {"messages", "tools", "documents", "add_generation_prompt"}) {
    expect_error(ErrorKind::config_error, {name, "another name"}, [&] {
      return ChatTemplate("x").render({}, {.variables = {{name, ChatValue(1)}}});
    });
  }
}

TEST(ChatTemplate, CornersOfPython) {
  const auto renders = [](const std::string& expression, std::string_view expected) {
    SCOPED_TRACE(expression);
    EXPECT_EQ(ChatTemplate("{{ " + expression + " }}").render({}), expected);
  };
  renders("'Straße ΣΑΣ ﬁ İ'.casefold()", "strasse σασ fi i̇");
  renders(R"('\u2474\u1369²'.isdigit())", "True");
  renders("'½'.isdigit()", "False");
  renders(R"('\u3007'.isdigit())", "False");
  renders("'٣'.isdigit()", "True");
  renders("{range(3): 'x'}.get(range(0, 3))", "x");
  renders("{range(0): 'x'}[range(5, 2)]", "x");
  renders("range(1, 2) in {range(1, 9, 8): 0}", "True");
  renders("{(range(2), 1): 'x'}[(range(2), 1.0)]", "x");
  renders("{range(3): 1, range(4): 2} | length", "2");
  renders(R"('\x7f\x1fé' | tojson(ensure_ascii=true))", "\"\\u007f\\u001f\\u00e9\"");
  renders(R"(('\x7fé' | tojson) == '\x22\x7fé\x22')", "True");
  renders("[3, true, 2.5] | map(attribute='real') | list", "[3, 1, 2.5]");
  renders("[3, 2.5] | map(attribute='imag') | list", "[0, 0.0]");
  renders("(true.numerator, 7.denominator)", "(1, 1)");
  renders("[1, 2, 1] | groupby('real') | list", "[(1, [1, 1]), (2, [2])]");
  renders("1.5.numerator is defined", "False");
  renders("' a b c '.split(none, 1)", "['a', 'b c ']");
  renders("' a b '.split(none, 0)", "['a b ']");
  renders("' a b c '.rsplit(none, 1)", "[' a b', 'c']");
  renders("' a b c '.rsplit(none, 0)", "[' a b c']");
  renders("'a b'.rsplit(none, 5)", "['a', 'b']");
  renders("'  '.split()", "[]");
  renders("'  '.rsplit(none, 0)", "[]");
  renders(R"(' a\tb '.rsplit())", "['a', 'b']");
  renders("'aaa'.rsplit('aa')", "['a', '']");
  renders("'aaa'.split('aa')", "['', 'a']");
  renders("'a,b,c'.rsplit(',', 1)", "['a,b', 'c']");
  renders("'a,b,c'.split(',', 0)", "['a,b,c']");
  renders("''.rsplit(',')", "['']");
  renders("',a,'.rsplit(',', 1)", "[',a', '']");
  renders(R"('a\r\nb\n\nc'.splitlines())", "['a', 'b', '', 'c']");
  renders(R"('a\r\nb'.splitlines(true))", "['a\\r\\n', 'b']");
  renders("'xyx' | trim('x')", "y");
  renders("' x ' | trim(none)", "x");
  renders("'ababab'.replace('ab', 'c', 2)", "ccab");
  renders("'aaaa'.count('aa')", "2");
  renders("'%*d|%-*d' % (-4, 1, 3, 2)", "1   |2  ");
  renders("'{b}{a}'.format(a=1, b=2)", "21");
  renders("[[1]|tojson(separators=(',',':'))]", "['[1]']");
}

// ---- messages

TEST(ChatTemplate, ErrorsNameTheLine) {
  expect_error(ErrorKind::invalid_format, {"endif", "line 2"},
               [] { return ChatTemplate("a\n{% if x %}"); });
  expect_error(ErrorKind::invalid_format, {"there is no filter \"frob\"", "line 1"},
               [] { return ChatTemplate("{{ x | frob }}"); });
  expect_error(ErrorKind::unsupported, {"urlize", "line 3"},
               [] { return ChatTemplate("\n\n{{ x | urlize }}"); });
  expect_error(ErrorKind::unsupported, {"include"},
               [] { return ChatTemplate("{% include 'x' %}"); });
  expect_error(ErrorKind::tokenizer_error, {"no tools here", "line 2"}, [] {
    return ChatTemplate("a\n{{ raise_exception('no tools ' ~ 'here') }}").render({});
  });
  expect_error(ErrorKind::tokenizer_error, {"'x' is undefined", "line 1"},
               [] { return ChatTemplate("{{ x.y }}\n").render({}); });
  expect_error(ErrorKind::invalid_utf8, {"byte 1"}, [] { return ChatTemplate("a\xFF"); });
  expect_error(ErrorKind::invalid_utf8, {"byte 1"},
               [] { return ChatTemplate("{{ messages }}").render("a\xFF"); });
}

}  // namespace
}  // namespace attend::test
