// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Variables of a call, and what is cut off behind a message that goes on.
// Source: apply_chat_template and utils/chat_template_utils.py of transformers 4.57.
#include "attend/tokenizer/chat_template.h"

#include <algorithm>
#include <array>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/limits.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/parser.h"
#include "tokenizer/jinja/renderer.h"

namespace attend {
namespace {

constexpr std::string_view where_chat_template = "ChatTemplate";
// What a message that goes on gets for the time of rendering; trimmed where a template trims.
constexpr std::string_view mark = "CONTINUE_FINAL_MESSAGE_TAG ";
constexpr std::string_view trimmed_mark = mark.substr(0, mark.size() - 1);

std::string_view hint_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_format: return "the template is no Jinja that transformers would take";
    case ErrorKind::unsupported: return "render it with transformers, or change the template";
    case ErrorKind::resource_limit: return "attend info prints the limits of templates";
    default: return "look at this line of the template and at the messages";
  }
}

// body(); what goes wrong in a template becomes an Error that names the line.
template <class Body>
decltype(auto) naming_line(const std::size_t& line, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const jinja::Failure& failure) {
    const std::size_t at = failure.line != 0 ? failure.line : line;
    fail(failure.kind, {.where = std::string(where_chat_template),
                        .what = failure.what,
                        .file = at != 0 ? "line " + std::to_string(at) + " of the template" : "",
                        .hint = std::string(hint_of(failure.kind))});
  }
}

[[noreturn]] void fail_options(std::string what, std::string expected, std::string hint) {
  fail(ErrorKind::config_error, {.where = std::string(where_chat_template),
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .hint = std::move(hint)});
}

/// ChatValues as values of a template.
class Importer {
 public:
  explicit Importer(jinja::Runtime& runtime) : runtime_(runtime) {}

  jinja::Value operator()(const ChatValue& value) {
    const jinja::Meter::Level level(runtime_.meter);
    return std::visit([this](const auto& one) { return imported(one); }, value.variant());
  }

 private:
  jinja::Value imported(std::monostate) { return {}; }
  jinja::Value imported(bool value) { return jinja::Value(value); }
  jinja::Value imported(std::int64_t value) { return jinja::Value(value); }
  jinja::Value imported(double value) { return jinja::Value(value); }
  jinja::Value imported(const LargeNumber& value) {
    return {jinja::Type::large_integer,
            jinja::make<jinja::LargeInteger>(runtime_.meter, value.digits.size(), value.digits)};
  }
  jinja::Value imported(const std::string& value) {
    check_utf8(value, where_chat_template);
    return runtime_.text(value);
  }
  jinja::Value imported(const ChatValue::Array& values) {
    jinja::Items items;
    items.reserve(values.size());
    for (const ChatValue& one : values) items.push_back((*this)(one));
    return runtime_.list(std::move(items));
  }
  jinja::Value imported(const ChatValue::Object& members) {
    std::vector<std::pair<std::string, jinja::Value>> entries;
    for (const auto& [key, value] : members) {
      check_utf8(key, where_chat_template);
      entries.emplace_back(key, (*this)(value));
    }
    return runtime_.dict(entries);
  }

  jinja::Runtime& runtime_;
};

void check_objects(const std::optional<ChatValue>& values, std::string_view name) {
  if (!values || values->is_null()) return;
  const auto* list = values->get<ChatValue::Array>();
  const auto is_object = [](const ChatValue& one) {
    return one.get<ChatValue::Object>() != nullptr;
  };
  if (list == nullptr || !std::all_of(list->begin(), list->end(), is_object)) {
    fail_options(std::string(name) + " of a chat", "a list of objects",
                 "tools are JSON schemas, documents have a title and a text");
  }
}

constexpr std::array<std::string_view, 4> taken_names = {"messages", "tools", "documents",
                                                         "add_generation_prompt"};

void check_options(const ChatOptions& options) {
  if (options.continue_final_message && options.add_generation_prompt) {
    fail_options("continue_final_message and add_generation_prompt", "one of them",
                 "the first goes on with the last message, the second begins an answer");
  }
  for (const auto& [name, value] : options.variables) {
    if (std::find(taken_names.begin(), taken_names.end(), name) == taken_names.end()) continue;
    fail_options("the variable " + quote(name) + " of a chat", "another name",
                 "the call itself gives this one");
  }
  check_objects(options.tools, "tools");
  check_objects(options.documents, "documents");
}

/// Puts the mark behind the text of the last message, and returns that text as it was.
std::string mark_final_text(ChatValue& messages) {
  const auto fail_message = [](std::string found) {
    fail(ErrorKind::config_error, {.where = std::string(where_chat_template),
                                   .what = "the final message of continue_final_message",
                                   .expected = "a text as its content",
                                   .found = std::move(found),
                                   .hint = "leave the option out, or end with a text"});
  };
  auto* list = messages.get<ChatValue::Array>();
  if (list == nullptr || list->empty()) fail_message("no message");
  ChatValue* content = list->back().find("content");
  if (content == nullptr) fail_message("no content");
  if (auto* blocks = content->get<ChatValue::Array>()) {
    content = nullptr;
    for (auto block = blocks->rbegin(); block != blocks->rend() && content == nullptr; ++block) {
      content = block->find("text");
    }
    if (content == nullptr) fail_message("no part with a text");
  }
  auto* text = content->get<std::string>();
  if (text == nullptr) fail_message("no text");
  std::string before = *text;
  *text += mark;
  return before;
}

/// What stands before the mark.
void cut_at_mark(std::string& rendered, std::string_view final_text) {
  const std::size_t at = rendered.rfind(trimmed_mark);
  const std::string_view trimmed = jinja::strip(final_text, jinja::Sides::both);
  if (at == std::string::npos || jinja::find_text(rendered, trimmed) == std::string_view::npos) {
    fail(ErrorKind::config_error, {.where = std::string(where_chat_template),
                                   .what = "the final message of continue_final_message",
                                   .expected = "its text in the rendered chat",
                                   .found = "another text",
                                   .hint = "this template drops or changes the final message"});
  }
  const bool keeps_blanks = std::string_view(rendered).substr(at).starts_with(mark);
  rendered.resize(at);
  if (!keeps_blanks) rendered.resize(jinja::strip(rendered, jinja::Sides::right).size());
}

}  // namespace

const ChatValue* ChatValue::find(std::string_view key) const noexcept {
  const auto* members = get<Object>();
  if (members == nullptr) return nullptr;
  const auto found = std::find_if(members->rbegin(), members->rend(),
                                  [&](const auto& one) { return one.first == key; });
  return found != members->rend() ? &found->second : nullptr;
}

ChatValue* ChatValue::find(std::string_view key) noexcept {
  return const_cast<ChatValue*>(std::as_const(*this).find(key));
}

ChatValue chat_message(std::string role, std::string content) {
  return ChatValue::Object{{"role", std::move(role)}, {"content", std::move(content)}};
}

struct ChatTemplate::Implementation {
  std::string source;
  ChatValue::Object variables;
  jinja::Template tree;

  RenderedChat render(const ChatValue& messages, const ChatOptions& options) const;
};

ChatTemplate::ChatTemplate(std::string source, ChatValue::Object variables) {
  check_utf8(source, where_chat_template);
  if (source.size() > limits::template_bytes) {
    fail(ErrorKind::resource_limit,
         {.where = std::string(where_chat_template),
          .what = "bytes of a template",
          .expected = "at most " + std::to_string(limits::template_bytes),
          .found = std::to_string(source.size()),
          .hint = "is it a template at all?"});
  }
  auto made = std::make_shared<Implementation>();
  made->source = std::move(source);
  made->variables = std::move(variables);
  const std::size_t no_line = 0;
  made->tree = naming_line(no_line, [&] { return jinja::parse_template(made->source); });
  implementation_ = std::move(made);
}

const std::string& ChatTemplate::source() const noexcept { return implementation_->source; }

RenderedChat ChatTemplate::Implementation::render(const ChatValue& messages,
                                                  const ChatOptions& options) const {
  jinja::Runtime runtime(options.now.value_or(std::chrono::system_clock::now()));
  return naming_line(runtime.line, [&] {
    Importer import(runtime);
    std::vector<std::pair<std::string, jinja::Value>> all;
    for (const auto& [name, value] : variables) all.emplace_back(name, import(value));
    for (const auto& [name, value] : options.variables) all.emplace_back(name, import(value));
    const std::array<jinja::Value, taken_names.size()> given = {
        import(messages), import(options.tools.value_or(ChatValue())),
        import(options.documents.value_or(ChatValue())),
        jinja::Value(options.add_generation_prompt)};
    for (std::size_t i = 0; i < given.size(); ++i) all.emplace_back(taken_names[i], given[i]);
    jinja::Renderer renderer(runtime, tree, runtime.dict(all));
    RenderedChat out{.text = renderer.render(), .generated = {}};
    for (const jinja::GeneratedPart& part : renderer.generated()) {
      out.generated.push_back({static_cast<Index>(part.begin), static_cast<Index>(part.end)});
    }
    return out;
  });
}

std::string ChatTemplate::render(const ChatValue& messages, const ChatOptions& options) const {
  check_options(options);
  if (!options.continue_final_message) return implementation_->render(messages, options).text;
  ChatValue marked = messages;
  const std::string final_text = mark_final_text(marked);
  std::string out = implementation_->render(marked, options).text;
  cut_at_mark(out, final_text);
  return out;
}

RenderedChat ChatTemplate::render_with_generated(const ChatValue& messages,
                                                 const ChatOptions& options) const {
  check_options(options);
  if (options.continue_final_message) {
    fail_options("the model's parts of a chat with continue_final_message", "one of them",
                 "leave continue_final_message out");
  }
  return implementation_->render(messages, options);
}

}  // namespace attend
