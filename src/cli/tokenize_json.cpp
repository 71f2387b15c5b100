// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run tokenize`: what a tokenizer call of transformers returns, with every optional field,
// and the ids decoded again.
// Source: transformers 4.57 tokenization_utils_base.py `__call__`, tokenization_utils_fast.py.
#include <algorithm>
#include <array>

#include "attend/text/utf8.h"
#include "attend/tokenizer/tokenizer.h"
#include "cli/json_parameters.h"
#include "cli/json_task.h"

namespace attend::cli {
namespace {

struct TokenizeParameters {
  TokenizerParameters tokenizer;
  Index stride = 0;
  bool return_overflowing_tokens = false;
  std::optional<Index> pad_to_multiple_of;
  std::optional<Side> padding_side;
};

template <auto read>
void tokenizer_row(const JsonField& value, TokenizeParameters& parameters) {
  read(value, parameters.tokenizer);
}

constexpr std::array<Parameter<TokenizeParameters>, 9> table{{
    {"add_special_tokens", tokenizer_row<read_add_special_tokens>},
    {"padding", tokenizer_row<read_padding>},
    {"truncation", tokenizer_row<read_truncation>},
    {"max_length", tokenizer_row<read_max_length>},
    {"truncation_side", tokenizer_row<read_truncation_side>},
    {"stride", [](const JsonField& value, auto& p) { p.stride = read_index(value, 0); }},
    {"return_overflowing_tokens",
     [](const JsonField& value, auto& p) { p.return_overflowing_tokens = value.boolean(); }},
    {"pad_to_multiple_of",
     [](const JsonField& value, auto& p) {
       if (!value.is_null()) p.pad_to_multiple_of = read_index(value, 1);
     }},
    {"padding_side",
     [](const JsonField& value, auto& p) {
       TokenizerParameters side;  // the same words as for the side of truncation
       read_truncation_side(value, side);
       p.padding_side = side.truncation_side;
     }},
}};

struct Texts {
  std::string_view text;
  std::optional<std::string_view> pair;
};

/// A text, {"text": ..., "text_pair": ...}, or a list of these. An empty pair beside a single text
/// is no pair, as in Python.
Texts read_one(const JsonField& input, InputForm form) {
  if (input.is_string()) return {.text = input.string()};
  if (!input.is_object()) input.reject("a text or {\"text\": ..., \"text_pair\": ...}");
  reject_other_keys(input, {"text", "text_pair"});
  Texts texts{.text = input.at("text").string()};
  if (const auto pair = input.find("text_pair")) texts.pair = pair->string();
  if (form != InputForm::list && texts.pair && texts.pair->empty()) texts.pair.reset();
  return texts;
}

/// One row of the answer: a window of a text, and what padding was added around it.
struct Row {
  Encoding encoding;
  std::size_t sample = 0;
  Index left = 0;
  Index right = 0;
};

class TokenizeTask : public JsonTask {
 public:
  explicit TokenizeTask(const std::filesystem::path& model) : tokenizer_(Tokenizer::load(model)) {}

  std::vector<JsonAnswer> answer(std::span<const JsonField> inputs,
                                 std::optional<JsonField> parameters,
                                 const RunOptions&) const override {
    TokenizeParameters p;
    read_parameters<TokenizeParameters>(parameters, table, p);
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
  std::vector<Row> encode(std::span<const Texts> texts, const TokenizeParameters& p) const;
  void pad(std::vector<Row>& rows, const TokenizeParameters& p) const;
  EncodeOptions encode_options(const TokenizeParameters& p) const;
  std::optional<Index> max_length(const TokenizeParameters& p) const;
  void write_fields(JsonWriter& writer, std::span<const Row> rows, std::span<const Texts> texts,
                    InputForm form) const;
  void write_readable_fields(JsonWriter& writer, const Row& row) const;
  std::vector<TokenId> padded_ids(const Row& row) const;

  Tokenizer tokenizer_;
};

std::optional<Index> TokenizeTask::max_length(const TokenizeParameters& p) const {
  return p.tokenizer.max_length ? p.tokenizer.max_length : tokenizer_.settings().model_max_length;
}

EncodeOptions TokenizeTask::encode_options(const TokenizeParameters& p) const {
  EncodeOptions options{.add_special_tokens = p.tokenizer.add_special_tokens};
  const auto strategy = p.tokenizer.effective_truncation();
  const auto limit = max_length(p);
  const bool pads = p.tokenizer.padding != PaddingStrategy::none;
  if (strategy && limit && pads && *limit % p.pad_to_multiple_of.value_or(1) != 0) {
    fail(ErrorKind::config_error,
         {.where = "run",
          .what = "parameter \"pad_to_multiple_of\"",
          .expected = "a divisor of " + std::to_string(*limit) + ", where texts are cut",
          .found = std::to_string(*p.pad_to_multiple_of)});
  }
  if (strategy && limit) {
    options.truncation = Truncation{
        .max_length = *limit,
        .strategy = *strategy,
        .side = p.tokenizer.truncation_side.value_or(tokenizer_.settings().truncation_side),
        .stride = p.stride};
  }
  return options;
}

std::vector<Row> TokenizeTask::encode(std::span<const Texts> texts,
                                      const TokenizeParameters& p) const {
  const EncodeOptions options = encode_options(p);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto windows = texts[i].pair
                       ? tokenizer_.encode_pair_windows(texts[i].text, *texts[i].pair, options)
                       : tokenizer_.encode_windows(texts[i].text, options);
    if (!p.return_overflowing_tokens) windows.resize(std::min<std::size_t>(windows.size(), 1));
    for (Encoding& window : windows) rows.push_back({.encoding = std::move(window), .sample = i});
  }
  pad(rows, p);
  return rows;
}

void TokenizeTask::pad(std::vector<Row>& rows, const TokenizeParameters& p) const {
  if (p.tokenizer.padding == PaddingStrategy::none) return;
  if (!tokenizer_.special_tokens().pad) {
    fail(ErrorKind::config_error, {.where = "run",
                                   .what = "parameter \"padding\"",
                                   .found = "a tokenizer without a padding token"});
  }
  Index target = 0;
  if (p.tokenizer.padding == PaddingStrategy::max_length) {
    const auto limit = max_length(p);
    if (!limit) return;  // nothing to pad to, as in the reference
    target = *limit;
  } else {
    for (const Row& row : rows) target = std::max(target, row.encoding.size());
  }
  const Index multiple = p.pad_to_multiple_of.value_or(1);
  target = (target + multiple - 1) / multiple * multiple;
  const Side side = p.padding_side.value_or(tokenizer_.settings().padding_side);
  for (Row& row : rows) {
    const Index missing = std::max<Index>(0, target - row.encoding.size());
    (side == Side::left ? row.left : row.right) = missing;
  }
}

std::string TokenizeTask::answer_one(const JsonField& input, const TokenizeParameters& p) const {
  const InputForm form = input.is_array() ? InputForm::list : InputForm::object;
  std::vector<Texts> texts;
  if (form == InputForm::list) {
    for (const JsonField& element : input.elements()) texts.push_back(read_one(element, form));
  } else {
    texts.push_back(read_one(input, form));
  }
  const std::vector<Row> rows = encode(texts, p);
  JsonWriter writer;
  writer.begin_object();
  const bool lists = form == InputForm::list || p.return_overflowing_tokens;
  write_fields(writer, rows, texts, lists ? InputForm::list : InputForm::object);
  if (p.return_overflowing_tokens) {
    writer.key("overflow_to_sample_mapping");
    writer.array(rows,
                 [&](const Row& row) { writer.integer(static_cast<std::int64_t>(row.sample)); });
  }
  if (!lists) write_readable_fields(writer, rows.front());
  writer.end_object();
  return writer.take();
}

void TokenizeTask::write_fields(JsonWriter& writer, std::span<const Row> rows,
                                std::span<const Texts> texts, InputForm form) const {
  // write_row(row) writes the values of one row, write_pad() that of one place of padding.
  const auto field = [&](std::string_view name, auto write_row, auto write_pad) {
    writer.key(name);
    if (form == InputForm::list) writer.begin_array();
    for (const Row& row : rows) {
      writer.begin_array();
      for (Index i = 0; i < row.left; ++i) write_pad();
      write_row(row);
      for (Index i = 0; i < row.right; ++i) write_pad();
      writer.end_array();
    }
    if (form == InputForm::list) writer.end_array();
  };
  const auto integers = [&](const auto& values) {
    for (const auto value : values) writer.integer(value);
  };
  const auto zero = [&] { writer.integer(0); };

  const TokenId pad_id = tokenizer_.special_tokens().pad.value_or(0);
  field(
      "input_ids", [&](const Row& row) { integers(row.encoding.ids); },
      [&] { writer.integer(pad_id); });
  if (tokenizer_.settings().has_type_ids) {
    field(
        "token_type_ids", [&](const Row& row) { integers(row.encoding.type_ids); }, zero);
  }
  field(
      "attention_mask",
      [&](const Row& row) { integers(std::vector<int>(row.encoding.ids.size(), 1)); }, zero);
  field(
      "special_tokens_mask", [&](const Row& row) { integers(row.encoding.special_tokens_mask); },
      [&] { writer.integer(1); });
  const auto offsets = [&](Index begin, Index end) {
    writer.begin_array();
    writer.integer(begin);
    writer.integer(end);
    writer.end_array();
  };
  field(
      "offset_mapping",
      [&](const Row& row) {
        const Texts& source = texts[row.sample];
        const CodePointIndex first(source.text);
        const CodePointIndex second(source.pair.value_or(std::string_view{}));
        for (std::size_t i = 0; i < row.encoding.ids.size(); ++i) {
          const Range bytes = row.encoding.offsets[i];
          const CodePointIndex& index = row.encoding.sequence_ids[i] == 1 ? second : first;
          offsets(index.code_points(bytes.begin), index.code_points(bytes.end));
        }
      },
      [&] { offsets(0, 0); });
}

std::vector<TokenId> TokenizeTask::padded_ids(const Row& row) const {
  std::vector<TokenId> ids = row.encoding.ids;
  const TokenId pad_id = tokenizer_.special_tokens().pad.value_or(0);
  ids.insert(ids.begin(), static_cast<std::size_t>(row.left), pad_id);
  ids.insert(ids.end(), static_cast<std::size_t>(row.right), pad_id);
  return ids;
}

void TokenizeTask::write_readable_fields(JsonWriter& writer, const Row& row) const {
  writer.key("word_ids");
  writer.begin_array();
  for (Index i = 0; i < row.left; ++i) writer.null();
  for (const std::int32_t word : row.encoding.word_ids) {
    if (word == none) {
      writer.null();
    } else {
      writer.integer(word);
    }
  }
  for (Index i = 0; i < row.right; ++i) writer.null();
  writer.end_array();

  const std::vector<TokenId> ids = padded_ids(row);
  writer.key("tokens");
  writer.array(ids, [&](TokenId id) { writer.string(tokenizer_.token_of(id)); });
  writer.key("decoded");
  writer.string(tokenizer_.decode(ids));
  writer.key("decoded_without_special_tokens");
  writer.string(tokenizer_.decode(ids, {.skip_special_tokens = true}));
}

}  // namespace

std::unique_ptr<JsonTask> make_tokenize(const std::filesystem::path& model, const ModelOptions&) {
  return std::make_unique<TokenizeTask>(model);
}

}  // namespace attend::cli
