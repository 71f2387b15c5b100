// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Comparison of encodings with recorded ones, whose offsets count code points (ours count bytes).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "attend/tokenizer/tokenizer.h"
#include "support/json.h"

namespace attend::test {

/// Unpacks a .tar.xz with CMake's tar, or copies out a .gz with gzip. Throws when that fails.
void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder);
void gunzip(const std::filesystem::path& archive, const std::filesystem::path& file);

/// Makes a folder as a set of recorded cases describes it. Throws when a file of it is not there.
void build_folder(const Json& set, const std::filesystem::path& folder);

/// The tokenizer of a tokenizer.json.
[[nodiscard]] Tokenizer load_tokenizer(const Json& file);

/// The texts that an encoding's offsets count in: one, two, or words.
struct Source {
  std::vector<std::string> first;
  std::vector<std::string> second;
  bool is_words = false;
  bool has_second = false;
};

[[nodiscard]] Source source_of(const Json& one_case);
/// All windows of the inputs.
[[nodiscard]] std::vector<Encoding> encode_source(const Tokenizer& tokenizer, const Source& source,
                                                  const EncodeOptions& options);

/// An encoding with the keys of recorded cases, all of them present.
[[nodiscard]] Json as_json(const Tokenizer& tokenizer, const Encoding& encoding,
                           const Source& source);
/// The encoding of a recorded case, with what it leaves out filled in, and nothing else.
[[nodiscard]] Json expected_encoding(const Json& one_case);

/// All fields are equal.
void expect_same(const Encoding& found, const Encoding& expected);

/// What a stream hands out after each id, null where it keeps all back.
[[nodiscard]] Json stream_of(const Tokenizer& tokenizer, const std::vector<TokenId>& ids);

/// Python's None for -1.
[[nodiscard]] Json none_as_null(const std::vector<std::int32_t>& values);

/// Prints "NAME: N cases" and records it as property `cases` of the running test.
void report_cases(std::string_view name, std::size_t cases);

}  // namespace attend::test
