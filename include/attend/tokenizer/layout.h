// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a window is put together from when all post-processors have had their say: the texts, the
// tokens around each, and what is to be noted of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attend/tokenizer/encoding.h"

namespace attend {

/// ByteLevel and RobertaProcessing with trim_offsets: blanks at the ends of a token do not count.
struct TrimOffsets {
  /// The one blank that the first token of a window or text begins with was put there, and is no
  /// part of the text: the offset stays.
  bool add_prefix_space = true;
};

/// Type ids in the first window of a text, and in those behind it.
struct LayoutTypeIds {
  std::int32_t first = 0;
  std::int32_t overflow = 0;
};

struct LayoutToken {
  TokenId id = 0;
  std::string token;  ///< empty where it is the vocabulary's
  LayoutTypeIds type_ids;
  /// 0 where another post-processor took the token for one of the text.
  std::uint8_t special_tokens_mask = 1;
};

struct LayoutText {
  struct Trim {
    TrimOffsets how;
    bool begins = true;  ///< no token stood before the text when it was trimmed
  };
  Sequence sequence = Sequence::first;
  LayoutTypeIds type_ids;
  std::vector<Trim> trims;
};

/// Tokens, or a text with those that belong to it. Of a text that has several windows each is
/// there with each of the other texts.
struct LayoutPart {
  std::vector<LayoutToken> before;
  std::optional<LayoutText> text;
  std::vector<LayoutToken> after;
};

using Layout = std::vector<LayoutPart>;

}  // namespace attend
