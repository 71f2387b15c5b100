// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// An architecture is data: names of tensors, keys of config.json, and a function from config to
// options. To add one: a table in src/architectures, a line in its registry, a golden folder.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/checkpoint/weights.h"
#include "attend/core/export.h"
#include "attend/model/block_options.h"
#include "attend/model/config.h"
#include "attend/model/head_options.h"
#include "attend/model/model.h"

namespace attend {

/// Where config.json holds a ModelConfig field.
template <class T>
struct ConfigKey {
  /// Empty: the architecture fixes the value, whatever the file says. Of keys with '|' between them
  /// the first counts that is there and not null: attribute_map of transformers.
  std::string_view key;
  T value;  ///< the fixed value, or the default of the transformers config class
};

/// One key per field of ModelConfig that architectures name differently. All others (labels,
/// problem_type, tie_word_embeddings ...) have one name in every config.json.
struct ConfigKeys {
  ConfigKey<Index> hidden_size;
  ConfigKey<Index> layers;
  ConfigKey<Index> heads;
  ConfigKey<Index> intermediate_size;
  ConfigKey<Index> vocab_size;
  ConfigKey<Index> max_positions;
  ConfigKey<Index> type_vocab_size;
  ConfigKey<float> norm_eps;
  ConfigKey<Activation> activation;
  ConfigKey<std::optional<TokenId>> pad_token_id;
};

/// What a missing key does to the field of an earlier key.
enum class WhenAbsent : std::uint8_t { set, keep };

/// A size that few architectures have. Values below `min` (-1 for "none") count as `value`, as do
/// null and a missing key.
struct SizeKey {
  Index ModelConfig::*field;
  Index value;
  Index min;
  std::optional<Index> null_value = {};  ///< what null stands for; not given: `value`
  /// The field whose value stands for `value`; null: none.
  Index ModelConfig::*otherwise = nullptr;
};
/// Heads of keys; null is as many as of queries.
struct KeyHeadsKey {
  Index value;
};
/// A part, above 0 and at most 1.
struct ShareKey {
  double ModelConfig::*field;
  double value;
};
/// A list of numbers, of which 0 is "no"; null is as a missing key.
struct FlagsKey {
  std::vector<bool> ModelConfig::*field;
};
/// [[words, count], ...]: the words of each pair, so many times (GPT-Neo).
struct RepeatedWordsKey {
  std::vector<std::string> ModelConfig::*field;
  std::span<const std::string_view> known;
};
/// rope_scaling: its type is one of `known`, or "default".
struct RopeScalingKey {
  std::span<const std::string_view> known;
};
/// A number of parts, at least 1; null is an error. As in transformers where nothing is made of it,
/// the key is not looked at unless `is_used` says so, which sees the keys before this one.
struct CountKey {
  Index ModelConfig::*field;
  Index value;
  Index max;
  bool (*is_used)(const ModelConfig&) = nullptr;  ///< null: always
};
struct FlagKey {
  bool ModelConfig::*field;
  bool value;
  WhenAbsent absent = WhenAbsent::set;
};
struct NumberKey {
  float ModelConfig::*field;  ///< positive
  float value;
  float null_value;  ///< what null stands for
};
struct ActivationKey {
  Activation ModelConfig::*field;
  Activation value;
  /// What null and an empty text stand for; where it is not given, null is as a missing key.
  std::optional<Activation> null_value = {};
  WhenAbsent absent = WhenAbsent::set;
};
/// "relu", or "gated-relu": the activation of a feed-forward, and whether it is gated.
/// Source: transformers 4.57 configuration_t5.py, with its "gated-gelu" that is another GELU.
struct FeedForwardKey {
  Activation ModelConfig::*activation;
  bool ModelConfig::*is_gated;
  std::string_view value;
};
/// Any value, as JSON text.
struct TextKey {
  std::string ModelConfig::*field;
  std::string_view value;
};
/// A token of the vocabulary; null is no_token.
struct TokenKey {
  TokenId ModelConfig::*field;
  TokenId value;
};
/// Words of a fixed set: a list of them, or one text with '|' between them.
struct WordsKey {
  std::vector<std::string> ModelConfig::*field;
  std::span<const std::string_view> known;
  bool is_by_layer = false;  ///< whether there must be one for each layer
};

/// position_embedding_type of BERT and its kin. Null is none.
struct PositionKey {
  PositionEmbedding ModelConfig::*field;
};

/// The factor of {"type": "ntk", "factor": ...}; null is 1.
struct NtkKey {
  float ModelConfig::*field;
};

/// A key of config.json beyond ConfigKeys, and the field that it fills.
struct FurtherKey {
  std::string_view key;
  std::variant<SizeKey, CountKey, FlagKey, NumberKey, ActivationKey, FeedForwardKey, TokenKey,
               TextKey, WordsKey, PositionKey, NtkKey, KeyHeadsKey, ShareKey, FlagsKey,
               RepeatedWordsKey, RopeScalingKey>
      into;
};

/// A key that changes the mathematics and of which one value is known here: when the key is there,
/// its value must be this one, else the model is unsupported. Null is "false", as in Python.
struct KnownValue {
  std::string_view key;
  std::string_view value;  ///< as JSON text: "\"absolute\"", "false"
  /// The key counts only where this one has a number above 1; empty: always.
  std::string_view parts = {};
};

/// What a decoder reads first when it reads a text one token later.
enum class DecoderInput : std::uint8_t {
  start_token,  ///< the token of decoder_start_token_id
  last_token,   ///< the last one of the text that is no padding, its language: mBART
};

/// Special tokens that a config class of transformers names by itself, beyond those of ModelConfig:
/// for generation where neither generation_config.json nor config.json does.
struct ClassTokens {
  std::optional<TokenId> bos = {};
  std::optional<TokenId> eos = {};
  std::optional<TokenId> forced_eos = {};
};

/// Everything that is peculiar to one family of checkpoints.
struct Architecture {
  std::span<const std::string_view> model_types;  ///< values of model_type, the usual one first
  NameTable names;
  ConfigKeys keys;
  std::span<const FurtherKey> further_keys;
  std::span<const KnownValue> known_values;
  /// How positions are counted where the caller gives none.
  PositionRule (*position_rule)(const ModelConfig&);
  /// The encoder.
  StackOptions (*options)(const ModelConfig&);
  /// The decoder, whose names begin with "decoder."; null where the architecture has none.
  StackOptions (*decoder_options)(const ModelConfig&) = nullptr;
  DecoderInput decoder_input = DecoderInput::start_token;
  /// Tensors that a model of the encoder alone leaves over, as NameTable::ignored.
  std::string_view decoder_tensors = {};
  /// The head of a kind, or nothing where there is none here: every class of transformers for these
  /// tasks has one. For HeadKind::none it is the pooler, where the architecture has one.
  std::optional<HeadOptions> (*head)(HeadKind, const ModelConfig&);
  Index labels = 2;  ///< where the config says nothing of labels
  /// Beginnings of the names of classes in Python files that this table stands for: folders whose
  /// auto_map names no others are read, and their code is not.
  std::span<const std::string_view> code_classes = {};
  ClassTokens class_tokens = {};
  /// Whether a text that generation makes longer than LongScaling::trained is read anew then, all
  /// of it with the frequencies of long texts; elsewhere its keys stay as they are.
  bool reads_grown_texts_anew = false;
};

/// All architectures that are known here.
[[nodiscard]] ATTEND_EXPORT std::span<const Architecture* const> architectures() noexcept;

/// The architecture of a model_type, or null.
[[nodiscard]] ATTEND_EXPORT const Architecture* find_architecture(
    std::string_view model_type) noexcept;

/// The head that a transformers class has ("BertForTokenClassification"), or nothing for a class
/// whose task is not known here. A class for pre-training with two heads loads as AutoModel loads
/// it, without any, unless ModelOptions::head names one: masked_lm or next_sentence_prediction.
[[nodiscard]] ATTEND_EXPORT std::optional<HeadKind> head_of_class(
    std::string_view class_name) noexcept;

inline constexpr std::array head_kinds{HeadKind::none,
                                       HeadKind::sequence_classification,
                                       HeadKind::token_classification,
                                       HeadKind::question_answering,
                                       HeadKind::masked_lm,
                                       HeadKind::causal_lm,
                                       HeadKind::multiple_choice,
                                       HeadKind::next_sentence_prediction,
                                       HeadKind::replaced_token_detection,
                                       HeadKind::conditional_generation,
                                       HeadKind::encoder};

/// "sequence_classification" ...
[[nodiscard]] ATTEND_EXPORT std::string_view name(HeadKind kind) noexcept;
/// The kind of that name, or nothing.
[[nodiscard]] ATTEND_EXPORT std::optional<HeadKind> find_head_kind(std::string_view name) noexcept;

}  // namespace attend
