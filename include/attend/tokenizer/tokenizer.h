// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizer: text to Encoding and back, loaded from a Hugging Face folder as it is.
// Immutable after load; every const call may be made from any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/added_token.h"
#include "attend/tokenizer/chat_template.h"
#include "attend/tokenizer/encoding.h"
#include "attend/tokenizer/padding.h"
#include "attend/tokenizer/truncation.h"

namespace attend {

/// Special tokens by role; absent roles have no value.
struct SpecialTokens {
  std::optional<TokenId> unk, cls, sep, pad, mask, bos, eos;
};

/// What tokenizer_config.json says about use, as transformers 4.57 reads it.
struct TokenizerSettings {
  /// Tokens a model of this folder takes; nothing when the folder states none or a huge number.
  std::optional<Index> model_max_length = {};
  Side truncation_side = Side::right;
  Side padding_side = Side::right;
  /// Type id of padding.
  std::int32_t pad_type_id = 0;
  /// Applied by decode() unless DecodeOptions says otherwise.
  bool clean_up_tokenization_spaces = false;
  /// False for models such as DistilBERT, whose tokenizer class hands out no token_type_ids.
  bool has_type_ids = true;
  /// False for FNet, whose class hands out no attention_mask.
  bool has_attention_mask = true;
  /// False for classes such as RoBERTa's, whose calls take words only with add_prefix_space. The
  /// functions here take them all the same; tasks do not.
  bool takes_words = true;
  /// False for Marian and M2M100, which only have Python classes: these cut a text or pair at most
  /// once and give what they cut off without special tokens, see encode_windows().
  bool cuts_windows = true;
  /// More than 1 for SeamlessM4T, whose calls pad to the longest text, and that to a multiple of
  /// this, unless they say otherwise. No function here does so by itself.
  Index pads_to_multiple_of = 1;
  /// The tokenizer's continuing_subword_prefix ("##"), empty where its model has none.
  std::string continuing_subword_prefix = {};
};

/// Which side of a translation a text is on; the same for tokenizers that do not tell them apart.
enum class TextSide : std::uint8_t {
  source,
  target,  ///< text_target of the reference
};

struct EncodeOptions {
  bool add_special_tokens = true;
  TextSide side = TextSide::source;
  /// Code of the text's language, for tokenizers that have languages(): the folder's when empty.
  /// Borrowed for the call.
  std::string_view language = {};
  std::optional<Truncation> truncation = {};  ///< no limit when absent
  EncodingFields fields = EncodingFields::all;
  /// Code Llama: whether one text or pair stands around a gap that is to be filled. Those of a list
  /// never do, as in the reference.
  bool fills_gaps = true;
};

struct DecodeOptions {
  bool skip_special_tokens = false;
  std::optional<bool> clean_up_tokenization_spaces = {};  ///< the folder's setting when absent
};

/// Two texts that are encoded together.
struct TextPair {
  std::string_view text;
  std::string_view pair;
};

struct ExtendedTokenizer;

/// Text to token ids and back.
class ATTEND_EXPORT Tokenizer {
 public:
  /// Reads a model folder (tokenizer.json, else the slow files of its recipe) or a bare
  /// tokenizer.json file.
  /// Throws: file_not_found, access_denied, invalid_format, tokenizer_error, unsupported,
  /// resource_limit.
  [[nodiscard]] static Tokenizer load(const std::filesystem::path& path);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// One text. With truncation the first window; encode_windows() returns all.
  /// Throws: invalid_utf8; resource_limit for a text above 64 MiB; input_too_long, when truncation
  /// cannot reach its length; config_error for numbers of it that do not go together and for a
  /// language that language_id() has not.
  [[nodiscard]] Encoding encode(std::string_view text, const EncodeOptions& options = {}) const;
  [[nodiscard]] Encoding encode_pair(std::string_view text, std::string_view pair,
                                     const EncodeOptions& options = {}) const;
  /// Many texts, in order. As in transformers, gaps of Code Llama are looked for in one text only.
  [[nodiscard]] std::vector<Encoding> encode(std::span<const std::string_view> texts,
                                             const EncodeOptions& options = {}) const;

  /// Many pairs, in order. A text that several pairs in a row begin with is tokenized once.
  [[nodiscard]] std::vector<Encoding> encode_pairs(std::span<const TextPair> pairs,
                                                   const EncodeOptions& options = {}) const;

  /// As encode() and encode_pair(), but into `out`, whose memory is used again: once it is large
  /// enough, known words need no other. What `out` held is gone; it is empty after an exception.
  void encode_into(std::string_view text, Encoding& out, const EncodeOptions& options = {}) const;
  void encode_pair_into(std::string_view text, std::string_view pair, Encoding& out,
                        const EncodeOptions& options = {}) const;
  /// The same for the ids of many texts or pairs, over threads; make_batch() takes them as they
  /// are.
  void encode_into(std::span<const std::string_view> texts, PackedIds& out,
                   const EncodeOptions& options = {}) const;
  void encode_pairs_into(std::span<const TextPair> pairs, PackedIds& out,
                         const EncodeOptions& options = {}) const;

  /// Texts that are cut into words already: no word is joined with its neighbour, word ids count
  /// the given words, offsets are bytes of each word. All windows, the first is what encode() would
  /// give, and the only one of a pair that Marian and M2M100 cut by longest_first.
  [[nodiscard]] std::vector<Encoding> encode_words(std::span<const std::string_view> words,
                                                   const EncodeOptions& options = {}) const;
  [[nodiscard]] std::vector<Encoding> encode_words_pair(std::span<const std::string_view> words,
                                                        std::span<const std::string_view> pair,
                                                        const EncodeOptions& options = {}) const;

  /// All windows of a text or pair under options.truncation, in the reference's order. With Marian
  /// and M2M100 there is one, and behind it overflowing_tokens of the reference if there are any:
  /// what was cut off and `stride` tokens beside it, without special tokens; a strategy that cannot
  /// reach the length cuts nothing there. Throws: also config_error, when longest_first is to give
  /// that for a pair.
  [[nodiscard]] std::vector<Encoding> encode_windows(std::string_view text,
                                                     const EncodeOptions& options) const;
  [[nodiscard]] std::vector<Encoding> encode_pair_windows(std::string_view text,
                                                          std::string_view pair,
                                                          const EncodeOptions& options) const;

  /// Brings encodings to one length, which transformers calls padding them.
  /// Throws: config_error when there is no pad token or a number of `padding` is negative or zero,
  /// resource_limit when all of them together would have too many tokens.
  [[nodiscard]] std::vector<PaddedEncoding> pad(std::vector<Encoding> encodings,
                                                const Padding& padding = {}) const;

  /// Ids to text. Throws: tokenizer_error on an id outside the vocabulary.
  [[nodiscard]] std::string decode(std::span<const TokenId> ids,
                                   const DecodeOptions& options = {}) const;

  /// Token strings of an encoding (tokens() of the reference), valid while it and this live; empty
  /// for an id that no token has.
  [[nodiscard]] std::vector<std::string_view> tokens(const Encoding& encoding) const;

  /// Token strings joined as the decoder does (convert_tokens_to_string of the reference).
  [[nodiscard]] std::string join(std::span<const std::string_view> tokens) const;

  /// A tokenizer with more tokens: add_tokens() of transformers, and add_special_tokens() for those
  /// with a role. A token gets the next free id, or the one that the vocabulary has for it; one
  /// that is there already gets the new flags. Empty contents are passed over. With Marian and
  /// M2M100 a token is special as long as a role or the list of additional ones has it, the next
  /// id is the number of tokens, and a new eos or unknown token is used at once.
  /// This tokenizer stays as it is, because other threads may be using it, and because encodings
  /// and models that know its ids must not find others in it. The new one is a copy, which takes
  /// milliseconds; a model needs an embedding for every new id.
  /// Throws: resource_limit, invalid_utf8; tokenizer_error for an unknown token that the vocab.json
  /// of Marian or M2M100 lacks.
  [[nodiscard]] ExtendedTokenizer with_added_tokens(std::span<const NewToken> tokens) const;

  /// The chat template of the folder, with the special tokens by the names that templates have for
  /// them (bos_token ...). It is parsed here: keep it. Throws: config_error, when there is no such
  /// template, and as ChatTemplate.
  [[nodiscard]] ChatTemplate chat_template(const ChatTemplateChoice& choice = {}) const;
  /// Empty where the folder has none.
  [[nodiscard]] std::vector<std::string> chat_template_names() const;

  /// Writes tokenizer.json, tokenizer_config.json, special_tokens_map.json and, where the model has
  /// such a form, vocab.txt or vocab.json and merges.txt; chat_template.jinja and
  /// additional_chat_templates/ where there are chat templates. This library and transformers load
  /// the same tokenizer from them, as a PreTrainedTokenizerFast: everything that its own class
  /// would change is in tokenizer.json already. Languages, CLIP's decoder, Code Llama's gaps and
  /// XLNet's padding need their class. Marian and M2M100 have no tokenizer.json: they get the
  /// models of SentencePiece byte for byte, vocab.json and added_tokens.json instead. For that they
  /// keep the bytes of the models (1.6 MB of opus-mt-fr-en), which copies with added tokens share.
  /// The folder is made if need be. Each file is there as a whole or as it was before. Throws:
  /// access_denied, file_not_found, resource_limit; unsupported, when tokenizer.json has no such
  /// part.
  void save(const std::filesystem::path& folder) const;

  // Marian with separate_vocabs has two vocabularies. vocabulary_size() is that of the larger,
  // id_of() looks in that of the source side, token_of() and decoding in that of the target side.

  /// Number of ids, added tokens included: one more than the largest id.
  [[nodiscard]] Index vocabulary_size() const noexcept;
  [[nodiscard]] std::optional<TokenId> id_of(std::string_view token) const;
  /// Throws: tokenizer_error on an id outside the vocabulary.
  [[nodiscard]] std::string_view token_of(TokenId id) const;
  /// The same, but nothing for an id that no token has; files may put such ids around texts.
  [[nodiscard]] std::optional<std::string_view> known_token(TokenId id) const noexcept;
  /// Whether decode(skip_special_tokens) drops this id.
  [[nodiscard]] bool is_special(TokenId id) const noexcept;
  /// Template tokens that encode() adds to a text, and encode_pair() to a pair.
  [[nodiscard]] Index template_tokens() const noexcept;
  [[nodiscard]] Index pair_template_tokens() const noexcept;

  /// Codes of the languages whose tokens tell a model what to translate from and to (mBART, NLLB,
  /// M2M100), sorted; none with any other tokenizer. They live as long as the tokenizer.
  [[nodiscard]] std::vector<std::string_view> languages() const&;
  std::vector<std::string_view> languages() const&& = delete;
  /// The token of a language; of mBART and NLLB any added token may be one. In M2M100 of
  /// transformers these ids lie beyond len(tokenizer).
  /// Throws: config_error for any other code, where the reference takes the unknown token (mBART,
  /// NLLB) or fails.
  [[nodiscard]] TokenId language_id(std::string_view code) const;

  [[nodiscard]] const SpecialTokens& special_tokens() const noexcept;
  [[nodiscard]] const TokenizerSettings& settings() const noexcept;

 private:
  struct Implementation;
  explicit Tokenizer(std::unique_ptr<const Implementation> implementation);
  [[nodiscard]] ChatValue::Object chat_variables() const;
  std::unique_ptr<const Implementation> implementation_;
};

/// What with_added_tokens() makes.
struct ExtendedTokenizer {
  Tokenizer tokenizer;
  /// How many tokens were added or changed, as transformers counts them: vocabulary_size() grows by
  /// those that the vocabulary lacked.
  Index added = 0;
};

}  // namespace attend
