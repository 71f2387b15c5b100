// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Readers of the files that came before tokenizer.json: vocab.txt, vocab.json, merges.txt and
// ranks of tiktoken. SentencePiece has a reader of its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/checkpoint/mapped_file.h"
#include "attend/tokenizer/bpe.h"
#include "attend/tokenizer/vocabulary.h"
#include "core/limits.h"

namespace attend {

/// The bytes of a file in memory. Throws as MappedFile::open() does.
class FileText {
 public:
  static constexpr std::uint64_t max_bytes = limits::tokenizer_bytes;

  explicit FileText(const std::filesystem::path& file, std::uint64_t limit = max_bytes);
  [[nodiscard]] std::string_view text() const noexcept;
  /// Throws: invalid_format, when the text is not UTF-8.
  void check_utf8(const std::filesystem::path& file) const;

 private:
  MappedFile file_;
};

/// Tokens with the number of their place as id; of one that is there twice the last counts.
[[nodiscard]] Vocabulary numbered_vocabulary(std::span<const std::string_view> tokens);

/// A token a line, its id is the number of the line.
[[nodiscard]] Vocabulary read_vocabulary_lines(const std::filesystem::path& file);
/// An object, token -> id.
[[nodiscard]] Vocabulary read_vocabulary_object(const std::filesystem::path& file);

/// Which lines of merges.txt are merges. The Python classes disagree.
enum class MergeLines : std::uint8_t {
  but_first_and_last,  ///< whatever they hold: GPT-2 and its descendants
  but_version,         ///< blank lines and a first line "#version:" are none: Qwen2
  clip,                ///< but the first, and as many as CLIP's vocabulary takes
};

/// Merges with the text that they point into.
struct MergeFile {
  FileText text;
  std::vector<Merge> merges;  ///< none twice: the first of two counts
};
[[nodiscard]] MergeFile read_merges(const std::filesystem::path& file, MergeLines lines);

/// Byte strings with their ranks: a line each, base64, a blank and a number.
struct RankedToken {
  std::string bytes;
  TokenId rank = 0;
};
/// `file` is for messages.
[[nodiscard]] std::vector<RankedToken> read_ranks(std::string_view text,
                                                  const std::filesystem::path& file);
/// Whether a file begins so, or cannot be opened, which its reader has to say.
[[nodiscard]] bool looks_like_ranks(const std::filesystem::path& file);

}  // namespace attend
