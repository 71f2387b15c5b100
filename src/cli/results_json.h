// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Results as JSON, with the keys of transformers in its order; offsets count code points.
#pragma once

#include <span>
#include <vector>

#include "attend/core/error.h"
#include "attend/task/fill_mask.h"
#include "attend/task/question_answering.h"
#include "attend/task/text_generation.h"
#include "attend/task/token_classification.h"
#include "attend/task/zero_shot.h"
#include "cli/json_writer.h"

namespace attend::cli {

void write_json(JsonWriter& writer, float value);
void write_json(JsonWriter& writer, const LabelScore& label);
void write_json(JsonWriter& writer, const Entity& entity);
void write_json(JsonWriter& writer, const ZeroShotResult& result);
void write_json(JsonWriter& writer, const AnswerSpan& answer);
void write_json(JsonWriter& writer, const MaskFill& fill);
void write_json(JsonWriter& writer, const FilledMask& mask);
void write_json(JsonWriter& writer, std::span<const float> values);
void write_json(JsonWriter& writer, const ChatValue& value);
void write_json(JsonWriter& writer, const GeneratedText& text);

template <class T>
void write_json(JsonWriter& writer, const std::vector<T>& values) {
  writer.array(values, [&](const T& value) { write_json(writer, value); });
}

/// The member "error": {"kind": ..., "message": ...}.
void write_error(JsonWriter& writer, const Error& error);
/// An object with this member alone.
[[nodiscard]] std::string error_json(const Error& error);

}  // namespace attend::cli
