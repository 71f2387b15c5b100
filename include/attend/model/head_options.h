// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands on a stack of blocks, as plain options.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "attend/core/shape.h"
#include "attend/model/block_options.h"
#include "attend/ops/activation.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// Which rows of the hidden states a head works on.
enum class HeadRows : std::uint8_t {
  every,     ///< one output a token
  first,     ///< one output a sequence, from its first token
  mean,      ///< one output a sequence, from the mean of its tokens
  last_eos,  ///< one output a sequence, from its last HeadOptions::eos
  /// One output a sequence, from its last token that is not HeadOptions::pad; where all are, from
  /// the first.
  last_token,
};

/// A head: out(norm(activation(dense(x)))). An empty name leaves its part out. Names are ours, so
/// each of them is a row of the architecture's renames.
struct HeadOptions {
  /// What it stands on: with `encoder` a decoder is not loaded.
  enum class Stack : std::uint8_t { last, encoder } stack = Stack::last;
  HeadRows rows = HeadRows::every;
  TokenId eos = 0;                  ///< for HeadRows::last_eos
  std::optional<TokenId> pad = {};  ///< for HeadRows::last_token
  std::string_view dense;           ///< [width, m]
  /// What comes before `out` is the pooler_output of transformers.
  bool dense_is_pooler = false;
  Index width = 0;  ///< of `dense` and all that follows; 0: m
  Bias dense_bias = Bias::with;
  Activation activation = Activation::none;
  /// Where a checkpoint has what the activation learned; empty: it has none.
  std::string_view activation_name;
  std::string_view norm;
  NormOptions norm_options;
  float out_scale = 1;        ///< of what goes into `out`: T5
  std::string_view out;       ///< [c, width]
  float soft_cap = 0;         ///< outputs become cap * tanh(output / cap); 0: they do not
  std::string_view out_bias;  ///< the weight that holds the bias of `out`; often `out` itself
  /// How the checkpoint holds that bias: BART's is a row [1, c], which may be absent and is 0 then.
  enum class OutBias : std::uint8_t { vector, optional_row } bias_form = OutBias::vector;
  Index classes = 0;  ///< c
  /// The checkpoint may lack `dense`, and the head is then empty: poolers of base models.
  enum class Presence : std::uint8_t { required, optional } presence = Presence::required;
  /// `out` has the token embeddings as weight, unless the config unties them.
  enum class OutWeight : std::uint8_t { own, token_embedding } out_weight = OutWeight::own;
  /// Our name of those embeddings.
  std::string_view tokens = "embed.token";
};

}  // namespace attend
