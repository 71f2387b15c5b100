// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One function a result.
#include "cli/results_json.h"

namespace attend::cli {

void write_json(JsonWriter& writer, float value) { writer.number(value); }

void write_json(JsonWriter& writer, const LabelScore& label) {
  writer.begin_object();
  writer.key("label");
  writer.string(label.label);
  writer.key("score");
  writer.number(label.score);
  writer.end_object();
}

void write_json(JsonWriter& writer, const Entity& entity) {
  writer.begin_object();
  writer.key(entity.is_group() ? "entity_group" : "entity");
  writer.string(entity.label);
  writer.key("score");
  writer.number(entity.score);
  if (entity.index) {
    writer.key("index");
    writer.integer(*entity.index);
  }
  writer.key("word");
  writer.string(entity.word);
  writer.key("start");
  writer.integer(entity.code_points.begin);
  writer.key("end");
  writer.integer(entity.code_points.end);
  writer.end_object();
}

void write_json(JsonWriter& writer, const ZeroShotResult& result) {
  writer.begin_object();
  writer.key("sequence");
  writer.string(result.sequence);
  writer.key("labels");
  writer.array(result.labels, [&](const std::string& label) { writer.string(label); });
  writer.key("scores");
  write_json(writer, result.scores);
  writer.end_object();
}

void write_json(JsonWriter& writer, const AnswerSpan& answer) {
  writer.begin_object();
  writer.key("score");
  writer.number(answer.score);
  writer.key("start");
  writer.integer(answer.code_points.begin);
  writer.key("end");
  writer.integer(answer.code_points.end);
  writer.key("answer");
  writer.string(answer.answer);
  writer.end_object();
}

void write_json(JsonWriter& writer, const MaskFill& fill) {
  writer.begin_object();
  writer.key("score");
  writer.number(fill.score);
  writer.key("token");
  writer.integer(fill.token);
  writer.key("token_str");
  writer.string(fill.token_str);
  writer.key("sequence");
  writer.string(fill.sequence);
  writer.end_object();
}

void write_json(JsonWriter& writer, const FilledMask& mask) { write_json(writer, mask.fills); }

void write_json(JsonWriter& writer, std::span<const float> values) {
  writer.array(values, [&](float value) { writer.number(value); });
}

namespace {

struct ChatWriter {
  JsonWriter& writer;

  void operator()(std::monostate) const { writer.null(); }
  void operator()(bool value) const { writer.boolean(value); }
  void operator()(std::int64_t value) const { writer.integer(value); }
  void operator()(double value) const { writer.number(value); }
  void operator()(const LargeNumber& value) const { writer.digits(value.digits); }
  void operator()(const std::string& value) const { writer.string(value); }
  void operator()(const ChatValue::Array& values) const {
    writer.array(values, [&](const ChatValue& value) { write_json(writer, value); });
  }
  void operator()(const ChatValue::Object& members) const {
    writer.begin_object();
    for (const auto& [key, value] : members) {
      writer.key(key);
      write_json(writer, value);
    }
    writer.end_object();
  }
};

}  // namespace

void write_json(JsonWriter& writer, const ChatValue& value) {
  std::visit(ChatWriter{writer}, value.variant());
}

void write_json(JsonWriter& writer, const GeneratedText& text) {
  writer.begin_object();
  writer.key("generated_text");
  if (text.messages) {
    write_json(writer, *text.messages);
  } else {
    writer.string(text.text);
  }
  writer.end_object();
}

void write_error(JsonWriter& writer, const Error& error) {
  writer.key("error");
  writer.begin_object();
  writer.key("kind");
  writer.string(name(error.kind()));
  writer.key("message");
  writer.string(error.what());
  writer.end_object();
}

std::string error_json(const Error& error) {
  JsonWriter writer;
  writer.begin_object();
  write_error(writer, error);
  writer.end_object();
  return writer.take();
}

}  // namespace attend::cli
