// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run chat-template`: what apply_chat_template() of transformers makes of a conversation,
// the text and its ids.
#include <array>
#include <string>
#include <utility>

#include "attend/tokenizer/tokenizer.h"
#include "cli/json_parameters.h"
#include "cli/json_task.h"
#include "tokenizer/chat_value_json.h"

namespace attend::cli {
namespace {

struct ChatParameters {
  ChatOptions options;
  std::optional<std::string> chat_template;  ///< the name of one, or its text
};

constexpr std::array<Parameter<ChatParameters>, 5> table{{
    {"add_generation_prompt",
     [](const JsonField& value, auto& p) { p.options.add_generation_prompt = read_flag(value); }},
    {"continue_final_message",
     [](const JsonField& value, auto& p) { p.options.continue_final_message = read_flag(value); }},
    {"tools",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.tools = read_chat_value(value);
     }},
    {"documents",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.documents = read_chat_value(value);
     }},
    {"chat_template",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.chat_template = std::string(value.string());
     }},
}};

/// Any other name is a variable of the template, as keywords of Python are.
ChatParameters read_chat_parameters(const std::optional<JsonField>& parameters) {
  ChatParameters out;
  if (!parameters || parameters->is_null()) return out;
  for (const auto& [name, value] : parameters->members()) {
    const Parameter<ChatParameters>* found = nullptr;
    for (const Parameter<ChatParameters>& row : table) {
      if (row.name == name) found = &row;
    }
    if (found != nullptr) {
      found->read(value, out);
    } else {
      out.options.variables.emplace_back(std::string(name), read_chat_value(value));
    }
  }
  return out;
}

/// A list of messages, alone or as the member "messages".
ChatValue read_messages(const JsonField& input) {
  if (input.is_object()) reject_other_keys(input, {"messages"});
  const JsonField list = input.is_object() ? input.at("messages") : input;
  if (!list.is_array() || list.size() == 0) list.reject("a list of at least one message");
  return read_chat_value(list);
}

class ChatTask : public JsonTask {
 public:
  ChatTask(const std::filesystem::path& model, const ModelOptions&)
      : tokenizer_(Tokenizer::load(model)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions&) const override {
    const ChatParameters p = read_chat_parameters(parameters);
    const ChatTemplate chat = find_template(p);
    std::vector<JsonAnswer> answers;
    for (const JsonField& input : inputs) {
      try {
        answers.emplace_back(written(chat.render(read_messages(input), p.options)));
      } catch (const Error& error) {
        answers.emplace_back(error);
      }
    }
    return answers;
  }

 private:
  ChatTemplate find_template(const ChatParameters& p) const {
    if (!p.chat_template) {
      return tokenizer_.chat_template({.has_tools = p.options.tools.has_value()});
    }
    for (const std::string& name : tokenizer_.chat_template_names()) {
      if (name == *p.chat_template) return tokenizer_.chat_template({.name = name});
    }
    return tokenizer_.chat_template({.source = *p.chat_template});
  }

  std::string written(const std::string& text) const {
    JsonWriter json;
    json.begin_object();
    json.key("text");
    json.string(text);
    json.key("input_ids");
    const EncodeOptions options{.add_special_tokens = false, .fields = EncodingFields::ids};
    json.array(tokenizer_.encode(text, options).ids, [&](TokenId id) { json.integer(id); });
    json.end_object();
    return json.take();
  }

  Tokenizer tokenizer_;
};

}  // namespace

std::span<const NamedTask> chat_tasks() {
  static constexpr std::array<NamedTask, 1> tasks{{{"chat-template", make_task<ChatTask>}}};
  return tasks;
}

}  // namespace attend::cli
