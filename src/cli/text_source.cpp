// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files and standard input as texts.
#include "cli/text_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <ostream>
#include <utility>

#include "cli/command.h"

namespace attend::cli {
void ask_for(const Terminal& terminal, int descriptor, std::string_view what) {
  if (::isatty(descriptor) != 0) terminal.err << "attend: type " << what << "; Ctrl-D ends\n";
}

Descriptor::Descriptor(const std::string& file, int standard_input)
    : descriptor_(standard_input), owned_(!file.empty() && file != "-"), name_("standard input") {
  if (!owned_) return;
  name_ = file;
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    const ErrorKind kind = errno == ENOENT ? ErrorKind::file_not_found : ErrorKind::access_denied;
    throw FileError(
        Error(kind, {.what = std::string("cannot read: ") + std::strerror(errno), .file = file}));
  }
}

Descriptor::~Descriptor() {
  if (owned_) ::close(descriptor_);
}

std::optional<std::size_t> Descriptor::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::size_t>(status.st_size);
}

TextSource::TextSource(const std::vector<std::string>& texts, const std::string& file,
                       const Terminal& terminal) {
  for (const std::string& text : texts) {
    texts_.push_back({.text = text, .number = texts_.size() + 1});
  }
  if (!texts_.empty()) return;
  descriptor_ = std::make_unique<Descriptor>(file, terminal.in);
  ask_for(terminal, descriptor_->get(), "texts, one a line");
  reader_.emplace(descriptor_->get(), descriptor_->name());
}

std::vector<InputLine> TextSource::next() {
  if (!reader_) return std::exchange(texts_, {});
  bytes_before_ = reader_->bytes_read();
  std::vector<InputLine> lines = reader_->next_lines();
  for (InputLine& line : lines) {
    if (line.too_long) line.text.clear();
  }
  return lines;
}

std::vector<InputLine> TextSource::rest() {
  std::vector<InputLine> all = next();
  while (reader_) {
    std::vector<InputLine> more = next();
    if (more.empty()) break;
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  reader_.reset();  // all of it is here, as arguments are
  return all;
}

std::optional<double> TextSource::part_done(double of_last) const {
  if (!reader_) return of_last;
  const auto size = descriptor_->size();
  if (!size || *size == 0) return std::nullopt;
  const auto before = static_cast<double>(bytes_before_);
  const auto last = static_cast<double>(reader_->bytes_read()) - before;
  return (before + last * of_last) / static_cast<double>(*size);
}

std::string read_whole(const std::string& file, const Terminal& terminal) {
  const Descriptor input(file, terminal.in);
  ask_for(terminal, input.get(), "a text");
  return read_all(input.get(), input.name());
}

}  // namespace attend::cli
