// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads a zip archive from its end: end record, central directory, local headers.
#include "checkpoint/zip_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "checkpoint/stored_bytes.h"
#include "core/limits.h"

namespace attend {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50;
constexpr std::uint32_t locator_signature = 0x07064b50;
constexpr std::size_t local_bytes = 30;
constexpr std::size_t central_bytes = 46;
constexpr std::size_t end_bytes = 22;
constexpr std::size_t end64_bytes = 56;
constexpr std::size_t locator_bytes = 20;
constexpr std::size_t max_comment_bytes = 0xFFFF;

// A field of 16 or 32 bits that says: look for the value among the fields of 64 bits.
constexpr std::uint16_t elsewhere16 = 0xFFFF;
constexpr std::uint32_t elsewhere32 = 0xFFFFFFFF;
constexpr std::uint16_t zip64_extra = 1;

// Bits of a member's flags.
constexpr unsigned sizes_follow = 1U << 3U;                      // behind the data
constexpr unsigned encrypted = 1U << 0U | 1U << 6U | 1U << 13U;  // its ways
constexpr unsigned patched = 1U << 5U;                           // data is a difference

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct Member {
  std::string_view name;
  unsigned flags = 0;
  std::uint16_t method = 0;
  std::uint64_t stored = 0;  // bytes in the archive
  std::uint64_t size = 0;    // and when they are unpacked
  std::uint64_t header = 0;  // offset of the local header
};

class ZipReader {
 public:
  ZipReader(std::span<const std::byte> bytes, const ZipSource& source)
      : bytes_(bytes), source_(source) {}

  ZipMembers read() {
    const Directory directory = read_end();
    data_end_ = directory.offset;
    check_entries(directory);
    std::uint64_t at = directory.offset;
    const std::uint64_t end = directory.offset + directory.size;
    for (std::uint64_t i = 0; i < directory.entries; ++i) add(read_central(at, end));
    if (at != end) reject("central directory", std::to_string(directory.size) + " bytes", "less");
    check_overlap();
    return std::move(members_);
  }

 private:
  [[noreturn]] void reject(std::string what, std::string expected, std::string found) const {
    reject(ErrorKind::invalid_format, std::move(what), std::move(expected), std::move(found));
  }
  [[noreturn]] void reject(ErrorKind kind, std::string what, std::string expected,
                           std::string found) const {
    fail(kind, {.where = std::string(source_.where),
                .what = "zip archive: " + std::move(what),
                .expected = std::move(expected),
                .found = std::move(found),
                .file = std::string(source_.file),
                .hint = kind == ErrorKind::unsupported ? std::string(source_.convert_hint) : ""});
  }
  static std::string member(std::string_view name) { return "member " + quote(name); }

  [[nodiscard]] bool is(std::uint32_t signature, std::uint64_t at) const {
    return bytes_.has(at, sizeof signature) && bytes_.load<std::uint32_t>(at) == signature;
  }

  // The end record: the last one whose comment fills the file.
  [[nodiscard]] std::uint64_t find_end() const {
    const std::size_t size = bytes_.size();
    for (std::size_t comment = 0; comment <= max_comment_bytes; ++comment) {
      if (size < end_bytes + comment) break;
      const std::size_t at = size - end_bytes - comment;
      if (is(end_signature, at) && bytes_.load<std::uint16_t>(at + 20) == comment) return at;
    }
    reject("end record", "one at the end of the file",
           "none; the file was cut off or has foreign bytes at its end");
  }

  [[nodiscard]] Directory read_end() const {
    const std::uint64_t at = find_end();
    if (bytes_.load<std::uint32_t>(at + 4) != 0) {  // both fields: this disk, the directory's
      reject(ErrorKind::unsupported, "end record", "an archive on one disk", "several");
    }
    const auto here = bytes_.load<std::uint16_t>(at + 8);
    Directory out{.entries = bytes_.load<std::uint16_t>(at + 10),
                  .offset = bytes_.load<std::uint32_t>(at + 16),
                  .size = bytes_.load<std::uint32_t>(at + 12)};
    if (here != out.entries) reject_entries(out.entries, here);
    std::uint64_t end = at;
    if (at >= locator_bytes && is(locator_signature, at - locator_bytes)) {
      end = read_end64(at - locator_bytes, out);
    }
    if (out.offset > end || out.size != end - out.offset) {
      reject("central directory", "it to end at byte " + std::to_string(end),
             std::to_string(out.size) + " bytes at " + std::to_string(out.offset));
    }
    return out;
  }

  // The end record with 64 bits, found by its locator; gives where it begins.
  std::uint64_t read_end64(std::uint64_t locator, Directory& out) const {
    const auto at = bytes_.load<std::uint64_t>(locator + 8);
    const bool fits = at <= locator && locator - at >= end64_bytes && is(end64_signature, at) &&
                      bytes_.load<std::uint64_t>(at + 4) == locator - at - 12;
    if (!fits)
      reject("zip64 end record", "one that ends at its locator", "at " + std::to_string(at));
    const bool one_disk = bytes_.load<std::uint32_t>(locator + 4) == 0 &&
                          bytes_.load<std::uint32_t>(locator + 16) <= 1 &&
                          bytes_.load<std::uint64_t>(at + 16) == 0;
    if (!one_disk) {
      reject(ErrorKind::unsupported, "zip64 end record", "an archive on one disk", "several");
    }
    const Directory wide{.entries = bytes_.load<std::uint64_t>(at + 32),
                         .offset = bytes_.load<std::uint64_t>(at + 48),
                         .size = bytes_.load<std::uint64_t>(at + 40)};
    const auto here = bytes_.load<std::uint64_t>(at + 24);
    if (here != wide.entries) reject_entries(wide.entries, here);
    const auto agrees = [](std::uint64_t narrow, std::uint64_t saturated, std::uint64_t value) {
      return narrow == saturated || narrow == value;
    };
    if (!agrees(out.entries, elsewhere16, wide.entries) ||
        !agrees(out.offset, elsewhere32, wide.offset) ||
        !agrees(out.size, elsewhere32, wide.size)) {
      reject("zip64 end record", "what the end record says", "other values");
    }
    out = wide;
    return at;
  }

  [[noreturn]] void reject_entries(std::uint64_t all, std::uint64_t here) const {
    reject("end record", std::to_string(all) + " entries, all on this disk", std::to_string(here));
  }

  // Before the first one costs memory.
  void check_entries(const Directory& directory) const {
    const std::uint64_t room = directory.size / central_bytes;
    if (directory.entries > room) {
      reject("number of members", "at most " + std::to_string(room) + ", for which there is room",
             std::to_string(directory.entries));
    }
    if (directory.entries > limits::archive_members) {
      reject(ErrorKind::resource_limit, "number of members",
             "at most " + std::to_string(limits::archive_members),
             std::to_string(directory.entries));
    }
  }

  // One entry of the central directory; moves `at` behind it.
  Member read_central(std::uint64_t& at, std::uint64_t end) const {
    if (end - at < central_bytes || !is(central_signature, at)) {
      reject("central directory", "an entry at byte " + std::to_string(at), "none");
    }
    const std::uint64_t name = bytes_.load<std::uint16_t>(at + 28);
    const std::uint64_t extra = bytes_.load<std::uint16_t>(at + 30);
    const std::uint64_t comment = bytes_.load<std::uint16_t>(at + 32);
    if (end - at - central_bytes < name + extra + comment) {
      reject("central directory", "the entry at byte " + std::to_string(at) + " to end in it",
             "one that does not");
    }
    Member out{.name = bytes_.text(at + central_bytes, name),
               .flags = bytes_.load<std::uint16_t>(at + 8),
               .method = bytes_.load<std::uint16_t>(at + 10),
               .stored = bytes_.load<std::uint32_t>(at + 20),
               .size = bytes_.load<std::uint32_t>(at + 24),
               .header = bytes_.load<std::uint32_t>(at + 42)};
    std::uint64_t disk = bytes_.load<std::uint16_t>(at + 34);
    widen(out, disk, StoredBytes(bytes_.slice(at + central_bytes + name, extra)));
    if (disk != 0) reject(ErrorKind::unsupported, member(out.name), "one disk", "several");
    at += central_bytes + name + extra + comment;
    return out;
  }

  // Values of 64 bits lie in an extra field, those only that did not fit, in this order.
  void widen(Member& out, std::uint64_t& disk, const StoredBytes& extra) const {
    std::uint64_t at = 0;
    std::uint64_t end = 0;
    while (extra.has(at, 4)) {
      const auto id = extra.load<std::uint16_t>(at);
      const std::uint64_t size = extra.load<std::uint16_t>(at + 2);
      at += 4;
      if (!extra.has(at, size)) reject(member(out.name), "extra fields that fit", "one too long");
      end = at + size;
      if (id == zip64_extra) break;
      at = end;
    }
    const auto take = [&](std::uint64_t& field) {
      if (field != elsewhere32) return;
      if (end - at < 8) reject(member(out.name), "a value of 64 bits in an extra field", "none");
      field = extra.load<std::uint64_t>(at);
      at += 8;
    };
    take(out.size);
    take(out.stored);
    take(out.header);
    if (disk != elsewhere16) return;
    if (end - at < 4) reject(member(out.name), "its disk in an extra field", "none");
    disk = extra.load<std::uint32_t>(at);
  }

  void add(const Member& found) {
    check_kind(found);
    const std::uint64_t begin = read_local(found);
    if (found.size > data_end_ - begin) {
      reject(member(found.name), "at most " + std::to_string(data_end_ - begin) + " bytes",
             std::to_string(found.size));
    }
    extents_.push_back({found.header, begin + found.size, found.name});
    if (!members_.emplace(found.name, bytes_.slice(begin, found.size)).second) {
      reject(member(found.name), "to stand once", "it twice");
    }
  }

  void check_kind(const Member& found) const {
    const auto unsupported = [&](std::string_view what) {
      reject(ErrorKind::unsupported, member(found.name), "bytes as they are (method 0, stored)",
             std::string(what));
    };
    if (found.name.empty() || found.name.find('\0') != std::string_view::npos) {
      reject(member(found.name), "a name without NUL",
             std::to_string(found.name.size()) + " bytes");
    }
    if ((found.flags & encrypted) != 0) unsupported("encrypted ones");
    if ((found.flags & patched) != 0) unsupported("a patch");
    if (found.method == 8) unsupported("compressed ones (method 8, deflated)");
    if (found.method != 0) unsupported("method " + std::to_string(found.method));
    if (found.stored != found.size) {
      reject(member(found.name), "the same size stored as unpacked, " + std::to_string(found.size),
             std::to_string(found.stored));
    }
  }

  // Checks the local header against the directory; gives where the data begins.
  [[nodiscard]] std::uint64_t read_local(const Member& found) const {
    const std::uint64_t at = found.header;
    const std::uint64_t room = data_end_ - std::min(at, data_end_);
    if (room < local_bytes || !is(local_signature, at)) {
      reject(member(found.name), "a local header at byte " + std::to_string(at), "none");
    }
    const std::uint64_t name = bytes_.load<std::uint16_t>(at + 26);
    const std::uint64_t extra = bytes_.load<std::uint16_t>(at + 28);
    if (room - local_bytes < name + extra) {
      reject(member(found.name), "a local header in front of the directory", "a longer one");
    }
    if (bytes_.text(at + local_bytes, name) != found.name) {
      reject(member(found.name), "its local header to have this name",
             quote(bytes_.text(at + local_bytes, name)));
    }
    const unsigned flags = bytes_.load<std::uint16_t>(at + 6);
    const bool is_same_kind = ((flags ^ found.flags) & (encrypted | patched)) == 0 &&
                              bytes_.load<std::uint16_t>(at + 8) == found.method;
    if (!is_same_kind) {
      reject(member(found.name), "flags and method in its local header as in the directory",
             "other ones");
    }
    for (const std::uint64_t field : {18U, 22U}) {
      const std::uint64_t size = bytes_.load<std::uint32_t>(at + field);
      const bool is_later = size == 0 && (flags & sizes_follow) != 0;
      if (size == found.size || size == elsewhere32 || is_later) continue;
      reject(member(found.name), std::to_string(found.size) + " bytes in its local header, too",
             std::to_string(size));
    }
    return at + local_bytes + name + extra;
  }

  void check_overlap() {
    std::sort(extents_.begin(), extents_.end(),
              [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < extents_.size(); ++i) {
      if (extents_[i].begin >= extents_[i - 1].end) continue;
      reject(member(extents_[i].name),
             "to begin behind " + quote(extents_[i - 1].name) + ", which ends at " +
                 std::to_string(extents_[i - 1].end),
             std::to_string(extents_[i].begin));
    }
  }

  struct Extent {
    std::uint64_t begin;
    std::uint64_t end;
    std::string_view name;
  };

  StoredBytes bytes_;
  const ZipSource& source_;
  std::uint64_t data_end_ = 0;  // where the central directory begins
  std::vector<Extent> extents_;
  ZipMembers members_;
};

}  // namespace

ZipMembers read_zip(std::span<const std::byte> bytes, const ZipSource& source) {
  return ZipReader(bytes, source).read();
}

}  // namespace attend
