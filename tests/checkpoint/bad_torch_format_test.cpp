// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files in the place of pytorch_model.bin that are something else, or archives of something else.
#include <gtest/gtest.h>

#include "checkpoint/bad_torch_bytes.h"

namespace attend::test {
namespace {

std::string members(const std::vector<ZipMember>& all) { return zip_bytes(all); }
const ZipMember empty_dict{"a/data.pkl", "\x80\x02}."};
const ZipMember version{"a/version", "3\n"};

std::string legacy() {
  return std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.",
                     21);
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
       [] { return safetensors("{}"); },
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

class BadTorchFormat : public testing::TestWithParam<BadBytes> {};

TEST_P(BadTorchFormat, IsRefused) { expect_refused(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Formats, BadTorchFormat, testing::ValuesIn(formats()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace attend::test
