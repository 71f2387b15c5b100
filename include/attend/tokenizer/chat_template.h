// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// ChatTemplate: a conversation to the text that a model was trained on, by the Jinja template of
// its folder. Immutable; every const call may be made from any number of threads.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/chat_value.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// Arguments of apply_chat_template() of transformers.
struct ChatOptions {
  /// Ends with what begins the model's answer.
  bool add_generation_prompt = false;
  /// Ends where the last message does, so that the model goes on with it.
  bool continue_final_message = false;
  /// Lists of objects; None in the template when absent.
  std::optional<ChatValue> tools = {};
  std::optional<ChatValue> documents = {};
  /// What else the template may ask for. They go before special tokens of the same name.
  ChatValue::Object variables = {};
  /// What strftime_now() of a template prints, in local time; the time of the call when absent.
  std::optional<std::chrono::system_clock::time_point> now = {};
};

/// A text and its parts that {% generation %} encloses, which are the model's own words.
struct RenderedChat {
  std::string text;
  std::vector<Range> generated;  ///< bytes of `text`
};

/// Jinja as far as the sandbox of transformers 4.57 lets a template use it, with limits on time,
/// memory and recursion (`attend info` lists them). Not there: inheritance and inclusion of other
/// templates, {% autoescape %}, filters that no chat has a use for (filesizeformat, pprint, random,
/// striptags, urlize, wordwrap, xmlattr), integers beyond 64 bits other than as they are written.
class ATTEND_EXPORT ChatTemplate {
 public:
  /// `variables`: what the template finds in every call, special tokens above all.
  /// Throws: invalid_format with the line, invalid_utf8, resource_limit, unsupported.
  explicit ChatTemplate(std::string source, ChatValue::Object variables = {});

  /// The text of `messages`, a list of objects. To be encoded without special tokens: the template
  /// has put them in. Throws: tokenizer_error with the line of the template for what Python would
  /// raise there, its raise_exception() included; resource_limit; invalid_utf8; config_error for
  /// options that do not go together.
  [[nodiscard]] std::string render(const ChatValue& messages,
                                   const ChatOptions& options = {}) const;
  /// The same, and which parts of it are the model's. Throws: config_error, too, with
  /// continue_final_message, as in the reference.
  [[nodiscard]] RenderedChat render_with_generated(const ChatValue& messages,
                                                   const ChatOptions& options = {}) const;

  [[nodiscard]] const std::string& source() const noexcept;

 private:
  struct Implementation;
  std::shared_ptr<const Implementation> implementation_;
};

/// Which of several templates is meant.
struct ChatTemplateChoice {
  /// Empty: "tool_use" for a conversation with tools where there is such a one, else "default".
  std::string_view name = {};
  bool has_tools = false;
  /// A template in the place of those of the folder; or the name of one, as in the reference.
  std::string_view source = {};
};

}  // namespace attend
