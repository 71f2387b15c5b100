// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one table of limits on what files, texts and requests may ask for: the readers check them,
// `attend info` prints them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "attend/core/shape.h"

namespace attend::limits {

inline constexpr std::size_t json_depth = 64;  // our own recursion is as deep as the file

// Files of a model.
inline constexpr std::size_t config_bytes = 16'000'000;  // labels are what makes one large
inline constexpr std::size_t config_values = 500'000;
inline constexpr std::size_t module_bytes = 1'000'000;  // files of sentence-transformers
inline constexpr std::size_t module_values = 100'000;
inline constexpr std::uint64_t index_bytes = 32'000'000;  // 300,000 tensors with long names
inline constexpr std::size_t index_files = 4096;
inline constexpr std::size_t metadata_entries = 10'000;   // writers store a handful
inline constexpr std::size_t archive_members = 100'000;   // of a PyTorch file: one a storage
inline constexpr std::size_t pickle_bytes = 10'000'000;   // a tensor takes about 200 of them
inline constexpr std::size_t pickle_opcodes = 2'000'000;  // and 45 of these, of 16 to 40 bytes each
inline constexpr std::size_t pickle_stack = 100'000;      // Python puts entries by the thousand
inline constexpr std::uint64_t selftest_header_bytes = 16'000'000;
inline constexpr std::uint64_t selftest_tensors = 20'000;  // 64 forwards of 300 layers
inline constexpr std::size_t selftest_forwards = 64;
inline constexpr Index selftest_tokens =
    4096;  // a second of a small model, a minute of a large one

// Files of a tokenizer.
inline constexpr std::size_t tokenizer_bytes = 256'000'000;  // 250,000 pieces take 20 MB
inline constexpr std::size_t tokenizer_values = 8'000'000;   // of about 100 bytes each in memory
inline constexpr std::size_t vocabulary_tokens = 8'000'000;
inline constexpr std::size_t token_bytes = 65'536;
inline constexpr std::size_t added_tokens_bytes = std::size_t{4} << 20U;  // some 25 each in memory
inline constexpr std::size_t component_steps = 1000;  // each passes over every text
inline constexpr std::size_t layout_size = 20'000;    // tokens around a text, 40 bytes each
inline constexpr std::size_t sentencepiece_bytes = 64'000'000;  // the largest published has 5 MB
inline constexpr std::size_t sentencepiece_pieces = 4'000'000;  // and the largest 256,000
inline constexpr std::int64_t tekken_special_tokens = 1 << 16;
inline constexpr std::size_t rebuilt_merges = 8'000'000;  // real files have 600,000
inline constexpr std::size_t rebuilt_merge_bytes = std::size_t{1} << 29U;  // and take 20 MB

// Chat templates, which are programs of strangers.
inline constexpr std::size_t template_bytes = 1'000'000;  // the largest published has 50,000
inline constexpr std::size_t template_tokens = 50'000;    // and of these some 8,000
inline constexpr std::size_t template_name_bytes = 1000;
inline constexpr std::size_t template_arguments = 1000;         // of a call, parameters of a macro
inline constexpr std::size_t template_files = 64;               // beside a tokenizer
inline constexpr std::size_t template_files_bytes = 4'000'000;  // all together
inline constexpr std::size_t template_nesting = 200;            // as in Python, which has 200, too
inline constexpr std::uint64_t template_steps = 10'000'000;     // a message takes some dozens
inline constexpr std::size_t template_memory = 48'000'000;      // bytes of values and of the text
inline constexpr std::size_t template_recursion = 1200;         // about 150 macros in each other
inline constexpr std::uint32_t template_value_depth = 200;      // lists in each other
inline constexpr std::size_t chat_bytes = std::size_t{16} << 20U;  // of messages as JSON
inline constexpr std::size_t chat_values = 200'000;

// Regular expressions.
inline constexpr std::size_t pattern_depth = 100;         // groups and repeats in each other
inline constexpr std::uint64_t pattern_cost = 1'000'000;  // parts with their repeats
inline constexpr unsigned pattern_stack = 20'000'000;  // of 40 bytes, one a repeat of a character
// Time of a text: a hundred times what usual patterns need.
inline constexpr std::int64_t pattern_nanoseconds = 2'000'000'000;
inline constexpr std::int64_t pattern_nanoseconds_a_byte = 5'000;

// What is asked of a loaded model.
inline constexpr std::size_t text_bytes = std::size_t{64} << 20U;  // a token a byte at the worst
inline constexpr std::size_t normalized_bytes = 2 * text_bytes;    // a byte takes some dozens
inline constexpr Index window_tokens = Index{1} << 24;  // 40 bytes each, 1.2 KB more a window
inline constexpr Index padded_tokens = Index{1} << 24;  // 40 bytes each, 120 with their JSON
inline constexpr std::size_t decoded_bytes = std::size_t{1} << 28U;
inline constexpr std::size_t line_bytes = std::size_t{64} << 20U;
inline constexpr std::size_t request_values = 4'000'000;  // a long line of texts has thousands
inline constexpr std::size_t data_set_bytes = std::size_t{256} << 20U;  // some 10 each in memory
inline constexpr Index generated_tokens = Index{1} << 30U;  // a text; it grows as it is made
inline constexpr Index unasked_tokens = Index{1} << 17U;    // new ones that files alone ask for
inline constexpr Index beams = 1024;                        // each has a row of logits
inline constexpr Index end_tokens = 1024;                   // models have one to five
inline constexpr std::size_t stop_strings = 1024;            // each step of a beam looks at each
inline constexpr Index guessed_tokens = 256;                // each has a row of logits
inline constexpr Index threads = 1024;

struct Limit {
  std::string_view name;
  std::uint64_t value;
};

inline constexpr std::array all{
    Limit{"json_depth", json_depth},
    Limit{"config_bytes", config_bytes},
    Limit{"config_values", config_values},
    Limit{"module_bytes", module_bytes},
    Limit{"module_values", module_values},
    Limit{"index_bytes", index_bytes},
    Limit{"index_files", index_files},
    Limit{"selftest_header_bytes", selftest_header_bytes},
    Limit{"selftest_tensors", selftest_tensors},
    Limit{"selftest_forwards", selftest_forwards},
    Limit{"selftest_tokens", selftest_tokens},
    Limit{"metadata_entries", metadata_entries},
    Limit{"archive_members", archive_members},
    Limit{"pickle_bytes", pickle_bytes},
    Limit{"pickle_opcodes", pickle_opcodes},
    Limit{"pickle_stack", pickle_stack},
    Limit{"tokenizer_bytes", tokenizer_bytes},
    Limit{"tokenizer_values", tokenizer_values},
    Limit{"vocabulary_tokens", vocabulary_tokens},
    Limit{"token_bytes", token_bytes},
    Limit{"added_tokens_bytes", added_tokens_bytes},
    Limit{"component_steps", component_steps},
    Limit{"layout_size", layout_size},
    Limit{"sentencepiece_bytes", sentencepiece_bytes},
    Limit{"sentencepiece_pieces", sentencepiece_pieces},
    Limit{"tekken_special_tokens", tekken_special_tokens},
    Limit{"rebuilt_merges", rebuilt_merges},
    Limit{"rebuilt_merge_bytes", rebuilt_merge_bytes},
    Limit{"template_bytes", template_bytes},
    Limit{"template_tokens", template_tokens},
    Limit{"template_name_bytes", template_name_bytes},
    Limit{"template_arguments", template_arguments},
    Limit{"template_files", template_files},
    Limit{"template_files_bytes", template_files_bytes},
    Limit{"template_nesting", template_nesting},
    Limit{"template_steps", template_steps},
    Limit{"template_memory", template_memory},
    Limit{"template_recursion", template_recursion},
    Limit{"template_value_depth", template_value_depth},
    Limit{"chat_bytes", chat_bytes},
    Limit{"chat_values", chat_values},
    Limit{"pattern_depth", pattern_depth},
    Limit{"pattern_cost", pattern_cost},
    Limit{"pattern_stack", pattern_stack},
    Limit{"pattern_nanoseconds", pattern_nanoseconds},
    Limit{"pattern_nanoseconds_a_byte", pattern_nanoseconds_a_byte},
    Limit{"text_bytes", text_bytes},
    Limit{"normalized_bytes", normalized_bytes},
    Limit{"window_tokens", window_tokens},
    Limit{"padded_tokens", padded_tokens},
    Limit{"decoded_bytes", decoded_bytes},
    Limit{"line_bytes", line_bytes},
    Limit{"request_values", request_values},
    Limit{"data_set_bytes", data_set_bytes},
    Limit{"generated_tokens", generated_tokens},
    Limit{"unasked_tokens", unasked_tokens},
    Limit{"beams", beams},
    Limit{"end_tokens", end_tokens},
    Limit{"stop_strings", stop_strings},
    Limit{"guessed_tokens", guessed_tokens},
    Limit{"threads", threads},
};

}  // namespace attend::limits
