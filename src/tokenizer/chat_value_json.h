// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON that is read already as a value of a conversation.
#pragma once

#include "attend/tokenizer/chat_value.h"
#include "checkpoint/checked_json.h"

namespace attend {

[[nodiscard]] ChatValue read_chat_value(const JsonField& field);

}  // namespace attend
