// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Builds bytes of SentencePiece model files, right or wrong, field by field.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace attend::test::wire {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 0x7F; value >>= 7U) out += static_cast<char>(0x80U | (value & 0x7FU));
  return out += static_cast<char>(value);
}

/// A number.
inline std::string number(unsigned field, std::uint64_t value) {
  return varint(field << 3U) + varint(value);
}
/// A string or a message.
inline std::string bytes(unsigned field, std::string_view content) {
  return varint(field << 3U | 2U) + varint(content.size()) + std::string(content);
}
inline std::string real(unsigned field, float value) {
  std::string out(4, '\0');
  std::memcpy(out.data(), &value, 4);
  return varint(field << 3U | 5U) + out;
}

/// A piece of a model; kind 1 is normal, 2 unknown, 3 control, 4 user-defined, 6 a byte.
inline std::string piece(std::string_view text, float score, unsigned kind = 1) {
  return bytes(1, bytes(1, text) + real(2, score) + number(3, kind));
}
/// "<unk>", "<s>" and "</s>", as they begin nearly every file.
inline std::string usual_pieces() {
  return piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3);
}
/// TrainerSpec: 1 is unigram, 2 bpe.
inline std::string trainer(unsigned model_type, std::string_view more = {}) {
  return bytes(2, number(3, model_type) + std::string(more));
}

}  // namespace attend::test::wire
