// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run tokenize`: what a tokenizer call of transformers returns, with every optional field,
// and the ids decoded again.
#include <algorithm>
#include <array>

#include "attend/tokenizer/token_map.h"
#include "cli/json_task.h"
#include "cli/tokenize_call.h"

namespace attend::cli {
namespace {

/// Fields that a call can leave out.
struct ReturnedFields {
  bool token_type_ids = true;
  bool attention_mask = true;
  bool special_tokens_mask = true;
  bool offset_mapping = true;
  bool length = false;
};

struct TokenizeParameters {
  TokenizeCall call;
  /// Nothing: where the tokenizer's class returns them.
  std::optional<bool> token_type_ids, attention_mask;
  ReturnedFields fields;
};

/// What a call means that says nothing, for this tokenizer.
TokenizeParameters parameters_for(const TokenizerSettings& settings) {
  TokenizeParameters out;
  if (settings.pads_to_multiple_of == 1) return out;
  out.call.tokenizer.padding = PaddingStrategy::longest;
  out.call.tokenizer.padding_is_false = false;
  out.call.pad_to_multiple_of = settings.pads_to_multiple_of;
  return out;
}

template <auto read>
void tokenizer_row(const JsonField& value, TokenizeParameters& parameters) {
  read(value, parameters.call.tokenizer);
}

template <bool TokenizeCall::*member>
void call_row(const JsonField& value, TokenizeParameters& parameters) {
  parameters.call.*member = read_flag(value);
}

// null is what transformers has by default: it is left to the tokenizer.
template <bool ReturnedFields::*member>
void field_row(const JsonField& value, TokenizeParameters& parameters) {
  if (!value.is_null()) parameters.fields.*member = value.boolean();
}

constexpr std::array<Parameter<TokenizeParameters>, 15> tokenize_table{{
    {"add_special_tokens", tokenizer_row<read_add_special_tokens>},
    {"padding", tokenizer_row<read_padding>},
    {"truncation", tokenizer_row<read_truncation>},
    {"max_length", tokenizer_row<read_max_length>},
    {"truncation_side", tokenizer_row<read_truncation_side>},
    {"stride", [](const JsonField& value, auto& p) { p.call.stride = read_index(value, 0); }},
    {"is_split_into_words", call_row<&TokenizeCall::is_split_into_words>},
    {"pad_to_multiple_of",
     [](const JsonField& value, auto& p) {
       p.call.pad_to_multiple_of.reset();
       if (!value.is_null()) p.call.pad_to_multiple_of = read_index(value, 1);
     }},
    {"padding_side",
     [](const JsonField& value, auto& p) {
       TokenizerParameters side;  // the same words as for the side of truncation
       read_truncation_side(value, side);
       p.call.padding_side = side.truncation_side;
     }},
    {"return_overflowing_tokens", call_row<&TokenizeCall::return_overflowing_tokens>},
    {"return_token_type_ids",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.token_type_ids = value.boolean();
     }},
    {"return_attention_mask",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.attention_mask = value.boolean();
     }},
    {"return_special_tokens_mask", field_row<&ReturnedFields::special_tokens_mask>},
    {"return_offsets_mapping", field_row<&ReturnedFields::offset_mapping>},
    {"return_length", field_row<&ReturnedFields::length>},
}};

/// What one call encodes: texts, text_target, or both; one of each or as many as the list has.
struct CallInput {
  std::vector<CallTexts> sources;
  std::vector<CallTexts> targets;
  InputForm form = InputForm::object;
};

class InputReader {
 public:
  InputReader(const TokenizeCall& call, const TokenizerSettings& settings)
      : is_split_(call.is_split_into_words), is_python_(!settings.cuts_windows) {}

  /// A text, words, or {"text": ..., "text_pair": ...} with any of the four arguments for texts; or
  /// a list of these.
  CallInput read(const JsonField& input) {
    const bool is_list = input.is_array() && !(is_split_ && is_words(input));
    out_.form = is_list ? InputForm::list : InputForm::object;
    if (is_list) {
      for (const JsonField& element : input.elements()) read_one(element);
    } else {
      read_one(input);
    }
    const std::size_t count = std::max(out_.sources.size(), out_.targets.size());
    if (count == 0) input.reject("at least one text");
    for (const auto* texts : {&out_.sources, &out_.targets}) {
      if (!texts->empty() && texts->size() != count) {
        input.reject("the same keys in all texts of a list");
      }
    }
    return std::move(out_);
  }

 private:
  static bool is_words(const JsonField& input) {
    const auto elements = input.elements();
    return elements.empty() || elements.front().is_string();
  }

  CallTexts::Words words_of(const JsonField& value) const {
    if (!is_split_) return {value.string()};
    CallTexts::Words words;
    for (const JsonField& word : value.elements()) words.emplace_back(word.string());
    return words;
  }

  // An empty pair beside a single text is no pair in the fast classes.
  bool counts(const CallTexts::Words& pair) const {
    if (out_.form == InputForm::list || is_python_) return true;
    return is_split_ ? !pair.empty() : !pair.front().empty();
  }

  void read_side(const JsonField& input, std::string_view text_key, std::string_view pair_key,
                 std::vector<CallTexts>& out) const {
    const auto text = input.find(text_key);
    const auto pair = input.find(pair_key);
    if (!text) {
      if (pair) pair->reject(quote(text_key) + " beside it");
      return;
    }
    CallTexts texts{.text = words_of(*text), .pair = std::nullopt};
    if (pair) {
      CallTexts::Words words = words_of(*pair);
      if (counts(words)) texts.pair = std::move(words);
    }
    out.push_back(std::move(texts));
  }

  void read_one(const JsonField& input) {
    if (!input.is_object()) {
      if (!input.is_string() && !is_split_) {
        input.reject("a text or {\"text\": ..., \"text_pair\": ...}");
      }
      out_.sources.push_back({.text = words_of(input), .pair = std::nullopt});
      return;
    }
    reject_other_keys(input, {"text", "text_pair", "text_target", "text_pair_target"});
    const std::size_t before = out_.sources.size() + out_.targets.size();
    read_side(input, "text", "text_pair", out_.sources);
    read_side(input, "text_target", "text_pair_target", out_.targets);
    if (out_.sources.size() + out_.targets.size() == before) {
      input.reject("the key \"text\" or \"text_target\"");
    }
  }

  bool is_split_;
  bool is_python_;  // Marian and M2M100, which have no fast class
  CallInput out_;
};

/// Writes the rows of one call.
class RowWriter {
 public:
  RowWriter(const Tokenizer& tokenizer, std::span<const CallRow> rows, InputForm form,
            JsonWriter& writer)
      : tokenizer_(tokenizer), rows_(rows), form_(form), writer_(writer) {}

  void fields(const ReturnedFields& fields, std::span<const CallTexts> samples) {
    ids("input_ids");
    if (fields.token_type_ids) {
      field("token_type_ids", [&](const CallRow& row) {
        integers(row.type_ids ? *row.type_ids : row.padded.encoding.type_ids);
      });
    }
    if (fields.attention_mask) {
      field("attention_mask", [&](const CallRow& row) { integers(row.padded.attention_mask); });
    }
    if (fields.special_tokens_mask) {
      field("special_tokens_mask",
            [&](const CallRow& row) { integers(row.padded.encoding.special_tokens_mask); });
    }
    if (fields.offset_mapping) offsets(samples);
    if (fields.length) {
      // Only a class without windows gives the number itself for one text.
      const bool is_python = !tokenizer_.settings().cuts_windows;
      numbers("length", is_python ? form_ : InputForm::list,
              [](const CallRow& row) { return row.length; });
    }
  }

  void ids(std::string_view name) {
    field(name, [&](const CallRow& row) { integers(row.padded.encoding.ids); });
  }

  /// Of a class that cuts no windows.
  void overflow() {
    field("overflowing_tokens", [&](const CallRow& row) { integers(row.overflow->tokens); });
    numbers("num_truncated_tokens", form_,
            [](const CallRow& row) { return row.overflow->truncated; });
  }

  void samples() {
    writer_.key("overflow_to_sample_mapping");
    writer_.array(
        rows_, [&](const CallRow& row) { writer_.integer(static_cast<std::int64_t>(row.sample)); });
  }

  /// What Python's BatchEncoding tells of a single text, and the text of its ids.
  void readable_fields() {
    const Encoding& encoding = rows_.front().padded.encoding;
    writer_.key("word_ids");
    writer_.array(encoding.word_ids, [&](std::int32_t word) {
      if (word == none) {
        writer_.null();
      } else {
        writer_.integer(word);
      }
    });
    writer_.key("tokens");
    std::vector<TokenId> known;  // a file may put ids around texts that no token has
    writer_.array(encoding.ids, [&](TokenId id) {
      const auto token = tokenizer_.known_token(id);
      if (!token) return writer_.null();
      writer_.string(*token);
      known.push_back(id);
    });
    writer_.key("decoded");
    writer_.string(tokenizer_.decode(known));
    writer_.key("decoded_without_special_tokens");
    writer_.string(tokenizer_.decode(known, {.skip_special_tokens = true}));
  }

 private:
  // write(row) writes the values of one row.
  template <class Write>
  void field(std::string_view name, Write write) {
    writer_.key(name);
    if (form_ == InputForm::list) writer_.begin_array();
    for (const CallRow& row : rows_) {
      writer_.begin_array();
      write(row);
      writer_.end_array();
    }
    if (form_ == InputForm::list) writer_.end_array();
  }

  // One number a row.
  template <class NumberOf>
  void numbers(std::string_view name, InputForm form, NumberOf number_of) {
    writer_.key(name);
    if (form == InputForm::list) writer_.begin_array();
    for (const CallRow& row : rows_) writer_.integer(number_of(row));
    if (form == InputForm::list) writer_.end_array();
  }

  template <class Values>
  void integers(const Values& values) {
    for (const auto value : values) writer_.integer(value);
  }

  static std::vector<CodePointIndex> indices_of(const CallTexts::Words& texts) {
    return {texts.begin(), texts.end()};
  }

  // The windows of a text stand together, so that one index of it is enough.
  void offsets(std::span<const CallTexts> samples) {
    std::vector<CodePointIndex> text;
    std::vector<CodePointIndex> pair;
    std::optional<std::size_t> indexed;
    field("offset_mapping", [&](const CallRow& row) {
      if (indexed != row.sample) {
        const CallTexts& sample = samples[row.sample];
        text = indices_of(sample.text);
        pair = sample.pair ? indices_of(*sample.pair) : std::vector<CodePointIndex>();
        indexed = row.sample;
      }
      for (const Range range : code_point_offsets(row.padded.encoding, text, pair)) {
        writer_.begin_array();
        writer_.integer(range.begin);
        writer_.integer(range.end);
        writer_.end_array();
      }
    });
  }

  const Tokenizer& tokenizer_;
  std::span<const CallRow> rows_;
  InputForm form_;
  JsonWriter& writer_;
};

class TokenizeTask : public JsonTask {
 public:
  TokenizeTask(const std::filesystem::path& model, const ModelOptions&)
      : tokenizer_(Tokenizer::load(model)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions&) const override {
    const TokenizerSettings& settings = tokenizer_.settings();
    TokenizeParameters p = parameters_for(settings);
    read_parameters<TokenizeParameters>(parameters, tokenize_table, p);
    p.fields.token_type_ids = p.token_type_ids.value_or(settings.has_type_ids);
    p.fields.attention_mask = p.attention_mask.value_or(settings.has_attention_mask);
    p.call.return_token_type_ids = p.fields.token_type_ids;
    std::vector<JsonAnswer> answers;
    for (const JsonField& input : inputs) {
      try {
        answers.emplace_back(answer_one(input, p));
      } catch (const Error& error) {
        answers.emplace_back(error);
      }
    }
    return answers;
  }

 private:
  std::string answer_one(const JsonField& input, const TokenizeParameters& p) const;

  Tokenizer tokenizer_;
};

std::string TokenizeTask::answer_one(const JsonField& input, const TokenizeParameters& p) const {
  const CallInput texts = InputReader(p.call, tokenizer_.settings()).read(input);
  const bool is_target = texts.sources.empty();
  TokenizeCall call = p.call;
  call.is_list = texts.form == InputForm::list;
  const auto& samples = is_target ? texts.targets : texts.sources;
  const auto rows =
      tokenize(tokenizer_, call, samples, is_target ? TextSide::target : TextSide::source);

  JsonWriter json;
  json.begin_object();
  const bool cuts_windows = tokenizer_.settings().cuts_windows;
  const bool lists = call.is_list || (call.return_overflowing_tokens && cuts_windows);
  const InputForm form = lists ? InputForm::list : InputForm::object;
  RowWriter writer(tokenizer_, rows, form, json);
  writer.fields(p.fields, samples);
  if (call.return_overflowing_tokens && cuts_windows) writer.samples();
  if (call.return_overflowing_tokens && !cuts_windows) writer.overflow();
  if (!is_target && !texts.targets.empty()) {
    const auto labels = tokenize(tokenizer_, call, texts.targets, TextSide::target);
    RowWriter(tokenizer_, labels, form, json).ids("labels");
  }
  if (!lists) writer.readable_fields();
  json.end_object();
  return json.take();
}

}  // namespace

std::span<const NamedTask> tokenize_tasks() {
  static constexpr std::array<NamedTask, 1> tasks{{{"tokenize", make_task<TokenizeTask>}}};
  return tasks;
}

}  // namespace attend::cli
