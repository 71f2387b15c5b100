// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where a command's texts come from: its arguments, a file, or standard input.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/line_reader.h"

namespace attend::cli {

/// A file descriptor that is closed with its object, unless it is somebody else's.
class Descriptor {
 public:
  /// The file, or `standard_input` where `file` is empty or "-". Throws: FileError.
  Descriptor(const std::string& file, int standard_input);
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  /// For messages.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Of a regular file; nothing for pipes and terminals.
  [[nodiscard]] std::optional<std::size_t> size() const;

 private:
  int descriptor_;
  bool owned_;
  std::string name_;
};

/// Says what is waited for, where it is a person who types.
void ask_for(const Terminal& terminal, int descriptor, std::string_view what);

/// Texts in groups: all arguments at once, lines as they arrive.
class TextSource {
 public:
  /// Without `texts` lines are read from `file`, or from the terminal's input.
  TextSource(const std::vector<std::string>& texts, const std::string& file,
             const Terminal& terminal);

  /// The next texts; none at the end. Nothing is kept of a line that is too long.
  /// Throws: Error (a file that cannot be read).
  [[nodiscard]] std::vector<InputLine> next();
  /// All that are left.
  [[nodiscard]] std::vector<InputLine> rest();
  /// Which part of the source is done when this part is of what the last call above gave; nothing
  /// where its size is not known.
  [[nodiscard]] std::optional<double> part_done(double of_last) const;

 private:
  std::vector<InputLine> texts_;
  std::unique_ptr<Descriptor> descriptor_;
  std::optional<LineReader> reader_;
  std::size_t bytes_before_ = 0;  // read before the last call
};

/// All bytes of a file, or of the terminal's input, as one text.
/// Throws: FileError; Error (a file that cannot be read, or is longer than a line may be).
[[nodiscard]] std::string read_whole(const std::string& file, const Terminal& terminal);

}  // namespace attend::cli
