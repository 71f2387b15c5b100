// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fuzz target: a model file of SentencePiece, with a short text through whatever loads: our own
// Unigram, BPE and SentencePiece by the recipe that the size chooses.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "attend/tokenizer/tokenizer.h"
#include "fuzz/fuzz.h"
#include "tokenizer/sentencepiece_program.h"

namespace {

struct Recipe {
  std::string_view tokenizer_class;
  std::string_view file;
};
constexpr std::array<Recipe, 4> recipes = {{{"T5Tokenizer", "spiece.model"},
                                            {"AlbertTokenizer", "spiece.model"},
                                            {"LlamaTokenizer", "tokenizer.model"},
                                            {"XLMRobertaTokenizer", "sentencepiece.bpe.model"}}};

constexpr std::string_view text = "Zoë's  [MASK] ﬁne ①́ café, 東京 ½! ｶﾅ \n<s>9,";

void load_and_encode(const Recipe& recipe, std::string_view bytes) {
  const auto folder = attend::test::fuzz_folder() / recipe.tokenizer_class;
  std::filesystem::create_directories(folder);
  attend::test::put(folder / "tokenizer_config.json",
                    "{\"tokenizer_class\": \"" + std::string(recipe.tokenizer_class) + "\"}");
  attend::test::put(folder / recipe.file, bytes);
  const auto tokenizer = attend::Tokenizer::load(folder);
  (void)tokenizer.decode(tokenizer.encode_pair(text, "a ab x").ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = attend::test::as_text(data, size);
  attend::test::tolerate_errors([&] { load_and_encode(recipes[size % recipes.size()], bytes); });
  attend::test::tolerate_errors([&] {
    const attend::SentencePieceProgram program(attend::parse_sentencepiece(bytes, "fuzz"), "fuzz");
    attend::ModelScratch scratch;
    std::vector<attend::Piece> cut;
    program.cut(text, scratch, cut);
    std::vector<std::string> pieces;
    for (const auto& piece : cut) pieces.emplace_back(program.spelling(piece, scratch));
    (void)program.join(pieces);
  });
  return 0;
}
