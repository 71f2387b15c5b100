// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What is worth keeping from call to call.
#include "tokenizer/encoder_memory.h"

#include "core/shrink.h"
#include "tokenizer/encoding_fields.h"

namespace attend {

void EncoderMemory::shrink() {
  shrink_one(raw_parts);
  shrink_one(normalized_parts);
  normalized.shrink();
  normalized_part.shrink();
  shrink_one(words);
  shrink_one(pieces);
  model.shrink();
  shrink_one(tokens);
  for_each_field(EncodingFields::all, [&](auto field) { shrink_one(encoding.*field); });
  shrink_one(encoding.matched_texts);
}

void BatchMemory::shrink() {
  shrink_one(ends);
  shrink_one(runs);
  for (PackedIds& run : runs) {
    shrink_one(run.ids);
    shrink_one(run.type_ids);
    shrink_one(run.starts);
  }
}

}  // namespace attend
