// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Zip archives that are wrong, each with the error that it must give.
#include <gtest/gtest.h>

#include "checkpoint/bad_torch_bytes.h"

namespace attend::test {
namespace {

std::string members(const std::vector<ZipMember>& all) { return zip_bytes(all); }
const ZipMember empty_dict{"a/data.pkl", "\x80\x02}."};
const ZipMember version{"a/version", "3\n"};

// A value at a place of the header of data/0, in the directory or in front of the data; of the end
// record; of the end record of 64 bits; of its locator.
template <class T>
std::string patched(std::string bytes, std::size_t at, T value) {
  return bytes.replace(at, sizeof value, little_endian(value));
}
constexpr std::string_view data_name = "archive/data/0";
template <class T>
std::string in_directory(std::size_t field, T value) {
  const std::string bytes = sound_python();
  return patched(bytes, bytes.rfind(data_name) - 46 + field, value);
}
template <class T>
std::string in_header(std::size_t field, T value) {
  const std::string bytes = sound_python();
  return patched(bytes, bytes.find(data_name) - 30 + field, value);
}
template <class T>
std::string in_end(std::size_t field, T value) {
  const std::string bytes = sound_python();
  return patched(bytes, bytes.size() - 22 + field, value);
}
template <class T>
std::string in_end64(std::size_t field, T value) {
  const std::string bytes = sound();
  return patched(bytes, bytes.rfind("PK\x06\x06") + field, value);
}
template <class T>
std::string in_locator(std::size_t field, T value) {
  const std::string bytes = sound();
  return patched(bytes, bytes.rfind("PK\x06\x07") + field, value);
}
// An extra field at the directory's entry of data/0, whose sizes it shall hold.
std::string with_extra(const std::string& extra) {
  std::string bytes = in_directory(20, ~std::uint64_t{0});
  const std::size_t at = bytes.rfind(data_name);
  bytes = patched(bytes, at - 46 + 30, static_cast<std::uint16_t>(extra.size()));
  bytes.insert(at + data_name.size(), extra);
  const std::size_t end = bytes.size() - 22;
  std::uint32_t size = 0;
  bytes.copy(reinterpret_cast<char*>(&size), sizeof size, end + 12);
  return patched(bytes, end + 12, static_cast<std::uint32_t>(size + extra.size()));
}

const std::vector<BadBytes>& archives() {
  static const std::vector<BadBytes> rows{
      // The end records.
      {"OnlyAStart", [] { return "PK\x03\x04"; }, invalid, {"end record", "cut off"}},
      {"TrailingBytes", [] { return sound() + "x"; }, invalid, {"end record", "foreign bytes"}},
      {"CommentTooLong",
       [] { return in_end<std::uint16_t>(20, 1); },
       invalid,
       {"end record", "none"}},
      {"ThisDisk", [] { return in_end<std::uint16_t>(4, 1); }, unsupported, {"one disk"}},
      {"DirectoryOnAnotherDisk",
       [] { return in_end<std::uint16_t>(6, 1); },
       unsupported,
       {"one disk"}},
      {"EntriesOnAnotherDisk",
       [] { return in_end<std::uint16_t>(8, 1); },
       invalid,
       {"5 entries", "found 1"}},
      {"EntryTooMany",
       [] {
         return patched(in_end<std::uint16_t>(8, 6), sound_python().size() - 12, std::uint16_t{6});
       },
       invalid,
       {"central directory", "an entry", "none"}},
      {"EntryTooFew",
       [] {
         return patched(in_end<std::uint16_t>(8, 4), sound_python().size() - 12, std::uint16_t{4});
       },
       invalid,
       {"central directory", "less"}},
      {"MoreEntriesThanRoom",
       [] {
         return patched(in_end<std::uint16_t>(8, 65535), sound_python().size() - 12,
                        std::uint16_t{65535});
       },
       invalid,
       {"number of members", "65535"}},
      {"DirectoryOffsetHigh",
       [] { return in_end<std::uint32_t>(16, 0xFFFFFFFF); },
       invalid,
       {"central directory", "4294967295"}},
      {"DirectoryOffsetLow",
       [] { return in_end<std::uint32_t>(16, 0); },
       invalid,
       {"central directory", "at 0"}},
      {"DirectorySizeHigh",
       [] { return in_end<std::uint32_t>(12, 0xFFFFFFFF); },
       invalid,
       {"central directory", "4294967295 bytes"}},
      {"DirectorySizeZero",
       [] { return in_end<std::uint32_t>(12, 0); },
       invalid,
       {"central directory", "0 bytes"}},
      {"ForeignBytesInFrontOfTheDirectory",
       [] {
         std::string bytes = sound_python();
         return bytes.insert(bytes.rfind("PK\x01\x02"), "x");
       },
       invalid,
       {"central directory"}},
      {"LocatorPointsOut",
       [] { return in_locator<std::uint64_t>(8, ~0ULL); },
       invalid,
       {"zip64", "18446744073709551615"}},
      {"LocatorPointsToItself",
       [] { return in_locator<std::uint64_t>(8, sound().rfind("PK\x06\x07")); },
       invalid,
       {"zip64"}},
      {"LocatorPointsElsewhere",
       [] { return in_locator<std::uint64_t>(8, 0); },
       invalid,
       {"zip64", "at 0"}},
      {"LocatorOfManyDisks",
       [] { return in_locator<std::uint32_t>(16, 2); },
       unsupported,
       {"one disk"}},
      {"LocatorOfAnotherDisk",
       [] { return in_locator<std::uint32_t>(4, 1); },
       unsupported,
       {"one disk"}},
      {"End64OfManyDisks",
       [] { return in_end64<std::uint32_t>(16, 1); },
       unsupported,
       {"one disk"}},
      {"End64SizeWraps", [] { return in_end64<std::uint64_t>(4, ~0ULL); }, invalid, {"zip64"}},
      {"End64SizeShort", [] { return in_end64<std::uint64_t>(4, 43); }, invalid, {"zip64"}},
      {"End64EntriesDiffer",
       [] { return in_end64<std::uint64_t>(24, 4); },
       invalid,
       {"5 entries", "found 4"}},
      {"End64EntriesContradict",
       [] {
         std::string bytes = in_end64<std::uint64_t>(24, 7);
         return patched(bytes, bytes.rfind("PK\x06\x06") + 32, std::uint64_t{7});
       },
       invalid,
       {"zip64", "other values"}},
      {"End64OffsetContradicts",
       [] { return in_end64<std::uint64_t>(48, 0); },
       invalid,
       {"zip64", "other values"}},
      {"End64OffsetHuge",
       [] {
         const std::string bytes = in_end64<std::uint64_t>(48, 1ULL << 63);
         return patched(bytes, bytes.size() - 6, std::uint32_t{0xFFFFFFFF});
       },
       invalid,
       {"central directory", "9223372036854775808"}},
      {"End64SizeOfDirectoryHuge",
       [] {
         const std::string bytes = in_end64<std::uint64_t>(40, ~0ULL);
         return patched(bytes, bytes.size() - 10, std::uint32_t{0xFFFFFFFF});
       },
       invalid,
       {"central directory", "18446744073709551615 bytes"}},
      {"End64EntriesHuge",
       [] {
         std::string bytes = in_end64<std::uint64_t>(24, ~0ULL);
         bytes = patched(bytes, bytes.rfind("PK\x06\x06") + 32, ~std::uint64_t{0});
         return patched(bytes, bytes.size() - 14, ~std::uint32_t{0});
       },
       invalid,
       {"number of members", "18446744073709551615"}},
      // The directory.
      {"EntryWithoutSignature",
       [] { return in_directory<std::uint8_t>(0, 'X'); },
       invalid,
       {"central directory", "an entry"}},
      {"Deflated",
       [] { return in_directory<std::uint16_t>(10, 8); },
       unsupported,
       {"archive/data/0", "deflated", "torch.load", "save_file"}},
      {"OtherMethod",
       [] { return in_directory<std::uint16_t>(10, 93); },
       unsupported,
       {"archive/data/0", "method 93"}},
      {"Encrypted",
       [] { return in_directory<std::uint16_t>(8, 1); },
       unsupported,
       {"archive/data/0", "encrypted"}},
      {"StronglyEncrypted",
       [] { return in_directory<std::uint16_t>(8, 0x40); },
       unsupported,
       {"encrypted"}},
      {"DirectoryEncrypted",
       [] { return in_directory<std::uint16_t>(8, 0x2000); },
       unsupported,
       {"encrypted"}},
      {"Patch", [] { return in_directory<std::uint16_t>(8, 0x20); }, unsupported, {"a patch"}},
      {"SizesDiffer",
       [] { return in_directory<std::uint32_t>(20, 23); },
       invalid,
       {"archive/data/0", "24", "found 23"}},
      {"MemberOnAnotherDisk",
       [] { return in_directory<std::uint16_t>(34, 1); },
       unsupported,
       {"archive/data/0", "one disk"}},
      {"SizesElsewhereButNoExtra",
       [] { return in_directory<std::uint64_t>(20, ~0ULL); },
       invalid,
       {"archive/data/0", "64 bits"}},
      {"ExtraTooShort",
       [] { return with_extra(std::string("\1\0\x08\0", 4) + little_endian(std::uint64_t{24})); },
       invalid,
       {"archive/data/0", "64 bits"}},
      {"ExtraTooLong",
       [] { return with_extra(std::string("\1\0\x18\0", 4) + std::string(16, '\0')); },
       invalid,
       {"archive/data/0", "extra fields"}},
      {"ExtraOfOtherKind",
       [] { return with_extra(std::string("\2\0\x10\0", 4) + std::string(16, '\0')); },
       invalid,
       {"archive/data/0", "64 bits"}},
      {"ExtraWithHugeSizes",
       [] { return with_extra(std::string("\1\0\x10\0", 4) + std::string(16, '\xFF')); },
       invalid,
       {"archive/data/0", "18446744073709551615"}},
      {"DiskElsewhere",
       [] { return in_directory<std::uint16_t>(34, 0xFFFF); },
       invalid,
       {"archive/data/0", "disk"}},
      {"NameBeyondTheDirectory",
       [] { return in_directory<std::uint16_t>(28, 60000); },
       invalid,
       {"central directory", "to end in it"}},
      {"ExtraBeyondTheDirectory",
       [] { return in_directory<std::uint16_t>(30, 60000); },
       invalid,
       {"central directory", "to end in it"}},
      {"CommentBeyondTheDirectory",
       [] { return in_directory<std::uint16_t>(32, 60000); },
       invalid,
       {"central directory", "to end in it"}},
      {"NameEmpty",
       [] {
         return members({empty_dict, {"", "x"}, version});
       },
       invalid,
       {"a name", "0 bytes"}},
      {"NameWithNul",
       [] {
         return members({empty_dict, {std::string("a/\0b", 4), "x"}, version});
       },
       invalid,
       {"a name without NUL"}},
      {"NameTwice",
       [] {
         return members({empty_dict, version, {"a/x", ""}, {"a/x", ""}});
       },
       invalid,
       {"\"a/x\"", "twice"}},
      // Local headers.
      {"HeaderBeyondTheFile",
       [] { return in_directory<std::uint32_t>(42, 0xFFFFFFF0); },
       invalid,
       {"archive/data/0", "a local header", "4294967280"}},
      {"HeaderInTheDirectory",
       [] {
         const std::string bytes = sound_python();
         return in_directory(42, static_cast<std::uint32_t>(bytes.rfind("PK\x01\x02")));
       },
       invalid,
       {"archive/data/0", "a local header"}},
      {"HeaderOfAnotherMember",
       [] { return in_directory<std::uint32_t>(42, 0); },
       invalid,
       {"archive/data/0", "this name", "archive/data.pkl"}},
      {"HeaderWithoutSignature",
       [] { return in_header<std::uint8_t>(2, 'X'); },
       invalid,
       {"archive/data/0", "a local header"}},
      {"HeaderOfAnotherMethod",
       [] { return in_header<std::uint16_t>(8, 8); },
       invalid,
       {"archive/data/0", "flags and method"}},
      {"HeaderEncrypted",
       [] { return in_header<std::uint16_t>(6, 1); },
       invalid,
       {"archive/data/0", "flags and method"}},
      {"HeaderOfAnotherSize",
       [] { return in_header<std::uint32_t>(22, 25); },
       invalid,
       {"archive/data/0", "24 bytes", "found 25"}},
      {"HeaderOfAnotherStoredSize",
       [] { return in_header<std::uint32_t>(18, 25); },
       invalid,
       {"archive/data/0", "found 25"}},
      {"HeaderWithoutSizes",
       [] { return in_header<std::uint64_t>(18, 0); },
       invalid,
       {"archive/data/0", "found 0"}},
      {"HeaderNameLong",
       [] { return in_header<std::uint16_t>(26, 60000); },
       invalid,
       {"archive/data/0", "in front of the directory"}},
      {"HeaderExtraLong",
       [] { return in_header<std::uint16_t>(28, 60000); },
       invalid,
       {"archive/data/0", "in front of the directory"}},
      {"HeaderExtraEatsTheData",
       [] {
         const std::string bytes = sound_python();
         const std::size_t room =
             bytes.find("PK\x01\x02") - bytes.find(data_name) - data_name.size();
         return in_header(28, static_cast<std::uint16_t>(room - 8));
       },
       invalid,
       {"archive/data/0", "at most 8 bytes", "found 24"}},
      {"DataOverlaps",
       [] {
         // The data of data/0 shifted into the next member by an extra field of 8 bytes.
         return in_header<std::uint16_t>(28, 8);
       },
       invalid,
       {"archive/version", "begin behind", "archive/data/0"}},
      {"DataOverTheEnd",
       [] {
         const std::string bytes =
             patched(in_directory<std::uint32_t>(20, 60000), sound_python().rfind(data_name) - 22,
                     std::uint32_t{60000});
         const std::size_t at = bytes.find(data_name) - 30;
         return patched(patched(bytes, at + 18, std::uint32_t{60000}), at + 22,
                        std::uint32_t{60000});
       },
       invalid,
       {"archive/data/0", "found 60000"}},
      {"ManyMembers",
       [] {
         std::vector<ZipMember> all{empty_dict, version};
         for (int i = 0; i < 100'000; ++i) all.emplace_back(std::to_string(i), "");
         std::string bytes = members(all);
         return patched(bytes, bytes.size() - 14, ~std::uint32_t{0});
       },
       limit,
       {"number of members", "at most 100000", "100002"}},
  };
  return rows;
}

class BadTorchArchive : public testing::TestWithParam<BadBytes> {};

TEST_P(BadTorchArchive, IsRefused) { expect_refused(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Archives, BadTorchArchive, testing::ValuesIn(archives()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace attend::test
