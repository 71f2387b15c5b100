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
#include "core/limits.h"
#include "tokenizer/chat_value_json.h"

namespace attend::cli {
namespace {

struct ChatParameters {
  ChatOptions options;
  std::string chat_template;  ///< the name of one, or its text
};

constexpr std::array<Parameter<ChatParameters>, 5> chat_table{{
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
    if (const auto* const row = find_row<ChatParameters>(chat_table, name)) {
      row->read(value, out);
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

/// Several conversations begin with one: a list, or an object that has messages.
bool is_batch(const JsonField& input) {
  if (!input.is_array() || input.size() == 0) return false;
  const JsonField first = input.elements().front();
  return first.is_array() || (first.is_object() && first.find("messages").has_value());
}

class ChatTask : public JsonTask {
 public:
  ChatTask(const std::filesystem::path& model, const ModelOptions&)
      : tokenizer_(Tokenizer::load(model)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions&) const override {
    const ChatParameters p = read_chat_parameters(parameters);
    const ChatTemplate chat = tokenizer_.chat_template(
        {.has_tools = p.options.tools.has_value(), .source = p.chat_template});
    std::vector<JsonAnswer> answers;
    for (const JsonField& input : inputs) {
      try {
        answers.emplace_back(answer(chat, input, p.options));
      } catch (const Error& error) {
        answers.emplace_back(error);
      }
    }
    return answers;
  }

 private:
  std::string answer(const ChatTemplate& chat, const JsonField& input,
                     const ChatOptions& options) const {
    JsonWriter json;
    if (!is_batch(input)) {
      write(json, chat.render(read_messages(input), options));
      return json.take();
    }
    std::size_t bytes = 0;
    std::size_t item = 0;
    json.array(input.elements(), [&](const JsonField& one) {
      try {
        const std::string text = chat.render(read_messages(one), options);
        bytes += text.size();
        if (bytes > limits::text_bytes) {
          one.reject(ErrorKind::resource_limit,
                     "texts of at most " + std::to_string(limits::text_bytes) + " bytes in all");
        }
        write(json, text);
      } catch (const Error& error) {
        throw error_of_item(error, input, item, input.size());
      }
      ++item;
    });
    return json.take();
  }

  void write(JsonWriter& json, const std::string& text) const {
    json.begin_object();
    json.key("text");
    json.string(text);
    json.key("input_ids");
    const EncodeOptions options{.add_special_tokens = false, .fields = EncodingFields::ids};
    json.array(tokenizer_.encode(text, options).ids, [&](TokenId id) { json.integer(id); });
    json.end_object();
  }

  Tokenizer tokenizer_;
};

}  // namespace

std::span<const NamedTask> chat_tasks() {
  static constexpr std::array<NamedTask, 1> tasks{{{"chat-template", make_task<ChatTask>}}};
  return tasks;
}

}  // namespace attend::cli
