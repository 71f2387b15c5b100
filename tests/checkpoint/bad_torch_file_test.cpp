// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files of PyTorch that are wrong, each with the error that it must give; every cut and thousands
// of flipped bytes of a sound one.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <functional>
#include <random>

#include "attend/checkpoint/torch_file.h"
#include "checkpoint/safetensors_bytes.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "support/sanitized.h"
#include "support/torch_bytes.h"

namespace attend {
namespace {

namespace pickled = test::pickled;
using test::as_bytes;
using test::little_endian;
using test::ZipStyle;

constexpr auto invalid = ErrorKind::invalid_format;
constexpr auto unsupported = ErrorKind::unsupported;
constexpr auto limit = ErrorKind::resource_limit;

struct BadBytes {
  std::string name;
  std::function<std::string()> make;
  ErrorKind kind;
  std::vector<std::string> parts;
};

// What GoogleTest prints for a row, which would else be its bytes.
void PrintTo(const BadBytes& row, std::ostream* out) { *out << row.name; }

const std::string zeros(24, '\0');  // the storage "0": six floats

// An archive around this pickle.
std::string archive(const std::string& pickle) {
  return test::torch_archive(pickle, {{"0", zeros}});
}
std::string value(const std::string& opcodes) { return archive(pickled::file(opcodes)); }
std::string raw(std::string_view pickle) { return archive(std::string(pickle)); }
std::string entry(const std::string& opcodes) { return value(pickled::dict({{"w.x", opcodes}})); }

std::string storage() { return pickled::storage("FloatStorage", "0", 6); }
std::string layout(const pickled::Layout& layout) {
  return entry(pickled::tensor(storage(), layout));
}
std::string stored(const std::string& storage) {
  return entry(pickled::tensor(storage, {.shape = {6}, .strides = {1}}));
}
// A tensor with these arguments.
std::string rebuilt(const std::vector<std::string>& arguments) {
  return entry(pickled::call(pickled::global("torch._utils", "_rebuild_tensor_v2"), arguments));
}
std::string sound() { return layout({.shape = {2, 3}, .strides = {3, 1}}); }

// A sound file in Python's style, which is shorter, and one with these members instead.
std::string sound_python() {
  const std::string tensor = pickled::tensor(storage(), {.shape = {2, 3}, .strides = {3, 1}});
  return test::torch_archive(pickled::file(pickled::dict({{"w.x", tensor}})), {{"0", zeros}},
                             ZipStyle::python);
}
std::string members(const std::vector<test::ZipMember>& all) { return test::zip_bytes(all); }
const test::ZipMember empty_dict{"a/data.pkl", "\x80\x02}."};
const test::ZipMember version{"a/version", "3\n"};

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

std::string global(std::string_view module, std::string_view name) {
  return value(pickled::global(module, name));
}
std::string legacy() {
  return std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.",
                     21);
}
std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

const std::vector<BadBytes>& formats() {
  static const std::vector<BadBytes> rows{
      {"Empty", [] { return ""; }, invalid, {"an empty file", "zip archive"}},
      {"OneByte", [] { return "P"; }, invalid, {"\"P\"", "no file of PyTorch"}},
      {"Legacy", legacy, unsupported, {"before PyTorch 1.6", "torch.load", "save_file"}},
      {"LegacyOfProtocol4",
       [] { return std::string("\x80\x04\x95\x0e\0\0\0\0\0\0\0", 11) + legacy().substr(2); },
       unsupported,
       {"before PyTorch 1.6"}},
      {"PickleAlone", [] { return "\x80\x02}."; }, unsupported, {"a pickle alone", "torch.load"}},
      {"Tar",
       [] { return std::string(257, '\0') + "ustar" + std::string(250, '\0'); },
       unsupported,
       {"tar archive", "torch.load"}},
      {"GitLfs",
       [] { return "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"; },
       invalid,
       {"Git LFS pointer", "git lfs pull"}},
      {"Html", [] { return "<!DOCTYPE html>\n<html>404</html>"; }, invalid, {"HTML page"}},
      {"Safetensors",
       [] { return test::safetensors("{}"); },
       invalid,
       {"looks like safetensors", "model.safetensors"}},
      {"ArchiveWithoutPickle", [] { return members({version}); }, invalid, {"FOLDER/data.pkl"}},
      {"PickleWithoutFolder",
       [] {
         return members({{"data.pkl", "\x80\x02}."}, {"version", "3\n"}});
       },
       invalid,
       {"FOLDER/data.pkl"}},
      {"PickleInNoName",
       [] {
         return members({{"/data.pkl", "\x80\x02}."}, {"/version", "9999\n"}});
       },
       unsupported,
       {"version", "9999"}},
      {"PickleTooDeep",
       [] {
         return members({{"a/b/data.pkl", "\x80\x02}."}, {"a/b/version", "3\n"}});
       },
       invalid,
       {"FOLDER/data.pkl"}},
      {"TwoPickles",
       [] {
         return members({empty_dict, version, {"b/data.pkl", "\x80\x02}."}});
       },
       invalid,
       {"data.pkl", "in two folders"}},
      {"NoVersion", [] { return members({empty_dict}); }, invalid, {"version", "none"}},
      {"VersionOfAnotherFolder",
       [] {
         return members({empty_dict, {"b/version", "3\n"}});
       },
       invalid,
       {"version", "none"}},
      {"VersionText",
       [] {
         return members({empty_dict, {"a/version", "three"}});
       },
       invalid,
       {"version", "\"three\""}},
      {"VersionEmpty",
       [] {
         return members({empty_dict, {"a/version", ""}});
       },
       invalid,
       {"version", "a number"}},
      {"VersionOfTwoLines",
       [] {
         return members({empty_dict, {"a/version", "3\n4\n"}});
       },
       invalid,
       {"version"}},
      {"VersionHuge",
       [] {
         return members({empty_dict, {"a/version", "99999999999999999999"}});
       },
       invalid,
       {"version", "a number"}},
      {"VersionOfTomorrow",
       [] {
         return members({empty_dict, {"a/version", "11\n"}});
       },
       unsupported,
       {"1 to 10", "11", "torch.load"}},
      {"VersionZero",
       [] {
         return members({empty_dict, {"a/version", "0\n"}});
       },
       unsupported,
       {"1 to 10", "found 0"}},
      {"BigEndian",
       [] {
         return members({empty_dict, version, {"a/byteorder", "big"}});
       },
       unsupported,
       {"byte order", "little", "\"big\""}},
      {"TorchScript",
       [] {
         return members({empty_dict, version, {"a/constants.pkl", ""}});
       },
       unsupported,
       {"TorchScript"}},
  };
  return rows;
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
         std::vector<test::ZipMember> all{empty_dict, version};
         for (int i = 0; i < 100'000; ++i) all.emplace_back(std::to_string(i), "");
         std::string bytes = members(all);
         return patched(bytes, bytes.size() - 14, ~std::uint32_t{0});
       },
       limit,
       {"number of members", "at most 100000", "100002"}},
  };
  return rows;
}

const std::vector<BadBytes>& pickles() {
  static const std::vector<BadBytes> rows{
      // Opcodes.
      {"PickleEmpty", [] { return raw(""); }, invalid, {"byte 0", "a protocol"}},
      {"PickleOfOneByte", [] { return raw("\x80"); }, invalid, {"a protocol"}},
      {"NoProtocol", [] { return raw("}."); }, invalid, {"byte 0", "a protocol"}},
      {"ProtocolOne",
       [] { return raw("\x80\x01}."); },
       unsupported,
       {"protocol 2 to 5", "found 1"}},
      {"ProtocolSix",
       [] { return raw("\x80\x06}."); },
       unsupported,
       {"protocol 2 to 5", "found 6"}},
      {"ProtocolTwice", [] { return raw("\x80\x02\x80\x02}."); }, invalid, {"byte 2", "once more"}},
      {"NoStop", [] { return raw("\x80\x02}"); }, invalid, {"byte 3", "the end"}},
      {"NothingAtStop", [] { return raw("\x80\x02."); }, invalid, {"one value", "found 0"}},
      {"TwoAtStop", [] { return raw("\x80\x02NN."); }, invalid, {"one value", "found 2"}},
      {"MarkAtStop", [] { return raw("\x80\x02}(."); }, invalid, {"1 marks"}},
      {"BytesAfterStop", [] { return raw("\x80\x02}.}"); }, invalid, {"1 more bytes"}},
      {"OpcodeUnknown", [] { return value("\xFF"); }, invalid, {"byte 2", "an opcode", "255"}},
      {"OpcodeNewobj", [] { return value("}\x81"); }, unsupported, {"byte 3", "NEWOBJ", "run"}},
      {"OpcodeNewobjEx", [] { return value("\x92"); }, unsupported, {"NEWOBJ_EX"}},
      {"OpcodeInst", [] { return value("(ios\nsystem\n"); }, unsupported, {"INST"}},
      {"OpcodeObj", [] { return value("(o"); }, unsupported, {"OBJ"}},
      {"OpcodeExtension", [] { return value("\x82\x01"); }, unsupported, {"EXT1"}},
      {"OpcodePersid", [] { return value("P0\n"); }, unsupported, {"PERSID"}},
      {"OpcodeDup", [] { return value("}2"); }, unsupported, {"DUP"}},
      {"OpcodePop", [] { return value("}0"); }, unsupported, {"POP"}},
      {"OpcodeLong4", [] { return value("\x8b"); }, unsupported, {"LONG4"}},
      {"OpcodeSet", [] { return value("\x8f"); }, unsupported, {"EMPTY_SET"}},
      {"OpcodeBytes", [] { return value("C\x01x"); }, unsupported, {"SHORT_BINBYTES"}},
      {"OpcodeBuffer", [] { return value("\x97"); }, unsupported, {"NEXT_BUFFER"}},
      {"OpcodeString", [] { return value("S'x'\n"); }, unsupported, {"STRING"}},
      // Arguments that are cut off.
      {"TextCut", [] { return value("X\x09"); }, invalid, {"byte 2", "the end of the pickle"}},
      {"TextLong",
       [] { return value(std::string("X\xFF\xFF\xFF\xFFx", 6)); },
       invalid,
       {"the end of the pickle"}},
      {"TextOf64BitsLong",
       [] { return value("\x8d" + std::string(8, '\xFF')); },
       invalid,
       {"the end of the pickle"}},
      {"IntegerCut", [] { return raw("\x80\x02J\x01"); }, invalid, {"the end of the pickle"}},
      {"LongCut", [] { return raw("\x80\x02\x8a\x08."); }, invalid, {"the end of the pickle"}},
      {"LongOfNineBytes",
       [] { return value("\x8a\x09" + std::string(9, '\x01')); },
       invalid,
       {"at most 8 bytes", "9 bytes"}},
      {"GlobalCut",
       [] {
         return raw(
             "\x80\x02"
             "ctorch\nFloat");
       },
       invalid,
       {"the end"}},
      {"FrameCut", [] { return raw("\x80\x04\x95\x01"); }, invalid, {"the end"}},
      // The stack and the memo.
      {"SetItemOfNothing", [] { return value("s"); }, invalid, {"3 values", "found 0"}},
      {"SetItemBelowTheMark", [] { return value("}(NNs"); }, invalid, {"3 values", "found 2"}},
      {"SetItemOfAList", [] { return value("]NNs"); }, invalid, {"a dict", "a list"}},
      {"SetItemsWithoutMark", [] { return value("}u"); }, invalid, {"a mark"}},
      {"SetItemsOdd", [] { return value("}(Nu"); }, invalid, {"a value for every key", "1 values"}},
      {"SetItemsOfNothing", [] { return value("(u"); }, invalid, {"1 values", "found 0"}},
      {"AppendToADict", [] { return value("}Na"); }, invalid, {"a list", "a dict"}},
      {"AppendsWithoutMark", [] { return value("]e"); }, invalid, {"a mark"}},
      {"TupleWithoutMark", [] { return value("t"); }, invalid, {"a mark"}},
      {"TupleOfTooFew", [] { return value("N\x86"); }, invalid, {"2 values", "found 1"}},
      {"PutOfNothing", [] { return value(std::string("q\0", 2)); }, invalid, {"1 values"}},
      {"PutFarAway",
       [] { return value("}r\xFF\xFF\xFF\x7F"); },
       invalid,
       {"0 places", "2147483647"}},
      {"GetOfNothing", [] { return value(std::string("h\0", 2)); }, invalid, {"0 places"}},
      {"GetFarAway", [] { return value("j\xFF\xFF\xFF\xFF"); }, invalid, {"4294967295"}},
      {"BuildOfNothing", [] { return value("}b"); }, invalid, {"2 values"}},
      {"BuildOfATensor",
       [] { return value(pickled::tensor(storage(), {}) + "}b"); },
       invalid,
       {"a dict", "a tensor"}},
      {"PersistentText", [] { return value("X\0\0\0\0Q"); }, invalid, {}},
      {"PersistentOfNothing", [] { return value("Q"); }, invalid, {"1 values"}},
      {"PersistentNone", [] { return value("NQ"); }, invalid, {"as a tuple", "None"}},
      // What Python would import and call.
      {"GlobalSystem",
       [] { return value("cposix\nsystem\nX\x02\0\0\0id\x85R"); },
       unsupported,
       {"byte 2", "\"posix.system\"", "nothing of the file was run"}},
      {"GlobalEval", [] { return global("builtins", "eval"); }, unsupported, {"\"builtins.eval\""}},
      {"GlobalOfNumpy",
       [] { return global("numpy.core.multiarray", "_reconstruct"); },
       unsupported,
       {"numpy.core.multiarray._reconstruct"}},
      {"GlobalLoadFromBytes",
       [] { return global("torch.storage", "_load_from_bytes"); },
       unsupported,
       {"torch.storage._load_from_bytes"}},
      {"GlobalOfComplexNumbers",
       [] { return global("torch", "ComplexFloatStorage"); },
       unsupported,
       {"ComplexFloatStorage"}},
      {"GlobalOfSparseTensors",
       [] { return global("torch._utils", "_rebuild_sparse_tensor"); },
       unsupported,
       {"_rebuild_sparse_tensor"}},
      {"GlobalOnTheStack",
       [] { return value("\x8c\x02os\x8c\x06system\x93"); },
       unsupported,
       {"\"os.system\""}},
      {"GlobalOnTheStackOfNumbers", [] { return value("K\1K\2\x93"); }, invalid, {"as two texts"}},
      {"GlobalOnTheStackMissing", [] { return value("\x93"); }, invalid, {"2 values"}},
      {"GlobalLong",
       [] { return global(std::string(300, 'a'), "b"); },
       invalid,
       {"at most 256 bytes", "301"}},
      {"GlobalWithControls", [] { return global("\x1b[31m", "x"); }, unsupported, {"\\x1B[31m.x"}},
      {"ReduceOfATensor",
       [] { return value(pickled::tensor(storage(), {}) + ")R"); },
       invalid,
       {"a function to call", "a tensor"}},
      {"ReduceWithoutTuple",
       [] { return value(pickled::global("torch", "FloatStorage") + "NR"); },
       invalid,
       {"arguments as a tuple", "None"}},
      {"ReduceOfNothing", [] { return value("R"); }, invalid, {"2 values"}},
      {"OrderedDictWithArguments",
       [] { return value(pickled::global("collections", "OrderedDict") + "]\x85R"); },
       invalid,
       {"without arguments", "found 1"}},
      // Bounds.
      {"DeepStack",
       [] { return raw("\x80\x02" + std::string(200'000, '}')); },
       limit,
       {"on the stack", "at most 100000"}},
      {"ManyMarks",
       [] { return raw("\x80\x02" + std::string(200'000, '(')); },
       limit,
       {"on the stack", "at most 100000"}},
      {"ManyOpcodes",
       [] { return raw("\x80\x02]" + repeated("}a", 1'500'000) + "."); },
       limit,
       {"opcodes", "at most 2000000"}},
      {"ManyPlacesOfTheMemo",
       [] { return raw("\x80\x04]" + std::string(3'000'000, '\x94') + "."); },
       limit,
       {"opcodes", "at most 2000000"}},
      {"LongPickle",
       [] {
         return raw("\x80\x02X" + little_endian(std::uint32_t{10'000'000}) +
                    std::string(10'000'000, 'x') + ".");
       },
       limit,
       {"bytes", "at most 10000000"}},
  };
  return rows;
}

const std::vector<BadBytes>& state_dicts() {
  const auto number = [](int i) { return pickled::integer(i); };
  static const std::string one_item = pickled::integers({6});
  static const std::string stride = pickled::integers({1});
  static const std::string zero = number(0);
  static const std::string hooks = pickled::ordered_dict();
  static const std::vector<BadBytes> rows{
      // What is no state dict.
      {"RootNone", [] { return value("N"); }, unsupported, {"a dict of tensors", "None"}},
      {"RootList", [] { return value("]"); }, unsupported, {"a dict of tensors", "a list"}},
      {"RootTensor",
       [] { return value(pickled::tensor(storage(), {.shape = {6}, .strides = {1}})); },
       unsupported,
       {"a dict of tensors", "a tensor", "state_dict()"}},
      {"RootStorage", [] { return value(storage()); }, unsupported, {"a dict", "a storage"}},
      {"RootFunction",
       [] { return global("torch._utils", "_rebuild_tensor_v2"); },
       unsupported,
       {"a class or function"}},
      {"WrapperStateDict",
       [] {
         return value(pickled::dict({{"state_dict", "}"}, {"epoch", "K\1"}}));
       },
       unsupported,
       {"\"state_dict\"", "a dict", "no state dict"}},
      {"WrapperModel",
       [] {
         return value(pickled::dict({{"model", hooks}}));
       },
       unsupported,
       {"\"model\"", "a dict", "state_dict()"}},
      {"EntryList", [] { return entry("]"); }, unsupported, {"\"w.x\"", "a list"}},
      {"EntryTuple", [] { return entry(")"); }, unsupported, {"\"w.x\"", "a tuple"}},
      {"EntryStorage", [] { return entry(storage()); }, unsupported, {"\"w.x\"", "a storage"}},
      {"EntryFunction",
       [] { return entry(pickled::global("torch", "FloatStorage")); },
       unsupported,
       {"\"w.x\"", "a class or function"}},
      {"EntryClass",
       [] { return entry(pickled::global("collections", "OrderedDict")); },
       unsupported,
       {"\"w.x\"", "a class or function"}},
      {"KeyNumber", [] { return value("}K\1Ns"); }, unsupported, {"a key", "text", "an integer"}},
      {"NameTwice",
       [] {
         return value(pickled::dict({{"w.x", "N"}, {"w.x", "N"}}));
       },
       invalid,
       {"\"w.x\"", "twice"}},
      {"NameEmpty",
       [] {
         return value(pickled::dict({{"", pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"an empty name"}},
      {"NameClimbs",
       [] {
         return value(pickled::dict({{"../x", pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"\"../x\"", "no path"}},
      {"NameControl",
       [] {
         return value(pickled::dict({{"a\x07", pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"\\x07"}},
      {"NameNotUtf8",
       [] {
         return value(pickled::dict({{"\xC3(", pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"UTF-8", "\\xC3("}},
      {"NameLong",
       [] {
         return value(pickled::dict({{std::string(2000, 'n'), pickled::tensor(storage(), {})}}));
       },
       invalid,
       {"2000 bytes", "1024"}},
      // How a tensor is put together.
      {"StorageCalled",
       [] { return entry(pickled::global("torch", "FloatStorage") + ")R"); },
       invalid,
       {"\"w.x\"", "_rebuild_tensor_v2", "torch.FloatStorage"}},
      {"NoArguments", [] { return rebuilt({}); }, invalid, {"\"w.x\"", "other arguments"}},
      {"FiveArguments",
       [] {
         return rebuilt({storage(), zero, one_item, stride, "\x89"});
       },
       invalid,
       {"\"w.x\"", "other arguments"}},
      {"EightArguments",
       [] {
         return rebuilt({storage(), zero, one_item, stride, "\x89", hooks, "N", "N"});
       },
       invalid,
       {"\"w.x\"", "other arguments"}},
      {"Metadata",
       [] {
         return rebuilt(
             {storage(), zero, one_item, stride, "\x89", hooks, pickled::dict({{"neg", "\x88"}})});
       },
       unsupported,
       {"\"w.x\"", "no metadata"}},
      {"MetadataList",
       [] {
         return rebuilt({storage(), zero, one_item, stride, "\x89", hooks, "]"});
       },
       unsupported,
       {"\"w.x\"", "no metadata", "a list"}},
      {"StorageNone",
       [] {
         return rebuilt({"N", zero, one_item, stride, "\x89", hooks});
       },
       invalid,
       {"a storage, its offset"}},
      {"OffsetText",
       [] {
         return rebuilt({storage(), pickled::text("0"), one_item, stride, "\x89", hooks});
       },
       invalid,
       {"other arguments"}},
      {"ShapeList",
       [] {
         return rebuilt({storage(), zero, "]", stride, "\x89", hooks});
       },
       invalid,
       {"other arguments"}},
      {"StrideNumber",
       [] {
         return rebuilt({storage(), zero, one_item, "K\1", "\x89", hooks});
       },
       invalid,
       {"other arguments"}},
      {"RequiresGradNumber",
       [] {
         return rebuilt({storage(), zero, one_item, stride, "K\1", hooks});
       },
       invalid,
       {"other arguments"}},
      {"ParameterOfNothing",
       [] {
         return entry(pickled::call(pickled::global("torch._utils", "_rebuild_parameter"), {}));
       },
       invalid,
       {"\"w.x\"", "_rebuild_parameter"}},
      {"ParameterOfAStorage",
       [] {
         return entry(pickled::call(pickled::global("torch._utils", "_rebuild_parameter"),
                                    {storage(), "\x88", hooks}));
       },
       invalid,
       {"\"w.x\"", "_rebuild_parameter"}},
      {"ParameterOfAParameter",
       [] {
         const std::string function = pickled::global("torch._utils", "_rebuild_parameter");
         return entry(pickled::call(
             function, {pickled::call(function, {storage(), "\x88", hooks}), "\x88", hooks}));
       },
       invalid,
       {"\"w.x\"", "_rebuild_tensor_v2", "_rebuild_parameter"}},
      // Storages.
      {"StorageMissing",
       [] { return stored(pickled::storage("FloatStorage", "1", 6)); },
       invalid,
       {"\"w.x\"", "storage \"1\"", "data/1"}},
      {"StorageClimbs",
       [] { return stored(pickled::storage("FloatStorage", "../version", 6)); },
       invalid,
       {"\"w.x\"", "../version"}},
      {"StorageShort",
       [] { return stored(pickled::storage("FloatStorage", "0", 5)); },
       invalid,
       {"\"w.x\"", "5 elements of F32", "24 bytes"}},
      {"StorageLong",
       [] { return stored(pickled::storage("FloatStorage", "0", 7)); },
       invalid,
       {"\"w.x\"", "7 elements of F32", "24 bytes"}},
      {"StorageOfAnotherType",
       [] { return stored(pickled::storage("HalfStorage", "0", 6)); },
       invalid,
       {"6 elements of F16", "24 bytes"}},
      {"StorageCountNegative",
       [] { return stored(pickled::storage("FloatStorage", "0", -6)); },
       invalid,
       {"-6 elements"}},
      {"StorageCountWraps",
       [] { return stored(pickled::storage("FloatStorage", "0", (1LL << 62) + 6)); },
       invalid,
       {"elements of F32", "24 bytes"}},
      {"StorageTwoTypes",
       [] {
         const auto tensor = [](std::string_view type, std::int64_t count) {
           return pickled::tensor(pickled::storage(type, "0", count),
                                  {.shape = {1}, .strides = {1}});
         };
         return value(
             pickled::dict({{"a", tensor("FloatStorage", 6)}, {"w.x", tensor("HalfStorage", 12)}}));
       },
       invalid,
       {"\"w.x\"", "6 elements of F32, as before", "12 of F16"}},
      {"StorageTupleShort",
       [] { return stored(pickled::tuple({pickled::text("storage")}) + "Q"); },
       invalid,
       {"\"w.x\"", "another tuple"}},
      {"StorageTupleOfTextOnly",
       [] {
         const std::string text = pickled::text("storage");
         return stored(pickled::tuple({text, text, text, text, "K\6"}) + "Q");
       },
       invalid,
       {"another tuple"}},
      {"StorageOfNoStorageType",
       [] {
         return stored(pickled::tuple({pickled::text("storage"),
                                       pickled::global("torch._utils", "_rebuild_tensor_v2"),
                                       pickled::text("0"), pickled::text("cpu"), "K\6"}) +
                       "Q");
       },
       invalid,
       {"another tuple"}},
      {"StorageOfAnotherKind",
       [] {
         return stored(
             pickled::tuple({pickled::text("module"), pickled::global("torch", "FloatStorage"),
                             pickled::text("0"), pickled::text("cpu"), "K\6"}) +
             "Q");
       },
       invalid,
       {"another tuple"}},
      // Layouts.
      {"OffsetNegative",
       [] { return layout({.offset = -1, .shape = {1}, .strides = {1}}); },
       invalid,
       {"\"w.x\"", "offset", "below 0"}},
      {"OffsetBehindTheEnd",
       [] { return layout({.offset = 6, .shape = {1}, .strides = {1}}); },
       invalid,
       {"\"w.x\"", "storage's 6", "end at 7"}},
      {"OffsetOfNoElements",
       [] { return layout({.offset = 7, .shape = {0}, .strides = {1}}); },
       invalid,
       {"storage's 6", "end at 7"}},
      {"OffsetMost",
       [] { return layout({.offset = INT64_MAX, .shape = {2}, .strides = {1}}); },
       invalid,
       {"beyond 63 bits"}},
      {"ExtentNegative",
       [] { return layout({.shape = {-1}, .strides = {1}}); },
       invalid,
       {"\"w.x\"", "shape", "found -1"}},
      {"ExtentTooLarge",
       [] { return layout({.shape = {7}, .strides = {1}}); },
       invalid,
       {"storage's 6", "end at 7"}},
      {"ExtentText",
       [] {
         return rebuilt(
             {storage(), zero, pickled::tuple({pickled::text("6")}), stride, "\x89", hooks});
       },
       invalid,
       {"\"w.x\"", "integers", "text"}},
      {"ShapeWraps",
       [] {
         return layout({.shape = {1LL << 32, 1LL << 32}, .strides = {0, 0}});
       },
       invalid,
       {"\"w.x\"", "63 bits"}},
      {"ShapeWrapsBesideZero",
       [] {
         return layout({.shape = {0, 1LL << 32, 1LL << 32}, .strides = {0, 0, 0}});
       },
       invalid,
       {"63 bits"}},
      {"RankFive",
       [] {
         return layout({.shape = {1, 1, 1, 1, 6}, .strides = {6, 6, 6, 6, 1}});
       },
       unsupported,
       {"\"w.x\"", "at most 4 extents", "found 5"}},
      {"StrideMissing",
       [] {
         return layout({.shape = {2, 3}, .strides = {1}});
       },
       invalid,
       {"\"w.x\"", "strides", "expected 2, found 1"}},
      {"StrideNegative",
       [] { return layout({.offset = 5, .shape = {6}, .strides = {-1}}); },
       invalid,
       {"below 0"}},
      {"StrideTooLarge",
       [] {
         return layout({.shape = {2, 3}, .strides = {4, 1}});
       },
       invalid,
       {"storage's 6", "end at 7"}},
      {"StrideWraps",
       [] { return layout({.shape = {3}, .strides = {1LL << 62}}); },
       invalid,
       {"beyond 63 bits"}},
      {"StridesWrapTogether",
       [] {
         return layout({.shape = {2, 2, 2}, .strides = {1LL << 62, 1LL << 62, 1}});
       },
       invalid,
       {"beyond 63 bits"}},
      {"ExpandedBeyondTheFile",
       [] {
         return layout({.shape = {1LL << 40, 6}, .strides = {0, 1}});
       },
       limit,
       {"bytes of all tensors", "64 times"}},
      {"ExpandedToACopyOfTheFile",
       [] {
         return layout({.shape = {100, 6}, .strides = {0, 1}});
       },
       limit,
       {"row by row", "those of the file"}},
      {"ManyNamesOfOneStorage",
       [] {
         std::string opcodes = "}(";
         for (int i = 0; i < 2000; ++i) {
           opcodes += pickled::text(std::to_string(i)) +
                      (i == 0 ? pickled::tensor(pickled::storage("ByteStorage", "0", 1'000'000),
                                                {.shape = {1'000'000}, .strides = {1}}) +
                                    std::string("q\0", 2)
                              : std::string("h\0", 2));
         }
         return test::torch_archive(pickled::file(opcodes + "u"),
                                    {{"0", std::string(1'000'000, '\0')}});
       },
       limit,
       {"bytes of all tensors", "64 times"}},
  };
  return rows;
}

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

class BadTorchFile : public testing::TestWithParam<BadBytes> {};

TEST_P(BadTorchFile, IsRefused) {
  const std::string bytes = GetParam().make();
  const auto start = std::chrono::steady_clock::now();
  const long before = peak_kilobytes();
  const auto error = test::error_of([&] { return TorchFile::parse(as_bytes(bytes), "bad.bin"); });
  const auto took = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(error) << "it was accepted";
  const std::string_view message = error->what();
  EXPECT_EQ(name(error->kind()), name(GetParam().kind)) << message;
  EXPECT_TRUE(message.starts_with("[read PyTorch file] ")) << message;
  EXPECT_NE(message.find("(bad.bin)"), std::string_view::npos) << message;
  for (const auto& part : GetParam().parts) {
    EXPECT_NE(message.find(part), std::string_view::npos) << "no " << part << " in: " << message;
  }
  EXPECT_LT(message.size(), 600U);
  EXPECT_LT(took, test::time_allowed);
  EXPECT_LT(peak_kilobytes() - before, 64'000);
}

const auto row_name = [](const auto& row) { return row.param.name; };
INSTANTIATE_TEST_SUITE_P(Formats, BadTorchFile, testing::ValuesIn(formats()), row_name);
INSTANTIATE_TEST_SUITE_P(Archives, BadTorchFile, testing::ValuesIn(archives()), row_name);
INSTANTIATE_TEST_SUITE_P(Pickles, BadTorchFile, testing::ValuesIn(pickles()), row_name);
INSTANTIATE_TEST_SUITE_P(StateDicts, BadTorchFile, testing::ValuesIn(state_dicts()), row_name);

TEST(TorchFileMutation, SoundBytesAreSound) {
  for (const std::string& bytes : {sound(), sound_python()}) {
    EXPECT_EQ(TorchFile::parse(as_bytes(bytes), "good.bin").tensors().size(), 1U);
  }
}

// The outcome of bytes that may be anything: an Error, or tensors that can be read to the last
// byte.
bool is_refused(std::string_view bytes) {
  // A copy without room behind it, so that a sanitizer sees what is read beyond the end.
  const std::vector<std::byte> exact(as_bytes(bytes).begin(), as_bytes(bytes).end());
  const auto error = test::error_of([&] {
    const auto file = TorchFile::parse(exact, "mutated.bin");
    std::vector<float> values;
    for (const auto& [name, tensor] : file.tensors()) {
      values.resize(static_cast<std::size_t>(tensor.shape.count()));
      to_float(tensor.dtype, tensor.bytes, values);
    }
    return 0;
  });
  if (error) {
    EXPECT_NE(error->kind(), ErrorKind::internal) << error->what();
  }
  return error.has_value();
}

std::vector<std::string> seeds() {
  const auto data = test::tests_folder() / "checkpoint/data";
  return {sound(), sound_python(), test::read_file(data / "protocol2.bin"),
          test::read_file(data / "protocol4.bin")};
}

TEST(TorchFileMutation, EveryCutIsRefused) {
  for (const std::string& bytes : seeds()) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_TRUE(is_refused(std::string_view(bytes).substr(0, size))) << size;
    }
  }
}

TEST(TorchFileMutation, EveryCutOfThePickleIsRefused) {
  const std::string pickle = pickled::file(
      pickled::dict({{"w.x", pickled::tensor(storage(), {.shape = {2, 3}, .strides = {3, 1}})}}));
  for (std::size_t size = 0; size < pickle.size(); ++size) {
    EXPECT_TRUE(is_refused(archive(pickle.substr(0, size)))) << size;
  }
}

TEST(TorchFileMutation, FlippedBytesAreResultsOrErrors) {
  std::mt19937_64 random(7);
  int refused = 0;
  int count = 0;
  for (const std::string& seed : seeds()) {
    for (int i = 0; i < 5000; ++i, ++count) {
      std::string bytes = seed;
      const std::size_t changes = 1 + random() % 3;
      for (std::size_t j = 0; j < changes; ++j) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      refused += is_refused(bytes) ? 1 : 0;
    }
  }
  EXPECT_GT(refused, count / 4);
  EXPECT_LT(refused, count);
}

}  // namespace
}  // namespace attend
