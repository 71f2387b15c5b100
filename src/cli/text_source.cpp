// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files and standard input as texts.
#include "cli/text_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <ostream>
#include <utility>

#include "cli/command.h"

namespace attend::cli {

Descriptor::Descriptor(const std::string& file, int standard_input)
    : descriptor_(standard_input), owned_(!file.empty() && file != "-"), name_("standard input") {
  if (!owned_) return;
  name_ = file;
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    const ErrorKind kind = errno == ENOENT ? ErrorKind::file_not_found : ErrorKind::access_denied;
    throw FileError(
        Error(kind, {.what = "cannot read", .found = std::strerror(errno), .file = file}));
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

TextSource::TextSource(std::vector<std::string> texts, const std::string& file,
                       const Terminal& terminal)
    : texts_(std::move(texts)) {
  if (!texts_.empty()) return;
  descriptor_ = std::make_unique<Descriptor>(file, terminal.in);
  if (::isatty(descriptor_->get()) != 0) {
    terminal.err << "attend: type texts, one a line; Ctrl-D ends\n";
  }
  reader_.emplace(descriptor_->get(), descriptor_->name());
}

std::vector<std::string> TextSource::next() {
  if (!reader_) return std::exchange(texts_, {});
  std::vector<std::string> texts;
  for (InputLine& line : reader_->next_lines()) {
    if (line.too_long) {
      fail(ErrorKind::resource_limit,
           {.what = "bytes of a line",
            .expected = "at most " + std::to_string(LineReader::default_max_line_bytes),
            .found = "more",
            .file = descriptor_->name()});
    }
    texts.push_back(std::move(line.text));
  }
  return texts;
}

std::vector<std::string> TextSource::rest() {
  std::vector<std::string> all = next();
  while (reader_) {
    std::vector<std::string> more = next();
    if (more.empty()) break;
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  }
  return all;
}

std::optional<double> TextSource::part_read() const {
  if (!reader_) return std::nullopt;
  const auto size = descriptor_->size();
  if (!size || *size == 0) return std::nullopt;
  return static_cast<double>(reader_->bytes_read()) / static_cast<double>(*size);
}

}  // namespace attend::cli
