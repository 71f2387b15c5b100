// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run` for text-generation, and for generate: token ids in, token ids out.
// Source: transformers 4.57 pipelines/text_generation.py and generation/utils.py, for parameters
// and nesting.
#include <algorithm>
#include <array>

#include "attend/task/text_generation.h"
#include "cli/generate_outputs.h"
#include "cli/generation_parameters.h"
#include "cli/json_task.h"
#include "cli/results_json.h"
#include "task/generation_fields.h"
#include "tokenizer/chat_value_json.h"

namespace attend::cli {
namespace {

void write_ids(JsonWriter& writer, std::span<const TokenId> ids) {
  writer.array(ids, [&](TokenId id) { writer.integer(id); });
}

// ---- text-generation

struct TextGenerationParameters {
  TextGenerationOptions options;
  GenerationParameters generation;
  TokenizerParameters tokenizer;
  std::optional<bool> return_full_text;
  std::optional<bool> return_text;
  std::optional<bool> return_tensors;
  std::string chat_template;    ///< the name of one, or its text
  std::string of_conversation;  ///< an argument that texts have no use for
  RunOptions run;
};

void read(const JsonField& value, std::optional<bool>& flag) {
  if (!value.is_null()) flag = value.boolean();
}

void read_for_chat(std::string_view name, const JsonField& value, TextGenerationParameters& p,
                   std::optional<ChatValue>& list) {
  if (value.is_null()) return;
  list = read_chat_value(value);
  p.of_conversation = name;
}

using GenerationRow = Parameter<TextGenerationParameters>;

constexpr GenerationRow add_special_tokens_row{
    "add_special_tokens", [](const JsonField& value, TextGenerationParameters& p) {
      read(value, p.options.add_special_tokens);
    }};
constexpr GenerationRow truncation_row{"truncation",
                                       [](const JsonField& value, TextGenerationParameters& p) {
                                         read_truncation(value, p.tokenizer);
                                       }};
// The reference lets the model read padding up to max_length.
constexpr GenerationRow padding_row{"padding",
                                    [](const JsonField& value, TextGenerationParameters& p) {
                                      if (value.is_null()) return;
                                      read_padding(value, p.tokenizer);
                                      if (p.tokenizer.padding != PaddingStrategy::max_length)
                                        return;
                                      value.reject(ErrorKind::unsupported, "another strategy");
                                    }};
constexpr GenerationRow tools_row{"tools", [](const JsonField& value, TextGenerationParameters& p) {
                                    read_for_chat("tools", value, p, p.options.chat.tools);
                                  }};
constexpr GenerationRow documents_row{
    "documents", [](const JsonField& value, TextGenerationParameters& p) {
      read_for_chat("documents", value, p, p.options.chat.documents);
    }};

// tokenizer_encode_kwargs: arguments of the tokenizer, or of apply_chat_template().
constexpr std::array<GenerationRow, 7> encode_table{{
    add_special_tokens_row,
    truncation_row,
    padding_row,
    tools_row,
    documents_row,
    {"max_length", [](const JsonField& value, auto& p) { read_max_length(value, p.tokenizer); }},
    {"chat_template",
     [](const JsonField& value, auto& p) {
       if (value.is_null()) return;
       p.chat_template = std::string(value.string());
       p.of_conversation = "chat_template";
     }},
}};

// Arguments of apply_chat_template() that the task gives, or that give no ids.
constexpr std::array<std::string_view, 7> taken_arguments = {
    "conversation", "continue_final_message",       "tokenize",        "return_tensors",
    "return_dict",  "return_assistant_tokens_mask", "tokenizer_kwargs"};

/// Any other name is a variable of the template, as keywords of Python are.
void read_encode_arguments(const JsonField& arguments, TextGenerationParameters& p) {
  if (arguments.is_null()) return;
  for (const auto& [name, value] : arguments.members()) {
    if (const auto* const row = find_row<TextGenerationParameters>(encode_table, name)) {
      row->read(value, p);
      continue;
    }
    if (std::find(taken_arguments.begin(), taken_arguments.end(), name) != taken_arguments.end()) {
      reject_unknown_parameter(name, names_of<TextGenerationParameters>(encode_table));
    }
    p.options.chat.variables.emplace_back(std::string(name), read_chat_value(value));
    p.of_conversation = name;
  }
}

constexpr std::array<GenerationRow, 17> text_generation_table{{
    add_special_tokens_row,
    truncation_row,
    padding_row,
    tools_row,
    documents_row,
    // For the tokenizer and for generate().
    {"max_length",
     [](const JsonField& value, auto& p) {
       read_max_length(value, p.tokenizer);
       if (!value.is_null()) p.generation.config.max_length = read_index(value, 0);
     }},
    {"tokenizer_encode_kwargs", read_encode_arguments},
    {"return_full_text", [](const JsonField& value, auto& p) { read(value, p.return_full_text); }},
    {"return_text", [](const JsonField& value, auto& p) { read(value, p.return_text); }},
    {"return_tensors", [](const JsonField& value, auto& p) { read(value, p.return_tensors); }},
    {"clean_up_tokenization_spaces",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.clean_up_tokenization_spaces = value.boolean();
     }},
    {"skip_special_tokens",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.skip_special_tokens = value.boolean();
     }},
    {"prefix",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.prefix = std::string(value.string());
     }},
    {"stop_sequence",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.options.stop_sequence = std::string(value.string());
     }},
    {"handle_long_generation",
     [](const JsonField& value, auto& p) {
       using Choice = std::pair<std::string_view, LongPrompts>;
       static constexpr std::array<Choice, 1> choices{Choice{"hole", LongPrompts::cut}};
       if (value.is_null()) return;
       p.options.handle_long_generation = read_choice(value, std::span<const Choice>(choices));
     }},
    {"continue_final_message",
     [](const JsonField& value, auto& p) { read(value, p.options.continue_final_message); }},
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
}};

// As the reference has it: each of the three with another is an error, and return_tensors decides
// by being there, be it false.
void check_returned(const TextGenerationParameters& p) {
  const auto refuse = [](std::string_view one, std::string_view other) {
    fail(ErrorKind::config_error, {.where = "text-generation",
                                   .what = std::string(one),
                                   .expected = "no " + std::string(other) + " beside it",
                                   .found = "both"});
  };
  if (p.return_full_text && p.return_text) refuse("return_full_text", "return_text");
  if (p.return_full_text && p.return_tensors) refuse("return_full_text", "return_tensors");
  if (p.return_tensors && p.return_text) refuse("return_tensors", "return_text");
}

InputForm read_chat(const JsonField& messages, std::vector<TextPrompt>& prompts) {
  prompts.emplace_back(read_chat_value(messages));
  return InputForm::object;
}

/// A text, a conversation (a list of messages), or a list of one or the other.
InputForm read_prompts(const JsonField& input, std::vector<TextPrompt>& prompts) {
  const std::size_t before = prompts.size();
  InputForm form = InputForm::list;
  if (input.is_string()) {
    prompts.emplace_back(std::string_view(input.string()));
    form = InputForm::text;
  } else {
    if (!input.is_array()) input.reject("a text, a conversation or a list of one or the other");
    const auto elements = input.elements();
    if (!elements.empty() && elements.front().is_object()) {
      form = read_chat(input, prompts);
    } else {
      for (const JsonField& element : elements) {
        if (element.is_array()) {
          static_cast<void>(read_chat(element, prompts));
        } else {
          prompts.emplace_back(std::string_view(element.string()));
        }
      }
    }
  }
  // An answer is the same whatever other lines run beside it.
  for (std::size_t i = before; i < prompts.size(); ++i) {
    prompts[i].stream = static_cast<Index>(i - before);
  }
  return form;
}

void check_texts(std::span<const TextPrompt> prompts, const TextGenerationParameters& p) {
  const bool has_text = std::any_of(prompts.begin(), prompts.end(),
                                    [](const TextPrompt& one) { return !one.messages; });
  if (!has_text || p.of_conversation.empty()) return;
  fail(ErrorKind::config_error, {.where = "text-generation",
                                 .what = quote(p.of_conversation),
                                 .expected = "a conversation, whose template has a use for it",
                                 .found = "a text"});
}

class TextGenerationTask : public JsonTask {
 public:
  TextGenerationTask(const std::filesystem::path& model, const ModelOptions& options)
      : task_(TextGeneration::load(model, options)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    TextGenerationParameters p{.run = run};
    read_generation_parameters<TextGenerationParameters>(parameters, text_generation_table, p);
    check_returned(p);
    p.options.config = p.generation.config;
    p.options.unset = p.generation.unset;
    p.options.seed = p.generation.seed;
    p.options.truncation = p.tokenizer.truncation;
    if (p.tokenizer.effective_truncation()) p.options.truncation_length = p.tokenizer.max_length;
    p.options.chat_template.source = p.chat_template;
    if (!p.return_full_text.value_or(true)) p.options.returned = ReturnedText::generated;
    return answer_lists<TextPrompt>(
        inputs,
        [&](const JsonField& input, std::vector<TextPrompt>& prompts) {
          const std::size_t before = prompts.size();
          const InputForm form = read_prompts(input, prompts);
          check_texts(std::span(prompts).subspan(before), p);
          return form;
        },
        [&](const std::vector<TextPrompt>& prompts) {
          return task_.each(prompts, p.options, p.run);
        },
        [&](JsonWriter& writer, const TextGeneration::Result& texts) {
          writer.array(texts, [&](const GeneratedText& text) {
            if (p.return_tensors) return write_tokens(writer, text);
            write_json(writer, text);
          });
        });
  }

 private:
  static void write_tokens(JsonWriter& writer, const GeneratedText& text) {
    writer.begin_object();
    writer.key("generated_token_ids");
    write_ids(writer, text.ids);
    writer.end_object();
  }

  TextGeneration task_;
};

// ---- generate

struct GenerateParameters {
  GenerationParameters generation;
  bool returns_dict = false;
  RunOptions run;
};

constexpr std::array<Parameter<GenerateParameters>, 2> generate_table{{
    {"batch_size", [](const JsonField& value, auto& p) { read_batch_size(value, p.run); }},
    // As in the reference nothing but sequences is returned without.
    {"return_dict_in_generate",
     [](const JsonField& value, auto& p) { p.returns_dict = read_flag(value); }},
}};

/// The rows of a call, and where each has its padding.
struct GenerateInput {
  std::vector<std::vector<TokenId>> ids;
  std::vector<Index> padding;  // in front
  bool has_padding = false;    // there, or dropped
};

class GenerateTask : public JsonTask {
 public:
  GenerateTask(const std::filesystem::path& model, const ModelOptions& options)
      : generator_(TaskModel::load(model, generating_head(model), options)),
        config_(read_generation_defaults(model).config) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions& run) const override {
    GenerateParameters p{.run = run};
    read_generation_parameters<GenerateParameters>(parameters, generate_table, p);
    if (!p.returns_dict) p.generation.config = without_outputs(std::move(p.generation.config));
    std::vector<JsonAnswer> answers;
    for (const JsonField& input : inputs) {
      try {
        answers.emplace_back(answer_one(input, p));
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) throw;
        answers.emplace_back(error);
      }
    }
    return answers;
  }

  // They run one at a time in any case.
  std::size_t requests_together(const RunOptions& /*run*/) const override { return 1; }

 private:
  static std::vector<TokenId> read_row(const JsonField& row) {
    std::vector<TokenId> ids;
    row.visit_elements([&](const JsonField& id) {
      ids.push_back(static_cast<TokenId>(
          id.integer(std::numeric_limits<TokenId>::min(), std::numeric_limits<TokenId>::max())));
    });
    return ids;
  }

  // A decoder's padding stays in its row, an encoder's is dropped.
  void read_mask(const JsonField& mask, std::size_t row, GenerateInput& to) const {
    std::vector<TokenId>& ids = to.ids[row];
    const auto bits = read_row(mask);
    if (bits.size() != ids.size()) mask.reject("as many values as there are ids");
    const auto first = std::find(bits.begin(), bits.end(), 1);
    const auto end = std::find(first, bits.end(), 0);
    const bool is_right = first == bits.begin();
    const bool is_left = end == bits.end();
    if (first == bits.end() || std::count(bits.begin(), bits.end(), 1) != end - first ||
        !(generator_.has_encoder() ? is_right : is_left)) {
      mask.reject(generator_.has_encoder() ? "ones, then zeros for padding"
                                           : "zeros for padding, then ones");
    }
    if (generator_.has_encoder()) {
      ids.resize(static_cast<std::size_t>(end - bits.begin()));
    } else {
      to.padding[row] = first - bits.begin();
    }
    to.has_padding |= !is_right || !is_left;
  }

  [[nodiscard]] GenerateInput read_input(const JsonField& input) const {
    reject_other_keys(input, {"input_ids", "attention_mask"});
    GenerateInput out;
    for (const JsonField& row : input.at("input_ids").elements()) out.ids.push_back(read_row(row));
    out.padding.resize(out.ids.size());
    const auto mask = input.find("attention_mask");
    if (!mask) return out;
    const auto rows = mask->elements();
    if (rows.size() != out.ids.size()) mask->reject("as many rows as input_ids has");
    for (std::size_t i = 0; i < rows.size(); ++i) read_mask(rows[i], i, out);
    return out;
  }

  [[nodiscard]] std::string answer_one(const JsonField& input, const GenerateParameters& p) const {
    const GenerateInput rows = read_input(input);
    std::vector<GenerationPrompt> prompts;
    for (std::size_t i = 0; i < rows.ids.size(); ++i) {
      GenerationPrompt prompt{.padding = rows.padding[i]};
      (generator_.has_encoder() ? prompt.encoder_ids : prompt.ids) = rows.ids[i];
      prompts.push_back(prompt);
    }
    GenerationOptions options{
        .config = p.generation.config,
        .model_config = config_,
        .unset = p.generation.unset,
        .seed = p.generation.seed,
        .stopping = {.texts = token_texts(*generator_.task_model().tokenizer)}};
    const GenerateOutputs outputs(config_of(options),
                                  {.count = prompts.size(), .have_padding = rows.has_padding});
    options.max_output_bytes = outputs.max_bytes();
    const auto outcomes =
        generate_each(*generator_.task_model().model, prompts, std::move(options), p.run);
    std::vector<GeneratedSequence> sequences;
    TokenId fill = 0;
    for (const auto& outcome : outcomes) {
      if (!outcome.ok()) throw outputs.in_words_of_request(outcome.error());
      const Generation& generation = outcome.value();
      fill = generation.fill;
      sequences.insert(sequences.end(), generation.sequences.begin(), generation.sequences.end());
    }
    JsonWriter writer;
    writer.begin_object();
    write_sequences(writer, sequences, fill);
    if (outputs.any()) {
      outputs.write(writer, outcomes.front().value(), generator_.has_encoder());
    }
    writer.end_object();
    return writer.take();
  }

  void write_sequences(JsonWriter& writer, std::span<const GeneratedSequence> sequences,
                       TokenId fill) const {
    const auto rows = padded(sequences, fill);
    writer.key("sequences");
    writer.array(rows, [&](const std::vector<TokenId>& ids) { write_ids(writer, ids); });
    writer.key("text");
    writer.array(rows, [&](const std::vector<TokenId>& ids) {
      writer.string(generator_.decode(ids, {.skip_special_tokens = true}));
    });
    const bool of_beams = std::any_of(sequences.begin(), sequences.end(), [](const auto& sequence) {
      return !sequence.beam_indices.empty();
    });
    if (of_beams) {
      writer.key("sequences_scores");
      writer.array(sequences, [&](const GeneratedSequence& sequence) {
        writer.number(static_cast<float>(sequence.score));
      });
    }
  }

  Generator generator_;
  GenerationConfig config_;  // the model's, without a task's defaults
};

}  // namespace

std::span<const NamedTask> generation_tasks() {
  static constexpr std::array<NamedTask, 2> tasks{
      {{"text-generation", make_task<TextGenerationTask>}, {"generate", make_task<GenerateTask>}}};
  return tasks;
}

}  // namespace attend::cli
