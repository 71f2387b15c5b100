// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pickles that are wrong, or would have Python do something, each with the error that it must give.
#include <gtest/gtest.h>

#include "checkpoint/bad_torch_bytes.h"

namespace attend::test {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
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

class BadTorchPickle : public testing::TestWithParam<BadBytes> {};

TEST_P(BadTorchPickle, IsRefused) { expect_refused(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Pickles, BadTorchPickle, testing::ValuesIn(pickles()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace attend::test
