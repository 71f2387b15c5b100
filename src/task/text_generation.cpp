// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Prompts to ids, and ids to texts; what is between them is Generator's.
// Source: transformers 4.57 pipelines/text_generation.py.
#include "attend/task/text_generation.h"

#include <algorithm>
#include <map>

#include "attend/core/error.h"
#include "attend/task/text_stream.h"
#include "attend/text/utf8.h"
#include "task/generation_fields.h"
#include "task/typed_items.h"

namespace attend {
namespace {

constexpr std::string_view where_text_generation = "text-generation";
constexpr TokenId no_id = -1;

[[noreturn]] void reject(std::string what, std::string expected, std::string found) {
  fail(ErrorKind::config_error, {.where = std::string(where_text_generation),
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .found = std::move(found)});
}

/// The text after so many code points.
std::string_view behind(std::string_view text, Index code_points) {
  for (; code_points > 0 && !text.empty(); --code_points) {
    text.remove_prefix(static_cast<std::size_t>(std::max(1, decode_utf8(text).length)));
  }
  return text;
}

// ---- conversations

const ChatValue::Array& messages_of(const ChatValue& chat) {
  const auto* messages = chat.get<ChatValue::Array>();
  if (messages == nullptr || messages->empty()) {
    reject("conversation", "a list of at least one message", "something else");
  }
  for (const ChatValue& message : *messages) {
    if (message.find("role") != nullptr && message.find("content") != nullptr) continue;
    reject("message", "an object with a role and a content", "one without");
  }
  return *messages;
}

bool ends_with_assistant(const ChatValue::Array& messages) {
  const auto* role = messages.back().find("role")->get<std::string>();
  return role != nullptr && *role == "assistant";
}

// ---- what is the same for all prompts of a call

class Call {
 public:
  Call(const Generator& generator, const TextGenerationOptions& options)
      : generator_(generator),
        tokenizer_(*generator.task_model().tokenizer),
        options_(options),
        prefix_(options.prefix.value_or(generator.defaults().prefix)),
        config_(options.config) {
    refuse_outputs(config_, where_text_generation);
    if (const auto& stop = options.stop_sequence) {
      auto ids = tokenizer_.encode(*stop, {.add_special_tokens = false}).ids;
      if (ids.empty()) reject("stop_sequence", "a text with tokens", quote(*stop));
      config_.eos_token_id = std::move(ids);
    }
    if (!prefix_.empty()) make_room_for_prefix();
  }

  [[nodiscard]] const GenerationConfig& config() const noexcept { return config_; }

  /// Tokens that the model reads.
  [[nodiscard]] std::vector<TokenId> encode(const TextPrompt& prompt) {
    auto ids = prompt.messages ? encode_chat(*prompt.messages) : encode_text(prompt.text);
    if (options_.handle_long_generation == LongPrompts::cut) keep_end(ids);
    return ids;
  }

  [[nodiscard]] TextGeneration::Result finish(const TextPrompt& prompt,
                                              std::span<const TokenId> read,
                                              const Generation& generation) const {
    const auto rows = padded(generation.sequences, generation.fill);
    TextGeneration::Result out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const GeneratedSequence& sequence = generation.sequences[i];
      GeneratedText text{
          .ids = rows[i],
          .prompt_tokens = generation.prompt_length,
          .new_tokens = static_cast<Index>(sequence.ids.size()) - generation.prompt_length,
          .score = sequence.score,
          .reason = sequence.reason};
      write(prompt, read, text);
      out.push_back(std::move(text));
    }
    return out;
  }

 private:
  // As in the reference, whose own max_new_tokens goes before max_length all the same.
  void make_room_for_prefix() {
    const auto tokens =
        tokenizer_
            .encode(prefix_, {.add_special_tokens = options_.add_special_tokens.value_or(false)})
            .size();
    if (!is_given("max_new_tokens", config_.max_new_tokens)) {
      config_.max_length = config_.max_length.value_or(usual_max_length()) + tokens;
    }
    if (!is_given("min_new_tokens", config_.min_new_tokens) && config_.min_length) {
      *config_.min_length += tokens;
    }
  }

  [[nodiscard]] bool is_given(std::string_view name, std::optional<Index> value) const {
    const auto& unset = options_.unset;
    return value || std::find(unset.begin(), unset.end(), name) != unset.end();
  }

  [[nodiscard]] Index usual_max_length() const {
    return *merged(generator_.defaults().config, default_generation_config()).max_length;
  }

  [[nodiscard]] std::optional<Truncation> truncation(
      std::optional<TruncationStrategy> strategy) const {
    if (!strategy) return std::nullopt;
    const auto& length = options_.truncation_length;
    const auto tokens = length ? length : generator_.task_model().max_length();
    if (!tokens) return std::nullopt;
    return Truncation{.max_length = *tokens,
                      .strategy = *strategy,
                      .side = tokenizer_.settings().truncation_side};
  }

  [[nodiscard]] std::vector<TokenId> encode_text(std::string_view text) const {
    auto strategy = options_.truncation;
    if (!strategy && options_.truncation_length) strategy = TruncationStrategy::longest_first;
    const EncodeOptions how{.add_special_tokens = options_.add_special_tokens.value_or(true),
                            .truncation = truncation(strategy),
                            .fields = EncodingFields::ids};
    if (prefix_.empty()) return tokenizer_.encode(text, how).ids;
    return tokenizer_.encode(prefix_ + std::string(text), how).ids;
  }

  [[nodiscard]] bool continues(const ChatValue::Array& messages) const {
    return options_.continue_final_message.value_or(ends_with_assistant(messages));
  }

  [[nodiscard]] std::vector<TokenId> encode_chat(const ChatValue& chat) {
    ChatOptions how = options_.chat;
    how.continue_final_message = continues(messages_of(chat));
    how.add_generation_prompt = !how.continue_final_message;
    if (!template_) {
      ChatTemplateChoice choice = options_.chat_template;
      choice.has_tools = how.tools.has_value();
      template_.emplace(tokenizer_.chat_template(choice));
    }
    return tokenizer_
        .encode(template_->render(chat, how), {.add_special_tokens = false,
                                               .truncation = truncation(options_.truncation),
                                               .fields = EncodingFields::ids})
        .ids;
  }

  // handle_long_generation "hole", which in the reference does not see the call's max_length.
  void keep_end(std::vector<TokenId>& ids) const {
    const auto limit = tokenizer_.settings().model_max_length;
    const auto tokens = static_cast<Index>(ids.size());
    Index wanted = config_.max_new_tokens.value_or(0);
    if (!config_.max_new_tokens) {
      wanted = usual_max_length() - tokens;
      if (wanted < 0) {
        reject("handle_long_generation",
               "max_new_tokens in the call, or in the folder a max_length above the prompt's " +
                   std::to_string(tokens) + " tokens",
               std::to_string(wanted + tokens));
      }
    }
    if (!limit || tokens + wanted <= *limit) return;
    const Index kept = *limit - wanted;
    if (kept <= 0) {
      reject("handle_long_generation",
             "fewer new tokens than the model's " + std::to_string(*limit), std::to_string(wanted));
    }
    ids.erase(ids.begin(), ids.end() - std::min(kept, tokens));
  }

  void write(const TextPrompt& prompt, std::span<const TokenId> read, GeneratedText& out) const {
    const DecodeOptions how{.skip_special_tokens = options_.skip_special_tokens,
                            .clean_up_tokenization_spaces = options_.clean_up_tokenization_spaces};
    const std::string all = generator_.decode(out.ids, how);
    const std::string before = generator_.decode(read, how);
    const std::string added(behind(all, count_code_points(before)));
    if (options_.returned == ReturnedText::generated) {
      out.text = added;
    } else if (!prompt.messages) {
      out.text = std::string(prompt.text) + added;
    } else {
      write_message(*prompt.messages, added, out);
    }
  }

  void write_message(const ChatValue& chat, const std::string& added, GeneratedText& out) const {
    ChatValue::Array messages = messages_of(chat);
    out.text = added;
    if (continues(messages)) {
      // As in the reference, whatever other keys the message had.
      const ChatValue& last = messages.back();
      const auto* text = last.find("content")->get<std::string>();
      if (text == nullptr) reject("content of the last message", "a text to go on with", "none");
      out.text = *text + added;
      messages.back() =
          ChatValue::Object{{"role", *last.find("role")}, {"content", ChatValue(out.text)}};
    } else {
      messages.push_back(chat_message("assistant", added));
    }
    out.messages = std::move(messages);
  }

  const Generator& generator_;
  const Tokenizer& tokenizer_;
  const TextGenerationOptions& options_;
  std::string prefix_;
  GenerationConfig config_;
  std::optional<ChatTemplate> template_;
};

/// Tokens of many texts as pieces of each.
class TextStreams {
 public:
  TextStreams(const Tokenizer& tokenizer, const TextGenerationOptions& options,
              std::span<const std::vector<TokenId>> prompts)
      : tokenizer_(tokenizer), options_(options), prompts_(prompts) {}

  bool push(Index prompt, Index sequence, TokenId id) {
    auto found = streams_.find({prompt, sequence});
    if (found == streams_.end()) {
      const StreamOptions how{.skip_special_tokens = options_.skip_special_tokens};
      found = streams_.emplace(std::pair(prompt, sequence), TextStream(tokenizer_, how)).first;
      found->second.skip(prompts_[static_cast<std::size_t>(prompt)]);
    }
    // What no token has is no text either.
    if (!tokenizer_.known_token(id)) return true;
    const std::string piece = found->second.push(id);
    if (piece.empty() || show(found->first, piece)) return true;
    streams_.erase(found);
    return false;
  }

  // Not for who has thrown.
  void finish() {
    if (is_thrown_) return;
    for (auto& [place, stream] : streams_) {
      const std::string rest = stream.finish();
      if (!rest.empty()) (void)show(place, rest);
    }
  }

 private:
  using Place = std::pair<Index, Index>;

  bool show(const Place& place, std::string_view piece) {
    is_thrown_ = true;
    const bool goes_on = options_.on_text(place.first, place.second, piece);
    is_thrown_ = false;
    return goes_on;
  }

  const Tokenizer& tokenizer_;
  const TextGenerationOptions& options_;
  std::span<const std::vector<TokenId>> prompts_;
  std::map<Place, TextStream> streams_;
  bool is_thrown_ = false;  // an exception of on_text
};

}  // namespace

TextGeneration::TextGeneration(TaskModel model, GenerationDefaults defaults)
    : generator_(std::move(model), std::move(defaults)) {}

GenerationDefaults TextGeneration::task_defaults() {
  GenerationDefaults out;
  out.config.max_new_tokens = 256;
  out.config.do_sample = true;
  out.config.temperature = 0.7;
  return out;
}

TextGeneration TextGeneration::load(const std::filesystem::path& folder,
                                    const ModelOptions& options) {
  TaskModel model = TaskModel::load(folder, HeadKind::causal_lm, options);
  return TextGeneration(std::move(model), read_generation_defaults(folder, where_text_generation,
                                                                   task_defaults().config));
}

TextGeneration::Result TextGeneration::operator()(const TextPrompt& prompt,
                                                  const TextGenerationOptions& options,
                                                  const RunOptions& run) const {
  return std::move(each({&prompt, 1}, options, run).front()).value();
}

std::vector<TextGeneration::Result> TextGeneration::operator()(std::span<const TextPrompt> prompts,
                                                               const TextGenerationOptions& options,
                                                               const RunOptions& run) const {
  return values(each(prompts, options, run));
}

std::vector<Outcome<TextGeneration::Result>> TextGeneration::each(
    std::span<const TextPrompt> prompts, const TextGenerationOptions& options,
    const RunOptions& run) const {
  Call call(generator_, options);
  std::vector<std::vector<TokenId>> ids(prompts.size());
  std::vector<std::optional<Error>> errors(prompts.size());
  std::vector<GenerationPrompt> runs;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    try {
      ids[i] = call.encode(prompts[i]);
    } catch (const Error& error) {
      errors[i] = error;
      ids[i] = {no_id};  // refused, so that the others keep their numbers
    }
    runs.push_back({.ids = ids[i], .stream = prompts[i].stream});
  }
  GenerationOptions how{.config = call.config(),
                        .unset = options.unset,
                        .seed = options.seed,
                        .callbacks = options.callbacks,
                        .stopping = {.criterion = options.criterion}};
  TextStreams streams(*task_model().tokenizer, options, ids);
  if (options.on_text) {
    how.on_token = [&](Index prompt, Index sequence, TokenId id) {
      return streams.push(prompt, sequence, id);
    };
  }
  const auto generations = [&] {
    try {
      return generator_(runs, std::move(how), run);
    } catch (...) {
      streams.finish();  // what was written is not lost
      throw;
    }
  }();
  streams.finish();
  std::vector<Outcome<Result>> out;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    try {
      if (errors[i]) throw *errors[i];
      out.emplace_back(call.finish(prompts[i], ids[i], generations[i].value()));
    } catch (const Error& error) {
      out.emplace_back(error);
    }
  }
  return out;
}

}  // namespace attend
